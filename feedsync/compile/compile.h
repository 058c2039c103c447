/* SPDX-License-Identifier: BSD-3-Clause */
/* From feeds on disk, or from what a table has of them already, to a table. */
#pragma once

#include "feedsync/compile/compile_struct.h"
#include "libweir/attributes.h"

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
