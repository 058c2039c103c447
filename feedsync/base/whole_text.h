/* SPDX-License-Identifier: BSD-3-Clause */
/* A document that is held in memory as a whole. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

/* Reads the rest of a stream. Returns 0 and a text of *length octets that the caller frees; or -errno, or -EFBIG if
 * there are more than `max` octets, with the reason and NULL for the text. */
must_check int whole_text_read(char **text, size_t *length, FILE *in, uint64_t max, struct why *why);

/* The same for a regular file, of which nothing is read if it is larger. Returns also as regular_file_open does. The reason
 * does not name the file. */
must_check int whole_text_load(char **text, size_t *length, const char *path, uint64_t max, struct why *why);
