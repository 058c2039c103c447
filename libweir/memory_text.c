/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/memory_text.h"

bool memory_text_close(FILE *stream, char *const *text)
{
	bool whole = ferror(stream) == 0;
	return fclose(stream) == 0 && whole && *text; /* its end may not have been allocated */
}
