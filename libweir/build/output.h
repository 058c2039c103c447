/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a part of a file, at a place of its own, through a buffer and with a running checksum. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct output;

/* Begins at octet `at` of an open file. Returns NULL when out of memory. */
must_check struct output *output_new(int fd, uint64_t at);

/* Errors are kept until the end. */
void output_write(struct output *output, const void *data, size_t length);
uint64_t output_length(const struct output *output);

/* Writes what is left and frees the output; NULL is fine. Returns 0 or -errno, the octets written, their checksum. */
must_check int output_end(struct output *output, uint64_t *length, uint64_t *sum);

/* All of it for one piece. */
must_check int output_part(int fd, uint64_t at, const void *data, size_t length, uint64_t *sum);
