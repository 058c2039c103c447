/* SPDX-License-Identifier: BSD-3-Clause */
/* The elements of an array that stands somewhere in a JSON document, one at a time: the array may be of any size, an
 * element has at most MAX_JSON_ITEM octets. The rest of the document must be JSON, and is passed over. */
#pragma once

#include <stdio.h>

#include "libweir/attributes.h"

struct node;
struct why;

/* Calls `visit` for each element. `path` names the members that lead to the array, from the outermost object, and ends
 * with NULL. An empty array anywhere on that way counts as the array: MISP writes {"response":[]} for an answer without
 * an element. `in` is borrowed. Returns 0; -ENOENT where the document has no such array; -EBADMSG for what is no JSON;
 * -EIO or -ENOMEM; each with the reason; or what `visit` returned, which ends it. One thread. */
must_check int json_each(FILE *in, const char *const *path, int (*visit)(void *context, const struct node *element),
	void *context, struct why *why);
