/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "libweir/version.h"
#include "plugin/core/handover.h"
#include "plugin/core/loader_keep.h"

enum { NAMELESS_US = 1000000 };

void loader_init(struct loader *loader, const char *path, const char *spare, struct current *current,
	struct counters *counters, void (*say)(bool error, const char *text))
{
	*loader = (struct loader){.current = current, .counters = counters, .say = say, .handover = handover_take()};
	snprintf(loader->path, sizeof loader->path, "%s", path);
	snprintf(loader->state.table, sizeof loader->state.table, "%s", path);
	snprintf(loader->state.release, sizeof loader->state.release, "%s", weir_release);
	spare_init(&loader->spare, spare, path);
	counters_publish(counters, &loader->state);
}

/* ---- what is said of the file ---- */

/* Notes that the file cannot be opened. Once it can be opened it is read again, even if it is the file that is in
 * force. */
static void note_absent(struct loader *l, int error)
{
	if (error == l->absent)
		return;
	l->absent = error;
	l->seen_inode = 0;
	if (error == ENOENT)
		loader_set_trouble(l, l->state.active ? "it is gone" : "there is none", "the old table stays");
	else
		loader_refuse(l, error_text(-error));
}

/* Notes that the path leads to a file that was taken and has lost its name since. In a rename that lasts a moment. It
 * lasts for ever where the file itself was mounted, as containers do, and another file has taken its place outside. */
static void note_nameless(struct loader *l)
{
	uint64_t now = loader_now_us(CLOCK_MONOTONIC);
	if (l->nameless_us == 0)
		l->nameless_us = now;
	if (now - l->nameless_us >= NAMELESS_US && l->state.trouble[0] == '\0')
		loader_set_trouble(l,
			"the file has been replaced or removed elsewhere, and this path still leads to the old one",
			"that stays; mount the directory of the table, not the file");
}

/* ---- which file it is ---- */

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Whether it is the file that was seen last, and unchanged. The time of change (ctime) is left out. */
static bool same_file(const struct loader *l, const struct stat *st)
{
	return l->seen_inode == st->st_ino && l->seen_device == st->st_dev && l->seen_size == st->st_size &&
	       same_time(&l->seen_modified, &st->st_mtim);
}

/* Whether the file itself was mounted at the path, and not only the file system that holds it. */
static bool is_mounted(const char *path)
{
	struct statx stx;
	return statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE, &stx) == 0 &&
	       (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

/* Whether the file has lost a name since it was seen. That changes its time of change, but it is still the same file.
 * It may have other names: the tables that feedsync archives. */
static bool has_lost_name(const struct loader *l, const struct stat *st)
{
	return l->seen_names > 0 && same_file(l, st) && !same_time(&l->seen_changed, &st->st_ctim) &&
	       (st->st_nlink == 0 || is_mounted(l->path));
}

/* Whether the file has gained a name, as each table does when feedsync archives it, or has lost one of several. That
 * too changes its time of change only. */
static bool has_other_names(const struct loader *l, const struct stat *st)
{
	return same_file(l, st) &&
	       (st->st_nlink > l->seen_names || (st->st_nlink < l->seen_names && !has_lost_name(l, st)));
}

static bool seen_before(const struct loader *l, const struct stat *st)
{
	return same_file(l, st) && (same_time(&l->seen_changed, &st->st_ctim) || has_lost_name(l, st));
}

/* Reads what is told of the file. The kernel does not tell it as of one moment: while the file is being replaced, its time
 * of change may be new already, and its number of names still the old one. So it is read again where they differ thus. */
static int read_settled(const struct loader *l, int fd, struct stat *st)
{
	int status = fstat(fd, st);
	if (status == 0 && same_file(l, st) && !same_time(&l->seen_changed, &st->st_ctim))
		status = fstat(fd, st);
	return status;
}

static void note_seen(struct loader *l, const struct stat *st)
{
	l->seen_inode = st->st_ino;
	l->seen_device = st->st_dev;
	l->seen_size = st->st_size;
	l->seen_changed = st->st_ctim;
	l->seen_modified = st->st_mtim;
	l->seen_names = st->st_nlink;
}

/* ---- taking a table ---- */

static bool take_file(struct loader *l, int fd)
{
	uint64_t start = loader_now_us(CLOCK_MONOTONIC);
	struct table *table;
	struct why why;
	int status = table_open_fd(&table, fd, &why);
	bool accepted =
		status == 0 && loader_accept(l, table, l->path, loader_now_s(), loader_now_us(CLOCK_MONOTONIC) - start);
	if (status != 0)
		loader_refuse(l, why.text);
	/* A damaged file stays damaged, so there is no retry. A file that could not be read may be readable later. */
	l->seen_retry = accepted || status <= WEIR_EFORMAT ? 0 : l->state.active ? LOADER_RETRY : 1;
	if (accepted) {
		char text[256];
		l->state.trouble[0] = '\0';
		l->state.trouble_at = 0;
		loader_describe(l, text, sizeof text);
		bool mounted = is_mounted(l->path);
		const char *trouble = l->current->key_trouble.text;
		snprintf(l->said, sizeof l->said, "weir: table %s %s%s%s%s", l->path, text,
			mounted ? "; THE FILE IS MOUNTED BY ITSELF, so it is never replaced here: mount its directory"
				: "",
			trouble[0] ? "; `client-key-file`: " : "", trouble);
		l->said_error = mounted || trouble[0];
		counters_publish(l->counters, &l->state);
	}
	return accepted;
}

/* ---- looking ---- */

static bool check_file(struct loader *l, bool again)
{
	struct stat st;
	int fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || read_settled(l, fd, &st) != 0) {
		note_absent(l, errno);
		if (fd >= 0)
			close(fd);
		return false;
	}
	l->absent = 0;
	if (has_other_names(l, &st))
		note_seen(l, &st);
	bool seen = seen_before(l, &st), taken = false;
	if (has_lost_name(l, &st))
		note_nameless(l);
	else
		l->nameless_us = 0;
	if (!seen || (l->seen_retry && (again || --l->seen_retry == 0))) {
		note_seen(l, &st);
		taken = take_file(l, fd);
	}
	close(fd);
	return taken;
}

bool loader_check(struct loader *loader, bool again)
{
	struct loader *l = loader;
	bool changed = check_file(l, again);
	if (!changed && !l->state.active && !l->restored)
		changed = loader_restore(l);
	if (l->state.active && l->handover >= 0) {
		close(l->handover);
		l->handover = -1;
	}
	return changed;
}

void loader_count_scrub(struct loader *loader, uint64_t walked, uint64_t evicted, uint64_t microseconds)
{
	loader->state.scrub_walked += walked;
	loader->state.scrub_evicted += evicted;
	if (microseconds > 0) {
		loader->state.scrubs++;
		loader->state.scrub_last_us = microseconds;
		loader->state.scrub_generation = loader->state.generation;
	}
	counters_publish(loader->counters, &loader->state);
}
