/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/guard/names_file.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/lines.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/guard/warninglist.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

/* One reading of a list. */
struct list_reading {
	struct names_file *list;
	uint64_t doubts;  /* lines or entries that are not understood ... */
	struct why first; /* ... and the first of them */
};

static int pass_name_on(void *context, const uint8_t *wire, size_t length, bool wide)
{
	struct names_file *list = context;
	list->names++;
	return list->take(list->context, wire, length, wide);
}

static void note_unread(struct list_reading *r, const char *place, const char *text, size_t length, enum reject reject)
{
	enum { SHOWN = 40 };
	if (r->doubts++ == 0)
		why_set(&r->first, 0, "%.120s%s: %.*s%s: %s", r->list->shown, place,
			(int)(length < SHOWN ? length : SHOWN), text, length > SHOWN ? "..." : "", reject_text(reject));
}

/* ---- lines ---- */

static int read_line(struct list_reading *r, const struct lines *lines)
{
	char place[32];
	enum reject doubt = REJECT_LONG_LINE;
	uint64_t before = r->list->names;
	int status = lines->too_long ? 0 : lenient_read(lines->text, lines->length, pass_name_on, r->list, &doubt);
	snprintf(place, sizeof place, ":%llu", (unsigned long long)lines->number);
	if (doubt != REJECT_COUNT)
		note_unread(r, place, lines->text, lines->length, doubt);
	else if (r->list->names == before)
		r->list->others++; /* or a comment */
	return status;
}

static int read_lines(struct list_reading *r, char *text, size_t length, struct why *why)
{
	FILE *in = length > 0 ? fmemopen(text, length, "r") : NULL;
	if (!in)
		return length > 0 ? why_set(why, -ENOMEM, "out of memory") : why_set(why, -EBADMSG, "an empty file");
	struct lines *lines = xcalloc(1, sizeof *lines);
	lines_begin(lines, in);
	int status = lines_first(lines, why);
	if (status == 0)
		status = why_set(why, -EBADMSG, "an empty file");
	for (; status > 0; status = lines_next(lines)) {
		status = read_line(r, lines);
		if (status != 0)
			break;
	}
	free(lines);
	fclose(in);
	return status;
}

/* ---- a warninglist ---- */

static int read_list_entry(void *context, size_t number, const char *text, size_t length)
{
	struct list_reading *r = context;
	char place[32];
	enum reject doubt = REJECT_SYNTAX;
	uint64_t before = r->list->names;
	int status = text ? lenient_read(text, length, pass_name_on, r->list, &doubt) : 0;
	snprintf(place, sizeof place, " entry %zu", number);
	/* Such lists hold checksums and top-level domains as well. */
	if (doubt != REJECT_COUNT && doubt != REJECT_SINGLE)
		note_unread(r, place, text ? text : "", length, doubt);
	else if (r->list->names == before)
		r->list->others++;
	return status;
}

static int read_warninglist(struct list_reading *r, const char *text, size_t length, struct why *why)
{
	struct node *document;
	int status = json_parse_at(&document, text, length, 1, why);
	if (status == 0)
		status = warninglist_parse(document, read_list_entry, r, &r->list->used, why);
	node_free(document);
	return status;
}

/* ---- */

/* Whether a text begins like JSON: "[" may also begin a filter list's header. */
static bool is_json(const char *text, size_t length)
{
	size_t i = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	while (i < length && isspace((unsigned char)text[i]))
		i++;
	if (i == length || text[i] != '[')
		return i < length && text[i] == '{';
	for (i++; i < length && isspace((unsigned char)text[i]);)
		i++;
	return i == length || text[i] == '"' || text[i] == ']';
}

static int load_text(const char *file, char **text, size_t *length, struct why *why)
{
	FILE *in, *stream = NULL;
	struct why damage = {0};
	int status = regular_file_open(&in, file, why);
	if (status != 0)
		return status;
	stream = unpack_open(in, &damage);
	status = stream ? whole_text_read(text, length, stream, MAX_BODY, why) : why_set(why, -ENOMEM, "out of memory");
	if (stream)
		fclose(stream);
	fclose(in);
	return damage.text[0] ? why_set(why, -EBADMSG, "%s", damage.text) : status;
}

int names_file_read(struct names_file *list, const char *file, struct why *why)
{
	struct list_reading r = {.list = list};
	char *text = NULL;
	size_t length = 0;
	list->used = true;
	list->names = list->others = 0;
	int status = load_text(file, &text, &length, why);
	if (status == 0 && is_json(text, length))
		status = read_warninglist(&r, text, length, why);
	else if (status == 0)
		status = read_lines(&r, text, length, why);
	free(text);
	if (status != 0 || r.doubts == 0)
		return status;
	if (r.doubts == 1)
		return why_set(why, -EILSEQ, "%s", r.first.text);
	return why_set(why, -EILSEQ, "%.220s, and %llu more", r.first.text, (unsigned long long)(r.doubts - 1));
}
