/* SPDX-License-Identifier: BSD-3-Clause */
/* The sources of a verdict, for messages and for JSON. Any thread. */
#pragma once

#include "libweir/policy.h"

struct node;

/* Those that a verdict blocks for, "f (malicious), g (phishing)", as many as `room` octets hold; "" for none. Returns the
 * text. `verdict` may be NULL. */
const char *sources_text(const struct policy *policy, const struct verdict *verdict, char *text, size_t room);

/* The same as a list of objects, all of them. */
struct node *sources_json(const struct policy *policy, const struct verdict *verdict);

/* The distinct names of the feeds, respectively categories, of a list of sources, in the order of the policy. */
struct node *feeds_json(const struct policy *policy, const struct source *sources, size_t count);
struct node *categories_json(const struct policy *policy, const struct source *sources, size_t count);
