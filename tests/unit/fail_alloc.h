/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes allocations of a unit test's program fail, each once. Link with the library of the same name: it puts itself
 * between the program and malloc, calloc, realloc, reallocarray, aligned_alloc, strdup, asprintf, open_memstream, mmap, free and munmap. */
#pragma once

/* Runs `work` again and again: with the first allocation failing, with the second one, and so on, until none failed any
 * more. `work` frees all that it makes, and returns 0 or -ENOMEM. Fails the test when something stays allocated, and when
 * the answer is not -ENOMEM although an allocation failed, or not 0 although none did. */
void fail_each_alloc(int (*work)(void *context), void *context);
