/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/circle/judge.h"
#include "libweir/errors.h"
#include "libweir/table.h"

enum { MAX_REASON = 400 };

/* What an entry is judged by. */
struct gathering {
	struct shared_entries *entries;
	const struct config *config;
	struct judge judge;
	/* the feed at hand */
	uint16_t feed;
	uint32_t table_feed;     /* its number in the table */
	struct nameset excepted; /* from its own list */
	struct sink sink;
};

/* ---- taking entries ---- */

/* The category that a variant ("phishing:log") is one of. */
static uint16_t shared_category(const struct config *config, uint16_t category)
{
	const char *name = config->categories[category].name, *end = strrchr(name, ':');
	for (size_t i = 0; category >= config->written_category_count && end && i < config->written_category_count; i++)
		if (strlen(config->categories[i].name) == (size_t)(end - name) &&
			strncmp(config->categories[i].name, name, (size_t)(end - name)) == 0)
			return (uint16_t)i;
	return category;
}

static int add_entry(struct gathering *g, const struct rule *rule, uint16_t category, struct shared_entry entry)
{
	struct shared_entries *entries = g->entries;
	char name[NAME_MAX_TEXT];
	if (entries->count == MAX_SHARED_ENTRIES)
		return -EFBIG;
	if (entries->count == entries->room) {
		size_t room = entries->room > 0 ? entries->room * 2 : 1024;
		struct shared_entry *larger = reallocarray(entries->list, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		entries->list = larger;
		entries->room = room;
	}
	size_t length = name_to_text(rule->wire, rule->length, name);
	entry.name = text_room_add(&entries->texts, name, length);
	entry.wire = text_room_add(&entries->texts, rule->wire, rule->length);
	if (!entry.name || !entry.wire)
		return -ENOMEM;
	entry.length = (uint8_t)rule->length;
	entry.scope = rule->scope == SCOPE_EXACT ? SCOPE_EXACT : SCOPE_SUBTREE;
	entry.feed = g->feed;
	entry.category = shared_category(g->config, category);
	entry.withheld = judge_rule(&g->judge, rule, g->table_feed);
	if (entry.withheld == WITHHELD_NOT && g->config->categories[category].action == ACTION_LOG)
		entry.withheld = WITHHELD_TRIAL;
	entries->list[entries->count++] = entry;
	return 0;
}

static int take_shared_rule(void *context, const struct rule *rule)
{
	struct gathering *g = context;
	struct namekey key;
	if (rule->kind == RULE_EXCEPT) {
		namekey_of(&key, rule->wire, rule->length);
		return nameset_add(&g->excepted, &key, 0);
	}
	if (rule->kind != RULE_BLOCK)
		return 0;
	return add_entry(g, rule, g->sink.category,
		(struct shared_entry){.marking = markings_strictest(g->sink.markings), .reason = ""});
}

static int gather_own_items(struct gathering *g, uint64_t now)
{
	const struct operator_lists *lists = &g->config->operator_lists;
	int status = 0;
	g->feed = (uint16_t)g->config->feed_count;
	g->table_feed = policy_find_feed(table_policy(g->judge.table), OPERATOR_FEED);
	for (size_t i = 0; status == 0 && i < lists->count; i++) {
		const struct operator_item *item = &lists->item[i];
		const struct rule rule = {item->wire, item->length, item->scope, RULE_BLOCK};
		char reason[MAX_REASON];
		if (item->kind != RULE_BLOCK || !item->share || operator_expired(item, now))
			continue;
		snprintf(reason, sizeof reason, "%s", item->reason);
		clean(reason, sizeof reason);
		struct shared_entry entry = {.marking = {item->tlp, PAP_GREEN},
			.expires_at = item->expires_at,
			.reason = text_room_add(&g->entries->texts, reason, strlen(reason))};
		status = entry.reason ? add_entry(g, &rule, item->category, entry) : -ENOMEM;
	}
	return status;
}

/* A feed's exceptions stand anywhere in it: what it frees below a name holds back the subtree. */
static void withhold_excepted(struct gathering *g, size_t first)
{
	nameset_sort(&g->excepted);
	for (size_t i = first; i < g->entries->count; i++) {
		struct shared_entry *entry = &g->entries->list[i];
		struct namekey key;
		namekey_of(&key, entry->wire, entry->length);
		if (entry->scope == SCOPE_SUBTREE && entry->withheld == WITHHELD_NOT &&
			nameset_below(&g->excepted, &key))
			entry->withheld = WITHHELD_ALLOWED;
	}
}

/* Whether an output takes a feed. */
static bool is_feed_taken(const struct config *config, size_t feed)
{
	for (size_t i = 0; i < config->output_count; i++)
		if (config->outputs[i].of[feed])
			return true;
	return false;
}

/* A feed without a good version has never come. But where the published table has rules of it, its version is lost: what it
 * has told others must not end by that. */
static void note_lost_versions(struct gathering *g)
{
	const struct policy *policy = table_policy(g->judge.table);
	for (size_t i = 0; i < g->judge.walk.feed_count; i++) {
		if (!is_feed_taken(g->config, i) || feed_has_good(&g->judge.walk.feeds[i]))
			continue;
		uint32_t feed = policy_find_feed(policy, g->config->feeds[i].name);
		for (uint32_t v = 1; v < policy->verdict_count && !g->entries->unread[i]; v++)
			for (unsigned k = 0; k < policy->verdicts[v].own_count; k++)
				if (policy->verdicts[v].own[k].source.feed == feed)
					g->entries->unread[i] = "its last good version is lost";
	}
}

static int gather_feeds(struct gathering *g, struct why *why)
{
	const struct feed *feed;
	for (size_t next = 0; (feed = feed_walk_next(&g->judge.walk, &next));) {
		g->feed = (uint16_t)(feed - g->judge.walk.feeds);
		g->table_feed = policy_find_feed(table_policy(g->judge.table), feed->config->name);
		if (!is_feed_taken(g->config, g->feed))
			continue;
		size_t before = g->entries->count;
		g->sink = (struct sink){.take = take_shared_rule, .context = g};
		nameset_free(&g->excepted);
		int status = feed_walk_parse(&g->judge.walk, next, &g->sink, why);
		if (error_is_shortage(status) || status == -EFBIG)
			return status;
		if (status == 0) {
			withhold_excepted(g, before);
			continue;
		}
		g->entries->count = before; /* half a feed was never any version of it */
		g->entries->unread[g->feed] = text_room_add(&g->entries->texts, why->text, strlen(why->text));
		if (!g->entries->unread[g->feed])
			return -ENOMEM;
	}
	return 0;
}

static int gather_all(struct gathering *g, uint64_t now, struct why *why)
{
	why->text[0] = '\0';
	int status = gather_own_items(g, now);
	if (status == 0)
		status = gather_feeds(g, why);
	if (status == 0)
		note_lost_versions(g);
	if (status == -EFBIG)
		return why_set(why, status, "there are more than %d entries to share", MAX_SHARED_ENTRIES);
	return status != 0 && !why->text[0] ? why_set(why, status, "%s", error_text(status)) : status;
}

int shared_entries_gather(struct shared_entries *entries, const struct config *config, uint64_t now, struct why *why)
{
	struct gathering g = {.entries = entries, .config = config};
	*entries = (struct shared_entries){.now = now, .unread = xcalloc(config->feed_count, sizeof *entries->unread)};
	int status = judge_begin(&g.judge, config, now, why);
	if (status == 0)
		status = gather_all(&g, now, why);
	judge_end(&g.judge);
	nameset_free(&g.excepted);
	return status;
}

void shared_entries_free(struct shared_entries *entries)
{
	text_room_free(&entries->texts);
	free(entries->list);
	free(entries->unread);
	*entries = (struct shared_entries){0};
}
