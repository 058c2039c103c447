/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory for small things that the program cannot do without. If there is none, the program ends with exit code 2 and
 * leaves everything as it was. What outsiders can make large is allocated by calloc, and its failure is an error like
 * others. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

/* `count` zeroed objects of `size` octets, to be freed; at least one octet, so never NULL. */
must_check void *xcalloc(size_t count, size_t size);

/* A list with room for one more: where `count` objects fill `*room`, moves them to one of twice the room (`first` if
 * there was none) and frees the old one. Returns the list, as it is if there was room. */
must_check void *xgrow(void *list, size_t count, size_t *room, size_t first, size_t size);
