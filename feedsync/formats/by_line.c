/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/by_line.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/lines.h"
#include "libweir/errors.h"

int parse_by_line(line_parse parse, FILE *in, const char *document, const struct parse_options *options,
	struct sink *sink, struct why *why)
{
	struct lines lines;
	lines_begin(&lines, in);
	int status = lines_first(&lines, why);
	for (; status > 0; status = lines_next(&lines)) {
		const struct place place = {document, lines.number, NULL};
		const struct span line = {lines.text, lines.length};
		int taken = 0;
		if (lines.too_long)
			sink_reject(sink, &place, REJECT_LONG_LINE, line.text, line.length);
		else if (memchr(line.text, '\0', line.length))
			sink_reject(sink, &place, REJECT_NUL, line.text, line.length);
		else
			taken = parse(line, &place, options, sink);
		if (taken != 0)
			return taken;
	}
	if (status < 0 && status != -EBADMSG)
		return why_set(
			why, status, "%s:%llu: %s", document, (unsigned long long)lines.number, error_text(status));
	return status;
}
