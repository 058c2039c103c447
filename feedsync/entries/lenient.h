/* SPDX-License-Identifier: BSD-3-Clause */
/* The names in what somebody wrote down so that they are not blocked: a line of the guard's lists, of an allow list, or a
 * list's own exception. A block that is not understood blocks nothing, which is safe. An exception that is not
 * understood blocks what should pass. So these are read generously, in whatever syntax they come: names with dots
 * or "*." in front, hosts lines, URLs, several names in a line, "||x^", "@@||x^|", "address=/x/", "local-zone: x", quoted,
 * disguised. What is left then cannot be ignored: the caller tells it and does not go on as if the line had said
 * nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/entries/reject.h"
#include "libweir/attributes.h"

/* Takes a name in wire format. `wide`: the text says that all below it is meant too. Returns 0, or an error that ends
 * the reading. */
typedef int lenient_take(void *context, const uint8_t *wire, size_t length, bool wide);

/* Reads one text of at most one line and hands each name in it on. Behind a blank "#", ";", "!" and "//" begin a comment.
 * Returns 0 or what `take` returned; *doubt is the reason why a part of the text is not understood, or REJECT_COUNT
 * where there is no such part: besides names there may be addresses, which nobody can block here, and words of one
 * label, where something else in the text has a meaning. */
must_check int lenient_read(const char *text, size_t length, lenient_take *take, void *context, enum reject *doubt);
