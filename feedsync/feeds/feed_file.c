/* SPDX-License-Identifier: BSD-3-Clause */
/* feed.json: what is kept of a feed between runs. See feed.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/feed.h"
#include "feedsync/base/uuid.h"
#include "libweir/errors.h"

static void read_parsed(struct parse_report *parsed, const struct node *object)
{
	const struct node *rejected = node_get(object, "rejected"), *samples = node_get(object, "samples");
	*parsed = (struct parse_report){.counts.entries = node_number_at(object, "entries")};
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		parsed->counts.rejected[r] = node_number_at(rejected, reject_key(r));
	for (size_t i = 0; i < node_count(samples) && parsed->samples.count < MAX_SAMPLES; i++) {
		const char *reason = node_text(node_get(node_at(samples, i), "reason"), NULL);
		enum reject r = 0;
		while (r < REJECT_COUNT && reason && strcmp(reject_key(r), reason) != 0)
			r++;
		if (!reason || r == REJECT_COUNT)
			continue;
		struct sample *sample = &parsed->samples.sample[parsed->samples.count++];
		sample->reject = r;
		node_words_at(node_at(samples, i), "entry", sample->text, sizeof sample->text);
	}
}

static enum alarm read_alarm(const struct node *known, const char *member)
{
	const char *key = node_text(node_get(known, member), NULL);
	for (enum alarm alarm = 0; key && alarm < ALARM_COUNT; alarm++)
		if (strcmp(alarm_key(alarm), key) == 0)
			return alarm;
	return ALARM_NONE;
}

static void read_events(struct feed *feed, const struct node *list)
{
	size_t count = node_count(list);
	feed->events = xcalloc(count, sizeof *feed->events);
	for (size_t i = 0; i < count && i < MAX_EVENTS; i++) {
		struct feed_event *event = &feed->events[feed->event_count];
		node_text_at(node_at(list, i), "uuid", event->uuid, sizeof event->uuid);
		event->timestamp = node_number_at(node_at(list, i), "timestamp");
		node_text_at(node_at(list, i), "etag", event->etag, sizeof event->etag);
		node_text_at(node_at(list, i), "last_modified", event->last_modified, sizeof event->last_modified);
		event->asked_at = node_number_at(node_at(list, i), "asked_at");
		event->fetched_at = node_number_at(node_at(list, i), "fetched_at");
		node_text_at(node_at(list, i), "sha256", event->sha256, sizeof event->sha256);
		feed->event_count += uuid_is_valid(event->uuid);
	}
}

void feed_directory(const char *state, const char *name, char path[FEED_DIRECTORY])
{
	snprintf(path, FEED_DIRECTORY, "%s/feeds/%s", state, name);
}

int feed_read(struct feed *feed, struct why *why)
{
	const struct feed_config *config = feed->config;
	char path[2304];
	struct node *known;
	struct why reason;
	snprintf(path, sizeof path, "%s/feed.json", feed->directory);
	int status = json_load(&known, path, MAX_BODY, &reason);
	feed->unread = status != 0 && status != -ENOENT && status != -EBADMSG && status != -EFBIG;
	if (feed->unread)
		return why_set(why, status, "%s: %s", path, reason.text);
	if (status != 0 && status != -ENOENT)
		log_warning("%s: %s; treated as a new feed", path, reason.text);
	node_text_at(known, "url", feed->record.url, sizeof feed->record.url);
	node_text_at(known, "format", feed->record.format, sizeof feed->record.format);
	if (strcmp(feed->record.format, config->format->name) != 0) {
		node_free(known); /* a record of the feed in another syntax says nothing about this one */
		known = NULL;
	} else if (strcmp(feed->record.url, config->url) == 0) {
		node_text_at(known, "etag", feed->record.etag, sizeof feed->record.etag);
		node_text_at(known, "last_modified", feed->record.last_modified, sizeof feed->record.last_modified);
		read_events(feed, node_get(known, "events"));
		feed->record.retry_at = node_number_at(known, "retry_at");
	}
	node_text_at(known, "sum", feed->record.sum, sizeof feed->record.sum);
	node_text_at(known, "next_sum", feed->record.next_sum, sizeof feed->record.next_sum);
	feed->record.asked_at = node_number_at(known, "asked_at");
	feed->record.fetched_at = node_number_at(known, "fetched_at");
	feed->record.current_at = node_number_at(known, "current_at");
	feed->record.changed_at = node_number_at(known, "changed_at");
	feed->record.failures = node_number_at(known, "failures");
	feed->record.next_at = node_number_at(known, "next_at");
	feed->record.missing = node_number_at(known, "missing");
	feed->record.received = node_number_at(known, "received");
	feed->record.edited = node_number_at(known, "edited");
	feed->record.edited_at = node_number_at(known, "edited_at");
	feed->record.key_asked_at = node_number_at(known, "key_asked_at");
	node_words_at(known, "key_note", feed->record.key_note, sizeof feed->record.key_note);
	feed->record.signed_at = node_number_at(known, "signed_at");
	node_words_at(known, "signer", feed->record.signer, sizeof feed->record.signer);
	feed->record.reference = node_number_at(known, "reference");
	feed->record.lapsed = node_number_at(known, "lapsed");
	feed->record.expired = node_number_at(known, "expired");
	feed->record.alarm = read_alarm(known, "alarm");
	feed->record.withheld_alarm = read_alarm(known, "withheld_alarm");
	node_words_at(known, "redirected_to", feed->record.redirected_to, sizeof feed->record.redirected_to);
	node_words_at(known, "withheld", feed->record.withheld, sizeof feed->record.withheld);
	node_words_at(known, "error", feed->record.error, sizeof feed->record.error);
	feed->record.error_class = error_class_from_word(node_text(node_get(known, "error_class"), NULL));
	read_parsed(&feed->record.parsed, known);
	snprintf(feed->record.url, sizeof feed->record.url, "%s", config->url);
	snprintf(feed->record.format, sizeof feed->record.format, "%s", config->format->name);
	node_free(known);
	return 0;
}

void feed_begin(struct feed *feed, const struct feed_config *config, const char *state)
{
	struct why why;
	*feed = (struct feed){.config = config};
	feed_directory(state, config->name, feed->directory);
	snprintf(feed->good, sizeof feed->good, "%s/good.%s", feed->directory, config->format->name);
	snprintf(feed->next, sizeof feed->next, "%s/next", feed->directory);
	if (feed_read(feed, &why) != 0) {
		feed->record.failures = 1;
		feed->record.error_class = ERROR_DISK;
		snprintf(feed->record.error, sizeof feed->record.error, "%s", why.text);
	}
}

void feed_end(struct feed *feed)
{
	free(feed->events);
	feed->events = NULL;
}

static struct node *rejects_to_json(const struct parse_counts *counts)
{
	struct node *rejected = node_object();
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		if (counts->rejected[r] > 0)
			node_put(rejected, reject_key(r), node_from_number(counts->rejected[r]));
	return rejected;
}

static struct node *samples_to_json(const struct samples *from)
{
	struct node *samples = node_array();
	for (unsigned i = 0; i < from->count; i++) {
		struct node *sample = node_object();
		node_put(sample, "reason", node_from_text(reject_key(from->sample[i].reject)));
		node_put(sample, "entry", node_from_text(from->sample[i].text));
		node_append(samples, sample);
	}
	return samples;
}

struct node *feed_to_json(const struct feed *feed)
{
	struct node *known = node_object();
	char url[URL_MAX + 1];
	node_put(known, "url", node_from_text(url_public(feed->record.url, url)));
	node_put(known, "format", node_from_text(feed->record.format));
	node_put(known, "etag", node_from_text(feed->record.etag));
	node_put(known, "last_modified", node_from_text(feed->record.last_modified));
	node_put(known, "sum", node_from_text(feed->record.sum));
	node_put(known, "next_sum", node_from_text(feed->record.next_sum));
	node_put(known, "asked_at", node_from_number(feed->record.asked_at));
	node_put(known, "fetched_at", node_from_number(feed->record.fetched_at));
	node_put(known, "current_at", node_from_number(feed->record.current_at));
	node_put(known, "changed_at", node_from_number(feed->record.changed_at));
	node_put(known, "failures", node_from_number(feed->record.failures));
	node_put(known, "next_at", node_from_number(feed->record.next_at));
	node_put(known, "retry_at", node_from_number(feed->record.retry_at));
	node_put(known, "error", node_from_text(feed->record.error));
	node_put(known, "error_class", node_from_text(error_class_word(feed->record.error_class)));
	node_put(known, "signed_at", node_from_number(feed->record.signed_at));
	node_put(known, "signer", node_from_text(feed->record.signer));
	node_put(known, "alarm", node_from_text(alarm_key(feed->record.alarm)));
	node_put(known, "redirected_to", node_from_text(feed->record.redirected_to));
	node_put(known, "withheld", node_from_text(feed->record.withheld));
	node_put(known, "withheld_alarm", node_from_text(alarm_key(feed->record.withheld_alarm)));
	node_put(known, "missing", node_from_number(feed->record.missing));
	node_put(known, "received", node_from_number(feed->record.received));
	node_put(known, "edited", node_from_number(feed->record.edited));
	node_put(known, "edited_at", node_from_number(feed->record.edited_at));
	node_put(known, "key_asked_at", node_from_number(feed->record.key_asked_at));
	node_put(known, "key_note", node_from_text(feed->record.key_note));
	node_put(known, "reference", node_from_number(feed->record.reference));
	node_put(known, "lapsed", node_from_number(feed->record.lapsed));
	node_put(known, "expired", node_from_number(feed->record.expired));
	node_put(known, "entries", node_from_number(feed->record.parsed.counts.entries));
	node_put(known, "rejected", rejects_to_json(&feed->record.parsed.counts));
	node_put(known, "samples", samples_to_json(&feed->record.parsed.samples));
	return known;
}

static struct node *events_to_json(const struct feed *feed)
{
	struct node *events = node_array();
	for (size_t i = 0; i < feed->event_count; i++) {
		struct node *event = node_object();
		node_put(event, "uuid", node_from_text(feed->events[i].uuid));
		node_put(event, "timestamp", node_from_number(feed->events[i].timestamp));
		node_put(event, "etag", node_from_text(feed->events[i].etag));
		node_put(event, "last_modified", node_from_text(feed->events[i].last_modified));
		node_put(event, "asked_at", node_from_number(feed->events[i].asked_at));
		node_put(event, "fetched_at", node_from_number(feed->events[i].fetched_at));
		node_put(event, "sha256", node_from_text(feed->events[i].sha256));
		node_append(events, event);
	}
	return events;
}

int feed_save(const struct feed *feed, struct why *why)
{
	char path[2304];
	snprintf(path, sizeof path, "%s/feed.json", feed->directory);
	struct node *known = feed_to_json(feed);
	/* the whole URL, since another key in it may lead to another feed */
	node_put(known, "url", node_from_text(feed->record.url));
	node_put(known, "events", events_to_json(feed));
	return json_publish(known, path, MODE_PRIVATE, why);
}
