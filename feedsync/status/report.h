/* SPDX-License-Identifier: BSD-3-Clause */
/* What an operator wants to know at 3 a.m.: how the feeds are, and what the resolvers do. It is gathered once, judged by
 * one set of rules (conditions.h), and then shown in words, as JSON, or however else. Reads only: needs no lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/circle/output_record.h"
#include "feedsync/circle/sighting_record.h"
#include "feedsync/config/configuration.h"
#include "feedsync/feeds/feed.h"
#include "feedsync/fleet/channel_record.h"
#include "feedsync/fleet/pull_record.h"
#include "feedsync/guard/list_record.h"
#include "feedsync/publish/bypass_file.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/status/conditions.h"
#include "feedsync/status/unprotected.h"
#include "feedsync/sync/last_run.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"
#include "libweir/live/counters.h"
#include "libweir/live/hits.h"
#include "libweir/table.h"

/* One condition that keeps something from being well. */
struct finding {
	enum condition condition;
	char subject[160];   /* "feed x", "resolver 123", "table" */
	const char *feed;    /* the feed's name, NULL = it is not about one */
	const char *output;  /* likewise the output's */
	const char *channel; /* likewise the channel's */
	const char *partner; /* likewise the partner's */
	bool pulls;          /* the table comes from elsewhere, so it is no sync that brings it */
	const char *detail;  /* what was found out about it, "" = nothing more; of the report */
	const char *next;    /* the next command, in the place of the condition's, NULL = that one; of the report */
};

struct report {
	const struct config *config;
	uint64_t now;
	struct feed *feeds;         /* of the configuration, in its order ... */
	enum condition *feed_state; /* ... and how each is */
	struct table *table;        /* NULL: see why */
	struct why why;
	enum error_class table_error;
	struct last_run record;   /* of the last run ... */
	enum condition run_state; /* ... and how that is */
	bool running;             /* a run may be under way */
	bool edited;              /* the file has changed since it was taken into use ... */
	bool outdated;            /* ... and `run` is at work with the older content */
	uint64_t taken_at;        /* config_taken_at */
	struct hold hold;
	struct overrides overrides;
	struct why overrides_why; /* why they cannot be read; "" = they can */
	struct bypass_file bypass;
	char bypass_text[BYPASS_FILE_TEXT];  /* of one that is in force */
	struct list_trouble *guard_troubles; /* what is wrong with the guard's lists */
	size_t guard_trouble_count;
	struct why history;                /* what is wrong with the log, or "" */
	struct why trends;                 /* likewise with the store of trends */
	struct output_record *outputs;     /* of the configuration, in its order ... */
	enum condition *output_state;      /* ... and how each is */
	struct sighting_record *sightings; /* of each partner */
	enum condition *sighting_state;
	struct channel_record *channels; /* likewise ... */
	enum condition *channel_state;
	struct channel_promotion *promotions; /* ... and, of those that are promoted from another one, how that is */
	struct pull_record pull;              /* of a table that is pulled ... */
	enum condition pull_state;            /* ... and how that is */
	struct counters_snapshot *resolvers;
	enum condition *resolver_state; /* of each */
	size_t resolver_count;
	struct unprotected unprotected[UNPROTECTED_MAX]; /* resolvers that do not show themselves */
	size_t unprotected_count;
	char doubt[WALL_DOUBT];   /* why the clock is not believed, or "" */
	struct finding *findings; /* the worst first */
	size_t finding_count;     /* 0 = all is well */
};

/* Gathers and judges; the configuration is borrowed until report_end. Root looks at the state directory as its owner
 * does (act_as_owner.h). Returns 0, or a negative code with the reason, and report_end need not follow. */
must_check int report_begin(struct report *report, const struct config *config, struct why *why);
void report_end(struct report *report);

/* The verdict in one line, without a line end: "well: 3 feeds, ..."; or "NOT WELL: ..." with the worst finding, what it
 * means, and the next command. */
enum { VERDICT_TEXT = 768 };
void report_verdict(const struct report *report, char text[VERDICT_TEXT]);

/* The next command of a finding, with the name of the feed or output in it. Returns `text`. */
enum { NEXT_TEXT = UNPROTECTED_TEXT };
const char *report_next(const struct finding *finding, char text[NEXT_TEXT]);

/* Opens the hits of a resolver, to be closed by hits_close. Returns 0 or why that cannot be (hits_open): mostly that only
 * their group may read them. */
must_check int report_hits(
	const struct report *report, const struct counters_snapshot *resolver, struct hits_reader **reader);
