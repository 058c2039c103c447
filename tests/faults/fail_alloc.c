/* Preloaded (LD_PRELOAD) into a program, makes one of its allocations fail: the FAIL_ALLOC-th call of malloc, calloc,
 * realloc or aligned_alloc, counted from 1. With FAIL_ALLOC=0 none fails, and at the end their number is written to the
 * file named by COUNT_ALLOC. Hands everything on to glibc's own names for them. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_ulong calls;
static unsigned long failing;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAIL_ALLOC");
	atomic_store(&calls, 0);
	failing = text ? strtoul(text, NULL, 10) : 0;
}

__attribute__((destructor)) static void end(void)
{
	const char *path = getenv("COUNT_ALLOC");
	unsigned long count = atomic_load(&calls);
	FILE *out = path ? fopen(path, "we") : NULL;
	if (out) {
		fprintf(out, "%lu\n", count);
		fclose(out);
	}
}

static int fails(void)
{
	if (atomic_fetch_add(&calls, 1) + 1 != failing)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails() ? NULL : __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __libc_memalign(alignment, size);
}
