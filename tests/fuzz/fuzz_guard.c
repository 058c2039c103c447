/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists that say what to guard: whatever is in them, a set of names that can be asked. The same octets as a warninglist
 * and as a public suffix list. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "libweir/errors.h"
#include "file.h"
#include "fuzz.h"
#include "feedsync/base/json.h"
#include "feedsync/entries/nameset.h"
#include "feedsync/guard/suffixes.h"
#include "feedsync/guard/warninglist.h"

static int take(void *context, const struct rule *rule)
{
	struct namekey key;
	namekey_of(&key, rule->wire, rule->length);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nameset set = {0};
	struct parse_counts counts = {0};
	struct sink sink = {.take = take, .context = &set, .counts = &counts};
	struct why why;
	bool names;
	struct node *document = json_parse((const char *)data, size, &why);
	if (document && warninglist_parse(document, "fuzz", &sink, &names, &why) == 0)
		ask(&set);
	node_free(document);
	nameset_free(&set);
	suffix_list(data, size);
	return 0;
}
