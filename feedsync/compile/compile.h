/* SPDX-License-Identifier: BSD-3-Clause */
/* From feeds on disk, or from what a table has of them already, to a table. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/self_test.h"
#include "feedsync/entries/sink.h"
#include "feedsync/formats/registry.h"
#include "feedsync/guard/guard.h"
#include "libweir/attributes.h"
#include "libweir/build/build.h"
#include "libweir/errors.h"
#include "libweir/policy.h"

struct table;

/* One feed: what to parse and what its entries mean. */
struct compile_feed {
	const struct format *format;
	struct parse_options options;
	const struct nameset *unguarded; /* names that it may block though they are guarded; may be NULL */
	const char *path;                /* file or directory, as the format wants; NULL = standard input */
	const char *document;            /* its name in messages */
	const char *sum;            /* of the file, by which it is known again (file_sum.h); NULL or "" = not known */
	const char *next_sum;       /* another one that it may have; NULL or "" = none */
	uint64_t since;             /* when this version came, seconds since 1970; 0 = just now, or not known */
	uint64_t expired;           /* entries of versions before that expired while the published table had them */
	bool allows;                /* its rules are allow rules */
	struct source source;       /* index of the feed in the policy, and of the category of what has no other */
	struct samples *samples;    /* out: examples of what was rejected; borrowed; NULL = none are wanted */
	struct parse_counts counts; /* out */
	struct why damage;          /* out: what of it cannot be read and so is not in the table; "" = nothing */
	bool unread;                /* out: nothing of it could be */
};

/* A rule that is in no feed's document. */
struct compile_rule {
	struct rule rule;
	struct source source;
};

struct compile {
	struct policy policy; /* feeds and categories */
	struct compile_feed *feeds;
	size_t feed_count;
	const uint16_t *categories;        /* of each feed that may have rules of the retained table: its own */
	const struct table *retained;      /* from which come the rules of what cannot be read, or NULL */
	const struct self_test *self_test; /* whose rule the table carries as well, or NULL */
	const struct compile_rule *rules;
	size_t rule_count;
	const struct compile_rule *overrides; /* rules that are not in the file of rules */
	size_t override_count;
	/* Saves the rules, but for the overrides, for compile_again: called when all of them are there. NULL = nothing is saved. */
	void (*save)(void *context, struct build *build);
	void *save_context;
	const struct guard *guard; /* or NULL: structural guards only; does not judge `rules` */
	uint64_t key;
	struct build_options options;
};

/* Parses all feeds and writes the table to `fd`, an empty file. Rules of a category whose action is `allow` are allow
 * rules. A feed that is damaged or cannot be read does not keep the others back: its `damage` says why, and the
 * caller decides whether the table will do.
 *
 * A feed that could not be read (`unread`) keeps the rules it has in `retained`. So does a feed of the policy that is
 * missing from `feeds`. The operator's own rules are never kept this way. Rules that folding or an allow rule removed
 * from `retained` cannot be recovered. A retained rule whose category is gone gets its feed's own category, but it is
 * dropped where one of the two allows and the other does not. Without `retained` a feed that cannot be read ends the
 * compile, unless it is damaged.
 * A feed that allows and cannot be read as a whole, and has no rules in `retained`, ends the compile: what it should let
 * pass would be blocked.
 *
 * Returns 0, -errno or WEIR_ELIMIT, with the reason. `unread` is set then too, for the feeds met so far. */
must_check int compile_table(struct compile *compile, int fd, struct build_result *result, struct why *why);

/* Writes the table to `fd` of rules that were saved, and of the overrides: all else that `compile` names is in `build`, which
 * is used up and freed, or in its policy. Returns as compile_table does. */
must_check int compile_again(
	struct compile *compile, struct build **build, int fd, struct build_result *result, struct why *why);

/* What a feed's rule of this kind is in a table. In a feed that allows there is nothing that an exception could free: both are
 * what is to pass. Any thread. */
enum rule_kind compile_kind(bool allows, enum rule_kind kind);

/* Whether a feed has allow rules in a table, which may be NULL: it may be that all of them are. Any thread. */
bool compile_allows_in(const struct table *table, const char *feed);

/* Parses one feed without building anything: fills in its counts and samples. Returns 0, -errno, or -EBADMSG when
 * the feed is not of its format, with the reason. */
must_check int compile_check(struct compile_feed *feed, const struct guard *guard, struct why *why);

/* Parses one feed into a sink whose counts, samples and category are set here. Returns as compile_check does. */
must_check int compile_parse(struct compile_feed *feed, struct sink *sink, struct why *why);

/* Logs what a parse refused: a line a reason with its count, and the examples. */
void compile_log_rejects(const char *feed, const struct parse_counts *counts, const struct samples *samples);
