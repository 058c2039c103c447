/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/json_memory.h"

#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "feedsync/base/maxima.h"

/* Stands in front of each block; the block stays aligned for everything. The blocks of the document that is being read
 * form a ring. */
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

/* Takes a block out of its ring. After a document was read to its end its blocks still form a ring, but without the
 * head. */
static void ring_remove(struct block *block)
{
	block->previous->next = block->next;
	block->next->previous = block->previous;
	*block = (struct block){block, block};
}

/* Limits a document's memory: one of many small values takes twenty times its size, and a hostile one must not take all
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

/* This runs before any value is made, so each value is freed by the functions that made it. */
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
