/* SPDX-License-Identifier: BSD-3-Clause */
/* Tags in MISP: free text, by convention namespace:predicate="value", on events and on attributes. People write them in
 * several ways, so they are compared in a plain form. */
#pragma once

#include <stdbool.h>

#include "feedsync/base/json.h"
#include "libweir/attributes.h"

enum { MAX_TAG = 255 }; /* characters, as in MISP; of longer ones the rest is not looked at */

/* The plain form: without quotes and blanks. Case is kept: compare without regard to it. */
void misp_plain_tag(const char *tag, char plain[MAX_TAG + 1]);

/* Calls `visit` with each tag of an event or an attribute, as it is written. */
void misp_each_tag(const struct node *owner, void (*visit)(void *context, const char *tag), void *context);
