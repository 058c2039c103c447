/* SPDX-License-Identifier: BSD-3-Clause */
/* What each format makes of its vectors (tests/data/formats/README.md), and what holds in every format. */
#include "tests/unit/feedsync/formats/feed_text.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

/* What a .vector file says. */
struct vector {
	struct feed_settings settings;
	char feed[MAX_FEED_TEXT]; /* its lines */
	unsigned lines;
	char events[MAX_FEED_TEXT];
	char text[MAX_FEED_TEXT]; /* of the file; settings point into it */
};

static bool read_vector_line(struct vector *v, char *line)
{
	char *tab = strchr(line, '\t'), *colon = strstr(line, ": "), position[16];
	if (line[0] == '>') {
		append(v->feed, "", line[1] ? line + 2 : "");
		v->lines++;
		return !line[1] || line[1] == ' ';
	}
	if (line[0] == '#' || !line[0])
		return true;
	if (tab) {
		snprintf(position, sizeof position, "%u", v->lines);
		append(v->events, tab == line ? position : "", line);
		return tab > line || v->lines > 0;
	}
	if (!colon)
		return false;
	*colon = '\0';
	return read_setting(&v->settings, line, colon + 2);
}

static void read_vector(struct vector *v, const struct format *format, const char *path)
{
	*v = (struct vector){.settings = feed_settings_of(format)};
	FILE *in = fopen(path, "re");
	assert_non_null(in);
	size_t length = fread(v->text, 1, sizeof v->text - 1, in);
	assert_true(feof(in));
	fclose(in);
	v->text[length] = '\0';
	for (char *line = v->text, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		assert_non_null(end);
		*end = '\0';
		if (!read_vector_line(v, line))
			fail_msg("%s: \"%s\" is no line of a vector", path, line);
	}
}

/* Parses the feed that lies beside the vector, or the one in it. */
static int parse_feed(const struct format *format, const struct vector *v, const char *input, struct parse *parse)
{
	parse->path = input;
	if (access(input, F_OK) == 0)
		return format_parse(format, parse);
	parse->in = v->lines > 0 ? fmemopen((void *)v->feed, strlen(v->feed), "r") : fopen("/dev/null", "r");
	assert_non_null(parse->in);
	int status = format_parse_stream(format, parse);
	fclose(parse->in);
	return status;
}

static void check_vector(const struct format *format, const char *base)
{
	static struct vector v;
	static struct events got;
	char path[4096];
	struct parse_counts counts;
	struct why why = {""};
	snprintf(path, sizeof path, "%s.vector", base);
	read_vector(&v, format, path);
	snprintf(path, sizeof path, "%s.input", base);
	events_begin(&got, &counts, true);
	const struct parse_options options = options_of(&v.settings);
	struct parse parse = {.document = "doc", .options = &options, .sink = &got.sink, .why = &why};
	int status = parse_feed(format, &v, path, &parse);
	check_parse(base, &v.settings, v.events, &got, status, why.text);
}

static void vectors(void **state)
{
	(void)state;
	for (unsigned i = 0; format_at(i); i++) {
		char folder[2048], base[3000];
		unsigned count = 0;
		snprintf(folder, sizeof folder, "%s/%s", VECTORS, format_at(i)->name);
		DIR *dir = opendir(folder);
		if (!dir) {
			fail_msg("%s: there are no vectors for this format", folder);
			return;
		}
		for (struct dirent *entry; (entry = readdir(dir));) {
			const char *ending = strstr(entry->d_name, ".vector");
			if (!ending)
				continue;
			snprintf(base, sizeof base, "%s/%.*s", folder, (int)(ending - entry->d_name), entry->d_name);
			check_vector(format_at(i), base);
			count++;
		}
		closedir(dir);
		if (count == 0)
			fail_msg("%s: no vector in it", folder);
	}
}

/* ---- every format ---- */

/* A line that gives one entry; a comment, if the format is not named here. */
static const char *line_of(const char *format)
{
	static const char *const lines[][2] = {{"domains", "evil.example"}, {"hosts", "0.0.0.0 evil.example"},
		{"adblock", "||evil.example^"}, {"dnsmasq", "address=/evil.example/"},
		{"unbound", "local-data: \"evil.example A 0.0.0.0\""}};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		if (strcmp(lines[i][0], format) == 0)
			return lines[i][1];
	return "# a";
}

/* In a document of lines, what is no line is lost alone: a NUL octet, a line of a megabyte. */
static void no_line(void **state)
{
	(void)state;
	enum { SIZE = 1100000 };
	char *text = malloc(SIZE), rejects[256] = "";
	const struct parse_options options = {.scope = SCOPE_EXACT};
	for (unsigned i = 0; format_at(i); i++) {
		if (!format_at(i)->parse_line)
			continue;
		const char *line = line_of(format_at(i)->name);
		size_t length = (size_t)sprintf(text, "\xef\xbb\xbf%s\r\nnul", line);
		text[length++] = '\0';
		length += (size_t)sprintf(text + length, "x.example\n");
		memset(text + length, 'x', 1000000);
		length += 1000000;
		length += (size_t)sprintf(text + length, "\r%s", line);
		struct parsed p = parse_octets(format_at(i)->name, &options, text, length);
		if (p.status != 0 || p.counts.entries != (line[0] == '#' ? 0 : 2) ||
			strcmp(rejects_of(&p.counts, rejects), "long_line nul") != 0)
			fail_msg(
				"%s: %d, %d entries, %s", format_at(i)->name, p.status, (int)p.counts.entries, rejects);
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
