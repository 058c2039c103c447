/* SPDX-License-Identifier: BSD-3-Clause */
/* What a MISP instance is asked.
 *
 * The filters are explicit, since MISP's defaults for JSON are to send everything. Tags are what forbids the use of an
 * attribute, so all of them are asked for: those of its event, and those that the instance does not export. Attributes that
 * somebody has proposed to be no more for detection are left out where the instance is set so, as in its own exports.
 * Warninglists are not to be enforced: the guard of this machine decides what may not be blocked. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/feeds/instance_private.h"
#include "feedsync/feeds/server_words.h"
#include "feedsync/formats/misp/misp_events.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"
#include "libweir/memory_text.h"

/* ---- where ---- */

/* The feed's URL is the instance's, or that of its search. */
int instance_url(const struct feed *feed, const char *action, char url[URL_MAX + 1])
{
	static const char search[] = "attributes/restSearch";
	char base[URL_MAX + 1];
	snprintf(base, sizeof base, "%s", feed->config->url);
	size_t length = strcspn(base, "?#"), tail = sizeof search - 1;
	if (length > tail && memcmp(base + length - tail, search, tail) == 0)
		base[length - tail] = '\0';
	return url_below(base, action, url);
}

void prepare_question(const struct instance *instance, struct fetch *fetch)
{
	const struct fetch *setup = instance->setup;
	*fetch = (struct fetch){.trust = setup->trust,
		.access = setup->access,
		.room = setup->room,
		.most = MAX_BODY,
		.accept = "application/json",
		.header = "X-Result-Count",
		.login = INSTANCE_LOGIN,
		.compressed = true};
	snprintf(fetch->path, sizeof fetch->path, "%s/new", instance->feed->directory);
}

void note_instance_error(struct instance *instance, enum error_class class, const char *what, const char *error)
{
	if (instance->error[0])
		return;
	instance->error_class = class;
	snprintf(instance->error, sizeof instance->error, "%s: %s", what, error);
}

/* A server that answers with an error may do better with a smaller question; but not one that asks to be left alone, or
 * wants another secret, and not for ever. */
static enum answered judge_failure(
	struct instance *instance, const char *action, bool smaller_may_do, enum error_class class, const char *error)
{
	instance->failures++;
	if (smaller_may_do && instance->failures < MAX_INSTANCE_FAILURES)
		return NOT_ANSWERED;
	note_instance_error(instance, class, action, error);
	return NO_ANSWERS;
}

enum answered judge_bad_answer(struct instance *instance, const char *action, int code, const struct why *why)
{
	return judge_failure(instance, action, code == -EBADMSG, error_class_from_code(code), why->text);
}

enum answered ask_instance(
	struct instance *instance, const char *action, char *body, struct fetch *fetch, struct why *why)
{
	enum answered answered = NO_ANSWERS;
	if (!body) {
		note_instance_error(instance, ERROR_MEMORY, action, "out of memory");
	} else if (instance->questions == MAX_INSTANCE_QUESTIONS) {
		note_instance_error(instance, ERROR_FORMAT, action, "more questions than one run may ask");
	} else if (instance_url(instance->feed, action, fetch->url) != 0) {
		note_instance_error(instance, ERROR_HTTP, action, "the URL is too long");
	} else {
		instance->questions++;
		fetch->body = body;
		fetch_all(fetch, 1, instance->deadline);
		tell_server_words(fetch);
		feed_note_wait(instance->feed, fetch);
		bool smaller_may_do = fetch->error_class == ERROR_HTTP && fetch->retry_after_s == 0;
		why_set(why, 0, "%s", fetch->error);
		answered = fetch->status == FETCH_OK
				   ? ANSWERED
				   : judge_failure(instance, action, smaller_may_do, fetch->error_class, fetch->error);
	}
	fetch->body = NULL;
	free(body);
	return answered;
}

/* ---- what ---- */

/* A question that grows. */
struct growing_question {
	FILE *out;
	char *text;
	size_t length;
};

static bool begin_question(struct growing_question *question)
{
	*question = (struct growing_question){0};
	question->out = open_memstream(&question->text, &question->length);
	return question->out != NULL;
}

static char *end_question(struct growing_question *question)
{
	if (memory_text_close(question->out, &question->text))
		return question->text;
	free(question->text);
	return NULL;
}

static void print_ids(FILE *out, struct instance_event *const *events, size_t count)
{
	fputs("\"eventid\":[", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%" PRIu64, i > 0 ? "," : "", events[i]->listed.id);
	fputs("]", out);
}

char *question_for_index(void)
{
	return strdup(INDEX_QUESTION);
}

char *question_for_states(struct instance_event *const *events, size_t count)
{
	struct growing_question q;
	if (!begin_question(&q))
		return NULL;
	fputs("{\"returnFormat\":\"json\",\"metadata\":1,", q.out);
	print_ids(q.out, events, count);
	fputs("}", q.out);
	return end_question(&q);
}

char *question_for_attributes(struct instance_event *const *events, size_t count, uint64_t limit)
{
	struct growing_question q;
	if (!begin_question(&q))
		return NULL;
	fputs("{\"returnFormat\":\"json\","
	      "\"type\":[\"domain\",\"domain|ip\",\"hostname\",\"hostname|port\",\"url\"],"
	      "\"to_ids\":1,\"published\":1,\"deleted\":0,"
	      "\"includeEventTags\":1,\"includeAllTags\":1,\"includeContext\":1,"
	      "\"allow_proposal_blocking\":1,\"enforceWarninglist\":0,\"order\":\"Attribute.id asc\",",
		q.out);
	print_ids(q.out, events, count);
	fprintf(q.out, ",\"limit\":%" PRIu64 ",\"page\":1}", limit);
	return end_question(&q);
}

char *question_for_objects(struct instance_event *const *events, size_t count, uint64_t limit)
{
	struct growing_question q;
	if (!begin_question(&q))
		return NULL;
	fputs("{\"returnFormat\":\"json\",\"published\":1,\"metadata\":1,\"object_name\":[", q.out);
	for (unsigned i = 0; misp_innocent_object(i); i++)
		fprintf(q.out, "%s\"%s\"", i > 0 ? "," : "", misp_innocent_object(i));
	fputs("],", q.out);
	print_ids(q.out, events, count);
	fprintf(q.out, ",\"limit\":%" PRIu64 ",\"page\":1}", limit);
	return end_question(&q);
}
