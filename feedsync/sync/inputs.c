/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/inputs.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/config/operator_lists.h"
#include "feedsync/publish/archive.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/sync/sync.h"
#include "libweir/errors.h"
#include "libweir/hash.h"

/* ---- files ---- */

static uint64_t mix_octets(uint64_t sum, const void *data, size_t length)
{
	return XXH3_64bits_withSeed(data, length, sum);
}

static uint64_t add_text(uint64_t sum, const char *text)
{
	return mix_octets(sum, text, strlen(text) + 1);
}

/* The sum of a file, or of a directory with what is in it, in any order. 0 for what is missing. */
static uint64_t of_path(const char *path, unsigned depth)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return 0;
	uint64_t sum = stat_sum(&st);
	DIR *dir = S_ISDIR(st.st_mode) && depth > 0 ? opendir(path) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char below[4096];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
		sum += add_text(of_path(below, depth - 1), entry->d_name);
	}
	if (dir)
		closedir(dir);
	return sum;
}

static uint64_t add_path(uint64_t sum, const char *path)
{
	enum { DEPTH = 2 }; /* of a collection of warninglists */
	const uint64_t found = path ? of_path(path, DEPTH) : 0;
	return mix_octets(sum, &found, sizeof found);
}

static uint64_t add_below(uint64_t sum, const char *state, const char *name)
{
	const uint64_t found = path_sum_in(state, name);
	return mix_octets(sum, &found, sizeof found);
}

/* ---- what a table is made of ---- */

uint64_t inputs_guard(const struct sync *sync)
{
	const struct guard_config *config = &sync->config->guard;
	uint64_t sum = add_path(0, guard_suffix_path(config));
	for (size_t i = 0; i < sync->config->feed_count; i++)
		sum = add_text(sum, sync->feeds[i].record.redirected_to);
	for (size_t i = 0; i < config->warninglist_count; i++)
		sum = add_path(sum, config->warninglists[i]);
	for (size_t i = 0; i < config->names_count; i++)
		sum = add_path(sum, config->names[i]);
	return sum;
}

uint64_t inputs_all(const struct sync *sync)
{
	const struct config *config = sync->config;
	const uint64_t guard = inputs_guard(sync);
	uint64_t sum = add_path(0, "/proc/self/exe");
	sum = add_text(sum, config->sum);
	sum = mix_octets(
		sum, config->ranges, config->range_count * sizeof *config->ranges); /* their prefixes stand in files */
	sum = mix_octets(sum, &guard, sizeof guard);
	sum = add_below(sum, config->state, OVERRIDES_FILE);
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed *feed = &sync->feeds[i];
		sum = add_text(sum, feed->config->name);
		sum = add_path(sum, feed->good);
	}
	return sum;
}

/* The sum of the published table and of what goes with it. If that is lost the next table makes it again. 0 = there is
 * none. */
static uint64_t of_table(const struct config *config)
{
	static const char *const others[] = {"history.sqlite", "generation", "tables", "key"};
	uint64_t sum = of_path(config->table, 0);
	for (unsigned i = 0; sum != 0 && i < sizeof others / sizeof *others; i++)
		sum = add_below(sum, config->state, others[i]);
	return sum;
}

/* ---- what is known ---- */

struct made {
	uint64_t inputs, table; /* sums */
	uint64_t generation;
	uint64_t at, until; /* seconds since 1970; something ends then */
};

#define FILE_NAME "made.json"

/* JSON's numbers are exact up to 53 bits. */
#define MOST_NUMBER ((UINT64_C(1) << 53) - 1)

static uint64_t as_number(uint64_t sum)
{
	return sum & MOST_NUMBER;
}

/* Whether entries of a feed may end by their age. */
static bool anything_expires(const struct config *config)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (format_expires(config->feeds[i].format, &config->feeds[i].options))
			return true;
	return false;
}

/* When something in the table may end, at the earliest. */
static uint64_t end_of(const struct sync *sync, uint64_t now)
{
	uint64_t end = operator_end(sync->config, now);
	if (end == 0)
		end = MOST_NUMBER;
	return anything_expires(sync->config) && end > now + EXPIRY_S ? now + EXPIRY_S : end;
}

bool inputs_are_made(const struct sync *sync, uint64_t inputs, uint64_t *generation)
{
	char kept[4096], doubt[WALL_DOUBT];
	struct why why;
	struct node *node;
	/* A `run` looks for that when it is due. Someone who runs `sync` wants it done now. */
	if (!sync->resident && anything_expires(sync->config))
		return false;
	if (state_dir_read_record(sync->config->state, FILE_NAME, &node, &why) != 0)
		return false;
	const struct made made = {.inputs = node_number_at(node, "inputs"),
		.table = node_number_at(node, "table"),
		.generation = node_number_at(node, "generation"),
		.at = node_number_at(node, "at"),
		.until = node_number_at(node, "until")};
	node_free(node);
	uint64_t now = wall_now(), table = of_table(sync->config);
	*generation = made.generation;
	archive_path(sync->config->state, made.generation, kept);
	return made.inputs == as_number(inputs) && table != 0 && made.table == as_number(table) && made.at <= now &&
	       now < made.until && !wall_doubt(doubt) && access(kept, F_OK) == 0;
}

void inputs_note_made(const struct sync *sync, uint64_t inputs)
{
	char path[4096];
	struct why why;
	uint64_t now = wall_now(), sum = of_table(sync->config);
	if (sync->generation == 0 || sum == 0)
		return;
	struct node *node = node_object();
	node_put(node, "inputs", node_from_number(as_number(inputs)));
	node_put(node, "table", node_from_number(as_number(sum)));
	node_put(node, "generation", node_from_number(sync->generation));
	node_put(node, "at", node_from_number(now));
	node_put(node, "until", node_from_number(end_of(sync, now)));
	snprintf(path, sizeof path, "%s/" FILE_NAME, sync->config->state);
	if (json_publish(node, path, MODE_PRIVATE, &why) < 0)
		log_warning("%s", why.text);
}
