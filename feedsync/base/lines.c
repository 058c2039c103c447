/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/lines.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/text.h"
#include "libweir/errors.h"

_Static_assert(sizeof((struct lines *)0)->buffer > 2 * MAX_LINE, "a whole line fits the buffer");

void lines_begin(struct lines *lines, FILE *in)
{
	lines->in = in;
	lines->number = 0;
	lines->start = lines->end = 0;
	lines->skip_lf = false;
}

/* Moves what is left to the front and reads more behind it. Returns 1, 0 at the end of the file, or -errno. */
static int refill_lines(struct lines *l)
{
	memmove(l->buffer, l->buffer + l->start, l->end - l->start);
	l->end -= l->start;
	l->start = 0;
	size_t n = fread(l->buffer + l->end, 1, sizeof l->buffer - l->end, l->in);
	if (n == 0)
		return ferror(l->in) ? -EIO : 0;
	l->end += n;
	return 1;
}

/* The first LF or CR in text[0..length), or NULL. */
static char *line_end(char *text, size_t length)
{
	char *lf = memchr(text, '\n', length);
	char *cr = memchr(text, '\r', lf ? (size_t)(lf - text) : length);
	return cr ? cr : lf;
}

/* Skips the rest of a line that has more than MAX_LINE octets. */
static int skip_rest(struct lines *l)
{
	for (;;) {
		char *end = line_end(l->buffer + l->start, l->end - l->start);
		if (end) {
			l->skip_lf = *end == '\r';
			l->start = (size_t)(end - l->buffer) + 1;
			return 1;
		}
		l->start = l->end;
		int status = refill_lines(l);
		if (status <= 0)
			return status < 0 ? status : 1;
	}
}

static int too_long(struct lines *l)
{
	/* The text must survive the refills of skip_rest. */
	memcpy(l->kept, l->buffer + l->start, MAX_LINE);
	l->text = l->kept;
	l->length = MAX_LINE;
	l->too_long = true;
	l->number++;
	return skip_rest(l);
}

int lines_next(struct lines *lines)
{
	struct lines *l = lines;
	l->too_long = false;
	for (;;) {
		if (l->skip_lf && l->start < l->end) {
			l->start += l->buffer[l->start] == '\n';
			l->skip_lf = false;
		}
		char *end = line_end(l->buffer + l->start, l->end - l->start);
		size_t length = end ? (size_t)(end - (l->buffer + l->start)) : l->end - l->start;
		if (length > MAX_LINE)
			return too_long(l);
		int status = end ? 1 : refill_lines(l);
		if (status < 0)
			return status;
		if (!end && status > 0)
			continue;
		if (!end && length == 0)
			return 0;
		l->text = l->buffer + l->start;
		l->length = length;
		l->start += length + (end ? 1 : 0);
		l->skip_lf = end && *end == '\r';
		if (l->number++ == 0 && length >= 3 && memcmp(l->text, "\xef\xbb\xbf", 3) == 0) {
			l->text += 3;
			l->length -= 3;
		}
		return 1;
	}
}

static bool line_is_blank(const struct lines *l)
{
	for (size_t i = 0; i < l->length; i++)
		if (!text_is_blank(l->text[i]))
			return false;
	return true;
}

int lines_first(struct lines *lines, struct why *why)
{
	int status = lines_next(lines);
	while (status > 0 && line_is_blank(lines))
		status = lines_next(lines);
	if (status <= 0)
		return status;
	if (text_is_utf16(lines->text, lines->length))
		return why_set(why, -EBADMSG, "UTF-16 text, not a list in UTF-8");
	const char *text = lines->text;
	size_t length = lines->length;
	while (text_is_blank(*text))
		text++, length--;
	static const char *const html[] = {"<!doctype", "<html", "<?xml", "<head", "<body"};
	for (unsigned i = 0; i < sizeof html / sizeof *html; i++)
		if (length >= strlen(html[i]) && strncasecmp(text, html[i], strlen(html[i])) == 0)
			return why_set(why, -EBADMSG, "an HTML or XML page, not a list");
	return 1;
}
