/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/publish_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/compile/compile.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/publication.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/publish/table_alarm.h"
#include "feedsync/sync/inputs.h"
#include "libweir/errors.h"
#include "libweir/table.h"

enum { NO_GOOD_VERSION = -ENODATA, DIED_BEFORE = -EINTR };

/* The new table has the entries that had lapsed, and no longer has those that had expired. That does not hold for a
 * feed that is withheld. Saves the feed here, as a feed that was not updated is not saved at the end of the run. */
static void forget_ends(struct sync *sync)
{
	struct why why;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		if ((feed->record.lapsed == 0 && feed->record.expired == 0) || feed->record.withheld[0])
			continue;
		feed->record.lapsed = feed->record.expired = 0;
		if (!feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* Takes over what the compiler found out about a feed, whether the table will do or not. */
static void note_compiled(struct feed *feed, const struct compile_feed *compiled)
{
	if (feed->run.result == FEED_FRESH)
		compile_log_rejects(feed->config->name, &compiled->counts, compiled->samples);
	bool whole = feed->record.reference > 0 && feed->record.reference == feed->record.parsed.counts.entries;
	feed->record.parsed.counts = compiled->counts;
	feed->record.parsed.samples = *compiled->samples;
	if (compiled->damage.text[0])
		feed_note_damage(feed, compiled->damage.text);
	else if (whole && compiled->counts.entries > 0 && !format_expires(compiled->format, &compiled->options))
		feed->record.reference =
			compiled->counts.entries; /* other settings or guards make other entries of the same document */
}

/* Whether a table may rightly hold no rule of any feed. */
static bool may_be_empty(const struct sync *sync, const struct compile *compile)
{
	bool may = true;
	for (size_t i = 0; i < compile->feed_count; i++)
		may &= feed_may_be_empty(&sync->feeds[compile->feeds[i].source.feed], &compile->feeds[i].counts);
	return may;
}

/* One table under way. */
struct making {
	struct sync *sync;
	const struct guard *guard;
	struct publication *publication;
	struct table_alarm alarm;
	struct compile compile; /* what is borrowed by it: */
	struct compile_feed *list;
	struct samples *samples; /* of each of these */
	struct compile_rule *rules;
	struct feed_policy *feeds;
	uint16_t *categories;
	struct self_test self_test;
	bool is_alarm; /* the table was made, and refused for what is in it */
};

static void begin_making(struct making *m, struct sync *sync, const struct guard *guard, struct publication *p)
{
	const struct config *config = sync->config;
	*m = (struct making){.sync = sync, .guard = guard, .publication = p};
	m->compile = (struct compile){.guard = guard, .retained = p->base};
	m->alarm = (struct table_alarm){.config = config, .published = p->base, .accept = sync->accept};
	feed_shares_begin(&m->alarm.shares, config, p->base);
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed *feed = &sync->feeds[i];
		struct feed_share *share = &m->alarm.shares.share[i];
		share->accepted = feed->run.accept || feed->run.accepted;
		share->lapsed = feed->record.lapsed;
		share->news = feed->run.result == FEED_FRESH || feed->record.withheld[0] || !p->base ||
			      feed->record.changed_at > table_header(p->base)->created;
	}
	m->list = xcalloc(config->feed_count, sizeof *m->list);
	m->samples = xcalloc(config->feed_count, sizeof *m->samples);
	m->rules = xcalloc(config->operator_lists.count, sizeof *m->rules);
	m->feeds = xcalloc(m->alarm.shares.count + 1, sizeof *m->feeds);
	m->categories = xcalloc(m->alarm.shares.count + 1, sizeof *m->categories);
	m->compile.rule_count = operator_rules(&config->operator_lists, wall_now(), m->rules);
}

static void end_making(struct making *m)
{
	feed_shares_end(&m->alarm.shares);
	free(m->list);
	free(m->samples);
	free(m->rules);
	free(m->feeds);
	free(m->categories);
}

/* Sets the feeds of the table: those of the configuration, the operator's lists, and feeds that were taken out but are
 * withheld. */
static void set_policy(struct making *m)
{
	const struct config *config = m->sync->config;
	const struct policy *published = m->alarm.published ? table_policy(m->alarm.published) : NULL;
	size_t count = config->feed_count + (config->operator_lists.count > 0);
	memcpy(m->feeds, config->feed_policies, count * sizeof *m->feeds);
	for (size_t i = 0; i < config->feed_count; i++)
		m->categories[i] = config->feeds[i].category;
	for (size_t i = config->feed_count; i < m->alarm.shares.count; i++) {
		const struct feed_share *share = &m->alarm.shares.share[i];
		if (!published || !share->withheld)
			continue;
		m->feeds[count++] = published->feeds[policy_find_feed(published, share->name)];
	}
	m->compile.policy = (struct policy){.feeds = m->feeds,
		.feed_count = (uint32_t)count,
		.categories = config->categories,
		.category_count = (uint32_t)config->category_count,
		.groups = config->groups,
		.group_count = (uint32_t)config->group_count,
		.ranges = config->ranges,
		.range_count = (uint32_t)config->range_count,
		.hits = config->hits};
	for (size_t i = config->feed_count; i < count; i++)
		m->categories[i] = (uint16_t)policy_find_category(&m->compile.policy, "malicious");
}

/* Sets what is compiled: the feeds that are not withheld. */
static void set_feeds(struct making *m)
{
	size_t good = feeds_list_good(m->sync->feeds, m->sync->config->feed_count, m->list), count = 0;
	for (size_t i = 0; i < good; i++)
		if (!m->alarm.shares.share[m->list[i].source.feed].withheld)
			m->list[count++] = m->list[i];
	for (size_t i = 0; i < count; i++)
		m->list[i].samples = &m->samples[i];
	m->compile.feeds = m->list;
	m->compile.feed_count = count;
}

static void note_feeds(struct making *m, int status)
{
	const struct compile *compile = &m->compile;
	for (size_t i = 0; i < compile->feed_count; i++) {
		struct feed *feed = &m->sync->feeds[compile->feeds[i].source.feed];
		if (status == 0)
			note_compiled(feed, &compile->feeds[i]);
		else if (compile->feeds[i].unread)
			feed_note_damage(feed, compile->feeds[i].damage.text);
	}
}

/* Publishes the new table, unless it is the one that is published. */
static int commit_table(struct making *m, struct atomic_file *publish, const struct build_result *result,
	uint64_t begun, bool *published, struct why *why)
{
	struct publication *p = m->publication;
	const char *path = m->sync->config->table;
	if (p->base && table_body_sum(p->base) == result->body_sum) {
		atomic_file_abort(publish);
		m->sync->generation = table_header(p->base)->generation;
		log_info("%s: unchanged, generation %llu", path, (unsigned long long)table_header(p->base)->generation);
		return 0;
	}
	int status = local_resolvers_can_read(m->sync->config->run, path, WEIR_VERSION, why);
	if (status != 0) {
		atomic_file_abort(publish);
		return status;
	}
	p->entries = result->added;
	p->compile_ms = clock_ms() - begun;
	/* If the key cannot be kept the next table has another one again, which costs time. */
	if (result->key != m->compile.key && state_dir_keep_key(m->sync->config->state, result->key, why) != 0)
		log_warning("%s", why->text);
	worker_hold(); /* what is published is logged as well */
	status = atomic_file_commit(publish, why);
	if (status < 0)
		return status;
	if (status == DURABILITY_UNCERTAIN)
		log_warning("%s", why->text);
	p->publish_ms = clock_ms() - begun - p->compile_ms;
	*published = true;
	m->sync->generation = p->generation;
	publication_done(p);
	char size[UNITS_TEXT];
	log_info("%s: generation %llu published, %llu rules from %llu entries, %s", path,
		(unsigned long long)p->generation, (unsigned long long)result->rules, (unsigned long long)result->added,
		size_text(result->octets, size));
	return 0;
}

/* Compiles into a temporary file and, if the table will do, publishes it. `judged`: the table is compared with the
 * published one. Sets `published`. Returns 0; 1 if it must be tried again, since a feed is withheld; or a negative
 * code. */
static int compile_and_publish(struct making *m, bool judged, bool *published, struct why *why)
{
	struct atomic_file publish;
	struct build_result result;
	struct compile *compile = &m->compile;
	const struct table *base = m->publication->base;
	int status = atomic_file_begin(&publish, m->sync->config->table, MODE_PUBLIC, why);
	if (status != 0)
		return status;
	set_policy(m);
	self_test_begin(&m->self_test, &compile->policy);
	compile->self_test = &m->self_test;
	compile->options = (struct build_options){
		.generation = m->publication->generation, .created = wall_now(), .fresh_key = state_dir_fresh_key};
	if (base && table_header(base)->key == compile->key)
		compile->options.base = base;
	uint64_t begun = clock_ms();
	status = compile_table(compile, publish.fd, &result, why);
	bool compiled = status == 0, empty = compiled && result.added <= 1 /* the self-test */ + compile->rule_count;
	if (empty && judged && !may_be_empty(m->sync, compile))
		status = why_set(why, -EBADMSG, "the table would hold no rule");
	else if (status == 0 && judged && base && table_body_sum(base) != result.body_sum)
		status = table_alarm_judge(&m->alarm, compile, publish.fd, result.rules, why);
	m->is_alarm |= compiled && status == -EBADMSG;
	if (judged && (status == WEIR_ELIMIT || status == -ENOMEM) &&
		table_alarm_withhold_grown(&m->alarm, compile, why))
		status = 1;
	self_test_end(&m->self_test);
	if (status != 1)
		note_feeds(m, status);
	if (status == 0)
		return commit_table(m, &publish, &result, begun, published, why);
	atomic_file_abort(&publish);
	return status;
}

/* Publishes the operator's own part when no table can be made of what the feeds hold. All that is published of the
 * feeds stays. The operator's own lists, and what is configured for all feeds, are published all the same: a feed never
 * holds them up. */
static void publish_own(struct making *m, bool *published)
{
	struct why why;
	for (size_t i = 0; i < m->alarm.shares.count; i++)
		m->alarm.shares.share[i].withheld = true;
	if (!m->publication->base && m->compile.rule_count == 0)
		return;
	if (m->publication->base)
		m->compile.key = table_header(m->publication->base)->key;
	m->compile.feed_count = 0;
	m->publication->cause = "operator";
	if (compile_and_publish(m, false, published, &why) != 0)
		log_error("`allow` and `block` cannot take effect either: %s", why.text);
}

/* Logs which feeds are withheld and why, and keeps it in their records until a table has all of them. */
static void note_withheld(struct making *m)
{
	struct sync *sync = m->sync;
	struct why why;
	sync->taken_out.text[0] = '\0';
	for (size_t i = 0; i < m->alarm.shares.count; i++) {
		const struct feed_share *share = &m->alarm.shares.share[i];
		if (share->withheld)
			log_warning("feed %s: %s; what is published of it stays", share->name, share->why.text);
		if (i >= sync->config->feed_count) {
			if (share->withheld)
				why_set(&sync->taken_out, 0, "feed %s: %.190s", share->name, share->why.text);
			continue;
		}
		struct feed *feed = &sync->feeds[i];
		bool same = strcmp(feed->record.withheld, share->withheld ? share->why.text : "") == 0;
		snprintf(feed->record.withheld, sizeof feed->record.withheld, "%s",
			share->withheld ? share->why.text : "");
		feed->record.withheld_alarm = share->withheld ? share->alarm : ALARM_NONE;
		if (!same && !feed->unread && feed_save(feed, &why) < 0)
			log_warning("feed %s: %s", feed->config->name, why.text);
	}
}

/* Whether to make a table of the feeds now. A new configuration has a table made before its feeds are asked, with two
 * conditions. There must be a published table that it replaces. And no feed may have been taken out: what may take that
 * feed's place has to come first. */
static bool is_time(const struct making *m)
{
	return !m->sync->reloaded || (m->alarm.published && m->alarm.shares.count == m->sync->config->feed_count);
}

/* Compiles the good versions, again and again without the feeds that are to blame. If a process died of it before, this
 * tries without the feed that is most likely the cause. If that one died too, it does not try again. */
static int publish_feeds(struct making *m, bool *published, struct why *why)
{
	const struct sync *sync = m->sync;
	int status;
	if (sync->deaths > 1 ||
		(sync->deaths == 1 && !table_alarm_withhold_grown(&m->alarm, &m->compile, &sync->death)))
		return why_set(why, DIED_BEFORE, "%s", sync->death.text);
	do {
		set_feeds(m);
		status = compile_and_publish(m, true, published, why);
	} while (status == 1);
	if (status == 0) {
		note_withheld(m);
		forget_ends(m->sync);
	}
	return status;
}

static int publish_table(struct making *m, bool *published, struct why *why)
{
	m->compile.categories = m->categories;
	m->compile.rules = m->rules;
	int status = state_dir_key(m->sync->config->state, &m->compile.key, why);
	set_feeds(m);
	if (!is_time(m)) {
		publish_own(m, published);
		return 0;
	}
	if (status == 0)
		status = guard_check_whole(m->guard, why);
	if (status == 0)
		status = feeds_check_allowing(m->sync->feeds, m->sync->config->feed_count, m->compile.retained, why);
	if (status == 0)
		status = m->compile.feed_count > 0 ? publish_feeds(m, published, why)
						   : why_set(why, NO_GOOD_VERSION, "no feed has a good version");
	if (status != 0)
		publish_own(m, published);
	return status;
}

/* Whether the table has all that there is: it was made after the feeds were updated, and nothing of them was kept back
 * or lost. If something was, each run must tell of it. */
static bool is_whole(const struct making *m)
{
	const struct sync *sync = m->sync;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].record.withheld[0] || sync->feeds[i].run.damaged)
			return false;
	return is_time(m) && sync->taken_out.text[0] == '\0' && !guard_troubles(m->guard, NULL);
}

static enum error_class class_of_end(const struct making *m, int status)
{
	const struct sync *sync = m->sync;
	if (status != 0 && m->is_alarm)
		return ERROR_ALARM;
	if (status == DIED_BEFORE || status == WEIR_EVERSION /* an error of a resolver, not of a document */)
		return ERROR_INTERNAL;
	if (status == GUARD_HAS_GAP)
		return guard_gap(m->guard)->class;
	if (status != NO_GOOD_VERSION)
		return error_class_from_code(status);
	for (size_t i = 0; i < sync->config->feed_count; i++)
		if (sync->feeds[i].record.error_class != ERROR_NONE)
			return sync->feeds[i].record.error_class; /* the first feed that failed decides */
	return ERROR_INTERNAL;
}

void sync_table_publish(struct sync *sync, const struct guard *guard, uint64_t fetch_ms, struct sync_table *result)
{
	struct publication p;
	struct hold hold;
	bool logged, whole = false;
	*result = (struct sync_table){0};
	for (size_t i = 0; i < sync->config->feed_count; i++)
		sync->feeds[i].run.damaged = false;
	result->status = publication_begin(&p, sync->config, sync->cause, &result->why);
	result->error_class = error_class_from_code(result->status);
	hold_read(&hold, sync->config->state);
	result->held = hold.held;
	if (hold.why.text[0])
		log_warning("%s", hold.why.text);
	p.fetch_ms = fetch_ms;
	if (result->status == 0 && !hold.held) {
		struct making making;
		begin_making(&making, sync, guard, &p);
		result->status = publish_table(&making, &result->published, &result->why);
		result->error_class = class_of_end(&making, result->status);
		whole = result->status == 0 && is_whole(&making);
		end_making(&making);
	}
	if (result->published) {
		local_resolvers_tell(&sync->told, sync->config->run, sync->config->table);
		logged = publication_log(&p, result->status == 0 ? sync->feeds : NULL);
	} else {
		logged = publication_log_base(&p);
	}
	if (whole && logged && sync->generation > 0)
		inputs_note_made(sync, sync->inputs);
	publication_end(&p);
}
