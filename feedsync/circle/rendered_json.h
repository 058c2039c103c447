/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON in what we publish: an object a line, its members in the order of their names, so that equal state gives equal octets
 * and a change is a change of few lines. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/timestamp.h"
#include "libweir/attributes.h"

/* Prints an object in one line, without the line's end, and frees it. NULL, or an object of which a part is missing, is one
 * for which there was no memory. Returns 0 or -ENOMEM. */
must_check int print_object(FILE *out, struct node *object);

/* The same without the brackets, behind members that stand there. */
must_check int print_members(FILE *out, struct node *object);

/* "2026-11-20T09:30:00" and then the fraction and zone that a format wants, "%s". */
const char *print_instant(uint64_t time, const char *ending, char text[TIMESTAMP_ROOM + 16]);

/* A number as MISP writes it: a text. */
struct node *node_from_digits(uint64_t number);
