/* SPDX-License-Identifier: BSD-3-Clause */
/* What a MISP feed's manifest means for the last good version: which events there are, which of them are here
 * already, and which are to be asked for. An event is asked for where the manifest's time is another one than the
 * version's here, and once a day whatever the manifest says.
 *
 * Where the feed must be signed, the signature is the manifest's, and the manifest vouches for the events by the SHA-256 of
 * their files (integrity:sha256). An event is asked for exactly where the file here is not the one that the manifest tells. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/feeds/feed.h"
#include "libweir/attributes.h"

struct why;

/* An event that the manifest lists. */
struct event_plan {
	struct feed_event known;  /* what is known of it, then what will be */
	char old[37];             /* the name under which the last good version has it, or "" */
	uint64_t timestamp;       /* that the manifest gives */
	char sha256[SHA256_TEXT]; /* likewise, where the feed must be signed; else "" */
	bool vouched;             /* the last good version of it is one that a signed manifest told, or need not be */
	bool due;                 /* to be fetched */
	bool fetched;             /* lies in `next` */
};

struct misp_plan {
	struct event_plan *events; /* sorted by UUID */
	size_t count;
	char (*old)[37]; /* names of the events of the last good version, sorted as well */
	size_t old_count;
	bool renamed; /* the manifest lists an event under another name than the last good version */
};

/* Makes the plan from <next>/manifest.json and the last good version. Sorts the feed's events. Returns 0, or
 * -errno, -EBADMSG, or -EKEYREJECTED where a signed manifest does not vouch for all events, with the reason; misp_plan_end must follow in either case. */
must_check int misp_plan_begin(struct misp_plan *plan, struct feed *feed, struct why *why);
void misp_plan_end(struct misp_plan *plan);

/* The event with this UUID, in any case of its letters; NULL where the manifest does not list it. */
const struct event_plan *misp_plan_find(const struct misp_plan *plan, const char *uuid);

/* The path of an event's file, or with "manifest" of the manifest's. */
void misp_event_path(const char *directory, const char *uuid, char path[4096]);
