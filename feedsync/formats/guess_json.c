/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON: where the items are, and which member of an item is the name. The document is walked as far as the sample goes;
 * each array and each object with ids for keys may hold the items, and each text in its first items may be the name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/formats/guess_trial.h"
#include "feedsync/formats/json_item.h"
#include "feedsync/formats/json_scan.h"
#include "libweir/errors.h"

enum { FIRST_ITEMS = 20, MAX_DEPTH = 4, MAX_CANDIDATES = 64 };

/* Where names may be: `items` and `field` of the settings. */
struct candidate {
	char items[GUESS_TEXT], field[GUESS_TEXT];
};

struct walk {
	struct json_scan scan;
	struct candidate candidate[MAX_CANDIDATES];
	unsigned count;
	const char *known; /* what the document is, where its members tell */
	bool objects;      /* it has the member of bundles and envelopes */
	unsigned warning;  /* members of MISP's warninglists that it has */
};

static void add_candidate(struct walk *w, const char *items, const char *field)
{
	for (unsigned i = 0; i < w->count; i++)
		if (strcmp(w->candidate[i].items, items) == 0 && strcmp(w->candidate[i].field, field) == 0)
			return;
	if (w->count == MAX_CANDIDATES)
		return;
	snprintf(w->candidate[w->count].items, GUESS_TEXT, "%s", items);
	snprintf(w->candidate[w->count++].field, GUESS_TEXT, "%s", field);
}

/* Puts a member's name behind a path. Returns false where that cannot be written as a path. */
static bool join_path(const char *path, const char *key, char to[GUESS_TEXT])
{
	int length = snprintf(to, GUESS_TEXT, "%s%s%s", path, path[0] ? "." : "", key);
	return key[0] && key[0] != '*' && key[0] != '@' && !strchr(key, '.') && length > 0 && length < GUESS_TEXT;
}

/* ---- members ---- */

/* Takes note of members by which documents of known kinds are told. */
static void look_at_key(struct walk *w, const char *key, unsigned depth)
{
	static const struct {
		const char *key, *what;
	} kinds[] = {
		{"Event",
			"an event of MISP: the format is misp-feed, and the URL that of the folder with manifest.json"},
		{"Attribute", "an answer of MISP: the format is misp-rest, and the URL that of the instance"},
		{"Orgc", "the manifest of a MISP feed: the format is misp-feed, and the URL that of its folder"},
		{"api_roots", "a TAXII server: the format is taxii, and \"collection\" names what is read"}};
	for (unsigned i = 0; depth < 2 && !w->known && i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].key, key) == 0)
			w->known = kinds[i].what;
	if (depth > 0)
		return;
	w->objects |= strcmp(key, "objects") == 0;
	w->warning += strcmp(key, "list") == 0 || strcmp(key, "description") == 0;
}

struct members {
	struct walk *walk;
	const char *items, *path;
	unsigned depth;
};

static void add_texts(struct walk *w, const char *items, const char *path, const struct node *node, unsigned depth);

static int add_member_texts(void *context, const char *key, const struct node *value)
{
	const struct members *m = context;
	char path[GUESS_TEXT];
	if (m->depth == 0)
		look_at_key(m->walk, key, 1);
	if (join_path(m->path, key, path))
		add_texts(m->walk, m->items, path, value, m->depth + 1);
	return 0;
}

/* Adds each text in an item, or in arrays of it. */
static void add_texts(struct walk *w, const char *items, const char *path, const struct node *node, unsigned depth)
{
	struct members below = {w, items, path, depth};
	if (node_text(node, NULL))
		add_candidate(w, items, path[0] ? path : "name");
	else if (node_is_array(node) && node_count(node) > 0 && depth < MAX_DEPTH)
		add_texts(w, items, path, node_at(node, 0), depth + 1);
	else if (node_is_object(node) && depth < MAX_DEPTH)
		node_each(node, add_member_texts, &below);
}

/* ---- the document ---- */

static bool walk_value(struct walk *w, const char *path, unsigned depth);

static bool skip_value(struct walk *w)
{
	struct why why;
	return json_scan_skip(&w->scan, &why) == 0;
}

static bool is_name(const char *key)
{
	name_storage wire;
	enum reject reject;
	return strchr(key, '.') && normalise(key, strlen(key), wire, &reject) > 0;
}

/* Reads an item and adds its texts. */
static bool walk_item(struct walk *w, const char *items)
{
	struct node *item;
	struct why why;
	if (json_scan_value(&w->scan, &item, &why) != 0)
		return false;
	add_texts(w, items, "", item, 0);
	node_free(item);
	return true;
}

static bool walk_array(struct walk *w, const char *path)
{
	bool goes_on = json_scan_take(&w->scan, '[');
	if (goes_on && json_scan_take(&w->scan, ']'))
		return true;
	for (unsigned i = 0; goes_on; i++) {
		goes_on = i < FIRST_ITEMS ? walk_item(w, path) : skip_value(w);
		if (goes_on && !json_scan_take(&w->scan, ','))
			return json_scan_take(&w->scan, ']');
	}
	return false;
}

/* Walks a member. `path` is that of the object. */
static bool walk_member(struct walk *w, const char *path, unsigned depth, unsigned number)
{
	struct node *name;
	struct why why;
	char below[GUESS_TEXT];
	if (json_scan_next(&w->scan) != '"' || json_scan_value(&w->scan, &name, &why) != 0)
		return false;
	const char *key = node_text(name, NULL);
	bool goes_on = key && json_scan_take(&w->scan, ':');
	int c = goes_on ? json_scan_next(&w->scan) : EOF;
	bool deep = (c == '[' || c == '{') && depth < MAX_DEPTH;
	if (goes_on)
		look_at_key(w, key, depth);
	if (goes_on && number == 0 && is_name(key))
		add_candidate(w, path, "@key");
	if (!goes_on)
		;
	else if (deep && json_is_id(key) && number < FIRST_ITEMS)
		goes_on = c == '[' ? walk_array(w, path) : walk_item(w, path);
	else if (deep && join_path(path, key, below))
		goes_on = walk_value(w, below, depth + 1);
	else
		goes_on = skip_value(w);
	node_free(name);
	return goes_on;
}

static bool walk_object(struct walk *w, const char *path, unsigned depth)
{
	bool goes_on = json_scan_take(&w->scan, '{');
	if (goes_on && json_scan_take(&w->scan, '}'))
		return true;
	for (unsigned i = 0; goes_on; i++) {
		goes_on = walk_member(w, path, depth, i);
		if (goes_on && !json_scan_take(&w->scan, ','))
			return json_scan_take(&w->scan, '}');
	}
	return false;
}

static bool walk_value(struct walk *w, const char *path, unsigned depth)
{
	return json_scan_next(&w->scan) == '[' ? walk_array(w, path) : walk_object(w, path, depth);
}

/* Walks a document from its start by one of two readings of it. */
static bool walk_document(struct walk *w, const struct guessing *g, bool as_item)
{
	FILE *in = fmemopen((void *)g->text, g->length, "r");
	if (!in)
		return false;
	json_scan_begin(&w->scan, in);
	int c = json_scan_next(&w->scan);
	bool whole = as_item ? c == '{' && walk_item(w, "") : (c == '{' || c == '[') && walk_value(w, "", 0);
	json_scan_end(&w->scan);
	fclose(in);
	return whole;
}

/* Whether the document's objects are those of STIX: indicators have patterns. */
static bool is_stix(const struct walk *w)
{
	for (unsigned i = 0; w->objects && i < w->count; i++)
		if (strcmp(w->candidate[i].items, "objects") == 0 && strcmp(w->candidate[i].field, "pattern") == 0)
			return true;
	return false;
}

static void consider_candidates(struct guessing *guessing, const struct walk *w)
{
	if (w->known) {
		snprintf(guessing->best.note, sizeof guessing->best.note, "%s", w->known);
	} else if (w->warning == 2) {
		snprintf(guessing->best.note, sizeof guessing->best.note,
			"a list of MISP's against false positives: it belongs to `guard: warninglists`");
	} else if (is_stix(w)) {
		/* A bundle is read as a whole only, and the sample may be a part of it. */
		guessing->best = (struct guess){.format = &format_stix, .names = 1};
	} else {
		for (unsigned i = 0; i < w->count; i++) {
			struct guess trial = {.format = &format_json};
			memcpy(trial.items, w->candidate[i].items, sizeof trial.items);
			memcpy(trial.field, w->candidate[i].field, sizeof trial.field);
			guess_consider_values(guessing, &trial);
		}
	}
}

bool guess_json(struct guessing *guessing)
{
	struct walk *w = guessing->length > 0 ? calloc(1, sizeof *w) : NULL;
	if (!w)
		return false;
	bool whole = walk_document(w, guessing, false), item = walk_document(w, guessing, true);
	bool json = whole || item || (guessing->cut && w->count > 0);
	if (json)
		consider_candidates(guessing, w);
	free(w);
	return json;
}
