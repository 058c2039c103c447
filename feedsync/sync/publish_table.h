/* SPDX-License-Identifier: BSD-3-Clause */
/* One table: what the feeds hold and what the operator lists is compiled, judged, published, and told to the
 * resolvers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/sync/sync.h"
#include "libweir/errors.h"

struct guard;

/* What came of making a table. */
struct sync_table {
	int status;     /* 0, -errno, or a WEIR_E code */
	bool published; /* a new one; also where the status is not 0: then of the operator's lists alone */
	bool held;      /* a hold forbids to publish (hold.h) */
	enum error_class error_class; /* of the status */
	struct why why;               /* the reason, where the status is not 0 */
};

/* Makes a table of what is good and, if it is another one, publishes it, unless there is a hold. `fetch_ms`: how long
 * the feeds took, for the history. */
void sync_table_publish(struct sync *sync, const struct guard *guard, uint64_t fetch_ms, struct sync_table *result);
