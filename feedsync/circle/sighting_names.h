/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings as they are shown, and those of a name. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/sighting.h"
#include "libweir/attributes.h"

struct node;
struct why;

/* Calls `visit` with each sighting of the name, or of a subtree above it. Returns 0, also where nothing was ever told, or a negative
 * code with the reason. */
must_check int sighting_names_each(const struct config *config, const uint8_t *wire, size_t length,
	void (*visit)(void *context, const char *partner, const struct sighting *sighting), void *context,
	struct why *why);

/* Prints "sighted to community of 2026-11-28: ...". */
void sighting_names_print(const char *partner, const struct sighting *sighting);

/* The same as a JSON object, which the caller frees: that of sighting_json, with the partner. */
struct node *sighting_names_json(const char *partner, const struct sighting *sighting);

/* Prints a line of it, with `sign` before it; the same as a JSON object, which the caller frees. */
void sighting_print(const char *sign, const struct sighting *sighting);
struct node *sighting_json(const struct sighting *sighting);
