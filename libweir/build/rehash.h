/* SPDX-License-Identifier: BSD-3-Clause */
/* Building the index so that every rule fits: with the key that is given, or with another one (a rehash) where too many
 * nodes of the index have their home in the same line (index.h). With a random key that happens hardly ever. But the key
 * stands in every table, and whoever knows it finds some hundred names that no table with this key can hold. So the next
 * keys must be ones that nobody knows. Where no key helps, the names that crowd one line are left out: nobody keeps the
 * others' rules from being published. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/fold.h"
#include "libweir/build/index.h"
#include "libweir/build/options.h"

struct why;

/* Builds the index of folded rules. Afterwards fold->key is the key that fits, and fold->rules may be fewer: by how
 * many is added to `left_out`. The caller gives the index to index_free. Returns 0, -ENOMEM, what options->fresh_key returned, or
 * WEIR_ELIMIT (more nodes than the format has room for), with the reason. */
must_check int rehash_until_fits(struct fold *fold, const struct build_options *options, struct index *index,
	uint64_t *left_out, struct why *why);
