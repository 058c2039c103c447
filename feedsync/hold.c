#include "hold.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "json.h"
#include "log.h"
#include "publish.h"

enum { HOLD_SIZE = 4096 };

static void hold_path(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/hold", state);
}

static uint64_t number_of(const struct node *node, const char *key)
{
	uint64_t number;
	return node_number(node_get(node, key), &number) ? number : 0;
}

void hold_read(struct hold *hold, const char *state)
{
	char path[4096];
	struct stat st;
	struct why why;
	struct node *node = NULL;
	hold_path(state, path);
	*hold = (struct hold){.held = lstat(path, &st) == 0 || errno != ENOENT};
	if (!hold->held || json_load(&node, path, HOLD_SIZE, &why) != 0)
		return;
	const char *user = node_text(node_get(node, "user"), NULL);
	hold->generation = number_of(node, "generation");
	hold->content_of = number_of(node, "content_of");
	hold->at = number_of(node, "at");
	snprintf(hold->user, sizeof hold->user, "%s", user ? user : "");
	log_clean(hold->user);
	node_free(node);
}

int hold_set(const char *state, const struct hold *hold, struct why *why)
{
	char path[4096];
	hold_path(state, path);
	struct node *node = node_object();
	node_put(node, "generation", node_from_number(hold->generation));
	node_put(node, "content_of", node_from_number(hold->content_of));
	node_put(node, "at", node_from_number(hold->at));
	node_put(node, "user", node_from_text(hold->user));
	char *text = json_print(node);
	node_free(node);
	/* Whoever runs the daemon must be able to read what another user (root) has set. */
	int status = text ? publish_text(path, MODE_PUBLIC, text, strlen(text), why)
			  : why_set(why, -ENOMEM, "out of memory");
	free(text);
	return status;
}

int hold_release(const char *state, struct why *why)
{
	char path[4096];
	hold_path(state, path);
	if (unlink(path) != 0)
		return why_set(why, -errno, "%s: %s", path, error_text(-errno));
	return publish_sync(state, why);
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
