/* SPDX-License-Identifier: BSD-3-Clause */
/* Signing of releases, as minisign does it: <main file>.minisig beside the main file. It tells the time of the publish and the
 * file's name, so that nobody can give an older release, or another file, for it. */
#pragma once

struct output;

#include "feedsync/circle/rendering.h"
#include "libweir/attributes.h"

struct why;

/* The number of the key by which an output is signed; "" where it has none, or none that can be read. Returns `number`. */
const char *sign_key_number(const struct output *output, char number[17]);

/* A file to be signed. */
struct signing {
	const char *key_file; /* NULL: it is not signed */
	const char *name;     /* below the directory; of at most FILE_NAME_ROOM octets */
	uint64_t at, now;     /* its time, which may be ahead of the clock; and the clock */
};

/* Signs it. Returns as sign_release. */
must_check int sign_file(const struct signing *signing, const char *directory, struct why *why);

/* Signs the release that was rendered into `directory`, if its output has a key; else does nothing. Returns 0; or -errno,
 * -EPERM where others can read the key, -EBADMSG where it is none, with the reason, which names the key's file. */
must_check int sign_release(const struct release *release, const char *directory, struct why *why);
