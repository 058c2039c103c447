/* SPDX-License-Identifier: BSD-3-Clause */
/* Text of a name from outside to a canonical name that a rule may have. */
#pragma once

#include <stddef.h>

#include "feedsync/entries/reject.h"
#include "libweir/attributes.h"
#include "libweir/name.h"

/* Blanks around the text and one trailing dot are dropped, A-Z lower-cased, non-ASCII text (UTF-8) converted by
 * IDNA2008 with UTS46 non-transitional mapping; then only letters, digits, hyphens and underscores may remain, in at
 * least two labels (ASCII labels stay as they are, also xn-- ones that IDNA2008 would not make: such names are in
 * use), the last no number (such a thing is an address: WHATWG URL Standard, "ends in a number").
 * Returns the length of the wire form, or -1 with the reason. */
must_check int normalise(const char *text, size_t length, name_storage wire, enum reject *reject);

/* The same of a name that the operator wrote: it may have a single label, a top-level domain. */
must_check int normalise_operator(const char *text, size_t length, name_storage wire, enum reject *reject);

/* The name that somebody asks about: any name of RFC 1035's text form, blanks around it dropped, or an
 * internationalised one, converted as above. Returns the length of the wire form, or a WEIR_ENAME error. */
must_check int normalise_question(const char *text, size_t length, name_storage wire);
