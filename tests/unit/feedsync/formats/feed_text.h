/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of whole formats share (test_vectors.c, test_matrix.c): the settings of a feed as a test's file writes
 * them, and what comes of a parse, a line for each rule and each rejected entry. */
#pragma once

#include "tests/unit/parse.h"

enum { MAX_FEED_TEXT = 32 * 1024, MAX_WHERE = 8 };

/* What a file of tests says of a feed. */
struct feed_settings {
	struct parse_options options; /* its conditions are in `where`: options_of */
	const char *where[MAX_WHERE];
	const char *error; /* part of the reason; NULL: the feed is not refused */
	uint64_t damaged;
};

static inline struct feed_settings feed_settings_of(const struct format *format)
{
	return (struct feed_settings){.options = {.scope = format->scope, .below = format->below}};
}

/* The options, with their conditions; both point into the settings. */
static inline struct parse_options options_of(const struct feed_settings *s)
{
	struct parse_options options = s->options;
	options.where = s->where;
	return options;
}

static inline bool read_switch(struct parse_options *o, const char *key, const char *value)
{
	const struct {
		const char *key;
		bool *set;
		const char *value; /* that sets it */
	} switches[] = {{"strict-tlp", &o->lenient_tlp, "no"}, {"strict-pap", &o->lenient_pap, "no"},
		{"refang", &o->refang, "yes"}, {"ports", &o->ports, "yes"}, {"values", &o->urls, "urls"},
		{"values", &o->urls, "pages"}, {"values", &o->pages, "pages"}, {"own-by-weir", &o->own_by_weir, "yes"}};
	bool known = false;
	for (unsigned i = 0; i < sizeof switches / sizeof *switches; i++) {
		if (strcmp(switches[i].key, key) != 0)
			continue;
		known = true;
		*switches[i].set |= strcmp(switches[i].value, value) == 0;
	}
	return known;
}

/* Reads a setting; the value is borrowed. Returns whether there is such a setting. */
static inline bool read_setting(struct feed_settings *v, const char *key, const char *value)
{
	struct parse_options *o = &v->options;
	const struct {
		const char *key, **text;
	} texts[] = {{"field", &o->field}, {"items", &o->items}, {"seen", &o->seen}, {"error", &v->error},
		{"own-organisation", &o->own_organisation}, {"own-identity", &o->own_identity}};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].text = value;
			return true;
		}
	}
	if (strcmp(key, "where") == 0 && o->where_count < MAX_WHERE)
		v->where[o->where_count++] = value;
	else if (strcmp(key, "separator") == 0)
		o->separator = strcmp(value, "tab") == 0 ? '\t' : value[0];
	else if (strcmp(key, "max-age") == 0)
		o->max_age_s = (uint32_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "now") == 0)
		o->now = strtoull(value, NULL, 10);
	else if (strcmp(key, "damaged") == 0)
		v->damaged = strtoull(value, NULL, 10);
	else if (strcmp(key, "wildcard") == 0)
		o->below = strcmp(value, "below") == 0;
	else if (strcmp(key, "scope") == 0)
		return scope_from_text(value, &o->scope) == 0;
	else
		return read_switch(o, key, value);
	return true;
}

/* ---- what came ---- */

/* Adds to a text. */
static inline void append(char to[MAX_FEED_TEXT], const char *before, const char *text)
{
	size_t used = strlen(to);
	int length = snprintf(to + used, MAX_FEED_TEXT - used, "%s%s\n", before, text);
	assert_true(length >= 0 && (size_t)length < MAX_FEED_TEXT - used);
}

/* What came of a parse: a line for each rule and each rejected entry, with its position and a tab before it if that is
 * wanted. */
struct events {
	struct sink sink;
	bool positions;
	char text[MAX_FEED_TEXT];
};

static inline void note_event(struct events *events, const char *event)
{
	char position[80] = "", detail[DETAIL_ROOM];
	const struct position *at = events->sink.position;
	if (events->positions && at->line > 0)
		snprintf(position, sizeof position, "%llu\t", (unsigned long long)at->line);
	else if (events->positions)
		snprintf(position, sizeof position, "%.78s\t", position_detail(at, detail));
	append(events->text, position, event);
}

static inline int note_rule(void *context, const struct rule *rule)
{
	struct events *events = context;
	struct collected collected = {""};
	int status = collect(&collected, rule);
	note_event(events, collected.text);
	return status;
}

static inline void note_reject(void *context, enum reject reject, const char *text, size_t length)
{
	(void)text;
	(void)length;
	struct events *events = context;
	char event[64];
	snprintf(event, sizeof event, "rejected: %s", reject_key(reject));
	note_event(events, event);
}

/* Begins to note what comes. */
static inline void events_begin(struct events *events, struct parse_counts *counts, bool positions)
{
	*counts = (struct parse_counts){0};
	events->text[0] = '\0';
	events->positions = positions;
	events->sink = (struct sink){.take = note_rule, .refuse = note_reject, .context = events, .counts = counts};
}

/* Where two texts part, from the beginning of that line. */
static inline const char *first_difference(const char *text, const char *other)
{
	const char *line = text;
	for (size_t i = 0; text[i] && text[i] == other[i]; i++)
		if (text[i] == '\n')
			line = text + i + 1;
	return line;
}

/* Fails the test `what` unless the parse ended so and gave these events. */
static inline void check_parse(const char *what, const struct feed_settings *settings, const char *expected,
	const struct events *got, int status, const char *why)
{
	if (strcmp(got->text, expected) != 0) {
		const char *want = first_difference(expected, got->text), *have = first_difference(got->text, expected);
		fail_msg("%s: expected \"%.*s\", got \"%.*s\" %s", what, (int)strcspn(want, "\n"), want,
			(int)strcspn(have, "\n"), have, why);
	}
	if ((status != 0) != (settings->error != NULL) || (settings->error && !strstr(why, settings->error)))
		fail_msg("%s: %d \"%s\", expected \"%s\"", what, status, why,
			settings->error ? settings->error : "no error");
	if (got->sink.counts->damaged != settings->damaged)
		fail_msg("%s: %llu damaged documents", what, (unsigned long long)got->sink.counts->damaged);
}
