/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/health_look.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/fleet/promotion_record.h"
#include "feedsync/net/dns_probe.h"

static bool is_canary_of(const struct fleet_resolver *resolver, const struct channel *channel)
{
	return resolver->channel && strcmp(resolver->channel, channel->promote_from->name) == 0;
}

/* ---- what table they enforce ---- */

static void ask_for_tables(struct health_look *look, const char **servers)
{
	struct dns_probe *probes = xcalloc(look->count, sizeof *probes);
	for (size_t i = 0; i < look->count; i++)
		probes[i] = (struct dns_probe){.resolver = servers[i], .name = SELF_TEST_NAME};
	dns_probes_ask(probes, look->count);
	for (size_t i = 0; i < look->count; i++) {
		struct canary_look *canary = &look->canary[i];
		canary->answers = probes[i].answered && !dns_answer_is_failure(&probes[i].answer);
		canary->enforces = canary->answers && dns_answer_is_enforced(&probes[i].answer);
		canary->generation = probes[i].answer.generation;
	}
	free(probes);
}

/* ---- what they answer ---- */

static bool was_blocked(const struct promotion_health *health, const char *name)
{
	for (uint32_t i = 0; i < health->blocked_count; i++)
		if (strcmp(health->blocked[i], name) == 0)
			return true;
	return false;
}

/* Each name once, whichever canaries block it. */
static void note_blocked_name(struct health_look *look, const char *name)
{
	for (size_t i = 0; i < look->blocked_count; i++)
		if (look->blocked[i] == name)
			return;
	look->blocked[look->blocked_count++] = name;
}

/* Whether a resolver that answers us otherwise does not want this name to be reached. */
static bool is_name_blocked(const struct dns_probe *probe)
{
	enum { REFUSED = 5 };
	return probe->answered && (probe->answer.blocked || probe->answer.rcode == REFUSED);
}

static void take_answer_for_name(struct health_look *look, struct canary_look *canary, const struct dns_probe *probe,
	const struct promotion_health *health)
{
	canary->asked++;
	if (is_name_blocked(probe)) {
		note_blocked_name(look, probe->name);
		if (!canary->blocked && !was_blocked(health, probe->name))
			canary->blocked = probe->name;
		return;
	}
	canary->failed += !probe->answered || (probe->answer.addresses == 0 && !probe->answer.truncated);
}

/* Each name is asked of at most ASKED_FOR_NAMES canaries, always the same ones: so a look is bounded however many there are. */
static bool canary_has_name(const struct health_look *look, size_t canary, size_t name)
{
	enum { ASKED_FOR_NAMES = 32 };
	const size_t parts = (look->count + ASKED_FOR_NAMES - 1) / ASKED_FOR_NAMES;
	return look->canary[canary].answers && (canary + name) % parts == 0;
}

/* The questions, canary by canary. `probes` NULL: only counts them. */
static size_t list_questions(const struct health_look *look, const char **servers, const struct health_names *names,
	struct dns_probe *probes)
{
	size_t count = 0;
	for (size_t i = 0; i < look->count; i++) {
		for (size_t n = 0; n < names->count; n++) {
			if (!canary_has_name(look, i, n))
				continue;
			if (probes)
				probes[count] = (struct dns_probe){.resolver = servers[i], .name = names->name[n]};
			count++;
		}
	}
	return count;
}

static void ask_for_names(struct health_look *look, const char **servers, const struct health_names *names,
	const struct promotion_health *health)
{
	size_t count = list_questions(look, servers, names, NULL), taken = 0;
	struct dns_probe *probes = xcalloc(count, sizeof *probes);
	list_questions(look, servers, names, probes);
	dns_probes_ask(probes, count);
	for (size_t i = 0; i < look->count; i++)
		for (size_t n = 0; n < names->count; n++)
			if (canary_has_name(look, i, n))
				take_answer_for_name(look, &look->canary[i], &probes[taken++], health);
	free(probes);
}

/* ---- */

void health_look_begin(struct health_look *look, const struct config *config, const struct channel *channel,
	const struct health_names *names, const struct promotion_health *health)
{
	const struct fleet_config *fleet = &config->fleet;
	const char **servers = xcalloc(fleet->resolver_count, sizeof *servers);
	*look = (struct health_look){.canary = xcalloc(fleet->resolver_count, sizeof *look->canary),
		.blocked = xcalloc(names->count, sizeof *look->blocked)};
	for (size_t i = 0; i < fleet->resolver_count; i++) {
		if (!is_canary_of(&fleet->resolvers[i], channel))
			continue;
		look->canary[look->count].name = fleet->resolvers[i].name;
		servers[look->count++] = fleet->resolvers[i].server;
	}
	ask_for_tables(look, servers);
	ask_for_names(look, servers, names, health);
	free(servers);
}

void health_look_end(struct health_look *look)
{
	free(look->canary);
	free(look->blocked);
	*look = (struct health_look){0};
}
