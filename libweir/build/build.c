/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/build.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/build/base_codes.h"
#include "libweir/build/build_private.h"
#include "libweir/build/fold.h"
#include "libweir/build/index.h"
#include "libweir/build/output.h"
#include "libweir/build/rehash.h"
#include "libweir/little_endian.h"
#include "libweir/errors.h"
#include "libweir/format.h"
#include "libweir/hash.h"
#include "libweir/symbols.h"
#include "libweir/table.h"

/* How many names the symbols are found from: those with the smallest keys. */
#define SAMPLE 16384

struct build *build_new(const struct policy *policy, uint64_t key)
{
	struct build *build = calloc(1, sizeof *build);
	if (build) {
		build->policy = *policy;
		build->key = key;
	}
	return build;
}

void build_free(struct build **build)
{
	if (*build) {
		free((*build)->records);
		free((*build)->texts);
		free(*build);
	}
	*build = NULL;
}

/* Makes room for `need` more items of `size`, at most NAME_MAX_WIRE at a time, which doubling always gives. Blocks this large
 * grow by remapping: untouched room costs no memory. */
static int grow(void **block, size_t *room, size_t count, size_t need, size_t size)
{
	if (*room - count >= need)
		return 0;
	size_t more = *room ? *room * 2 : 1024;
	void *grown = realloc(*block, more * size);
	if (!grown)
		return -ENOMEM;
	*block = grown;
	*room = more;
	return 0;
}

/* Writes a canonical wire name as text behind its length octet. Returns 0, or WEIR_ENAME_OCTET. */
static int store_text(uint8_t *to, const uint8_t *wire, const struct name_labels *labels)
{
	uint8_t *at = to + 1;
	for (unsigned i = 0; i < labels->count; i++) {
		const uint8_t *label = wire + labels->offset[i];
		if (i > 0)
			*at++ = '.';
		for (unsigned j = 1; j <= label[0]; j++) {
			if (!name_plain_octet(label[j]))
				return WEIR_ENAME_OCTET;
			*at++ = label[j];
		}
	}
	to[0] = (uint8_t)(at - to - 1);
	return 0;
}

int build_add(struct build *build, const uint8_t *wire, size_t length, enum scope scope, enum rule_kind kind,
	struct source source)
{
	struct name_labels labels;
	int status = name_split(wire, length, &labels);
	if (status != 0)
		return status;
	if (labels.count < (build->single ? 1 : 2))
		return WEIR_ENAME_SINGLE;
	if (build->text_length > UINT32_MAX - NAME_MAX_WIRE || build->count >= UINT32_MAX)
		return WEIR_ELIMIT;
	if (grow((void **)&build->records, &build->room, build->count, 1, sizeof *build->records) != 0 ||
		grow((void **)&build->texts, &build->text_room, build->text_length, NAME_MAX_WIRE, 1) != 0)
		return -ENOMEM;
	status = store_text(build->texts + build->text_length, wire, &labels);
	if (status != 0)
		return status;
	uint32_t number = source.feed * build->policy.category_count + source.category;
	build->records[build->count++] = (struct record){
		name_key(wire, length, build->key), (uint32_t)build->text_length, META(number, kind, scope)};
	build->text_length += build->texts[build->text_length] + 1u;
	build->added++;
	build->cancels |= kind == RULE_CANCEL;
	build->has_single |= labels.count == 1;
	return 0;
}

void build_take_single(struct build *build)
{
	build->single = true;
}

size_t build_count(const struct build *build)
{
	return build->count;
}

void build_cut(struct build *build, size_t count)
{
	if (count >= build->count)
		return;
	build->text_length = build->records[count].text;
	build->added -= build->count - count;
	build->count = count;
}

/* ---- writing ---- */

/* Writes a rule's entry of `names` (format.h). */
static void write_entry(struct output *o, const struct record *rule, const uint8_t *text,
	const struct symbol_encoder *encoder, struct base_codes *codes)
{
	uint8_t own[NAME_MAX_WIRE * 2], head[16];
	size_t length, at = 1;
	uint32_t class = rule->meta;
	const uint8_t *code = base_codes_find(codes, rule->key, text, &length);
	if (!code) {
		length = symbols_encode(encoder, text + 1, text[0], own);
		code = own;
	}
	head[0] = (uint8_t)(length < WEIR_ENTRY_LONG ? length : WEIR_ENTRY_LONG);
	if (length >= WEIR_ENTRY_LONG) {
		put_u16(head + at, (uint16_t)length);
		at += 2;
	}
	if (class < WEIR_ENTRY_CLASSES) {
		head[0] |= (uint8_t)(class << 6);
	} else {
		head[0] |= WEIR_ENTRY_CLASSES << 6;
		uint32_t extra = class - WEIR_ENTRY_CLASSES;
		for (; extra >= 0x80; extra >>= 7)
			head[at++] = (uint8_t)(extra | 0x80);
		head[at++] = (uint8_t)extra;
	}
	output_write(o, head, at);
	output_write(o, code, length);
}

/* Writes the names in the order of the index and fills in the lengths in its lines. `base` has the table's key and symbols, or
 * is NULL. */
static int write_names(struct fold *fold, struct index *index, const struct symbols *symbols, const struct table *base,
	int fd, uint64_t at, struct weir_header *header)
{
	struct symbol_encoder *encoder = symbol_encoder_new(symbols);
	struct output *o = output_new(fd, at);
	if (!encoder || !o) {
		symbol_encoder_free(encoder);
		int failed = output_end(o, &header->names_length, &header->names_sum);
		return failed ? failed : -ENOMEM;
	}
	struct base_codes codes;
	base_codes_begin(&codes, base);
	const struct record *record = fold->records;
	for (uint32_t line = 0; line < index->count; line++) {
		uint64_t start = output_length(o);
		for (unsigned i = 0; i < WEIR_LINE_TAGS && index->lines[line].tag[i] != 0; i++) {
			if ((index->lines[line].tag[i] & WEIR_TAG_RULE) == 0)
				continue;
			record_prefetch(fold->records, (size_t)(record - fold->records), fold->rules, fold->texts);
			write_entry(o, record, fold->texts + record->text, encoder, &codes);
			record++;
		}
		put_u32((uint8_t *)&index->lines[line].names, (uint32_t)(output_length(o) - start));
		put_u16((uint8_t *)&index->lines[line].reach, index->lines[line].reach);
		for (unsigned i = 0; i < WEIR_LINE_TAGS; i++)
			put_u16((uint8_t *)&index->lines[line].tag[i], index->lines[line].tag[i]);
	}
	symbol_encoder_free(encoder);
	int status = output_end(o, &header->names_length, &header->names_sum);
	return status == 0 && header_file_length(header) == 0 ? WEIR_ELIMIT : status;
}

/* Adds to `size` the octets that the sample's names take with these symbols. Returns 0 or -ENOMEM. */
static int encoded_size(const struct symbols *symbols, const uint8_t *const *sample, size_t count, size_t *size)
{
	struct symbol_encoder *encoder = symbol_encoder_new(symbols);
	uint8_t out[NAME_MAX_WIRE * 2];
	if (!encoder)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		*size += symbols_encode(encoder, sample[i] + 1, sample[i][0], out);
	symbol_encoder_free(encoder);
	return 0;
}

/* With the base's symbols, names that stay are stored as before, and the two tables differ in little. But symbols that
 * were made for other names, or for few, would make this table larger, and every table that is based on it. A tenth
 * more is too much. */
static int find_symbols(struct symbols *symbols, const struct fold *fold, const struct table *base)
{
	size_t count = fold->rules < SAMPLE ? fold->rules : SAMPLE;
	const uint8_t **sample = malloc((count + 1) * sizeof *sample);
	if (!sample)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sample[i] = fold->texts + fold->records[i].text;
	size_t own = 0, inherited = 0;
	int status = symbols_train(symbols, sample, count);
	if (status == 0 && base)
		status = encoded_size(symbols, sample, count, &own);
	if (status == 0 && base)
		status = encoded_size(table_symbols(base), sample, count, &inherited);
	if (status == 0 && base && own * 10 >= inherited * 9)
		*symbols = *table_symbols(base);
	free(sample);
	return status;
}

static uint64_t body_sum(const struct weir_header *h)
{
	uint8_t fields[72];
	put_u64(fields, h->policy_sum);
	put_u64(fields + 8, h->symbols_sum);
	put_u64(fields + 16, h->index_sum);
	put_u64(fields + 24, h->names_sum);
	put_u64(fields + 32, h->key);
	put_u64(fields + 40, h->policy_length);
	put_u64(fields + 48, h->names_length);
	put_u64(fields + 56, h->homes);
	put_u64(fields + 64, h->filter_sum);
	return checksum(fields, sizeof fields);
}

uint64_t table_body_sum(const struct table *table)
{
	return body_sum(table_header(table));
}

/* Writes all parts; the header last. */
static int write_parts(struct fold *fold, struct index *index, const struct symbols *symbols, const struct table *base,
	int fd, struct weir_header *header)
{
	const bool is_like_base =
		base && table_header(base)->key == fold->key && symbols_same(table_symbols(base), symbols);
	size_t policy_length;
	uint8_t *policy = policy_encode(&fold->policy, &policy_length);
	if (!policy)
		return -ENOMEM;
	uint8_t section[SYMBOLS_MAX_SECTION + WEIR_LINE] = {0};
	size_t symbols_length = symbols_write(symbols, section);
	while ((WEIR_HEADER + policy_length + symbols_length) % WEIR_LINE != 0)
		symbols_length++;
	header->policy_length = policy_length;
	header->symbols_length = symbols_length;
	uint64_t index_at = WEIR_HEADER + policy_length + symbols_length;
	uint64_t filter_at = index_at + (uint64_t)index->count * WEIR_LINE;
	uint64_t names_at = filter_at + header_filter_length(header);

	int status = write_names(fold, index, symbols, is_like_base ? base : NULL, fd, names_at, header);
	if (status == 0)
		status = output_part(fd, index_at, index->lines, (size_t)index->count * WEIR_LINE, &header->index_sum);
	for (size_t i = 0; i < header_filter_length(header) / sizeof *index->filter; i++)
		put_u64((uint8_t *)&index->filter[i], index->filter[i]);
	if (status == 0)
		status = output_part(
			fd, filter_at, index->filter, (size_t)header_filter_length(header), &header->filter_sum);
	if (status == 0)
		status = output_part(fd, WEIR_HEADER, policy, policy_length, &header->policy_sum);
	if (status == 0)
		status = output_part(fd, WEIR_HEADER + policy_length, section, symbols_length, &header->symbols_sum);
	free(policy);
	uint8_t raw[WEIR_HEADER];
	header_encode(raw, header);
	uint64_t sum;
	return status == 0 ? output_part(fd, 0, raw, sizeof raw, &sum) : status;
}

static int write_folded(struct fold *fold, const struct build_options *options, int fd, struct weir_header *header,
	uint64_t *left_out, struct why *why)
{
	struct index index;
	struct symbols symbols;
	int status = rehash_until_fits(fold, options, &index, left_out, why);
	if (status != 0)
		return status;
	bool has_single = fold->least == 1;
	*header = (struct weir_header){.version = has_single ? WEIR_VERSION : policy_version(&fold->policy),
		.flags = has_single ? WEIR_HAS_SINGLE : 0,
		.generation = options->generation,
		.created = options->created,
		.key = fold->key,
		.rules = fold->rules,
		.marks = index.marks,
		.homes = index.homes,
		.lines = index.count};
	status = find_symbols(&symbols, fold, options->base);
	if (status == 0)
		status = write_parts(fold, &index, &symbols, options->base, fd, header);
	index_free(&index);
	return status == 0 ? 0 : why_set(why, status, "cannot write the table: %s", error_text(status));
}

int build_write(
	struct build *build, int fd, const struct build_options *options, struct build_result *result, struct why *why)
{
	int status = build_settle(build);
	struct fold fold = {.base = options->base ? table_policy(options->base) : NULL,
		.records = build->records,
		.count = build->count,
		.texts = build->texts,
		.policy = build->policy,
		.key = build->key,
		.least = build->has_single ? 1 : 2};
	struct weir_header header = {0};
	uint64_t left_out = 0;
	if (status == 0)
		status = fold_rules(&fold);
	if (status != 0)
		why_set(why, status, "%s", error_text(status));
	else
		status = write_folded(&fold, options, fd, &header, &left_out, why);
	*result = (struct build_result){.version = header.version,
		.added = build->added,
		.rules = fold.rules,
		.left_out = left_out,
		.key = fold.key,
		.folded = fold.folded,
		.octets = header_file_length(&header),
		.body_sum = body_sum(&header)};
	verdicts_free(fold.verdicts);
	return status;
}
