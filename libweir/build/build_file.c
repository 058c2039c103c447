/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/build_file.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libweir/build/build.h"
#include "libweir/build/build_private.h"
#include "libweir/build/fold.h"
#include "libweir/build/output.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/name.h"
#include "libweir/read_range.h"
#include "libweir/table.h"
#include "libweir/write_range.h"

/* What the file begins with, in the order of octets of this machine. The records follow, then the texts, in the order of
 * the records. */
struct file_header {
	char magic[8];
	uint32_t version; /* another order of octets is another version */
	uint32_t feeds, categories;
	uint32_t record; /* octets of one */
	uint64_t key;
	uint64_t count, text_length;
	uint64_t records_sum, texts_sum;
	uint64_t table; /* body sum of the table that the rules belong to; not known when the file is saved */
};

static const char magic[8] = "WEIRRULE";
enum { FILE_VERSION = 1 };

uint64_t build_file_octets(const struct build *build)
{
	return sizeof(struct file_header) + build->count * sizeof *build->records + build->text_length;
}

/* The records, with the places that their texts have in the file, and behind them the texts. */
static int write_rules(const struct build *b, int fd, struct file_header *header)
{
	struct output *records = output_new(fd, sizeof *header);
	struct output *texts = output_new(fd, sizeof *header + b->count * sizeof *b->records);
	uint64_t length, at = 0;
	for (size_t i = 0; records && texts && i < b->count; i++) {
		record_prefetch(b->records, i, b->count, b->texts);
		const uint8_t *text = b->texts + b->records[i].text;
		struct record record = b->records[i];
		record.text = (uint32_t)at;
		at += text[0] + 1u;
		output_write(records, &record, sizeof record);
		output_write(texts, text, text[0] + 1u);
	}
	int status = output_end(records, &length, &header->records_sum);
	int ended = output_end(texts, &header->text_length, &header->texts_sum);
	return status != 0 ? status : ended;
}

int build_save(struct build *build, int fd, struct why *why)
{
	struct file_header header = {.version = FILE_VERSION,
		.record = sizeof(struct record),
		.feeds = build->policy.feed_count,
		.categories = build->policy.category_count,
		.key = build->key};
	uint64_t sum;
	memcpy(header.magic, magic, sizeof magic);
	int status = build_settle(build);
	header.count = build->count;
	if (status == 0)
		status = write_rules(build, fd, &header);
	if (status == 0)
		status = output_part(fd, 0, &header, sizeof header, &sum);
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}

int build_file_set_table(int fd, uint64_t body_sum)
{
	return write_range(fd, offsetof(struct file_header, table), &body_sum, sizeof body_sum);
}

/* ---- reading ---- */

static int read_file_header(struct file_header *h, int fd, const struct table *table, struct why *why)
{
	const struct policy *policy = table_policy(table);
	struct stat st;
	if (fstat(fd, &st) != 0)
		return why_set(why, -errno, "cannot read: %s", error_text(-errno));
	int status = read_range(fd, 0, h, sizeof *h, why);
	if (status != 0)
		return status;
	if (memcmp(h->magic, magic, sizeof magic) != 0 || h->version != FILE_VERSION ||
		h->record != sizeof(struct record))
		return why_set(why, WEIR_EFORMAT, "no file of rules that this feedsync reads");
	if (h->table != table_body_sum(table) || h->key != table_header(table)->key || h->feeds != policy->feed_count ||
		h->categories != policy->category_count)
		return why_set(why, WEIR_EFORMAT, "the rules of another table");
	if (h->count > UINT32_MAX || h->text_length > UINT32_MAX ||
		(uint64_t)st.st_size != sizeof *h + h->count * sizeof(struct record) + h->text_length)
		return why_set(why, WEIR_EFORMAT, "of another length than its head says");
	return 0;
}

/* Whether a record's name and meta can be used, and the record comes behind the one before. */
static bool is_record_valid(const struct build *b, size_t i, uint32_t sources)
{
	const struct record *r = &b->records[i];
	if (r->text >= b->text_length || b->texts[r->text] >= b->text_length - r->text)
		return false;
	const uint8_t *text = b->texts + r->text;
	if (META_SOURCE(r->meta) >= sources || META_SCOPE(r->meta) > SCOPE_BELOW || META_KIND(r->meta) == RULE_CANCEL ||
		!name_plain_valid(text + 1, text[0]))
		return false;
	return i == 0 || build_is_before(b, &r[-1], r);
}

static int read_rules(struct build *b, int fd, const struct file_header *h, struct why *why)
{
	enum { MORE = 4096, MORE_TEXT = MORE * 64 }; /* so that what is added does not move it all */
	b->room = h->count + MORE;
	b->text_room = h->text_length + MORE_TEXT;
	b->records = malloc(b->room * sizeof *b->records);
	b->texts = malloc(b->text_room);
	if (!b->records || !b->texts)
		return why_set(why, -ENOMEM, "out of memory");
	size_t records = h->count * sizeof *b->records;
	int status = read_range(fd, sizeof *h, b->records, records, why);
	if (status == 0)
		status = read_range(fd, sizeof *h + records, b->texts, h->text_length, why);
	if (status != 0)
		return status;
	if (XXH3_64bits(b->records, records) != h->records_sum || XXH3_64bits(b->texts, h->text_length) != h->texts_sum)
		return why_set(why, WEIR_EFORMAT, "damaged");
	b->count = b->settled = b->added = h->count;
	b->text_length = h->text_length;
	for (size_t i = 0; i < b->count; i++) {
		if (!is_record_valid(b, i, h->feeds * h->categories))
			return why_set(why, WEIR_EFORMAT, "rule %zu is none", i);
		const uint8_t *text = b->texts + b->records[i].text;
		b->has_single |= !memchr(text + 1, '.', text[0]);
	}
	return 0;
}

int build_load(struct build **build, int fd, const struct table *table, struct why *why)
{
	struct file_header header = {0};
	*build = NULL;
	int status = read_file_header(&header, fd, table, why);
	if (status != 0)
		return status;
	*build = build_new(table_policy(table), header.key);
	status = *build ? read_rules(*build, fd, &header, why) : why_set(why, -ENOMEM, "out of memory");
	if (status != 0)
		build_free(build);
	return status;
}
