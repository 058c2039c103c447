/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/watch/prometheus.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/configuration.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

/* All that is wanted in one question. Of weir_condition there are dozens of series a host, and mostly all are 0. */
#define QUESTION "weir_condition > 0 or weir_resolver_generation or weir_well"

/* ---- who is told of ---- */

/* A resolver by its name, or by its address. */
struct called {
	const char *text;
	size_t resolver;
};

struct calling {
	struct called *list;
	size_t count;
};

static int by_called(const void *a, const void *b)
{
	return strcmp(((const struct called *)a)->text, ((const struct called *)b)->text);
}

static void begin_calling(struct calling *calling, const struct fleet_config *fleet)
{
	*calling = (struct calling){xcalloc(2 * fleet->resolver_count, sizeof *calling->list), 0};
	for (size_t i = 0; i < fleet->resolver_count; i++) {
		calling->list[calling->count++] = (struct called){fleet->resolvers[i].name, i};
		calling->list[calling->count++] = (struct called){fleet->resolvers[i].address, i};
	}
	qsort(calling->list, calling->count, sizeof *calling->list, by_called);
}

/* The first of those that a text is the name or the address of; NULL = none. Behind it stand the others. */
static const struct called *find_called(const struct calling *calling, const char *text)
{
	const struct called wanted = {text, 0};
	const struct called *found = bsearch(&wanted, calling->list, calling->count, sizeof *calling->list, by_called);
	while (found && found > calling->list && strcmp(found[-1].text, text) == 0)
		found--;
	return found;
}

/* The same of a label's value: "r1", "r1:9953", "[2001:db8::1]:9953". */
static const struct called *find_labelled(const struct calling *calling, const char *value)
{
	char host[256];
	const struct called *found = find_called(calling, value);
	const char *begin = value + (value[0] == '['), *end = strrchr(value, value[0] == '[' ? ']' : ':');
	if (found || !end || end < begin || (size_t)(end - begin) >= sizeof host)
		return found;
	memcpy(host, begin, (size_t)(end - begin));
	host[end - begin] = '\0';
	return find_called(calling, host);
}

/* ---- what is told ---- */

/* Adds a condition's key to those of a host; one that there is no room for is left out, as the first ones tell enough. */
static void add_condition(struct watch_told *told, const char *key)
{
	char text[64];
	clean_text(text, sizeof text, key);
	size_t used = strlen(told->conditions), length = strlen(text);
	if (length == 0 || strchr(text, ' ') || used + length + 2 > sizeof told->conditions)
		return;
	snprintf(told->conditions + used, sizeof told->conditions - used, "%s%s", used > 0 ? " " : "", text);
}

static void take_metric(struct watch_told *told, const char *name, const char *condition, double value)
{
	told->known = true;
	if (strcmp(name, "weir_condition") == 0 && condition && value > 0)
		add_condition(told, condition);
	else if (strcmp(name, "weir_resolver_generation") == 0 && value >= 1 &&
		 (told->generation == 0 || value < (double)told->generation))
		told->generation = (uint64_t)value;
}

/* A sample's value: [time, "number"]. Returns whether it is one that a metric of ours can have. */
static bool read_prometheus_value(const struct node *pair, double *value)
{
	const char *text = node_count(pair) == 2 ? node_text(node_at(pair, 1), NULL) : NULL;
	char *end;
	if (!text || !text[0] || node_text(node_at(pair, 0), NULL))
		return false;
	*value = strtod(text, &end);
	return *end == '\0' && *value >= 0 && *value <= 0x1p53;
}

/* Reads one series. Returns what is wrong with it, or NULL. */
static const char *read_prometheus_series(
	struct watch_told *told, const struct calling *calling, const char *label, const struct node *series)
{
	const struct node *metric = node_get(series, "metric");
	enum { NAME, HOST, CONDITION, LABELS };
	const struct node *labels[LABELS] = {
		node_get(metric, "__name__"), node_get(metric, label), node_get(metric, "condition")};
	double value;
	if (!node_is_object(metric))
		return "metric: not an object";
	for (unsigned i = 0; i < LABELS; i++)
		if (labels[i] && !node_text(labels[i], NULL))
			return "metric: a label whose value is not a text";
	if (!read_prometheus_value(node_get(series, "value"), &value))
		return "value: not a time and a number of 0 or more";
	const char *name = node_text(labels[NAME], NULL), *host = node_text(labels[HOST], NULL);
	const struct called *called = name && host ? find_labelled(calling, host) : NULL;
	for (const struct called *c = called;
		c && c < calling->list + calling->count && strcmp(c->text, called->text) == 0; c++)
		take_metric(&told[c->resolver], name, node_text(labels[CONDITION], NULL), value);
	return NULL;
}

/* The list of series in a document. Returns 0, or -EBADMSG with the reason. */
static int find_series(const struct node *document, const struct node **list, struct why *why)
{
	char error[128];
	const struct node *data = node_get(document, "data");
	if (!node_is_object(document))
		return why_set(why, -EBADMSG, "the answer is not an object");
	node_words_at(document, "error", error, sizeof error);
	if (!node_is(node_get(document, "status"), "success"))
		return why_set(why, -EBADMSG, "status: not \"success\"%s%s", error[0] ? ": " : "", error);
	if (!node_is(node_get(data, "resultType"), "vector"))
		return why_set(why, -EBADMSG, "data.resultType: not \"vector\"");
	*list = node_get(data, "result");
	if (!node_is_array(*list))
		return why_set(why, -EBADMSG, "data.result: not a list");
	return node_count(*list) <= MAX_PROMETHEUS_SERIES
		       ? 0
		       : why_set(why, -EBADMSG, "data.result: more than %d series", MAX_PROMETHEUS_SERIES);
}

int prometheus_read(struct watch_told *told, const struct config *config, const struct node *document, struct why *why)
{
	const struct fleet_config *fleet = &config->fleet;
	const struct node *list = NULL;
	const char *wrong = NULL;
	struct calling calling;
	size_t at = 0;
	int status = find_series(document, &list, why);
	if (status != 0)
		return status;
	begin_calling(&calling, fleet);
	for (; at < node_count(list) && !wrong; at++)
		wrong = read_prometheus_series(told, &calling, fleet->label, node_at(list, at));
	free(calling.list);
	if (!wrong)
		return 0;
	memset(told, 0, fleet->resolver_count * sizeof *told);
	return why_set(why, -EBADMSG, "data.result[%zu].%s", at - 1, wrong);
}

/* ---- asking ---- */

static int read_prometheus_file(struct watch_told *told, const struct config *config, const char *path, struct why *why)
{
	struct node *document;
	int status = json_load(&document, path, MAX_PROMETHEUS, why);
	if (status != 0)
		return status;
	status = prometheus_read(told, config, document, why);
	node_free(document);
	return status;
}

static int fetch_prometheus(
	struct watch_told *told, const struct config *config, const struct credentials *access, struct why *why)
{
	const struct fleet_config *fleet = &config->fleet;
	struct fetch *fetch = xcalloc(1, sizeof *fetch);
	fetch->trust = &fleet->trust;
	fetch->access = access;
	fetch->stays = true;
	fetch->most = MAX_PROMETHEUS;
	fetch->accept = "application/json";
	snprintf(fetch->url, sizeof fetch->url, "%s/api/v1/query", fleet->prometheus);
	snprintf(fetch->path, sizeof fetch->path, "%s/fleet/prometheus.json", config->state);
	int status = url_add(fetch->url, "query", QUESTION);
	if (status != 0) {
		free(fetch);
		return why_set(why, status, "its URL is too long");
	}
	fetch_all(fetch, 1, clock_s() + PROMETHEUS_WAIT_S);
	if (fetch->status == FETCH_OK)
		status = read_prometheus_file(told, config, fetch->path, why);
	else
		status = why_set(why, -EIO, "%s", fetch->error);
	unlink(fetch->path);
	free(fetch);
	return status;
}

int prometheus_ask(struct watch_told *told, const struct config *config, struct why *why)
{
	const struct server_access *server = &config->fleet.access;
	struct credentials access;
	int status = credentials_load(&access, server->kind, server->user, server->secret_file, why);
	if (status == 0)
		status = fetch_prometheus(told, config, &access, why);
	credentials_forget(&access);
	return status;
}
