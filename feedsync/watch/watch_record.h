/* SPDX-License-Identifier: BSD-3-Clause */
/* What is remembered of the resolvers of the fleet between two rounds, <state>/fleet/resolvers.json: how each answered last, and
 * since when. It is no source of anything: if it is lost, the times begin anew. Times are seconds since 1970, 0 = never. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"

struct config;
struct why;

enum watch_answer {
	WATCH_ENFORCES, /* by a table */
	WATCH_PASSES,   /* it answers, and does not block the self-test's name */
	WATCH_FAILS     /* it answers that it cannot or will not */
};

enum { WATCH_ERROR_TEXT = 104, WATCH_CONDITIONS_TEXT = 160 };

/* One resolver. */
struct watch_record {
	uint64_t probed_at;
	uint64_t answered_at; /* when it answered last; then: */
	uint64_t
		silent_since; /* when the first of the probes was that it has not answered since; 0 = it answered the last */
	enum watch_answer answer;
	unsigned rcode;
	uint32_t generation, created;           /* of the table; of WATCH_ENFORCES, else of the table before */
	uint64_t since;                         /* when it was first seen to answer like this ... */
	uint64_t before;                        /* ... and last seen to answer otherwise; 0 = it never was */
	char error[WATCH_ERROR_TEXT];           /* of the last probe, "" = it was answered */
	uint64_t told_at;                       /* when its host's metrics were last known to Prometheus; then: */
	uint64_t told_generation;               /* the oldest table there; 0 = it is not told */
	uint64_t told_since;                    /* since when the conditions are these */
	char conditions[WATCH_CONDITIONS_TEXT]; /* keys of what is not well there (conditions.h), parted by blanks */
};

/* The tables that a channel has had, the newest last. */
enum { WATCH_TABLES = 32 };
struct watch_channel {
	struct watch_table {
		uint64_t generation, at; /* at: when the channel got it */
	} tables[WATCH_TABLES];
	size_t count;
};

struct watch {
	struct watch_record *records; /* of the configuration's resolvers, in its order */
	size_t count;
	/* Of the configuration's channels, in its order; where there is none, the first one is of the published table. */
	struct watch_channel channels[MAX_CHANNELS];
	uint64_t probed_at;                      /* when the last round ended */
	uint64_t prometheus_at;                  /* when Prometheus answered last */
	char prometheus_error[WATCH_ERROR_TEXT]; /* why it has not answered since, "" = it has */
};

/* Reads what is remembered of the resolvers and channels of the configuration. What is missing or damaged is as if it had never
 * been probed. Returns 0; or a negative code with the reason where there is a file that cannot be read. watch_end in any case. */
int watch_read(struct watch *watch, const struct config *config, struct why *why);
void watch_end(struct watch *watch);

/* Writes it. Returns 0 or a negative code with the reason. */
must_check int watch_write(const struct watch *watch, const struct config *config, struct why *why);

/* How many channels resolvers may have: those of `distribute`, or one without a name. */
size_t watch_channel_count(const struct config *config);

/* The number of a resolver's channel in `channels`. */
size_t watch_channel_of(const struct config *config, size_t resolver);
