/* SPDX-License-Identifier: BSD-3-Clause */
/* Universally unique identifiers (RFC 9562), of MISP's events and attributes and of STIX's objects. Pure: any thread may
 * call these. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { UUID_TEXT = 37 };

/* Whether the text is a UUID in its usual form: 8-4-4-4-12 hexadecimal digits. What a feed calls a UUID becomes a file
 * name or a part of a URL only after this check. */
bool uuid_is_valid(const char *text);

/* Writes the UUID of version 5 that `name` has in the namespace, in lower case. The namespace is a valid UUID. */
void uuid5_make(char uuid[UUID_TEXT], const char *namespace, const void *name, size_t length);

/* The same of a name that is made of parts with the octet 0x1f between them. NULL ends the parts. */
void uuid5_join(char uuid[UUID_TEXT], const char *namespace, const char *const *parts);
