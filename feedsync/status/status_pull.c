/* SPDX-License-Identifier: BSD-3-Clause */
/* What `feedsync status` shows of a table that is pulled. */
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/units.h"
#include "feedsync/status/status_private.h"

static void print_offer(const struct report *r)
{
	char when[UNITS_TEXT];
	if (r->pull.offered_serial > 0)
		printf("  serial %llu was offered %s%s\n", (unsigned long long)r->pull.offered_serial,
			ago_text(r->now, r->pull.offered_at, when),
			r->pull_state == CONDITION_WELL ? "; it is fetched when the time of this host has come" : "");
}

void status_pull_words(const struct report *r)
{
	const struct pull_record *pull = &r->pull;
	char url[URL_MAX + 1], when[UNITS_TEXT], looked[UNITS_TEXT];
	if (!r->config->pull.url)
		return;
	printf("pull %s: %s", url_public(r->config->pull.url, url), condition_row(r->pull_state)->word);
	if (pull->manifest[0])
		printf(", channel %s, serial %llu of %s, in force since %s", pull->channel,
			(unsigned long long)pull->serial, ago_text(r->now, pull->created, when),
			ago_text(r->now, pull->taken_at, looked));
	if (pull->tried_at > 0)
		printf(", looked %s", ago_text(r->now, pull->tried_at, looked));
	putchar('\n');
	if (pull->unread.text[0])
		printf("  %s\n", pull->unread.text);
	if (pull->manifest[0] && pull->expires > r->now)
		printf("  it expires in %s, signed by key %s\n", span_text(pull->expires - r->now, when), pull->key);
	else if (pull->manifest[0])
		printf("  it expired %s, signed by key %s\n", ago_text(r->now, pull->expires, when), pull->key);
	print_offer(r);
	if (pull->error[0])
		printf("  failing since %s, %llu time%s in a row: %s\n", ago_text(r->now, pull->failed_at, when),
			(unsigned long long)pull->failures, pull->failures == 1 ? "" : "s", pull->error);
}

struct node *status_pull_json(const struct report *r)
{
	const struct pull_record *pull = &r->pull;
	char url[URL_MAX + 1];
	if (!r->config->pull.url)
		return node_from_text(NULL);
	struct node *node = node_object();
	node_put(node, "url", node_from_text(url_public(r->config->pull.url, url)));
	node_put(node, "well", node_from_bool(r->pull_state == CONDITION_WELL));
	node_put(node, "channel", node_from_text(pull->channel));
	node_put(node, "serial", node_from_number(pull->serial));
	node_put(node, "key", node_from_text(pull->key));
	node_put(node, "created", node_from_number(pull->created));
	node_put(node, "expires", node_from_number(pull->expires));
	node_put(node, "generation", node_from_number(pull->generation));
	node_put(node, "sha256", node_from_text(pull->table));
	node_put(node, "taken_at", node_from_number(pull->taken_at));
	node_put(node, "tried_at", node_from_number(pull->tried_at));
	node_put(node, "well_at", node_from_number(pull->well_at));
	node_put(node, "offered_serial", node_from_number(pull->offered_serial));
	node_put(node, "offered_at", node_from_number(pull->offered_at));
	node_put(node, "failed_at", node_from_number(pull->failed_at));
	node_put(node, "failures", node_from_number(pull->failures));
	node_put(node, "error", node_from_text(pull->unread.text[0] ? pull->unread.text : pull->error));
	node_put(node, "error_class", node_from_text(error_class_word(pull->error_class)));
	node_put(node, "octets", node_from_number(pull->octets));
	node_put(node, "deltas", node_from_number(pull->deltas));
	node_put(node, "tables", node_from_number(pull->tables));
	node_put(node, "refusals", node_from_number(pull->refusals));
	node_put(node, "wakes", node_from_number(pull->wakes));
	return node;
}
