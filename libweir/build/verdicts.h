/* SPDX-License-Identifier: BSD-3-Clause */
/* Collects the distinct verdicts and classes of a table while it is built, and numbers them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/policy.h"

struct verdicts;

must_check struct verdicts *verdicts_new(void);
void verdicts_free(struct verdicts *verdicts);

/* Returns the number (from 1) of the verdict with these lists, which are copied, or 0 when out of memory. Lists must be
 * sorted for equal ones to be found equal. */
must_check uint32_t verdicts_intern(struct verdicts *verdicts, enum decision decision, const struct own_source *own,
	size_t own_count, const struct source *effective, size_t effective_count);

/* Returns the number of the class (from 0), or UINT32_MAX when out of memory, and counts one more use of it. */
must_check uint32_t verdicts_intern_class(struct verdicts *verdicts, struct class class);
void verdicts_use_class(struct verdicts *verdicts, uint32_t class);

/* Gives final numbers: verdicts by content, classes by use (the most used have the shortest code), then content.
 * Classes that `base` (or NULL) has too keep their number there, where that leaves no gap: an entry of the names holds
 * its class's number, and two tables that follow each other should differ in few octets. Fills in the policy's verdicts
 * and classes, which stay owned by `verdicts`, and sets new_number[old class]; `new_number` is malloc'ed for the
 * caller. Returns 0, -ENOMEM, or WEIR_ELIMIT for more than POLICY_MAX_VERDICTS of either. */
must_check int verdicts_finish(
	struct verdicts *verdicts, struct policy *policy, const struct policy *base, uint32_t **new_number);

/* Afterwards: drops the classes that no rule has any more. The others keep their order. `number`, by class, is not 0 where
 * a rule has it; its new number is put there. */
void verdicts_drop_classes(struct verdicts *verdicts, struct policy *policy, uint32_t *number);
