/* SPDX-License-Identifier: BSD-3-Clause */
/* Publishing to others: for each output, what it shall tell now is compared with what it has told; where that differs a
 * release is made (release.h) and logged (shared_log.h). Whatever fails, the last release stays, and nothing of it touches
 * the table or a resolver. */
#pragma once

#include <stddef.h>

#include "feedsync/circle/share_request.h"
#include "libweir/attributes.h"

struct why;

/* How many outputs came out how. */
struct share_counts {
	size_t released, unchanged, failed;
};

/* Shares. Logs what happens to each output. Waits for another feedsync that shares, at most LOCK_WAIT_S. Returns 0 and the counts; or a negative
 * code with the reason where nothing could begin: then nothing was released. */
must_check int share_all(const struct share_request *request, struct share_counts *counts, struct why *why);
