/* SPDX-License-Identifier: BSD-3-Clause */
/* What a builder holds: shared by build.c, settle.c and build_file.c. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"
#include "libweir/build/sort.h"
#include "libweir/policy.h"

struct build {
	struct policy policy;
	uint64_t key;
	struct record *records;
	size_t count, room;
	size_t settled; /* of the records: they are sorted, and none of them is there twice or was taken back */
	uint8_t *texts; /* per rule a length octet and its text */
	size_t text_length, text_room;
	uint64_t added;
	bool cancels;    /* some rule takes others back */
	bool single;     /* a name of a single label may be added ... */
	bool has_single; /* ... and one was */
};

/* Whether a record comes before another one: by key, then by text, then by meta. */
bool build_is_before(const struct build *build, const struct record *x, const struct record *y);

/* Settles all records. Returns 0 or -ENOMEM. */
must_check int build_settle(struct build *build);
