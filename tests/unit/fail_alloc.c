/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/fail_alloc.h"

#include <errno.h>
#include <sys/mman.h>

#include "tests/unit/unit.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
FILE *__real_open_memstream(char **text, size_t *length);
void *__real_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __real_munmap(void *memory, size_t length);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **text, const char *format, ...) __attribute__((format(printf, 2, 3)));
FILE *__wrap_open_memstream(char **text, size_t *length);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __wrap_munmap(void *memory, size_t length);
void __wrap_free(void *memory);

enum { MOST = 4096 }; /* allocations at a time */

static bool at_work;
static unsigned long calls, failing; /* the number of the call that fails, from 1 */
static void *live[MOST];
static unsigned live_count;

static bool must_fail(void)
{
	if (!at_work || ++calls != failing)
		return false;
	errno = ENOMEM;
	return true;
}

static void *note(void *memory)
{
	if (!at_work || !memory)
		return memory;
	assert_true(live_count < MOST);
	live[live_count++] = memory;
	return memory;
}

static void forget(const void *memory)
{
	for (unsigned i = live_count; at_work && i-- > 0;)
		if (live[i] == memory) {
			live[i] = live[--live_count];
			return;
		}
}

void *__wrap_malloc(size_t size)
{
	return must_fail() ? NULL : note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return must_fail() ? NULL : note(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
	if (must_fail())
		return NULL;
	forget(memory);
	return note(__real_realloc(memory, size));
}

void *__wrap_reallocarray(void *memory, size_t count, size_t size)
{
	if (must_fail())
		return NULL;
	forget(memory);
	return note(__real_reallocarray(memory, count, size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return must_fail() ? NULL : note(__real_aligned_alloc(alignment, size));
}

char *__wrap_strdup(const char *text)
{
	return must_fail() ? NULL : note(__real_strdup(text));
}

int __wrap_asprintf(char **text, const char *format, ...)
{
	va_list arguments;
	if (must_fail()) {
		*text = (char *)text; /* anything: it is undefined now */
		return -1;
	}
	va_start(arguments, format);
	int length = vasprintf(text, format, arguments);
	va_end(arguments);
	note(length < 0 ? NULL : *text);
	return length;
}

FILE *__wrap_open_memstream(char **text, size_t *length)
{
	return must_fail() ? NULL : __real_open_memstream(text, length);
}

void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	if (must_fail())
		return MAP_FAILED;
	void *memory = __real_mmap(address, length, protection, flags, fd, offset);
	return flags & MAP_FIXED || memory == MAP_FAILED ? memory : note(memory);
}

int __wrap_munmap(void *memory, size_t length)
{
	forget(memory);
	return __real_munmap(memory, length);
}

void __wrap_free(void *memory)
{
	forget(memory);
	__real_free(memory);
}

void fail_each_alloc(int (*work)(void *context), void *context)
{
	bool failed = true;
	for (failing = 1; failed; failing++) {
		calls = 0;
		at_work = true;
		int status = work(context);
		at_work = false;
		failed = calls >= failing;
		if (status != (failed ? -ENOMEM : 0) || live_count > 0)
			fail_msg("allocation %lu of %lu: answer %d, %u allocations left", failing, calls, status,
				live_count);
	}
}
