/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/uuid.h"

#include <ctype.h>
#include <nettle/sha1.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { OCTETS = 16 };

static bool is_dash_at(int i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

bool uuid_is_valid(const char *text)
{
	for (int i = 0; i < UUID_TEXT - 1; i++)
		if (is_dash_at(i) ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return text[UUID_TEXT - 1] == '\0';
}

/* ---- version 5 ---- */

static uint8_t digit_value(char digit)
{
	return (uint8_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

static void begin_uuid5(struct sha1_ctx *hash, const char *namespace)
{
	uint8_t octets[OCTETS];
	size_t count = 0;
	for (int i = 0; count < OCTETS; i += 2) {
		i += is_dash_at(i);
		octets[count++] = (uint8_t)(digit_value(namespace[i]) << 4 | digit_value(namespace[i + 1]));
	}
	sha1_init(hash);
	sha1_update(hash, sizeof octets, octets);
}

static void end_uuid5(struct sha1_ctx *hash, char uuid[UUID_TEXT])
{
	uint8_t octets[OCTETS];
	sha1_digest(hash, sizeof octets, octets);
	octets[6] = (uint8_t)((octets[6] & 0x0f) | 0x50); /* version 5 */
	octets[8] = (uint8_t)((octets[8] & 0x3f) | 0x80); /* the variant of the RFC */
	for (int i = 0, at = 0; i < OCTETS; i++, at += 2) {
		if (is_dash_at(at))
			uuid[at++] = '-';
		snprintf(uuid + at, 3, "%02x", octets[i]);
	}
}

void uuid5_make(char uuid[UUID_TEXT], const char *namespace, const void *name, size_t length)
{
	struct sha1_ctx hash;
	begin_uuid5(&hash, namespace);
	sha1_update(&hash, length, name);
	end_uuid5(&hash, uuid);
}

void uuid5_join(char uuid[UUID_TEXT], const char *namespace, const char *const *parts)
{
	static const uint8_t between = 0x1f;
	struct sha1_ctx hash;
	begin_uuid5(&hash, namespace);
	for (const char *const *part = parts; *part; part++) {
		if (part != parts)
			sha1_update(&hash, 1, &between);
		sha1_update(&hash, strlen(*part), (const uint8_t *)*part);
	}
	end_uuid5(&hash, uuid);
}
