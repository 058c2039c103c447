/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/guess_signs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/entries/refang.h"

static bool is_filter(const char *line, size_t length)
{
	static const char *const inside[] = {"##", "#@#", "#?#", "#$#", "#%#"};
	bool filter = text_starts_with(line, length, "||") || text_starts_with(line, length, "@@");
	for (unsigned i = 0; !filter && i < sizeof inside / sizeof *inside; i++)
		filter = memmem(line, length, inside[i], strlen(inside[i]));
	return filter;
}

static bool is_url(const char *line, size_t length)
{
	return text_starts_with(line, length, "http://") || text_starts_with(line, length, "https://") ||
	       text_starts_with(line, length, "hxxp");
}

static void look_at_line(struct guess_signs *signs, const char *line, size_t length)
{
	while (length > 0 && (text_is_blank(line[0]) || line[0] == '"'))
		line++, length--;
	bool filter = is_filter(line, length);
	signs->filters += filter;
	signs->url_lines += is_url(line, length);
	signs->lines += filter || (length > 0 && !strchr("#!;\r", line[0]));
}

static bool is_name_octet(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Whether these octets are written as a name: labels and dots, and letters behind the last dot. */
static bool is_written_as_name(const char *text, size_t length)
{
	size_t label = 0, dots = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.' ? label == 0 : !is_name_octet(text[i]))
			return false;
		dots += text[i] == '.';
		label = text[i] == '.' ? 0 : label + 1;
	}
	return dots > 0 && label >= 2 && !(text[length - 1] >= '0' && text[length - 1] <= '9');
}

static void count_quoted_names(struct guess_signs *signs, const char *text, size_t length)
{
	const char *end = text + length, *open = memchr(text, '"', length);
	while (open) {
		const char *close = memchr(open + 1, '"', (size_t)(end - open - 1));
		signs->names += close && is_written_as_name(open + 1, (size_t)(close - open - 1));
		open = close;
	}
}

int guess_signs_read(struct guess_signs *signs, const char *text, size_t length, struct why *why)
{
	*signs = (struct guess_signs){.lines = 0};
	if (length == 0)
		return 0;
	char *plain = malloc(length);
	if (!plain)
		return why_set(why, -ENOMEM, "out of memory");
	memcpy(plain, text, length);
	size_t left = refang(plain, length);
	signs->disguised = left < length || memmem(plain, left, "hxxp", 4);
	for (size_t i = 0; i + 3 <= left; i++)
		signs->urls += memcmp(plain + i, "://", 3) == 0;
	free(plain);
	for (const char *line = text, *end = text + length; line < end;) {
		const char *lf = memchr(line, '\n', (size_t)(end - line));
		look_at_line(signs, line, (size_t)((lf ? lf : end) - line));
		line = lf ? lf + 1 : end;
	}
	count_quoted_names(signs, text, length);
	return 0;
}
