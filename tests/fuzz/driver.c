/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs a target over the files of a corpus directory and over mutations of them, without libFuzzer. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MUTATIONS = 400, MOST = 1 << 16 };

static uint64_t seed = 88172645463325252;

static unsigned below(unsigned limit)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed % limit);
}

static size_t mutate(uint8_t *data, size_t size)
{
	for (unsigned changes = 1 + below(4); changes > 0; changes--) {
		size_t at = size ? below((unsigned)size) : 0;
		switch (below(5)) {
		case 0:
			if (size)
				data[at] = (uint8_t)below(256);
			break;
		case 1:
			if (size)
				data[at] ^= (uint8_t)(1 << below(8));
			break;
		case 2: /* cut out a piece */
			if (size) {
				size_t length = 1 + below((unsigned)(size - at));
				memmove(data + at, data + at + length, size - at - length);
				size -= length;
			}
			break;
		case 3: /* repeat a piece */
			if (size && size < MOST / 2) {
				size_t length = 1 + below((unsigned)(size - at));
				memmove(data + at + length, data + at, size - at);
				size += length;
			}
			break;
		default: /* insert an octet */
			if (size < MOST) {
				memmove(data + at + 1, data + at, size - at);
				data[at] = (uint8_t)below(256);
				size++;
			}
			break;
		}
	}
	return size;
}

/* The input in a block of its own size, so that a sanitizer sees the first octet read too far. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + (size == 0));
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

int main(int argc, char **argv)
{
	static uint8_t original[MOST], data[2 * MOST];
	unsigned files = 0;
	DIR *dir = argc == 2 ? opendir(argv[1]) : NULL;
	if (!dir) {
		fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
		return 2;
	}
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
		FILE *in = fopen(path, "r");
		size_t size = in ? fread(original, 1, sizeof original, in) : 0;
		if (in)
			fclose(in);
		files++;
		run(original, size);
		for (unsigned i = 0; i < MUTATIONS; i++) {
			memcpy(data, original, size);
			run(data, mutate(data, size));
		}
	}
	closedir(dir);
	printf("%u files, %u mutations each\n", files, MUTATIONS);
	return files > 0 ? 0 : 2;
}
