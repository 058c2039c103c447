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

/* Signs the release that was rendered into `directory`, if its output has a key; else does nothing. Returns 0; or -errno,
 * -EPERM where others can read the key, -EBADMSG where it is none, with the reason, which names the key's file. */
must_check int sign_release(const struct release *release, const char *directory, struct why *why);
