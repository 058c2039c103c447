/* SPDX-License-Identifier: BSD-3-Clause */
/* What is no list and not compressed in a way that is read: archives of several files, other compressions, documents of
 * other programs. Read by lines, such a thing would give names by chance. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct why;

enum { CONTENT_HEAD = 512 }; /* octets that tell */

/* Looks at the first octets of a text, CONTENT_HEAD of them where it has so many. Returns 0, or -EBADMSG with what it is. */
must_check int content_check(const uint8_t *head, size_t length, struct why *why);
