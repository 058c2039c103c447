/* SPDX-License-Identifier: BSD-3-Clause */
/* The names that the race asks for, and what is right for each: all of it follows from a name's kind and number and a
 * table's generation, so zone, tables and checker cannot disagree. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TYPE_A = 1, TYPE_CNAME = 5, TYPE_SOA = 6, TYPE_AAAA = 28, TYPE_OPT = 41, TYPE_HTTPS = 65 };
enum { QUESTION_ROOM = 128 }; /* octets: no name here is longer than 30 */

/* One of the names, with what is asked about it. */
struct question {
	unsigned kind, number;
	uint32_t unique; /* a label before the name, so that no cache has it; 0 = none */
	uint16_t type;
	bool cd, edns;
};

/* What a response says, read by one who trusts nothing in it. */
enum reading {
	READ_BLOCKED, /* the module's answer: *serial is the generation that it was given for */
	READ_PASSED,  /* what the authoritative server has under this name, whole */
	READ_OTHER,   /* neither */
};

/* The zone, in master file format, beneath the root. */
void names_print_zone(void);

/* The list that the table of this generation is made from (format `domains`). */
void names_print_list(uint64_t generation);

/* Any question. With `local` one that the module answers by itself, without a server and without the cache. */
struct question names_pick(uint64_t *random, bool local);

/* Whether the module answers it by itself, whatever the table in force. */
bool names_local(const struct question *question);

/* Whether the table of this generation blocks it, for its name or for where it leads. */
bool names_blocked(const struct question *question, uint64_t generation);

/* Writes the query, returns its length. *question_end is where its question section ends. */
size_t names_write(const struct question *question, uint16_t id, uint8_t packet[QUESTION_ROOM], size_t *question_end);

enum reading names_read(const struct question *question, const uint8_t *packet, size_t length, uint32_t *serial);

/* For messages. */
void names_text(const struct question *question, char text[QUESTION_ROOM]);
