/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync hits`: the queries that were blocked or logged, from all resolvers on this machine. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/commands/commands.h"
#include "libweir/errors.h"
#include "libweir/live/hits.h"
#include "libweir/live/shm_file.h"

enum { BATCH = 1024, PAUSE_MS = 200, MAX_RESOLVERS = 256 };

static volatile sig_atomic_t asked_to_end;

static void end_following(int number)
{
	(void)number;
	asked_to_end = 1;
}

struct resolver {
	char name[SHARED_NAME]; /* the file's name up to the dot; "": this entry is free */
	struct hits_reader *reader;
	uint64_t lost_told;
};

struct resolvers {
	const char *run;
	bool json;      /* an object a line */
	bool shut_told; /* it was told that some files may not be read */
	struct resolver resolver[MAX_RESOLVERS];
};

/* ---- who is there ---- */

static bool is_known(const struct resolvers *s, const char *name)
{
	for (unsigned i = 0; i < MAX_RESOLVERS; i++)
		if (strcmp(s->resolver[i].name, name) == 0)
			return true;
	return false;
}

static void path_of_hits(const struct resolvers *s, const char *name, char path[4096])
{
	snprintf(path, 4096, "%s/%s.hits", s->run, name);
}

static void add_resolver(struct resolvers *s, const char *name)
{
	char path[4096];
	path_of_hits(s, name, path);
	for (unsigned i = 0; i < MAX_RESOLVERS; i++) {
		struct resolver *resolver = &s->resolver[i];
		if (resolver->name[0])
			continue;
		*resolver = (struct resolver){0};
		int status = hits_open(&resolver->reader, path);
		if (status == 0)
			snprintf(resolver->name, sizeof resolver->name, "%s", name);
		else if (status == -EACCES && !s->shut_told)
			log_warning("%s: only root and the file's group may read it, since it tells who asked for what",
				path);
		s->shut_told |= status == -EACCES;
		return;
	}
}

/* Adds the resolvers that are new. Returns how many there are. */
static unsigned look_around(struct resolvers *s)
{
	DIR *dir = opendir(s->run);
	unsigned seen = 0;
	for (struct dirent *entry; dir && seen < SHARED_MAX_FILES && (entry = readdir(dir));) {
		char name[SHARED_NAME];
		if (!shm_file_name_valid(entry->d_name, &shared_hits))
			continue;
		seen++;
		snprintf(name, sizeof name, "%.*s", (int)strcspn(entry->d_name, "."), entry->d_name);
		if (!is_known(s, name))
			add_resolver(s, name);
	}
	if (dir)
		closedir(dir);
	unsigned count = 0;
	for (unsigned i = 0; i < MAX_RESOLVERS; i++)
		count += s->resolver[i].name[0] != '\0';
	return count;
}

/* ---- printing ---- */

static const char *type_text(uint16_t type, char text[16])
{
	static const struct {
		uint16_t number;
		const char *text;
	} types[] = {{1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {12, "PTR"}, {15, "MX"}, {16, "TXT"}, {28, "AAAA"},
		{33, "SRV"}, {35, "NAPTR"}, {43, "DS"}, {48, "DNSKEY"}, {52, "TLSA"}, {64, "SVCB"}, {65, "HTTPS"},
		{255, "ANY"}, {257, "CAA"}};
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
		if (types[i].number == type)
			return types[i].text;
	snprintf(text, 16, "TYPE%u", type); /* RFC 3597 */
	return text;
}

static const char *client_text(const struct hit *hit, char text[INET6_ADDRSTRLEN + 8])
{
	enum { MAPPED = 96 };
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_ipv4 = hit->client_bits > MAPPED && memcmp(hit->client, mapped, sizeof mapped) == 0;
	if (hit->client_bits == 0 || hit->client_bits > 128)
		return "-";
	inet_ntop(is_ipv4 ? AF_INET : AF_INET6, hit->client + (is_ipv4 ? sizeof mapped : 0), text, INET6_ADDRSTRLEN);
	snprintf(text + strlen(text), 8, "/%u", hit->client_bits - (is_ipv4 ? MAPPED : 0u));
	return text;
}

/* A hit in words. */
struct told_hit {
	char when[48], rule[NAME_MAX_TEXT], type[16], client[INET6_ADDRSTRLEN + 8];
	const char *action, *group, *feed, *category, *qtype, *prefix;
};

static void tell_hit(struct told_hit *told, const struct resolver *resolver, const struct hit *hit)
{
	char seconds_text[32];
	struct tm utc;
	struct name_labels labels;
	time_t seconds = (time_t)(hit->at_us / 1000000);
	*told = (struct told_hit){.rule = "?"};
	gmtime_r(&seconds, &utc);
	strftime(seconds_text, sizeof seconds_text, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(told->when, sizeof told->when, "%s.%06uZ", seconds_text, (unsigned)(hit->at_us % 1000000));
	/* Another process writes the file, so its octets are checked like any from outside. */
	if (name_split(hit->rule, hit->rule_length, &labels) == 0)
		name_to_text(hit->rule, hit->rule_length, told->rule);
	told->action = hit->action < ACTION_COUNT ? action_text(hit->action) : "?";
	told->group = hits_group_name(resolver->reader, hit->group);
	told->feed = hits_feed_name(resolver->reader, hit->source);
	told->category = hits_category_name(resolver->reader, hit->source);
	told->qtype = type_text(hit->qtype, told->type);
	told->prefix = client_text(hit, told->client);
}

static void print_hit(const struct resolver *resolver, const struct hit *hit, bool json)
{
	struct told_hit told;
	tell_hit(&told, resolver, hit);
	if (!json) {
		printf("%s\t%s\t%s%s\t%s\t%s\t%s\t%s\t%s\t%s\n", told.when, resolver->name, told.rule,
			hit->target ? " (target)" : "", told.qtype, told.action, told.group, told.feed, told.category,
			told.prefix);
		return;
	}
	struct node *node = json_answer();
	node_put(node, "time", node_from_text(told.when));
	node_put(node, "resolver", node_from_text(resolver->name));
	node_put(node, "rule", node_from_text(told.rule));
	node_put(node, "target", node_from_bool(hit->target));
	node_put(node, "type", node_from_text(told.qtype));
	node_put(node, "action", node_from_text(told.action));
	node_put(node, "group", node_from_text(told.group));
	node_put(node, "feed", node_from_text(told.feed));
	node_put(node, "category", node_from_text(told.category));
	node_put(node, "client", node_from_text(strcmp(told.prefix, "-") == 0 ? NULL : told.prefix));
	json_show_line(node);
	node_free(node);
}

static int by_time(const void *a, const void *b)
{
	const struct hit *x = a, *y = b;
	return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

/* Prints what is new from one resolver. Forgets the resolver once its file is gone; earlier it would be found again as
 * a new one. */
static void print_new(const struct resolvers *s, struct resolver *resolver, struct hit *list)
{
	char path[4096];
	path_of_hits(s, resolver->name, path);
	bool current = hits_is_current(resolver->reader, path);
	int count = hits_read(resolver->reader, list, BATCH);
	if (count > 1)
		qsort(list, (size_t)count, sizeof *list, by_time);
	for (int i = 0; i < count; i++)
		print_hit(resolver, &list[i], s->json);
	uint64_t lost = hits_lost(resolver->reader);
	if (lost > resolver->lost_told)
		log_warning("resolver %s: %llu events were overwritten before they could be read", resolver->name,
			(unsigned long long)(lost - resolver->lost_told));
	resolver->lost_told = lost;
	if (count < 0 || (!current && count == 0)) {
		hits_close(&resolver->reader);
		*resolver = (struct resolver){0};
	}
}

static int cmd_hits(struct invocation *invocation)
{
	const struct config *config = invocation->config;
	bool follow = option_given(invocation, "--follow");
	if (!config->run) {
		log_error("there are no resolvers on this machine (run: none)");
		return EXIT_ATTENTION;
	}
	const struct sigaction action = {.sa_handler = end_following};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	struct resolvers *s = xcalloc(1, sizeof *s);
	struct hit *list = xcalloc(BATCH, sizeof *list);
	s->run = config->run;
	s->json = option_given(invocation, "--json");
	unsigned found = look_around(s);
	if (found == 0)
		log_warning("no resolver on this machine has hits in %s: see `feedsync status`", config->run);
	else if (!config->hits.events)
		log_warning(
			"single queries are noted only with `events: yes` under `hits:` in %s; `feedsync status` has "
			"the counts",
			config->path);
	do {
		for (unsigned i = 0; i < MAX_RESOLVERS; i++)
			if (s->resolver[i].name[0])
				print_new(s, &s->resolver[i], list);
		if (fflush(stdout) != 0)
			break; /* nobody reads any more */
		const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
		if (follow)
			nanosleep(&pause, NULL);
		found |= follow ? look_around(s) : 0;
	} while (follow && !asked_to_end);
	for (unsigned i = 0; i < MAX_RESOLVERS; i++)
		if (s->resolver[i].name[0])
			hits_close(&s->resolver[i].reader);
	free(s);
	free(list);
	return found > 0 ? EXIT_WELL : EXIT_ATTENTION;
}

const struct command command_hits = {
	.word = "hits",
	.usage = "[--follow] [--json]",
	.summary = "print the last queries that were blocked or logged",
	.text = "Prints a line for each, separated by tabs: time (UTC), resolver (its pid), rule, type, action, group, "
		"feed,\n"
		"category, the client's prefix or \"-\". What is noted of clients stands under \"hits:\" in the "
		"configuration.\n",
	.configuration = CONFIGURATION_IN_USE,
	.options = {{"--follow", NULL, NULL, "go on with what comes, until a signal ends it"},
		{"--json", NULL, NULL, "print a JSON object a line"}},
	.exits = {{EXIT_WELL, "it was printed"}, {EXIT_ATTENTION, "no resolver on this machine has any"},
		{EXIT_TROUBLE, "there is no configuration that can be used"}},
	.run = cmd_hits,
};
