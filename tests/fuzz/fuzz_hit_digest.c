/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests of hits, whoever has written them: what is read is within its bounds, and adds up. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/trends/hit_digest.h"
#include "libweir/errors.h"
#include "libweir/name.h"

struct total {
	uint64_t hits;
};

static void check_row(void *context, const struct hit_row *row)
{
	struct total *total = context;
	name_storage wire;
	if (row->hits == 0 || !row->name)
		abort();
	if (row->kind != HIT_ROW_GROUP && !policy_name_valid(row->category))
		abort();
	if (row->kind != HIT_ROW_RULE)
		return;
	if (name_from_text(row->name, strlen(row->name), wire) < 0 || !policy_name_valid(row->group) || row->low < 0 ||
		row->more < 0 || row->action == ACTION_ALLOW)
		abort();
	total->hits += row->hits;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hit_digest digest;
	struct total total = {0};
	struct why why;
	const struct hit_document document = {"r1", 494631, (const char *)data, size};
	int status = hit_digest_read(&digest, &document, check_row, &total, &why);
	if (status == 0 && digest.traffic.blocked + digest.traffic.logged != total.hits + digest.traffic.unattributed)
		abort();
	return 0;
}
