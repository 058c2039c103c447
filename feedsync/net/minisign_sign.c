/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/minisign_sign.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/regular_file.h"
#include "feedsync/base/secret_file.h"
#include "libweir/errors.h"

/* ---- the key ---- */

/* The octets of a secret key, and where their parts are. Those between KDF and NUMBER are of its encryption, those behind
 * SECRET its checksum, which minisign leaves empty in a key that is not encrypted. */
enum { ALGORITHM = 0, KDF = 2, NUMBER = 54, SECRET = 62, SEED = 32, OCTETS = 158 };

/* Lengths, as libsodium has them. */
enum { PUBLIC = 32, SIGNATURE = 64, HASH = 64 };

static const uint8_t ed25519[2] = {'E', 'd'}, no_kdf[2] = {0, 0};

/* The second line of the file, without its end. */
static const char *find_second_line(const char *text, size_t length, size_t *line)
{
	const char *end = memchr(text, '\n', length);
	if (!end)
		return NULL;
	const char *begin = end + 1;
	size_t left = length - (size_t)(begin - text);
	end = memchr(begin, '\n', left);
	*line = end ? (size_t)(end - begin) : left;
	if (*line > 0 && begin[*line - 1] == '\r')
		--*line;
	return begin;
}

/* Takes the key from its octets. Signing with a public key that does not belong to the secret one would betray the secret:
 * so the public one is computed anew. */
static int take_octets(struct minisign_secret *key, const uint8_t octets[OCTETS], struct why *why)
{
	uint8_t public[PUBLIC];
	if (memcmp(octets + ALGORITHM, ed25519, sizeof ed25519) != 0)
		return why_set(why, -EBADMSG, "a secret key of an unknown kind");
	if (memcmp(octets + KDF, no_kdf, sizeof no_kdf) != 0)
		return why_set(why, -EBADMSG,
			"the secret key has a password, and nobody is there to be asked; make one without: minisign -G "
			"-W");
	if (sodium_init() < 0 || crypto_sign_seed_keypair(public, key->secret, octets + SECRET) != 0 ||
		memcmp(public, octets + SECRET + SEED, sizeof public) != 0)
		return why_set(why, -EBADMSG, "the secret key is damaged: its two halves do not belong together");
	memcpy(key->public.id, octets + NUMBER, sizeof key->public.id);
	memcpy(key->public.key, public, sizeof key->public.key);
	return 0;
}

int minisign_secret_read(struct minisign_secret *key, const char *text, size_t length, struct why *why)
{
	uint8_t octets[OCTETS];
	size_t line = 0, written = 0;
	*key = (struct minisign_secret){0};
	const char *begin = find_second_line(text, length, &line), *end = NULL;
	bool read = begin && sodium_base642bin(octets, sizeof octets, begin, line, NULL, &written, &end,
				     sodium_base64_VARIANT_ORIGINAL) == 0;
	int status = read && end == begin + line && written == sizeof octets
			     ? take_octets(key, octets, why)
			     : why_set(why, -EBADMSG, "not a secret key of minisign (minisign -G -W)");
	explicit_bzero(octets, sizeof octets);
	return status;
}

void minisign_secret_forget(struct minisign_secret *key)
{
	explicit_bzero(key, sizeof *key);
}

int minisign_secret_load(struct minisign_secret *key, const char *path, struct why *why)
{
	char text[MINISIGN_SECRET_FILE];
	struct why reason;
	*key = (struct minisign_secret){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* opening a FIFO would wait for ever */
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = secret_check_open(fd, path, why);
	ssize_t length = status == 0 ? read(fd, text, sizeof text) : 0;
	if (length < 0)
		status = why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	close(fd);
	if (status == 0) {
		status = minisign_secret_read(key, text, (size_t)length, &reason);
		if (status != 0)
			why_set(why, status, "%.150s: %s", path, reason.text);
	}
	explicit_bzero(text, sizeof text);
	return status;
}

/* ---- the signature ---- */

struct signing {
	uint8_t algorithm[2], number[8], signature[SIGNATURE];
};

static int hash_file(uint8_t hash[HASH], const char *path, struct why *why)
{
	crypto_generichash_state state;
	uint8_t buffer[65536];
	size_t n;
	FILE *in;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	crypto_generichash_init(&state, NULL, 0, HASH);
	errno = 0;
	while ((n = fread(buffer, 1, sizeof buffer, in)) > 0)
		crypto_generichash_update(&state, buffer, n);
	status = ferror(in) ? -(errno ? errno : EIO) : 0;
	fclose(in);
	crypto_generichash_final(&state, hash, HASH);
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}

static void print_signature(char text[MINISIGN_MAX_SIGNATURE], const struct signing *signing, const char *comment,
	const uint8_t whole[SIGNATURE])
{
	enum { VARIANT = sodium_base64_VARIANT_ORIGINAL };
	char first[sodium_base64_ENCODED_LEN(sizeof *signing, VARIANT)];
	char second[sodium_base64_ENCODED_LEN(SIGNATURE, VARIANT)];
	sodium_bin2base64(first, sizeof first, (const uint8_t *)signing, sizeof *signing, VARIANT);
	sodium_bin2base64(second, sizeof second, whole, SIGNATURE, VARIANT);
	snprintf(text, MINISIGN_MAX_SIGNATURE,
		"untrusted comment: signature from minisign secret key\n%s\ntrusted comment: %s\n%s\n", first, comment,
		second);
}

static int sign_hash(char text[MINISIGN_MAX_SIGNATURE], const struct minisign_secret *key, const uint8_t hash[HASH],
	const char *comment, struct why *why)
{
	struct signing signing = {.algorithm = {'E', 'D'}};
	uint8_t whole[SIGNATURE], both[SIGNATURE + MINISIGN_MAX_COMMENT];
	size_t length = strlen(comment);
	if (length > MINISIGN_MAX_COMMENT || strpbrk(comment, "\r\n"))
		return why_set(
			why, -EBADMSG, "a trusted comment of more than a line of %d octets", MINISIGN_MAX_COMMENT);
	memcpy(signing.number, key->public.id, sizeof signing.number);
	crypto_sign_detached(signing.signature, NULL, hash, HASH, key->secret);
	memcpy(both, signing.signature, SIGNATURE);
	memcpy(both + SIGNATURE, comment, length);
	crypto_sign_detached(whole, NULL, both, SIGNATURE + length, key->secret);
	print_signature(text, &signing, comment, whole);
	return 0;
}

int minisign_sign(char text[MINISIGN_MAX_SIGNATURE], const struct minisign_secret *key, const void *data, size_t length,
	const char *comment, struct why *why)
{
	uint8_t hash[HASH];
	crypto_generichash(hash, sizeof hash, data, length, NULL, 0);
	return sign_hash(text, key, hash, comment, why);
}

int minisign_sign_file(char text[MINISIGN_MAX_SIGNATURE], const struct minisign_secret *key, const char *path,
	const char *comment, struct why *why)
{
	uint8_t hash[HASH];
	int status = hash_file(hash, path, why);
	return status == 0 ? sign_hash(text, key, hash, comment, why) : status;
}
