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
#include "compile.h"
#include "error.h"
#include "hold.h"
#include "json.h"
#include "log.h"
#include "memory.h"
#include "publication.h"
#include "publish.h"
#include "resolvers.h"
#include "schedule.h"
#include "stage.h"
#include "state.h"
#include "table.h"
#include "total.h"

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
	node_text_at(node, "error", record->error, sizeof record->error);
	if (status != 0 && status != -ENOENT)
		snprintf(record->error, sizeof record->error, "sync.json: %s", why.text);
	node_free(node);
}

/* Written in place, always as long: so it can be written where the disk is full, which is what `status` must tell then. */
static void write_record(const struct sync *sync, bool ended, const char *error)
{
	char path[4096], record[RECORD_SIZE];
	record_path(sync->config->state, path);
	struct node *node = node_object();
	node_put(node, "at", node_from_number((uint64_t)time(NULL)));
	node_put(node, "resident", node_from_bool(sync->resident));
	node_put(node, "ended", node_from_bool(ended));
	node_put(node, "error", node_from_text(error));
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

/* ---- compiling and publishing ---- */

size_t sync_list_good(const struct config *config, const struct feed *feeds, struct compile_feed *list)
{
	size_t count = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed *feed = &feeds[i];
		if (!feed_has_good(feed))
			continue;
		list[count] = feed_parse(feed, feed->good);
		list[count].sum = feed->sum;
		list[count].next_sum = feed->next_sum;
		list[count].since = feed->result == FEED_FRESH ? 0 : feed->changed_at;
		list[count++].source = (struct source){.feed = (uint16_t)i, .category = feed->config->category};
	}
	return count;
}

/* Whether the table's size is accepted: by itself, or with that of a feed. */
static bool size_accepted(const struct sync *sync)
{
	bool accepted = sync->accept;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		accepted |= sync->feeds[i].accepted;
	return accepted;
}

static int believe(const struct sync *sync, const struct compile *compile, const struct table *base, int fd,
	uint64_t rules, struct why *why)
{
	struct total total = {.fd = fd, .rules = rules, .accept = size_accepted(sync)};
	for (size_t i = 0; i < sync->config->feed_count; i++)
		total.lapsed += sync->feeds[i].lapsed;
	return total_believe(sync->config, compile, base, &total, why);
}

/* The table has what had lapsed in the one before. A feed that was not asked is not saved at the end of the run. */
static void forget_lapsed(struct sync *sync)
{
	struct why why;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		if (feed->lapsed == 0)
			continue;
		feed->lapsed = 0;
		if (!feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* Takes over what the compiler found out about a feed, whether the table will do or not. */
static void note_compiled(struct feed *feed, const struct compile_feed *compiled)
{
	if (feed->result == FEED_FRESH)
		compile_log_rejects(feed->config->name, &compiled->tally);
	bool whole = feed->reference > 0 && feed->reference == feed->tally.entries;
	feed->tally = compiled->tally;
	if (compiled->damage.text[0])
		feed_spoilt(feed, compiled->damage.text);
	else if (whole && !format_expires(compiled->format, &compiled->options))
		feed->reference = compiled->tally.entries; /* other settings or guards make other entries of it */
}

/* Whether it is no mistake that a table holds no rule of any feed: the operator's own lists are empty, or all that the
 * feeds had has expired. */
static bool may_be_empty(const struct sync *sync, const struct compile *compile)
{
	bool expired = false;
	for (size_t i = 0; i < compile->feed_count; i++)
		expired |= compile->feeds[i].tally.rejected[REJECT_EXPIRED] > 0;
	return compile->feed_count > 0 && (expired || config_all_own(sync->config));
}

/* Compiles into a temporary file and, if the table is another one than before, publishes it. Sets `published`. */
static int compile_and_publish(
	struct sync *sync, struct compile *compile, struct publication *p, bool *published, struct why *why)
{
	struct publish publish;
	struct build_result result;
	compile->options = (struct build_options){.generation = p->generation, .created = (uint64_t)time(NULL)};
	if (p->base && table_header(p->base)->key == compile->key)
		compile->options.base = p->base;
	int status = publish_begin(&publish, sync->config->table, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	uint64_t begun = clock_ms();
	status = compile_table(compile, publish.fd, &result, why);
	for (size_t i = 0; i < compile->feed_count; i++) {
		struct feed *feed = &sync->feeds[compile->feeds[i].source.feed];
		if (status == 0)
			note_compiled(feed, &compile->feeds[i]);
		else if (compile->feeds[i].unread)
			feed_spoilt(feed, compile->feeds[i].damage.text);
	}
	if (status == 0 && result.added <= 1 /* the self-test */ + compile->rule_count && !may_be_empty(sync, compile))
		status = why_set(why, -EBADMSG, "the table would hold no rule");
	if (status == 0 && p->base)
		status = believe(sync, compile, p->base, publish.fd, result.rules, why);
	bool same = status == 0 && p->base && table_body_sum(p->base) == result.body_sum;
	if (status != 0 || same) {
		publish_abort(&publish);
		if (same)
			log_info("%s: unchanged, generation %llu", sync->config->table,
				(unsigned long long)table_header(p->base)->generation);
		return status;
	}
	p->entries = result.added;
	p->compile_ms = clock_ms() - begun;
	status = publish_commit(&publish, why);
	if (status < 0)
		return status;
	if (status == PUBLISH_UNCERTAIN)
		log_warning("%s", why->text);
	p->publish_ms = clock_ms() - begun - p->compile_ms;
	*published = true;
	publication_done(p);
	log_info("%s: generation %llu published, %llu rules from %llu entries, %llu octets", sync->config->table,
		(unsigned long long)p->generation, (unsigned long long)result.rules, (unsigned long long)result.added,
		(unsigned long long)result.octets);
	return 0;
}

/* Where what the feeds hold will not do, their part stays as it is published. What the operator lists himself does not
 * wait for that, nor what he has configured of all feeds. */
static void publish_own(struct sync *sync, struct compile *compile, struct publication *p, bool *published)
{
	struct why why;
	/* What may stand in its place has not come: without its rules the table would be another one than was published. */
	const char *gone = total_taken_out(sync->config, p->base);
	if (gone) {
		log_warning(
			"`allow` and `block` have to wait as well: feed %s was taken out, and the table has its rules",
			gone);
		return;
	}
	compile->feed_count = 0;
	compile->key = table_header(p->base)->key;
	p->cause = "operator";
	if (compile_and_publish(sync, compile, p, published, &why) != 0)
		log_warning("`allow` and `block` have to wait as well: %s", why.text);
}

static int compile_good(
	struct sync *sync, const struct guard *guard, struct publication *p, bool *published, struct why *why)
{
	const struct config *config = sync->config;
	struct compile_feed *list = need_memory(config->feed_count, sizeof *list);
	struct compile_rule *rules = need_memory(config->operator_lists.count, sizeof *rules);
	uint16_t *categories = need_memory(config->feed_count, sizeof *categories);
	for (size_t i = 0; i < config->feed_count; i++)
		categories[i] = config->feeds[i].category;
	struct compile compile = {.feeds = list,
		.feed_count = sync_list_good(config, sync->feeds, list),
		.categories = categories,
		.retained = p->base,
		.guard = guard};
	compile.policy = (struct policy){.feeds = config->feed_policies,
		.feed_count = (uint32_t)(config->feed_count + (config->operator_lists.count > 0)),
		.categories = config->categories,
		.category_count = (uint32_t)config->category_count,
		.groups = config->groups,
		.group_count = (uint32_t)config->group_count,
		.ranges = config->ranges,
		.range_count = (uint32_t)config->range_count,
		.hits = config->hits};
	compile.rules = rules;
	compile.rule_count = operator_rules(&config->operator_lists, (uint64_t)time(NULL), rules);
	struct self_test self_test;
	self_test_begin(&self_test, &compile.policy);
	compile.self_test = &self_test;
	int status = state_key(config->state, &compile.key, why);
	if (status == 0) {
		status = compile.feed_count > 0 ? compile_and_publish(sync, &compile, p, published, why)
						: why_set(why, -EBADMSG, "no feed has a good version");
		if (status == 0)
			forget_lapsed(sync);
		if (status == -EBADMSG && p->base)
			publish_own(sync, &compile, p, published);
	}
	self_test_end(&self_test);
	free(list);
	free(rules);
	free(categories);
	return status;
}

/* Whether a table is to be made now. A new configuration has it made before the feeds are asked, if there is one that it
 * takes the place of and no feed was taken out: what may stand in that one's place has to come first. */
static bool is_time(const struct sync *sync, const struct publication *p)
{
	return !sync->reloaded || (p->base && !total_taken_out(sync->config, p->base));
}

/* Makes a table of what is good and, if it is another one, publishes it, unless somebody holds it. May fail and yet
 * have published: the operator's lists alone. */
static int publish_good(struct sync *sync, const struct guard *guard, uint64_t fetch_ms, bool (*stop)(void),
	bool *published, bool *held, struct why *why)
{
	struct publication p;
	struct hold hold;
	int status = publication_begin(&p, sync->config, sync->cause, stop, why);
	hold_read(&hold, sync->config->state);
	*held = hold.held;
	if (hold.why.text[0])
		log_warning("%s", hold.why.text);
	p.fetch_ms = fetch_ms;
	if (status == 0 && !hold.held && is_time(sync, &p))
		status = compile_good(sync, guard, &p, published, why);
	if (*published) {
		resolvers_tell(sync->config->run, sync->config->table, p.generation);
		publication_log(&p, status == 0 ? sync->feeds : NULL);
	} else {
		publication_log_base(&p);
	}
	publication_end(&p);
	return status;
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
	feed->next_at = sync->resident ? (uint64_t)time(NULL) + feed->wait_s : 0;
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
	if (sync->reloaded && publish_good(sync, guard, 0, stop, &published, &held, &why) != 0 && !published)
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
		status = publish_good(sync, guard, clock_ms() - begun, stop, &published, &held, why);
	save_feeds(sync, due);
	if (stop() && !published)
		return SYNC_STOPPED;
	if (status != 0)
		return published || before ? SYNC_OWN : SYNC_NOTHING;
	if (held)
		return SYNC_HELD;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].failures > 0)
			return SYNC_LAST_GOOD;
	return SYNC_FRESH;
}

enum sync_result sync_run(struct sync *sync, const bool *due, bool (*stop)(void))
{
	struct why why;
	struct guard *guard = NULL;
	enum sync_result result = SYNC_NOTHING;
	sync->accept = accept_found(sync->config->state);
	write_record(sync, false, "it has not ended");
	if (guard_new(&guard, &sync->config->guard, &why) == 0)
		result = fetch_and_publish(sync, due, guard, stop, &why);
	guard_free(&guard);
	if (result == SYNC_FRESH || result == SYNC_LAST_GOOD)
		accept_end(sync->config->state);
	else if (size_accepted(sync))
		accept_keep(sync->config->state); /* the feed has it already, the table not yet */
	if (result == SYNC_STOPPED)
		log_info("stopped; what has come is published the next time");
	if (result == SYNC_HELD)
		log_warning("HELD: nothing published (`feedsync status`); `feedsync resume` ends that");
	bool failed = result == SYNC_NOTHING || result == SYNC_OWN;
	write_record(sync, true, failed ? why.text : result == SYNC_STOPPED ? "stopped" : "");
	if (failed)
		log_error("%s: %s", result == SYNC_OWN ? "only `allow` and `block` published" : "nothing published",
			why.text);
	return result;
}
