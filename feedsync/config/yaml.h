/* SPDX-License-Identifier: BSD-3-Clause */
/* A YAML document as a tree in which every value and every key knows its line. It says nothing of what the document means
 * (options.h). libyaml is known to yaml.c alone.
 *
 * Idea: libyaml's events are taken in once, in their order. An alias ("*name") becomes a pointer to the value that has the
 * anchor ("&name"), never a copy of it; the anchor must have ended before, so the tree has no circle. Depth, length and
 * the values have a maximum. An alias counts as all the values that it stands for: who walks the tree meets them all. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/config/complaints.h"
#include "libweir/attributes.h"

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_value {
	enum yaml_kind kind;
	unsigned line; /* from 1 */
	/* YAML_TEXT: without a NUL in it */
	const char *text;
	/* YAML_LIST and YAML_MAP, in the order of the document */
	const struct yaml_entry *entry;
	size_t count;
};

struct yaml_entry {
	const struct yaml_value *key; /* a text; NULL in a list */
	const struct yaml_value *value;
};

struct yaml_document;

/* Reads a document. Returns 0 and a document to be freed; or -EBADMSG with a complaint about its text. */
must_check int yaml_parse(
	struct yaml_document **document, const char *text, size_t length, struct complaints *complaints);
void yaml_free(struct yaml_document **document);

/* The value of the whole document. */
const struct yaml_value *yaml_top(const struct yaml_document *document);

/* Zeroed memory that lives as long as the document. */
must_check void *yaml_alloc(struct yaml_document *document, size_t count, size_t size);

/* A copy of a text, ended by a NUL, in such memory. */
const char *yaml_copy(struct yaml_document *document, const void *text, size_t length);

/* The first entry of a map with this key, or NULL. */
const struct yaml_entry *yaml_find(const struct yaml_value *map, const char *key);

/* A sum of all that a value says, however it is written; never 0. */
uint64_t yaml_sum(const struct yaml_value *value);
