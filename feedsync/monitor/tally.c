/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/tally.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

#define TALLY_FILE "monitor.json"

enum { HOUR_S = 3600 };

static bool is_shown(const struct counters_snapshot *resolver)
{
	return resolver->alive && !resolver->newer;
}

static struct tally_resolver *find_in_tally(const struct tally *tally, const char *name)
{
	for (size_t i = 0; i < tally->resolver_count; i++)
		if (strcmp(tally->resolver[i].name, name) == 0)
			return (struct tally_resolver *)&tally->resolver[i];
	return NULL;
}

unsigned tally_number(const struct tally *tally, const struct counters_snapshot *resolver)
{
	const struct tally_resolver *found = is_shown(resolver) ? find_in_tally(tally, resolver->name) : NULL;
	return found ? found->number : 0;
}

uint64_t tally_blocked(const struct counters_snapshot *resolver)
{
	return resolver->count[COUNT_BLOCKED_NAME] + resolver->count[COUNT_BLOCKED_TARGET];
}

/* ---- looking ---- */

static void forget_ended(struct tally *tally, const struct counters_snapshot *resolvers, size_t count)
{
	size_t left = 0;
	for (size_t i = 0; i < tally->resolver_count; i++) {
		bool runs = false;
		for (size_t j = 0; j < count; j++)
			runs |= is_shown(&resolvers[j]) && strcmp(resolvers[j].name, tally->resolver[i].name) == 0;
		if (runs)
			tally->resolver[left++] = tally->resolver[i];
	}
	tally->resolver_count = left;
}

static unsigned lowest_free(const struct tally *tally)
{
	for (unsigned number = 1;; number++) {
		bool taken = false;
		for (size_t i = 0; i < tally->resolver_count; i++)
			taken |= tally->resolver[i].number == number;
		if (!taken)
			return number;
	}
}

/* Returns how many answers a resolver has blocked since the last look. */
static uint64_t look_at_resolver(struct tally *tally, const struct counters_snapshot *resolver)
{
	uint64_t blocked = tally_blocked(resolver);
	struct tally_resolver *known = find_in_tally(tally, resolver->name);
	uint64_t before = known && known->blocked <= blocked ? known->blocked : 0;
	if (!known && tally->resolver_count < TALLY_RESOLVERS) {
		unsigned number = lowest_free(tally);
		known = &tally->resolver[tally->resolver_count++];
		*known = (struct tally_resolver){.number = number};
		memcpy(known->name, resolver->name, sizeof known->name);
	}
	if (!known)
		return 0;
	known->blocked = blocked;
	return blocked - before;
}

/* The hour of `now`, with those dropped that are too long ago, or lie ahead, as the clock was set. */
static struct tally_hour *hour_of(struct tally *tally, uint64_t now)
{
	uint64_t begin = now - now % HOUR_S, oldest = begin - (TALLY_HOURS - 1) * HOUR_S;
	size_t left = 0;
	for (size_t i = 0; i < tally->hour_count; i++)
		if (tally->hour[i].begin >= oldest && tally->hour[i].begin <= begin)
			tally->hour[left++] = tally->hour[i];
	if (left == 0 || tally->hour[left - 1].begin < begin) {
		if (left ==
			TALLY_HOURS) /* hours that follow each other are never more; a damaged file may have others */
			memmove(tally->hour, tally->hour + 1, --left * sizeof *tally->hour);
		tally->hour[left++] = (struct tally_hour){.begin = begin};
	}
	tally->hour_count = left;
	return &tally->hour[left - 1];
}

void tally_look(struct tally *tally, const struct counters_snapshot *resolvers, size_t count, uint64_t now)
{
	uint64_t blocked = 0;
	bool follows = tally->at > 0 && tally->at <= now && now - tally->at <= TALLY_GAP_S;
	forget_ended(tally, resolvers, count);
	for (size_t i = 0; i < count; i++)
		if (is_shown(&resolvers[i]))
			blocked += look_at_resolver(tally, &resolvers[i]);
	struct tally_hour *hour = hour_of(tally, now);
	if (follows)
		hour->blocked += blocked;
	tally->at = now;
}

/* ---- the file ---- */

static void resolvers_from_json(struct tally *tally, const struct node *list)
{
	for (size_t i = 0; i < node_count(list) && tally->resolver_count < TALLY_RESOLVERS; i++) {
		const struct node *item = node_at(list, i);
		struct tally_resolver *resolver = &tally->resolver[tally->resolver_count];
		uint64_t number = node_number_at(item, "number");
		node_text_at(item, "name", resolver->name, sizeof resolver->name);
		resolver->number = (unsigned)number;
		resolver->blocked = node_number_at(item, "blocked");
		if (resolver->name[0] && number > 0 && number <= TALLY_RESOLVERS)
			tally->resolver_count++;
	}
}

void tally_read(struct tally *tally, const char *state)
{
	struct node *record;
	struct why why;
	*tally = (struct tally){0};
	if (state_dir_read_record(state, TALLY_FILE, &record, &why) != 0)
		return;
	const struct node *hours = node_get(record, "hours");
	tally->at = node_number_at(record, "at");
	resolvers_from_json(tally, node_get(record, "resolvers"));
	for (size_t i = 0; i < node_count(hours) && tally->hour_count < TALLY_HOURS; i++)
		tally->hour[tally->hour_count++] =
			(struct tally_hour){.begin = node_number_at(node_at(hours, i), "begin"),
				.blocked = node_number_at(node_at(hours, i), "blocked")};
	node_free(record);
}

void tally_write(const struct tally *tally, const char *state)
{
	struct node *record = node_object(), *resolvers = node_array(), *hours = node_array();
	char path[4096];
	struct why why;
	for (size_t i = 0; i < tally->resolver_count; i++) {
		struct node *item = node_object();
		node_put(item, "name", node_from_text(tally->resolver[i].name));
		node_put(item, "number", node_from_number(tally->resolver[i].number));
		node_put(item, "blocked", node_from_number(tally->resolver[i].blocked));
		node_append(resolvers, item);
	}
	for (size_t i = 0; i < tally->hour_count; i++) {
		struct node *item = node_object();
		node_put(item, "begin", node_from_number(tally->hour[i].begin));
		node_put(item, "blocked", node_from_number(tally->hour[i].blocked));
		node_append(hours, item);
	}
	node_put(record, "at", node_from_number(tally->at));
	node_put(record, "resolvers", resolvers);
	node_put(record, "hours", hours);
	snprintf(path, sizeof path, "%s/" TALLY_FILE, state);
	if (json_publish(record, path, MODE_PRIVATE, &why) < 0)
		log_warning("%s: %s", path, why.text);
}
