/* SPDX-License-Identifier: BSD-3-Clause */
/* What why.c, why_pass.c, why_log.c and why_misp.c share: the question. */
#pragma once

#include "feedsync/compile/compile.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/mailbox.h"
#include "feedsync/feeds/feed.h"
#include "feedsync/publish/history.h"
#include "feedsync/publish/hold.h"
#include "libweir/table.h"

struct why_query {
	const struct config *config;
	/* the name that is asked about */
	name_storage wire;
	size_t length;
	struct name_labels labels;
	char text[NAME_MAX_TEXT];
	/* what is decided for it */
	struct table *table; /* NULL: none is published */
	struct match match;
	const struct verdict *verdict; /* NULL: no rule covers it */
	struct hold hold;
	bool allow_written, allow_given; /* the operator lets it pass: by the configuration, by command */
	char block_given[NAME_MAX_TEXT]; /* the name by which he blocks it, by command; "" = he does not */
	/* what is remembered */
	struct history *history; /* NULL: nothing */
	uint64_t since;          /* history_complete_since */
	bool within;
	/* the feed at hand */
	const struct feed *feed;
	const struct guard *guard; /* of its entries; NULL: they are allow rules */
	struct sink sink;
	struct node *entries, *rejected; /* NULL: it is printed in words */
	unsigned shown;                  /* lines about it; after some more they are only counted */
};

/* Whether a name is the one asked about, or one above it; tells which. */
bool covers_question(const struct why_query *q, const uint8_t *wire, size_t length, bool *above);

/* Whether a rejected text (an entry or a whole line) holds the name or one above it. */
bool text_mentions(const struct why_query *q, const char *text, size_t length);

/* The contact that the SOA of the answer names, or NULL. */
const char *contact_of_answer(const struct why_query *q, enum action action, char text[MAILBOX_MAX_TEXT]);

/* Whether an item of the operator's is about the name. */
bool item_covers_question(const struct why_query *q, const struct operator_item *item);

/* Prints a bypass that is in force. */
void explain_bypass(const struct why_query *q);

/* Prints what the operator's own lists say of the name, and what was said by command. */
void explain_operator(struct why_query *q);

/* Prints what others were told of the name. */
void explain_shared(const struct why_query *q);

/* Prints what to do for a blocked name to pass. */
void explain_next_command(const struct why_query *q);

/* Opens the history. That there is none, or that it cannot be read, is told. */
void explain_open_log(struct why_query *q);

/* Prints when a rule of the feed at hand was seen first and last. `own`: the table has it in its own place. */
void explain_seen(struct why_query *q, const char *name, enum scope scope, bool own);

/* Adds an entry of a feed, or one that was rejected, to the JSON. */
void why_json_entry(struct why_query *q, const struct rule *rule, enum rule_kind kind, bool in_force);
void why_json_rejected(struct why_query *q, const char *text, enum reject reject);

/* All as JSON, with the hits of the last days; to be freed. */
struct node *why_json(struct why_query *q, enum action action, unsigned days);

/* On which of the last days that are over what a rule over the name lists was hit, as far as that may be told; NULL where it is
 * not counted. Prints it in words. */
enum { WHY_DAYS = 7, RECORD_DAYS = 30 };
struct node *why_hits(const struct why_query *q, unsigned days);
void print_hits_of_name(const struct node *hits, unsigned days);

/* Adds to the JSON what makes it a record: when, by whom, when to look again; and prints it in words. */
void why_record_add(struct node *root);
void why_record_print(const struct node *root);

/* Since when the feed at hand lists a rule, by the history; 0 = not known. */
uint64_t listed_since(struct why_query *q, const char *name, enum scope scope);

struct misp_source;
/* Prints what MISP says of an entry. */
void explain_misp(const struct misp_source *source);

/* Prints the changes of the name and of what is above it. */
void explain_changes(struct why_query *q);
