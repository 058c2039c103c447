/* SPDX-License-Identifier: BSD-3-Clause */
/* Guards and alarms: what must never be blocked, and how much of a feed may change at once. */
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/url.h"
#include "feedsync/config/check.h"
#include "feedsync/entries/normalise.h"

void check_guard(struct check *c)
{
	const struct written_guard *written = &c->file->guard;
	struct guard_config *guard = &c->config->guard;
	*guard = (struct guard_config){.state = c->config->state,
		.suffix_list = c->file->suffix_list,
		.warninglists = written->warninglists.text,
		.warninglist_count = written->warninglists.count,
		.names = written->names.text,
		.names_count = written->names.count};
	take_names(&guard->own, &written->own);
}

/* Guards the host of a URL, if it is a name. */
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

/* Phishing lists change quickly, and a server may have been away for days. Where the operator lets more of a feed
 * vanish (`max-shrink`), as much may be replaced. */
static uint32_t default_churn(const struct written_feed *written)
{
	enum { CHURN = 75 };
	return was_written(&written->at, "max-shrink") && written->max_shrink > CHURN ? written->max_shrink : CHURN;
}

/* A file of this machine has no limits: the operator edits it, and may halve or double it on purpose. What a server
 * sends nobody here decides. */
void check_feed_limits(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	(void)c;
	const struct written *at = &written->at;
	const bool own = feed->own;
	feed->limits = (struct alarm_limits){
		.min_entries = written->min_entries,
		.max_shrink = was_written(at, "max-shrink") ? written->max_shrink
			      : own                         ? PERCENT_NEVER
							    : 50,
		.max_growth = was_written(at, "max-growth") ? written->max_growth
			      : own                         ? PERCENT_NEVER
							    : 200,
		.max_churn = was_written(at, "max-churn") ? written->max_churn
			     : own                        ? PERCENT_NEVER
							  : default_churn(written),
		.max_rejected = written->max_rejected,
	};
	take_names(&feed->unguarded, &written->unguarded);
}

void check_table_limits(struct check *c)
{
	const struct written_file *file = c->file;
	c->config->table_limits = (struct alarm_limits){
		.max_shrink = was_written(&file->at, "table-max-shrink") ? file->table_max_shrink
			      : config_all_own(c->config)                ? PERCENT_NEVER
									 : 50,
		.max_growth = was_written(&file->at, "table-max-growth") ? file->table_max_growth : PERCENT_NEVER,
		.max_churn = PERCENT_NEVER,
		.max_rejected = PERCENT_NEVER,
	};
}
