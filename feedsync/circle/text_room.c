/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/text_room.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_OCTETS = 1 << 16 };

struct text_chunk {
	struct text_chunk *older;
	char octets[CHUNK_OCTETS];
};

void *text_room_add(struct text_room *room, const void *octets, size_t length)
{
	if (length > TEXT_ROOM_MOST)
		return NULL;
	if (!room->newest || room->used + length + 1 > CHUNK_OCTETS) {
		struct text_chunk *chunk = malloc(sizeof *chunk);
		if (!chunk)
			return NULL;
		chunk->older = room->newest;
		room->newest = chunk;
		room->used = 0;
	}
	char *copy = room->newest->octets + room->used;
	memcpy(copy, octets, length);
	copy[length] = '\0';
	room->used += length + 1;
	return copy;
}

void text_room_free(struct text_room *room)
{
	while (room->newest) {
		struct text_chunk *older = room->newest->older;
		free(room->newest);
		room->newest = older;
	}
	room->used = 0;
}
