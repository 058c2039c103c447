#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "accept.h"
#include "clock.h"
#include "errors.h"
#include "json.h"
#include "log.h"
#include "heap.h"
#include "publish.h"
#include "schedule.h"
#include "stage.h"
#include "state.h"
#include "sync_publish.h"
#include "table.h"
#include "wall_clock.h"

/* ---- state directory ---- */

int sync_begin(struct sync *sync, const struct config *config, const struct sync *before)
{
	int status = publish_directory(config->state);
	if (status != 0) {
		log_error("cannot create %s: %s", config->state, error_text(status));
		return -1;
	}
	*sync = (struct sync){.config = config, .lock = state_lock(config->state, before ? before->lock : -1)};
	if (sync->lock < 0)
		return -1;
	sync->feeds = need_memory(config->feed_count, sizeof *sync->feeds);
	for (size_t i = 0; i < config->feed_count; i++) {
		feed_begin(&sync->feeds[i], &config->feeds[i], config->state);
		stage_recover(sync->feeds[i].good);
	}
	return 0;
}

void sync_end(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++)
		feed_end(&sync->feeds[i]);
	free(sync->feeds);
	close(sync->lock);
}

enum { RECORD_SIZE = 1024 };

static void record_path(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/sync.json", state);
}

void sync_read_record(struct sync_record *record, const char *state)
{
	char path[4096];
	struct why why;
	struct node *node;
	*record = (struct sync_record){0};
	record_path(state, path);
	int status = json_load(&node, path, RECORD_SIZE, &why);
	record->at = node_number_at(node, "at");
	record->resident = node_truth(node_get(node, "resident"));
	record->ended = node_truth(node_get(node, "ended"));
	node_words_at(node, "error", record->error, sizeof record->error);
	wall_get(node, &record->wall);
	if (status != 0 && status != -ENOENT)
		snprintf(record->error, sizeof record->error, "sync.json: %s", why.text);
	node_free(node);
}

void sync_begin_clock(const struct config *config)
{
	struct sync_record record;
	struct table *table = NULL;
	struct why why;
	uint64_t made = 0;
	sync_read_record(&record, config->state);
	if (record.wall.clock == 0 && table_open(&table, config->table, &why) == 0)
		made = table_header(table)->created;
	table_close(&table);
	wall_begin(&record.wall, made);
}

/* Written in place, always as long: so it can be written where the disk is full, which is what `status` must tell then. */
static void write_record(const struct sync *sync, bool ended, const char *error)
{
	char path[4096], record[RECORD_SIZE];
	struct wall_record wall;
	record_path(sync->config->state, path);
	struct node *node = node_object();
	node_put(node, "at", node_from_number(wall_now()));
	node_put(node, "resident", node_from_bool(sync->resident));
	node_put(node, "ended", node_from_bool(ended));
	node_put(node, "error", node_from_text(error));
	wall_record(&wall);
	wall_put(node, &wall);
	char *text = json_print(node);
	node_free(node);
	memset(record, ' ', sizeof record);
	if (text)
		memcpy(record, text, strnlen(text, sizeof record - 1));
	record[sizeof record - 1] = '\n';
	free(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, MODE_PRIVATE);
	if (fd < 0 || pwrite(fd, record, sizeof record, 0) != sizeof record || fsync(fd) != 0)
		log_warning("%s: %s", path, error_text(-errno));
	if (fd >= 0)
		close(fd);
}

/* Plans when to ask for a feed again. To publish what could not be published it needs not be asked. */
static void plan(const struct sync *sync, struct feed *feed)
{
	uint32_t chance;
	if (getrandom(&chance, sizeof chance, 0) != sizeof chance)
		chance = 0;
	feed->wait_s = schedule_wait(feed->config->interval_s, feed->failures, chance);
	if (feed->wait_s < feed_wait(feed))
		feed->wait_s = feed_wait(feed); /* as its server asks */
	feed->next_at = sync->resident ? wall_now() + feed->wait_s : 0;
}

/* What is known of the feeds that were asked, or turned out to be damaged, and what comes next. */
static void save_feeds(struct sync *sync, const bool *due)
{
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		struct why why;
		if (feed->result == FEED_STOPPED || (!due[i] && feed->result == FEED_NOT_DUE))
			continue;
		plan(sync, feed);
		if (!feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* An `allow` is wanted at once, and a server that is slow may take long. What goes wrong is told when the feeds were
 * asked, if it still does then. Returns whether it has published. */
static bool publish_reloaded(struct sync *sync, const struct guard *guard, bool (*stop)(void))
{
	struct why why;
	bool published = false, held;
	if (sync->reloaded && sync_publish(sync, guard, 0, stop, &published, &held, &why) != 0 && !published)
		log_info("the new configuration takes effect when the feeds were asked: %s", why.text);
	sync->reloaded = false;
	return published;
}

static enum sync_result fetch_and_publish(
	struct sync *sync, const bool *due, const struct guard *guard, bool (*stop)(void), struct why *why)
{
	bool before = publish_reloaded(sync, guard, stop), published = false, held = false;
	uint64_t begun = clock_ms();
	fetch_resolve_by(sync->config->resolves ? &sync->config->resolver : NULL);
	feeds_fetch(sync->feeds, due, sync->config->feed_count, guard, stop);
	fetch_resolve_by(NULL);
	int status = 0;
	if (!stop())
		status = sync_publish(sync, guard, clock_ms() - begun, stop, &published, &held, why);
	save_feeds(sync, due);
	if (stop() && !published)
		return SYNC_STOPPED;
	if (status != 0)
		return published || before ? SYNC_OWN : SYNC_NOTHING;
	if (held)
		return SYNC_HELD;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].failures > 0 || sync->feeds[i].withheld[0])
			return SYNC_LAST_GOOD;
	return sync->taken_out.text[0] ? SYNC_LAST_GOOD : SYNC_FRESH;
}

/* It was for this run. */
static void forget_acceptance(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++)
		sync->feeds[i].accept = sync->feeds[i].accepted = false;
}

enum sync_result sync_run(struct sync *sync, const bool *due, bool (*stop)(void))
{
	struct why why;
	struct guard *guard = NULL;
	char doubt[WALL_DOUBT];
	enum sync_result result = SYNC_NOTHING;
	sync->accept = accept_found(sync->config->state);
	sync_begin_clock(sync->config);
	if (sync->accept)
		wall_accept();
	write_record(sync, false, "it has not ended");
	int status = guard_new(&guard, &sync->config->guard, &why);
	if (status == 0 && feeds_guard_hosts(sync->feeds, sync->config->feed_count, guard) != 0)
		status = why_set(&why, -ENOMEM, "out of memory");
	if (status == 0)
		guard_warn_operator(guard, &sync->config->operator_lists);
	if (status == 0)
		result = fetch_and_publish(sync, due, guard, stop, &why);
	guard_free(&guard);
	if (result == SYNC_FRESH || result == SYNC_LAST_GOOD)
		accept_end(sync->config->state);
	else if (sync_size_accepted(sync))
		accept_keep(sync->config->state); /* the feed has it already, the table not yet */
	if (wall_doubt(doubt))
		log_warning("%s; if it is right: feedsync sync --accept-table", doubt);
	if (result == SYNC_STOPPED)
		log_info("stopped; what has come is published the next time");
	if (result == SYNC_HELD)
		log_warning("HELD: nothing published (`feedsync status`); `feedsync resume` ends that");
	bool failed = result == SYNC_NOTHING || result == SYNC_OWN;
	write_record(sync, true, failed ? why.text : result == SYNC_STOPPED ? "stopped" : sync->taken_out.text);
	forget_acceptance(sync);
	if (failed)
		log_error("%s: %s", result == SYNC_OWN ? "only `allow` and `block` published" : "nothing published",
			why.text);
	return result;
}
