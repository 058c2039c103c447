/* SPDX-License-Identifier: BSD-3-Clause */
/* What an answer changes in what is remembered, and how a resolver is by that. Pure: any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/watch/watch_record.h"
#include "feedsync/watch/watch_states.h"

struct dns_probe;

/* Notes what came of a probe with the self-test's name. */
void watch_note_probe(struct watch_record *record, const struct dns_probe *probe, uint64_t now);

/* What Prometheus knows of a resolver's host. */
struct watch_told {
	bool known;
	uint64_t generation;                    /* the oldest table there; 0 = it is not told */
	char conditions[WATCH_CONDITIONS_TEXT]; /* as in the record */
};

/* Notes what Prometheus has answered. */
void watch_note_told(struct watch_record *record, const struct watch_told *told, uint64_t now);

/* Notes the table that a channel has, and since when; another one than the last is added. */
void watch_note_table(struct watch_channel *channel, uint64_t generation, uint64_t at);

/* How a resolver was at its last probe, which gets its tables from this channel, and since when (0 = not known). What is
 * remembered does not change until it is asked again, however long that takes. */
enum watch_state watch_judge(const struct watch_record *record, const struct watch_channel *channel, uint64_t *since);

/* Whether its host's metrics told something about then. */
bool watch_is_told(const struct watch_record *record);

/* What they told, "" = nothing, or that all is well. */
const char *watch_conditions(const struct watch_record *record);

/* How long it took at most from the publishing of the channel's newest table until the resolver was seen to enforce it. Returns
 * whether that is known. */
bool watch_lag(const struct watch_record *record, const struct watch_channel *channel, uint64_t *lag_s);
