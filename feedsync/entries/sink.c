/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/sink.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/systemd.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"

uint64_t tally_rejected(const struct tally *tally)
{
	uint64_t sum = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		sum += tally->rejected[r];
	return sum;
}

static uint64_t count_signs(const struct tally *tally, enum reject_sign sign)
{
	uint64_t sum = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		sum += reject_sign(r) == sign ? tally->rejected[r] : 0;
	return sum;
}

uint64_t tally_malformed(const struct tally *tally)
{
	return count_signs(tally, SIGN_MALFORMED);
}

uint64_t tally_withdrawn(const struct tally *tally)
{
	return count_signs(tally, SIGN_WITHDRAWN);
}

/* The most frequent reason of those that come after another one, by count and then by order; REJECT_COUNT = none. */
static enum reject next_reason(const struct tally *tally, enum reject after)
{
	enum reject next = REJECT_COUNT;
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		uint64_t n = tally->rejected[r], limit = after < REJECT_COUNT ? tally->rejected[after] : UINT64_MAX;
		if (n == 0 || n > limit || (n == limit && r <= after))
			continue;
		if (next == REJECT_COUNT || n > tally->rejected[next])
			next = r;
	}
	return next;
}

const char *tally_reasons(const struct tally *tally, char text[TALLY_REASONS])
{
	enum { TOLD = 3 }; /* the rest is in the count */
	text[0] = '\0';
	if (tally_rejected(tally) == 0)
		return text;
	size_t used = (size_t)snprintf(text, TALLY_REASONS, "%llu rejected", (unsigned long long)tally_rejected(tally));
	enum reject r = next_reason(tally, REJECT_COUNT);
	for (unsigned i = 0; i < TOLD && r < REJECT_COUNT && used < TALLY_REASONS; i++, r = next_reason(tally, r))
		used += (size_t)snprintf(text + used, TALLY_REASONS - used, "%s%llu %s", i == 0 ? ": " : "; ",
			(unsigned long long)tally->rejected[r], reject_text(r));
	if (used < TALLY_REASONS && tally->first.text[0])
		snprintf(text + used, TALLY_REASONS - used, "; for example %.100s", tally->first.text);
	return text;
}

/* Fills in an example: the place, and the entry. */
static void fill_sample(
	struct sample *sample, const struct place *place, enum reject reject, const char *text, size_t length)
{
	char *to = sample->text;
	size_t room = sizeof sample->text;
	sample->reject = reject;
	int used = snprintf(to, room, "%s", place->document);
	if (place->line > 0 && used >= 0 && (size_t)used < room)
		used += snprintf(to + used, room - (size_t)used, ":%llu", (unsigned long long)place->line);
	if (place->detail && used >= 0 && (size_t)used < room)
		used += snprintf(to + used, room - (size_t)used, " %s", place->detail);
	if (used >= 0 && (size_t)used < room)
		snprintf(to + used, room - (size_t)used, ": %.*s", (int)(length < 4096 ? length : 4096), text);
	clean(sample->text, sizeof sample->text);
}

void sink_reject(struct sink *sink, const struct place *place, enum reject reject, const char *text, size_t length)
{
	struct tally *tally = sink->tally;
	sink->place = place;
	if (sink->refuse)
		sink->refuse(sink->context, reject, text, length);
	if (!tally->first.text[0])
		fill_sample(&tally->first, place, reject, text, length);
	/* A document may hold nothing else, and each may have taken long. */
	if (++tally->rejected[reject] % 256 == 0)
		systemd_notify_alive();
	if (tally->rejected[reject] > reject_samples(reject) || tally->sample_count == MAX_SAMPLES)
		return;
	fill_sample(&tally->sample[tally->sample_count++], place, reject, text, length);
}

int sink_name(struct sink *sink, const struct place *place, const char *text, size_t length, enum scope scope)
{
	return sink_rule(sink, place, text, length, scope, RULE_BLOCK);
}

int sink_rule(struct sink *sink, const struct place *place, const char *text, size_t length, enum scope scope,
	enum rule_kind kind)
{
	name_storage wire;
	enum reject reject;
	int wire_length = normalise(text, length, wire, &reject);
	if (wire_length < 0) {
		sink_reject(sink, place, reject, text, length);
		return 0;
	}
	const struct rule rule = {wire, (size_t)wire_length, scope, kind};
	if (self_test_reached(&rule)) {
		sink_reject(sink, place, REJECT_SELF_TEST, text, length);
		return 0;
	}
	sink->place = place;
	sink->text = text;
	sink->length = length;
	int status = sink->take(sink->context, &rule);
	if (status == 0) {
		sink->tally->entries++;
		sink->tally->nodes += rule_labels(&rule) - 1;
		sink->tally->octets += rule.length;
	}
	return status == SINK_REJECTED ? 0 : status;
}
