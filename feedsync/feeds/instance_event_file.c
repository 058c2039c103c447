/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/instance_event_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/browser_url.h"
#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/formats/misp/misp_tag.h"
#include "libweir/memory_text.h"

/* ---- one attribute ---- */

static void copy_member(struct node *to, const struct node *from, const char *key)
{
	const char *text = node_text(node_get(from, key), NULL);
	if (text)
		node_put(to, key, node_from_text(text));
}

/* Tags, by their names alone. */
struct tag_copy {
	struct node *list;
	const struct node *but_of; /* an event: tags that it has are left out */
	bool found;
	const char *wanted;
};

static void compare_tag(void *context, const char *tag)
{
	struct tag_copy *copy = context;
	copy->found |= strcmp(tag, copy->wanted) == 0;
}

static void copy_tag(void *context, const char *tag)
{
	struct tag_copy *copy = context;
	copy->wanted = tag;
	copy->found = false;
	misp_each_tag(copy->but_of, compare_tag, copy);
	if (!copy->found)
		node_append(copy->list, node_from_text(tag));
}

/* Copies the tags of two owners, the second of which may be NULL, but those that an event has. */
static void copy_tags(struct node *to, const struct node *from, const struct node *also, const struct node *but_of)
{
	struct tag_copy copy = {.list = node_array(), .but_of = but_of};
	misp_each_tag(from, copy_tag, &copy);
	misp_each_tag(also, copy_tag, &copy);
	if (node_count(copy.list) > 0)
		node_put(to, "Tag", copy.list);
	else
		node_free(copy.list);
}

static char *print_attribute(const struct node *attribute, const struct node *event)
{
	static const char *const members[] = {
		"uuid", "type", "category", "value", "timestamp", "object_relation", "last_seen", NULL};
	struct node *copy = node_object();
	for (const char *const *key = members; *key; key++)
		copy_member(copy, attribute, *key);
	node_put(copy, "to_ids", node_from_bool(node_truth(node_get(attribute, "to_ids"))));
	if (node_truth(node_get(attribute, "deleted")))
		node_put(copy, "deleted", node_from_bool(true));
	copy_tags(copy, attribute, node_get(attribute, "Event"), event);
	char *text = json_print_line(copy);
	node_free(copy);
	if (text)
		text[strlen(text) - 1] = '\0';
	return text;
}

/* ---- one event ---- */

static struct node *copy_event(const struct node *event)
{
	static const char *const members[] = {
		"uuid", "info", "timestamp", "publish_timestamp", "threat_level_id", NULL};
	struct node *copy = node_object(), *organisation = node_object();
	for (const char *const *key = members; *key; key++)
		copy_member(copy, event, *key);
	copy_member(organisation, node_get(event, "Orgc"), "name");
	copy_member(organisation, node_get(event, "Orgc"), "uuid");
	node_put(copy, "Orgc", organisation);
	copy_tags(copy, event, NULL, NULL);
	return copy;
}

/* Judges by an attribute which version of the event it is of. */
static void judge_version(struct event_reading *reading, const struct node *event)
{
	const struct node *published = node_get(event, "published");
	uint64_t timestamp;
	if (!node_number(node_get(event, "timestamp"), &timestamp))
		reading->undated = true;
	else
		reading->other |= timestamp != reading->event->timestamp;
	reading->other |= !node_is_null(published) && !node_truth(published);
}

/* Whether it is the URL of a single page, which no resolver can block: an instance may have very many of them. */
static bool is_single_page(const struct node *attribute)
{
	char host[BROWSER_HOST_MAX + 1];
	size_t length;
	const char *value = node_text(node_get(attribute, "value"), &length);
	return value && node_is(node_get(attribute, "type"), "url") &&
	       browser_url_host(value, length, host) == BROWSER_URL_PAGE;
}

int add_attribute(struct event_reading *reading, const struct node *attribute, uint64_t *octets)
{
	const struct node *event = node_get(attribute, "Event");
	uint64_t object = node_number_at(attribute, "object_id");
	if (!reading->node)
		reading->node = copy_event(event);
	if (!reading->plain)
		reading->plain = open_memstream(&reading->text, &reading->length);
	judge_version(reading, event);
	if (is_single_page(attribute))
		return 0;
	char *text = print_attribute(attribute, reading->node);
	if (!text || !reading->plain) {
		free(text);
		return -ENOMEM;
	}
	reading->attributes++;
	*octets += strlen(text);
	if (object > 0) {
		reading->in_objects = xgrow(reading->in_objects, reading->object_count, &reading->object_room, 16,
			sizeof *reading->in_objects);
		reading->in_objects[reading->object_count++] = (struct object_attribute){object, text};
		return 0;
	}
	fprintf(reading->plain, "%s%s", ftell(reading->plain) > 0 ? ",\n" : "", text);
	free(text);
	return 0;
}

/* ---- the file ---- */

/* How it is printed. */
struct event_printing {
	const struct event_reading *reading;
	const char *(*innocent)(const void *context, uint64_t object);
	const void *context;
	FILE *out;
};

/* Prints the attributes whose objects are innocents', or those whose are not. */
static void print_in_objects(const struct event_printing *p, bool innocents)
{
	bool first = innocents || p->reading->length == 0;
	for (size_t i = 0; i < p->reading->object_count; i++) {
		const struct object_attribute *attribute = &p->reading->in_objects[i];
		const char *name = p->innocent(p->context, attribute->object);
		if (innocents != (name != NULL))
			continue;
		fputs(first ? "" : ",\n", p->out);
		first = false;
		if (name)
			fprintf(p->out, "{\"name\":\"%s\",\"Attribute\":[%s]}", name, attribute->text);
		else
			fputs(attribute->text, p->out);
	}
}

/* `event` is the event's own members in brackets, and goes on behind them. */
static void print_event(const struct event_printing *p, const char *event)
{
	fprintf(p->out, "{\"Event\":%.*s,\"published\":true,\"Attribute\":[\n", (int)strlen(event) - 2, event);
	fwrite(p->reading->text, 1, p->reading->length, p->out);
	print_in_objects(p, false);
	fputs("],\"Object\":[", p->out);
	print_in_objects(p, true);
	fputs("]}}\n", p->out);
}

int print_event_file(const struct event_reading *reading, const char *(*innocent)(const void *context, uint64_t object),
	const void *context, char **text, size_t *length)
{
	struct event_printing p = {reading, innocent, context, NULL};
	char *event = json_print_line(reading->node);
	*text = NULL;
	bool whole = event && fflush(reading->plain) == 0 && ferror(reading->plain) == 0 &&
		     (p.out = open_memstream(text, length));
	if (whole) {
		print_event(&p, event);
		whole = memory_text_close(p.out, text);
	}
	free(event);
	if (whole)
		return 0;
	free(*text);
	*text = NULL;
	return -ENOMEM;
}

void end_event_reading(struct event_reading *reading)
{
	for (size_t i = 0; i < reading->object_count; i++)
		free(reading->in_objects[i].text);
	free(reading->in_objects);
	if (reading->plain)
		fclose(reading->plain);
	free(reading->text);
	node_free(reading->node);
}
