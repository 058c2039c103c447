#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "compile.h"
#include "error.h"
#include "log.h"
#include "publish.h"
#include "resolvers.h"
#include "table.h"

/* ---- state directory ---- */

static int make_directory(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	return -errno;
}

static int take_lock(const char *state)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/lock", state);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0) {
		log_error("%s: %s", path, error_text(-errno));
		return -1;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		log_error("%s: another feedsync is at work here", path);
		close(fd);
		return -1;
	}
	return fd;
}

int sync_begin(struct sync *sync, const struct config *config)
{
	int status = make_directory(config->state);
	if (status != 0) {
		log_error("cannot create %s: %s", config->state, error_text(status));
		return -1;
	}
	*sync = (struct sync){.config = config, .lock = take_lock(config->state)};
	if (sync->lock < 0)
		return -1;
	sync->feeds = calloc(config->feed_count, sizeof *sync->feeds);
	if (!sync->feeds) {
		log_error("out of memory");
		exit(2);
	}
	for (size_t i = 0; i < config->feed_count; i++)
		feed_begin(&sync->feeds[i], &config->feeds[i], config->state);
	return 0;
}

void sync_end(struct sync *sync)
{
	for (size_t i = 0; i < sync->config->feed_count; i++)
		feed_end(&sync->feeds[i]);
	free(sync->feeds);
	close(sync->lock);
}

/* The secret key of this installation's tables, made at the first use and kept: with the same key two tables differ in
 * little more than what changed. */
static int read_key(const char *state, uint64_t *key, struct why *why)
{
	char path[4096], text[32];
	snprintf(path, sizeof path, "%s/key", state);
	FILE *in = fopen(path, "re");
	if (in) {
		char *end = text;
		if (fgets(text, sizeof text, in))
			*key = strtoull(text, &end, 16);
		fclose(in);
		return end == text + 16 ? 0 : why_set(why, -EBADMSG, "%s: not 16 hexadecimal digits", path);
	}
	if (errno != ENOENT || getrandom(key, sizeof *key, 0) != sizeof *key)
		return why_set(why, -errno, "%s: %s", path, error_text(-errno));
	struct publish publish;
	int status = publish_begin(&publish, path, why);
	if (status != 0)
		return status;
	int length = snprintf(text, sizeof text, "%016llx\n", (unsigned long long)*key);
	if (fchmod(publish.fd, 0600) != 0 || write(publish.fd, text, (size_t)length) != length) {
		status = -errno;
		publish_abort(&publish);
		return why_set(why, status, "cannot write %s: %s", path, error_text(status));
	}
	status = publish_commit(&publish, why);
	return status < 0 ? status : 0;
}

/* The generation published last, kept beside the table's own in case the table is gone: a resolver must never see a
 * number twice. */
static uint64_t read_generation(const char *state)
{
	char path[4096], text[32] = "";
	snprintf(path, sizeof path, "%s/generation", state);
	FILE *in = fopen(path, "re");
	if (in && !fgets(text, sizeof text, in))
		text[0] = '\0';
	if (in)
		fclose(in);
	return strtoull(text, NULL, 10);
}

static void write_generation(const char *state, uint64_t generation)
{
	char path[4096], text[32];
	struct why why;
	snprintf(path, sizeof path, "%s/generation", state);
	int length = snprintf(text, sizeof text, "%llu\n", (unsigned long long)generation);
	if (publish_text(path, text, (size_t)length, &why) != 0)
		log_warning("%s", why.text);
}

/* ---- compiling and publishing ---- */

/* The feeds that have a good version, as the compiler wants them. Returns how many; owner[i] is the i-th one's index.
 */
static size_t list_good(struct sync *sync, struct compile_feed *list, size_t *owner)
{
	size_t count = 0;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		if (!feed_has_good(feed))
			continue;
		owner[count] = i;
		list[count++] = (struct compile_feed){
			.format = feed->config->format,
			.options = feed->config->options,
			.path = feed->good,
			.document = feed->config->name,
			.source = {.feed = (uint16_t)i, .category = feed->config->category},
		};
	}
	return count;
}

/* What a table is made from, apart from the feeds. */
struct base {
	struct table *table; /* the published one, or NULL */
	struct guard *guard;
	uint64_t key;
	uint64_t generation; /* of the new table */
};

static int open_base(struct base *base, const struct config *config, struct why *why)
{
	struct why reason;
	*base = (struct base){.generation = 1};
	int status = guard_new(&base->guard, config->suffix_list, why);
	if (status == 0)
		status = read_key(config->state, &base->key, why);
	if (status != 0)
		return status;
	if (access(config->table, F_OK) == 0 && table_open(&base->table, config->table, &reason) != 0)
		log_warning("%s: %s; it will be replaced", config->table, reason.text);
	base->generation = read_generation(config->state) + 1;
	if (base->table && table_header(base->table)->generation >= base->generation)
		base->generation = table_header(base->table)->generation + 1;
	return 0;
}

static void close_base(struct base *base)
{
	table_close(&base->table);
	guard_free(&base->guard);
}

/* Compiles into a temporary file and, if the table is another one than before, publishes it. Sets `published`. */
static int compile_and_publish(
	struct sync *sync, struct compile *compile, struct base *base, bool *published, struct why *why)
{
	struct publish publish;
	struct build_result result;
	*published = false;
	compile->guard = base->guard;
	compile->key = base->key;
	compile->options = (struct build_options){.generation = base->generation, .created = (uint64_t)time(NULL)};
	if (base->table && table_header(base->table)->key == base->key)
		compile->options.base = base->table;
	int status = publish_begin(&publish, sync->config->table, why);
	if (status != 0)
		return status;
	status = compile_table(compile, publish.fd, &result, why);
	if (status == 0 && result.rules == 0)
		status = why_set(why, -EBADMSG, "the table would hold no rule");
	bool same = status == 0 && base->table && table_body_sum(base->table) == result.body_sum;
	if (status != 0 || same) {
		publish_abort(&publish);
		if (same)
			log_info("%s: unchanged, generation %llu", sync->config->table,
				(unsigned long long)table_header(base->table)->generation);
		return status;
	}
	status = publish_commit(&publish, why);
	if (status < 0)
		return status;
	if (status == PUBLISH_UNCERTAIN)
		log_warning("%s", why->text);
	*published = true;
	write_generation(sync->config->state, base->generation);
	log_info("%s: generation %llu published, %llu rules from %llu entries, %llu octets", sync->config->table,
		(unsigned long long)base->generation, (unsigned long long)result.rules,
		(unsigned long long)result.added, (unsigned long long)result.octets);
	return 0;
}

static int compile_good(struct sync *sync, bool *published, uint64_t *generation, struct why *why)
{
	const struct config *config = sync->config;
	struct compile_feed *list = calloc(config->feed_count, sizeof *list);
	size_t *owner = calloc(config->feed_count, sizeof *owner);
	if (!list || !owner) {
		log_error("out of memory");
		exit(2);
	}
	struct compile compile = {.feeds = list, .feed_count = list_good(sync, list, owner)};
	compile.policy = (struct policy){.feeds = config->feed_policies,
		.feed_count = (uint32_t)config->feed_count,
		.categories = config->categories,
		.category_count = (uint32_t)config->category_count};
	struct base base;
	int status = open_base(&base, config, why);
	if (status == 0 && compile.feed_count == 0)
		status = why_set(why, -EBADMSG, "no feed has a good version");
	if (status == 0)
		status = compile_and_publish(sync, &compile, &base, published, why);
	*generation = base.generation;
	for (size_t i = 0; status == 0 && i < compile.feed_count; i++) {
		struct feed *feed = &sync->feeds[owner[i]];
		if (feed->result == FEED_FRESH)
			compile_log_rejects(feed->config->name, &list[i].tally);
		feed->tally = list[i].tally;
	}
	close_base(&base);
	free(list);
	free(owner);
	return status;
}

enum sync_result sync_run(struct sync *sync, const bool *due, bool (*stop)(void))
{
	struct why why;
	size_t count = sync->config->feed_count;
	struct guard *guard = NULL;
	if (guard_new(&guard, sync->config->suffix_list, &why) != 0) {
		log_error("nothing published: %s", why.text);
		return SYNC_NOTHING;
	}
	feeds_fetch(sync->feeds, due, count, guard, stop);
	guard_free(&guard);
	bool published = false;
	uint64_t generation = 0;
	int status = stop() ? why_set(&why, -ECANCELED, "stopped") : compile_good(sync, &published, &generation, &why);
	for (size_t i = 0; i < count; i++) {
		struct why reason;
		if (due[i] && feed_save(&sync->feeds[i], &reason) < 0)
			log_warning("feed %s: %s", sync->config->feeds[i].name, reason.text);
	}
	if (status != 0) {
		log_error("nothing published: %s", why.text);
		return SYNC_NOTHING;
	}
	if (published)
		resolvers_tell(sync->config->run, sync->config->table, generation);
	for (size_t i = 0; i < count; i++)
		if (sync->feeds[i].failures > 0)
			return SYNC_LAST_GOOD;
	return SYNC_FRESH;
}
