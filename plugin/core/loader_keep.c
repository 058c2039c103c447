/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/loader_keep.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "plugin/core/handover.h"
#include "plugin/core/loader_state.h"

/* ---- what was in force before ---- */

static uint64_t modified_at(int fd)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_mtim.tv_sec > 0 ? (uint64_t)st.st_mtim.tv_sec : 0;
}

/* Says what is in force instead of the file, and why: that is an error, as its trouble was. */
static void say_restored(struct loader *l)
{
	char text[256], when[LOADER_TIME];
	loader_describe(l, text, sizeof text);
	snprintf(l->said, sizeof l->said, "weir: table %s: %s; the last one, of %s, from %s, stays %s", l->path,
		l->state.trouble, loader_time_text(l->state.loaded_at, when), l->state.file, text);
}

/* Takes the table from a file. Returns 0 or a negative code. */
static int restore_from(struct loader *l, int fd, const char *file)
{
	uint64_t start = loader_now_us(CLOCK_MONOTONIC);
	struct table *table;
	struct why why;
	int status = table_open_fd(&table, fd, &why);
	if (status != 0) {
		snprintf(l->state.spare_trouble, sizeof l->state.spare_trouble, "%s", why.text);
		return status;
	}
	if (!loader_accept(l, table, file, modified_at(fd), loader_now_us(CLOCK_MONOTONIC) - start))
		return -ENOMEM;
	say_restored(l);
	return 0;
}

static const char *reason_of(int status)
{
	switch (status) {
	case -ENOSPC: return "the disk is nearly full";
	case -EPERM: return "it is not Unbound's own, or others may write to it";
	default: return error_text(status);
	}
}

/* Notes that the copy on the disk cannot be used, and that there is nothing else. */
static void note_unusable(struct loader *l, int status)
{
	if (status > WEIR_EFORMAT)
		snprintf(l->state.spare_trouble, sizeof l->state.spare_trouble, "%s", reason_of(status));
	size_t length = strlen(l->said);
	if (length > 0)
		snprintf(l->said + length, sizeof l->said - length, "; its copy in %s: %s", l->spare.directory,
			l->state.spare_trouble);
}

/* Tries the two copies that may be there, the newer one first. That is the one in memory, unless workers are processes:
 * those see new tables that their parent process never sees. A copy on the disk may also come, or be mended, later. */
bool loader_restore(struct loader *l)
{
	char path[sizeof l->state.file];
	snprintf(path, sizeof path, "%.*s/%s", (int)(sizeof path - sizeof l->spare.name) - 2, l->spare.directory,
		l->spare.name);
	struct {
		int fd;
		const char *file;
	} kept[] = {{l->handover, "memory, kept over a reload"}, {spare_open(&l->spare), path}};
	unsigned first = modified_at(kept[1].fd) > modified_at(kept[0].fd);
	int status[2] = {0};
	for (unsigned i = 0; i < 2 && !l->state.active; i++) {
		unsigned k = first ^ i;
		status[k] = kept[k].fd >= 0 ? restore_from(l, kept[k].fd, kept[k].file) : kept[k].fd;
	}
	if (kept[1].fd >= 0)
		close(kept[1].fd);
	/* A damaged copy must go: by its header it would pass for a copy of its table. */
	if (status[1] == WEIR_EFORMAT)
		spare_remove(&l->spare);
	if (!l->state.active) {
		l->restored = kept[1].fd >= 0 && !error_is_shortage(status[0]) && !error_is_shortage(status[1]);
		if (status[1] != -ENOENT)
			note_unusable(l, status[1]);
	}
	counters_publish(l->counters, &l->state);
	return l->state.active;
}

/* ---- what comes next ---- */

static void note_spare(struct loader *l, int status)
{
	const char *reason = status >= 0 ? "" : reason_of(status);
	if (status == 0)
		l->spare_due = false;
	if (status < 0) {
		l->spare_of = 0;
		l->spare_wait = LOADER_RETRY;
	}
	if (strcmp(reason, l->state.spare_trouble) == 0)
		return;
	snprintf(l->state.spare_trouble, sizeof l->state.spare_trouble, "%s", reason);
	counters_publish(l->counters, &l->state);
	if (!reason[0])
		return;
	snprintf(l->said, sizeof l->said,
		"weir: no copy of the table in %s: %s; if the table is gone or damaged at the next start, nothing "
		"will be blocked (conf/weir.tmpfiles makes the directory)",
		l->spare.directory, reason);
	l->said_error = true;
}

/* Returns 1 if there is more to do. */
static int write_slice(struct loader *l, bool durable)
{
	const struct current_table *table = current_loaded(l->current);
	if (!table || !l->spare_due)
		return 0;
	if (l->spare_of != table->number) {
		l->spare_of = table->number;
		return spare_begin(&l->spare, table->table, l->state.loaded_at);
	}
	return spare_some(&l->spare, table->table, durable);
}

static bool write_spare(struct loader *l, bool durable)
{
	bool due = l->spare_due;
	int status = write_slice(l, durable);
	if (due)
		note_spare(l, status);
	return status > 0;
}

bool loader_write_spare(struct loader *loader, bool durable)
{
	if (loader->spare_wait > 0) {
		loader->spare_wait--;
		return false;
	}
	return write_spare(loader, durable);
}

void loader_end(struct loader *loader)
{
	struct loader *l = loader;
	const struct current_table *table = current_loaded(l->current);
	while (write_spare(l, false))
		continue;
	spare_abort(&l->spare);
	int status = table ? handover_leave(table->table, l->state.loaded_at) : 0;
	if (status != 0) {
		snprintf(l->said, sizeof l->said, "weir: the table is not kept over a reload: %s", error_text(status));
		l->said_error = true;
	}
	if (l->handover >= 0)
		close(l->handover);
	loader_report(l);
}
