#include "resolvers.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "log.h"

enum { WAIT_MS = 5000, STEP_MS = 20 };

static bool is_live_file(const char *name)
{
	size_t length = strlen(name);
	return name[0] != '.' && length > 5 && strcmp(name + length - 5, ".live") == 0;
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
		if (!is_live_file(entry->d_name) || counters_read(path, &snapshot) != 0)
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

/* Whether the process has a handler for SIGUSR1 (proc(5): SigCgt in /proc/pid/status). */
static bool catches_signal(pid_t pid)
{
	char path[64], line[256];
	snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
	FILE *in = fopen(path, "re");
	unsigned long long caught = 0;
	while (in && fgets(line, sizeof line, in))
		if (strncmp(line, "SigCgt:", 7) == 0)
			caught = strtoull(line + 7, NULL, 16);
	if (in)
		fclose(in);
	return caught >> (SIGUSR1 - 1) & 1;
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
	snprintf(path, sizeof path, "%s/%ld.live", run, (long)resolver->pid);
	if (counters_read(path, &again) == 0 && again.alive && catches_signal(resolver->pid) &&
		syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) != 0)
		log_warning("resolver %ld: not told of the new table: %s; it looks by itself every second",
			(long)resolver->pid, error_text(-errno));
	close(fd);
}

static bool has_taken(const struct counters_state *state, uint64_t generation)
{
	return state->active && state->generation >= generation && state->scrub_generation >= generation;
}

/* Waits until the resolver has taken the table. Logs what it did. */
static void await(const char *run, const struct counters_snapshot *resolver, uint64_t generation)
{
	char path[4096];
	struct counters_snapshot now = *resolver;
	snprintf(path, sizeof path, "%s/%ld.live", run, (long)resolver->pid);
	int waited = 0;
	for (; waited < WAIT_MS && !has_taken(&now.state, generation); waited += STEP_MS) {
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
	struct counters_snapshot *resolvers = resolvers_find(run, &count);
	for (size_t i = 0; i < count; i++)
		if (concerns(&resolvers[i], table))
			tell(run, &resolvers[i]);
	for (size_t i = 0; i < count; i++)
		if (concerns(&resolvers[i], table))
			await(run, &resolvers[i], generation);
	free(resolvers);
}
