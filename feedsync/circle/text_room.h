/* SPDX-License-Identifier: BSD-3-Clause */
/* Room for many small texts and names that live and go together; what was added never moves. */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

struct text_chunk;

/* A zeroed one is empty. */
struct text_room {
	struct text_chunk *newest;
	size_t used; /* of the newest chunk */
};

/* A copy of octets, with a NUL behind it; NULL when out of memory. Of at most TEXT_ROOM_MOST octets. */
enum { TEXT_ROOM_MOST = 8192 };
must_check void *text_room_add(struct text_room *room, const void *octets, size_t length);

void text_room_free(struct text_room *room);
