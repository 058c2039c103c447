/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/publish/hold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

static void hold_path(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/" HOLD_FILE, state);
}

void hold_read(struct hold *hold, const char *state)
{
	char path[4096];
	struct stat st;
	struct node *node;
	*hold = (struct hold){0};
	int status = state_dir_read_record(state, HOLD_FILE, &node, &hold->why);
	hold_path(state, path);
	hold->held = status != -ENOENT;
	hold->unseen = hold->held && status != 0 && lstat(path, &st) != 0;
	if (!hold->held)
		hold->why.text[0] = '\0';
	if (status != 0)
		return;
	hold->generation = node_number_at(node, "generation");
	hold->content_of = node_number_at(node, "content_of");
	hold->at = node_number_at(node, "at");
	node_words_at(node, "user", hold->user, sizeof hold->user);
	node_free(node);
}

struct node *hold_to_json(const struct hold *hold)
{
	struct node *node = node_object();
	node_put(node, "generation", node_from_number(hold->generation));
	node_put(node, "content_of", node_from_number(hold->content_of));
	node_put(node, "at", node_from_number(hold->at));
	node_put(node, "user", node_from_text(hold->user));
	return node;
}

int hold_set(const char *state, const struct hold *hold, struct why *why)
{
	char path[4096];
	hold_path(state, path);
	/* The daemon's user must be able to read what another user (root) has set. */
	return json_publish(hold_to_json(hold), path, MODE_PUBLIC, why);
}

int hold_release(const char *state, struct why *why)
{
	char path[4096];
	hold_path(state, path);
	if (unlink(path) != 0)
		return why_set(why, -errno, "%s: %s", path, error_text(-errno));
	return directory_sync(state, why);
}

void hold_text(const struct hold *hold, char text[256])
{
	int used = 0;
	text[0] = '\0';
	if (hold->generation)
		used = snprintf(text, 256, " at generation %llu (the content of %llu)",
			(unsigned long long)hold->generation, (unsigned long long)hold->content_of);
	if (hold->user[0])
		snprintf(text + used, 256 - (size_t)used, " by %s", hold->user);
}
