/* SPDX-License-Identifier: BSD-3-Clause */
/* What we know for certain of a channel, in <state>/fleet/channels/<channel>:
 *
 *   last   the newest manifest that we published, octet for octet
 *   next   the manifest that is being published
 *   lock   one process at a time
 *
 * By these octets a publisher knows its own manifests again, whatever key they are signed with: all else that it finds in the
 * target is another compiler's. `next` is written before the target is asked to create it. So after a crash it is known whose
 * it is. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

struct channel;
struct why;

struct octets {
	char *at; /* NULL = there are none */
	size_t length;
};

void octets_free(struct octets *octets);

/* Takes the channel's lock; waits for it, LOCK_WAIT_S at most. Returns a descriptor that holds it until it is closed, or -errno with the reason. */
must_check int channel_lock(const char *state, const struct channel *channel, struct why *why);

/* Reads `last` or `next`: none where it is missing. Returns 0, or a negative code with the reason. */
must_check int channel_read_file(
	struct octets *octets, const char *state, const struct channel *channel, const char *file, struct why *why);

must_check int channel_write_next(
	const char *state, const struct channel *channel, const struct octets *octets, struct why *why);

/* `next` was published: it becomes `last`. */
must_check int channel_take_next(const char *state, const struct channel *channel, struct why *why);

/* `next` was not published, and will not be. */
must_check int channel_drop_next(const char *state, const struct channel *channel, struct why *why);
