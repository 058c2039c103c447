/* SPDX-License-Identifier: BSD-3-Clause */
/* Making signatures that minisign accepts (minisign.h), with a secret key that is not encrypted: who signs is a daemon, and
 * has nobody to ask for a password. The document's BLAKE2b hash is signed. Ed25519 is deterministic: equal key, document and
 * comment give equal octets. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/net/minisign.h"
#include "libweir/attributes.h"

struct why;

enum { MINISIGN_SECRET_FILE = 1024 /* octets of a secret key's file, at most */ };

struct minisign_secret {
	struct minisign_key public; /* that others check by */
	uint8_t secret[64];
};

/* Reads the text of a secret key's file. Returns 0, or -EBADMSG with the reason, which tells nothing of the key.
 * minisign_secret_forget ends it in either case. */
must_check int minisign_secret_read(struct minisign_secret *key, const char *text, size_t length, struct why *why);
void minisign_secret_forget(struct minisign_secret *key);

/* Reads the secret key in the file at `path`, which others must not be able to read (secret_file.h). Returns 0; or -errno,
 * -EPERM or -EBADMSG with the reason, which names the file. minisign_secret_forget ends it in either case. */
must_check int minisign_secret_load(struct minisign_secret *key, const char *path, struct why *why);

/* Writes the text of a signature's file, ended by NUL, for `length` octets in memory. The trusted comment is at most
 * MINISIGN_MAX_COMMENT octets, in one line. Returns 0, or -EBADMSG with the reason. */
must_check int minisign_sign(char text[MINISIGN_MAX_SIGNATURE], const struct minisign_secret *key, const void *data,
	size_t length, const char *comment, struct why *why);

/* The same for the regular file at `path`. Returns 0, or -errno or -EBADMSG with the reason. */
must_check int minisign_sign_file(char text[MINISIGN_MAX_SIGNATURE], const struct minisign_secret *key,
	const char *path, const char *comment, struct why *why);
