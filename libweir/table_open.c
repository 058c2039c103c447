/* SPDX-License-Identifier: BSD-3-Clause */
/* Opening a table: see table.h for the promises. What is checked here needs no check in a lookup. */
#include "libweir/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/little_endian.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/read_range.h"
#include "libweir/table_struct.h"

/* Reads and checks the header and the file's size against each other. */
static int open_header(struct table *t, int fd, struct why *why)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return why_set(why, -errno, "cannot stat: %s", error_text(-errno));
	if (!S_ISREG(st.st_mode))
		return why_set(why, WEIR_EFORMAT, "not a regular file");
	if (st.st_size < WEIR_HEADER)
		return why_set(why, WEIR_EFORMAT, "file of %lld octets is not a table", (long long)st.st_size);
	uint8_t raw[WEIR_HEADER];
	int status = read_range(fd, 0, raw, sizeof raw, why);
	if (status == 0)
		status = header_decode(&t->header, raw, why);
	if (status != 0)
		return status;
	const struct weir_header *h = &t->header;
	t->file_length = header_file_length(h);
	if (t->file_length == 0 || (WEIR_HEADER + h->policy_length + h->symbols_length) % WEIR_LINE != 0)
		return why_set(why, WEIR_EFORMAT, "header: impossible lengths");
	if (t->file_length != (uint64_t)st.st_size)
		return why_set(why, WEIR_EFORMAT, "header: file should have %llu octets, has %lld",
			(unsigned long long)t->file_length, (long long)st.st_size);
	if (h->homes < 1 || h->lines < h->homes || h->lines - h->homes > WEIR_MAX_REACH)
		return why_set(why, WEIR_EFORMAT, "header: %u lines for %u homes", h->lines, h->homes);
	return 0;
}

/* Reads the body into memory of its own. Between index and filter there is one more line than in the file, of zeros: it will
 * hold where the last line's names end. Huge pages are asked for, so that a random line does not cost a page walk. */
static int open_body(struct table *t, int fd, struct why *why)
{
	size_t behind = (size_t)(header_filter_length(&t->header) + t->header.names_length);
	size_t index_end = (size_t)t->file_length - behind;
	t->mapped = (size_t)t->file_length + WEIR_LINE;
	t->memory = mmap(NULL, t->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (t->memory == MAP_FAILED) {
		t->memory = NULL;
		return why_set(why, -ENOMEM, "no memory for %zu octets", t->mapped);
	}
	madvise(t->memory, t->mapped, MADV_HUGEPAGE);
	int status = read_range(fd, 0, t->memory, index_end, why);
	if (status == 0)
		status = read_range(fd, index_end, t->memory + index_end + WEIR_LINE, behind, why);
	return status;
}

static int check_part(const uint8_t *data, uint64_t length, uint64_t sum, const char *part, struct why *why)
{
	return checksum(data, length) == sum ? 0 : why_set(why, WEIR_EFORMAT, "%s: checksum mismatch", part);
}

/* Checks one line, turns it into its form in memory, and counts. `names` is where its names begin. */
static int prepare_line(struct weir_line *line, uint32_t names, uint64_t *rules, uint64_t *marks)
{
	uint8_t raw[WEIR_LINE];
	memcpy(raw, line, sizeof raw);
	unsigned used = 0;
	for (unsigned i = 0; i < WEIR_LINE_TAGS; i++) {
		uint16_t tag = get_u16(raw + 6 + 2 * i);
		line->tag[i] = tag;
		if (tag == 0)
			continue;
		if (used != i || (tag & WEIR_TAG_CHECK) == 0 || (tag & (WEIR_TAG_RULE | WEIR_TAG_MORE)) == 0)
			return -1;
		used++;
		*(tag & WEIR_TAG_RULE ? rules : marks) += 1;
	}
	line->reach = get_u16(raw + 4);
	line->names = names;
	return 0;
}

static int prepare_index(struct table *t, struct weir_line *lines, struct why *why)
{
	const struct weir_header *h = &t->header;
	uint64_t rules = 0, marks = 0, names = 0;
	for (uint32_t i = 0; i < h->lines; i++) {
		uint32_t length = get_u32((const uint8_t *)&lines[i]);
		if (length > h->names_length - names)
			return why_set(why, WEIR_EFORMAT, "index line %u: names exceed the file", i);
		if (prepare_line(&lines[i], (uint32_t)names, &rules, &marks) != 0)
			return why_set(why, WEIR_EFORMAT, "index line %u: malformed tag", i);
		if (lines[i].reach > WEIR_MAX_REACH || lines[i].reach >= h->lines - i)
			return why_set(why, WEIR_EFORMAT, "index line %u: reach of %u", i, lines[i].reach);
		names += length;
	}
	lines[h->lines].names = (uint32_t)names;
	if (names != h->names_length)
		return why_set(why, WEIR_EFORMAT, "index: %llu octets of names, the file has %llu",
			(unsigned long long)names, (unsigned long long)h->names_length);
	if (rules != h->rules || marks != h->marks)
		return why_set(why, WEIR_EFORMAT, "index: %llu rules and %llu marks, the header says %llu and %llu",
			(unsigned long long)rules, (unsigned long long)marks, (unsigned long long)h->rules,
			(unsigned long long)h->marks);
	return 0;
}

static int open_parts(struct table *t, struct why *why)
{
	const struct weir_header *h = &t->header;
	uint8_t *policy = t->memory + WEIR_HEADER, *symbols = policy + h->policy_length;
	uint8_t *index = symbols + h->symbols_length, *filter = index + ((size_t)h->lines + 1) * WEIR_LINE;
	uint8_t *names = filter + header_filter_length(h);
	int status = check_part(policy, h->policy_length, h->policy_sum, "policy", why);
	if (status == 0)
		status = check_part(symbols, h->symbols_length, h->symbols_sum, "symbols", why);
	if (status == 0)
		status = check_part(index, (uint64_t)h->lines * WEIR_LINE, h->index_sum, "index", why);
	if (status == 0)
		status = check_part(filter, header_filter_length(h), h->filter_sum, "filter", why);
	if (status == 0)
		status = check_part(names, h->names_length, h->names_sum, "names", why);
	if (status == 0)
		status = policy_decode(&t->policy, policy, (size_t)h->policy_length, why);
	if (status == 0 && policy_version(&t->policy) > h->version)
		status = why_set(why, WEIR_EFORMAT, "policy: more than version %u has", h->version);
	if (status == 0)
		status = symbols_read(&t->symbols, symbols, (size_t)h->symbols_length, why);
	if (status == 0)
		status = prepare_index(t, (struct weir_line *)index, why);
	for (size_t i = 0; i < header_filter_length(h); i += sizeof(uint64_t))
		*(uint64_t *)(filter + i) = get_u64(filter + i);
	t->lines = (const struct weir_line *)index;
	t->filter = (const uint64_t *)filter;
	t->names = names;
	t->key = h->key;
	t->homes = h->homes;
	t->skipped = header_least_labels(h) - 1;
	return status;
}

int table_open_fd(struct table **table, int fd, struct why *why)
{
	struct table *t = calloc(1, sizeof *t);
	*table = NULL;
	if (!t)
		return why_set(why, -ENOMEM, "out of memory");
	int status = open_header(t, fd, why);
	if (status == 0)
		status = open_body(t, fd, why);
	if (status == 0)
		status = open_parts(t, why);
	if (status != 0) {
		table_close(&t);
		return status;
	}
	mprotect(t->memory, t->mapped, PROT_READ);
	*table = t;
	return 0;
}

int table_open(struct table **table, const char *path, struct why *why)
{
	/* O_NONBLOCK: opening a FIFO must not wait for a writer; it is refused as no regular file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	*table = NULL;
	if (fd < 0)
		return why_set(why, -errno, "cannot open: %s", error_text(-errno));
	int status = table_open_fd(table, fd, why);
	close(fd);
	return status;
}

void table_close(struct table **table)
{
	struct table *t = *table;
	*table = NULL;
	if (!t)
		return;
	if (t->memory)
		munmap(t->memory, t->mapped);
	policy_free(&t->policy);
	free(t);
}
