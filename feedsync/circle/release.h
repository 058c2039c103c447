/* SPDX-License-Identifier: BSD-3-Clause */
/* Releases of an output (release_directory.h). A release is made, read back by our own parsers, signed and synced before others see
 * it. */
#pragma once

#include "feedsync/base/digest.h"
#include "feedsync/circle/output_state.h"
#include "feedsync/circle/rendering.h"
#include "libweir/attributes.h"

struct why;

/* Makes <to>/r<serial> and writes the state that belongs to it, both copies; nobody sees them yet. A file that is the same in
 * the release before is that file. `sum` is that of the main file. Returns 0 or a negative code with the reason: -EBADMSG
 * where what was read back is not what was to be told. */
must_check int release_prepare(const struct release *release, const struct output_state *state,
	const char *state_directory, char sum[SHA256_TEXT], struct why *why);

/* Lets others see it. Returns 0 or a negative code with the reason: then they see what they saw before. */
must_check int release_show(const struct release *release, struct why *why);

/* Removes older releases (release_directory_prune). */
void release_prune(const struct output *output, uint32_t serial);
