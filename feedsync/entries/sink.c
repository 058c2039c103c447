/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/sink.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/systemd.h"
#include "feedsync/entries/lenient.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"

const char *position_detail(const struct position *position, char text[DETAIL_ROOM])
{
	const struct detail *detail = position->detail;
	text[0] = '\0';
	if (detail && detail->id)
		snprintf(text, DETAIL_ROOM, "%s %.60s", detail->what, detail->id);
	else if (detail && detail->number > 0)
		snprintf(text, DETAIL_ROOM, "%s %" PRIu64, detail->what, detail->number);
	else if (detail)
		snprintf(text, DETAIL_ROOM, "%s", detail->what);
	return text;
}

/* Fills in an example: the position, and the entry. */
static void fill_sample(
	struct sample *sample, const struct position *position, enum reject reject, const char *text, size_t length)
{
	char *to = sample->text, detail[DETAIL_ROOM];
	size_t room = sizeof sample->text;
	sample->reject = reject;
	int used = snprintf(to, room, "%s", position->document);
	if (position->line > 0 && used >= 0 && (size_t)used < room)
		used += snprintf(to + used, room - (size_t)used, ":%" PRIu64, position->line);
	if (position->detail && used >= 0 && (size_t)used < room)
		used += snprintf(to + used, room - (size_t)used, " %s", position_detail(position, detail));
	if (used >= 0 && (size_t)used < room)
		snprintf(to + used, room - (size_t)used, ": %.*s", (int)(length < 4096 ? length : 4096), text);
	clean(sample->text, sizeof sample->text);
}

static void count_reject(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length)
{
	struct parse_counts *counts = sink->counts;
	struct samples *samples = sink->samples;
	sink->position = position;
	if (sink->refuse)
		sink->refuse(sink->context, reject, text, length);
	if (!counts->first.text[0])
		fill_sample(&counts->first, position, reject, text, length);
	/* A document may hold rejected entries only, and each may take long, so the watchdog is served here. */
	if (++counts->rejected[reject] % 256 == 0)
		systemd_notify_alive();
	if (samples && counts->rejected[reject] <= reject_samples(reject) && samples->count < MAX_SAMPLES)
		fill_sample(&samples->sample[samples->count++], position, reject, text, length);
}

/* Hands a name on. */
static int take_normalised(
	struct sink *sink, const struct position *position, const char *text, size_t length, const struct rule *rule)
{
	if (self_test_reached(rule)) {
		count_reject(sink, position, REJECT_SELF_TEST, text, length);
		return 0;
	}
	sink->position = position;
	sink->text = text;
	sink->length = length;
	int status = sink->take(sink->context, rule);
	if (status == 0) {
		sink->counts->entries++;
		sink->counts->nodes += rule_labels(rule) - 1;
		sink->counts->octets += rule->length;
	}
	return status == SINK_REJECTED ? 0 : status;
}

/* ---- what frees names ---- */

static void count_not_freed(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length)
{
	if (sink->counts->not_freed++ == 0)
		fill_sample(&sink->counts->not_freed_first, position, reject, text, length);
}

/* An entry that is read again. */
struct rereading {
	struct sink *sink;
	const struct position *position;
	const char *text;
	size_t length;
	enum scope scope;
	enum rule_kind kind;
	bool named; /* a name was found in it */
};

static int take_reread(void *context, const uint8_t *wire, size_t length, bool wide)
{
	struct rereading *r = context;
	r->named = true;
	const struct rule rule = {wire, length, wide ? SCOPE_SUBTREE : r->scope, r->kind};
	return take_normalised(r->sink, r->position, r->text, r->length, &rule);
}

/* Reads again, generously, what was rejected for this reason. */
static int read_again(struct rereading *r, enum reject reject)
{
	enum reject doubt;
	int status = lenient_read(r->text, r->length, take_reread, r, &doubt);
	/* Exceptions of a list for browsers that are part of a name, "@@||shop.", free no name that this list could block. */
	bool part = doubt == REJECT_SINGLE && !r->sink->frees;
	if (doubt != REJECT_COUNT && !part)
		count_not_freed(r->sink, r->position, doubt, r->text, r->length);
	if (doubt != REJECT_COUNT || !r->named)
		count_reject(r->sink, r->position, reject, r->text, r->length);
	return status;
}

/* ---- */

void sink_reject(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length)
{
	bool whole = reject != REJECT_LONG_LINE && reject != REJECT_NUL;
	if (!sink->frees || reject_sign(reject) != SIGN_MALFORMED) {
		count_reject(sink, position, reject, text, length);
	} else if (sink->rereads && whole) {
		struct rereading r = {sink, position, text, length, sink->scope, RULE_BLOCK, false};
		int status = read_again(&r, reject);
		if (sink->reread_status == 0)
			sink->reread_status = status;
	} else {
		sink_reject_exception(sink, position, reject, text, length);
	}
}

void sink_reject_exception(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length)
{
	count_not_freed(sink, position, reject, text, length);
	count_reject(sink, position, reject, text, length);
}

int sink_name(struct sink *sink, const struct position *position, const char *text, size_t length, enum scope scope)
{
	return sink_rule(sink, position, text, length, scope, RULE_BLOCK);
}

int sink_rule(struct sink *sink, const struct position *position, const char *text, size_t length, enum scope scope,
	enum rule_kind kind)
{
	name_storage wire;
	enum reject reject;
	int wire_length = normalise(text, length, wire, &reject);
	if (wire_length >= 0) {
		const struct rule rule = {wire, (size_t)wire_length, scope, kind};
		return take_normalised(sink, position, text, length, &rule);
	}
	if (kind == RULE_EXCEPT || (sink->frees && kind == RULE_BLOCK)) {
		struct rereading r = {sink, position, text, length, scope, kind, false};
		return read_again(&r, reject);
	}
	count_reject(sink, position, reject, text, length);
	return 0;
}
