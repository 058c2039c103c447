/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/local_resolvers.h"

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

#include "feedsync/base/clean.h"
#include "feedsync/base/log.h"
#include "libweir/errors.h"
#include "libweir/live/shm_file.h"

enum {
	STEP_MS = 20,
	UNSTEADY_ROUNDS = 20 /* steps of STEP_MS for files that are just being written */
};

static void live_path(char path[4096], const char *run, const char *name)
{
	snprintf(path, 4096, "%s/%s.live", run, name);
}

/* Reads all that is known of a resolver. Its texts come from another process and will be shown, so they are cleaned. */
static int read_resolver(const char *path, struct counters_snapshot *snapshot)
{
	int status = counters_read(path, snapshot);
	clean(snapshot->state.table, sizeof snapshot->state.table);
	clean(snapshot->state.file, sizeof snapshot->state.file);
	clean(snapshot->state.trouble, sizeof snapshot->state.trouble);
	clean(snapshot->state.spare_trouble, sizeof snapshot->state.spare_trouble);
	clean(snapshot->state.refused_reason, sizeof snapshot->state.refused_reason);
	clean(snapshot->state.release, sizeof snapshot->state.release);
	return status;
}

/* The names of the resolvers' files, up to the dot. */
struct names {
	char (*list)[SHARED_NAME];
	size_t count;
};

static void list_names(const char *run, struct names *names)
{
	DIR *dir = run ? opendir(run) : NULL;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		if (!shm_file_name_valid(entry->d_name, &shared_live))
			continue;
		if (names->count == SHARED_MAX_FILES) {
			log_warning(
				"%s: more than %d files of resolvers; the others are ignored", run, SHARED_MAX_FILES);
			break;
		}
		snprintf(names->list[names->count++], SHARED_NAME, "%.*s", (int)strcspn(entry->d_name, "."),
			entry->d_name);
	}
	if (dir)
		closedir(dir);
}

/* Reads the files that can be read. Leaves the names for which it is worth trying again. */
static void read_names(const char *run, struct names *names, struct counters_snapshot *found, size_t *count)
{
	size_t left = 0;
	for (size_t i = 0; i < names->count; i++) {
		char path[4096];
		live_path(path, run, names->list[i]);
		int status = read_resolver(path, &found[*count]);
		if (status == 0)
			++*count;
		else if (status == -EAGAIN)
			memmove(names->list[left++], names->list[i], SHARED_NAME);
	}
	names->count = left;
}

/* Returns 0, or -ENOMEM with nothing found. */
static int find_resolvers(const char *run, struct counters_snapshot **found, size_t *count)
{
	*found = NULL;
	*count = 0;
	struct names names = {.list = run ? calloc(SHARED_MAX_FILES, sizeof *names.list) : NULL};
	if (!names.list)
		return run ? -ENOMEM : 0;
	list_names(run, &names);
	*found = calloc(names.count + 1, sizeof **found);
	for (unsigned round = 0; *found && names.count > 0 && round < UNSTEADY_ROUNDS; round++) {
		const struct timespec step = {.tv_nsec = round > 0 ? STEP_MS * 1000000L : 0};
		nanosleep(&step, NULL);
		read_names(run, &names, *found, count);
	}
	free(names.list);
	return *found ? 0 : -ENOMEM;
}

struct counters_snapshot *local_resolvers_find(const char *run, size_t *count)
{
	struct counters_snapshot *found;
	if (find_resolvers(run, &found, count) != 0)
		log_warning("%s: out of memory; its resolvers are neither told nor shown", run);
	return found;
}

const char *local_resolver_text(const struct counters_snapshot *resolver, char text[LOCAL_RESOLVER_TEXT])
{
	snprintf(text, LOCAL_RESOLVER_TEXT, "resolver %s%s", resolver->name,
		resolver->elsewhere ? " (in another pid namespace)" : "");
	return text;
}

/* The second of the numbers. */
static unsigned long effective_uid(const char *numbers)
{
	char *end;
	strtoul(numbers, &end, 10);
	return strtoul(end, NULL, 10);
}

/* Whether the process may get the signal. It must handle SIGUSR1, and must run as the user who owns the file in which
 * it shows itself (proc(5): SigCgt and Uid, the effective one, in /proc/pid/status). */
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

/* Who is neither root nor the resolver's user, and has no CAP_KILL, need not be warned of that each time. */
static void say_untold(const char *resolver, int error)
{
	if (error == EPERM)
		log_info("%s: not told to look at its table: %s; it looks by itself every second", resolver,
			error_text(-error));
	else
		log_warning("%s: not told to look at its table: %s; it looks by itself every second", resolver,
			error_text(-error));
}

/* Sends the signal by a pid file descriptor. So the pid cannot become another process's between looking and sending. */
static void signal_resolver(const char *run, const struct counters_snapshot *resolver)
{
	char path[4096], text[LOCAL_RESOLVER_TEXT];
	struct counters_snapshot again;
	local_resolver_text(resolver, text);
	if (resolver->elsewhere) {
		log_info("%s: cannot be told to look at its table; it looks by itself every second", text);
		return;
	}
	int fd = (int)syscall(SYS_pidfd_open, resolver->pid, 0);
	if (fd < 0) {
		say_untold(text, errno);
		return;
	}
	live_path(path, run, resolver->name);
	if (read_resolver(path, &again) == 0 && again.alive && may_be_told(resolver->pid, path) &&
		syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0) != 0)
		say_untold(text, errno);
	close(fd);
}

/* During a bypass the table is loaded at once, and the cache is looked through at its end. */
static bool has_taken(const struct counters_state *state, uint64_t generation)
{
	return state->active && state->generation >= generation &&
	       (state->scrub_generation >= generation || state->bypass_until > 0);
}

/* Waits until the resolver has taken the table, at most for the milliseconds that are left. Logs what it did. Returns
 * whether it blocks by the table. */
static bool await_resolver(const char *run, const struct counters_snapshot *resolver, uint64_t generation, int *left)
{
	char path[4096], text[LOCAL_RESOLVER_TEXT];
	struct counters_snapshot now = *resolver;
	local_resolver_text(resolver, text);
	live_path(path, run, resolver->name);
	for (; *left > 0 && !has_taken(&now.state, generation); *left -= STEP_MS) {
		const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
		nanosleep(&step, NULL);
		int status = read_resolver(path, &now);
		if (status == -EAGAIN)
			continue;
		if (status != 0 || !now.alive) {
			log_info("%s: has ended", text);
			return false;
		}
		if (now.state.refused > resolver->state.refused) {
			log_error("%s: refused the table: %s", text, now.state.refused_reason);
			return false;
		}
	}
	if (has_taken(&now.state, generation))
		log_info("%s: generation %llu %s", text, (unsigned long long)generation,
			now.state.bypass_until ? "loaded; a BYPASS is in force, everything passes" : "in force");
	else
		log_warning("%s: has not taken generation %llu after %d s", text, (unsigned long long)generation,
			LOCAL_RESOLVERS_WAIT_MS / 1000);
	return has_taken(&now.state, generation) && now.state.bypass_until == 0;
}

bool local_resolver_reads(const struct counters_snapshot *resolver, const char *table)
{
	size_t length = strlen(resolver->state.table), whole = strlen(table);
	return resolver->alive && !resolver->newer && length > 0 && length <= whole &&
	       strcmp(table + whole - length, resolver->state.table) == 0;
}

void local_resolvers_tell(struct local_resolvers *told, const char *run, const char *table)
{
	told->list = local_resolvers_find(run, &told->count);
	for (size_t i = 0; i < told->count; i++)
		if (local_resolver_reads(&told->list[i], table))
			signal_resolver(run, &told->list[i]);
}

void local_resolvers_remind(const char *run, const char *table, uint64_t generation)
{
	size_t count;
	struct counters_snapshot *list = local_resolvers_find(run, &count);
	for (size_t i = 0; i < count; i++)
		if (local_resolver_reads(&list[i], table) && list[i].state.generation != generation)
			signal_resolver(run, &list[i]);
	free(list);
}

struct local_resolvers_follow local_resolvers_await(
	struct local_resolvers *told, const char *run, const char *table, uint64_t generation)
{
	struct local_resolvers_follow count = {0};
	int left = LOCAL_RESOLVERS_WAIT_MS;
	for (size_t i = 0; i < told->count; i++) {
		if (!local_resolver_reads(&told->list[i], table))
			continue;
		count.told++;
		count.follow += await_resolver(run, &told->list[i], generation, &left);
	}
	free(told->list);
	*told = (struct local_resolvers){0};
	return count;
}

/* Whether the resolver follows. `before` is what it said before the bypass began or ended. */
static bool has_followed(const struct counters_snapshot *before, const struct counters_snapshot *now, uint64_t until)
{
	bool scrubbed =
		before->state.bypass_until == 0 || !now->state.active || now->state.scrubs > before->state.scrubs;
	return now->state.bypass_until == until && (until > 0 || scrubbed);
}

bool local_resolvers_await_bypass(
	struct local_resolvers *told, const char *run, const char *table, uint64_t until, int wait_ms)
{
	int left = wait_ms;
	bool all = true;
	for (size_t i = 0; i < told->count; i++) {
		char path[4096];
		struct counters_snapshot now = told->list[i];
		if (!local_resolver_reads(&now, table) || now.state.processes)
			continue;
		live_path(path, run, now.name);
		for (; left > 0 && now.alive && !has_followed(&told->list[i], &now, until); left -= STEP_MS) {
			const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
			nanosleep(&step, NULL);
			struct counters_snapshot next;
			int status = read_resolver(path, &next);
			if (status == 0)
				now = next;
			else if (status != -EAGAIN)
				now.alive = false;
		}
		all &= !now.alive || has_followed(&told->list[i], &now, until);
		told->list[i] = now;
	}
	return all;
}

int local_resolvers_can_read(const char *run, const char *table, uint32_t format, struct why *why)
{
	size_t count;
	struct counters_snapshot *resolvers;
	int status = find_resolvers(run, &resolvers, &count);
	if (status != 0)
		return why_set(why, status, "out of memory");
	for (size_t i = 0; i < count && status == 0; i++) {
		const struct counters_snapshot *r = &resolvers[i];
		/* Nobody can tell which table a module reads that is newer than feedsync: it may be this one. */
		bool reads = format >= r->format_oldest && format <= r->format_newest;
		if (!reads && (local_resolver_reads(r, table) || (r->newer && r->alive))) {
			char text[LOCAL_RESOLVER_TEXT];
			status = why_set(why, WEIR_EVERSION,
				"%s reads tables of format %u to %u only, and this feedsync writes %u: "
				"the published table stays until that resolver runs a module of this version (restart "
				"it)",
				local_resolver_text(r, text), r->format_oldest, r->format_newest, format);
		}
	}
	free(resolvers);
	return status;
}
