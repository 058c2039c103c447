/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a digest of hits, which may come from anywhere. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/trends/hit_digest.h"
#include "libweir/errors.h"
#include "libweir/name.h"

enum { HOUR_S = 3600 };
#define MOST_HITS (UINT64_C(1) << 48) /* of a row; sums of MAX_HIT_ROWS of these fit */
#define MOST_CLIENTS 1e12

const char *hit_digest_hour(uint64_t hour, char text[HIT_DIGEST_HOUR_TEXT])
{
	char time[TIMESTAMP_ROOM];
	snprintf(text, HIT_DIGEST_HOUR_TEXT, "%.13s", timestamp_text(hour * HOUR_S, time));
	return text;
}

const char *hit_digest_object(const char *resolver, uint64_t hour, char text[HIT_DIGEST_OBJECT_TEXT])
{
	char hours[HIT_DIGEST_HOUR_TEXT];
	snprintf(text, HIT_DIGEST_OBJECT_TEXT, "digests/%s/%s", resolver, hit_digest_hour(hour, hours));
	return text;
}

/* ---- rows ---- */

/* A name as it would be written here; whoever writes it otherwise would make two rules of one. */
static bool is_rule_name(const char *text)
{
	name_storage wire;
	char again[NAME_MAX_TEXT];
	int length = name_from_text(text, strlen(text), wire);
	if (length < 0)
		return false;
	name_to_text(wire, (size_t)length, again);
	return strcmp(text, again) == 0;
}

static bool read_policy_name(const struct node *list, size_t at, const char **name)
{
	*name = node_text(node_at(list, at), NULL);
	return *name && policy_name_valid(*name);
}

static bool read_action_at(const struct node *list, size_t at, enum action *action)
{
	const char *word = node_text(node_at(list, at), NULL);
	return word && action_from_text(word, action) == 0;
}

/* A number, not a text of digits as feeds have it. */
static bool read_hits(const struct node *list, size_t at, uint64_t *hits)
{
	const struct node *node = node_at(list, at);
	return !node_text(node, NULL) && node_number(node, hits) && *hits > 0 && *hits < MOST_HITS;
}

static bool read_clients(const struct node *list, size_t at, double *clients)
{
	return node_real(node_at(list, at), clients) && *clients >= 0 && *clients < MOST_CLIENTS;
}

static bool read_hit_rule(const struct node *list, struct hit_row *row)
{
	enum { NAME = 1, SCOPE, CATEGORY, ACTION, GROUP, HITS, LOW, MORE, COUNT };
	const char *scope = node_text(node_at(list, SCOPE), NULL);
	row->kind = HIT_ROW_RULE;
	row->name = node_text(node_at(list, NAME), NULL);
	return node_count(list) == COUNT && row->name && is_rule_name(row->name) && scope &&
	       scope_from_text(scope, &row->scope) == 0 && row->scope != SCOPE_BELOW &&
	       read_policy_name(list, CATEGORY, &row->category) && read_action_at(list, ACTION, &row->action) &&
	       row->action != ACTION_ALLOW && read_policy_name(list, GROUP, &row->group) &&
	       read_hits(list, HITS, &row->hits) && read_clients(list, LOW, &row->low) &&
	       read_clients(list, MORE, &row->more);
}

static bool read_hit_feed(const struct node *list, struct hit_row *row)
{
	enum { NAME = 1, CATEGORY, ACTION, HITS, COUNT };
	row->kind = HIT_ROW_FEED;
	return node_count(list) == COUNT && read_policy_name(list, NAME, &row->name) &&
	       read_policy_name(list, CATEGORY, &row->category) && read_action_at(list, ACTION, &row->action) &&
	       read_hits(list, HITS, &row->hits);
}

static bool read_hit_group(const struct node *list, struct hit_row *row)
{
	enum { NAME = 1, ACTION, HITS, COUNT };
	row->kind = HIT_ROW_GROUP;
	return node_count(list) == COUNT && read_policy_name(list, NAME, &row->name) &&
	       read_action_at(list, ACTION, &row->action) && read_hits(list, HITS, &row->hits);
}

static bool read_hit_row(const struct node *list, struct hit_row *row)
{
	const struct node *kind = node_at(list, 0);
	*row = (struct hit_row){.kind = HIT_ROW_RULE};
	if (node_is(kind, "rule"))
		return read_hit_rule(list, row);
	return node_is(kind, "feed") ? read_hit_feed(list, row) : node_is(kind, "group") && read_hit_group(list, row);
}

/* ---- the head ---- */

static bool read_head_count(const struct node *head, const char *key, uint64_t *count)
{
	const struct node *node = node_get(head, key);
	return !node_text(node, NULL) && node_number(node, count) && *count < MOST_HITS;
}

static int read_head(
	struct hit_digest *digest, const struct node *head, const struct hit_document *document, struct why *why)
{
	struct trends_traffic *t = &digest->traffic;
	char expected[HIT_DIGEST_HOUR_TEXT];
	uint64_t format;
	const char *whose = node_text(node_get(head, "resolver"), NULL),
		   *when = node_text(node_get(head, "hour"), NULL);
	if (!node_is_object(head) || !node_number(node_get(head, "format"), &format))
		return why_set(why, -EBADMSG, "line 1: not the head of a digest");
	if (format != HIT_DIGEST_FORMAT)
		return why_set(why, WEIR_EVERSION, "line 1: format %llu, this feedsync knows %d",
			(unsigned long long)format, HIT_DIGEST_FORMAT);
	if (!whose || strcmp(whose, document->resolver) != 0)
		return why_set(why, -EBADMSG, "line 1: it is another resolver's");
	if (!when || strcmp(when, hit_digest_hour(document->hour, expected)) != 0)
		return why_set(why, -EBADMSG, "line 1: it is of another hour");
	snprintf(digest->resolver, sizeof digest->resolver, "%s", document->resolver);
	*t = (struct trends_traffic){.hour = document->hour};
	t->queries_known = !node_is_null(node_get(head, "queries"));
	bool whole = read_head_count(head, "blocked", &t->blocked) && read_head_count(head, "logged", &t->logged) &&
		     read_head_count(head, "opted_out", &t->opted_out) &&
		     read_head_count(head, "unattributed", &t->unattributed) &&
		     read_head_count(head, "lost_minutes", &t->lost_minutes) &&
		     (!t->queries_known || read_head_count(head, "queries", &t->queries));
	return whole ? 0 : why_set(why, -EBADMSG, "line 1: a count is missing, or is not one");
}

/* ---- the whole ---- */

struct reading {
	struct hit_digest *digest;
	const struct hit_document *document;
	uint64_t line, hits; /* hits: of the rules so far */
	void (*visit)(void *context, const struct hit_row *row);
	void *context;
};

static int read_digest_line(struct reading *r, const char *text, size_t length, struct why *why)
{
	struct node *node;
	struct hit_row row;
	int status = json_parse_at(&node, text, length, r->line, why);
	if (status != 0)
		return status;
	if (r->line == 1)
		status = read_head(r->digest, node, r->document, why);
	else if (!read_hit_row(node, &row))
		status = why_set(why, -EBADMSG, "line %llu: not a row of a digest", (unsigned long long)r->line);
	else if (row.kind == HIT_ROW_RULE)
		r->hits += row.hits;
	if (status == 0 && r->line > 1 && r->visit)
		r->visit(r->context, &row);
	node_free(node);
	return status;
}

int hit_digest_read(struct hit_digest *digest, const struct hit_document *document,
	void (*visit)(void *context, const struct hit_row *row), void *context, struct why *why)
{
	struct reading r = {.digest = digest, .document = document, .visit = visit, .context = context};
	const char *text = document->text;
	size_t length = document->length;
	*digest = (struct hit_digest){.resolver = ""};
	for (const char *end; length > 0; length -= (size_t)(end + 1 - text), text = end + 1) {
		end = memchr(text, '\n', length < MAX_LINE ? length : MAX_LINE);
		r.line++;
		if (!end || r.line > MAX_HIT_ROWS + 1)
			return why_set(why, -EBADMSG, "line %llu: %s", (unsigned long long)r.line,
				end ? "more rows than a digest may have" : "without an end, or too long");
		int status = read_digest_line(&r, text, (size_t)(end - text), why);
		if (status != 0)
			return status;
	}
	if (r.line == 0)
		return why_set(why, -EBADMSG, "empty");
	if (digest->traffic.blocked + digest->traffic.logged != r.hits + digest->traffic.unattributed)
		return why_set(
			why, -EBADMSG, "what was blocked and logged is not the hits of its rules and the unattributed");
	return 0;
}
