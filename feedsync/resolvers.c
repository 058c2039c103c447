#include "resolvers.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "errors.h"
#include "log.h"

enum { WAIT_MS = 5000, STEP_MS = 20 }; /* for all resolvers together */

static void live_path(char path[4096], const char *run, pid_t pid)
{
	snprintf(path, 4096, "%s/%ld.live", run, (long)pid);
}

/* Whether a file of the run directory is the one in which this resolver shows itself. */
static bool is_own_file(const char *name, pid_t pid)
{
	char own[64];
	snprintf(own, sizeof own, "%ld.live", (long)pid);
	return strcmp(name, own) == 0;
}

struct counters_snapshot *resolvers_find(const char *run, size_t *count)
{
	struct counters_snapshot *found = NULL;
	*count = 0;
	DIR *dir = run ? opendir(run) : NULL;
	if (!dir)
		return NULL;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[4096];
		struct counters_snapshot snapshot;
		snprintf(path, sizeof path, "%s/%s", run, entry->d_name);
		if (!strstr(entry->d_name, ".live") || counters_read(path, &snapshot) != 0 ||
			!is_own_file(entry->d_name, snapshot.pid))
			continue;
		struct counters_snapshot *grown = realloc(found, (*count + 1) * sizeof *grown);
		if (!grown)
			break;
		found = grown;
		found[(*count)++] = snapshot;
	}
	closedir(dir);
	return found;
}

/* The second of the numbers. */
static unsigned long effective_uid(const char *numbers)
{
	char *end;
	strtoul(numbers, &end, 10);
	return strtoul(end, NULL, 10);
}

/* Whether the process has a handler for SIGUSR1, and is one of the user who owns the file in which it is said to show
 * itself (proc(5): SigCgt and Uid, the effective one, in /proc/pid/status). */
static bool may_be_told(pid_t pid, const char *live)
{
	char path[64], line[256];
	struct stat st;
	unsigned long long caught = 0;
	unsigned long owner = 0;
	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *in = fopen(path, "re");
	while (in && fgets(line, sizeof line, in)) {
		if (strncmp(line, "SigCgt:", 7) == 0)
			caught = strtoull(line + 7, NULL, 16);
		else if (strncmp(line, "Uid:", 4) == 0)
			owner = effective_uid(line + 4);
	}
	if (in)
		fclose(in);
	return (caught >> (SIGUSR1 - 1) & 1) && lstat(live, &st) == 0 && st.st_uid == owner;
}

/* Sends the signal by a pid file descriptor: between looking and sending the pid cannot become another process's. */
static void tell(const char *run, const struct counters_snapshot *resolver)
{
	char path[4096];
	struct counters_snapshot again;
	int fd = (int)syscall(SYS_pidfd_open, resolver->pid, 0);
	if (fd < 0) {
		log_warning("resolver %ld: not told of the new table: %s; it looks by itself every second",
			(long)resolver->pid, error_text(-errno));
		return;
	}
	live_path(path, run, resolver->pid);
	if (counters_read(path, &again) == 0 && again.alive && may_be_told(resolver->pid, path) &&
		syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) != 0)
		log_warning("resolver %ld: not told of the new table: %s; it looks by itself every second",
			(long)resolver->pid, error_text(-errno));
	close(fd);
}

static bool has_taken(const struct counters_state *state, uint64_t generation)
{
	return state->active && state->generation >= generation && state->scrub_generation >= generation;
}

/* Waits until the resolver has taken the table, at most for the milliseconds that are left. Logs what it did. */
static void await(const char *run, const struct counters_snapshot *resolver, uint64_t generation, int *left)
{
	char path[4096];
	struct counters_snapshot now = *resolver;
	live_path(path, run, resolver->pid);
	for (; *left > 0 && !has_taken(&now.state, generation); *left -= STEP_MS) {
		const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
		nanosleep(&step, NULL);
		int status = counters_read(path, &now);
		if (status == -EAGAIN)
			continue;
		if (status != 0 || !now.alive) {
			log_info("resolver %ld: has gone", (long)resolver->pid);
			return;
		}
		if (now.state.refused > resolver->state.refused) {
			log_error("resolver %ld: refused the table: %s", (long)resolver->pid, now.state.refused_reason);
			return;
		}
	}
	if (has_taken(&now.state, generation))
		log_info("resolver %ld: generation %llu in force", (long)resolver->pid, (unsigned long long)generation);
	else
		log_warning("resolver %ld: has not taken generation %llu after %d s", (long)resolver->pid,
			(unsigned long long)generation, WAIT_MS / 1000);
}

static bool concerns(const struct counters_snapshot *resolver, const char *table)
{
	return resolver->alive && strcmp(resolver->state.table, table) == 0;
}

void resolvers_tell(const char *run, const char *table, uint64_t generation)
{
	size_t count;
	int left = WAIT_MS;
	struct counters_snapshot *resolvers = resolvers_find(run, &count);
	for (size_t i = 0; i < count; i++)
		if (concerns(&resolvers[i], table))
			tell(run, &resolvers[i]);
	for (size_t i = 0; i < count; i++)
		if (concerns(&resolvers[i], table))
			await(run, &resolvers[i], generation, &left);
	free(resolvers);
}
