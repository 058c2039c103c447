/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists that say what to guard: whatever is in them, a set of names that can be asked. The same octets as a list of names or
 * a warninglist, as one text of a name, and as a public suffix list. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "file.h"
#include "fuzz.h"
#include "feedsync/entries/lenient.h"
#include "feedsync/entries/nameset.h"
#include "feedsync/guard/names_file.h"
#include "feedsync/guard/suffixes.h"

static int add_name(void *context, const uint8_t *wire, size_t length, bool wide)
{
	struct namekey key;
	(void)wide;
	namekey_of(&key, wire, length);
	return nameset_add(context, &key, 0);
}

/* Each name is found where it was put, and its text is as long as its key but for the last dot. */
static void ask(struct nameset *set)
{
	char text[NAME_MAX_WIRE + 1];
	nameset_sort(set);
	for (size_t i = 0; i < set->count; i++) {
		struct namekey key;
		key.length = (size_t)snprintf(key.text, sizeof key.text, "%s", set->text + set->entry[i].offset);
		if (nameset_at(set, &key) != &set->entry[i] || nameset_below(set, &key) != &set->entry[i] ||
			nameset_above(set, &key) != &set->entry[i] ||
			nameset_text(set, &set->entry[i], text) + 1 != key.length)
			abort();
	}
}

static void suffix_list(const uint8_t *data, size_t size)
{
	struct suffixes suffixes;
	struct why why;
	if (suffixes_load(&suffixes, file_of(data, size), &why) != 0)
		return;
	ask(&suffixes.rules);
	ask(&suffixes.wildcards);
	suffixes_free(&suffixes);
}

static void names(const uint8_t *data, size_t size)
{
	struct nameset set = {0};
	struct names_file list = {.shown = "fuzz", .take = add_name, .context = &set};
	struct why why;
	int status = names_file_read(&list, file_of(data, size), &why);
	if (status == 0 || status == -EILSEQ)
		ask(&set);
	nameset_free(&set);
}

static void text(const uint8_t *data, size_t size)
{
	struct nameset set = {0};
	enum reject doubt;
	if (lenient_read((const char *)data, size, add_name, &set, &doubt) != 0)
		abort();
	ask(&set);
	nameset_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	names(data, size);
	text(data, size);
	suffix_list(data, size);
	return 0;
}
