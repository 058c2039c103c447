/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX patterns (STIX 2.1, chapter 9), as far as they are lists of names.
 *
 * A pattern is read as a list of alternatives, each of which alone means that something malicious was seen. So
 * "[domain-name:value = 'a' OR ipv4-addr:value = 'b'] OR [domain-name:value IN ('c', 'd')]" holds the names a, c and d,
 * and an address, which DNS cannot block. A name that AND binds to anything else is unusable: blocking it would block
 * more than the pattern says. Two conditions are left out, since they do not make a name less malicious: where it leads
 * to (resolves_to_refs), and what MISP notes beside it (x_misp_...).
 */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum pattern_kind {
	PATTERN_NAME,     /* domain-name:value */
	PATTERN_HOST,     /* hostname:value, and x-opencti-hostname:value: OpenCTI's own types */
	PATTERN_URL,      /* url:value */
	PATTERN_OTHER,    /* a property that names nothing DNS could block */
	PATTERN_UNUSABLE, /* a comparison other than for equality, or more than one at once */
};

/* One alternative. */
struct pattern_item {
	enum pattern_kind kind;
	const char *text; /* in the pattern: a name or URL with its escapes, or the expression */
	size_t length;
};

struct pattern {
	struct pattern_item *items;
	size_t count, room;
};

/* Reads a pattern; its items point into the text. Returns 0, or -EBADMSG if the text is no pattern, needs what is not
 * known here (FOLLOWEDBY, WITHIN, REPEATS, START), or is longer than MAX_PATTERN. Call pattern_end in either case. */
must_check int pattern_parse(struct pattern *pattern, const char *text, size_t length);
void pattern_end(struct pattern *pattern);

/* Writes a name or URL without its escapes, and a NUL. Returns its length without the NUL; 0 if it does not fit. */
must_check size_t pattern_value(const struct pattern_item *item, char *to, size_t room);
