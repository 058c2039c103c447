/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/yaml.h"

#include <cyaml/cyaml.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "libweir/errors.h"
#include "libweir/hash.h"
#include "libweir/policy.h"

/* ---- shape ---- */

#define TEXT(key, structure, member, flags)                                                                            \
	CYAML_FIELD_STRING_PTR(key, CYAML_FLAG_POINTER | (flags), structure, member, 1, 4000)
#define OPTIONAL_TEXT(key, structure, member) TEXT(key, structure, member, CYAML_FLAG_OPTIONAL)
#define OPTIONAL_NUMBER(key, structure, member)                                                                        \
	CYAML_FIELD_UINT_PTR(key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, structure, member)
#define OPTIONAL_CHOICE(key, structure, member)                                                                        \
	CYAML_FIELD_ENUM(key, CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, structure, member, choices,                     \
		sizeof choices / sizeof *choices)

/* libcyaml's own booleans take any word for true. */
static const cyaml_strval_t choices[] = {{"yes", CHOICE_YES}, {"Yes", CHOICE_YES}, {"YES", CHOICE_YES},
	{"true", CHOICE_YES}, {"True", CHOICE_YES}, {"TRUE", CHOICE_YES}, {"on", CHOICE_YES}, {"On", CHOICE_YES},
	{"ON", CHOICE_YES}, {"no", CHOICE_NO}, {"No", CHOICE_NO}, {"NO", CHOICE_NO}, {"false", CHOICE_NO},
	{"False", CHOICE_NO}, {"FALSE", CHOICE_NO}, {"off", CHOICE_NO}, {"Off", CHOICE_NO}, {"OFF", CHOICE_NO}};

static const cyaml_schema_field_t category_fields[] = {
	TEXT("name", struct raw_category, name, 0),
	OPTIONAL_TEXT("action", struct raw_category, action),
	CYAML_FIELD_UINT_PTR("ede", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_category, ede),
	CYAML_FIELD_UINT_PTR("ttl", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_category, ttl),
	OPTIONAL_TEXT("text", struct raw_category, text),
	OPTIONAL_TEXT("ipv4", struct raw_category, ipv4),
	OPTIONAL_TEXT("ipv6", struct raw_category, ipv6),
	OPTIONAL_TEXT("redirect", struct raw_category, redirect),
	CYAML_FIELD_END,
};

static const cyaml_schema_field_t group_category_fields[] = {
	TEXT("name", struct raw_group_category, name, 0),
	TEXT("action", struct raw_group_category, action, 0),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t client_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 100)};
static const cyaml_schema_value_t group_category_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_group_category, group_category_fields)};

static const cyaml_schema_field_t group_fields[] = {
	TEXT("name", struct raw_group, name, 0),
	OPTIONAL_TEXT("action", struct raw_group, action),
	CYAML_FIELD_SEQUENCE("clients", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_group, clients,
		&client_value, 0, POLICY_MAX_PREFIXES),
	OPTIONAL_TEXT("clients-file", struct raw_group, clients_file),
	CYAML_FIELD_SEQUENCE("categories", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_group, categories,
		&group_category_value, 0, POLICY_MAX_CATEGORIES),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t condition_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 500)};

static const cyaml_schema_field_t item_fields[] = {
	TEXT("name", struct raw_item, name, 0),
	OPTIONAL_TEXT("scope", struct raw_item, scope),
	OPTIONAL_TEXT("reason", struct raw_item, reason),
	OPTIONAL_TEXT("author", struct raw_item, author),
	OPTIONAL_TEXT("expires", struct raw_item, expires),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t path_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, MAX_PATH)};
static const cyaml_schema_value_t item_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_item, item_fields)};

static const cyaml_schema_field_t guard_fields[] = {
	CYAML_FIELD_SEQUENCE("warninglists", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_guard, warninglists,
		&path_value, 0, MAX_GUARD_FILES),
	CYAML_FIELD_SEQUENCE("names", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_guard, names, &path_value, 0,
		MAX_GUARD_FILES),
	CYAML_FIELD_SEQUENCE(
		"own", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_guard, own, &path_value, 0, MAX_OWN),
	CYAML_FIELD_END,
};
static const cyaml_schema_field_t map_fields[] = {
	OPTIONAL_TEXT("tag", struct raw_map, tag),
	OPTIONAL_TEXT("misp-category", struct raw_map, misp_category),
	OPTIONAL_TEXT("threat-level", struct raw_map, threat_level),
	TEXT("category", struct raw_map, category, 0),
	CYAML_FIELD_END,
};
static const cyaml_schema_value_t map_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_map, map_fields)};

static const cyaml_schema_field_t feed_fields[] = {
	TEXT("name", struct raw_feed, name, 0),
	TEXT("url", struct raw_feed, url, 0),
	TEXT("format", struct raw_feed, format, 0),
	OPTIONAL_TEXT("category", struct raw_feed, category),
	OPTIONAL_TEXT("scope", struct raw_feed, scope),
	OPTIONAL_TEXT("interval", struct raw_feed, interval),
	OPTIONAL_TEXT("ca", struct raw_feed, ca),
	OPTIONAL_TEXT("key-file", struct raw_feed, key_file),
	OPTIONAL_TEXT("token-file", struct raw_feed, token_file),
	OPTIONAL_TEXT("user", struct raw_feed, user),
	OPTIONAL_TEXT("password-file", struct raw_feed, password_file),
	OPTIONAL_TEXT("collection", struct raw_feed, collection),
	OPTIONAL_TEXT("field", struct raw_feed, field),
	OPTIONAL_TEXT("items", struct raw_feed, items),
	OPTIONAL_TEXT("values", struct raw_feed, values),
	OPTIONAL_TEXT("wildcard", struct raw_feed, wildcard),
	OPTIONAL_CHOICE("refang", struct raw_feed, refang),
	OPTIONAL_CHOICE("ports", struct raw_feed, ports),
	CYAML_FIELD_SEQUENCE("where", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_feed, where,
		&condition_value, 0, MAX_CONDITIONS),
	OPTIONAL_CHOICE("targets", struct raw_feed, targets),
	OPTIONAL_CHOICE("strict-tlp", struct raw_feed, strict_tlp),
	OPTIONAL_TEXT("client-certificate", struct raw_feed, client_certificate),
	OPTIONAL_TEXT("client-key", struct raw_feed, client_key),
	OPTIONAL_TEXT("pin", struct raw_feed, pin),
	OPTIONAL_TEXT("minisign-key", struct raw_feed, minisign_key),
	OPTIONAL_TEXT("signature", struct raw_feed, signature),
	OPTIONAL_TEXT("max-signature-age", struct raw_feed, max_signature_age),
	OPTIONAL_TEXT("max-unchanged", struct raw_feed, max_unchanged),
	OPTIONAL_CHOICE("private-addresses", struct raw_feed, private_addresses),
	OPTIONAL_NUMBER("min-entries", struct raw_feed, min_entries),
	OPTIONAL_NUMBER("max-shrink", struct raw_feed, max_shrink),
	OPTIONAL_NUMBER("max-churn", struct raw_feed, max_churn),
	OPTIONAL_NUMBER("max-growth", struct raw_feed, max_growth),
	OPTIONAL_NUMBER("max-rejected", struct raw_feed, max_rejected),
	CYAML_FIELD_SEQUENCE("unguarded", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_feed, unguarded,
		&path_value, 0, MAX_UNGUARDED),
	OPTIONAL_CHOICE("strict-pap", struct raw_feed, strict_pap),
	OPTIONAL_TEXT("action", struct raw_feed, action),
	OPTIONAL_TEXT("max-age", struct raw_feed, max_age),
	OPTIONAL_TEXT("seen", struct raw_feed, seen),
	CYAML_FIELD_SEQUENCE(
		"map", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_feed, map, &map_value, 0, MAX_MAPS),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t category_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_category, category_fields)};
static const cyaml_schema_field_t hits_fields[] = {
	OPTIONAL_CHOICE("events", struct raw_hits, events),
	CYAML_FIELD_UINT("ipv4-prefix", CYAML_FLAG_OPTIONAL, struct raw_hits, ipv4_prefix),
	CYAML_FIELD_UINT("ipv6-prefix", CYAML_FLAG_OPTIONAL, struct raw_hits, ipv6_prefix),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t forwarder_value = {CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 400)};
static const cyaml_schema_field_t resolver_fields[] = {
	CYAML_FIELD_SEQUENCE("forward", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw_resolver, forward,
		&forwarder_value, 1, MAX_FORWARDERS),
	OPTIONAL_CHOICE("validate", struct raw_resolver, validate),
	OPTIONAL_CHOICE("tls", struct raw_resolver, tls),
	OPTIONAL_TEXT("ca", struct raw_resolver, ca),
	OPTIONAL_TEXT("trust-anchor", struct raw_resolver, trust_anchor),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t group_value = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_group, group_fields)};
static const cyaml_schema_value_t feed_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct raw_feed, feed_fields)};

static const cyaml_schema_field_t file_fields[] = {
	OPTIONAL_TEXT("state", struct raw, state),
	OPTIONAL_TEXT("table", struct raw, table),
	OPTIONAL_TEXT("run", struct raw, run),
	OPTIONAL_TEXT("interval", struct raw, interval),
	OPTIONAL_TEXT("public-suffix-list", struct raw, suffix_list),
	CYAML_FIELD_SEQUENCE("private-networks", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, private_networks,
		&client_value, 0, MAX_NETWORKS),
	CYAML_FIELD_MAPPING_PTR("hits", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, hits, hits_fields),
	CYAML_FIELD_MAPPING_PTR(
		"resolver", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, resolver, resolver_fields),
	CYAML_FIELD_MAPPING_PTR("guard", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, guard, guard_fields),
	OPTIONAL_NUMBER("table-max-shrink", struct raw, table_max_shrink),
	OPTIONAL_NUMBER("table-max-growth", struct raw, table_max_growth),
	CYAML_FIELD_SEQUENCE("allow", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, allow, &item_value, 0,
		MAX_OPERATOR_ITEMS),
	CYAML_FIELD_SEQUENCE("block", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, block, &item_value, 0,
		MAX_OPERATOR_ITEMS),
	CYAML_FIELD_SEQUENCE("categories", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, categories,
		&category_value, 0, POLICY_MAX_CATEGORIES - 3), /* two may be implied, one is for the self-test */
	CYAML_FIELD_SEQUENCE("groups", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct raw, groups, &group_value, 0,
		POLICY_MAX_GROUPS),
	CYAML_FIELD_SEQUENCE("feeds", CYAML_FLAG_POINTER, struct raw, feeds, &feed_value, 1, MAX_FEEDS),
	CYAML_FIELD_END,
};

static const cyaml_schema_value_t file_value = {CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct raw, file_fields)};

/* ---- positions ---- */

/* libcyaml does not keep the lines of what it has read, and of a key that it does not know it tells the line before. */
struct positions {
	yaml_document_t document;
};

struct positions *positions_load(const char *path)
{
	struct positions *positions = NULL;
	yaml_parser_t parser;
	FILE *in = fopen(path, "re");
	if (in && yaml_parser_initialize(&parser)) {
		positions = xcalloc(1, sizeof *positions);
		yaml_parser_set_input_file(&parser, in);
		if (!yaml_parser_load(&parser, &positions->document)) {
			free(positions);
			positions = NULL;
		}
		yaml_parser_delete(&parser);
	}
	if (in)
		fclose(in);
	return positions;
}

void positions_free(struct positions *positions)
{
	if (positions)
		yaml_document_delete(&positions->document);
	free(positions);
}

static yaml_node_t *node_at(const struct positions *positions, int index)
{
	return yaml_document_get_node((yaml_document_t *)&positions->document, index);
}

/* The pair with this key in a mapping, or NULL. */
static const yaml_node_pair_t *find_pair(const struct positions *positions, const yaml_node_t *mapping, const char *key)
{
	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (const yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		const yaml_node_t *node = node_at(positions, p->key);
		if (node && node->type == YAML_SCALAR_NODE && strcmp((const char *)node->data.scalar.value, key) == 0)
			return p;
	}
	return NULL;
}

static unsigned line_of(const yaml_node_t *node)
{
	return node ? (unsigned)node->start_mark.line + 1 : 1;
}

unsigned position_line(const struct positions *positions, const char *section, unsigned index, const char *key)
{
	if (!positions)
		return 1;
	const yaml_node_t *mapping = node_at(positions, 1);
	unsigned line = line_of(mapping);
	if (section) {
		const yaml_node_pair_t *pair = find_pair(positions, mapping, section);
		const yaml_node_t *list = pair ? node_at(positions, pair->value) : NULL;
		line = pair ? line_of(node_at(positions, pair->key)) : line;
		mapping = list && list->type == YAML_MAPPING_NODE ? list : NULL;
		if (list && list->type == YAML_SEQUENCE_NODE &&
			index < (size_t)(list->data.sequence.items.top - list->data.sequence.items.start))
			mapping = node_at(positions, list->data.sequence.items.start[index]);
		line = mapping && mapping != list ? line_of(mapping) : line;
	}
	const yaml_node_pair_t *pair = find_pair(positions, mapping, key);
	return pair ? line_of(node_at(positions, pair->key)) : line;
}

/* Adds a node to a sum. By depth: aliases may lead anywhere. */
static uint64_t add_to_sum(uint64_t sum, const struct positions *positions, const yaml_node_t *node, unsigned depth)
{
	enum { MAX_DEPTH = 8 };
	if (!node || depth > MAX_DEPTH)
		return sum;
	sum = XXH3_64bits_withSeed(&node->type, sizeof node->type, sum);
	if (node->type == YAML_SCALAR_NODE)
		return XXH3_64bits_withSeed(node->data.scalar.value, node->data.scalar.length, sum);
	for (const yaml_node_item_t *i = node->data.sequence.items.start;
		node->type == YAML_SEQUENCE_NODE && i < node->data.sequence.items.top; i++)
		sum = add_to_sum(sum, positions, node_at(positions, *i), depth + 1);
	for (const yaml_node_pair_t *p = node->data.mapping.pairs.start;
		node->type == YAML_MAPPING_NODE && p < node->data.mapping.pairs.top; p++) {
		sum = add_to_sum(sum, positions, node_at(positions, p->key), depth + 1);
		sum = add_to_sum(sum, positions, node_at(positions, p->value), depth + 1);
	}
	return sum;
}

uint64_t item_sum(const struct positions *positions, const char *section, unsigned index)
{
	const yaml_node_pair_t *pair = positions ? find_pair(positions, node_at(positions, 1), section) : NULL;
	const yaml_node_t *list = pair ? node_at(positions, pair->value) : NULL;
	if (!list || list->type != YAML_SEQUENCE_NODE ||
		index >= (size_t)(list->data.sequence.items.top - list->data.sequence.items.start))
		return 0;
	return add_to_sum(0, positions, node_at(positions, list->data.sequence.items.start[index]), 0);
}

/* The first line, from `from` on, on which `key` is the key of anything; `from` if there is none. */
static unsigned line_of_key(const char *path, unsigned from, const char *key)
{
	struct positions *positions = positions_load(path);
	unsigned line = from;
	const yaml_node_t *mapping;
	for (int i = 1; positions && (mapping = node_at(positions, i)); i++) {
		const yaml_node_pair_t *pair = find_pair(positions, mapping, key);
		unsigned found = pair ? line_of(node_at(positions, pair->key)) : 0;
		if (found >= from) {
			line = found;
			break;
		}
	}
	positions_free(positions);
	return line;
}

/* ---- reading ---- */

/* What libcyaml says of an error: a sentence, then, in later calls, where. */
struct trouble {
	char text[256];
	unsigned line;
};

static void note_trouble(cyaml_log_t level, void *context, const char *format, va_list args) printf_like(3, 0);
static void note_trouble(cyaml_log_t level, void *context, const char *format, va_list args)
{
	(void)level;
	struct trouble *t = context;
	char text[256];
	vsnprintf(text, sizeof text, format, args);
	text[strcspn(text, "\n")] = '\0';
	const char *place = strstr(text, "(line: ");
	if (place && t->line == 0)
		t->line = (unsigned)strtoul(place + 7, NULL, 10);
	else if (!place && t->text[0] == '\0')
		snprintf(t->text, sizeof t->text, "%s", strncmp(text, "Load: ", 6) == 0 ? text + 6 : text);
}

static const cyaml_config_t *reader(struct trouble *trouble)
{
	static cyaml_config_t settings;
	settings = (cyaml_config_t){.log_fn = note_trouble,
		.log_ctx = trouble,
		.mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_WARNING,
		.flags = CYAML_CFG_DEFAULT};
	return &settings;
}

struct raw *config_file_load(const char *path)
{
	struct trouble trouble = {0};
	struct raw *raw = NULL;
	errno = 0;
	cyaml_err_t error = cyaml_load_file(path, reader(&trouble), &file_value, (cyaml_data_t **)&raw, NULL);
	if (error == CYAML_OK && raw)
		return raw;
	if (error == CYAML_ERR_FILE_OPEN) {
		log_error("%s: %s", path, errno ? error_text(-errno) : "cannot be opened");
		return NULL;
	}
	static const char unknown[] = "Unexpected key: ";
	if (strncmp(trouble.text, unknown, sizeof unknown - 1) == 0) {
		trouble.line = line_of_key(path, trouble.line, trouble.text + sizeof unknown - 1);
	}
	if (error == CYAML_OK)
		snprintf(trouble.text, sizeof trouble.text, "the file is empty");
	log_error("%s:%u: %s", path, trouble.line ? trouble.line : 1,
		trouble.text[0] ? trouble.text : cyaml_strerror(error));
	return NULL;
}

void config_file_free(struct raw *raw)
{
	struct trouble trouble = {0};
	cyaml_free(reader(&trouble), &file_value, raw, 0);
}
