/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON documents from outside. Only json.c knows jansson. A document is a tree of borrowed nodes under one that the
 * caller owns. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "libweir/attributes.h"

struct node; /* NULL is a missing node, and every function takes it */
struct why;

/* Parses a whole document of `length` octets, of any value; a UTF-8 byte order mark is skipped. Returns a node that the
 * caller frees, or NULL with the reason and position ("line 3, column 7: ..."). The library bounds the depth (2048).
 * Double keys are refused. A document may take MAX_JSON_MEMORY octets of memory. Integers are read as floating-point
 * numbers: exact up to 2^53, and larger ones do no harm. */
must_check struct node *json_parse(const char *text, size_t length, struct why *why);

/* The same for a piece of a document; the piece begins on `line` of the document. Returns 0 and a document that the
 * caller frees; or -EBADMSG or -ENOMEM, and NULL. */
must_check int json_parse_at(struct node **document, const char *text, size_t length, uint64_t line, struct why *why);

/* The same for the rest of a stream. Returns as json_load does. */
must_check int json_read(struct node **document, FILE *in, uint64_t max, struct why *why);

/* The same for a regular file of at most `max` octets. Returns 0 and a document that the caller frees; or, and NULL,
 * -errno (-ENOMEM says nothing about the document), -EFBIG, or -EBADMSG if the file is not JSON. */
must_check int json_load(struct node **document, const char *path, uint64_t max, struct why *why);
void node_free(struct node *node);

bool node_is_object(const struct node *node);
bool node_is_array(const struct node *node);
bool node_is_null(const struct node *node); /* or missing */

/* Member of an object, or NULL. */
const struct node *node_get(const struct node *object, const char *key);

/* Elements of an array; 0 and NULL for anything else. */
size_t node_count(const struct node *array);
const struct node *node_at(const struct node *array, size_t index);

/* A string's text, valid as long as the document, and its length, where `length` is not NULL. NULL for anything
 * else. */
const char *node_text(const struct node *node, size_t *length);

/* A string's text, or the word or number by which a value is written ("null" for a missing one), in `text`. NULL for
 * objects and arrays. */
const char *node_word(const struct node *node, char text[64]);

/* Lenient readings, since feeds write numbers and booleans as strings and the other way round. true, any number but 0,
 * "1" and "true" are true. A missing node and null are false. */
bool node_truth(const struct node *node);
/* A non-negative integer from a number or a string of digits. Returns whether there was one. */
must_check bool node_number(const struct node *node, uint64_t *number);

/* A number, and nothing that only looks like one. Returns whether it is one. */
must_check bool node_real(const struct node *node, double *number);

/* Whether it is a string that equals this word; ASCII letters may be of any case. */
bool node_is(const struct node *node, const char *word);

/* A member's number as node_number gives it, or 0; and a member's text, cut to fit `room` octets, or "". */
uint64_t node_number_at(const struct node *object, const char *key);
void node_words_at(const struct node *object, const char *key, char *to, size_t room); /* cleaned, to be shown */
void node_text_at(const struct node *object, const char *key, char *to, size_t room);

/* Calls `visit` for each member of an object until it returns something other than 0. Returns that, or 0. */
int node_each(const struct node *object, int (*visit)(void *context, const char *key, const struct node *value),
	void *context);

/* Building documents: one at a time, and from one thread. Each may return NULL (out of memory), and that may be passed
 * on. node_put and node_append then leave the value out, and the next json_print returns NULL. */
struct node *node_object(void);
struct node *node_array(void);
struct node *node_from_text(const char *text); /* NULL gives null, octets that are not UTF-8 become "?" */
struct node *node_from_number(uint64_t number);
struct node *node_from_real(double number); /* finite */
struct node *node_from_bool(bool value);
void node_put(struct node *object, const char *key, struct node *value); /* takes the value over */
void node_append(struct node *array, struct node *value);                /* takes the value over */

/* The document as text with a final newline, malloc'ed, or NULL when out of memory; and the same in one line. */
must_check char *json_print(const struct node *node);
must_check char *json_print_line(const struct node *node);

/* Publishes a document as a file, and frees it. Returns as atomic_file_write does, or -ENOMEM. */
must_check int json_publish(struct node *node, const char *path, mode_t mode, struct why *why);

/* An object for a command's `--json` (docs/json.md), with the number of its schema. */
struct node *json_answer(void);

/* Prints a document to standard output, or logs that there is no memory; and the same in one line. */
void json_show(const struct node *node);
void json_show_line(const struct node *node);
