/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/channel_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/config/channel_config.h"
#include "feedsync/fleet/manifest.h"
#include "libweir/errors.h"

void octets_free(struct octets *octets)
{
	free(octets->at);
	*octets = (struct octets){0};
}

static const char *channel_path(const char *state, const struct channel *channel, const char *file, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/fleet/channels/%s%s%s", state, channel->name, file[0] ? "/" : "", file);
	return path;
}

int channel_lock(const char *state, const struct channel *channel, struct why *why)
{
	char path[PATH_MAX];
	int status = directory_create(channel_path(state, channel, "", path));
	if (status != 0)
		return why_set(why, status, "cannot create %.150s: %s", path, error_text(status));
	char told[MANIFEST_CHANNEL_TEXT + 80];
	snprintf(told, sizeof told, "channel %s: another feedsync publishes there; waiting for it to end",
		channel->name);
	return file_lock_open(channel_path(state, channel, "lock", path), MODE_PRIVATE, told, why);
}

int channel_read_file(
	struct octets *octets, const char *state, const struct channel *channel, const char *file, struct why *why)
{
	char path[PATH_MAX];
	struct why reason;
	channel_path(state, channel, file, path);
	int status = whole_text_load(&octets->at, &octets->length, path, MANIFEST_MAX, &reason);
	return status == 0 || status == -ENOENT ? 0 : why_set(why, status, "%.150s: %.90s", path, reason.text);
}

int channel_write_next(const char *state, const struct channel *channel, const struct octets *octets, struct why *why)
{
	char path[PATH_MAX];
	int status = atomic_file_write(
		channel_path(state, channel, "next", path), MODE_PRIVATE, octets->at, octets->length, why);
	return status == DURABILITY_UNCERTAIN ? -EIO : status;
}

int channel_take_next(const char *state, const struct channel *channel, struct why *why)
{
	char next[PATH_MAX], last[PATH_MAX];
	int status = atomic_file_replace(
		channel_path(state, channel, "next", next), channel_path(state, channel, "last", last), why);
	return status < 0 ? status : 0;
}

int channel_drop_next(const char *state, const struct channel *channel, struct why *why)
{
	char path[PATH_MAX];
	if (unlink(channel_path(state, channel, "next", path)) == 0 || errno == ENOENT)
		return 0;
	return why_set(why, -errno, "cannot remove %.150s: %s", path, error_text(-errno));
}
