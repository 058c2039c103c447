/* SPDX-License-Identifier: BSD-3-Clause */
/* Preloaded (LD_PRELOAD) into a program, makes one of its allocations fail: the FAIL_ALLOC-th call of malloc, calloc,
 * realloc or aligned_alloc, counted from 1. With FAIL_ALLOC=0 none fails, and at the end those that were the first of
 * their path are written to the file named by COUNT_ALLOC, a number a line: a path is what the last DEPTH functions on
 * the stack were. Of many thousand allocations most are made again and again by the same ones. Hands everything on to
 * whose they would be without it: glibc, or LeakSanitizer. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

__attribute__((weak)) void __lsan_disable(void);
__attribute__((weak)) void __lsan_enable(void);

enum { DEPTH = 24, MOST_PATHS = 1 << 16 };

static atomic_ulong calls;
static unsigned long failing;
static const char *count_path;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t paths[MOST_PATHS]; /* hash table of them, 0 = free */
static unsigned long first[MOST_PATHS];
static unsigned path_count;

__attribute__((constructor)) static void begin(void)
{
	const char *text = getenv("FAIL_ALLOC");
	/* Its first call loads a library, and so allocates, and loses some of it: here, lest the numbers of a run that counts
	 * be others, and out of LeakSanitizer's sight. */
	void *frame[1];
	if (__lsan_disable)
		__lsan_disable();
	backtrace(frame, 1);
	if (__lsan_enable)
		__lsan_enable();
	count_path = getenv("COUNT_ALLOC");
	failing = text ? strtoul(text, NULL, 10) : 0;
	atomic_store(&calls, 0);
}

__attribute__((destructor)) static void end(void)
{
	FILE *out = count_path ? fopen(count_path, "we") : NULL;
	for (unsigned i = 0; out && i < path_count; i++)
		fprintf(out, "%lu\n", first[i]);
	if (out)
		fclose(out);
}

/* Notes an allocation whose path is new. Those that find no more room are passed over. */
static void note(unsigned long number)
{
	void *frame[DEPTH];
	uint64_t path = 1;
	int depth = backtrace(frame, DEPTH);
	for (int i = 0; i < depth; i++)
		path = (path ^ (uintptr_t)frame[i]) * UINT64_C(0x9e3779b97f4a7c15);
	pthread_mutex_lock(&lock);
	unsigned at = (unsigned)(path >> 48);
	while (paths[at] != 0 && paths[at] != path)
		at = (at + 1) % MOST_PATHS;
	if (paths[at] == 0 && path_count < MOST_PATHS / 2) {
		paths[at] = path;
		first[path_count++] = number;
	}
	pthread_mutex_unlock(&lock);
}

static int fails(void)
{
	unsigned long number = atomic_fetch_add(&calls, 1) + 1;
	if (count_path)
		note(number);
	if (number != failing)
		return 0;
	errno = ENOMEM;
	return 1;
}

/* The next one of this name in the order of loading, looked up when it is first called for. glibc's dlsym allocates only
 * to report an error. */
static void *next(_Atomic(void *) *known, const char *name)
{
	void *found = atomic_load_explicit(known, memory_order_relaxed);
	if (!found) {
		found = dlsym(RTLD_NEXT, name);
		atomic_store_explicit(known, found, memory_order_relaxed);
	}
	return found;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): the names in libc's headers are reserved */
void *malloc(size_t size)
{
	static _Atomic(void *) known;
	void *(*real)(size_t) = (void *(*)(size_t))next(&known, "malloc");
	return fails() ? NULL : real(size);
}

void *calloc(size_t count, size_t size)
{
	static _Atomic(void *) known;
	void *(*real)(size_t, size_t) = (void *(*)(size_t, size_t))next(&known, "calloc");
	return fails() ? NULL : real(count, size);
}

void *realloc(void *block, size_t size)
{
	static _Atomic(void *) known;
	void *(*real)(void *, size_t) = (void *(*)(void *, size_t))next(&known, "realloc");
	return fails() ? NULL : real(block, size);
}

/* glibc's own would not come by here for its realloc. */
void *reallocarray(void *block, size_t count, size_t size)
{
	size_t octets;
	if (!__builtin_mul_overflow(count, size, &octets))
		return realloc(block, octets);
	errno = ENOMEM;
	return NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	static _Atomic(void *) known;
	void *(*real)(size_t, size_t) = (void *(*)(size_t, size_t))next(&known, "aligned_alloc");
	return fails() ? NULL : real(alignment, size);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
