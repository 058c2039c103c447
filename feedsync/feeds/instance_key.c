/* SPDX-License-Identifier: BSD-3-Clause */
/* A key of MISP decides what is seen. The key of a site administrator shows what other organisations keep for themselves. A
 * user's own setting is added by MISP to each question, so that it hides attributes without a word. */
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

#define SETTING "default_restsearch_parameters"

/* Whether the user has the setting. Settings come as an object, or as an array of objects with "setting" and "value". */
static bool has_setting(const struct node *settings)
{
	const struct node *value = node_get(settings, SETTING);
	for (size_t i = 0; i < node_count(settings); i++)
		if (node_is(node_get(node_at(settings, i), "setting"), SETTING))
			value = node_get(node_at(settings, i), "value");
	bool empty = node_is_null(value) || (node_is_array(value) && node_count(value) == 0);
	return !empty;
}

static void describe_key(const struct node *user, char *text, size_t room)
{
	bool admin = node_truth(node_get(node_get(user, "Role"), "perm_site_admin"));
	bool setting = has_setting(node_get(user, "UserSetting"));
	snprintf(text, room, "%s%s%s",
		admin ? "it is a site administrator's: events that other organisations keep for themselves are "
			"blocked, "
			"too"
		      : "",
		admin && setting ? "; " : "",
		setting ? "its user has the setting " SETTING " in MISP, which may hide names from it" : "");
}

void note_key(struct instance *instance)
{
	struct feed *feed = instance->feed;
	struct feed_record *record = &feed->record;
	struct fetch fetch;
	struct node *user;
	struct why why;
	if (record->key_asked_at > 0 && !instance->everything && wall_ago(record->key_asked_at) < ONE_DAY_S)
		return;
	record->key_asked_at = wall_now();
	record->key_note[0] = '\0';
	prepare_question(instance, &fetch);
	if (instance_url(feed, "users/view/me", fetch.url) != 0)
		return;
	fetch_all(&fetch, 1, instance->deadline);
	if (fetch.status != FETCH_OK || load_answer(&fetch, &user, &why) != 0)
		return;
	describe_key(user, record->key_note, sizeof record->key_note);
	node_free(user);
	if (record->key_note[0])
		log_warning("feed %s: its key: %s", feed->config->name, record->key_note);
}
