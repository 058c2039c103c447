/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/xalloc.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"

void *xcalloc(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
	if (!memory) {
		log_error("out of memory");
		exit(2);
	}
	return memory;
}

void *xgrow(void *list, size_t count, size_t *room, size_t first, size_t size)
{
	if (count < *room)
		return list;
	*room = *room > 0 ? *room * 2 : first;
	void *larger = xcalloc(*room, size);
	if (count > 0)
		memcpy(larger, list, count * size);
	free(list);
	return larger;
}
