/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules that the published table has already: those of feeds that are not read for the new one stay. */
#pragma once

#include "libweir/attributes.h"

struct build;
struct compile;
struct why;

/* Adds to the build the rules that `compile->retained` has of feeds which the new policy has too, and which were not
 * read. A rule is left out where it would reach the self-test or what the operator guards as his own, and where its
 * category is gone; the log tells how many. Returns 0 or a negative code with the reason. */
must_check int retain_rules(struct build *build, const struct compile *compile, struct why *why);
