/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/hits.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "libweir/live/shm_file.h"

#define VERSION SHARED_LOCKED

typedef char hits_name[POLICY_MAX_NAME + 1];

struct source_name {
	hits_name feed, category;
};

struct file {
	struct shm_file_header header;
	_Atomic uint32_t workers, sources, groups; /* how many there are; numbers below are complete */
	struct source_name source[HITS_SOURCES];
	hits_name group[HITS_GROUPS];
	struct hits_worker worker[HITS_WORKERS];
};

/* ---- the module's side ---- */

struct hits {
	struct shm_file shared;
	struct file *file;
};

int hits_create(struct hits **hits, const char *directory)
{
	struct hits *h = calloc(1, sizeof *h);
	*hits = h;
	if (!h)
		return -ENOMEM;
	int status = shm_file_create(
		&h->shared, directory, &shared_hits, VERSION, sizeof(struct file), offsetof(struct file, worker));
	h->file = h->shared.memory;
	if (!h->file) {
		free(h);
		*hits = NULL;
		return status;
	}
	snprintf(h->file->source[0].feed, sizeof(hits_name), "others");
	snprintf(h->file->source[0].category, sizeof(hits_name), "others");
	snprintf(h->file->group[0], sizeof(hits_name), "default");
	atomic_store(&h->file->sources, 1);
	atomic_store(&h->file->groups, 1);
	return status;
}

int hits_appear(struct hits *hits)
{
	return shm_file_appear(&hits->shared);
}

void hits_remove(struct hits **hits)
{
	struct hits *h = *hits;
	*hits = NULL;
	if (h)
		shm_file_remove(&h->shared);
	free(h);
}

struct hits_worker *hits_worker(struct hits *hits)
{
	uint32_t number = atomic_fetch_add_explicit(&hits->file->workers, 1, memory_order_relaxed);
	struct hits_worker *worker = &hits->file->worker[number % HITS_WORKERS];
	return shm_file_reserve(&hits->shared, worker, sizeof *worker) ? worker : NULL;
}

uint16_t hits_source(struct hits *hits, const char *feed, const char *category)
{
	struct file *f = hits->file;
	uint32_t count = atomic_load_explicit(&f->sources, memory_order_relaxed);
	for (uint32_t i = 1; i < count; i++)
		if (strcmp(f->source[i].feed, feed) == 0 && strcmp(f->source[i].category, category) == 0)
			return (uint16_t)i;
	if (count == HITS_SOURCES || f->header.pid != getpid())
		return 0;
	snprintf(f->source[count].feed, sizeof(hits_name), "%s", feed);
	snprintf(f->source[count].category, sizeof(hits_name), "%s", category);
	atomic_store_explicit(&f->sources, count + 1, memory_order_release);
	return (uint16_t)count;
}

uint16_t hits_group(struct hits *hits, const char *group)
{
	struct file *f = hits->file;
	uint32_t count = atomic_load_explicit(&f->groups, memory_order_relaxed);
	for (uint32_t i = 1; i < count; i++)
		if (strcmp(f->group[i], group) == 0)
			return (uint16_t)i;
	if (count == HITS_GROUPS || f->header.pid != getpid())
		return 0;
	snprintf(f->group[count], sizeof(hits_name), "%s", group);
	atomic_store_explicit(&f->groups, count + 1, memory_order_release);
	return (uint16_t)count;
}

void hits_count(struct hits_worker *worker, uint16_t source, enum action action)
{
	atomic_fetch_add_explicit(&worker->count[source][action], 1, memory_order_relaxed);
}

void hits_pass(struct hits_worker *worker, uint16_t group)
{
	atomic_fetch_add_explicit(&worker->passed[group], 1, memory_order_relaxed);
}

void hits_write(struct hits_worker *worker, const struct hit *hit)
{
	uint64_t number = atomic_fetch_add_explicit(&worker->written, 1, memory_order_relaxed);
	_Atomic uint64_t *mark = &worker->ring[number % HITS_RING].number;
	/* An exchange: nothing that follows an acquiring exchange can be moved before it. */
	atomic_exchange_explicit(mark, 0, memory_order_acq_rel);
	worker->ring[number % HITS_RING].hit = *hit;
	atomic_store_explicit(mark, number + 1, memory_order_release);
}

/* ---- the reader's side ---- */

struct hits_reader {
	int fd;
	uint64_t next[HITS_WORKERS]; /* the event to be read next */
	uint64_t lost;
	struct source_name source;
	hits_name group;
};

/* Reads a count from the file. The result is at most `most`. */
static uint32_t read_count(const struct hits_reader *r, size_t at, uint32_t most)
{
	uint32_t count;
	if (!shm_file_read(r->fd, at, &count, sizeof count))
		return 0;
	return count < most ? count : most;
}

static uint32_t worker_count(const struct hits_reader *r)
{
	return read_count(r, offsetof(struct file, workers), HITS_WORKERS);
}

static size_t worker_at(uint32_t number)
{
	return offsetof(struct file, worker) + number * sizeof(struct hits_worker);
}

/* How many events a worker has written, ever. */
static bool read_written(const struct hits_reader *r, uint32_t worker, uint64_t *written)
{
	return shm_file_read(
		r->fd, worker_at(worker) + offsetof(struct hits_worker, written), written, sizeof *written);
}

/* Begins at the oldest event. What was overwritten before the reader came does not count as lost. */
static void begin_at_oldest(struct hits_reader *r)
{
	uint64_t written;
	for (uint32_t w = 0; w < worker_count(r); w++)
		if (read_written(r, w, &written) && written > HITS_RING)
			r->next[w] = written - HITS_RING;
}

int hits_open(struct hits_reader **reader, const char *path)
{
	struct shm_file_header header;
	int fd = shm_file_open(path, &shared_hits, &header);
	if (fd < 0)
		return fd;
	bool fits = header.version == VERSION && header.size == sizeof(struct file);
	struct hits_reader *r = fits ? calloc(1, sizeof *r) : NULL;
	if (!r) {
		close(fd);
		return fits ? -ENOMEM : WEIR_EFORMAT;
	}
	r->fd = fd;
	begin_at_oldest(r);
	*reader = r;
	return 0;
}

void hits_close(struct hits_reader **reader)
{
	if (*reader)
		close((*reader)->fd);
	free(*reader);
	*reader = NULL;
}

bool hits_is_current(const struct hits_reader *reader, const char *path)
{
	struct stat named, own;
	return lstat(path, &named) == 0 && fstat(reader->fd, &own) == 0 && named.st_ino == own.st_ino &&
	       named.st_dev == own.st_dev;
}

uint64_t hits_lost(const struct hits_reader *reader)
{
	return reader->lost;
}

static const struct source_name *find_source_name(struct hits_reader *r, uint32_t number)
{
	size_t at = offsetof(struct file, source) + number * sizeof r->source;
	bool known = number < read_count(r, offsetof(struct file, sources), HITS_SOURCES) &&
		     shm_file_read(r->fd, at, &r->source, sizeof r->source);
	r->source.feed[POLICY_MAX_NAME] = r->source.category[POLICY_MAX_NAME] = '\0';
	if (!known || !policy_name_valid(r->source.feed) || !policy_name_valid(r->source.category))
		r->source = (struct source_name){"?", "?"}; /* such names are for terminals */
	return &r->source;
}

const char *hits_feed_name(struct hits_reader *reader, uint16_t source)
{
	return find_source_name(reader, source)->feed;
}

const char *hits_category_name(struct hits_reader *reader, uint16_t source)
{
	return find_source_name(reader, source)->category;
}

const char *hits_group_name(struct hits_reader *reader, uint16_t group)
{
	size_t at = offsetof(struct file, group) + group * sizeof(hits_name);
	bool known = group < read_count(reader, offsetof(struct file, groups), HITS_GROUPS) &&
		     shm_file_read(reader->fd, at, reader->group, sizeof(hits_name));
	reader->group[POLICY_MAX_NAME] = '\0';
	return known && policy_name_valid(reader->group) ? reader->group : "?";
}

int hits_each_source(struct hits_reader *reader,
	void (*visit)(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT]),
	void *context)
{
	uint32_t sources = read_count(reader, offsetof(struct file, sources), HITS_SOURCES);
	for (uint32_t s = 0; s < sources; s++) {
		uint64_t sum[ACTION_COUNT] = {0};
		for (uint32_t w = 0; w < worker_count(reader); w++) {
			uint64_t count[ACTION_COUNT];
			size_t at = worker_at(w) + offsetof(struct hits_worker, count) + s * sizeof count;
			if (!shm_file_read(reader->fd, at, count, sizeof count))
				return -EIO;
			for (enum action a = 0; a < ACTION_COUNT; a++)
				sum[a] += count[a];
		}
		const struct source_name *name = find_source_name(reader, s);
		visit(context, name->feed, name->category, sum);
	}
	return 0;
}

int hits_each_group(
	struct hits_reader *reader, void (*visit)(void *context, const char *group, uint64_t passed), void *context)
{
	uint32_t groups = read_count(reader, offsetof(struct file, groups), HITS_GROUPS);
	for (uint32_t g = 0; g < groups; g++) {
		uint64_t sum = 0;
		for (uint32_t w = 0; w < worker_count(reader); w++) {
			uint64_t passed;
			size_t at = worker_at(w) + offsetof(struct hits_worker, passed) + g * sizeof passed;
			if (!shm_file_read(reader->fd, at, &passed, sizeof passed))
				return -EIO;
			sum += passed;
		}
		visit(context, hits_group_name(reader, (uint16_t)g), sum);
	}
	return 0;
}

/* Reads one event of a worker. Returns 1; 0 when it is still being written; -EAGAIN when it has been written over. */
static int read_event(struct hits_reader *r, uint32_t worker, uint64_t number, struct hit *hit)
{
	const size_t entry = sizeof(((struct hits_worker *)0)->ring[0]);
	size_t at = worker_at(worker) + offsetof(struct hits_worker, ring) + number % HITS_RING * entry;
	size_t hit_at = at + offsetof(struct hits_worker, ring[0].hit) - offsetof(struct hits_worker, ring[0]);
	uint64_t before, after;
	if (!shm_file_read(r->fd, at, &before, sizeof before) || !shm_file_read(r->fd, hit_at, hit, sizeof *hit) ||
		!shm_file_read(r->fd, at, &after, sizeof after))
		return -EIO;
	if (before == number + 1 && after == before)
		return 1;
	return before > number + 1 || after > number + 1 ? -EAGAIN : 0;
}

int hits_read(struct hits_reader *reader, struct hit *list, int room)
{
	int count = 0;
	for (uint32_t w = 0; w < worker_count(reader); w++) {
		uint64_t written, *next = &reader->next[w];
		if (!read_written(reader, w, &written))
			return -EIO;
		if (written > *next + HITS_RING) {
			reader->lost += written - HITS_RING - *next;
			*next = written - HITS_RING;
		}
		for (int got = 1; *next < written && count < room; ++*next) {
			got = read_event(reader, w, *next, &list[count]);
			if (got == 0)
				break;
			if (got == -EIO)
				return got;
			count += got == 1;
			reader->lost += got == -EAGAIN;
		}
	}
	return count;
}
