#include "loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"

enum { RETRY_LOOKS = 30, OPEN_TRIES = 100, OPEN_PAUSE_MS = 1 };

static uint64_t now_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void loader_init(struct loader *loader, const char *path, struct live *live, struct counters *counters,
	void (*say)(bool error, const char *text))
{
	*loader = (struct loader){.live = live, .counters = counters, .say = say};
	snprintf(loader->path, sizeof loader->path, "%s", path);
	snprintf(loader->state.table, sizeof loader->state.table, "%s", path);
	counters_publish(counters, &loader->state);
}

static bool seen_before(const struct loader *l, const struct stat *st)
{
	return l->seen_inode == st->st_ino && l->seen_device == st->st_dev && l->seen_size == st->st_size &&
	       l->seen_changed.tv_sec == st->st_ctim.tv_sec && l->seen_changed.tv_nsec == st->st_ctim.tv_nsec;
}

static void note_seen(struct loader *l, const struct stat *st)
{
	l->seen_inode = st->st_ino;
	l->seen_device = st->st_dev;
	l->seen_size = st->st_size;
	l->seen_changed = st->st_ctim;
}

static void refuse(struct loader *l, const char *reason)
{
	snprintf(l->said, sizeof l->said, "weir: table %s refused: %s; %s", l->path, reason,
		l->state.active ? "the old table stays in force" : "nothing is blocked");
	l->said_error = true;
	l->state.refused++;
	l->state.refused_at = now_us(CLOCK_REALTIME) / 1000000;
	snprintf(l->state.refused_reason, sizeof l->state.refused_reason, "%s", reason);
	counters_publish(l->counters, &l->state);
}

static bool accept(struct loader *l, struct table *table, uint64_t load_us)
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
	l->state.loaded_at = now_us(CLOCK_REALTIME) / 1000000;
	l->state.load_us = load_us;
	l->state.loads++;
	counters_publish(l->counters, &l->state);
	snprintf(l->said, sizeof l->said,
		"weir: table %s in force: generation %llu, %llu rules, %llu octets, loaded in %llu ms", l->path,
		(unsigned long long)l->state.generation, (unsigned long long)l->state.rules,
		(unsigned long long)l->state.table_bytes, (unsigned long long)(load_us / 1000));
	l->said_error = false;
	return true;
}

/* The file cannot be opened. A table in force needs no file; at start its absence is worth a word. That it is there but
 * may not be read is worth one at any time. */
static void note_absent(struct loader *l, int error)
{
	if (error == l->absent)
		return;
	l->absent = error;
	if (error != ENOENT || !l->state.active)
		refuse(l, error_text(-error));
}

/* A file that has lost its name is not the one at the path any more, and its time of change is that of the loss: it
 * would look like a new one. Within a rename the path leads to it for a moment, which lasts as long as the renaming
 * thread is kept from running; a file system that knows no names would give it for ever. */
static int open_present(const char *path, struct stat *st)
{
	for (int tries = 1;; tries++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (fd < 0)
			return -errno;
		int error = fstat(fd, st) == 0 ? 0 : errno;
		if (error == 0 && (st->st_nlink > 0 || tries == OPEN_TRIES))
			return fd;
		close(fd);
		if (error != 0)
			return -error;
		const struct timespec pause = {.tv_nsec = OPEN_PAUSE_MS * 1000000};
		nanosleep(&pause, NULL);
	}
}

bool loader_check(struct loader *loader, bool again)
{
	struct loader *l = loader;
	struct stat st = {0};
	int fd = open_present(l->path, &st);
	if (fd < 0) {
		note_absent(l, -fd);
		return false;
	}
	l->absent = 0;
	if (seen_before(l, &st) && !(l->seen_retry && (again || --l->seen_retry == 0))) {
		close(fd);
		return false;
	}
	note_seen(l, &st);
	uint64_t start = now_us(CLOCK_MONOTONIC);
	struct table *table;
	struct why why;
	int status = table_open_fd(&table, fd, &why);
	close(fd);
	bool accepted = status == 0 && accept(l, table, now_us(CLOCK_MONOTONIC) - start);
	if (status != 0)
		refuse(l, why.text);
	/* What lies in the file stays as it is; what could not be read may be read later. */
	l->seen_retry = !accepted && status > WEIR_EFORMAT ? RETRY_LOOKS : 0;
	return accepted;
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
