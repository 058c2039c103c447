/* SPDX-License-Identifier: BSD-3-Clause */
/* Universally unique identifiers, of MISP's events and attributes and of STIX's objects. */
#pragma once

#include <stdbool.h>

/* Whether the text is a UUID in its usual form: 8-4-4-4-12 hexadecimal digits (RFC 9562). What a feed calls a UUID
 * becomes a file name or a part of a URL only after this check. Pure: any thread may call it. */
bool uuid_is_valid(const char *text);
