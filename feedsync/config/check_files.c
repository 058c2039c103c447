/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether the files that a configuration names can be read. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/secret_file.h"
#include "feedsync/config/configuration.h"
#include "libweir/errors.h"

/* By opening it: access(2) would tell what root may, where root uses files as another user (act_as_owner.h). Returns 0 or
 * -errno. */
static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int check_readable(const char *label, const char *path)
{
	int status = path ? try_open(path) : 0;
	if (status != 0)
		log_error("%s: %s: %s", label, path, error_text(status));
	return status;
}

/* Only warned of, since the list of a file:/// URL may come later. A path with escapes is left to the fetch. */
static void check_local_list(const char *label, const char *url)
{
	const char *path = url + strlen("file://");
	if (strncmp(url, "file:///", 8) != 0 || strchr(path, '%'))
		return;
	int status = try_open(path);
	if (status != 0)
		log_warning("%s: %s: %s; the feed fails until feedsync's user can read it", label, path,
			error_text(status));
}

static int check_secret(const char *label, const char *path)
{
	struct why why;
	int status = path ? secret_check(path, &why) : 0;
	if (status != 0)
		log_error("%s: %s", label, why.text);
	return status;
}

static int check_credentials(const char *label, const struct feed_config *feed)
{
	struct credentials credentials;
	struct why why;
	int status = credentials_load(&credentials, feed->access, feed->user, feed->secret_file, &why);
	if (status != 0)
		log_error("%s: %s", label, why.text);
	else if (credentials.kind != ACCESS_OPEN && strncmp(feed->url, "http:", 5) == 0)
		log_warning("%s: its secret goes over the network as it is: the URL is not https://", label);
	credentials_forget(&credentials);
	return status;
}

int config_check_files(const struct config *config)
{
	int first = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		const struct feed_config *feed = &config->feeds[i];
		char label[POLICY_MAX_NAME + 6];
		snprintf(label, sizeof label, "feed %s", feed->name);
		const int found[] = {check_readable(label, feed->trust.ca),
			check_readable(label, feed->trust.certificate), check_secret(label, feed->trust.key),
			check_credentials(label, feed)};
		check_local_list(label, feed->url);
		for (unsigned k = 0; k < sizeof found / sizeof *found; k++)
			first = first ? first : found[k];
	}
	const int found[] = {check_readable("resolver", config->resolver.ca),
		check_readable("resolver", config->resolver.trust_anchor)};
	for (unsigned k = 0; k < sizeof found / sizeof *found; k++)
		first = first ? first : found[k];
	return first;
}
