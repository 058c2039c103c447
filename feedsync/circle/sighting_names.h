/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings as they are shown, and those of a name. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/sighting.h"
#include "libweir/attributes.h"

struct node;

/* Prints a line of it, with `sign` before it; the same as a JSON object, which the caller frees. */
void sighting_print(const char *sign, const struct sighting *sighting);
struct node *sighting_json(const struct sighting *sighting);
