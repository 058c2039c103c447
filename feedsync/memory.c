#include "memory.h"

#include <stdlib.h>

#include "log.h"

void *need_memory(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
	if (!memory) {
		log_error("out of memory");
		exit(2);
	}
	return memory;
}
