/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/json_memory.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "feedsync/base/maxima.h"

/* In front of each block, which stays aligned for everything: those of the document that is read are a ring. */
struct block {
	struct block *next, *previous;
};

/* feedsync has one thread. */
static struct block ring = {&ring, &ring};
static uint64_t taken; /* octets, while a document is read */
static bool reading;
static int refused_for;
static jmp_buf no_memory;

static void ring_insert(struct block *block)
{
	*block = (struct block){.next = ring.next, .previous = &ring};
	block->next->previous = block;
	ring.next = block;
}

/* What was a document's ring before it was read to its end is one still, but for the head. */
static void ring_remove(struct block *block)
{
	block->previous->next = block->next;
	block->next->previous = block->previous;
	*block = (struct block){block, block};
}

/* A document of many small values takes twenty times its size in memory: the limit keeps a hostile one from taking all
 * that there is. */
static void *json_alloc(size_t size)
{
	bool allowed = !reading || (size <= MAX_JSON_MEMORY && taken + size <= MAX_JSON_MEMORY);
	struct block *block = allowed ? malloc(sizeof *block + size) : NULL;
	if (!block && reading) {
		refused_for = allowed ? -ENOMEM : -EBADMSG;
		longjmp(no_memory, 1);
	}
	if (!block)
		return NULL;
	taken += malloc_usable_size(block);
	*block = (struct block){block, block};
	if (reading)
		ring_insert(block);
	return block + 1;
}

static void json_free(void *memory)
{
	struct block *block = memory;
	if (!block)
		return;
	block--;
	taken -= malloc_usable_size(block);
	ring_remove(block);
	free(block);
}

/* Before any value is made: each is freed by the same as has made it. */
__attribute__((constructor)) static void set_json_memory(void)
{
	json_set_alloc_funcs(json_alloc, json_free);
}

static json_t *read_or_leave(const char *text, size_t length, size_t flags, json_error_t *error)
{
	if (setjmp(no_memory) != 0)
		return NULL;
	return json_loadb(text, length, flags, error);
}

json_t *json_memory_load(const char *text, size_t length, size_t flags, json_error_t *error, int *refused)
{
	taken = 0;
	refused_for = 0;
	reading = true;
	json_t *json = read_or_leave(text, length, flags, error);
	reading = false;
	while (refused_for != 0 && ring.next != &ring)
		json_free(ring.next + 1);
	ring_remove(&ring);
	*refused = refused_for;
	return json;
}
