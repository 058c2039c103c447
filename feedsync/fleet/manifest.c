/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/manifest.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool manifest_channel_valid(const char *text)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t length = strlen(text);
	return length > 0 && length < MANIFEST_CHANNEL_TEXT && text[0] != '.' && strspn(text, valid) == length;
}

bool manifest_digest_valid(const char *text)
{
	return strlen(text) == SHA256_TEXT - 1 && strspn(text, "0123456789abcdef") == SHA256_TEXT - 1;
}

const char *manifest_object(uint64_t serial, char text[MANIFEST_OBJECT_TEXT])
{
	snprintf(text, MANIFEST_OBJECT_TEXT, "manifests/%012" PRIu64, serial);
	return text;
}

const char *manifest_table_object(const char *sha256, char text[MANIFEST_OBJECT_TEXT])
{
	snprintf(text, MANIFEST_OBJECT_TEXT, "tables/%.64s.weir.zst", sha256);
	return text;
}

const char *manifest_delta_object(const char *from, const char *to, char text[MANIFEST_OBJECT_TEXT])
{
	snprintf(text, MANIFEST_OBJECT_TEXT, "deltas/%.16s-%.16s.zst", from, to);
	return text;
}

const char *manifest_wake_write(uint64_t serial, char text[MANIFEST_WAKE_TEXT])
{
	snprintf(text, MANIFEST_WAKE_TEXT, "%012" PRIu64 "\n", serial <= MANIFEST_MAX_SERIAL ? serial : 0);
	return text;
}

bool manifest_wake_read(uint64_t *serial, const void *octets, size_t length)
{
	char text[MANIFEST_WAKE_TEXT], again[MANIFEST_WAKE_TEXT];
	if (length != sizeof text - 1)
		return false;
	memcpy(text, octets, length);
	text[length] = '\0';
	*serial = strtoull(text, NULL, 10);
	return strcmp(manifest_wake_write(*serial, again), text) == 0;
}
