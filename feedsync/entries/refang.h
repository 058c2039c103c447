/* SPDX-License-Identifier: BSD-3-Clause */
/* What people do to names and URLs so that nobody follows them by mistake, undone. */
#pragma once

#include <stddef.h>

/* Undoes it in place: "hxxp" at the start, and "[.]", "(.)", "{.}", "[dot]" and the like, "[:]", "[://]", "[@]" anywhere.
 * Returns the new length, which is never larger. Any thread. */
size_t refang(char *text, size_t length);
