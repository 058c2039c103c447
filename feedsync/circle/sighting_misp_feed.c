/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings as a MISP feed, for who fetches it from a directory: an event of each day, an attribute of each name. MISP shows by its
 * correlation by value which events of others have the name. To sight those is left to who takes the feed: no feed can sight
 * attributes of other events.
 *
 * Nothing of a day ever changes, so that who has an event need not take it again; and what is left out later stays with who has
 * it. No attribute is for detection (to_ids): the feed says that a name was hit, not that it is malicious. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/misp_nodes.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/sighting_store.h"
#include "feedsync/circle/sighting_way.h"
#include "feedsync/trends/period.h"
#include "libweir/errors.h"

#define MANIFEST_FILE "manifest.json"

struct feed_writing {
	const struct sighting_files *files;
	const char *directory;
	struct rendered_file manifest, hashes;
	/* the event at hand */
	struct rendered_file event;
	uint64_t day;        /* 0: there is none */
	struct marking most; /* the most restrictive of its attributes */
	char uuid[UUID_TEXT];
	bool others; /* the manifest has events */
};

/* By what it is known: the name alone. */
static bool identify_name(const struct sink *sink, struct sighting_identifiers *identifiers)
{
	(void)sink, (void)identifiers;
	return true;
}

/* ---- an event ---- */

static struct node *attribute_node(const struct feed_writing *w, const struct sighting *s)
{
	struct node *node = node_object();
	const char *source = w->files->partner->source;
	const bool hit = s->type == SIGHTING_HIT;
	char comment[512], time[TIMESTAMP_ROOM + 16];
	if (!hit)
		snprintf(comment, sizeof comment, "false positive: it is let pass here; %.255s", source);
	else if (s->hits > 0)
		snprintf(comment, sizeof comment, "hit on this day; hits %" PRIu64 "; %.255s", s->hits, source);
	else
		snprintf(comment, sizeof comment, "hit on this day; %.255s", source);
	node_put(node, "Tag", misp_tags_node(&s->marking));
	node_put(node, "category", node_from_text("Network activity"));
	node_put(node, "comment", node_from_text(comment));
	node_put(node, "deleted", node_from_bool(false));
	node_put(node, "disable_correlation", node_from_bool(false));
	if (hit) {
		node_put(node, "first_seen", node_from_text(print_instant(s->day * ONE_DAY_S, ".000000+00:00", time)));
		node_put(node, "last_seen", node_from_text(print_instant(s->at, ".000000+00:00", time)));
	}
	node_put(node, "timestamp", node_from_digits((s->day + 1) * ONE_DAY_S));
	node_put(node, "to_ids", node_from_bool(false));
	node_put(node, "type", node_from_text(s->scope == SCOPE_SUBTREE ? "domain" : "hostname"));
	node_put(node, "uuid", node_from_text(s->uuid));
	node_put(node, "value", node_from_text(s->name));
	return node;
}

/* What event and manifest tell of it. */
static void put_event_words(struct node *node, const struct feed_writing *w)
{
	const struct organisation *organisation = w->files->organisation;
	char day[PERIOD_TEXT], info[512];
	period_text((struct period){w->day, w->day}, day);
	snprintf(info, sizeof info, "Sightings of %.200s, %s", organisation->name, day);
	node_put(node, "Orgc", misp_orgc_node(organisation));
	node_put(node, "Tag", misp_tags_node(&w->most));
	node_put(node, "analysis", node_from_text("2")); /* completed */
	node_put(node, "date", node_from_text(day));
	node_put(node, "info", node_from_text(info));
}

static struct node *event_node(const struct feed_writing *w)
{
	struct node *node = node_object();
	put_event_words(node, w);
	node_put(node, "extends_uuid", node_from_text(""));
	node_put(node, "protected", node_from_bool(false));
	node_put(node, "publish_timestamp", node_from_digits((w->day + 1) * ONE_DAY_S));
	node_put(node, "published", node_from_bool(true));      /* else whoever takes it has a draft */
	node_put(node, "threat_level_id", node_from_text("4")); /* undefined */
	node_put(node, "timestamp", node_from_digits((w->day + 1) * ONE_DAY_S));
	node_put(node, "uuid", node_from_text(w->uuid));
	return node;
}

static struct node *manifest_node(const struct feed_writing *w, const char *sha256)
{
	struct node *node = node_object();
	put_event_words(node, w);
	node_put(node, "integrity:sha256", node_from_text(sha256));
	node_put(node, "threat_level_id", node_from_text("4"));
	node_put(node, "timestamp", node_from_digits((w->day + 1) * ONE_DAY_S));
	return node;
}

static int begin_event(struct feed_writing *w, uint64_t day, struct why *why)
{
	char text[PERIOD_TEXT], name[UUID_TEXT + 8];
	const char *const parts[] = {
		"sightings", w->files->partner->name, period_text((struct period){day, day}, text), NULL};
	uuid5_join(w->uuid, w->files->organisation->uuid, parts);
	snprintf(name, sizeof name, "%s.json", w->uuid);
	int status = rendered_file_open(&w->event, w->directory, name, why);
	if (status != 0)
		return status;
	w->day = day;
	w->most = (struct marking){TLP_NONE, PAP_NONE};
	fputs("{\"Event\":{\"Attribute\":[\n", w->event.out);
	return 0;
}

/* Ends the event at hand, if there is one, and lets the manifest vouch for it. */
static int end_event(struct feed_writing *w, struct why *why)
{
	char sha256[SHA256_TEXT];
	struct why unclosed;
	if (w->day == 0)
		return 0;
	fputs("],\n", w->event.out);
	int printed = print_members(w->event.out, event_node(w));
	fputs("}}\n", w->event.out);
	int status = printed == 0 ? 0 : why_set(why, printed, "%.150s: %s", w->event.path, error_text(printed));
	int closed = rendered_file_close(&w->event, (w->day + 1) * ONE_DAY_S, status == 0 ? why : &unclosed);
	status = status != 0 ? status : closed;
	if (status == 0)
		status = digest_sha256_file(sha256, w->event.path, why);
	if (status == 0) {
		fprintf(w->manifest.out, "%s\"%s\":", w->others ? ",\n" : "\n", w->uuid);
		printed = print_object(w->manifest.out, manifest_node(w, sha256));
		status = printed == 0 ? 0 : why_set(why, printed, MANIFEST_FILE ": %s", error_text(printed));
	}
	w->others = true;
	w->day = 0;
	return status;
}

/* What MISP looks values up by without fetching the events. */
static void add_hash(struct feed_writing *w, const struct sighting *s)
{
	char md5[MD5_TEXT];
	digest_md5(md5, s->name, strlen(s->name));
	fprintf(w->hashes.out, "%s,%s\n", md5, w->uuid);
}

static int take_told(void *context, const struct sighting *s, struct why *why)
{
	struct feed_writing *w = context;
	bool first = s->day != w->day;
	int status = first ? end_event(w, why) : 0;
	if (status == 0 && first)
		status = begin_event(w, s->day, why);
	if (status != 0)
		return status;
	fputs(first ? "" : ",\n", w->event.out);
	add_hash(w, s);
	if (s->marking.tlp > w->most.tlp)
		w->most.tlp = s->marking.tlp;
	if (s->marking.pap > w->most.pap)
		w->most.pap = s->marking.pap;
	status = print_object(w->event.out, attribute_node(w, s));
	return status == 0 ? 0 : why_set(why, status, "%.150s: %s", w->event.path, error_text(status));
}

/* ---- the feed ---- */

static int write_days(struct feed_writing *w, struct why *why)
{
	const struct sighting_files *files = w->files;
	struct why unended;
	fputs("{", w->manifest.out);
	int status =
		sighting_store_told(files->store, files->partner->name, files->made, files->first, take_told, w, why);
	int ended = end_event(w, status == 0 ? why : &unended);
	fputs(w->others ? "\n}\n" : "}\n", w->manifest.out);
	return status != 0 ? status : ended;
}

static int render_sighting_feed(const struct sighting_files *files, const char *directory, struct why *why)
{
	struct feed_writing w = {.files = files, .directory = directory};
	struct why later;
	int status = rendered_file_open(&w.manifest, directory, MANIFEST_FILE, why);
	if (status != 0)
		return status;
	status = rendered_file_open(&w.hashes, directory, "hashes.csv", why);
	if (status == 0) {
		status = write_days(&w, why);
		int closed = rendered_file_close(&w.hashes, files->at, status == 0 ? why : &later);
		status = status != 0 ? status : closed;
	}
	int closed = rendered_file_close(&w.manifest, files->at, status == 0 ? why : &later);
	return status != 0 ? status : closed;
}

const struct sighting_way sighting_way_misp_feed = {.word = "misp-feed",
	.made = "misp-feed",
	.identify = identify_name,
	.main_file = MANIFEST_FILE,
	.render = render_sighting_feed};
