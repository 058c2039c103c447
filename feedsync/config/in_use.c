/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/in_use.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/config/yaml.h"
#include "libweir/errors.h"

static void copy_path(const char *state, char path[4096])
{
	snprintf(path, 4096, "%s/in-use.yaml", state);
}

/* Reads the text of the file; the caller frees it. Returns NULL if the file has changed since the configuration was
 * read from it. */
static char *read_config_text(const struct config *config, size_t *length)
{
	struct why why;
	char *text;
	if (whole_text_load(&text, length, config->path, MAX_CONFIG, &why) == 0 && config_is_unchanged(config))
		return text;
	free(text); /* it has changed meanwhile */
	return NULL;
}

void config_keep(const struct config *config)
{
	char path[4096];
	struct why why;
	size_t length = 0;
	copy_path(config->state, path);
	if (access(path, F_OK) == 0 && config_is_in_use(config) &&
		utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW) == 0)
		return;
	char *text = read_config_text(config, &length);
	if (text && atomic_file_write(path, MODE_PRIVATE, text, length, &why) < 0)
		log_warning("no copy of the configuration is kept: %s", why.text);
	free(text);
}

uint64_t config_taken_at(const char *state)
{
	char path[4096];
	struct stat st;
	copy_path(state, path);
	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_mtime > 0 ? (uint64_t)st.st_mtime : 0;
}

bool config_is_in_use(const struct config *config)
{
	char path[4096], sum[FILE_SUM];
	struct why why;
	copy_path(config->state, path);
	return file_sum(path, sum, &why) != 0 || strcmp(sum, config->sum) == 0;
}

bool config_is_unchanged(const struct config *config)
{
	char sum[FILE_SUM];
	struct why why;
	return file_sum(config->path, sum, &why) == 0 && strcmp(sum, config->sum) == 0;
}

/* Finds the state directory without a YAML parser, since the file is broken. It takes the value of the last line that
 * begins with "state:", without quotes and comment, or the default if there is no such line. */
static void find_state(const char *path, char state[MAX_STATE_PATH + 1])
{
	char line[4096];
	struct why why;
	FILE *in;
	snprintf(state, MAX_STATE_PATH + 1, "%s", CONFIG_STATE);
	if (regular_file_open(&in, path, &why) != 0)
		return;
	while (fgets(line, sizeof line, in)) {
		if (strncmp(line, "state:", 6) != 0)
			continue;
		char *value = line + 6 + strspn(line + 6, " \t"), *end = strstr(value, " #");
		if (end)
			*end = '\0';
		value += *value == '"' || *value == '\'';
		value[strcspn(value, "\"'\r\n")] = '\0';
		for (size_t n = strlen(value); n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--)
			value[n - 1] = '\0';
		if (value[0] == '/')
			snprintf(state, MAX_STATE_PATH + 1, "%.*s", MAX_STATE_PATH, value);
	}
	fclose(in);
}

/* The daemon's user owns the copy and could write anything into it. So root becomes that user before it uses the copy, and
 * can do no more than that user. */
static int become_its_keeper(const char *state)
{
	struct owner owner;
	struct why why;
	int status = owner_of(state, &owner, &why);
	if (status != 0) {
		log_error("%s", why.text);
		return status;
	}
	if (owner.user == 0)
		return 0;
	if (setgroups(1, &owner.group) != 0 || setresgid(owner.group, owner.group, owner.group) != 0 ||
		setresuid(owner.user, owner.user, owner.user) != 0) {
		status = -errno;
		log_error("%s: cannot become its owner: %s", state, error_text(status));
	}
	return status;
}

int config_load_any(struct config **config, const char *path)
{
	char state[MAX_STATE_PATH + 1], copy[4096], when[TIMESTAMP_ROOM];
	struct stat st;
	int status = config_load(config, path);
	if (status == 0)
		return 0;
	find_state(path, state);
	copy_path(state, copy);
	if (stat(copy, &st) != 0) {
		/* Who may not read the file has been told what to do, and its `state` is not known. */
		if (status != -EACCES)
			log_error("%s, the copy of the one that was in use last: %s", copy, error_text(-errno));
		return status;
	}
	status = become_its_keeper(state);
	if (status != 0)
		return status;
	const uint64_t copied_at = (uint64_t)st.st_mtim.tv_sec;
	log_warning("%s cannot be used: the configuration that was taken into use at %s stands in for it (%s)", path,
		timestamp_text(copied_at, when), copy);
	status = config_load(config, copy);
	if (status == 0) {
		/* Messages name the file that must be mended, not the copy. */
		(*config)->path = yaml_copy((*config)->document, path, strlen(path));
		(*config)->copied_at = copied_at;
	}
	return status;
}
