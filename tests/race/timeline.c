/* SPDX-License-Identifier: BSD-3-Clause */
#include "timeline.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libweir/live/counters.h"

enum { PUBLICATIONS = 1 << 20, WATCH_US = 500, SIGNAL_EVERY = 5 };

struct content {
	uint8_t *octets;
	size_t length;
};

static struct timeline_options options;
static struct content *contents; /* by generation - 1 */
static pthread_t publisher, watcher;
static atomic_bool stopping;

/* By number. A publication's generation follows from its number. */
static struct {
	_Atomic uint64_t begin, end;
} publication[PUBLICATIONS];
static atomic_uint published; /* how many */
static atomic_uint newest;    /* number of the last one that the counters told of */
static atomic_uint walked;
static _Atomic uint64_t longest;

uint64_t timeline_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void give_up(const char *what)
{
	perror(what);
	exit(2);
}

static void pause_us(unsigned microseconds)
{
	const struct timespec pause = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000L};
	nanosleep(&pause, NULL);
}

static uint64_t generation_of(unsigned number)
{
	return number % options.tables + 1;
}

static struct content read_content(uint64_t generation)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof path, "%s/%llu", options.directory, (unsigned long long)generation);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0)
		give_up(path);
	struct content content = {malloc((size_t)st.st_size), (size_t)st.st_size};
	if (!content.octets || read(fd, content.octets, content.length) != st.st_size)
		give_up(path);
	close(fd);
	return content;
}

static void note_begin(unsigned number)
{
	atomic_store(&publication[number].end, UINT64_MAX);
	atomic_store(&publication[number].begin, timeline_now());
	atomic_store(&published, number + 1);
}

/* ---- publishing ---- */

static void publish(unsigned number)
{
	char temporary[4096];
	const struct content *content = &contents[generation_of(number) - 1];
	snprintf(temporary, sizeof temporary, "%s.next", options.table);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, content->octets, content->length) != (ssize_t)content->length)
		give_up(temporary);
	close(fd);
	note_begin(number);
	if (rename(temporary, options.table) != 0)
		give_up(options.table);
	if (options.pid > 0 && number % SIGNAL_EVERY == 0 && kill(options.pid, SIGUSR1) != 0)
		give_up("kill");
}

static void *run_publisher(void *unused)
{
	(void)unused;
	uint64_t due = timeline_now();
	for (unsigned number = 1; number < PUBLICATIONS && !atomic_load(&stopping);) {
		/* A module that lags behind by half the tables (a long reload) is waited for: its counters tell a
		 * generation, which must mean one publication only. */
		if (timeline_now() < due || number - atomic_load(&newest) > options.tables / 2) {
			pause_us(1000);
			continue;
		}
		publish(number++);
		due = timeline_now() + options.interval_ms * UINT64_C(1000000);
	}
	return unused;
}

/* ---- watching ---- */

/* The counters say that the cache has been walked for this publication: whatever came before has ended. */
static void note_walked(unsigned number, uint64_t now)
{
	uint64_t took = now - atomic_load(&publication[number].begin);
	if (took > atomic_load(&longest))
		atomic_store(&longest, took);
	for (unsigned i = atomic_load(&newest); i < number; i++)
		atomic_store(&publication[i].end, now);
	atomic_store(&newest, number);
	atomic_fetch_add(&walked, 1);
}

static void *run_watcher(void *unused)
{
	(void)unused;
	while (!atomic_load(&stopping)) {
		struct counters_snapshot snapshot;
		/* There is no file for a moment of each reload. */
		int status = counters_read(options.live, &snapshot);
		uint64_t now = timeline_now();
		for (unsigned number = atomic_load(&published) - 1; status == 0 && number > atomic_load(&newest);
			number--)
			if (generation_of(number) == snapshot.state.scrub_generation)
				note_walked(number, now);
		pause_us(WATCH_US);
	}
	return unused;
}

void timeline_start(const struct timeline_options *given)
{
	options = *given;
	contents = calloc(options.tables, sizeof *contents);
	if (!contents)
		give_up("tables");
	for (unsigned i = 0; i < options.tables; i++)
		contents[i] = read_content(i + 1);
	note_begin(0);
	atomic_store(&publication[0].begin, 0); /* it has been there */
	if (pthread_create(&publisher, NULL, run_publisher, NULL) != 0 ||
		pthread_create(&watcher, NULL, run_watcher, NULL) != 0)
		give_up("thread");
}

void timeline_stop(void)
{
	atomic_store(&stopping, true);
	pthread_join(publisher, NULL);
	pthread_join(watcher, NULL);
	for (unsigned i = 0; i < options.tables; i++)
		free(contents[i].octets);
	free(contents);
}

unsigned timeline_each(uint64_t from, uint64_t to, void (*visit)(void *context, uint64_t generation), void *context)
{
	unsigned count = 0;
	for (unsigned number = atomic_load(&published);
		number-- > 0 && atomic_load(&publication[number].end) >= from;) {
		if (atomic_load(&publication[number].begin) > to)
			continue;
		visit(context, generation_of(number));
		count++;
	}
	return count;
}

unsigned timeline_published(void)
{
	return atomic_load(&published);
}

unsigned timeline_walked(void)
{
	return atomic_load(&walked);
}

uint64_t timeline_longest(void)
{
	return atomic_load(&longest);
}
