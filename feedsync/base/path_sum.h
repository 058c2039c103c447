/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether a file is still the one that it was, without reading it: a sum of what its name leads to, its length, and when it was
 * written. Any thread. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

uint64_t stat_sum(const struct stat *st);

/* The sum of what stands at a path; 0 for nothing, or what cannot be looked at. */
uint64_t path_sum(const char *path);

/* Likewise of <directory>/<name>. */
uint64_t path_sum_in(const char *directory, const char *name);
