/* SPDX-License-Identifier: BSD-3-Clause */
/* Times as STIX and TAXII write them, exactly (RFC 3339): "2026-03-17T21:04:11.123Z". What may be written in many ways
 * timestamp.h reads. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

/* Reads a time into microseconds since 1970; one before 1970 gives 0, what is finer than a microsecond is cut off.
 * Returns whether it is one. NULL is none. */
must_check bool rfc3339_read(const char *text, uint64_t *us);
