/* SPDX-License-Identifier: BSD-3-Clause */
/* What a table is compiled of: see compile.h. */
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
