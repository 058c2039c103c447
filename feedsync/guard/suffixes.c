/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/suffixes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/lines.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/entries/normalise.h"
#include "libweir/errors.h"

/* Whether a key (nameset.h) can be made of a name: it has a label, and none with a dot or the like in it. */
static bool has_key(const uint8_t *wire)
{
	if (*wire == 0)
		return false;
	for (; *wire > 0; wire += *wire + 1)
		for (unsigned i = 1; i <= *wire; i++)
			if (!name_plain_octet(wire[i]))
				return false;
	return true;
}

/* Adds a suffix. A text that is not a name is skipped, for example in a script that this system's libidn2 does not know
 * yet. Then libidn2 will not know a feed's entry in it either. */
static int add_suffix(struct nameset *set, const char *text, size_t length)
{
	name_storage wire;
	struct namekey key;
	int wire_length = normalise_question(text, length, wire);
	if (wire_length < 0 || !has_key(wire))
		return 0;
	namekey_of(&key, wire, (size_t)wire_length);
	return nameset_add(set, &key, 0);
}

/* A line is a rule up to the first blank, or a comment. */
static int read_suffix_line(struct suffixes *suffixes, const char *text, size_t length)
{
	size_t end = 0;
	while (end < length && text[end] != ' ' && text[end] != '\t')
		end++;
	if (end == 0 || (end >= 2 && text[0] == '/' && text[1] == '/'))
		return 0;
	if (text[0] == '!')
		return add_suffix(&suffixes->rules, text + 1, end - 1);
	if (end <= 2 || text[0] != '*' || text[1] != '.')
		return add_suffix(&suffixes->rules, text, end);
	int status = add_suffix(&suffixes->wildcards, text + 2, end - 2);
	return status == 0 ? add_suffix(&suffixes->rules, text + 2, end - 2) : status;
}

static int read_suffix_lines(struct suffixes *suffixes, FILE *in)
{
	struct lines *lines = xcalloc(1, sizeof *lines);
	lines_begin(lines, in);
	int status;
	while ((status = lines_next(lines)) > 0) {
		status = lines->too_long ? 0 : read_suffix_line(suffixes, lines->text, lines->length);
		if (status != 0)
			break;
	}
	free(lines);
	nameset_sort(&suffixes->rules);
	nameset_sort(&suffixes->wildcards);
	return status;
}

static int read_suffix_file(struct suffixes *suffixes, const char *path, struct why *why)
{
	FILE *in;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	status = read_suffix_lines(suffixes, in);
	fclose(in);
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}

static bool knows(const struct suffixes *suffixes, const char *key)
{
	struct namekey known = {.length = strlen(key)};
	memcpy(known.text, key, known.length + 1);
	return nameset_at(&suffixes->rules, &known) != NULL;
}

int suffixes_load(struct suffixes *suffixes, const char *path, struct why *why)
{
	*suffixes = (struct suffixes){0};
	struct why reason;
	int status = read_suffix_file(suffixes, path, &reason);
	if (status != 0)
		why_set(why, status, "cannot load the public suffix list: %s", reason.text);
	/* Any text looks like a list. A list without these would guard nothing. */
	else if (!knows(suffixes, "com.") || !knows(suffixes, "uk.co."))
		status = why_set(why, -EBADMSG, "not a public suffix list: it does not know com and co.uk");
	if (status != 0)
		suffixes_free(suffixes);
	return status;
}

void suffixes_free(struct suffixes *suffixes)
{
	nameset_free(&suffixes->rules);
	nameset_free(&suffixes->wildcards);
}

bool suffixes_has(const struct suffixes *suffixes, const struct namekey *key, const struct nameset_entry **below)
{
	struct namekey up = *key;
	*below = nameset_below(&suffixes->rules, key);
	if (!*below)
		return namekey_up(&up) && nameset_at(&suffixes->wildcards, &up);
	if (nameset_at(&suffixes->rules, key))
		*below = NULL;
	return true;
}
