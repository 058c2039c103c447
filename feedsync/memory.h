/* Memory for what is small and cannot be done without: where there is none, the program ends with exit code 2 and
 * leaves everything as it was. What outsiders can make large is allocated by calloc, and its failure is an error like
 * others. */
#pragma once

#include <stddef.h>

#include "attributes.h"

/* `count` zeroed objects of `size` octets, to be freed; at least one octet, so never NULL. */
must_check void *need_memory(size_t count, size_t size);
