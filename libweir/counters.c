#include "counters.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "error.h"

#define MAGIC UINT64_C(0x6576696c72696577) /* "weirlive" */
#define VERSION 2

struct file {
	uint64_t magic;
	uint32_t version;
	uint32_t size;
	int64_t pid;
	uint64_t start_ticks; /* of the process: tells a later one with the same pid apart */
	_Atomic uint32_t workers;
	_Atomic uint32_t sequence; /* odd while the state is being written */
	struct counters_state state;
	struct counters_worker worker[COUNTERS_WORKERS];
};

struct counters {
	struct file *file;
	char path[512]; /* empty: memory of this process only */
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

/* When the process started, in clock ticks since boot (proc(5), /proc/pid/stat field 22); 0 if it is not there. */
static uint64_t start_ticks(pid_t pid)
{
	char path[64], line[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, line, sizeof line - 1);
	close(fd);
	if (length <= 0)
		return 0;
	line[length] = '\0';
	/* The second field is the command in parentheses and may hold anything: count behind its end. */
	char *at = strrchr(line, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

/* Whether the process that wrote a file runs. Its start is not known where there is no /proc (a chroot): then its pid
 * must do. */
static bool is_alive(pid_t pid, uint64_t started)
{
	if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
		return false;
	uint64_t now = start_ticks(pid);
	return started == 0 || now == 0 || now == started;
}

static void remove_dead(const char *directory)
{
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[1024], *end;
		long pid = strtol(entry->d_name, &end, 10);
		if (pid <= 0 || strcmp(end, ".live") != 0)
			continue;
		struct counters_snapshot snapshot;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		bool alive = counters_read(path, &snapshot) == 0 ? snapshot.alive : is_alive((pid_t)pid, 0);
		if (!alive)
			unlink(path);
	}
	closedir(dir);
}

/* Maps a new file at `path`. Its place is taken at once, its content appears before its name does. */
static int map_file(struct counters *c, const char *directory)
{
	char temporary[512];
	int length = snprintf(c->path, sizeof c->path, "%s/%ld.live", directory, (long)getpid());
	int other = snprintf(temporary, sizeof temporary, "%s/.%ld.live", directory, (long)getpid());
	if (length < 0 || (size_t)length >= sizeof c->path || other < 0 || (size_t)other >= sizeof temporary)
		return -ENAMETOOLONG;
	unlink(temporary);
	int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	/* Blocks are allocated now: a full file system must not raise SIGBUS at the first count. */
	int error = posix_fallocate(fd, 0, sizeof(struct file));
	void *memory = MAP_FAILED;
	if (error == 0) {
		memory = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		error = memory == MAP_FAILED ? errno : 0;
	}
	close(fd);
	if (error == 0) {
		c->file = memory;
		*c->file = (struct file){.magic = MAGIC,
			.version = VERSION,
			.size = sizeof(struct file),
			.pid = getpid(),
			.start_ticks = start_ticks(getpid())};
		if (rename(temporary, c->path) == 0)
			return 0;
		error = errno;
		munmap(memory, sizeof(struct file));
		c->file = NULL;
	}
	unlink(temporary);
	return -error;
}

int counters_create(struct counters **counters, const char *directory)
{
	struct counters *c = calloc(1, sizeof *c);
	*counters = c;
	if (!c)
		return -ENOMEM;
	remove_dead(directory);
	int status = map_file(c, directory);
	if (status == 0)
		return 0;
	c->path[0] = '\0';
	c->file = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c->file == MAP_FAILED) {
		free(c);
		*counters = NULL;
		return -ENOMEM;
	}
	return status;
}

void counters_remove(struct counters **counters)
{
	struct counters *c = *counters;
	*counters = NULL;
	if (!c)
		return;
	if (c->path[0])
		unlink(c->path);
	munmap(c->file, sizeof(struct file));
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
	if (f->pid != getpid())
		return;
	uint32_t sequence = atomic_load_explicit(&f->sequence, memory_order_relaxed);
	/* An exchange, since nothing after one that acquires can come before it. */
	atomic_exchange_explicit(&f->sequence, sequence + 1, memory_order_acq_rel);
	f->state = *state;
	atomic_store_explicit(&f->sequence, sequence + 2, memory_order_release);
}

/* Reads the file while nobody writes the state. Reading, not mapping: whoever may write here may also cut the file
 * short, and the reader must not die of it. Returns 0, WEIR_EFORMAT, or -EAGAIN with a state that may be torn: a writer
 * that died half-way leaves it so for ever. */
static int read_steady(int fd, struct file *f)
{
	for (int tries = 0; tries < 100; tries++) {
		const off_t sequence_at = offsetof(struct file, sequence);
		uint32_t before, after;
		if (pread(fd, &before, sizeof before, sequence_at) != sizeof before ||
			pread(fd, f, sizeof *f, 0) != sizeof *f ||
			pread(fd, &after, sizeof after, sequence_at) != sizeof after)
			return WEIR_EFORMAT;
		if (f->magic != MAGIC || f->version != VERSION || f->size != sizeof *f)
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
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct stat st;
	struct file f;
	int status = WEIR_EFORMAT;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == sizeof f)
		status = read_steady(fd, &f);
	close(fd);
	if (status == WEIR_EFORMAT)
		return status;
	snapshot->pid = (pid_t)f.pid;
	snapshot->alive = is_alive(snapshot->pid, f.start_ticks);
	if (status == 0)
		snapshot->state = f.state;
	snapshot->state.refused_reason[sizeof snapshot->state.refused_reason - 1] = '\0';
	snapshot->state.table[sizeof snapshot->state.table - 1] = '\0';
	for (unsigned c = 0; c < COUNTER_COUNT; c++)
		for (unsigned w = 0; w < COUNTERS_WORKERS; w++)
			snapshot->count[c] += atomic_load_explicit(&f.worker[w].count[c], memory_order_relaxed);
	return status == -EAGAIN && !snapshot->alive ? 0 : status;
}
