/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that are read where something else may stand in their place: in the state directory, and where the operator's
 * settings point. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

/* Opens a file for reading; the caller closes it. Only a regular file is opened: to open a FIFO would be to wait for
 * ever. Returns 0, -errno, or -EBADMSG with the reason if the file is not regular. */
must_check int regular_file_open(FILE **in, const char *path, struct why *why);

/* Creates a file to be written, in the place of what stands there. Returns it, to be closed, or NULL with errno. */
must_check FILE *regular_file_create(const char *path);

/* The same, but what stands in a regular file stays, if it is less than `most` octets, and more is written behind it. Sets how
 * many octets that are. */
must_check FILE *regular_file_append(const char *path, uint64_t most, uint64_t *length);

/* Reads the first line of one, "" of an empty one. Returns as regular_file_open does, with the path in the reason. */
must_check int regular_file_line(const char *path, char *text, int room, struct why *why);
