/* SPDX-License-Identifier: BSD-3-Clause */
#include "queries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/name.h"

/* Like realloc, to at least double the room, but never fails: it ends the program. */
static void *grow(void *block, size_t *room, size_t need)
{
	if (*room >= need)
		return block;
	*room = need * 2;
	block = realloc(block, *room);
	if (!block) {
		fputs("out of memory\n", stderr);
		exit(2);
	}
	return block;
}

void queries_read(struct queries *q, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	*q = (struct queries){0};
	while (in && getline(&line, &room, in) > 0) {
		name_storage wire;
		int length = name_from_text(line, strcspn(line, " \t\r\n"), wire);
		if (length <= 0)
			continue;
		q->octets = grow(q->octets, &q->room, q->length + (size_t)length);
		q->lengths = grow(q->lengths, &q->count_room, q->count + 1);
		memcpy(q->octets + q->length, wire, (size_t)length);
		q->length += (size_t)length;
		q->lengths[q->count++] = (uint8_t)length;
	}
	free(line);
	if (in)
		fclose(in);
	if (q->count == 0) {
		fprintf(stderr, "%s: no names\n", path);
		exit(2);
	}
}

void queries_free(struct queries *q)
{
	free(q->octets);
	free(q->lengths);
}
