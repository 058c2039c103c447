/* SPDX-License-Identifier: BSD-3-Clause */
/* What the tests of parsers share: parsing a text, and what came of it. */
#pragma once

#include "tests/unit/unit.h"

#include "feedsync/formats/registry.h"

/* What a parse gave, as text: "exact:a.example except-subtree:b.example". */
struct collected {
	char text[1024];
};

static inline int collect(void *context, const struct rule *rule)
{
	struct collected *c = context;
	char name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	size_t used = strlen(c->text);
	snprintf(c->text + used, sizeof c->text - used, "%s%s%s:%s", used ? " " : "",
		rule->kind == RULE_EXCEPT   ? "except-"
		: rule->kind == RULE_CANCEL ? "cancel-"
					    : "",
		scope_text(rule->scope), name);
	return 0;
}

struct parsed {
	int status;
	struct collected rules;
	struct parse_counts counts;
	struct samples samples;
	struct why why;
};

/* Parses an open stream as the document "doc" of this format. */
static inline int parse_stream(
	const char *format, FILE *in, const struct parse_options *options, struct sink *sink, struct why *why)
{
	const struct parse parse = {.in = in, .document = "doc", .options = options, .sink = sink, .why = why};
	return format_parse_stream(format_find(format), &parse);
}

/* Parses `length` octets as the document "doc" of this format, compressed or not. */
static inline struct parsed parse_octets(
	const char *format, const struct parse_options *options, const void *data, size_t length)
{
	struct parsed p = {0};
	struct sink sink = {.take = collect, .context = &p.rules, .counts = &p.counts, .samples = &p.samples};
	FILE *in = length ? fmemopen((void *)data, length, "r") : fopen("/dev/null", "r");
	assert_non_null(in);
	p.status = parse_stream(format, in, options, &sink, &p.why);
	fclose(in);
	return p;
}

/* The reasons for which entries were rejected, in their order, each with its count if that is not 1: "port url:2". */
static inline const char *rejects_of(const struct parse_counts *counts, char text[256])
{
	size_t used = 0;
	text[0] = '\0';
	for (enum reject r = 0; r < REJECT_COUNT; r++) {
		if (counts->rejected[r] == 0)
			continue;
		used += (size_t)snprintf(text + used, 256 - used, "%s%s", used ? " " : "", reject_key(r));
		if (counts->rejected[r] > 1)
			used += (size_t)snprintf(text + used, 256 - used, ":%d", (int)counts->rejected[r]);
	}
	return text;
}
