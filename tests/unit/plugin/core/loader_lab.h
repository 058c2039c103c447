/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of the loader share: a module without an Unbound, in a directory of its own, and tables for it. A test that
 * includes it defines `say`, which receives the lines for the operator's log. */
#pragma once

#include "tests/unit/unit.h"

#include <unistd.h>

#include "plugin/core/handover.h"
#include "plugin/core/loader.h"
#include "plugin/core/loader_keep.h"

static void say(bool error, const char *text);

static unsigned said_count;       /* lines since the module began */
static char path[128], spare[64]; /* of the table, and of the directory with the copy */
static struct current current;
static struct counters *counters;
static struct hits *hits;
static struct loader loader;

/* The module begins, with what is in the files and in the process; and ends. */
static int module_begin(void)
{
	said_count = 0;
	int status = current_init(&current, 2, counters, hits, test_directory);
	loader_init(&loader, path, spare, &current, counters, say);
	return status;
}

static void module_end(void)
{
	loader_end(&loader);
	current_end(&current);
}

static void forget_handover(void)
{
	int fd = handover_take();
	if (fd >= 0)
		close(fd);
}

/* Set-up and tear-down of a test. */
static int begin(void **state)
{
	if (with_directory(state) != 0 || counters_create(&counters, test_directory) != 0 ||
		hits_create(&hits, "/nonexistent") == 0)
		return -1;
	snprintf(path, sizeof path, "%s/t.weir", test_directory);
	snprintf(spare, sizeof spare, "%s/spare", test_directory);
	return module_begin();
}

static int end(void **state)
{
	module_end();
	forget_handover();
	counters_remove(&counters);
	hits_remove(&hits);
	return all_closed(state);
}

/* Puts a file in the place of the table, as feedsync does: by a rename. */
static void put(const void *octets, size_t length)
{
	char other[160];
	snprintf(other, sizeof other, "%s.new", path);
	FILE *file = fopen(other, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	fclose(file);
	assert_int_equal(rename(other, path), 0);
}

static void put_table(const char *name)
{
	const struct rule_spec rule = {name, SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	size_t length;
	uint8_t *octets = table_octets_of(&rule, 1, NULL, &length);
	put(octets, length);
	free(octets);
}

/* What others see of the module. */
static inline struct counters_state shown(void)
{
	struct counters_snapshot snapshot;
	char name[32];
	snprintf(name, sizeof name, "%ld.live", (long)getpid());
	assert_int_equal(counters_read(in_directory(name), &snapshot), 0);
	return snapshot.state;
}

/* Whether the table in force blocks a name. */
static inline bool blocks(const char *name)
{
	name_storage wire;
	struct match match;
	const struct current_table *table = current_get(&current);
	return table && table_lookup(table->table, wire, wire_of(name, wire), &match);
}
