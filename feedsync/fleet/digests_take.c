/* SPDX-License-Identifier: BSD-3-Clause */
/* A resolver's host makes a digest of each hour, and sends the oldest first. So the next hour is asked for until it comes; where it
 * is not there and a later one is, it was never made, or is gone for good. No target is ever asked to list what it has. */
#include <errno.h>
#include <stdlib.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/config/configuration.h"
#include "feedsync/fleet/digest_worker.h"
#include "feedsync/fleet/target.h"
#include "feedsync/trends/hit_digest_store.h"
#include "libweir/errors.h"

struct taking {
	struct target *target;
	struct trends *trends;
	const char *resolver;
	uint64_t last;  /* the hour that may be there by now */
	uint64_t later; /* one that is there; 0 = none is known */
};

/* Whether it is the digest itself that is wrong: too large, no file, or not what it should be. */
static bool is_refused(int status)
{
	return status == -EFBIG || status == -EBADMSG || status == WEIR_EVERSION;
}

/* Whether a digest that was taken, or not, lets the next one be asked for. */
static bool lets_go_on(const struct taking *t, uint64_t hour, int status, const struct why *why)
{
	char text[HIT_DIGEST_HOUR_TEXT];
	if (is_refused(status))
		log_error("trends: digest of resolver %s, %s: %s; it is refused, and nothing of it counts", t->resolver,
			hit_digest_hour(hour, text), why->text);
	return status == 0 || status == -EEXIST || is_refused(status);
}

/* Takes one. Returns 0; -ENOENT where there is none; or another code as hit_digest_take. */
static int take_hour(const struct taking *t, uint64_t hour, struct why *why)
{
	char name[HIT_DIGEST_OBJECT_TEXT], *octets;
	size_t length;
	hit_digest_object(t->resolver, hour, name);
	int status = t->target->row->get(t->target, name, &octets, &length, why);
	if (is_refused(status))
		return hit_digest_refuse(t->trends, t->resolver, hour) == 0 ? status : -EIO;
	if (status != 0)
		return status;
	const struct hit_document document = {t->resolver, hour, octets, length};
	status = hit_digest_take(t->trends, &document, why);
	free(octets);
	return status;
}

static int look_for_digest(const struct taking *t, uint64_t hour, struct why *why)
{
	char name[HIT_DIGEST_OBJECT_TEXT], *octets;
	size_t length;
	int status = t->target->row->get(t->target, hit_digest_object(t->resolver, hour, name), &octets, &length, why);
	if (status == 0)
		free(octets);
	return is_refused(status) ? 0 : status;
}

/* Whether a later hour than one that is not there is there: of the last two, since the last one may be yet to come. Returns 0, or
 * -ENOENT, or another code. */
static int find_later(struct taking *t, uint64_t hour, struct why *why)
{
	int status = t->later > hour ? 0 : -ENOENT;
	for (unsigned back = 0; status == -ENOENT && back < 2 && hour < t->last - back; back++) {
		status = look_for_digest(t, t->last - back, why);
		if (status == 0)
			t->later = t->last - back;
	}
	return status;
}

static int take_of_resolver(struct taking *t, struct why *why)
{
	uint64_t hour;
	int status = hit_digest_wanted(t->trends, t->resolver, &hour, why);
	if (status != 0)
		return status;
	if (hour + HIT_DIGEST_MISSED <= t->last)
		hour = t->last - HIT_DIGEST_MISSED;
	t->later = 0;
	for (; hour <= t->last; hour++) {
		status = take_hour(t, hour, why);
		if (status == -ENOENT)
			status = find_later(t, hour, why);
		else if (lets_go_on(t, hour, status, why))
			status = 0;
		if (status != 0)
			return status == -ENOENT ? 0 : status;
	}
	return 0;
}

/* One whose folder cannot be read keeps the others from nothing; a server that cannot be reached does. */
static int take_of_all(struct taking *t, const struct fleet_config *fleet, struct why *why)
{
	int first = 0;
	for (size_t i = 0; i < fleet->resolver_count && first != -ENETUNREACH; i++) {
		struct why reason;
		t->resolver = fleet->resolvers[i].name;
		int status = take_of_resolver(t, &reason);
		if (status != 0 && (first == 0 || status == -ENETUNREACH))
			first = why_set(why, status, "%s", reason.text);
	}
	return first;
}

int digests_take(const struct config *config, uint64_t hour, struct why *why)
{
	struct taking t = {.last = hour - 1};
	int status = trends_open(&t.trends, config->state, true, why);
	if (status == 0)
		status = hit_digest_prepare(t.trends, why);
	if (status == 0)
		status = target_open(&t.target, &config->fleet.digests_from, why);
	if (status == 0) {
		t.target->most = MAX_HIT_DIGEST;
		status = take_of_all(&t, &config->fleet, why);
	}
	if (status == 0 && !config->run) { /* no collector forgets what is old */
		trends_begin(t.trends);
		trends_forget(t.trends, hour / 24, config->trends.rules_days, config->trends.hours_days);
		status = trends_commit(t.trends, why);
	}
	target_close(&t.target);
	trends_close(&t.trends);
	return status;
}
