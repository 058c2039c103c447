/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/counters.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "libweir/format.h"

#define VERSION 4

struct file {
	/* These have their places in every version... */
	struct shm_file_header header;
	_Atomic uint32_t workers;
	_Atomic uint32_t sequence; /* odd while the state is being written */
	/* ... and these in every one from 3 on. */
	uint32_t format_oldest, format_newest;
	uint64_t pid_namespace; /* 0 = not known */
	struct counters_state state;
	uint64_t life; /* since version 4: a random number, the same where the file is made again; never 0 */
	struct counters_worker worker[COUNTERS_WORKERS];
};

/* Where the rest is, by version. */
enum { STATE_2 = offsetof(struct file, format_oldest), STATE_LENGTH_2 = offsetof(struct counters_state, file) };
enum { STATE_3 = offsetof(struct file, state), STATE_LENGTH_3 = offsetof(struct counters_state, bypass_until) };
#define WORKERS_AFTER(end) (((end) + 127) / 128 * 128)

static const struct layout {
	size_t state_at, state_length, workers_at;
} layouts[] = {
	[2 - COUNTERS_OLDEST] = {STATE_2, STATE_LENGTH_2, WORKERS_AFTER(STATE_2 + STATE_LENGTH_2)},
	[3 - COUNTERS_OLDEST] = {STATE_3, STATE_LENGTH_3, WORKERS_AFTER(STATE_3 + STATE_LENGTH_3)},
	[4 - COUNTERS_OLDEST] = {STATE_3, sizeof(struct counters_state), offsetof(struct file, worker)},
};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };
_Static_assert(VERSION == COUNTERS_OLDEST + LAYOUTS - 1, "each version that is read has its layout");

/* The format that a module reads if its counters are too old to tell it. */
enum { FORMAT_BEFORE_3 = 3 };

struct counters {
	struct shm_file shared;
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
	[COUNT_FROM_STORE] = "from_store",
	[COUNT_STORED] = "stored",
};

const char *counter_key(enum counter counter)
{
	return keys[counter];
}

static uint64_t new_life(void)
{
	uint64_t life;
	struct timespec now;
	if (getrandom(&life, sizeof life, GRND_NONBLOCK) != sizeof life) {
		clock_gettime(CLOCK_REALTIME, &now);
		life = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	}
	return life | 1;
}

int counters_create(struct counters **counters, const char *directory)
{
	struct counters *c = calloc(1, sizeof *c);
	*counters = c;
	if (!c)
		return -ENOMEM;
	shm_file_remove_dead(directory);
	int status =
		shm_file_create(&c->shared, directory, &shared_live, VERSION, sizeof(struct file), sizeof(struct file));
	c->file = c->shared.memory;
	if (!c->file) {
		free(c);
		*counters = NULL;
		return status;
	}
	c->file->format_oldest = WEIR_VERSION_OLDEST;
	c->file->format_newest = WEIR_VERSION;
	c->file->pid_namespace = shm_file_namespace();
	c->file->life = new_life();
	return status;
}

int counters_appear(struct counters *counters)
{
	return shm_file_appear(&counters->shared);
}

void counters_remove(struct counters **counters)
{
	struct counters *c = *counters;
	*counters = NULL;
	if (!c)
		return;
	shm_file_remove(&c->shared);
	free(c);
}

struct counters_worker *counters_worker(struct counters *counters)
{
	uint32_t number = atomic_fetch_add_explicit(&counters->file->workers, 1, memory_order_relaxed);
	return &counters->file->worker[number % COUNTERS_WORKERS];
}

void counters_publish(struct counters *counters, const struct counters_state *state)
{
	struct file *f = counters->file;
	if (f->header.pid != getpid())
		return;
	uint32_t sequence = atomic_load_explicit(&f->sequence, memory_order_relaxed);
	/* An exchange: nothing that follows an acquiring exchange can be moved before it. */
	atomic_exchange_explicit(&f->sequence, sequence + 1, memory_order_acq_rel);
	f->state = *state;
	atomic_store_explicit(&f->sequence, sequence + 2, memory_order_release);
}

/* Returns 0, WEIR_EFORMAT, or -EAGAIN with a state that may be torn. */
static int read_state(int fd, const struct layout *layout, struct counters_state *state)
{
	uint32_t before, after;
	if (!shm_file_read(fd, offsetof(struct file, sequence), &before, sizeof before) ||
		!shm_file_read(fd, layout->state_at, state, layout->state_length) ||
		!shm_file_read(fd, offsetof(struct file, sequence), &after, sizeof after))
		return WEIR_EFORMAT;
	state->refused_reason[sizeof state->refused_reason - 1] = '\0';
	state->table[sizeof state->table - 1] = '\0';
	state->file[sizeof state->file - 1] = '\0';
	state->trouble[sizeof state->trouble - 1] = '\0';
	state->spare_trouble[sizeof state->spare_trouble - 1] = '\0';
	state->release[sizeof state->release - 1] = '\0';
	return before == after && before % 2 == 0 ? 0 : -EAGAIN;
}

static int read_counts(int fd, const struct layout *layout, uint64_t count[COUNTER_COUNT])
{
	struct counters_worker worker[COUNTERS_WORKERS];
	if (!shm_file_read(fd, layout->workers_at, worker, sizeof worker))
		return WEIR_EFORMAT;
	for (unsigned c = 0; c < COUNTER_COUNT; c++)
		for (unsigned w = 0; w < COUNTERS_WORKERS; w++)
			count[c] += atomic_load_explicit(&worker[w].count[c], memory_order_relaxed);
	return 0;
}

/* What every version tells: which formats of tables its module reads, and whether its pid is one of ours. */
static int read_identity(int fd, const struct shm_file_header *header, struct counters_snapshot *s)
{
	uint64_t namespace;
	s->pid = (pid_t)header->pid;
	s->version = header->version;
	s->alive = shm_file_alive(fd, header);
	s->format_oldest = s->format_newest = FORMAT_BEFORE_3;
	if (header->version < 3)
		return header->version < COUNTERS_OLDEST ? WEIR_EFORMAT : 0;
	if (!shm_file_read(fd, offsetof(struct file, format_oldest), &s->format_oldest, sizeof s->format_oldest) ||
		!shm_file_read(fd, offsetof(struct file, format_newest), &s->format_newest, sizeof s->format_newest) ||
		!shm_file_read(fd, offsetof(struct file, pid_namespace), &namespace, sizeof namespace))
		return WEIR_EFORMAT;
	s->newer = header->version > VERSION;
	s->elsewhere = namespace != 0 && namespace != shm_file_namespace();
	return 0;
}

/* The name tells the pid that the file's owner says it has. */
static bool is_named_so(const char *path, struct counters_snapshot *s)
{
	char *end;
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	if (!shm_file_name_valid(name, &shared_live) || strtol(name, &end, 10) != (long)s->pid)
		return false;
	snprintf(s->name, sizeof s->name, "%.*s", (int)strcspn(name, "."), name);
	return true;
}

int counters_read(const char *path, struct counters_snapshot *snapshot)
{
	struct shm_file_header header;
	*snapshot = (struct counters_snapshot){0};
	int fd = shm_file_open(path, &shared_live, &header);
	if (fd < 0)
		return fd;
	int status = read_identity(fd, &header, snapshot);
	if (status == 0 && !is_named_so(path, snapshot))
		status = WEIR_EFORMAT;
	if (status == 0 && !snapshot->newer) {
		const struct layout *layout = &layouts[header.version - COUNTERS_OLDEST];
		status = read_counts(fd, layout, snapshot->count);
		int steady = status == 0 ? read_state(fd, layout, &snapshot->state) : status;
		/* A writer that died in the middle of a write leaves the sequence odd for ever. */
		if (steady == -EAGAIN && !snapshot->alive) {
			snapshot->state = (struct counters_state){0};
			steady = 0;
		}
		status = steady;
	}
	close(fd);
	return status;
}

int counters_hold(struct counters_held *held, const char *path)
{
	struct stat st;
	*held = (struct counters_held){.fd = -1};
	int fd = shm_file_open(path, &shared_live, &held->header);
	if (fd < 0)
		return fd;
	held->fd = fd;
	const uint32_t version = held->header.version;
	int status = version < COUNTERS_OLDEST || version > VERSION || fstat(fd, &st) != 0 ? WEIR_EFORMAT : 0;
	if (status == 0) {
		held->inode = held->life = st.st_ino; /* old counters tell no life: their file does */
		if (version >= 4 && !shm_file_read(fd, offsetof(struct file, life), &held->life, sizeof held->life))
			status = WEIR_EFORMAT;
	}
	if (status == 0 && held->life == 0) /* it is just being made */
		status = -EAGAIN;
	if (status != 0)
		counters_release(held);
	return status;
}

bool counters_same_life(const struct counters_held *a, const struct counters_held *b)
{
	return a->header.pid == b->header.pid && a->header.start_ticks == b->header.start_ticks && a->life == b->life;
}

void counters_release(struct counters_held *held)
{
	if (held->fd >= 0)
		close(held->fd);
	held->fd = -1;
}

int counters_read_held(const struct counters_held *held, uint64_t count[COUNTER_COUNT], bool *alive)
{
	/* First who runs, then the counts: those of a process that is gone are the last ones. */
	*alive = shm_file_alive(held->fd, &held->header);
	memset(count, 0, COUNTER_COUNT * sizeof *count);
	return read_counts(held->fd, &layouts[held->header.version - COUNTERS_OLDEST], count);
}
