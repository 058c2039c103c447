#include "sync_publish.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "clock.h"
#include "compile.h"
#include "errors.h"
#include "hold.h"
#include "log.h"
#include "heap.h"
#include "publication.h"
#include "publish.h"
#include "resolvers.h"
#include "state.h"
#include "table.h"
#include "total.h"

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
		list[count].expired = feed->expired;
		list[count].since = feed->result == FEED_FRESH ? 0 : feed->changed_at;
		list[count++].source = (struct source){.feed = (uint16_t)i, .category = feed->config->category};
	}
	return count;
}

bool sync_size_accepted(const struct sync *sync)
{
	bool accepted = sync->accept;
	for (size_t i = 0; i < sync->config->feed_count; i++)
		accepted |= sync->feeds[i].accepted;
	return accepted;
}

static int believe(const struct sync *sync, const struct compile *compile, const struct table *base, int fd,
	uint64_t rules, struct why *why)
{
	struct total total = {.fd = fd, .rules = rules, .accept = sync_size_accepted(sync)};
	for (size_t i = 0; i < sync->config->feed_count; i++)
		total.lapsed += sync->feeds[i].lapsed;
	return total_believe(sync->config, compile, base, &total, why);
}

/* The table has what had lapsed in the one before, and has no more what had expired. A feed that was not asked is not saved at the end of the run. */
static void forget_ends(struct sync *sync)
{
	struct why why;
	for (size_t i = 0; i < sync->config->feed_count; i++) {
		struct feed *feed = &sync->feeds[i];
		if (feed->lapsed == 0 && feed->expired == 0)
			continue;
		feed->lapsed = feed->expired = 0;
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
			forget_ends(sync);
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

int sync_publish(struct sync *sync, const struct guard *guard, uint64_t fetch_ms, bool (*stop)(void), bool *published,
	bool *held, struct why *why)
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
