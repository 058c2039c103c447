/* The size of the whole table, judged by the published one: for what no feed's own alarm sees, as when a feed has lost
 * its last good version and cannot be fetched, or a list of the guard has become everything. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "attributes.h"
#include "compile.h"
#include "configuration.h"

struct table;

/* A compiled table. */
struct total {
	int fd; /* of its file */
	uint64_t rules;
	uint64_t lapsed; /* entries that had expired in the published table, and have been renewed since */
	bool accept;     /* an alarm is passed over */
};

/* Whether it is to be believed. It is no alarm that entries expire, by what versions of their feed said that came before this
 * run, nor that as many as had `lapsed` are renewed, nor what the operator has done to his configuration: a
 * smaller table is taken if a feed that the published one has rules of is no feed any more, a larger one if a feed has
 * entries that had none there. Returns 0, or -EBADMSG with the reason. */
must_check int total_believe(const struct config *config, const struct compile *compile, const struct table *published,
	const struct total *total, struct why *why);

/* The name of a feed that the published table has rules of and the configuration has no more; NULL if there is none.
 * It is the table's. */
const char *total_taken_out(const struct config *config, const struct table *published);
