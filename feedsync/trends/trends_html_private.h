/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of trends_html.h share. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct feeds_worth;
struct trends_report;

/* A number in a cell of a table whose columns get their titles in front on a phone. */
void print_number_cell(FILE *out, const char *title, uint64_t number);

/* The lists of rules, and what the feeds are worth. */
void print_rule_lists(const struct trends_report *report, FILE *out);
void print_worth_table(const struct trends_report *report, const struct feeds_worth *worth, FILE *out);
