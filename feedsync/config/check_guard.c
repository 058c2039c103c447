/* SPDX-License-Identifier: BSD-3-Clause */
/* Guards and alarms: what must never be blocked, and how much of a feed may change at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/config/check.h"
#include "feedsync/entries/normalise.h"

enum { MAX_PERCENT = 1000000 };

/* Takes names into a set. */
static void take_names(struct check *c, const char *key, char *const *names, unsigned count, struct nameset *set)
{
	for (unsigned i = 0; i < count; i++) {
		name_storage wire;
		enum reject reject;
		struct namekey namekey;
		int length = normalise(names[i], strlen(names[i]), wire, &reject);
		if (length < 0) {
			complain(c, key, "\"%s\": %s", names[i], reject_text(reject));
			continue;
		}
		namekey_of(&namekey, wire, (size_t)length);
		if (nameset_add(set, &namekey, 0) != 0) {
			log_error("out of memory");
			exit(2);
		}
	}
	nameset_sort(set);
}

void check_guard(struct check *c, const struct raw_guard *raw)
{
	struct guard_config *guard = &c->config->guard;
	c->section = c->item = "guard";
	c->index = 0;
	*guard = (struct guard_config){.suffix_list = c->raw->suffix_list};
	if (!raw)
		return;
	guard->warninglists = (const char *const *)raw->warninglists;
	guard->warninglist_count = raw->warninglists_count;
	guard->names = (const char *const *)raw->names;
	guard->names_count = raw->names_count;
	take_names(c, "own", raw->own, raw->own_count, &guard->own);
}

/* Guards the host of a URL, if that is one with a name. */
static void take_host(struct nameset *set, const char *url)
{
	char host[URL_MAX + 1];
	name_storage wire;
	enum reject reject;
	struct namekey key;
	if (!url || strncmp(url, "file:", 5) == 0)
		return;
	enum url_kind kind = url_host(url, strlen(url), host);
	int length = kind == URL_HOST || kind == URL_PAGE ? normalise(host, strlen(host), wire, &reject) : -1;
	if (length < 0)
		return;
	namekey_of(&key, wire, (size_t)length);
	if (nameset_add(set, &key, 0) != 0) {
		log_error("out of memory");
		exit(2);
	}
}

void check_feed_hosts(struct check *c)
{
	struct nameset *hosts = &c->config->guard.hosts;
	for (size_t i = 0; i < c->config->feed_count; i++) {
		take_host(hosts, c->config->feeds[i].url);
		take_host(hosts, c->config->feeds[i].trust.signature);
	}
	for (unsigned i = 0; i < c->config->resolver.forward_count; i++) {
		const char *name = strchr(c->config->resolver.forward[i], '#');
		take_host(hosts, name ? name + 1 : NULL);
	}
	nameset_sort(hosts);
}

/* A limit in per cent, or what holds where it is not set. */
static uint32_t read_percent(struct check *c, const char *key, const unsigned *raw, uint32_t otherwise, unsigned most)
{
	if (raw && *raw > most)
		complain(c, key, "at most %u per cent", most);
	return raw ? *raw : otherwise;
}

/* Phishing lists change quickly, and a server may have been away for days. */
enum { DEFAULT_CHURN = 75 };

/* Of what may go without others in its place as much may go with them. */
static uint32_t default_churn(const struct raw_feed *raw)
{
	return raw->max_shrink && *raw->max_shrink > DEFAULT_CHURN ? *raw->max_shrink : DEFAULT_CHURN;
}

/* A file of this machine is edited by its keeper, who may halve or double it; what a server sends is nobody's wish. */
void check_feed_guards(struct check *c, const struct raw_feed *raw, struct feed_config *feed)
{
	feed->limits = (struct alarm_limits){
		.min_entries = raw->min_entries ? *raw->min_entries : 0,
		.max_shrink = read_percent(c, "max-shrink", raw->max_shrink, feed->own ? PERCENT_NEVER : 50, 100),
		.max_growth =
			read_percent(c, "max-growth", raw->max_growth, feed->own ? PERCENT_NEVER : 200, MAX_PERCENT),
		.max_churn = read_percent(
			c, "max-churn", raw->max_churn, feed->own ? PERCENT_NEVER : default_churn(raw), 100),
		.max_rejected = read_percent(c, "max-rejected", raw->max_rejected, 50, 100),
	};
	take_names(c, "unguarded", raw->unguarded, raw->unguarded_count, &feed->unguarded);
	feed->options.unguarded = &feed->unguarded;
}

void check_table_limits(struct check *c)
{
	c->section = NULL;
	c->config->table_limits = (struct alarm_limits){
		.max_shrink = read_percent(c, "table-max-shrink", c->raw->table_max_shrink,
			config_all_own(c->config) ? PERCENT_NEVER : 50, 100),
		.max_growth = read_percent(c, "table-max-growth", c->raw->table_max_growth, PERCENT_NEVER, MAX_PERCENT),
		.max_churn = PERCENT_NEVER,
		.max_rejected = PERCENT_NEVER,
	};
}

static void print_limit(const char *prefix, const char *setting, uint32_t limit)
{
	if (limit != PERCENT_NEVER)
		printf(" %s%s %u", prefix, setting, limit);
}

void print_limits(const char *prefix, const struct alarm_limits *limits)
{
	printf("  alarms:");
	print_limit(prefix, "max-shrink", limits->max_shrink);
	print_limit(prefix, "max-growth", limits->max_growth);
	print_limit(prefix, "max-churn", limits->max_churn);
	print_limit(prefix, "max-rejected", limits->max_rejected);
	if (limits->min_entries > 0)
		print_limit(prefix, "min-entries", limits->min_entries);
	putchar('\n');
}
