/* SPDX-License-Identifier: BSD-3-Clause */
/* Linked into each program of tests by tests/mutate.py: runs the tests that the environment names, within its limits, with a
 * mistake in place of a function or without. Without names it tells those of all tests. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>
#include <cmocka.h>

extern void *const variants[][2] __attribute__((weak)); /* of a function, and of a copy with a mistake */

static __attribute__((constructor)) void jump_to_variant(void)
{
	const char *number = getenv("VARIANT");
	if (!number)
		return;
	unsigned char code[] = {0x49, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0xff, 0xe3}; /* movabs $0, %r11; jmp *%r11 */
	void *const *variant = variants[strtoul(number, NULL, 10)];
	const uintptr_t page = 4096, start = (uintptr_t)variant[0] & ~(page - 1);
	memcpy(code + 2, &variant[1], 8);
	if (mprotect((void *)start, 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
		abort();
	memcpy(variant[0], code, sizeof code);
}

/* A process that a test has forked ends by this. What it has executed counts as well. */
extern void __gcov_dump(void) __attribute__((weak));

void _exit(int status)
{
	if (__gcov_dump)
		__gcov_dump();
	syscall(SYS_exit_group, status);
	abort();
}

static void limit(int resource, const char *name)
{
	const char *most = getenv(name);
	if (most)
		setrlimit(resource, &(struct rlimit){strtoull(most, NULL, 10), strtoull(most, NULL, 10)});
}

/* In the place of cmocka's: runs the tests that are named, in this order, until one fails; or tells their names. */
int _cmocka_run_group_tests(const char *group_name, const struct CMUnitTest *tests, size_t num_tests,
	CMFixtureFunction group_setup, CMFixtureFunction group_teardown)
{
	int (*run)(const char *, const struct CMUnitTest *, size_t, CMFixtureFunction, CMFixtureFunction) =
		dlsym(RTLD_NEXT, "_cmocka_run_group_tests");
	const char *cases = getenv("CASES");
	for (size_t i = 0; !cases && i < num_tests; i++)
		puts(tests[i].name);
	if (!cases)
		return 0;
	limit(RLIMIT_CPU, "SECONDS"); /* of all, and of each process that they start */
	limit(RLIMIT_FSIZE, "DISK");
	limit(RLIMIT_AS, "MEMORY");
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	/* strtok_r: a test may call strtok. */
	char *list = strdup(cases), *rest;
	for (char *name = strtok_r(list, " ", &rest), *most = strtok_r(NULL, " ", &rest); name && most;
		name = strtok_r(NULL, " ", &rest), most = strtok_r(NULL, " ", &rest)) {
		long long us = strtoll(most, NULL, 10);
		setitimer(ITIMER_PROF, &(struct itimerval){.it_value = {us / 1000000, us % 1000000}}, NULL);
		for (size_t i = 0; i < num_tests; i++)
			if (strcmp(tests[i].name, name) == 0 &&
				run(group_name, tests + i, 1, group_setup, group_teardown) != 0)
				_exit(1);
	}
	free(list);
	return 0;
}
