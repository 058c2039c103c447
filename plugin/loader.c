#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"
#include "handover.h"

enum { RETRY_LOOKS = 30, NAMELESS_US = 2000000 };

static uint64_t now_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t now_s(void)
{
	return now_us(CLOCK_REALTIME) / 1000000;
}

void loader_init(struct loader *loader, const char *path, const char *spare, struct live *live,
	struct counters *counters, void (*say)(bool error, const char *text))
{
	*loader = (struct loader){.live = live, .counters = counters, .say = say, .handover = handover_take()};
	snprintf(loader->path, sizeof loader->path, "%s", path);
	snprintf(loader->state.table, sizeof loader->state.table, "%s", path);
	spare_init(&loader->spare, spare, path);
	counters_publish(counters, &loader->state);
}

/* ---- what is said of the file ---- */

/* What is in force is not what lies at the path. The operator is told in the log once, by the counters for as long. */
static void set_trouble(struct loader *l, const char *reason)
{
	snprintf(l->state.trouble, sizeof l->state.trouble, "%s", reason);
	l->state.trouble_at = now_s();
	snprintf(l->said, sizeof l->said, "weir: table %s: %s; %s", l->path, reason,
		l->state.active ? "the old table stays in force" : "nothing is blocked");
	l->said_error = true;
	counters_publish(l->counters, &l->state);
}

static void refuse(struct loader *l, const char *reason)
{
	char text[sizeof l->state.trouble + 16];
	snprintf(text, sizeof text, "refused: %s", reason);
	l->state.refused++;
	l->state.refused_at = now_s();
	snprintf(l->state.refused_reason, sizeof l->state.refused_reason, "%s", reason);
	set_trouble(l, text);
}

/* The file cannot be opened. Once it can be it is read anew, also where it is the one that is in force. */
static void note_absent(struct loader *l, int error)
{
	l->nameless_us = 0;
	if (error == l->absent)
		return;
	l->absent = error;
	l->seen_inode = 0;
	if (error == ENOENT)
		set_trouble(l, "it is gone");
	else
		refuse(l, error_text(-error));
}

/* The path leads to a file that was taken and has lost its name since: within a rename, for a moment; for ever where the
 * file itself was mounted, as containers do, and another has taken its place outside. */
static void note_nameless(struct loader *l)
{
	uint64_t now = now_us(CLOCK_MONOTONIC);
	if (l->nameless_us == 0)
		l->nameless_us = now;
	if (now - l->nameless_us >= NAMELESS_US && l->state.trouble[0] == '\0')
		set_trouble(l,
			"the file has been replaced or removed elsewhere, and this path still leads to the old one: "
			"mount the directory it is in, not the file");
}

/* ---- taking a table ---- */

static bool accept(struct loader *l, struct table *table, const char *file, uint64_t since, uint64_t load_us)
{
	const struct weir_header header = *table_header(table);
	uint64_t octets = table_bytes(table);
	if (live_replace(l->live, table) != 0) {
		table_close(&table);
		refuse(l, "out of memory");
		return false;
	}
	l->state.active = true;
	l->state.generation = header.generation;
	l->state.created = header.created;
	l->state.rules = header.rules;
	l->state.table_bytes = octets;
	l->state.loaded_at = since;
	l->state.load_us = load_us;
	l->state.loads++;
	snprintf(l->state.file, sizeof l->state.file, "%s", file);
	l->spare_due = true;
	return true;
}

static void describe(const struct loader *l, char *text, size_t size)
{
	snprintf(text, size, "in force: generation %llu, %llu rules, %llu octets, loaded in %llu ms",
		(unsigned long long)l->state.generation, (unsigned long long)l->state.rules,
		(unsigned long long)l->state.table_bytes, (unsigned long long)(l->state.load_us / 1000));
}

static bool take_file(struct loader *l, int fd)
{
	uint64_t start = now_us(CLOCK_MONOTONIC);
	struct table *table;
	struct why why;
	int status = table_open_fd(&table, fd, &why);
	bool accepted = status == 0 && accept(l, table, l->path, now_s(), now_us(CLOCK_MONOTONIC) - start);
	if (status != 0)
		refuse(l, why.text);
	/* What lies in the file stays as it is; what could not be read may be read later. */
	l->seen_retry = accepted || (status != 0 && status <= WEIR_EFORMAT) ? 0 : l->state.active ? RETRY_LOOKS : 1;
	if (accepted) {
		char text[256];
		l->state.trouble[0] = '\0';
		l->state.trouble_at = 0;
		describe(l, text, sizeof text);
		snprintf(l->said, sizeof l->said, "weir: table %s %s", l->path, text);
		l->said_error = false;
		counters_publish(l->counters, &l->state);
	}
	return accepted;
}

/* ---- the file ---- */

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Losing its name changes a file's time of change, but it is no other one for that. */
static bool seen_before(const struct loader *l, const struct stat *st)
{
	return l->seen_inode == st->st_ino && l->seen_device == st->st_dev && l->seen_size == st->st_size &&
	       (st->st_nlink > 0 ? same_time(&l->seen_changed, &st->st_ctim)
				 : same_time(&l->seen_modified, &st->st_mtim));
}

static void note_seen(struct loader *l, const struct stat *st)
{
	l->seen_inode = st->st_ino;
	l->seen_device = st->st_dev;
	l->seen_size = st->st_size;
	l->seen_changed = st->st_ctim;
	l->seen_modified = st->st_mtim;
	l->seen_named = st->st_nlink > 0;
}

static bool check_file(struct loader *l, bool again)
{
	struct stat st;
	int fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0) {
		note_absent(l, errno);
		if (fd >= 0)
			close(fd);
		return false;
	}
	l->absent = 0;
	bool seen = seen_before(l, &st), taken = false;
	if (seen && st.st_nlink == 0 && l->seen_named)
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

/* ---- what was in force before ---- */

static uint64_t modified_at(int fd)
{
	struct stat st;
	return fd >= 0 && fstat(fd, &st) == 0 && st.st_mtim.tv_sec > 0 ? (uint64_t)st.st_mtim.tv_sec : 0;
}

/* Says what is in force instead of the file, and why. */
static void say_restored(struct loader *l)
{
	char text[256], when[32];
	struct tm utc;
	time_t since = (time_t)l->state.loaded_at;
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&since, &utc));
	describe(l, text, sizeof text);
	snprintf(l->said, sizeof l->said, "weir: table %s: %s; the last one, of %s, from %s, stays %s", l->path,
		l->state.trouble, when, l->state.file, text);
	l->said_error = true;
}

/* Returns 0, or why not. */
static int restore_from(struct loader *l, int fd, const char *file)
{
	uint64_t start = now_us(CLOCK_MONOTONIC);
	struct table *table;
	struct why why;
	int status = table_open_fd(&table, fd, &why);
	if (status != 0) {
		snprintf(l->state.spare_trouble, sizeof l->state.spare_trouble, "%s", why.text);
		return status;
	}
	if (!accept(l, table, file, modified_at(fd), now_us(CLOCK_MONOTONIC) - start))
		return -ENOMEM;
	say_restored(l);
	return 0;
}

/* The newer of the two that may be there, or else the other. It is the former, unless workers are processes: these see
 * new tables of which the process that begins them knows nothing. */
static bool restore(struct loader *l)
{
	char path[sizeof l->state.file];
	snprintf(path, sizeof path, "%.*s/%s", (int)(sizeof path - sizeof l->spare.name) - 2, l->spare.directory,
		l->spare.name);
	struct {
		int fd;
		const char *file;
	} kept[] = {{l->handover, "memory, kept over a reload"}, {spare_open(&l->spare), path}};
	unsigned first = kept[0].fd < 0 || modified_at(kept[1].fd) > modified_at(kept[0].fd);
	int status = 0;
	for (unsigned i = 0; i < 2 && !l->state.active; i++) {
		unsigned k = first ^ i;
		int failed = kept[k].fd >= 0 ? restore_from(l, kept[k].fd, kept[k].file) : 0;
		status = failed ? failed : status;
	}
	if (kept[1].fd >= 0)
		close(kept[1].fd);
	l->restored = !error_is_shortage(status);
	counters_publish(l->counters, &l->state);
	return l->state.active;
}

bool loader_check(struct loader *loader, bool again)
{
	struct loader *l = loader;
	bool changed = check_file(l, again);
	if (!changed && !l->state.active && !l->restored)
		changed = restore(l);
	if (l->state.active && l->handover >= 0) {
		close(l->handover);
		l->handover = -1;
	}
	return changed;
}

/* ---- what comes next ---- */

static void note_spare(struct loader *l, int status)
{
	const char *reason = status >= 0 ? "" : status == -ENOSPC ? "the disk is nearly full" : error_text(status);
	if (status == 0)
		l->spare_due = false;
	if (status < 0) {
		l->spare_of = 0;
		l->spare_wait = RETRY_LOOKS;
	}
	if (strcmp(reason, l->state.spare_trouble) == 0)
		return;
	snprintf(l->state.spare_trouble, sizeof l->state.spare_trouble, "%s", reason);
	counters_publish(l->counters, &l->state);
	if (!reason[0])
		return;
	snprintf(l->said, sizeof l->said,
		"weir: no copy of the table in %s; where the table is gone or damaged at the next start, nothing will "
		"be "
		"blocked (conf/weir.tmpfiles makes the directory)",
		reason);
	l->said_error = true;
}

/* Returns 1 if there is more to do. */
static int write_slice(struct loader *l, bool durable)
{
	const struct live_table *table = live_current(l->live);
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
	const struct live_table *table = live_current(l->live);
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

void loader_report(struct loader *loader)
{
	if (loader->said[0])
		loader->say(loader->said_error, loader->said);
	loader->said[0] = '\0';
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
