/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/sync/publish_table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/guard/last_good.h"
#include "feedsync/publish/amend.h"
#include "feedsync/publish/hold.h"
#include "feedsync/publish/local_resolvers.h"
#include "feedsync/publish/publication.h"
#include "feedsync/publish/state_dir.h"
#include "feedsync/publish/table_alarm.h"
#include "feedsync/sync/inputs.h"
#include "feedsync/sync/making.h"
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

/* Publishes the operator's own part when no table can be made of what the feeds hold. All that is published of the
 * feeds stays. The operator's own lists, and what is configured for all feeds, are published all the same: a feed never
 * holds them up. */
static void publish_own(struct making *m, bool *published)
{
	struct why why;
	if (m->publication->lock < 0)
		return;
	m->waits = true; /* what is published stays, so this takes no longer than a command */
	for (size_t i = 0; i < m->alarm.shares.count; i++)
		m->alarm.shares.share[i].withheld = true;
	if (!m->publication->base && m->compile.rule_count + m->compile.override_count == 0)
		return;
	if (m->publication->base)
		m->compile.key = table_header(m->publication->base)->key;
	m->compile.feed_count = 0;
	m->publication->cause = "operator";
	if (making_publish(m, false, published, &why) != 0)
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
		making_set_feeds(m);
		status = making_publish(m, true, published, why);
	} while (status == MAKING_WITHHELD);
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
	making_set_feeds(m);
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
	if (status < 0)
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

/* A table that is held changes only by commands, and as what they gave ends. */
static void publish_held(
	struct sync *sync, struct publication *p, const struct overrides *overrides, struct sync_table *result)
{
	p->cause = "operator";
	result->status = amend_ended(p, overrides, &sync->told, &result->published, &result->why);
	result->error_class = error_class_from_code(result->status);
	if (!result->published)
		return;
	sync->generation = p->generation;
	log_info("%s: generation %llu published: what was allowed or blocked by command has ended", sync->config->table,
		(unsigned long long)p->generation);
}

/* Makes one table, and publishes it. `waits`: others wait until it is done. Returns whether nothing came of it, since others
 * have published meanwhile. */
static bool publish_once(
	struct sync *sync, const struct guard *guard, uint64_t fetch_ms, bool waits, struct sync_table *result)
{
	struct publication p;
	struct hold hold;
	struct overrides overrides = {0};
	bool logged, whole = false, overtaken = false;
	*result = (struct sync_table){0};
	for (size_t i = 0; i < sync->config->feed_count; i++)
		sync->feeds[i].run.damaged = false;
	result->status = publication_begin(&p, sync->config, sync->cause, &result->why);
	if (result->status == 0)
		publication_archive_base(&p);
	if (result->status == 0)
		result->status = overrides_read(&overrides, sync->config, &result->why);
	result->error_class = error_class_from_code(result->status);
	hold_read(&hold, sync->config->state);
	result->held = hold.held;
	if (hold.why.text[0])
		log_warning("%s", hold.why.text);
	p.fetch_ms = fetch_ms;
	if (result->status == 0 && !hold.held) {
		struct making making;
		making_begin(&making, sync, guard, &p, &overrides);
		making.waits = waits;
		result->status = publish_table(&making, &result->published, &result->why);
		result->error_class = class_of_end(&making, result->status);
		whole = result->status == 0 && is_whole(&making);
		making_end(&making);
		overtaken = result->status == MAKING_OVERTAKEN;
		if (result->published)
			local_resolvers_tell(&sync->told, sync->config->run, sync->config->table);
	} else if (result->status == 0) {
		publish_held(sync, &p, &overrides, result);
	}
	if (overtaken) {
		logged = false;
	} else if (result->published) {
		/* A held table's feeds are those of its own time. */
		logged = publication_log(&p, result->status == 0 && !result->held ? sync->feeds : NULL);
	} else {
		logged = publication_log_base(&p);
	}
	if (whole && logged && sync->generation > 0)
		inputs_note_made(sync, sync->inputs);
	overrides_end(&overrides);
	publication_end(&p);
	return overtaken;
}

/* `allow` and `block` do not wait for a table that is being made, so one may be overtaken. It is made again, the last time with
 * the others waiting: whoever gives many commands does not keep it from being made for ever. */
void sync_table_publish(struct sync *sync, const struct guard *guard, uint64_t fetch_ms, struct sync_table *result)
{
	unsigned left = OVERTAKEN_TRIES;
	while (publish_once(sync, guard, fetch_ms, left == 0, result)) {
		log_info("the table that was being made is made again: %s", result->why.text);
		left--;
	}
}
