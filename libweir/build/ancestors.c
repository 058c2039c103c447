/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/ancestors.h"

#include "libweir/hash.h"
#include "libweir/name.h"

int ancestors_of_name(struct keyset *ancestors, const uint8_t *wire, size_t length, const struct name_labels *labels,
	uint64_t key, unsigned least)
{
	int status = 0;
	for (unsigned first = 1; status == 0 && first + least <= labels->count; first++) {
		size_t offset = labels->offset[first];
		status = keyset_add(ancestors, name_key(wire + offset, length - offset, key));
	}
	return status;
}

int ancestors_of_rules(struct keyset *ancestors, const struct record *rules, size_t rule_count, const uint8_t *texts,
	uint64_t key, unsigned least)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < rule_count; i++) {
		record_prefetch(rules, i, rule_count, texts);
		const uint8_t *text = texts + rules[i].text;
		name_storage wire;
		struct name_labels labels;
		size_t length = name_from_plain(text + 1, text[0], wire, &labels);
		status = ancestors_of_name(ancestors, wire, length, &labels, key, least);
	}
	keyset_sort(ancestors);
	return status;
}
