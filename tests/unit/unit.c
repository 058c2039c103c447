/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/mman.h>
#include <unistd.h>

#include "libweir/little_endian.h"
#include "libweir/dump.h"
#include "libweir/hash.h"

static size_t edge_pages(size_t length)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	return (length + page - 1) / page * page;
}

uint8_t *edge_copy(const void *data, size_t length)
{
	size_t pages = edge_pages(length), page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	assert_int_equal(mprotect(memory + pages, page, PROT_NONE), 0);
	uint8_t *copy = memory + pages - length;
	if (length > 0)
		memcpy(copy, data, length);
	return copy;
}

void edge_free(uint8_t *copy, size_t length)
{
	size_t pages = edge_pages(length);
	munmap(copy + length - pages, pages + (size_t)sysconf(_SC_PAGESIZE));
}

size_t wire_of(const char *text, name_storage wire)
{
	int length = name_from_text(text, strlen(text), wire);
	if (length < 0)
		fail_msg("%s: %s", text, error_text(length));
	return (size_t)length;
}

int directory_make(char *path)
{
	static const char pattern[] = "XXXXXX";
	strcpy(path + strlen(path) - strlen(pattern), pattern);
	return mkdtemp(path) ? 0 : -1;
}

static int remove_visited(const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

int directory_remove(const char *path)
{
	enum { OPEN_FILES = 8 };
	return nftw(path, remove_visited, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
}

static unsigned open_files(void)
{
	unsigned count = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	if (!dir)
		abort(); /* as the analyser must see */
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

char test_directory[] = "/tmp/weir-unit-XXXXXX";
static unsigned open_before;

int with_directory(void **state)
{
	(void)state;
	open_before = open_files();
	return directory_make(test_directory);
}

int without_directory(void **state)
{
	(void)state;
	return directory_remove(test_directory);
}

int all_closed(void **state)
{
	return without_directory(state) == 0 && open_files() == open_before ? 0 : -1;
}

const char *in_directory(const char *name)
{
	static char paths[2][400];
	static unsigned next;
	char *path = paths[next++ % 2];
	snprintf(path, sizeof paths[0], "%s/%s", test_directory, name);
	return path;
}

void write_text(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	assert_int_equal(fclose(out), 0);
}

static const struct feed_policy feeds[] = {{"alpha", true}, {"beta", true}, {"gamma", false}};
static const struct category_policy categories[] = {
	{.name = "malware", .action = ACTION_NXDOMAIN, .ede = 15, .ttl_s = 30},
	{.name = "phishing", .action = ACTION_REFUSED, .ede = 16, .ttl_s = 60, .text = "by order"},
	{.name = "trial", .action = ACTION_LOG},
};
const struct policy test_policy = {.feeds = feeds, .feed_count = 3, .categories = categories, .category_count = 3};

static uint8_t *octets_of_policy(const struct policy *policy, const struct rule_spec *rules, size_t count,
	const struct table *base, size_t *length)
{
	struct build *build = build_new(policy, BUILD_PUBLIC_KEY);
	assert_non_null(build);
	build_take_single(build);
	for (size_t i = 0; i < count; i++) {
		name_storage wire;
		size_t wire_length = wire_of(rules[i].name, wire);
		int status = build_add(build, wire, wire_length, rules[i].scope, rules[i].kind, rules[i].source);
		if (status != 0)
			fail_msg("%s: %s", rules[i].name, error_text(status));
	}
	FILE *file = tmpfile();
	assert_non_null(file);
	struct build_result result;
	struct why why;
	const struct build_options options = {.generation = 7, .created = 1700000000, .base = base};
	if (build_write(build, fileno(file), &options, &result, &why) != 0)
		fail_msg("%s", why.text);
	build_free(&build);
	*length = (size_t)lseek(fileno(file), 0, SEEK_END);
	assert_int_equal(*length, result.octets);
	uint8_t *octets = malloc(*length);
	assert_non_null(octets);
	assert_int_equal(pread(fileno(file), octets, *length, 0), *length);
	fclose(file);
	return octets;
}

uint8_t *table_octets_of(const struct rule_spec *rules, size_t count, const struct table *base, size_t *length)
{
	return octets_of_policy(&test_policy, rules, count, base, length);
}

uint8_t *table_octets_of_policy(
	const struct policy *policy, const struct rule_spec *rules, size_t count, size_t *length)
{
	return octets_of_policy(policy, rules, count, NULL, length);
}

uint8_t *table_octets_of_many(unsigned count, size_t *length)
{
	char(*names)[32] = calloc(count, sizeof *names);
	struct rule_spec *rules = calloc(count, sizeof *rules);
	assert_non_null(names);
	assert_non_null(rules);
	for (unsigned i = 0; i < count; i++) {
		snprintf(names[i], sizeof *names, "%08x%08x.example", i * 2654435761u, i * 2246822519u);
		rules[i] = (struct rule_spec){names[i], SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	}
	uint8_t *octets = table_octets_of(rules, count, NULL, length);
	free(rules);
	free(names);
	return octets;
}

int table_open_octets(struct table **table, const uint8_t *octets, size_t length, struct why *why)
{
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	assert_int_equal(fflush(file), 0);
	why->text[0] = '\0';
	int status = table_open_fd(table, fileno(file), why);
	fclose(file);
	return status;
}

struct table *table_of_policy(const struct policy *policy, const struct rule_spec *rules, size_t count)
{
	size_t length;
	uint8_t *octets = octets_of_policy(policy, rules, count, NULL, &length);
	struct table *table;
	struct why why;
	if (table_open_octets(&table, octets, length, &why) != 0 || table_verify(table, &why) != 0)
		fail_msg("%s", why.text);
	free(octets);
	return table;
}

struct table *table_of(const struct rule_spec *rules, size_t count)
{
	return table_of_policy(&test_policy, rules, count);
}

void reseal(uint8_t *octets, size_t length)
{
	if (length < WEIR_HEADER)
		return;
	uint64_t at = WEIR_HEADER, lines = get_u32(octets + 60);
	const uint64_t filter = (uint64_t)get_u32(octets + 56) * WEIR_FILTER_WORDS * 8;
	const uint64_t parts[] = {
		get_u64(octets + 64), get_u64(octets + 72), lines * WEIR_LINE, filter, get_u64(octets + 80)};
	for (unsigned i = 0; i < sizeof parts / sizeof *parts; i++) {
		if (parts[i] > length - at)
			break;
		put_u64(octets + 88 + 8 * i, checksum(octets + at, (size_t)parts[i]));
		at += parts[i];
	}
	put_u64(octets + WEIR_HEADER - 8, checksum(octets, WEIR_HEADER - 8));
}

uint64_t random_next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

unsigned random_below(uint64_t *state, unsigned limit)
{
	return (unsigned)((random_next(state) >> 32) * limit >> 32);
}

void damage_each_octet(const char *name, long step, void (*look)(void))
{
	FILE *file = fopen(in_directory(name), "r+");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	long length = ftell(file);
	for (long at = 0; at < length; at += step) {
		fseek(file, at, SEEK_SET);
		int octet = fgetc(file);
		fseek(file, at, SEEK_SET);
		fputc(octet ^ 0xff, file);
		fflush(file);
		look();
		fseek(file, at, SEEK_SET);
		fputc(octet, file);
		fflush(file);
	}
	fclose(file);
}
