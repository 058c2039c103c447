/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of feed_worth.h share. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

struct feeds_worth;
struct why;

/* What the history says of feeds that began to list names, and took them back. `since`: seconds since 1970. */
must_check int worth_read_history(struct feeds_worth *worth, const char *state, uint64_t since, struct why *why);
