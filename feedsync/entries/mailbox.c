/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/mailbox.h"

#include <string.h>

#include "feedsync/entries/normalise.h"

/* The characters of an atom (RFC 5322), and the dot. */
static const char atoms[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~.";

int mailbox_read(const char *text, name_storage wire)
{
	name_storage domain;
	enum reject reject;
	size_t local = strspn(text, atoms);
	if (local == 0 || local > NAME_MAX_LABEL || text[local] != '@')
		return -1;
	int length = normalise(text + local + 1, strlen(text + local + 1), domain, &reject);
	if (length < 0 || 1 + local + (size_t)length > NAME_MAX_WIRE)
		return -1;
	wire[0] = (uint8_t)local;
	memcpy(wire + 1, text, local);
	memcpy(wire + 1 + local, domain, (size_t)length);
	return (int)(1 + local) + length;
}

const char *mailbox_text(const uint8_t *wire, size_t length, char text[MAILBOX_MAX_TEXT])
{
	const size_t local = 1u + wire[0];
	name_storage alone;
	char *to = text;
	memcpy(alone, wire, local);
	alone[local] = 0;
	name_to_text(alone, local + 1, text);
	/* Before the "@" a dot is a character as others are. */
	for (const char *from = text; *from; from++)
		if (from[0] != '\\' || from[1] != '.')
			*to++ = *from;
	*to++ = '@';
	name_to_text(wire + local, length - local, to);
	return text;
}
