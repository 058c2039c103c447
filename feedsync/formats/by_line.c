/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/by_line.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/lines.h"
#include "libweir/errors.h"

/* Rejects a line that no parser is asked about. In lists for ad blockers "@@" begins an exception. */
static void reject_line(
	const struct parse *parse, struct span line, const struct position *position, enum reject reject)
{
	if (span_starts_with(line, "@@"))
		sink_reject_exception(parse->sink, position, reject, line.text, line.length);
	else
		sink_reject(parse->sink, position, reject, line.text, line.length);
}

int parse_by_line(int (*parse_line)(const struct parse *parse, struct span line, const struct position *position),
	const struct parse *parse)
{
	struct lines lines;
	lines_begin(&lines, parse->in);
	parse->sink->rereads = true;
	parse->sink->scope = parse->options->scope;
	int status = lines_first(&lines, parse->why);
	for (; status > 0; status = lines_next(&lines)) {
		const struct position position = {parse->document, lines.number, NULL};
		const struct span line = {lines.text, lines.length};
		int taken = 0;
		if (lines.too_long)
			reject_line(parse, line, &position, REJECT_LONG_LINE);
		else if (memchr(line.text, '\0', line.length))
			reject_line(parse, line, &position, REJECT_NUL);
		else
			taken = parse_line(parse, line, &position);
		if (taken == 0)
			taken = parse->sink->reread_status;
		if (taken != 0)
			return taken;
	}
	if (status < 0 && status != -EBADMSG)
		return why_set(parse->why, status, "%s:%llu: %s", parse->document, (unsigned long long)lines.number,
			error_text(status));
	return status;
}
