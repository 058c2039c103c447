/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/clean.h"
#include "feedsync/base/json_memory.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/whole_text.h"
#include "libweir/errors.h"

#define MAX_INTEGER (UINT64_C(1) << 53) /* up to here a double is exact */

static json_t *inner(const struct node *node)
{
	return (json_t *)node;
}

static struct node *outer(json_t *json)
{
	return (struct node *)json;
}

/* Whether it is HTML or XML: a login form, an error page with status 200. */
static bool is_page(const char *text, size_t length)
{
	size_t blank = 0;
	while (blank < length && memchr(" \t\r\n", text[blank], 4))
		blank++;
	return blank < length && text[blank] == '<';
}

int json_parse_at(struct node **document, const char *text, size_t length, uint64_t line, struct why *why)
{
	*document = NULL;
	const char *nul = memchr(text, '\0', length);
	if (nul) {
		/* jansson takes a NUL behind a value for the end. */
		for (const char *c = text; c < nul; c++)
			line += *c == '\n';
		return why_set(why, -EBADMSG, "line %llu: a NUL octet", (unsigned long long)line);
	}
	size_t mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	json_error_t error;
	int refused;
	json_t *json = json_memory_load(text + mark, length - mark,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL | JSON_DECODE_ANY, &error, &refused);
	*document = outer(json);
	if (json)
		return 0;
	if (refused == -ENOMEM)
		return why_set(why, -ENOMEM, "out of memory");
	if (refused != 0)
		return why_set(why, -EBADMSG, "too large a document: it would take more than %llu MB of memory",
			(unsigned long long)(MAX_JSON_MEMORY >> 20));
	if (is_page(text + mark, length - mark))
		return why_set(why, -EBADMSG, "an HTML or XML page, not JSON");
	return why_set(why, -EBADMSG, "line %llu, column %d: %s",
		(unsigned long long)line + (error.line > 0 ? (unsigned)error.line - 1 : 0), error.column, error.text);
}

struct node *json_parse(const char *text, size_t length, struct why *why)
{
	struct node *document;
	int status = json_parse_at(&document, text, length, 1, why);
	(void)status;
	return document;
}

int json_read(struct node **document, FILE *in, uint64_t max, struct why *why)
{
	char *text;
	size_t length;
	*document = NULL;
	int status = whole_text_read(&text, &length, in, max, why);
	if (status == 0)
		status = json_parse_at(document, text, length, 1, why);
	free(text);
	return status;
}

int json_load(struct node **document, const char *path, uint64_t max, struct why *why)
{
	char *text;
	size_t length;
	*document = NULL;
	int status = whole_text_load(&text, &length, path, max, why);
	if (status == 0)
		status = json_parse_at(document, text, length, 1, why);
	free(text);
	return status;
}

void node_free(struct node *node)
{
	json_decref(inner(node));
}

bool node_is_object(const struct node *node)
{
	return json_is_object(inner(node));
}

bool node_is_array(const struct node *node)
{
	return json_is_array(inner(node));
}

bool node_is_null(const struct node *node)
{
	return !node || json_is_null(inner(node));
}

const struct node *node_get(const struct node *object, const char *key)
{
	return outer(json_object_get(inner(object), key));
}

size_t node_count(const struct node *array)
{
	return json_array_size(inner(array));
}

const struct node *node_at(const struct node *array, size_t index)
{
	return outer(json_array_get(inner(array), index));
}

const char *node_text(const struct node *node, size_t *length)
{
	if (length)
		*length = json_string_length(inner(node));
	return json_string_value(inner(node));
}

const char *node_word(const struct node *node, char text[64])
{
	const json_t *json = inner(node);
	if (!json || json_is_null(json))
		return "null";
	if (json_is_string(json))
		return json_string_value(json);
	if (json_is_boolean(json))
		return json_is_true(json) ? "true" : "false";
	if (!json_is_number(json))
		return NULL;
	snprintf(text, 64, "%.15g", json_number_value(json));
	return text;
}

bool node_truth(const struct node *node)
{
	const json_t *json = inner(node);
	if (json_is_number(json))
		return json_number_value(json) != 0;
	if (json_is_string(json))
		return strcmp(json_string_value(json), "1") == 0 || strcasecmp(json_string_value(json), "true") == 0;
	return json_is_true(json);
}

bool node_number(const struct node *node, uint64_t *number)
{
	const json_t *json = inner(node);
	double value = json_number_value(json);
	if (json_is_number(json)) {
		bool exact = value >= 0 && value <= (double)MAX_INTEGER && (double)(uint64_t)value == value;
		if (exact)
			*number = (uint64_t)value;
		return exact;
	}
	const char *text = json_string_value(json);
	if (!text || *text == '\0' || strlen(text) > 18 || strspn(text, "0123456789") != strlen(text))
		return false;
	*number = strtoull(text, NULL, 10);
	return true;
}

bool node_real(const struct node *node, double *number)
{
	const json_t *json = inner(node);
	*number = json_number_value(json);
	return json_is_number(json);
}

bool node_is(const struct node *node, const char *word)
{
	const char *text = node_text(node, NULL);
	return text && strcasecmp(text, word) == 0;
}

uint64_t node_number_at(const struct node *object, const char *key)
{
	uint64_t number;
	return node_number(node_get(object, key), &number) ? number : 0;
}

void node_text_at(const struct node *object, const char *key, char *to, size_t room)
{
	const char *text = node_text(node_get(object, key), NULL);
	snprintf(to, room, "%s", text ? text : "");
}

void node_words_at(const struct node *object, const char *key, char *to, size_t room)
{
	const char *text = node_text(node_get(object, key), NULL);
	clean_text(to, room, text ? text : "");
}

int node_each(const struct node *object, int (*visit)(void *context, const char *key, const struct node *value),
	void *context)
{
	int status = 0;
	for (void *at = json_object_iter(inner(object)); status == 0 && at;
		at = json_object_iter_next(inner(object), at))
		status = visit(context, json_object_iter_key(at), outer(json_object_iter_value(at)));
	return status;
}

struct node *node_object(void)
{
	return outer(json_object());
}

struct node *node_array(void)
{
	return outer(json_array());
}

struct node *node_from_text(const char *text)
{
	if (!text)
		return outer(json_null());
	json_t *json = json_string(text);
	if (json)
		return outer(json);
	char *copy = strdup(text);
	for (char *at = copy; at && *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	json = copy ? json_string(copy) : NULL;
	free(copy);
	return outer(json);
}

struct node *node_from_number(uint64_t number)
{
	return outer(json_integer((json_int_t)number));
}

struct node *node_from_real(double number)
{
	return outer(json_real(number));
}

struct node *node_from_bool(bool value)
{
	return outer(json_boolean(value));
}

/* A value was left out for lack of memory: the next document that is printed would not be whole. */
static bool left_out;

void node_put(struct node *object, const char *key, struct node *value)
{
	left_out |= json_object_set_new(inner(object), key, inner(value)) != 0;
}

void node_append(struct node *array, struct node *value)
{
	left_out |= json_array_append_new(inner(array), inner(value)) != 0;
}

static char *print(const struct node *node, size_t flags)
{
	bool whole = !left_out;
	left_out = false;
	if (!whole)
		return NULL;
	flags |= JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15);
	size_t length = json_dumpb(inner(node), NULL, 0, flags);
	char *text = length > 0 ? malloc(length + 2) : NULL;
	if (!text || json_dumpb(inner(node), text, length, flags) != length) {
		free(text);
		return NULL;
	}
	memcpy(text + length, "\n", 2);
	return text;
}

char *json_print(const struct node *node)
{
	return print(node, JSON_INDENT(2));
}

char *json_print_line(const struct node *node)
{
	return print(node, JSON_COMPACT);
}

int json_publish(struct node *node, const char *path, mode_t mode, struct why *why)
{
	char *text = json_print(node);
	node_free(node);
	if (!text)
		return why_set(why, -ENOMEM, "out of memory");
	int status = atomic_file_write(path, mode, text, strlen(text), why);
	free(text);
	return status;
}

struct node *json_answer(void)
{
	enum { SCHEMA = 1 };
	struct node *node = node_object();
	node_put(node, "schema", node_from_number(SCHEMA));
	return node;
}

static void show(char *text)
{
	if (text)
		fputs(text, stdout);
	else
		log_error("out of memory");
	free(text);
}

/* A terminal may show what is printed. */
void json_show(const struct node *node)
{
	show(print(node, JSON_INDENT(2) | JSON_ENSURE_ASCII));
}

void json_show_line(const struct node *node)
{
	show(print(node, JSON_COMPACT | JSON_ENSURE_ASCII));
}
