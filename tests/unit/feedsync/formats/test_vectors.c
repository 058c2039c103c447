/* SPDX-License-Identifier: BSD-3-Clause */
/* What each format makes of its vectors (tests/data/formats/README.md), and what holds in every format. */
#include "tests/unit/parse.h"

#include <dirent.h>
#include <errno.h>

enum { MAX_EVENTS_TEXT = 32 * 1024, MAX_WHERE = 8 };

/* What a .expected file says. */
struct expected {
	struct parse_options options;
	const char *where[MAX_WHERE];
	const char *error; /* part of the reason; NULL: the feed is not refused */
	uint64_t damaged;
	char events[MAX_EVENTS_TEXT];
	char text[MAX_EVENTS_TEXT]; /* of the file; the others point into it */
};

/* ---- what came ---- */

static void note_event(const struct sink *sink, char events[MAX_EVENTS_TEXT], const char *event)
{
	char place[32];
	const struct place *at = sink->place;
	size_t used = strlen(events);
	snprintf(place, sizeof place, "%llu", (unsigned long long)at->line);
	int length =
		snprintf(events + used, MAX_EVENTS_TEXT - used, "%s\t%s\n", at->line > 0 ? place : at->detail, event);
	assert_true(length > 0 && (size_t)length < MAX_EVENTS_TEXT - used);
}

struct events {
	struct sink sink;
	char text[MAX_EVENTS_TEXT];
};

static int note_rule(void *context, const struct rule *rule)
{
	struct events *events = context;
	struct collected collected = {""};
	int status = collect(&collected, rule);
	note_event(&events->sink, events->text, collected.text);
	return status;
}

static void note_reject(void *context, enum reject reject, const char *text, size_t length)
{
	(void)text;
	(void)length;
	struct events *events = context;
	char event[64];
	snprintf(event, sizeof event, "rejected: %s", reject_key(reject));
	note_event(&events->sink, events->text, event);
}

/* ---- what is expected ---- */

static bool read_switch(struct parse_options *o, const char *key, const char *value)
{
	const struct {
		const char *key;
		bool *set;
		const char *value; /* that sets it */
	} switches[] = {{"strict-tlp", &o->lenient_tlp, "no"}, {"strict-pap", &o->lenient_pap, "no"},
		{"refang", &o->refang, "yes"}, {"ports", &o->ports, "yes"}, {"values", &o->urls, "urls"},
		{"values", &o->urls, "pages"}, {"values", &o->pages, "pages"}};
	bool known = false;
	for (unsigned i = 0; i < sizeof switches / sizeof *switches; i++) {
		if (strcmp(switches[i].key, key) != 0)
			continue;
		known = true;
		*switches[i].set |= strcmp(switches[i].value, value) == 0;
	}
	return known;
}

static bool read_setting(struct expected *e, const char *key, const char *value)
{
	struct parse_options *o = &e->options;
	const struct {
		const char *key, **text;
	} texts[] = {{"field", &o->field}, {"items", &o->items}, {"seen", &o->seen}, {"error", &e->error}};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].text = value;
			return true;
		}
	}
	if (strcmp(key, "where") == 0 && o->where_count < MAX_WHERE)
		e->where[o->where_count++] = value;
	else if (strcmp(key, "max-age") == 0)
		o->max_age_s = (uint32_t)strtoul(value, NULL, 10);
	else if (strcmp(key, "now") == 0)
		o->now = strtoull(value, NULL, 10);
	else if (strcmp(key, "damaged") == 0)
		e->damaged = strtoull(value, NULL, 10);
	else if (strcmp(key, "wildcard") == 0)
		o->below = strcmp(value, "below") == 0;
	else if (strcmp(key, "scope") == 0)
		return scope_from_text(value, &o->scope) == 0;
	else
		return read_switch(o, key, value);
	return true;
}

static void read_expected(struct expected *e, const struct format *format, const char *path)
{
	*e = (struct expected){.options = {.scope = format->scope, .below = format->below}};
	e->options.where = e->where;
	FILE *in = fopen(path, "re");
	assert_non_null(in);
	size_t length = fread(e->text, 1, sizeof e->text - 1, in);
	assert_true(feof(in));
	fclose(in);
	e->text[length] = '\0';
	for (char *line = e->text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		char *colon = strstr(line, ": ");
		if (line[0] == '#' || !line[0])
			continue;
		if (strchr(line, '\t')) {
			strcat(e->events, line);
			strcat(e->events, "\n");
			continue;
		}
		if (colon)
			*colon = '\0';
		if (!colon || !read_setting(e, line, colon + 2))
			fail_msg("%s: \"%s\" is no setting", path, line);
	}
}

/* Where two texts part, from the beginning of that line. */
static const char *first_difference(const char *text, const char *other)
{
	const char *line = text;
	for (size_t i = 0; text[i] && text[i] == other[i]; i++)
		if (text[i] == '\n')
			line = text + i + 1;
	return line;
}

static void check_vector(const struct format *format, const char *base)
{
	static struct expected e;
	static struct events got;
	char path[4096];
	struct tally tally = {0};
	struct why why = {""};
	snprintf(path, sizeof path, "%s.expected", base);
	read_expected(&e, format, path);
	snprintf(path, sizeof path, "%s.input", base);
	got.text[0] = '\0';
	got.sink = (struct sink){.take = note_rule, .refuse = note_reject, .context = &got, .tally = &tally};
	const struct parse parse = {
		.path = path, .document = "doc", .options = &e.options, .sink = &got.sink, .why = &why};
	int status = format_parse(format, &parse);
	if (strcmp(got.text, e.events) != 0) {
		const char *want = first_difference(e.events, got.text), *have = first_difference(got.text, e.events);
		fail_msg("%s: expected \"%.*s\", got \"%.*s\" %s", base, (int)strcspn(want, "\n"), want,
			(int)strcspn(have, "\n"), have, why.text);
	}
	if ((status != 0) != (e.error != NULL) || (e.error && !strstr(why.text, e.error)))
		fail_msg("%s: %d \"%s\", expected \"%s\"", base, status, why.text, e.error ? e.error : "no error");
	if (tally.damaged != e.damaged)
		fail_msg("%s: %llu damaged documents", base, (unsigned long long)tally.damaged);
}

static void vectors(void **state)
{
	(void)state;
	for (unsigned i = 0; format_at(i); i++) {
		char folder[2048], base[3000];
		unsigned count = 0, inputs = 0;
		snprintf(folder, sizeof folder, "%s/%s", VECTORS, format_at(i)->name);
		DIR *dir = opendir(folder);
		if (!dir)
			fail_msg("%s: there are no vectors for this format", folder);
		for (struct dirent *entry; (entry = readdir(dir));) {
			const char *ending = strstr(entry->d_name, ".expected");
			inputs += strstr(entry->d_name, ".input") != NULL;
			if (!ending)
				continue;
			snprintf(base, sizeof base, "%s/%.*s", folder, (int)(ending - entry->d_name), entry->d_name);
			check_vector(format_at(i), base);
			count++;
		}
		closedir(dir);
		if (count == 0 || inputs != count)
			fail_msg("%s: %u inputs, %u expectations", folder, inputs, count);
	}
}

/* ---- every format ---- */

/* In a document of lines, what is no line is lost alone: a NUL octet, a line of a megabyte. */
static void no_line(void **state)
{
	(void)state;
	enum { SIZE = 1100000 };
	char *text = malloc(SIZE), rejects[256];
	const struct parse_options options = {.scope = SCOPE_EXACT};
	size_t length = (size_t)sprintf(text, "\xef\xbb\xbf# a\r\nnul");
	text[length++] = '\0';
	length += (size_t)sprintf(text + length, "x.example\n");
	memset(text + length, 'x', 1000000);
	length += 1000000;
	length += (size_t)sprintf(text + length, "\r# b");
	for (unsigned i = 0; format_at(i); i++) {
		if (!format_at(i)->parse_line)
			continue;
		struct parsed p = parse_octets(format_at(i)->name, &options, text, length);
		if (p.status != 0 || strcmp(rejects_of(&p.tally, rejects), "long_line nul") != 0)
			fail_msg("%s: %d %s", format_at(i)->name, p.status, rejects);
	}
	free(text);
}

/* A page of a portal, or an error that a server shows with status 200, is no list in any format. */
static void no_list(void **state)
{
	(void)state;
	static const char page[] = "<!DOCTYPE html>\n<html>login</html>\n";
	for (unsigned i = 0; format_at(i); i++) {
		const struct format *format = format_at(i);
		const struct parse_options options = {.field = format->has_fields ? "host" : NULL};
		if (format->layout == LAYOUT_DOCUMENT &&
			parse_octets(format->name, &options, page, sizeof page - 1).status != -EBADMSG)
			fail_msg("%s takes it", format->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(no_line),
		cmocka_unit_test(no_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
