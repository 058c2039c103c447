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
	uint32_t place; /* in the order in which they were added */
	bool newest;    /* once settled: of the thing that was added in this place */
};

struct latest {
	struct version *list;
	size_t count, room;
	size_t next; /* to be asked for */
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

int latest_add(struct latest *v, const char *id, uint64_t time)
{
	if (v->count == MAX_OBJECTS)
		return -EFBIG;
	if (v->count == v->room) {
		size_t room = v->room > 0 ? v->room * 2 : 256;
		struct version *larger = reallocarray(v->list, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		v->list = larger;
		v->room = room;
	}
	struct version *version = &v->list[v->count];
	*version = (struct version){.time = time, .place = (uint32_t)v->count++};
	memcpy(version->id, id, strnlen(id, LATEST_MAX_ID));
	return 0;
}

static int by_id_and_time(const void *a, const void *b)
{
	const struct version *x = a, *y = b;
	int order = strcmp(x->id, y->id);
	if (order == 0)
		order = (x->time > y->time) - (x->time < y->time);
	return order != 0 ? order : (x->place > y->place) - (x->place < y->place);
}

void latest_settle(struct latest *v)
{
	if (v->count > 1)
		qsort(v->list, v->count, sizeof *v->list, by_id_and_time);
	/* The answers lie in the order of the questions, in the same memory: each is about another thing's place. */
	for (size_t i = 0; i < v->count; i++) {
		const struct version *this = &v->list[i], *after = this + 1;
		bool last = i + 1 == v->count || strcmp(this->id, after->id) != 0;
		v->list[this->place].newest = last || this->id[0] == '\0';
	}
	v->next = 0;
}

bool latest_next(struct latest *v)
{
	return v->next < v->count && v->list[v->next++].newest;
}
