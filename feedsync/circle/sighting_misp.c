/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings for a MISP: sightings/bulkSaveSightings with the UUID of an event. It takes our own UUIDs and leaves out those that it
 * knows, and attributes that it does not know. It tells how many it has added. For the right to add sightings it asks nothing
 * else of a key. It is used rather than sightings/add, which gives new UUIDs and so takes a sighting twice. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/circle/sighting_ask.h"
#include "feedsync/circle/sighting_way.h"
#include "feedsync/entries/sink.h"
#include "feedsync/feeds/server_words.h"
#include "feedsync/formats/misp/misp_source.h"
#include "feedsync/net/fetch.h"
#include "libweir/errors.h"

enum { ACTION_ROOM = 128 };
#define LOGIN_PAGE "/users/login" /* where MISP sends everybody while it is in maintenance */

static bool copy_uuid(const struct node *node, char *to, size_t room)
{
	const char *uuid = node_text(node_get(node, "uuid"), NULL);
	if (!uuid || !uuid_is_valid(uuid))
		return false;
	snprintf(to, room, "%s", uuid);
	return true;
}

static bool identify_attribute(const struct sink *sink, struct sighting_identifiers *identifiers)
{
	if (!sink->misp)
		return false;
	identifiers->changed_at = misp_last_seen(sink->misp->attribute);
	return copy_uuid(sink->misp->event, identifiers->group, sizeof identifiers->group) &&
	       copy_uuid(sink->misp->attribute, identifiers->entry, sizeof identifiers->entry);
}

/* ---- a question to the instance ---- */

/* Asks for an action of the instance, with a body or, where that is NULL, without (sighting_ask). */
static int ask_misp(
	struct sighting_call *call, const char *action, const char *body, struct fetch *fetch, struct node **answer)
{
	*fetch = (struct fetch){.accept = "application/json", .login = LOGIN_PAGE, .body = body};
	int status = url_below(call->partner->url, action, fetch->url);
	return sighting_ask(call, fetch, status, "MISP's", answer);
}

/* ---- what it answers ---- */

/* With a reason, and the URL that was asked for, it is MISP itself that refuses. What a proxy between says is no last word. */
static enum sighting_result judge_misp_refusal(struct sighting_call *call, struct fetch *fetch)
{
	if (fetch->http == 413)
		return CALL_TOO_LARGE;
	if (!read_server_words(fetch, "url", call->words, sizeof call->words) ||
		!read_server_words(fetch, "message", call->words, sizeof call->words))
		return CALL_FAILED;
	if (fetch->http == 401 || fetch->http == 403)
		return CALL_FORBIDDEN;
	return fetch->http == 405 ? CALL_REFUSED : CALL_FAILED; /* 405: the event is not there, or not for us */
}

/* What was added: "3 sightings added.", "No sightings added.". Whatever else has no "saved" is no answer to this question. */
static enum sighting_result judge_misp_answer(struct sighting_call *call, const struct node *answer)
{
	const char *text = node_text(node_get(answer, "success"), NULL);
	if (!node_get(answer, "saved") || !text)
		return sighting_no_answer(call, "MISP's", "\"saved\" and \"success\"");
	call->added = node_truth(node_get(answer, "saved")) ? strtoull(text, NULL, 10) : 0;
	for (size_t i = 0; i < call->count; i++)
		call->list[i].state = SIGHTING_SENT;
	return CALL_TAKEN;
}

/* ---- sending ---- */

/* The body, to be freed; NULL when out of memory. All are strings: MISP compares the type as one. */
static char *print_body(const struct sighting_call *call)
{
	struct node *list = node_array();
	for (size_t i = 0; i < call->count; i++) {
		const struct sighting *s = &call->list[i];
		struct node *node = node_object();
		char at[24];
		snprintf(at, sizeof at, "%" PRIu64, s->at);
		node_put(node, "uuid", node_from_text(s->uuid));
		node_put(node, "attribute_uuid", node_from_text(s->entry));
		node_put(node, "date_sighting", node_from_text(at));
		node_put(node, "type", node_from_text(s->type == SIGHTING_HIT ? "0" : "1"));
		node_put(node, "source", node_from_text(call->partner->source));
		node_append(list, node);
	}
	char *body = json_print_line(list);
	node_free(list);
	return body;
}

static enum sighting_result send_to_misp(struct sighting_call *call)
{
	char action[ACTION_ROOM], *body = print_body(call);
	struct fetch fetch;
	struct node *answer;
	if (!body) {
		call->error_class = ERROR_MEMORY;
		snprintf(call->error, sizeof call->error, "out of memory");
		return CALL_FAILED;
	}
	snprintf(action, sizeof action, "sightings/bulkSaveSightings/%s", call->list[0].group);
	int status = ask_misp(call, action, body, &fetch, &answer);
	free(body);
	enum sighting_result result = status == 0                                  ? judge_misp_answer(call, answer)
				      : fetch.http > 0 && fetch.status != FETCH_OK ? judge_misp_refusal(call, &fetch)
										   : CALL_FAILED;
	node_free(answer);
	return result;
}

/* Whether the key has the right to add sightings: MISP tells it beside its version. */
static enum sighting_result ask_misp_permission(struct sighting_call *call)
{
	struct fetch fetch;
	struct node *answer;
	int status = ask_misp(call, "servers/getVersion", NULL, &fetch, &answer);
	bool may = status == 0 &&
		   (node_truth(node_get(answer, "perm_sighting")) || node_truth(node_get(answer, "perm_sync")));
	node_free(answer);
	return may ? CALL_TAKEN : CALL_FORBIDDEN;
}

const struct sighting_way sighting_way_misp = {.word = "misp",
	.made = "misp",
	.identify = identify_attribute,
	.most = 200,
	.send = send_to_misp,
	.ask_permission = ask_misp_permission};
