/* SPDX-License-Identifier: BSD-3-Clause */
/* By what a file is known again: that it was cut, emptied or has rotted, which most lists do not tell by
 * themselves. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum { FILE_SUM = 17 };

struct why;
/* Writes XXH3 of the file's octets as 16 hexadecimal digits. Returns 0, or -errno with the reason. */
must_check int file_sum(const char *path, char sum[FILE_SUM], struct why *why);

/* The same of a text. */
void text_sum(char sum[FILE_SUM], const char *text, size_t length);
