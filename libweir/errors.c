/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *error_text(int code)
{
	switch (code) {
	case 0: return "no error";
	case WEIR_EFORMAT: return "not a valid table";
	case WEIR_EVERSION: return "table of an unknown format version";
	case WEIR_ELIMIT: return "more than a table can hold";
	case WEIR_ENAME_EMPTY: return "empty name";
	case WEIR_ENAME_LABEL: return "empty label";
	case WEIR_ENAME_LONG_LABEL: return "label longer than 63 octets";
	case WEIR_ENAME_LONG: return "name longer than 255 octets";
	case WEIR_ENAME_ESCAPE: return "bad escape";
	case WEIR_ENAME_SINGLE: return "single label";
	case WEIR_ENAME_OCTET: return "character not allowed in a name";
	default: break;
	}
	const char *system_text = strerrordesc_np(-code);
	return system_text ? system_text : "system error";
}

bool error_is_shortage(int code)
{
	return code == -ENOMEM || code == -EMFILE || code == -ENFILE;
}

int why_set(struct why *why, int code, const char *format, ...)
{
	if (why) {
		va_list args;
		va_start(args, format);
		vsnprintf(why->text, sizeof why->text, format, args);
		va_end(args);
		for (char *c = why->text; *c; c++) /* a reason is one line, whatever it quotes */
			*c = (unsigned char)*c < ' ' || *c == 0x7f ? '?' : *c;
	}
	return code;
}
