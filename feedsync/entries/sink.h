/* SPDX-License-Identifier: BSD-3-Clause */
/* What parsers hand on: entries, and what they refused.
 *
 * A parser reads one document of a feed and calls its sink for each rule it finds. Text from outside becomes a
 * name in one place, sink_name, whatever the syntax: so every feed is normalised alike and every rejection has a
 * reason, a position and a count. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/marking.h"
#include "feedsync/entries/parse_counts.h"
#include "feedsync/entries/reject.h"
#include "feedsync/entries/rule.h"
#include "libweir/attributes.h"

/* What of a document something stands in, where lines do not tell: "item 7", "attribute <uuid>", "<id>". It is put into words
 * only for who shows it. */
struct detail {
	const char *what;
	const char *id;  /* behind it; or NULL: */
	uint64_t number; /* behind it; 0 = nothing */
};

/* Where something stands: "feeds/urlhaus.csv:1234". Lines count from 1; 0 = the document as a whole. */
struct position {
	const char *document;
	uint64_t line;
	const struct detail *detail; /* or NULL */
};

/* The detail in words; "" where there is none. Returns `text`. */
enum { DETAIL_ROOM = 120 };
const char *position_detail(const struct position *position, char text[DETAIL_ROOM]);

struct misp_source;

enum { SINK_REJECTED = 1 };

struct sink {
	/* Takes a rule. Returns 0; SINK_REJECTED where it has rejected the rule by sink_reject; or a negative error,
	 * which ends the parse. */
	int (*take)(void *context, const struct rule *rule);
	/* Is told of every rejected entry; NULL = nobody is. */
	void (*refuse)(void *context, enum reject reject, const char *text, size_t length);
	void *context;
	struct parse_counts *counts;
	struct samples *samples; /* NULL: none are wanted */
	bool frees;              /* what the list names is to pass: it is read generously (lenient.h) */
	bool rereads;            /* the same of a rejected entry, which is a line of its own or a part of one; ... */
	enum scope scope;        /* ... its names have this scope ... */
	int reread_status;       /* ... and this is the first error of the sink's take with one of them */
	uint16_t category;       /* of the rules that come: the feed's own, where its parser does not tell another */
	/* Of the entry at hand, for take and refuse: */
	const struct position *position;
	const char *text;               /* the name, as the document has it; for take only */
	size_t length;                  /* of that */
	struct markings markings;       /* its own, and those of what it stands in; none where the format has none */
	const struct misp_source *misp; /* what MISP says of the entry (misp_source.h), or NULL */
	const char *indicator;          /* the id of the indicator of STIX that it stands in, or NULL */
};

/* Normalises the text of a name (normalise.h) and hands the rule to the sink's take, or counts why not. Names of
 * the self-test are rejected here: no list, whoever wrote it, may speak of them. What frees names, an exception or an entry
 * of a sink that `frees`, is read again generously first, and counted apart (not_freed) where a part of it is not understood.
 * Returns 0, or the error of take. sink_name is for a block rule. */
must_check int sink_name(
	struct sink *sink, const struct position *position, const char *text, size_t length, enum scope scope);

must_check int sink_rule(struct sink *sink, const struct position *position, const char *text, size_t length,
	enum scope scope, enum rule_kind kind);

/* Counts a rejected entry, and keeps it as an example where more of its kind are wanted. In a sink that `frees` a malformed
 * one is counted as not freed, after it was read again if the sink `rereads`. */
void sink_reject(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length);

/* The same for what was to be an exception: it is counted as not freed. */
void sink_reject_exception(
	struct sink *sink, const struct position *position, enum reject reject, const char *text, size_t length);
