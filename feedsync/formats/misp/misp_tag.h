/* SPDX-License-Identifier: BSD-3-Clause */
/* Tags in MISP: free text, by convention namespace:predicate="value", on events and on attributes. People write them in
 * several ways, so they are compared in a plain form. */
#pragma once

#include <stdbool.h>

#include "feedsync/base/json.h"
#include "libweir/attributes.h"

enum { MAX_TAG = 255 }; /* characters, as in MISP; only so many of a longer tag are compared */

/* Writes the plain form of a tag: without quotes and blanks. Compare plain forms in any case. */
void misp_plain_tag(const char *tag, char plain[MAX_TAG + 1]);

/* Calls `visit` with each tag of an event or an attribute, as it is written. */
void misp_each_tag(const struct node *owner, void (*visit)(void *context, const char *tag), void *context);
