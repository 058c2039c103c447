/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX patterns (STIX 2.1, chapter 9), as far as they are lists of names.
 *
 * A pattern is read as what it is logically: alternatives, each of which alone means that something was seen. So
 * "[domain-name:value = 'a' OR ipv4-addr:value = 'b'] OR [domain-name:value IN ('c', 'd')]" holds the names a, c and d,
 * and an address, which DNS blocking passes over. A name that is bound to anything else by AND is none: blocking it
 * would block more than the pattern says. But where a name leads to (resolves_to_refs), and what MISP notes beside it
 * (x_misp_...), does not make it less malicious: such conditions are left out.
 */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum pattern_kind {
	PATTERN_NAME,     /* domain-name:value */
	PATTERN_URL,      /* url:value */
	PATTERN_OTHER,    /* a property that names nothing DNS could block */
	PATTERN_UNUSABLE, /* more than one comparison for equality, or another one */
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

/* Reads a pattern; its items point into the text. Returns 0, or -EBADMSG for one that is no pattern, or more of one
 * than is known here (FOLLOWEDBY, WITHIN, REPEATS, START), or longer than MAX_PATTERN. pattern_end follows either way. */
must_check int pattern_parse(struct pattern *pattern, const char *text, size_t length);
void pattern_end(struct pattern *pattern);

/* Writes a name or URL without its escapes, ended by a NUL that does not count. Returns its length; 0 for one that does
 * not fit. */
must_check size_t pattern_value(const struct pattern_item *item, char *to, size_t room);
