/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/watch_record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

#define WATCH_FILE "fleet/resolvers.json"
#define WATCH_MAX (UINT64_C(16) << 20) /* octets of it; MAX_FLEET resolvers take some 6 MB */

static const char *const answer_words[] = {
	[WATCH_ENFORCES] = "enforces", [WATCH_PASSES] = "passes", [WATCH_FAILS] = "fails"};

size_t watch_channel_of(const struct config *config, size_t resolver)
{
	const char *channel = config->fleet.resolvers[resolver].channel;
	const struct channel *found = channel ? config_find_channel(config, channel) : NULL;
	return found ? (size_t)(found - config->channels) : 0;
}

static const char *watched_channel(const struct config *config, size_t channel)
{
	return config->channel_count > 0 ? config->channels[channel].name : "";
}

size_t watch_channel_count(const struct config *config)
{
	return config->channel_count > 0 ? config->channel_count : 1;
}

/* ---- reading ---- */

static void read_watch_record(struct watch_record *record, const struct node *node)
{
	char word[16];
	node_text_at(node, "answer", word, sizeof word);
	for (enum watch_answer a = WATCH_ENFORCES; a <= WATCH_FAILS; a++)
		if (strcmp(word, answer_words[a]) == 0)
			record->answer = a;
	record->probed_at = node_number_at(node, "probed_at");
	record->answered_at = node_number_at(node, "answered_at");
	record->silent_since = node_number_at(node, "silent_since");
	record->rcode = (unsigned)node_number_at(node, "rcode") & 0xf;
	record->generation = (uint32_t)node_number_at(node, "generation");
	record->created = (uint32_t)node_number_at(node, "created");
	record->since = node_number_at(node, "since");
	record->before = node_number_at(node, "before");
	node_words_at(node, "error", record->error, sizeof record->error);
	record->told_at = node_number_at(node, "told_at");
	record->told_generation = node_number_at(node, "told_generation");
	record->told_since = node_number_at(node, "told_since");
	node_words_at(node, "conditions", record->conditions, sizeof record->conditions);
}

struct name_of_node {
	const char *name;
	const struct node *node;
};

static int by_node_name(const void *a, const void *b)
{
	return strcmp(((const struct name_of_node *)a)->name, ((const struct name_of_node *)b)->name);
}

/* A resolver is known by its name; at another address it is another one. */
static void read_watch_records(struct watch *watch, const struct config *config, const struct node *list)
{
	size_t count = 0;
	struct name_of_node *nodes = xcalloc(node_count(list), sizeof *nodes);
	for (size_t i = 0; i < node_count(list); i++) {
		const char *name = node_text(node_get(node_at(list, i), "name"), NULL);
		if (name)
			nodes[count++] = (struct name_of_node){name, node_at(list, i)};
	}
	qsort(nodes, count, sizeof *nodes, by_node_name);
	for (size_t i = 0; i < watch->count; i++) {
		const struct fleet_resolver *resolver = &config->fleet.resolvers[i];
		const struct name_of_node wanted = {resolver->name, NULL};
		const struct name_of_node *found = bsearch(&wanted, nodes, count, sizeof *nodes, by_node_name);
		const char *server = found ? node_text(node_get(found->node, "server"), NULL) : NULL;
		if (server && strcmp(server, resolver->server) == 0)
			read_watch_record(&watch->records[i], found->node);
	}
	free(nodes);
}

static void read_watch_channel(struct watch_channel *channel, const struct node *list)
{
	for (size_t i = 0; i < node_count(list) && channel->count < WATCH_TABLES; i++) {
		const struct node *table = node_at(list, i);
		channel->tables[channel->count++] =
			(struct watch_table){node_number_at(table, "generation"), node_number_at(table, "at")};
	}
}

int watch_read(struct watch *watch, const struct config *config, struct why *why)
{
	struct node *document;
	*watch = (struct watch){.records = xcalloc(config->fleet.resolver_count, sizeof *watch->records),
		.count = config->fleet.resolver_count};
	int status = state_dir_read_document(config->state, WATCH_FILE, WATCH_MAX, &document, why);
	if (status != 0)
		return status == -ENOENT ? 0 : status;
	const struct node *channels = node_get(document, "channels");
	for (size_t c = 0; c < watch_channel_count(config); c++)
		read_watch_channel(&watch->channels[c], node_get(channels, watched_channel(config, c)));
	read_watch_records(watch, config, node_get(document, "resolvers"));
	watch->probed_at = node_number_at(document, "probed_at");
	watch->prometheus_at = node_number_at(document, "prometheus_at");
	node_words_at(document, "prometheus_error", watch->prometheus_error, sizeof watch->prometheus_error);
	node_free(document);
	return 0;
}

void watch_end(struct watch *watch)
{
	free(watch->records);
	*watch = (struct watch){0};
}

/* ---- writing ---- */

/* A number that is 0 is left out: there are thousands of resolvers. */
static void put_number(struct node *node, const char *key, uint64_t number)
{
	if (number > 0)
		node_put(node, key, node_from_number(number));
}

static void put_words(struct node *node, const char *key, const char *text)
{
	if (text[0])
		node_put(node, key, node_from_text(text));
}

static struct node *watch_record_node(const struct fleet_resolver *resolver, const struct watch_record *record)
{
	struct node *node = node_object();
	node_put(node, "name", node_from_text(resolver->name));
	node_put(node, "server", node_from_text(resolver->server));
	put_number(node, "probed_at", record->probed_at);
	put_number(node, "answered_at", record->answered_at);
	put_number(node, "silent_since", record->silent_since);
	node_put(node, "answer", node_from_text(answer_words[record->answer]));
	put_number(node, "rcode", record->rcode);
	put_number(node, "generation", record->generation);
	put_number(node, "created", record->created);
	put_number(node, "since", record->since);
	put_number(node, "before", record->before);
	put_words(node, "error", record->error);
	put_number(node, "told_at", record->told_at);
	put_number(node, "told_generation", record->told_generation);
	put_number(node, "told_since", record->told_since);
	put_words(node, "conditions", record->conditions);
	return node;
}

static struct node *watch_channel_node(const struct watch_channel *channel)
{
	struct node *list = node_array();
	for (size_t i = 0; i < channel->count; i++) {
		struct node *table = node_object();
		node_put(table, "generation", node_from_number(channel->tables[i].generation));
		node_put(table, "at", node_from_number(channel->tables[i].at));
		node_append(list, table);
	}
	return list;
}

int watch_write(const struct watch *watch, const struct config *config, struct why *why)
{
	char path[PATH_MAX];
	struct node *document = node_object(), *channels = node_object(), *resolvers = node_array();
	for (size_t c = 0; c < watch_channel_count(config); c++)
		node_put(channels, watched_channel(config, c), watch_channel_node(&watch->channels[c]));
	for (size_t i = 0; i < watch->count; i++)
		node_append(resolvers, watch_record_node(&config->fleet.resolvers[i], &watch->records[i]));
	node_put(document, "probed_at", node_from_number(watch->probed_at));
	node_put(document, "prometheus_at", node_from_number(watch->prometheus_at));
	node_put(document, "prometheus_error", node_from_text(watch->prometheus_error));
	node_put(document, "channels", channels);
	node_put(document, "resolvers", resolvers);
	snprintf(path, sizeof path, "%s/" WATCH_FILE, config->state);
	int status = json_publish(document, path, MODE_PRIVATE, why);
	return status < 0 ? status : 0;
}
