/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/cut_off.h"

#include <stdio.h>

#include "feedsync/base/regular_file.h"
#include "libweir/errors.h"

bool list_is_cut_off(const char *new_version, const char *older_version)
{
	FILE *a, *b = NULL;
	struct why ignored;
	bool both = regular_file_open(&a, new_version, &ignored) == 0 &&
		    regular_file_open(&b, older_version, &ignored) == 0;
	int x = EOF, y = EOF, last = '\n';
	if (both) {
		while ((x = getc(a)) != EOF && x == (y = getc(b)))
			last = x;
		if (x == EOF)
			y = getc(b);
	}
	bool cut = both && x == EOF && last != '\n' && last != '\r' && y != EOF && y != '\n' && y != '\r';
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	return cut;
}
