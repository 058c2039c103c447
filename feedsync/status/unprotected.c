/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/status/unprotected.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"

static const char program[] = "unbound", unit[] = "/unbound.service", module[] = "/weir.so";

enum {
	MAX_LINES = 65536, /* read of a file of a process */
	MAX_LINE_ROOM = 4352
};

/* What a process says of itself. */
struct process {
	pid_t pid, parent;
	bool is_unbound;
	bool elsewhere; /* in a pid namespace below ours */
};

static FILE *open_of_process(const char *proc, pid_t pid, const char *file)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%ld/%s", proc, (long)pid, file);
	return fopen(path, "re");
}

/* Returns whether the process is still there. */
static bool read_process(const char *proc, pid_t pid, struct process *p)
{
	char line[MAX_LINE_ROOM];
	FILE *in = open_of_process(proc, pid, "status");
	*p = (struct process){.pid = pid};
	if (!in)
		return false;
	while (fgets(line, sizeof line, in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Name:\t", 6) == 0)
			p->is_unbound = strcmp(line + 6, program) == 0;
		else if (strncmp(line, "PPid:\t", 6) == 0)
			p->parent = (pid_t)strtol(line + 6, NULL, 10);
		else if (strncmp(line, "NSpid:\t", 7) == 0)
			p->elsewhere = strchr(line + 7, '\t') != NULL;
	}
	fclose(in);
	return true;
}

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text), wanted = strlen(end);
	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Whether a line of a process's file ends with the text. Returns 1, 0, or -errno where the file cannot be read. */
static int has_line(const char *proc, pid_t pid, const char *file, const char *end)
{
	static const char deleted[] = " (deleted)";
	char line[MAX_LINE_ROOM];
	bool found = false;
	FILE *in = open_of_process(proc, pid, file);
	if (!in)
		return -errno;
	for (unsigned n = 0; n < MAX_LINES && !found && fgets(line, sizeof line, in); n++) {
		line[strcspn(line, "\n")] = '\0';
		if (ends_with(line, deleted))
			line[strlen(line) - strlen(deleted)] = '\0';
		found = ends_with(line, end);
	}
	int status = ferror(in) ? -EIO : found;
	fclose(in);
	return status;
}

static bool has_counters(pid_t pid, const struct counters_snapshot *shown, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (shown[i].alive && !shown[i].elsewhere && shown[i].pid == pid)
			return true;
	return false;
}

static bool is_missed(const char *proc, pid_t pid, const struct counters_snapshot *shown, size_t count)
{
	struct process p, parent;
	if (has_counters(pid, shown, count) || !read_process(proc, pid, &p) || !p.is_unbound || p.elsewhere)
		return false;
	/* A worker of an Unbound that is told by itself. */
	if (has_counters(p.parent, shown, count) || (read_process(proc, p.parent, &parent) && parent.is_unbound))
		return false;
	return has_line(proc, pid, "cgroup", unit) == 1;
}

/* What the guard has said last; "" twice if nothing. */
struct note {
	char reason[UNPROTECTED_TEXT], next[UNPROTECTED_TEXT];
};

static void read_note_line(FILE *in, char line[UNPROTECTED_TEXT])
{
	char text[UNPROTECTED_TEXT];
	if (!fgets(text, sizeof text, in))
		return;
	text[strcspn(text, "\n")] = '\0';
	clean_text(line, UNPROTECTED_TEXT, text);
}

static void read_note(struct note *note, const char *path)
{
	FILE *in;
	struct why why;
	*note = (struct note){0};
	int status = regular_file_open(&in, path, &why);
	if (status != 0)
		return;
	read_note_line(in, note->reason);
	read_note_line(in, note->next);
	fclose(in);
	/* An empty one was made where there was no room. */
	if (!note->reason[0])
		snprintf(note->reason, sizeof note->reason, "%s holds no reason: is its file system full?", path);
}

static void explain(struct unprotected *u, const char *proc, const struct note *note)
{
	int loaded = has_line(proc, u->pid, "maps", module);
	u->certain = loaded == 0 || (loaded < 0 && note->reason[0]);
	if (u->certain) {
		memcpy(u->next, note->next, sizeof u->next);
		snprintf(u->reason, sizeof u->reason, "%s",
			note->reason[0] ? note->reason
					: "it has not loaded the module, and unbound-guard has not said why");
	} else {
		snprintf(u->reason, sizeof u->reason, "%s",
			loaded == 1 ? "it has loaded the module, which cannot show its live counters"
				    : "only root can see whether it has loaded the module");
	}
}

size_t unprotected_find(struct unprotected list[UNPROTECTED_MAX], const char *proc, const char *note,
	const struct counters_snapshot *shown, size_t count)
{
	struct note said;
	size_t found = 0;
	DIR *dir = opendir(proc);
	if (!dir)
		return 0;
	read_note(&said, note);
	for (struct dirent *entry; found < UNPROTECTED_MAX && (entry = readdir(dir));) {
		char *end;
		pid_t pid = (pid_t)strtol(entry->d_name, &end, 10);
		if (*end != '\0' || pid <= 0 || !is_missed(proc, pid, shown, count))
			continue;
		list[found] = (struct unprotected){.pid = pid};
		explain(&list[found++], proc, &said);
	}
	closedir(dir);
	return found;
}
