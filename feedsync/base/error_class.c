/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/error_class.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "libweir/errors.h"

static const char *const words[ERROR_CLASS_COUNT] = {
	[ERROR_NONE] = "",
	[ERROR_NET] = "net",
	[ERROR_HTTP] = "http",
	[ERROR_AUTH] = "auth",
	[ERROR_TLS] = "tls",
	[ERROR_FORMAT] = "format",
	[ERROR_ALARM] = "alarm",
	[ERROR_SIGNATURE] = "signature",
	[ERROR_DISK] = "disk",
	[ERROR_MEMORY] = "memory",
	[ERROR_MODULE] = "module",
	[ERROR_INTERNAL] = "internal",
};

const char *error_class_word(enum error_class class)
{
	return words[class];
}

enum error_class error_class_from_word(const char *word)
{
	for (enum error_class class = ERROR_NONE; class < ERROR_CLASS_COUNT; class ++)
		if (strcmp(words[class], word ? word : "") == 0)
			return class;
	return ERROR_INTERNAL;
}

enum error_class error_class_from_code(int code)
{
	if (code == 0)
		return ERROR_NONE;
	if (error_is_shortage(code))
		return ERROR_MEMORY;
	bool of_document = code == -EBADMSG || code == -EFBIG || code == -E2BIG || code <= WEIR_EFORMAT;
	return of_document ? ERROR_FORMAT : ERROR_DISK;
}
