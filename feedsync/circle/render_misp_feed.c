/* SPDX-License-Identifier: BSD-3-Clause */
/* A MISP feed: manifest.json, <event uuid>.json for each event, hashes.csv. The manifest vouches for the events by their
 * SHA-256, so that its signature is one of all.
 *
 * Who takes the feed skips an event whose timestamp is not greater than that of his own version, and so each attribute. So an
 * event's is that of its last change, which grows with each (item.h). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/digest.h"
#include "feedsync/circle/misp_nodes.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendered_json.h"
#include "libweir/errors.h"

static void name_manifest(const struct output *output, char name[FILE_NAME_ROOM])
{
	(void)output;
	snprintf(name, FILE_NAME_ROOM, "manifest.json");
}

/* ---- events ---- */

static int by_event(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;
	int order = strcmp((*x)->event, (*y)->event);
	return order != 0 ? order : item_compare(*x, *y);
}

/* The event that begins with the first of `count` sorted items. */
static struct misp_group first_group(const struct item *const *items, size_t count)
{
	struct misp_group group = {.items = items};
	while (group.count < count && strcmp(items[group.count]->event, items[0]->event) == 0) {
		uint64_t changed_at = items[group.count++]->changed_at;
		group.changed_at = changed_at > group.changed_at ? changed_at : group.changed_at;
	}
	return group;
}

/* Attributes, a line each, then the members of the event: so the names of the members are in order. */
static int print_event_text(FILE *out, const struct release *release, const struct misp_group *group)
{
	int status = 0;
	fputs("{\"Event\":{\"Attribute\":[\n", out);
	for (size_t i = 0; status == 0 && i < group->count; i++) {
		fputs(i > 0 ? ",\n" : "", out);
		status = print_object(out, misp_attribute_node(group->items[i]));
	}
	fputs("],\n", out);
	if (status == 0)
		status = print_members(out, misp_event_node(release, group));
	fputs("}}\n", out);
	return status;
}

static int write_event_file(const struct release *release, const char *directory, const struct misp_group *group,
	char sha256[SHA256_TEXT], struct why *why)
{
	struct rendered_file file;
	char name[UUID_TEXT + 8];
	snprintf(name, sizeof name, "%s.json", group->items[0]->event);
	int status = rendered_file_open(&file, directory, name, why);
	if (status != 0)
		return status;
	int printed = print_event_text(file.out, release, group);
	status = rendered_file_close(&file, group->changed_at, why);
	if (printed != 0)
		return why_set(why, printed, "%.150s: %s", file.path, error_text(printed));
	return status == 0 ? digest_sha256_file(sha256, file.path, why) : status;
}

/* ---- the manifest ---- */

/* Writes all events, and a line of the manifest for each. */
static int write_events(const struct release *release, const char *directory, const struct item *const *items,
	FILE *manifest, struct why *why)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < release->count;) {
		struct misp_group group = first_group(items + i, release->count - i);
		char sha256[SHA256_TEXT];
		status = write_event_file(release, directory, &group, sha256, why);
		if (status != 0)
			continue;
		fprintf(manifest, "%s\"%s\":", i > 0 ? ",\n" : "\n", items[i]->event);
		status = print_object(manifest, misp_manifest_node(release, &group, sha256));
		if (status != 0)
			why_set(why, status, "manifest.json: %s", error_text(status));
		i += group.count;
	}
	return status;
}

static int write_manifest_and_events(
	const struct release *release, const char *directory, const struct item *const *items, struct why *why)
{
	struct rendered_file manifest;
	struct why reason;
	int status = rendered_file_open(&manifest, directory, "manifest.json", why);
	if (status != 0)
		return status;
	fputs("{", manifest.out);
	status = write_events(release, directory, items, manifest.out, why);
	fputs(release->count > 0 ? "\n}\n" : "}\n", manifest.out);
	int closed = rendered_file_close(&manifest, release->at, status == 0 ? why : &reason);
	return status == 0 ? closed : status;
}

/* ---- hashes ---- */

/* What MISP looks values up by without fetching the events: only of what is live, since what is withdrawn would go on being
 * found. An event may have a name in two scopes. */
static int write_hashes(
	const struct release *release, const char *directory, const struct item *const *items, struct why *why)
{
	struct rendered_file file;
	const struct item *last = NULL;
	int status = rendered_file_open(&file, directory, "hashes.csv", why);
	if (status != 0)
		return status;
	for (size_t i = 0; i < release->count; i++) {
		const struct item *item = items[i];
		char md5[MD5_TEXT];
		if (item->state != ITEM_LIVE ||
			(last && strcmp(last->name, item->name) == 0 && strcmp(last->event, item->event) == 0))
			continue;
		digest_md5(md5, item->name, strlen(item->name));
		fprintf(file.out, "%s,%s\n", md5, item->event);
		last = item;
	}
	return rendered_file_close(&file, release->at, why);
}

/* ---- */

static int render_misp_feed(const struct release *release, const char *directory, struct why *why)
{
	const struct item **items = release_order(release, by_event);
	if (!items)
		return why_set(why, -ENOMEM, "out of memory");
	int status = write_manifest_and_events(release, directory, items, why);
	if (status == 0)
		status = write_hashes(release, directory, items, why);
	free(items);
	return status;
}

static int read_back_misp_feed(const struct release *release, const char *directory, struct sink *sink, struct why *why)
{
	return rendering_parse(release, "misp-feed", directory, sink, why);
}

const struct rendering rendering_misp_feed = {
	.name = "misp-feed",
	.render = render_misp_feed,
	.main_file = name_manifest,
	.read = read_back_misp_feed,
};
