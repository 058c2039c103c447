/* SPDX-License-Identifier: BSD-3-Clause */
/* How the lists of proxies and their kin spell a name and what it covers:
 *
 *     DOMAIN-SUFFIX,x   HOST-SUFFIX,x   domain:x   x and what is below it (Clash, Surge, Quantumult; v2fly)
 *     DOMAIN,x          HOST,x          full:x     x alone
 *
 * In Clash's YAML a line begins with "- " and may be in quotes, and ".x" there is what is below x. Behind the name the
 * former may have where the list sends it ("DIRECT" is an exception), and v2fly's lists attributes ("@ads"). Pure
 * functions: any thread may call them. */
#pragma once

#include <stdbool.h>

#include "feedsync/entries/reject.h"
#include "feedsync/entries/rule.h"
#include "feedsync/formats/span.h"
#include "libweir/attributes.h"

struct spelled {
	struct span name;
	enum scope scope;
	enum rule_kind kind;
	enum reject reject; /* why it is no rule; REJECT_COUNT: it is one */
};

/* Takes off the line, trimmed and without its comment, what YAML and v2fly put around a value; nothing may be left. Then
 * reads what is left. Returns whether it is spelled in one of these ways; else it is a value like others. */
must_check bool spelling_read(struct span *line, struct spelled *spelled);
