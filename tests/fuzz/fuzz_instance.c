/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of a MISP instance: whatever it says, an update ends, leaves no file but its version, and that version can be
 * read. The input is up to four answers, one behind the other with a NUL octet between them: the index, attributes, objects,
 * and states. They are files of this machine, which are fetched in their places. Each input meets the version that the one
 * before has left. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"
#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/disk_budget.h"
#include "feedsync/feeds/instance.h"
#include "feedsync/formats/misp/misp_listing.h"
#include "feedsync/formats/registry.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

static char directory[] = /* in memory: nothing waits for a disk */ "/dev/shm/weir-fuzz-XXXXXX";

static void remove_directory(void)
{
	atomic_dir_remove(directory);
}

static void below(const char *name, char path[4096])
{
	snprintf(path, 4096, "%s/%s", directory, name);
}

static void write_answer(const char *name, const uint8_t *data, size_t size)
{
	char path[4096];
	below(name, path);
	FILE *out = fopen(path, "w");
	if (!out || fwrite(data, 1, size, out) != size || fclose(out) != 0)
		abort();
}

/* Splits the input. Returns what is left behind the first answer. */
static size_t write_next_answer(const char *name, const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;
	write_answer(name, data, length);
	return end ? size - length - 1 : 0;
}

static void begin(struct feed *feed, struct feed_config *config)
{
	static const char *const folders[] = {"events", "attributes", "objects", "feed"};
	static char url[64];
	char path[4096];
	if (!mkdtemp(directory))
		abort();
	atexit(remove_directory);
	for (unsigned i = 0; i < sizeof folders / sizeof *folders; i++) {
		below(folders[i], path);
		if (mkdir(path, 0700) != 0)
			abort();
	}
	snprintf(url, sizeof url, "file://%s/", directory);
	config->url = config->trust.url = url;
	config->format = &format_misp_rest;
	snprintf(feed->directory, sizeof feed->directory, "%s/feed", directory);
	snprintf(feed->good, sizeof feed->good, "%s/feed/good", directory);
	snprintf(feed->next, sizeof feed->next, "%s/feed/next", directory);
	fetch_init();
	if (!freopen("/dev/null", "w", stderr)) /* what is logged; a sanitizer writes elsewhere */
		abort();
}

static void check_version(const struct feed *feed)
{
	struct misp_listing listing;
	struct why why;
	if (access(feed->next, F_OK) == 0)
		abort();
	if (access(feed->good, F_OK) != 0)
		return;
	if (misp_listing_read(&listing, feed->good, &why) != 0)
		abort();
	for (size_t i = 0; i < listing.count; i++) {
		char path[4096];
		misp_listed_event_path(feed->good, listing.events[i].uuid, path);
		if ((access(path, F_OK) == 0) != (listing.events[i].attributes > 0))
			abort();
	}
	misp_listing_free(&listing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const answers[] = {
		"events/index", "attributes/restSearch", "objects/restSearch", "events/restSearch"};
	static struct feed_config config = {.name = "fuzz", .max_edit_s = 3600};
	static struct feed feed = {.config = &config};
	struct disk_budget room;
	struct fetch fetch = {.trust = &config.trust, .room = &room};
	struct why why;
	if (!config.url)
		begin(&feed, &config);
	disk_budget_begin(&room, feed.directory, feed.good);
	const uint8_t *at = data;
	for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
		size_t left = write_next_answer(answers[i], at, size);
		at += size - left;
		size = left;
	}
	snprintf(fetch.path, sizeof fetch.path, "%s/new", feed.directory);
	if (instance_begin(&feed, &fetch, &why) != 0)
		abort();
	fetch_all(&fetch, 1, fetch_deadline());
	instance_update(&feed, &fetch, NULL, fetch_deadline());
	check_version(&feed);
	return 0;
}
