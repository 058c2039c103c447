/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables written by a liar: the input is a list of changes (two octets of offset, one of value) to a good table, whose
 * checksums are made right again. It is refused, or used in every way there is without harm. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libweir/build/build.h"
#include "libweir/little_endian.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "libweir/hash.h"
#include "libweir/table.h"

static const char *const names[] = {"evil.example", "www.evil.example", "a.b.c.d.example", "x.test", "bank.x.test"};

static uint8_t *good;
static size_t good_length;

static void make_good(void)
{
	static const struct feed_policy feeds[] = {{"one", true}, {"two", false}};
	static const struct category_policy categories[] = {
		{.name = "bad", .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30, .text = "text"},
		{.name = "log", .action = ACTION_LOG}};
	const struct policy policy = {.feeds = feeds, .feed_count = 2, .categories = categories, .category_count = 2};
	struct build *build = build_new(&policy, 1);
	for (unsigned i = 0; i < 5; i++) {
		name_storage wire;
		int length = name_from_text(names[i], strlen(names[i]), wire);
		struct source source = {(uint16_t)(i % 2), (uint16_t)(i / 2 % 2)};
		if (build_add(build, wire, (size_t)length, i % 2, i == 1 ? RULE_ALLOW : RULE_BLOCK, source) != 0)
			abort();
	}
	FILE *file = tmpfile();
	struct build_result result;
	struct why why;
	if (!file || build_write(build, fileno(file), &(struct build_options){0}, &result, &why) != 0)
		abort();
	build_free(&build);
	good_length = (size_t)result.octets;
	good = malloc(good_length);
	if (!good || pread(fileno(file), good, good_length, 0) != (ssize_t)good_length)
		abort();
	fclose(file);
}

static void reseal(uint8_t *octets)
{
	uint64_t at = WEIR_HEADER, lines = get_u32(octets + 60);
	const uint64_t filter = (uint64_t)get_u32(octets + 56) * WEIR_FILTER_WORDS * 8;
	const uint64_t parts[] = {
		get_u64(octets + 64), get_u64(octets + 72), lines * WEIR_LINE, filter, get_u64(octets + 80)};
	for (unsigned i = 0; i < 5 && parts[i] <= good_length - at; i++) {
		put_u64(octets + 88 + 8 * i, checksum(octets + at, (size_t)parts[i]));
		at += parts[i];
	}
	put_u64(octets + WEIR_HEADER - 8, checksum(octets, WEIR_HEADER - 8));
}

static void use(const struct table *table)
{
	static FILE *nowhere;
	if (!nowhere)
		nowhere = fopen("/dev/null", "w");
	struct why why;
	int verified = table_verify(table, &why), dumped = table_dump(table, nowhere, &why);
	if (verified == 0 && dumped != 0)
		abort();
	for (unsigned i = 0; i < 5; i++) {
		name_storage wire;
		struct match match;
		int length = name_from_text(names[i], strlen(names[i]), wire);
		if (table_lookup(table, wire, (size_t)length, &match) &&
			match.verdict >= table_policy(table)->verdict_count)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *file;
	if (!good) {
		make_good();
		file = tmpfile();
	}
	uint8_t *octets = malloc(good_length);
	memcpy(octets, good, good_length);
	for (size_t i = 0; i + 3 <= size && i < 300; i += 3)
		octets[get_u16(data + i) % good_length] = data[i + 2];
	reseal(octets);
	struct table *table;
	struct why why;
	if (ftruncate(fileno(file), 0) != 0 || pwrite(fileno(file), octets, good_length, 0) != (ssize_t)good_length)
		abort();
	if (table_open_fd(&table, fileno(file), &why) == 0) {
		use(table);
		table_close(&table);
	}
	free(octets);
	return 0;
}
