/* SPDX-License-Identifier: BSD-3-Clause */
/* What table-bench compares with: the plain way to do it. A hash table of the rules' 64-bit keys, open addressing with
 * linear probing, half full, so 16 octets a rule; it is asked for each suffix of a query, one probe a label, until one
 * is found. It takes the same names apart, lowers and hashes them by the same functions as the table, so what differs
 * is the layout. It is given every advantage that it has: keys are trusted without a look at the name, there are no
 * verdicts, and all probes of a query are independent of each other, so that the processor overlaps them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plain;
struct table;

/* Makes a plain table of the same rules, each taken for the name and all below. Ends the program when out of memory. */
struct plain *plain_new(const struct table *table);
void plain_free(struct plain **plain);

/* Whether a rule is for the name or one above it. */
bool plain_lookup(const struct plain *plain, const uint8_t *qname, size_t length);

/* The octets of its slots. */
size_t plain_octets(const struct plain *plain);
