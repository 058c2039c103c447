/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/pull_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/whole_text.h"
#include "feedsync/base/whole_write.h"
#include "feedsync/unpack/zstd_whole.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/format.h"
#include "libweir/table.h"

/* ---- making ---- */

static int read_whole_file(const char *path, char **octets, size_t *length, struct why *why)
{
	struct why reason;
	int status = whole_text_load(octets, length, path, WEIR_MAX_FILE, &reason);
	return status == 0 ? 0 : why_set(why, status, "%.120s: %.100s", path, reason.text);
}

int pull_table_make(const struct manifest *manifest, const char *object, const char *base, int fd, struct why *why)
{
	const struct manifest_table *wanted = &manifest->table;
	char *frames = NULL, *prefix = NULL, *table = NULL, digest[SHA256_TEXT];
	size_t length = 0, prefix_length = 0;
	int status = read_whole_file(object, &frames, &length, why);
	if (status == 0 && base)
		status = read_whole_file(base, &prefix, &prefix_length, why);
	if (status == 0 && !(table = malloc((size_t)wanted->size)))
		status = why_set(
			why, -ENOMEM, "out of memory for a table of %llu octets", (unsigned long long)wanted->size);
	if (status == 0)
		status = zstd_read_whole(table, (size_t)wanted->size, frames, length, prefix, prefix_length, why);
	free(frames);
	free(prefix);
	if (status == 0) {
		digest_sha256(digest, table, (size_t)wanted->size);
		if (strcmp(digest, wanted->sha256) != 0)
			status = why_set(why, -EBADMSG,
				"what comes out of it is not the table of the manifest: its SHA-256 differs");
	}
	if (status == 0 && (status = whole_write(fd, table, (size_t)wanted->size)) != 0)
		why_set(why, status, "cannot write the table: %s", error_text(status));
	free(table);
	return status;
}

/* ---- trying ---- */

/* Whether somebody's query for a name is blocked. */
static bool table_blocks(const struct table *table, const char *name)
{
	name_storage wire;
	struct name_labels labels;
	struct match match;
	size_t length = name_from_plain((const uint8_t *)name, strlen(name), wire, &labels);
	if (!table_lookup(table, wire, length, &match))
		return false;
	return table_policy(table)->verdicts[match.verdict].any_action > ACTION_LOG;
}

static int try_names(const struct table *table, const struct manifest *manifest, struct why *why)
{
	for (size_t i = 0; i < manifest->must_pass.count; i++)
		if (table_blocks(table, manifest->must_pass.name[i]))
			return why_set(why, PULL_NAME_DECIDED_WRONGLY, "it would block %.200s, which must pass",
				manifest->must_pass.name[i]);
	for (size_t i = 0; i < manifest->must_block.count; i++)
		if (!table_blocks(table, manifest->must_block.name[i]))
			return why_set(why, PULL_NAME_DECIDED_WRONGLY,
				"it would let %.200s pass, which must be blocked", manifest->must_block.name[i]);
	return 0;
}

int pull_table_try(struct table **table, const struct manifest *manifest, int fd, struct why *why)
{
	int status = table_open_fd(table, fd, why);
	if (status == 0)
		status = table_verify(*table, why);
	if (status == 0 && (table_header(*table)->generation != manifest->table.generation ||
				   table_header(*table)->rules != manifest->table.rules))
		status = why_set(why, -EBADMSG, "its generation or number of rules is not that of the manifest");
	if (status == 0)
		status = try_names(*table, manifest, why);
	if (status != 0)
		table_close(table);
	return status;
}
