/* SPDX-License-Identifier: BSD-3-Clause */
/* A text that open_memstream makes in memory. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "libweir/attributes.h"

/* Closes the stream. Returns whether `*text` holds all that was written: what there was no memory for is noted in the stream
 * alone, and closing may go well after it. The caller frees `*text` in either case. */
must_check bool memory_text_close(FILE *stream, char *const *text);
