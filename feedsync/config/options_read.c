/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/options_read.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/duration.h"
#include "feedsync/base/nearest.h"
#include "feedsync/config/written.h"

enum { FAULT_ROOM = 160, MAX_KEYS = 100 /* keys in one section; there are fewer options */ };

struct reading {
	struct yaml_document *document;
	struct complaints *complaints;
};

/* ---- single values ---- */

static bool read_yes_no(const char *text, bool *yes)
{
	/* The words of YAML 1.1. */
	static const char *const words[][9] = {{"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"},
		{"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}};
	for (unsigned i = 0; i < 2 * 9; i++) {
		if (strcmp(text, words[i / 9][i % 9]) == 0) {
			*yes = i / 9 == 1;
			return true;
		}
	}
	return false;
}

/* Reads digits alone. A leading zero is refused: YAML 1.1 takes it for octal, most people for decimal. */
static bool read_plain_number(const char *text, uint64_t least, uint64_t most, uint32_t *number)
{
	enum { DIGITS = 10 };
	size_t length = strlen(text);
	if (length == 0 || length > DIGITS || strspn(text, "0123456789") != length || (text[0] == '0' && length > 1))
		return false;
	uint64_t value = strtoull(text, NULL, 10);
	if (value < least || value > most)
		return false;
	*number = (uint32_t)value;
	return true;
}

/* Reads the same, with or without "%" behind it. */
static bool read_percent(const char *text, uint64_t least, uint64_t most, uint32_t *number)
{
	char digits[16];
	size_t length = strlen(text);
	if (length > 0 && length < sizeof digits && text[length - 1] == '%') {
		length -= length > 2 && text[length - 2] == ' ' ? 2 : 1;
		snprintf(digits, sizeof digits, "%.*s", (int)length, text);
		text = digits;
	}
	return read_plain_number(text, least, most, number);
}

static void judge_word(const struct option *option, const char *text, char fault[FAULT_ROOM])
{
	enum { MAX_WORDS = 32 };
	const char *words[MAX_WORDS];
	unsigned count = 0;
	for (const char *word; count < MAX_WORDS && (word = option->word(count)); count++) {
		words[count] = word;
		if (strcmp(word, text) == 0)
			return;
	}
	const char *nearest = nearest_word(text, words, count);
	if (nearest)
		snprintf(fault, FAULT_ROOM, "not known; did you mean \"%s\"?", nearest);
	else
		snprintf(fault, FAULT_ROOM, "not known");
}

/* Judges a text. Writes into `fault` what is wrong with it; "" for nothing. */
static void judge_text(const struct option *option, const char *text, char fault[FAULT_ROOM])
{
	const char *wrong = text[0] ? NULL : "no text";
	if (!wrong && strlen(text) > option_most_octets(option))
		snprintf(fault, FAULT_ROOM, "more than %u characters", option_most_octets(option));
	else if (!wrong && option->fault)
		wrong = option->fault(text);
	if (wrong)
		snprintf(fault, FAULT_ROOM, "%s", wrong);
}

/* Stores a text as an option's value in its member. Writes into `fault` what is wrong with it; "" for nothing. */
static void take_text(const struct option *option, const char *text, void *member, char fault[FAULT_ROOM])
{
	const char *wrong = "";
	fault[0] = '\0';
	switch (option->type) {
	case OPTION_TEXT:
	case OPTION_URL:
		judge_text(option, text, fault);
		*(const char **)member = text;
		return;
	case OPTION_WORD:
		judge_word(option, text, fault);
		*(const char **)member = text;
		return;
	case OPTION_YES_NO: wrong = read_yes_no(text, member) ? "" : "neither yes nor no"; break;
	case OPTION_NUMBER:
		wrong = read_plain_number(text, option->least, option->most, member) ? "" : "not such a number";
		break;
	case OPTION_PERCENT:
		wrong = read_percent(text, option->least, option->most, member) ? "" : "not such a number";
		break;
	case OPTION_DURATION: {
		uint32_t *seconds = member;
		bool read = duration_read(text, (uint32_t)option->most, seconds) && *seconds >= option->least;
		wrong = read ? "" : "not such a duration";
		break;
	}
	case OPTION_TEXTS:
	case OPTION_ITEMS: wrong = text[0] ? "not a list" : "nothing below it"; break;
	case OPTION_SECTION: wrong = text[0] ? "not a section" : "nothing below it"; break;
	}
	snprintf(fault, FAULT_ROOM, "%s", wrong);
}

void section_fill(const struct section *section, void *structure)
{
	const struct option *option;
	char fault[FAULT_ROOM];
	for (size_t i = 0; (option = section_option(section, i)); i++) {
		void *member = (char *)structure + option->offset;
		if (option->type == OPTION_SECTION)
			section_fill(option->section, member);
		else if (option->fallback)
			take_text(option, option->fallback, member, fault);
	}
}

/* ---- complaints ---- */

/* Complains about an option's value: what is wrong, what is expected, an example. */
static void complain_of_value(struct reading *r, const char *label, const struct option *option, unsigned line,
	const char *text, const char *fault)
{
	char expected[EXPECTED_ROOM], quoted[120] = "", example[200] = "";
	const char *shown = option->section ? NULL : option->example ? option->example : option->fallback;
	if (text && text[0] && option->type != OPTION_URL)
		snprintf(quoted, sizeof quoted, "\"%.100s\": ", text);
	if (shown)
		snprintf(example, sizeof example, "; example: %s: %s", option->key, shown);
	complaints_add(r->complaints, line, "%s%s: %s%s; expected %s%s", label, option->key, quoted, fault,
		option_expected(option, expected), example);
}

/* Finds a section by the name of an option in it. */
static const struct {
	const struct section *section;
	const char *whose;
} sections[] = {{&file_section, "of the file itself, at the start of a line"}, {&feed_section, "of a feed"},
	{&category_section, "of a category"}, {&group_section, "of a group"}, {&guard_section, "of guard"},
	{&resolver_section, "of resolver"}, {&hits_section, "of hits"}, {&trends_section, "of trends"},
	{&metrics_section, "of metrics"}, {&pull_section, "of pull"}, {&map_section, "of a feed's map"},
	{&allow_item_section, "of an item of allow or block"}, {&channel_section, "of a channel of distribute"},
	{&s3_section, "of s3"}, {&fleet_section, "of fleet"}, {&fleet_resolver_section, "of a resolver of fleet"},
	{&prometheus_section, "of prometheus in fleet"}, {&digest_section, "of digest in trends"},
	{&digests_section, "of digests in fleet"}};

static void complain_of_key(
	struct reading *r, const struct section *section, const char *label, const struct yaml_value *key)
{
	const char *keys[MAX_KEYS];
	size_t count = 0;
	char hint[FAULT_ROOM] = "";
	const struct option *option;
	for (; count < MAX_KEYS && (option = section_option(section, count)); count++)
		keys[count] = option->key;
	const char *nearest = nearest_word(key->text, keys, count);
	for (unsigned i = 0; i < sizeof sections / sizeof *sections && !hint[0]; i++)
		if (option_find(sections[i].section, key->text))
			snprintf(hint, sizeof hint, "; it is one %s", sections[i].whose);
	if (nearest)
		snprintf(hint, sizeof hint, "; did you mean \"%s\"?", nearest);
	complaints_add(r->complaints, key->line, "%s\"%.60s\" is not an option here%s; feedsync.yaml(5) has them all",
		label, key->text, hint);
}

/* ---- sections ---- */

static void read_section(struct reading *r, const struct section *section, const struct yaml_value *map,
	const char *label, void *structure);

static void read_texts(struct reading *r, const char *label, const struct option *option, const struct yaml_value *list,
	struct texts *texts)
{
	const char **text = yaml_alloc(r->document, list->count, sizeof *text);
	char fault[FAULT_ROOM];
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_value *item = list->entry[i].value;
		fault[0] = '\0';
		text[i] = item->text;
		if (item->kind != YAML_TEXT)
			snprintf(fault, sizeof fault, "an item that is not a text");
		else
			judge_text(option, item->text, fault);
		if (fault[0])
			complain_of_value(r, label, option, item->line, item->text, fault);
	}
	*texts = (struct texts){text, (unsigned)list->count};
}

/* Makes the label of an item, "feed a: ", behind the label of its section. An item without a name has its number. */
static const char *make_label(
	struct reading *r, const char *outer, const char *word, const struct yaml_value *map, size_t index)
{
	enum { LABEL_ROOM = 200 };
	char label[LABEL_ROOM];
	const struct yaml_entry *name = yaml_find(map, "name");
	if (name && name->value->kind == YAML_TEXT)
		snprintf(label, sizeof label, "%s%s %.63s: ", outer, word, name->value->text);
	else
		snprintf(label, sizeof label, "%s%s %zu: ", outer, word, index + 1);
	return yaml_copy(r->document, label, strlen(label));
}

static void read_items(struct reading *r, const char *label, const struct option *option, const struct yaml_value *list,
	struct items *items)
{
	const struct section *section = option->section;
	char *structures = yaml_alloc(r->document, list->count, section->size);
	for (size_t i = 0; i < list->count; i++) {
		const struct yaml_value *map = list->entry[i].value;
		const char *own = make_label(r, label, section->item ? section->item : option->key, map, i);
		if (map->kind == YAML_MAP)
			read_section(r, section, map, own, structures + i * section->size);
		else
			complaints_add(r->complaints, map->line,
				"%snot options of its own; an item begins with \"- %s: \"", own,
				section_option(section, 0)->key);
	}
	*items = (struct items){structures, (unsigned)list->count};
}

/* Whether a list has as many items as an option may have. */
static bool count_fits(struct reading *r, const char *label, const struct option *option, unsigned line, size_t count)
{
	char fault[FAULT_ROOM];
	if (count >= option->least && count <= option->most)
		return true;
	snprintf(fault, sizeof fault, "%zu items", count);
	complain_of_value(r, label, option, line, NULL, fault);
	return false;
}

/* Reads an option's value. `line` is the line of its key. */
static void read_option(struct reading *r, const char *label, const struct option *option, unsigned line,
	const struct yaml_value *value, void *member)
{
	bool list = option->type == OPTION_TEXTS || option->type == OPTION_ITEMS;
	char fault[FAULT_ROOM];
	if (value->kind == YAML_TEXT) {
		const struct option *plain = NULL;
		if (option->type == OPTION_SECTION && option->section->plain) {
			section_fill(option->section, member);
			*(struct written *)member = (struct written){value, label};
			plain = option_find(option->section, option->section->plain);
		}
		if (plain)
			take_text(plain, value->text, (char *)member + plain->offset, fault);
		else
			take_text(option, value->text, member, fault);
		if (fault[0])
			complain_of_value(r, label, option, line, value->text, fault);
	} else if (value->kind == YAML_LIST && list) {
		if (!count_fits(r, label, option, line, value->count))
			return;
		if (option->type == OPTION_TEXTS)
			read_texts(r, label, option, value, member);
		else
			read_items(r, label, option, value, member);
	} else if (value->kind == YAML_MAP && option->type == OPTION_SECTION) {
		char own[FAULT_ROOM];
		snprintf(own, sizeof own, "%s%s: ", label, option->key);
		read_section(r, option->section, value, yaml_copy(r->document, own, strlen(own)), member);
	} else {
		complain_of_value(r, label, option, line, NULL, value->kind == YAML_LIST ? "a list" : "a map of keys");
	}
}

static bool is_lacking(const struct option *option, const struct yaml_value *map)
{
	return option->required && !yaml_find(map, option->key) && !(option->unless && yaml_find(map, option->unless));
}

static void read_section(struct reading *r, const struct section *section, const struct yaml_value *map,
	const char *label, void *structure)
{
	section_fill(section, structure);
	*(struct written *)structure = (struct written){map, label};
	if (map->count > MAX_KEYS) {
		complaints_add(r->complaints, map->line, "%smore than %d options", label, MAX_KEYS);
		return;
	}
	for (size_t i = 0; i < map->count; i++) {
		const struct yaml_value *key = map->entry[i].key;
		const struct option *option = option_find(section, key->text);
		const struct yaml_entry *first = yaml_find(map, key->text);
		if (!option)
			complain_of_key(r, section, label, key);
		else if (first != &map->entry[i])
			complaints_add(r->complaints, key->line, "%s\"%s\" is written twice; the first is in line %u",
				label, option->key, first->key->line);
		else
			read_option(
				r, label, option, key->line, map->entry[i].value, (char *)structure + option->offset);
	}
	const struct option *option;
	for (size_t i = 0; (option = section_option(section, i)); i++)
		if (is_lacking(option, map))
			complain_of_value(r, label, option, map->line, NULL, "missing");
}

int options_read(struct yaml_document *document, void *file, struct complaints *complaints)
{
	struct reading r = {document, complaints};
	const struct yaml_value *top = yaml_top(document);
	size_t before = complaints->count;
	if (top->kind == YAML_MAP)
		read_section(&r, &file_section, top, "", file);
	else
		complaints_add(complaints, top->line, "the file does not consist of options (\"key: value\")");
	return complaints->count == before ? 0 : -EBADMSG;
}

bool was_written(const struct written *at, const char *key)
{
	return yaml_find(at->map, key) != NULL;
}
