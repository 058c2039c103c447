/* SPDX-License-Identifier: BSD-3-Clause */
/* The secret that a feed's server wants: a key, a token, or a password. It stands in a file of its own, never in
 * the configuration; the file is read anew for every run, so a new secret needs no reload. It is refused where
 * others might read or change it (secret_file.h). The secret itself appears in no message, and is given to no
 * other server than the one in the feed's URL. */
#pragma once

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"

enum credentials_kind {
	ACCESS_OPEN,     /* the server wants none */
	ACCESS_KEY,      /* Authorization: SECRET */
	ACCESS_TOKEN,    /* Authorization: Bearer SECRET */
	ACCESS_PASSWORD, /* HTTP basic authentication */
};

struct credentials {
	enum credentials_kind kind;
	const char *user; /* for a password; borrowed from the configuration */
	char secret[MAX_SECRET + 1];
};

struct why;

/* Reads the secret in the file at `path`; NULL: there is none. `user`, which may be NULL, is borrowed as long as the
 * credentials are in use. Returns 0, or -errno, -EPERM or -EBADMSG with a reason that names the file. */
must_check int credentials_load(
	struct credentials *access, enum credentials_kind kind, const char *user, const char *path, struct why *why);

/* Leaves nothing of it in memory. */
void credentials_forget(struct credentials *access);
