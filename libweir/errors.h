/* SPDX-License-Identifier: BSD-3-Clause */
/* Errors of libweir.
 *
 * A function that can fail returns 0 or a negative code: -errno for what the system said, a WEIR_E code for what the
 * input was. Where one code has many causes the caller passes a struct why and gets the cause in words, with its
 * place: "index line 17: reach 9 exceeds 7".
 */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

enum weir_error {
	WEIR_EFORMAT = -1000,          /* not a table, or a damaged one */
	WEIR_EVERSION = -1001,         /* a table of a format version this build does not know */
	WEIR_ELIMIT = -1002,           /* more than the format can hold */
	WEIR_ENAME_EMPTY = -1010,      /* no text at all */
	WEIR_ENAME_LABEL = -1011,      /* an empty label */
	WEIR_ENAME_LONG_LABEL = -1012, /* a label of more than 63 octets */
	WEIR_ENAME_LONG = -1013,       /* a name of more than 255 octets on the wire */
	WEIR_ENAME_ESCAPE = -1014,     /* a backslash escape that RFC 1035 does not know */
	WEIR_ENAME_SINGLE = -1015,     /* a single label: never a rule */
	WEIR_ENAME_OCTET = -1016,      /* an octet that no rule name may hold */
	WEIR_ERROR_LAST = -1016,
};

/* The cause of an error in words, one line without a newline. */
struct why {
	char text[256];
};

/* Text of a code from any function of libweir. Thread-safe; the text of a system error is "system error" where the
 * C library has no name for it. */
const char *error_text(int code);

/* Whether the process has run out of memory or of files to open: that says nothing of what was at hand. */
bool error_is_shortage(int code);

/* Writes the cause (cut to fit) and returns code, so that a caller can `return why_set(...)`. why may be NULL. */
int why_set(struct why *why, int code, const char *format, ...) printf_like(3, 4);
