#include "counters.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"
#include "shared.h"

#define MAGIC UINT64_C(0x6576696c72696577) /* "weirlive" */
#define VERSION 2

struct file {
	struct shared_header header;
	_Atomic uint32_t workers;
	_Atomic uint32_t sequence; /* odd while the state is being written */
	struct counters_state state;
	struct counters_worker worker[COUNTERS_WORKERS];
};

struct counters {
	struct shared shared;
	struct file *file;
};

static const char *const keys[COUNTER_COUNT] = {
	[COUNT_QUERIES] = "queries",
	[COUNT_BLOCKED_NAME] = "blocked_name",
	[COUNT_BLOCKED_TARGET] = "blocked_target",
	[COUNT_LOGGED] = "logged",
	[COUNT_ALLOWED] = "allowed",
	[COUNT_OPTED_OUT] = "opted_out",
	[COUNT_EVICTED] = "evicted",
	[COUNT_FAILED] = "failed",
};

const char *counter_key(enum counter counter)
{
	return keys[counter];
}

int counters_create(struct counters **counters, const char *directory)
{
	struct counters *c = calloc(1, sizeof *c);
	*counters = c;
	if (!c)
		return -ENOMEM;
	shared_remove_dead(directory);
	int status =
		shared_create(&c->shared, directory, "live", MAGIC, VERSION, sizeof(struct file), sizeof(struct file));
	c->file = c->shared.memory;
	if (!c->file) {
		free(c);
		*counters = NULL;
	}
	return status;
}

void counters_remove(struct counters **counters)
{
	struct counters *c = *counters;
	*counters = NULL;
	if (!c)
		return;
	shared_remove(&c->shared);
	free(c);
}

struct counters_worker *counters_worker(struct counters *counters)
{
	uint32_t number = atomic_fetch_add_explicit(&counters->file->workers, 1, memory_order_relaxed);
	return &counters->file->worker[number < COUNTERS_WORKERS ? number : COUNTERS_WORKERS - 1];
}

void counters_publish(struct counters *counters, const struct counters_state *state)
{
	struct file *f = counters->file;
	if (f->header.pid != getpid())
		return;
	uint32_t sequence = atomic_load_explicit(&f->sequence, memory_order_relaxed);
	/* An exchange, since nothing after one that acquires can come before it. */
	atomic_exchange_explicit(&f->sequence, sequence + 1, memory_order_acq_rel);
	f->state = *state;
	atomic_store_explicit(&f->sequence, sequence + 2, memory_order_release);
}

/* Reads the file while nobody writes the state. Returns 0, WEIR_EFORMAT, or -EAGAIN with a state that may be torn: a
 * writer that died half-way leaves it so for ever. */
static int read_steady(int fd, struct file *f)
{
	for (int tries = 0; tries < 100; tries++) {
		const off_t sequence_at = offsetof(struct file, sequence);
		uint32_t before, after;
		if (pread(fd, &before, sizeof before, sequence_at) != sizeof before ||
			pread(fd, f, sizeof *f, 0) != sizeof *f ||
			pread(fd, &after, sizeof after, sequence_at) != sizeof after)
			return WEIR_EFORMAT;
		if (before == after && before % 2 == 0)
			return 0;
		const struct timespec pause = {.tv_nsec = 100000};
		nanosleep(&pause, NULL);
	}
	return -EAGAIN;
}

int counters_read(const char *path, struct counters_snapshot *snapshot)
{
	*snapshot = (struct counters_snapshot){0};
	struct file f;
	int fd = shared_open(path, MAGIC, VERSION, sizeof f, &f.header);
	if (fd < 0)
		return fd;
	int status = read_steady(fd, &f);
	close(fd);
	if (status == WEIR_EFORMAT)
		return status;
	snapshot->pid = (pid_t)f.header.pid;
	snapshot->alive = shared_alive(&f.header);
	if (status == 0)
		snapshot->state = f.state;
	snapshot->state.refused_reason[sizeof snapshot->state.refused_reason - 1] = '\0';
	snapshot->state.table[sizeof snapshot->state.table - 1] = '\0';
	for (unsigned c = 0; c < COUNTER_COUNT; c++)
		for (unsigned w = 0; w < COUNTERS_WORKERS; w++)
			snapshot->count[c] += atomic_load_explicit(&f.worker[w].count[c], memory_order_relaxed);
	return status == -EAGAIN && !snapshot->alive ? 0 : status;
}
