/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/refang.h"

#include <string.h>
#include <strings.h>

size_t refang(char *text, size_t length)
{
	static const struct {
		const char *written, *meaning;
	} disguises[] = {{"[.]", "."}, {"(.)", "."}, {"{.}", "."}, {"[dot]", "."}, {"(dot)", "."}, {"{dot}", "."},
		{"[:]", ":"}, {"[://]", "://"}, {"[@]", "@"}};
	size_t to = 0;
	for (size_t from = 0; from < length;) {
		size_t d = 0, left = length - from;
		while (d < sizeof disguises / sizeof *disguises &&
			(strlen(disguises[d].written) > left ||
				strncasecmp(text + from, disguises[d].written, strlen(disguises[d].written)) != 0))
			d++;
		if (d == sizeof disguises / sizeof *disguises) {
			text[to++] = text[from++];
			continue;
		}
		from += strlen(disguises[d].written);
		for (const char *c = disguises[d].meaning; *c; c++)
			text[to++] = *c;
	}
	if (to >= 4 && strncasecmp(text, "hxxp", 4) == 0)
		memcpy(text, "http", 4);
	return to;
}
