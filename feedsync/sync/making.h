/* SPDX-License-Identifier: BSD-3-Clause */
/* One table under way: what it is made of, compiled into a temporary file, judged by the published one, and put in its
 * place. publish_table.h decides what to try, and what to try next if a table is refused. A feed whose share is withheld
 * is not compiled: what is published of it stays. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/compile/compile.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/publication.h"
#include "feedsync/publish/rules_file.h"
#include "feedsync/publish/table_alarm.h"
#include "feedsync/sync/sync.h"
#include "libweir/attributes.h"

struct guard;
struct why;

struct making {
	struct sync *sync;
	const struct guard *guard;
	struct publication *publication;
	struct table_alarm alarm;
	struct compile compile; /* what is borrowed by it: */
	struct compile_feed *list;
	struct samples *samples; /* of each of these */
	struct compile_rule *rules, *override_rules;
	struct rules_file rules_file;
	struct feed_policy *feeds;
	uint16_t *categories;
	struct self_test self_test;
	bool waits;    /* others wait until it is done, instead of publishing while it compiles */
	bool is_alarm; /* the table was made, and refused for what is in it */
};

/* Why a table is to be made again. */
enum {
	MAKING_WITHHELD = 1,  /* without the feeds that are withheld now */
	MAKING_OVERTAKEN = 2, /* from the beginning: somebody has published meanwhile */
};

/* Begins with all feeds of the configuration, and with the operator's rules. What is passed is borrowed until
 * making_end. */
void making_begin(struct making *m, struct sync *sync, const struct guard *guard, struct publication *p,
	const struct overrides *overrides);
void making_end(struct making *m);

/* Sets what is compiled: the feeds that are not withheld. */
void making_set_feeds(struct making *m);

/* Compiles into a temporary file and, if the table will do, publishes it. `judged`: the table is compared with the
 * published one. Sets `published`. Returns 0, one of the above, or a negative code with the reason. While it compiles others
 * may publish (publication_unlock); afterwards the publication has its lock again. */
must_check int making_publish(struct making *m, bool judged, bool *published, struct why *why);
