/* SPDX-License-Identifier: BSD-3-Clause */
/* A document that is held in memory as a whole. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

/* Reads what is left of a stream. Returns 0 and a text of *length octets, to be freed; or, with NULL for one and the
 * reason, -errno, or -EFBIG where there are more than `max` octets. */
must_check int whole_text_read(char **text, size_t *length, FILE *in, uint64_t max, struct why *why);
