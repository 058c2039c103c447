/* SPDX-License-Identifier: BSD-3-Clause */
/* Domain names in wire format (RFC 1035 section 3.1): a row of labels, each a length octet 1..63 and that many octets,
 * ended by the root's length octet 0; at most 255 octets and so at most 127 labels besides the root. Everything in
 * Weir that is called a *name* is this.
 *
 * Canonical form is lower case in A-Z only (RFC 4034 section 6.2); names compare octet by octet in that form.
 * All functions are pure: any thread may call them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

#define NAME_MAX_WIRE 255   /* octets, the root's included */
#define NAME_MAX_LABEL 63   /* octets of one label */
#define NAME_MAX_LABELS 127 /* labels, the root not counted */
#define NAME_MAX_TEXT 1012  /* characters of the longest presentation (every octet as \DDD) with its NUL */

typedef uint8_t name_storage[NAME_MAX_WIRE];

/* Where a name's labels start: offset[0] is 0, offset[count] is the offset of the root's length octet. */
struct name_labels {
	uint8_t offset[NAME_MAX_LABELS + 1];
	uint8_t count;
};

/* Reads presentation text of `length` characters (RFC 1035 section 5.1: a trailing dot is optional, \. and \DDD are
 * understood) into `wire`, in canonical form. Returns the name's length in octets (1 for "."), or
 * WEIR_ENAME_EMPTY, _LABEL, _LONG_LABEL, _LONG, _ESCAPE. */
must_check int name_from_text(const char *text, size_t length, name_storage wire);

/* Writes the presentation of a valid name of `length` octets into `text` (without trailing dot, "." for the root) with
 * a NUL; octets outside the printable ASCII set, dots and backslashes as escapes. Returns the text's length. */
size_t name_to_text(const uint8_t *wire, size_t length, char text[NAME_MAX_TEXT]);

/* Checks `wire` (from anywhere) and finds its labels. The name must end exactly at `length`. Returns 0, or WEIR_EFORMAT
 * for anything that is not one whole uncompressed name. */
must_check int name_split(const uint8_t *wire, size_t length, struct name_labels *labels);

/* Whether an octet may stand in a label of a rule's name: printable ASCII, no space, not upper case, no dot (it parts
 * labels) and no backslash. So such a name can be printed as it is. */
bool name_plain_octet(uint8_t octet);

/* Whether text is *plain*, the form in which rules are stored: labels of plain octets with one dot between, no trailing
 * dot, within the limits of a name. */
bool name_plain_valid(const uint8_t *text, size_t length);

/* Makes the wire form of plain text. Returns the wire form's length; finds the
 * labels too. */
size_t name_from_plain(const uint8_t *text, size_t length, name_storage wire, struct name_labels *labels);

/* Copies `length` octets and lower-cases A-Z, eight octets at a time. Length octets are at most 63 and so never
 * letters: a whole name can be passed. */
void name_lower(uint8_t *to, const uint8_t *from, size_t length);
