/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a JSON document value by value. The array or object that holds the values may be of any size, a value may not.
 * This file judges the octets between values, json.c the values. Lines count from 1. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct node;
struct why;

struct json_scan {
	FILE *in;
	uint64_t line; /* of the next octet */
	char *text;    /* of the value read last, MAX_JSON_ITEM octets of room */
	size_t length;
	uint64_t start; /* its first line */
	bool open_text; /* its line ended within a text */
};

/* Begins, passing over a UTF-8 byte order mark. `in` is borrowed. Ended by json_scan_end. */
void json_scan_begin(struct json_scan *scan, FILE *in);
void json_scan_end(struct json_scan *scan);

/* Returns the next octet that is not a blank, without taking it, or EOF. */
int json_scan_next(struct json_scan *scan);

/* Takes the next octet that is not a blank, if it is `wanted`. Returns whether it was. */
bool json_scan_take(struct json_scan *scan, char wanted);

/* Reads a value. Returns 0 and a node that the caller frees; or, with NULL for one, -EBADMSG (no JSON, cut off, or more
 * than MAX_JSON_ITEM octets), -EIO or -ENOMEM, with the reason. */
must_check int json_scan_value(struct json_scan *scan, struct node **value, struct why *why);

/* Reads an object up to its first member's value, and that member's name. Returns 1; 0 where it does not begin so, which
 * json_scan_rest will judge; -EIO or -ENOMEM, with the reason. */
must_check int json_scan_first(struct json_scan *scan, struct node **name, struct why *why);

/* Reads the object that json_scan_first has begun to its end. Returns as json_scan_value. */
must_check int json_scan_rest(struct json_scan *scan, struct node **value, struct why *why);

/* Passes over a value of any size. Returns 0, or as json_scan_value; deeper than MAX_JSON_DEPTH is -EBADMSG. */
must_check int json_scan_skip(struct json_scan *scan, struct why *why);

/* Says that `wanted` must stand here and does not. Returns -EBADMSG, or -EIO where nothing could be read. */
int json_scan_error(struct json_scan *scan, const char *wanted, struct why *why);
