/* SPDX-License-Identifier: BSD-3-Clause */
/* What override.c, override_change.c and override_tell.c share: one change under way. */
#pragma once

#include "feedsync/config/configuration.h"
#include "feedsync/publish/amend.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/overrides.h"

struct change {
	const struct config *config;
	const char *command; /* its word: the cause that the history tells */
	bool gives, json;
	struct operator_item item; /* that is given; of one that is taken back: name and kind, and then all of it */
	char name[NAME_MAX_TEXT], author[MAX_OVERRIDE_TEXT + 1];
	char texts[2][MAX_OVERRIDE_TEXT + 1]; /* of an item that is taken back: its reason and author */
	struct overrides overrides;
	struct publication publication;
	struct amendment amendment;
	bool amended;        /* the table is published; else the next sync publishes */
	uint64_t generation; /* that is published now; 0 = none is */
	struct local_resolvers_follow follow;
};

/* Judges the change, makes it, and publishes the table. Returns 0, or a negative code with the reason: all is as it was.
 * `told` are the resolvers that look at the table now; the caller waits for them. publication_end and overrides_end are
 * the caller's in each case. */
must_check int change_make(struct change *change, struct local_resolvers *told, struct why *why);

/* Whether all that was asked for is in the table; else a sync brings the rest. */
bool change_is_whole(const struct change *change);

/* Shows what was done, or why nothing was. */
void change_tell(const struct change *change);
void change_tell_failure(const struct change *change, const char *not_done, const struct why *why);
