/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/table_file.h"

#include "libweir/errors.h"
#include "libweir/table.h"

int table_file_open(struct table **table, const char *path, struct why *why)
{
	struct why reason;
	int status = table_open(table, path, &reason);
	return status == 0 ? 0 : why_set(why, status, "%.150s: %.100s", path, reason.text);
}
