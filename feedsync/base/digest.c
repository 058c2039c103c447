/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/digest.h"

#include <errno.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdint.h>
#include <stdio.h>

#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"

static void print_digest(char *text, const uint8_t *octets, size_t count)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", octets[i]);
}

void digest_md5(char text[MD5_TEXT], const void *data, size_t length)
{
	struct md5_ctx hash;
	uint8_t octets[MD5_DIGEST_SIZE];
	md5_init(&hash);
	md5_update(&hash, length, data);
	md5_digest(&hash, sizeof octets, octets);
	print_digest(text, octets, sizeof octets);
}

static void end_sha256(struct sha256_ctx *hash, char text[SHA256_TEXT])
{
	uint8_t octets[SHA256_DIGEST_SIZE];
	sha256_digest(hash, sizeof octets, octets);
	print_digest(text, octets, sizeof octets);
}

void digest_sha256(char text[SHA256_TEXT], const void *data, size_t length)
{
	struct sha256_ctx hash;
	sha256_init(&hash);
	sha256_update(&hash, length, data);
	end_sha256(&hash, text);
}

int digest_sha256_file(char text[SHA256_TEXT], const char *path, struct why *why)
{
	uint8_t buffer[65536];
	struct sha256_ctx hash;
	size_t n;
	FILE *in;
	text[0] = '\0';
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	sha256_init(&hash);
	errno = 0;
	while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
		sha256_update(&hash, n, buffer);
	status = ferror(in) ? -(errno ? errno : EIO) : 0;
	fclose(in);
	if (status != 0)
		return why_set(why, status, "%s", error_text(status));
	end_sha256(&hash, text);
	return 0;
}
