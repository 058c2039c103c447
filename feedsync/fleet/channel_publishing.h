/* SPDX-License-Identifier: BSD-3-Clause */
/* A publish to a channel under way: what we published last, and whether the target shows that, or another compiler's. Private
 * to publish_channel.c. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/fleet/channel_files.h"
#include "feedsync/fleet/manifest.h"
#include "feedsync/fleet/target.h"
#include "feedsync/net/minisign_sign.h"
#include "libweir/attributes.h"

struct channel_request;
struct why;

struct channel_publishing {
	const struct channel_request *request;
	struct target *target;
	struct minisign_secret key;
	struct octets last, next, latest; /* `latest`: as the target has it */
	struct manifest before;           /* of `last`, as it is found; serial 0 = there is none */
	struct manifest manifest;         /* of `last`; then of what is published */
	bool readable;                    /* `manifest` is read from `last`, which the key of now has signed */
	bool shown;                       /* `latest` is `last` */
	uint64_t serial;                  /* the highest that is known; the next manifest has a higher one */
};

/* Opens the target and the key, ends what an attempt before has left half done, and makes sure that no other compiler
 * publishes there. Returns 0; CHANNEL_TAKEN; or another negative code, with the reason. publishing_end follows in any case. */
must_check int publishing_begin(struct channel_publishing *publishing, struct why *why);
void publishing_end(struct channel_publishing *publishing);

/* Judges the object `name`, which is there and was to be created: 0 if it is the one that was to be created; CHANNEL_TAKEN
 * with the reason if it is another one; or another negative code. 0 as well where there is none. */
must_check int publishing_find_other(const struct channel_publishing *publishing, const char *name, struct why *why);
