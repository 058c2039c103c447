/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/sort.h"

enum { SMALL = 48 };

static void insertion_sort(struct record *r, size_t count, record_compare tie, const void *context)
{
	for (size_t i = 1; i < count; i++) {
		struct record moving = r[i];
		size_t j = i;
		for (; j > 0; j--) {
			if (r[j - 1].key < moving.key ||
				(r[j - 1].key == moving.key && tie(context, &r[j - 1], &moving) <= 0))
				break;
			r[j] = r[j - 1];
		}
		r[j] = moving;
	}
}

/* For more equal keys than any octet can separate: duplicates of one name. Heap sort keeps a feed that repeats a name a
 * million times from costing the square of that. */
static void sift_down(struct record *r, size_t root, size_t count, record_compare tie, const void *context)
{
	for (size_t child; (child = 2 * root + 1) < count; root = child) {
		if (child + 1 < count && tie(context, &r[child], &r[child + 1]) < 0)
			child++;
		if (tie(context, &r[root], &r[child]) >= 0)
			return;
		struct record swap = r[root];
		r[root] = r[child];
		r[child] = swap;
	}
}

static void heap_sort(struct record *r, size_t count, record_compare tie, const void *context)
{
	for (size_t i = count / 2; i-- > 0;)
		sift_down(r, i, count, tie, context);
	for (size_t i = count; i-- > 1;) {
		struct record swap = r[0];
		r[0] = r[i];
		r[i] = swap;
		sift_down(r, 0, i, tie, context);
	}
}

static void flag_sort(struct record *r, size_t count, unsigned shift, record_compare tie, const void *context)
{
	if (count <= SMALL) {
		insertion_sort(r, count, tie, context);
		return;
	}
	size_t end[256] = {0}, next[256];
	for (size_t i = 0; i < count; i++)
		end[r[i].key >> shift & 0xff]++;
	for (size_t octet = 0, sum = 0; octet < 256; octet++) {
		next[octet] = sum;
		sum += end[octet];
		end[octet] = sum;
	}
	for (size_t octet = 0; octet < 256; octet++) {
		while (next[octet] < end[octet]) {
			struct record moving = r[next[octet]];
			size_t to = moving.key >> shift & 0xff;
			r[next[octet]] = r[next[to]];
			r[next[to]++] = moving;
		}
	}
	for (size_t octet = 0, start = 0; octet < 256; start = end[octet++]) {
		if (shift > 0)
			flag_sort(r + start, end[octet] - start, shift - 8, tie, context);
		else
			heap_sort(r + start, end[octet] - start, tie, context);
	}
}

void sort_records(struct record *records, size_t count, record_compare tie, const void *context)
{
	flag_sort(records, count, 56, tie, context);
}
