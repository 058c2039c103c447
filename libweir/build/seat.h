/* SPDX-License-Identifier: BSD-3-Clause */
/* A place for every rule: with the key that is given, or with another one where too many nodes of the index have their
 * home in the same line (index.h). With a random key that happens hardly ever; but whoever knows the key, and it stands
 * in every table, finds some hundred names that no table with it can hold. So the next keys must be ones that nobody
 * knows. Where no key helps, the names that crowd are left out: nobody keeps the others' rules from being published. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/build/build.h"
#include "libweir/build/fold.h"
#include "libweir/build/index.h"

struct why;

/* Does it for folded rules. Afterwards fold->key is the key that was found, and fold->rules may be fewer. Returns 0 and
 * an index to be given to index_free, and how many rules were left out; or -errno, or WEIR_ELIMIT (more nodes than the
 * format has room for), with the reason. */
must_check int seat_rules(struct fold *fold, const struct build_options *options, struct index *index,
	uint64_t *left_out, struct why *why);
