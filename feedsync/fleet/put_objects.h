/* SPDX-License-Identifier: BSD-3-Clause */
/* The objects of a channel in its target: putting those that a manifest will name, and removing those that none has named for
 * long. No target is ever asked to list what it has: object stores differ in that, and it costs. What we have put is known by
 * <state>/fleet/channels/<channel>/objects.json; if that is lost, what it told of stays in the target. */
#pragma once

#include "libweir/attributes.h"

struct bundle;
struct manifest;
struct target;
struct why;

/* Puts what is not there as it should be. Returns 0, or a negative code with the reason. */
must_check int put_objects(struct target *target, const struct bundle *bundle, struct why *why);

/* Notes what the newest manifest names, and what the one before has named until now (serial 0: there was none); then removes
 * what has not been named for as long as the channel keeps it. A failure is logged, and the next time tries again. */
void remove_old_objects(
	struct target *target, const char *state, const struct manifest *before, const struct manifest *manifest);
