/* SPDX-License-Identifier: BSD-3-Clause */
/* Where digests of hits lie: `trends: digest` of a resolver's host, `fleet: digests` of the compiler. */
#include <stdio.h>

#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"

/* Of a directory; NULL behind the last. */
static const char *const *list_folders(struct check *c, const char *resolver)
{
	const char **folders = yaml_alloc(c->document, 3, sizeof *folders);
	char own[80];
	folders[0] = "digests";
	if (resolver) {
		int length = snprintf(own, sizeof own, "digests/%s", resolver);
		folders[1] = yaml_copy(c->document, own, (size_t)length);
	}
	return folders;
}

void check_digests(struct check *c, const char *key, const struct written_digests *written, struct channel *channel)
{
	*channel = (struct channel){.name = "digests",
		.folders = list_folders(c, written->name),
		.ca = written->ca,
		.certificate = written->client_certificate,
		.key = written->client_key};
	check_target(c, &written->at, key, &written->place, channel);
	check_target_files(c, &written->at, key, channel);
	if (channel->to && channel->kind == TARGET_DIRECTORY)
		check_own_directory(c, &written->at, key, channel->to, "digests");
}
