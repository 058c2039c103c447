/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/making.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"
#include "libweir/table.h"

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

void making_begin(struct making *m, struct sync *sync, const struct guard *guard, struct publication *p,
	const struct overrides *overrides)
{
	const struct config *config = sync->config;
	*m = (struct making){.sync = sync, .guard = guard, .publication = p};
	rules_file_begin(&m->rules_file, config->state);
	m->compile = (struct compile){.guard = guard,
		.retained = p->base,
		.save = sync->trial ? NULL : rules_file_save,
		.save_context = &m->rules_file};
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
	m->compile.rule_count = operator_rules(&config->operator_lists, &config->guard.own, wall_now(), m->rules);
	m->override_rules = xcalloc(overrides->lists.count, sizeof *m->override_rules);
	m->compile.overrides = m->override_rules;
	m->compile.override_count =
		operator_rules(&overrides->lists, &config->guard.own, wall_now(), m->override_rules);
}

void making_end(struct making *m)
{
	feed_shares_end(&m->alarm.shares);
	rules_file_abort(&m->rules_file);
	free(m->list);
	free(m->samples);
	free(m->rules);
	free(m->override_rules);
	free(m->feeds);
	free(m->categories);
}

/* Sets the feeds of the table: those of the configuration, the operator's lists (also empty ones: `feedsync allow` may add
 * to them), and feeds that were taken out but are withheld. */
static void set_policy(struct making *m)
{
	const struct config *config = m->sync->config;
	const struct policy *published = m->alarm.published ? table_policy(m->alarm.published) : NULL;
	size_t count = config->feed_count + 1 /* the operator's lists */;
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
		.hits = config->hits,
		.contact = config->contact,
		.contact_length = config->contact_length};
	for (size_t i = config->feed_count; i < count; i++)
		m->categories[i] = (uint16_t)policy_find_category(&m->compile.policy, DEFAULT_CATEGORY);
}

void making_set_feeds(struct making *m)
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

static void commit_rules(struct making *m, uint64_t body_sum)
{
	if (m->compile.save)
		rules_file_commit(&m->rules_file, body_sum);
}

/* Publishes the new table, unless it is the one that is published. */
static int commit_table(struct making *m, struct atomic_file *publish, const struct build_result *result,
	uint64_t begun, bool *published, struct why *why)
{
	struct publication *p = m->publication;
	const char *path = m->sync->config->table;
	if (p->base && table_body_sum(p->base) == result->body_sum) {
		atomic_file_abort(publish);
		commit_rules(m, result->body_sum);
		m->sync->generation = table_header(p->base)->generation;
		log_info("%s: unchanged, generation %llu", path, (unsigned long long)table_header(p->base)->generation);
		return 0;
	}
	int status = local_resolvers_can_read(m->sync->config->run, path, result->version, why);
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
	commit_rules(m, result->body_sum);
	m->sync->generation = p->generation;
	publication_done(p);
	char size[UNITS_TEXT];
	log_info("%s: generation %llu published, %llu rules from %llu entries, %s", path,
		(unsigned long long)p->generation, (unsigned long long)result->rules, (unsigned long long)result->added,
		size_text(result->octets, size));
	return 0;
}

/* Compiles into a file, and judges what has come of it. Returns as making_publish does. */
static int compile_and_judge(struct making *m, bool judged, int fd, struct build_result *result, struct why *why)
{
	struct compile *compile = &m->compile;
	const struct table *base = m->publication->base;
	set_policy(m);
	self_test_begin(&m->self_test, &compile->policy);
	compile->self_test = &m->self_test;
	compile->options = (struct build_options){
		.generation = m->publication->generation, .created = wall_now(), .fresh_key = state_dir_fresh_key};
	if (base && table_header(base)->key == compile->key)
		compile->options.base = base;
	int status = compile_table(compile, fd, result, why);
	bool compiled = status == 0,
	     empty = compiled && result->added <= 1 /* the self-test */ + compile->rule_count + compile->override_count;
	if (empty && judged && !may_be_empty(m->sync, compile))
		status = why_set(why, -EBADMSG, "the table would hold no rule");
	else if (status == 0 && judged && base && table_body_sum(base) != result->body_sum)
		status = table_alarm_judge(&m->alarm, compile, fd, result->rules, why);
	m->is_alarm |= compiled && status == -EBADMSG;
	if (judged && (status == WEIR_ELIMIT || status == -ENOMEM) &&
		table_alarm_withhold_grown(&m->alarm, compile, why))
		status = MAKING_WITHHELD;
	self_test_end(&m->self_test);
	return status;
}

int making_publish(struct making *m, bool judged, bool *published, struct why *why)
{
	struct atomic_file publish;
	struct build_result result;
	struct why reason;
	int status = atomic_file_begin(&publish, m->sync->config->table, MODE_PUBLIC, why), locked = 0;
	if (status != 0)
		return status;
	uint64_t begun = clock_ms();
	if (!m->waits)
		publication_unlock(m->publication);
	status = compile_and_judge(m, judged, publish.fd, &result, why);
	if (!m->waits)
		locked = publication_lock_again(m->publication, &reason);
	if (locked != 0) {
		atomic_file_abort(&publish);
		*why = reason;
		return locked == PUBLICATION_OVERTAKEN ? MAKING_OVERTAKEN : locked;
	}
	if (status != MAKING_WITHHELD)
		note_feeds(m, status);
	if (status == 0)
		return commit_table(m, &publish, &result, begun, published, why);
	atomic_file_abort(&publish);
	return status;
}
