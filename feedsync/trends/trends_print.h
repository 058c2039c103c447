/* SPDX-License-Identifier: BSD-3-Clause */
/* The report of trends in each of its forms. They hold the same numbers. */
#pragma once

#include <stdio.h>

#include "feedsync/trends/trends_report.h"

struct node;

/* Words, for a terminal. */
void trends_print_words(const struct trends_report *report, FILE *out);

/* CSV (RFC 4180). */
void trends_print_csv(const struct trends_report *report, FILE *out);

/* The object of docs/json.md; to be freed. */
struct node *trends_json(const struct trends_report *report);

/* A list out of the rules: pointers into the report in the list's order, to be freed, and their number, at most `most`. */
enum report_list { LIST_HITS, LIST_CLIENTS, LIST_NEW, LIST_RISING, LIST_SUSPECTS, REPORT_LISTS };
const struct report_rule **report_list(
	const struct trends_report *report, enum report_list list, size_t most, size_t *count);
const char *report_list_title(enum report_list list);

/* Why a rule may be a mistake, reason by reason: the bit's word for JSON and CSV, and the reason in words. NULL behind the
 * last one. */
struct suspicion_row {
	enum suspicion suspicion;
	const char *key, *text;
};
extern const struct suspicion_row suspicion_rows[];

/* "+12 %", "-3.4 %", "" where there was nothing before. Returns `text`. */
enum { CHANGE_TEXT = 32 };
const char *change_text(uint64_t before, uint64_t now, char text[CHANGE_TEXT]);

/* The feeds that list a rule, with `between` between them. Returns `text`. */
enum { FEEDS_TEXT = 512 };
const char *report_feeds_text(
	const struct trends_report *report, const struct report_rule *rule, const char *between, char text[FEEDS_TEXT]);

/* "610", "610 to 1200": at least and at most. Returns `text`. */
enum { CLIENTS_TEXT = 48 };
const char *clients_text(const struct report_rule *rule, char text[CLIENTS_TEXT]);
