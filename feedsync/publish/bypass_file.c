/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/bypass_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/timestamp.h"
#include "libweir/bypass.h"

enum { CONTENT_SIZE = 4096 };

struct visit {
	struct owner_visit owner;
	char path[4096]; /* of the file */
};

/* Begins to use files as the owner of the table's directory. After success leave_table must follow. */
static int enter_table(struct visit *visit, const char *table, struct why *why)
{
	if ((size_t)snprintf(visit->path, sizeof visit->path, "%s" BYPASS_SUFFIX, table) >= sizeof visit->path)
		return why_set(why, -ENAMETOOLONG, "%s: path too long", table);
	return owner_enter_path(&visit->owner, visit->path, why);
}

static void leave_table(struct visit *visit)
{
	owner_leave(&visit->owner);
}

/* ---- reading ---- */

static void read_content(struct bypass_file *bypass, const char *path)
{
	struct node *node;
	if (json_load(&node, path, CONTENT_SIZE, NULL) != 0)
		return;
	bypass->at = node_number_at(node, "at");
	node_words_at(node, "user", bypass->user, sizeof bypass->user);
	node_words_at(node, "reason", bypass->reason, sizeof bypass->reason);
	node_free(node);
}

void bypass_file_read(struct bypass_file *bypass, const char *table)
{
	struct visit visit;
	struct bypass found;
	struct why why;
	*bypass = (struct bypass_file){0};
	int status = enter_table(&visit, table, &bypass->why);
	if (status != 0)
		return;
	status = bypass_find(&found, table, (uint64_t)time(NULL), &why);
	bypass->in_force = status > 0;
	bypass->until = found.until;
	if (status < 0)
		why_set(&bypass->why, status, "%.150s: %.100s", visit.path, why.text);
	else if (found.until > 0)
		read_content(bypass, visit.path);
	leave_table(&visit);
}

/* ---- writing ---- */

/* Writes who asked and why. Returns 0 or -errno. */
static int write_content(int fd, const struct bypass_file *bypass)
{
	struct node *node = node_object();
	node_put(node, "until", node_from_number(bypass->until));
	node_put(node, "at", node_from_number(bypass->at));
	node_put(node, "user", node_from_text(bypass->user));
	node_put(node, "reason", node_from_text(bypass->reason));
	char *text = json_print(node);
	size_t length = text ? strlen(text) : 0;
	ssize_t written = text ? write(fd, text, length) : -1;
	int status = !text ? -ENOMEM : written < 0 ? -errno : (size_t)written < length ? -ENOSPC : 0;
	free(text);
	node_free(node);
	return status;
}

/* Fills in a new file and gives it its name. The time is set after the content, since a write would change it. */
static int finish_file(
	int fd, const char *temporary, const char *path, const struct bypass_file *bypass, struct why *why)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = (time_t)bypass->until}};
	int content = write_content(fd, bypass);
	if (content != 0 && ftruncate(fd, 0) != 0) {
		/* The part that was written is no JSON, and is not shown. */
	}
	if (fchmod(fd, MODE_PUBLIC) != 0 || futimens(fd, times) != 0 || rename(temporary, path) != 0) {
		int status = -errno;
		unlink(temporary);
		return why_set(why, status, "%s: %s", path, error_text(status));
	}
	return content == 0
		       ? 0
		       : why_set(why, 1, "%s does not tell who asked for it and why: %s", path, error_text(content));
}

int bypass_file_set(const char *table, const struct bypass_file *bypass, struct why *why)
{
	struct visit visit;
	char temporary[4096 + 8];
	int status = enter_table(&visit, table, why);
	if (status != 0)
		return status;
	snprintf(temporary, sizeof temporary, "%s-XXXXXX", visit.path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd >= 0) {
		status = finish_file(fd, temporary, visit.path, bypass, why);
		close(fd);
	} else {
		status = why_set(why, -errno, "%s: %s", visit.path, error_text(-errno));
	}
	leave_table(&visit);
	return status;
}

int bypass_file_remove(const char *table, struct why *why)
{
	struct visit visit;
	int status = enter_table(&visit, table, why);
	if (status != 0)
		return status;
	if (unlink(visit.path) != 0)
		status = why_set(why, -errno, "%s: %s", visit.path, error_text(-errno));
	leave_table(&visit);
	return status;
}

/* ---- telling ---- */

struct node *bypass_file_to_json(const struct bypass_file *bypass)
{
	if (!bypass->in_force && bypass->why.text[0] == '\0')
		return node_from_text(NULL);
	struct node *node = node_object();
	node_put(node, "in_force", node_from_bool(bypass->in_force));
	node_put(node, "error", node_from_text(bypass->why.text));
	node_put(node, "until", node_from_number(bypass->until));
	node_put(node, "at", node_from_number(bypass->at));
	node_put(node, "user", node_from_text(bypass->user));
	node_put(node, "reason", node_from_text(bypass->reason));
	return node;
}

const char *bypass_file_text(const struct bypass_file *bypass, char text[BYPASS_FILE_TEXT])
{
	char when[TIMESTAMP_ROOM];
	int used = snprintf(text, BYPASS_FILE_TEXT, "until %s", timestamp_text(bypass->until, when));
	if (bypass->user[0])
		used += snprintf(text + used, BYPASS_FILE_TEXT - (size_t)used, ", by %s", bypass->user);
	if (bypass->reason[0])
		snprintf(text + used, BYPASS_FILE_TEXT - (size_t)used, ": %s", bypass->reason);
	return text;
}
