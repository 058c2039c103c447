#include "marks.h"

#include <errno.h>
#include <stdlib.h>

#include "hash.h"
#include "name.h"

struct marks {
	uint64_t *key;
	size_t count, room;
};

/* Double marks are many (names share parents): they are removed whenever the room is full. */
static int add_mark(struct marks *marks, uint64_t key)
{
	if (marks->count == marks->room) {
		marks->count = sort_keys(marks->key, marks->count);
		if (marks->count >= marks->room / 2) {
			size_t room = marks->room ? marks->room * 2 : 4096;
			uint64_t *grown = realloc(marks->key, room * sizeof *grown);
			if (!grown)
				return -ENOMEM;
			marks->key = grown;
			marks->room = room;
		}
	}
	marks->key[marks->count++] = key;
	return 0;
}

int marks_find(uint64_t **marks, size_t *count, const struct record *rules, size_t rule_count, const uint8_t *texts,
	uint64_t key)
{
	struct marks found = {0};
	int status = 0;
	for (size_t i = 0; status == 0 && i < rule_count; i++) {
		const uint8_t *text = texts + rules[i].text;
		name_storage wire;
		struct name_labels labels;
		size_t length = name_from_plain(text + 1, text[0], wire, &labels);
		for (unsigned first = 1; status == 0 && first + 1 < labels.count; first++) {
			size_t offset = labels.offset[first];
			status = add_mark(&found, name_key(wire + offset, length - offset, key));
		}
	}
	*marks = found.key;
	*count = sort_keys(found.key, found.count);
	return status;
}
