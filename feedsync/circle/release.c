/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/release.h"

#include <stdio.h>

#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/log.h"
#include "feedsync/circle/read_back.h"
#include "feedsync/circle/release_directory.h"
#include "feedsync/circle/sign.h"
#include "libweir/errors.h"

static int render_release(const struct release *release, const char *next, char sum[SHA256_TEXT], struct why *why)
{
	const struct rendering *rendering = rendering_find(release->output->format);
	char name[FILE_NAME_ROOM], path[OUTPUT_PATH + FILE_NAME_ROOM];
	int status = rendering->render(release, next, why);
	if (status == 0)
		status = read_back_check(release, next, why);
	if (status == 0)
		status = sign_release(release, next, why);
	if (status != 0)
		return status;
	rendering->main_file(release->output, name);
	snprintf(path, sizeof path, "%s/%s", next, name);
	return digest_sha256_file(sum, path, why);
}

int release_prepare(const struct release *release, const struct output_state *state, const char *state_directory,
	char sum[SHA256_TEXT], struct why *why)
{
	const struct output *output = release->output;
	char next[RELEASE_PATH];
	sum[0] = '\0';
	int status = release_directory_begin(output->to, next, why);
	if (status == 0)
		status = render_release(release, next, sum, why);
	if (status == 0)
		status = release_directory_settle(output->to, release->serial, why);
	if (status == 0)
		status = output_state_write(state, state_directory, output, why);
	if (status != 0)
		atomic_dir_remove(next);
	return status;
}

int release_show(const struct release *release, struct why *why)
{
	struct why unsynced = {.text = ""};
	int status = release_directory_show(release->output->to, release->serial, &unsynced, why);
	if (unsynced.text[0])
		log_warning("output %s: %s", release->output->name, unsynced.text);
	return status;
}

void release_prune(const struct output *output, uint32_t serial)
{
	release_directory_prune(output->to, serial);
}
