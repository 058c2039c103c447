/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/minisign.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"

enum { ALGORITHM = 2, ID = 8, SIGNATURE = 64, KEY = 32, HASH = 64 };

/* "Ed": the document is signed; "ED": its BLAKE2b hash is. */
static const uint8_t of_document[ALGORITHM] = {'E', 'd'}, of_hash[ALGORITHM] = {'E', 'D'};

static const char untrusted[] = "untrusted comment: ", trusted[] = "trusted comment: ";

static bool read_base64(uint8_t *to, size_t room, const char *text, size_t length)
{
	size_t written = 0;
	const char *end = NULL;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] > '~') /* libsodium 1.0.18 takes some of these characters for others */
			return false;
	return sodium_base642bin(to, room, text, length, NULL, &written, &end, sodium_base64_VARIANT_ORIGINAL) == 0 &&
	       end == text + length && written == room;
}

int minisign_key_read(struct minisign_key *key, const char *text, struct why *why)
{
	uint8_t octets[ALGORITHM + ID + KEY];
	if (strlen(text) != MINISIGN_KEY_TEXT || !read_base64(octets, sizeof octets, text, MINISIGN_KEY_TEXT) ||
		memcmp(octets, of_document, ALGORITHM) != 0)
		return why_set(why, -EBADMSG,
			"not a public key of minisign: such a key has %d characters and begins with RW",
			MINISIGN_KEY_TEXT);
	memcpy(key->id, octets + ALGORITHM, ID);
	memcpy(key->key, octets + ALGORITHM + ID, KEY);
	return 0;
}

static const char *number_text(const uint8_t id[ID], char text[17])
{
	for (unsigned i = 0; i < ID; i++) /* it is a little-endian number */
		snprintf(text + 2 * i, 3, "%02X", id[ID - 1 - i]);
	return text;
}

const char *minisign_key_number(const struct minisign_key *key, char text[17])
{
	return number_text(key->id, text);
}

/* ---- a signature's file ---- */

/* Takes the next line off a text. Returns NULL at its end. */
static const char *next_line(const char **text, const char *end, size_t *length)
{
	const char *line = *text;
	if (line == end)
		return NULL;
	const char *feed = memchr(line, '\n', (size_t)(end - line));
	*length = (size_t)((feed ? feed : end) - line);
	*text = feed ? feed + 1 : end;
	if (*length > 0 && line[*length - 1] == '\r')
		--*length;
	return line;
}

/* The value of "name:value" in the comment, in which tabs separate the words; NULL if there is none. */
static const char *find_word(const char *comment, const char *name, size_t *length)
{
	size_t name_length = strlen(name);
	for (const char *word = comment; word; word = strchr(word, '\t')) {
		word += *word == '\t';
		if (strncmp(word, name, name_length) == 0) {
			*length = strcspn(word + name_length, "\t");
			return word + name_length;
		}
	}
	return NULL;
}

static int read_comment(struct minisign *s, struct why *why)
{
	size_t length;
	const char *time = find_word(s->comment, "timestamp:", &length);
	if (time) {
		if (length == 0 || length > 12 || strspn(time, "0123456789") < length)
			return why_set(why, -EBADMSG, "line 3: the timestamp is not a number");
		s->time = strtoull(time, NULL, 10);
	}
	const char *file = find_word(s->comment, "file:", &length);
	if (file && (length == 0 || length > MINISIGN_MAX_FILE))
		return why_set(why, -EBADMSG, "line 3: the file's name has not 1 to %d octets", MINISIGN_MAX_FILE);
	if (file)
		snprintf(s->file, sizeof s->file, "%.*s", (int)length, file);
	return 0;
}

int minisign_read(struct minisign *s, const char *text, size_t length, struct why *why)
{
	const char *line[4], *end = text + length;
	size_t lengths[4] = {0};
	uint8_t octets[ALGORITHM + ID + SIGNATURE];
	*s = (struct minisign){0};
	if (length > MINISIGN_MAX_SIGNATURE)
		return why_set(why, -EBADMSG, "more than %d octets", MINISIGN_MAX_SIGNATURE);
	for (unsigned i = 0; i < 4; i++)
		if (!(line[i] = next_line(&text, end, &lengths[i])))
			return why_set(why, -EBADMSG, "not a signature of minisign: line %u is missing", i + 1);
	if (lengths[0] < sizeof untrusted - 1 || memcmp(line[0], untrusted, sizeof untrusted - 1) != 0)
		return why_set(why, -EBADMSG, "line 1: no \"%s\"", untrusted);
	if (!read_base64(octets, sizeof octets, line[1], lengths[1]))
		return why_set(why, -EBADMSG, "line 2: not a signature of %zu octets in base64", sizeof octets);
	s->whole = memcmp(octets, of_document, ALGORITHM) == 0;
	if (!s->whole && memcmp(octets, of_hash, ALGORITHM) != 0)
		return why_set(why, -EBADMSG, "line 2: an unknown kind of signature");
	memcpy(s->id, octets + ALGORITHM, ID);
	memcpy(s->signature, octets + ALGORITHM + ID, SIGNATURE);
	size_t comment = lengths[2] - (sizeof trusted - 1);
	if (lengths[2] < sizeof trusted - 1 || memcmp(line[2], trusted, sizeof trusted - 1) != 0)
		return why_set(why, -EBADMSG, "line 3: no \"%s\"", trusted);
	if (comment > MINISIGN_MAX_COMMENT || memchr(line[2], '\0', lengths[2]))
		return why_set(why, -EBADMSG, "line 3: a comment of more than %d octets, or with a NUL in it",
			MINISIGN_MAX_COMMENT);
	memcpy(s->comment, line[2] + sizeof trusted - 1, comment);
	s->comment_length = comment;
	if (!read_base64(s->global, sizeof s->global, line[3], lengths[3]))
		return why_set(why, -EBADMSG, "line 4: not a signature of %d octets in base64", SIGNATURE);
	if (text != end)
		return why_set(why, -EBADMSG, "line 5: there should be none");
	return read_comment(s, why);
}

/* ---- checking ---- */

struct minisign_check {
	const struct minisign *signature;
	const struct minisign_key *key;
	crypto_generichash_state hash;
	bool valid; /* where the document is signed as it is */
};

struct minisign_check *minisign_begin(const struct minisign *s, const struct minisign_key *key, struct why *why)
{
	char ours[17], theirs[17];
	if (memcmp(s->id, key->id, ID) != 0) {
		why_set(why, -EBADMSG, "it was made with key %s, not with %s", number_text(s->id, theirs),
			number_text(key->id, ours));
		return NULL;
	}
	struct minisign_check *check =
		sodium_init() >= 0 ? aligned_alloc(_Alignof(struct minisign_check), sizeof *check) : NULL;
	if (!check) {
		why_set(why, -ENOMEM, "out of memory");
		return NULL;
	}
	check->signature = s;
	check->key = key;
	check->valid = false;
	crypto_generichash_init(&check->hash, NULL, 0, HASH);
	return check;
}

void minisign_update(struct minisign_check *check, const void *data, size_t length)
{
	const struct minisign *s = check->signature;
	if (s->whole)
		check->valid = crypto_sign_verify_detached(s->signature, data, length, check->key->key) == 0;
	else
		crypto_generichash_update(&check->hash, data, length);
}

int minisign_end(struct minisign_check **check, struct why *why)
{
	struct minisign_check *c = *check;
	const struct minisign *s = c->signature;
	uint8_t hash[HASH], both[SIGNATURE + MINISIGN_MAX_COMMENT];
	bool valid = c->valid;
	if (!s->whole) {
		crypto_generichash_final(&c->hash, hash, sizeof hash);
		valid = crypto_sign_verify_detached(s->signature, hash, sizeof hash, c->key->key) == 0;
	}
	memcpy(both, s->signature, SIGNATURE);
	memcpy(both + SIGNATURE, s->comment, s->comment_length);
	bool comment = crypto_sign_verify_detached(s->global, both, SIGNATURE + s->comment_length, c->key->key) == 0;
	free(c);
	*check = NULL;
	if (!valid)
		return why_set(why, -EBADMSG, "it does not belong to this document");
	return comment ? 0 : why_set(why, -EBADMSG, "its trusted comment has been changed");
}
