/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/latest.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"

struct version {
	char id[LATEST_MAX_ID + 1];
	uint64_t time;
	uint32_t content;
	uint32_t position : 31; /* in the order in which the things were added */
	uint32_t newest : 1;    /* in the second round: whether the thing that was added at this position is */
};

_Static_assert(sizeof(struct version) == 64 && MAX_OBJECTS < 1 << 30, "as the head of latest.h says");

struct latest {
	struct version *list;
	size_t count, room;
	size_t next; /* position, in the second round */
};

struct latest *latest_new(void)
{
	return calloc(1, sizeof(struct latest));
}

void latest_free(struct latest **latest)
{
	if (*latest)
		free((*latest)->list);
	free(*latest);
	*latest = NULL;
}

int latest_add(struct latest *latest, const char *id, uint64_t time, uint32_t content)
{
	if (latest->count == MAX_OBJECTS)
		return -EFBIG;
	if (latest->count == latest->room) {
		size_t room = latest->room > 0 ? latest->room * 2 : 256;
		struct version *larger = reallocarray(latest->list, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		latest->list = larger;
		latest->room = room;
	}
	struct version *version = &latest->list[latest->count];
	*version =
		(struct version){.time = time, .content = content, .position = (uint32_t)latest->count++ & INT32_MAX};
	memcpy(version->id, id, strnlen(id, LATEST_MAX_ID));
	return 0;
}

static int by_id_and_time(const void *a, const void *b)
{
	const struct version *x = a, *y = b;
	int order = strcmp(x->id, y->id);
	if (order == 0)
		order = (x->time > y->time) - (x->time < y->time);
	if (order == 0)
		order = (x->content > y->content) - (x->content < y->content);
	return order != 0 ? order : (x->position > y->position) - (x->position < y->position);
}

void latest_settle(struct latest *latest)
{
	if (latest->count > 1)
		qsort(latest->list, latest->count, sizeof *latest->list, by_id_and_time);
	/* Each answer goes to the position of the thing that it is about, in the same memory. */
	uint64_t newest = 0; /* the time of the newest version of the id at hand: they are gone through from behind */
	for (size_t i = latest->count; i-- > 0;) {
		const struct version *this = &latest->list[i], *after = this + 1;
		bool last = i + 1 == latest->count || strcmp(this->id, after->id) != 0;
		newest = last ? this->time : newest;
		bool other = last || this->content != after->content;
		latest->list[this->position].newest = this->id[0] == '\0' || (this->time == newest && other);
	}
	latest->next = 0;
}

bool latest_next(struct latest *latest)
{
	return latest->next < latest->count && latest->list[latest->next++].newest;
}
