/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/whole_text.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/digest_worker.h"
#include "feedsync/fleet/target.h"
#include "feedsync/trends/hit_digest.h"
#include "feedsync/trends/hit_digest_outbox.h"
#include "libweir/errors.h"

/* What a server does not let us remove stays there, and costs nothing but room. */
static void remove_old_digest(struct target *target, const char *resolver, uint64_t hour)
{
	char name[HIT_DIGEST_OBJECT_TEXT];
	struct why why;
	if (hour > HIT_DIGEST_HOURS &&
		target->row->remove(target, hit_digest_object(resolver, hour - HIT_DIGEST_HOURS, name), &why) != 0)
		log_info("trends: digest of a week ago: %s; it stays there", why.text);
}

/* The same hour twice is the same octets, so it may be put again. */
static int send_hour(struct target *target, const struct config *config, uint64_t hour, struct why *why)
{
	char path[4096], name[HIT_DIGEST_OBJECT_TEXT], *text;
	size_t length;
	struct why reason;
	hit_digest_path(config->state, hour, path);
	int status = whole_text_load(&text, &length, path, MAX_HIT_DIGEST, &reason);
	if (status == -ENOENT) /* it was dropped meanwhile */
		return 0;
	if (status != 0)
		return why_set(why, status, "%.150s: %.100s", path, reason.text);
	hit_digest_object(config->trends.digest_name, hour, name);
	status = target->row->replace(target, name, text, length, why);
	free(text);
	if (status == 0 && unlink(path) != 0 && errno != ENOENT)
		status = why_set(why, -errno, "%.200s: %s", path, error_text(-errno));
	if (status == 0)
		remove_old_digest(target, config->trends.digest_name, hour);
	return status;
}

int digests_send(const struct config *config, struct why *why)
{
	struct target *target = NULL;
	uint64_t hour;
	int status = 0;
	for (unsigned sent = 0; status == 0 && sent <= HIT_DIGEST_HOURS && hit_digest_oldest(config->state, &hour);
		sent++) {
		if (!target)
			status = target_open(&target, &config->trends.digest_to, why);
		if (status == 0)
			status = send_hour(target, config, hour, why);
	}
	target_close(&target);
	return status;
}
