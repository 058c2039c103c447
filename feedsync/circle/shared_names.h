/* SPDX-License-Identifier: BSD-3-Clause */
/* What others were told of a name. */
#pragma once

#include "feedsync/circle/item.h"
#include "feedsync/config/configuration.h"
#include "libweir/attributes.h"

struct node;
struct why;

/* Calls `visit` with each item of an output that is the name, or a subtree above it: listed now or once. Reads the outputs'
 * states; one that cannot be read is logged, and the others are told. Returns whether all could be. */
bool shared_names_each(const struct config *config, const uint8_t *wire, size_t length,
	void (*visit)(void *context, const struct output *output, const struct item *item), void *context);

/* Prints a line of it: "shared in circle: ...". */
void shared_names_print(const struct output *output, const struct item *item);

/* The same as a JSON object, which the caller frees. */
struct node *shared_names_json(const struct output *output, const struct item *item);
