/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/sink.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/systemd.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/self_test.h"
#include "feedsync/guard/guard.h"

static const struct {
	const char *key, *text;
} rejects[REJECT_COUNT] = {
	[REJECT_EMPTY_LABEL] = {"empty_label", "empty label"},
	[REJECT_LONG_LABEL] = {"long_label", "label longer than 63 octets"},
	[REJECT_LONG_NAME] = {"long_name", "name longer than 253 characters"},
	[REJECT_CHARACTER] = {"character", "character that no host name has"},
	[REJECT_IDNA] = {"idna", "internationalised name that does not convert"},
	[REJECT_ADDRESS] = {"address", "IP address, not a name"},
	[REJECT_SINGLE] = {"single_label", "single label"},
	[REJECT_URL] = {"url", "URL, not a name"},
	[REJECT_PORT] = {"port", "name with a port"},
	[REJECT_PATTERN] = {"pattern", "wildcard that is not a whole first label"},
	[REJECT_LONG_LINE] = {"long_line", "line too long"},
	[REJECT_NUL] = {"nul", "NUL octet"},
	[REJECT_REDIRECT] = {"redirect", "address that does not mean blocking"},
	[REJECT_OPTION] = {"option", "option or action that DNS blocking has not"},
	[REJECT_PATH] = {"path", "URL of one page, not of a host"},
	[REJECT_CONDITION] = {"condition", "does not fulfil the feed's conditions"},
	[REJECT_SYNTAX] = {"syntax", "not in the syntax of this format"},
	[REJECT_TYPE] = {"type", "type that names no domain"},
	[REJECT_NOT_IDS] = {"not_ids", "not marked for detection (to_ids)"},
	[REJECT_DELETED] = {"deleted", "deleted"},
	[REJECT_RELATION] = {"relation", "object relation that names an innocent"},
	[REJECT_PAP] = {"pap", "PAP forbids blocking"},
	[REJECT_TLP] = {"tlp", "TLP forbids sharing with subscribers"},
	[REJECT_FALSE_POSITIVE] = {"false_positive", "confirmed false positive"},
	[REJECT_WORKFLOW] = {"workflow", "draft, incomplete or rejected"},
	[REJECT_EXPRESSION] = {"expression", "pattern that is not a list of names"},
	[REJECT_REVOKED] = {"revoked", "revoked"},
	[REJECT_EXPIRED] = {"expired", "no longer valid, or seen last too long ago"},
	[REJECT_BENIGN] = {"benign", "benign"},
	[REJECT_OUTSIDE] = {"outside", "name outside the zone"},
	[REJECT_TRIGGER] = {"trigger", "RPZ trigger other than the queried name"},
	[REJECT_CROWDED] = {"crowded", "no place in the table beside too many others of its hash"},
	[REJECT_DEEP] = {"deep", "more labels than a list's names may have"},
	[REJECT_SELF_TEST] = {"self_test", "name of the self-test"},
	[REJECT_OWN] = {"own", "own infrastructure"},
	[REJECT_SPECIAL_USE] = {"special_use", "special-use name"},
	[REJECT_ESSENTIAL] = {"essential", "name that too much depends on"},
	[REJECT_FEED_HOST] = {"feed_host", "host of a feed"},
	[REJECT_SUFFIX] = {"public_suffix", "public suffix"},
	[REJECT_GUARDED] = {"guarded", "guarded name"},
};

const char *reject_text(enum reject reject)
{
	return rejects[reject].text;
}

const char *reject_key(enum reject reject)
{
	return rejects[reject].key;
}

/* Whether this is a sign that the document is not in the syntax it should be in, rather than a matter of what its
 * entries mean or of who may use them. */
static bool is_malformed(enum reject reject)
{
	switch (reject) {
	case REJECT_EMPTY_LABEL:
	case REJECT_LONG_LABEL:
	case REJECT_LONG_NAME:
	case REJECT_CHARACTER:
	case REJECT_IDNA:
	case REJECT_SINGLE:
	case REJECT_URL:
	case REJECT_LONG_LINE:
	case REJECT_NUL:
	case REJECT_REDIRECT:
	case REJECT_SYNTAX:
	case REJECT_OUTSIDE: return true;
	default: return false; /* addresses and ports among names, patterns: real lists are full of them */
	}
}

/* Whether the entry was understood: it is withdrawn, or of what no name can be, or not for us. A document in another
 * syntax has no such ones, or none but these by chance. */
static bool is_withdrawn(enum reject reject)
{
	switch (reject) {
	case REJECT_ADDRESS:
	case REJECT_PATH:
	case REJECT_CONDITION:
	case REJECT_TYPE:
	case REJECT_NOT_IDS:
	case REJECT_DELETED:
	case REJECT_RELATION:
	case REJECT_PAP:
	case REJECT_TLP:
	case REJECT_FALSE_POSITIVE:
	case REJECT_WORKFLOW:
	case REJECT_REVOKED:
	case REJECT_EXPIRED:
	case REJECT_BENIGN:
	case REJECT_TRIGGER:
	case REJECT_SELF_TEST:
	case REJECT_OWN:
	case REJECT_SPECIAL_USE:
	case REJECT_ESSENTIAL:
	case REJECT_FEED_HOST:
	case REJECT_SUFFIX:
	case REJECT_GUARDED: return true;
	default: return false;
	}
}

static uint64_t sum_rejected(const struct tally *tally, bool (*counts)(enum reject reject))
{
	uint64_t sum = 0;
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		sum += !counts || counts(r) ? tally->rejected[r] : 0;
	return sum;
}

uint64_t tally_rejected(const struct tally *tally)
{
	return sum_rejected(tally, NULL);
}

uint64_t tally_malformed(const struct tally *tally)
{
	return sum_rejected(tally, is_malformed);
}

uint64_t tally_withdrawn(const struct tally *tally)
{
	return sum_rejected(tally, is_withdrawn);
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
	size_t used = (size_t)snprintf(text, TALLY_REASONS, "%llu not used", (unsigned long long)tally_rejected(tally));
	enum reject r = next_reason(tally, REJECT_COUNT);
	for (unsigned i = 0; i < TOLD && r < REJECT_COUNT && used < TALLY_REASONS; i++, r = next_reason(tally, r))
		used += (size_t)snprintf(text + used, TALLY_REASONS - used, "%s%llu %s", i == 0 ? ": " : "; ",
			(unsigned long long)tally->rejected[r], reject_text(r));
	if (used < TALLY_REASONS && tally->first.text[0])
		snprintf(text + used, TALLY_REASONS - used, "; for example %.100s", tally->first.text);
	return text;
}

/* How many rejected entries of this kind are kept as examples. What a guard stopped the operator wants to see;
 * attributes that are no domains, or are not meant to be blocked, are a normal part of MISP events. */
static uint64_t samples_wanted(enum reject reject)
{
	switch (reject) {
	case REJECT_TYPE:
	case REJECT_NOT_IDS:
	case REJECT_CONDITION:
	case REJECT_REVOKED:
	case REJECT_EXPIRED:
	case REJECT_BENIGN:
	case REJECT_DELETED: return 0;
	case REJECT_OWN:
	case REJECT_SPECIAL_USE:
	case REJECT_ESSENTIAL:
	case REJECT_FEED_HOST:
	case REJECT_SUFFIX:
	case REJECT_GUARDED: return 20;
	default: return 3;
	}
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
	if (tally->rejected[reject] > samples_wanted(reject) || tally->sample_count == MAX_SAMPLES)
		return;
	fill_sample(&tally->sample[tally->sample_count++], place, reject, text, length);
}

int sink_name(struct sink *sink, const struct place *place, const char *text, size_t length, enum scope scope)
{
	return sink_rule(sink, place, text, length, scope, RULE_BLOCK);
}

static unsigned count_labels(const uint8_t *wire)
{
	unsigned count = 0;
	for (; *wire; wire += *wire + 1u)
		count++;
	return count;
}

/* Names below arpa have a label for each octet or half of one of an address. */
static bool is_reverse(const uint8_t *wire, size_t length)
{
	static const uint8_t arpa[] = "\4arpa";
	return length >= sizeof arpa && memcmp(wire + length - sizeof arpa, arpa, sizeof arpa) == 0;
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
	/* What is dangerous for everything below a name is so without the name itself. */
	const struct rule asked = {wire, rule.length, scope == SCOPE_BELOW ? SCOPE_SUBTREE : scope, kind};
	struct refusal refusal;
	unsigned labels = count_labels(wire);
	if (self_test_reached(&asked)) {
		sink_reject(sink, place, REJECT_SELF_TEST, text, length);
		return 0;
	}
	if (sink->guard && kind == RULE_BLOCK && labels > MAX_LABELS && !is_reverse(wire, rule.length)) {
		sink_reject(sink, place, REJECT_DEEP, text, length);
		return 0;
	}
	if (sink->guard && kind == RULE_BLOCK && guard_refuses(sink->guard, sink->unguarded, &asked, &refusal)) {
		sink_reject(sink, place, refusal.reject, refusal.text, strlen(refusal.text));
		return 0;
	}
	sink->place = place;
	int status = sink->take(sink->context, &rule);
	if (status == 0) {
		sink->tally->entries++;
		sink->tally->nodes += labels - 1;
		sink->tally->octets += rule.length;
	}
	return status;
}
