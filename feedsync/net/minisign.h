/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures as minisign (https://jedisct1.github.io/minisign/) makes them: Ed25519 over a document, with a comment
 * that is signed too. No I/O. Only minisign.c knows libsodium.
 *
 * A signature is checked in this order: minisign_key_read, minisign_read, minisign_begin, the document in pieces by
 * minisign_update, minisign_end. Only after that may the time and file name in a signature be believed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

enum {
	MINISIGN_MAX_SIGNATURE = 16384, /* octets of a signature's file */
	MINISIGN_MAX_COMMENT = 8192,    /* of its trusted comment, as minisign has it */
	MINISIGN_MAX_FILE = 255,        /* of the file's name in it */
	MINISIGN_KEY_TEXT = 56          /* characters of a public key */
};

struct minisign_key {
	uint8_t id[8];
	uint8_t key[32];
};

/* Reads a public key: the line "RWQ..." of its file. Returns 0 or -EBADMSG with the reason. */
must_check int minisign_key_read(struct minisign_key *key, const char *text, struct why *why);

/* A key's number as minisign shows it: 16 hexadecimal digits. */
const char *minisign_key_number(const struct minisign_key *key, char text[17]);

struct minisign {
	bool whole; /* it signs the document itself ("legacy"), and minisign_update must get all at once; else the hash */
	uint64_t time;                    /* from the comment, seconds since 1970; 0 = it has none */
	char file[MINISIGN_MAX_FILE + 1]; /* from the comment; "" = it has none */
	/* private */
	uint8_t id[8];
	uint8_t signature[64];
	uint8_t global[64]; /* the signature over `signature` and the comment */
	char comment[MINISIGN_MAX_COMMENT + 1];
	size_t comment_length;
};

/* Reads a signature's file. Returns 0, or -EBADMSG with the reason. */
must_check int minisign_read(struct minisign *signature, const char *text, size_t length, struct why *why);

struct minisign_check;

/* Begins to check a document. Returns the check, or NULL with the reason: the signature is another key's, or there is
 * no memory. */
must_check struct minisign_check *minisign_begin(
	const struct minisign *signature, const struct minisign_key *key, struct why *why);
void minisign_update(struct minisign_check *check, const void *data, size_t length);

/* Ends the check and frees it. Returns 0 if the signature and the comment are the key's, or -EBADMSG with the
 * reason. */
must_check int minisign_end(struct minisign_check **check, struct why *why);
