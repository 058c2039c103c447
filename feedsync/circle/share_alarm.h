/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether there is to be a release: something new to be told, and not too much of it. */
#pragma once

#include <stdbool.h>

#include "feedsync/base/file_sum.h"
#include "feedsync/circle/listing.h"
#include "feedsync/circle/rendering.h"
#include "libweir/attributes.h"

struct why;

/* Why a list is not released: how much of it goes, or comes, at once. Returns whether that is so, with the reason. */
bool share_alarm(const struct listing_counts *counts, struct why *why);

/* By what is known whether a release would tell anything else. Returns 0 or -ENOMEM. */
must_check int share_content(char sum[FILE_SUM], const struct release *release);
