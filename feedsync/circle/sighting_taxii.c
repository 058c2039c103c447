/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings for a TAXII 2.1 server: objects of STIX, posted to a collection (TAXII 2.1, 5.5). The server answers with a status: what
 * it has taken, what it refuses, and what it is still at work with; then the status is asked for a few times (4.3). An object of
 * the same id and time is taken once, however often it comes, so what is not known to be taken is posted again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/json.h"
#include "feedsync/circle/sighting_ask.h"
#include "feedsync/circle/sighting_stix.h"
#include "feedsync/circle/stix_references.h"
#include "feedsync/feeds/server_words.h"
#include "feedsync/formats/pages.h"

enum { STATUS_QUESTIONS = 3, STATUS_WAIT_S = 1, STATUS_ROOM = 64 };
#define COLLECTIONS "/collections/"

/* ---- what it answers ---- */

/* Which sighting of the call an object is; NULL: none, but what sightings refer to. */
static struct sighting *find_told_object(const struct sighting_call *call, const char *object)
{
	char id[STIX_SIGHTING_ID];
	for (size_t i = 0; i < call->count; i++)
		if (strcmp(sighting_stix_id(&call->list[i], id), object) == 0)
			return &call->list[i];
	return NULL;
}

/* Notes which sightings are refused. Returns how many refused objects the server names. */
static uint64_t note_failures(struct sighting_call *call, const struct node *failures)
{
	uint64_t named = 0;
	for (size_t i = 0; i < node_count(failures); i++) {
		const struct node *failure = node_at(failures, i);
		const char *id = node_text(node_get(failure, "id"), NULL);
		struct sighting *sighting = id ? find_told_object(call, id) : NULL;
		named += id != NULL;
		if (!sighting)
			continue;
		sighting->state = SIGHTING_REFUSED;
		sighting->words = call->words;
		if (!call->words[0])
			node_words_at(failure, "message", call->words, sizeof call->words);
	}
	return named;
}

/* What became of the objects. Of what the server does not name, and refuses, fewer are tried together. */
static enum sighting_result judge_status(struct sighting_call *call, const struct node *status)
{
	const uint64_t failures = node_number_at(status, "failure_count");
	for (size_t i = 0; i < call->count; i++) {
		call->list[i].state = SIGHTING_SENT;
		call->list[i].words = "";
	}
	if (failures > note_failures(call, node_get(status, "failures"))) {
		snprintf(call->words, sizeof call->words, "the server does not take it, and does not say why");
		return CALL_TOO_LARGE;
	}
	call->added = call->count;
	return CALL_TAKEN;
}

static bool is_status(const struct node *answer)
{
	const struct node *word = node_get(answer, "status");
	uint64_t number;
	return node_text(node_get(answer, "id"), NULL) && (node_is(word, "complete") || node_is(word, "pending")) &&
	       node_number(node_get(answer, "total_count"), &number) &&
	       node_number(node_get(answer, "failure_count"), &number) &&
	       node_number(node_get(answer, "pending_count"), &number);
}

/* With a title it is TAXII that refuses (3.6.1). What a proxy between says is no last word. */
static enum sighting_result judge_taxii_refusal(struct sighting_call *call, struct fetch *fetch)
{
	if (fetch->http == 413)
		return CALL_TOO_LARGE;
	if (!read_server_words(fetch, "title", call->words, sizeof call->words))
		return CALL_FAILED;
	if (fetch->http == 401 || fetch->http == 403)
		return CALL_FORBIDDEN;
	return fetch->http == 422 ? CALL_TOO_LARGE : CALL_FAILED; /* 422: an object of it cannot be processed */
}

/* ---- sending ---- */

/* The envelope, to be freed; NULL when out of memory. */
static char *print_envelope(const struct sighting_call *call)
{
	struct node *envelope = node_object(), *objects = node_array(), *node;
	struct markings used = {0};
	for (size_t i = 0; i < call->count; i++)
		sighting_add_marking(&used, &call->list[i]);
	for (unsigned i = 0; stix_reference_node(call->organisation, used, i, &node); i++)
		node_append(objects, node);
	for (size_t i = 0; i < call->count; i++)
		node_append(objects, sighting_stix_node(call->organisation, call->partner, &call->list[i]));
	node_put(envelope, "objects", objects);
	char *body = json_print_line(envelope);
	node_free(envelope);
	return body;
}

static int ask_taxii(
	struct sighting_call *call, int url_status, const char *body, struct fetch *fetch, struct node **answer)
{
	fetch->accept = TAXII_MEDIA_TYPE;
	fetch->type = TAXII_MEDIA_TYPE;
	fetch->body = body;
	fetch->stays = true;
	return sighting_ask(call, fetch, url_status, "a TAXII server's", answer);
}

/* The URL of a status: below the API root, which is what stands before the collections. */
static int write_status_url(const struct sighting_call *call, const char *id, char url[URL_MAX + 1])
{
	char root[URL_MAX + 1], name[STATUS_ROOM];
	const char *end = strstr(call->partner->url, COLLECTIONS);
	snprintf(root, sizeof root, "%.*s/", end ? (int)(end - call->partner->url) : 0, call->partner->url);
	snprintf(name, sizeof name, "status/%s/", id);
	return url_below(root, name, url);
}

/* Waits for a server that is still at work, as long as it asks for nothing else. */
static enum sighting_result await_status(struct sighting_call *call, struct node **answer)
{
	for (unsigned i = 0; node_is(node_get(*answer, "status"), "pending"); i++) {
		const char *id = node_text(node_get(*answer, "id"), NULL);
		struct fetch fetch = {0};
		if (i == STATUS_QUESTIONS || !uuid_is_valid(id)) {
			call->error_class = ERROR_HTTP;
			snprintf(call->error, sizeof call->error, "the server has not yet taken what it got");
			return CALL_FAILED;
		}
		nanosleep(&(struct timespec){.tv_sec = STATUS_WAIT_S}, NULL);
		int url_status = write_status_url(call, id, fetch.url);
		node_free(*answer);
		if (ask_taxii(call, url_status, NULL, &fetch, answer) != 0)
			return CALL_FAILED;
		if (!is_status(*answer))
			return sighting_no_answer(call, "a TAXII server's", "status");
	}
	return judge_status(call, *answer);
}

static enum sighting_result send_to_taxii(struct sighting_call *call)
{
	char *body = print_envelope(call);
	struct fetch fetch = {0};
	struct node *answer;
	if (!body) {
		call->error_class = ERROR_MEMORY;
		snprintf(call->error, sizeof call->error, "out of memory");
		return CALL_FAILED;
	}
	snprintf(fetch.url, sizeof fetch.url, "%s", call->partner->url);
	int status = ask_taxii(call, 0, body, &fetch, &answer);
	free(body);
	enum sighting_result result;
	if (status != 0)
		result = fetch.http > 0 && fetch.status != FETCH_OK ? judge_taxii_refusal(call, &fetch) : CALL_FAILED;
	else if (!is_status(answer))
		result = sighting_no_answer(call, "a TAXII server's", "status");
	else
		result = await_status(call, &answer);
	node_free(answer);
	return result;
}

const struct sighting_way sighting_way_taxii = {
	.word = "taxii", .made = "stix", .identify = sighting_identify_indicator, .most = 200, .send = send_to_taxii};
