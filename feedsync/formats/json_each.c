/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/json_each.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/formats/json_scan.h"
#include "libweir/errors.h"

struct walk {
	struct json_scan scan;
	int (*visit)(void *context, const struct node *element);
	void *context;
	bool found;
	struct why *why;
};

static int visit_elements(struct walk *w)
{
	int status;
	do {
		struct node *element;
		status = json_scan_value(&w->scan, &element, w->why);
		if (status == 0)
			status = w->visit(w->context, element);
		node_free(element);
	} while (status == 0 && json_scan_take(&w->scan, ','));
	if (status == 0 && !json_scan_take(&w->scan, ']'))
		status = json_scan_error(&w->scan, "',' or ']'", w->why);
	return status;
}

/* Reads a member's name and the colon behind it. *wanted says whether it is this one. */
static int read_member_name(struct walk *w, const char *name, bool *wanted)
{
	struct node *node;
	if (json_scan_next(&w->scan) != '"')
		return json_scan_error(&w->scan, "a member's name", w->why);
	int status = json_scan_value(&w->scan, &node, w->why);
	const char *text = node_text(node, NULL);
	*wanted = text && strcmp(text, name) == 0;
	node_free(node);
	if (status == 0 && !json_scan_take(&w->scan, ':'))
		status = json_scan_error(&w->scan, "':'", w->why);
	return status;
}

static int walk_to(struct walk *w, const char *const *path);

static int walk_members(struct walk *w, const char *const *path)
{
	int status = 0;
	bool wanted = false, seen = false;
	if (json_scan_take(&w->scan, '}'))
		return 0;
	do {
		status = read_member_name(w, *path, &wanted);
		if (status == 0 && wanted && seen)
			status = why_set(w->why, -EBADMSG, "line %llu: a second \"%s\"",
				(unsigned long long)w->scan.line, *path);
		else if (status == 0)
			status = wanted ? walk_to(w, path + 1) : json_scan_skip(&w->scan, w->why);
		seen |= wanted;
	} while (status == 0 && json_scan_take(&w->scan, ','));
	if (status == 0 && !json_scan_take(&w->scan, '}'))
		status = json_scan_error(&w->scan, "',' or '}'", w->why);
	return status;
}

/* Goes down the path. What is neither an object nor the array is passed over. */
static int walk_to(struct walk *w, const char *const *path)
{
	if (*path && json_scan_take(&w->scan, '{'))
		return walk_members(w, path);
	if (json_scan_next(&w->scan) != '[')
		return json_scan_skip(&w->scan, w->why);
	json_scan_take(&w->scan, '[');
	bool empty = json_scan_take(&w->scan, ']');
	w->found |= empty || !*path;
	if (empty)
		return 0;
	return *path ? why_set(w->why, -ENOENT, "an array in the place of \"%s\"", *path) : visit_elements(w);
}

int json_each(FILE *in, const char *const *path, int (*visit)(void *context, const struct node *element), void *context,
	struct why *why)
{
	struct walk w = {.visit = visit, .context = context, .why = why};
	json_scan_begin(&w.scan, in);
	int status = walk_to(&w, path);
	if (status == 0 && json_scan_next(&w.scan) != EOF)
		status = json_scan_error(&w.scan, "the end of the document", why);
	json_scan_end(&w.scan);
	if (status == 0 && !w.found)
		status = why_set(why, -ENOENT, "there is no such array");
	return status;
}
