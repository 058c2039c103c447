/* The policy inside a table: which feeds there are, what their categories do to an answer, and the verdicts that rules
 * point to. Everything the module needs beside names.
 *
 * A *verdict* says what is decided for a name and why. It holds two lists of (feed, category): `own`, what the feeds
 * said at this rule (that is what dump shows), and `effective`, what holds here once every covering rule is united,
 * each feed's own exceptions taken off, and an operator's allow rule put above all. Uniting happens in the builder: a
 * lookup takes the verdict of the deepest rule on its way and is done.
 *
 * A *class* is a pair of verdict numbers: one for the name itself, one for the names below it. 0 in the first place
 * means "as below", 0 in the second "what covers this name covers them too".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

#define POLICY_MAX_NAME 63  /* characters of a feed's or category's name */
#define POLICY_MAX_TEXT 200 /* characters of an EDE text */
#define POLICY_MAX_FEEDS 4096
#define POLICY_MAX_CATEGORIES 256
#define POLICY_MAX_TTL 86400          /* seconds */
#define POLICY_MAX_VERDICTS (1 << 20) /* and classes */

/* What a client gets, weakest first: of several the last in this list wins. `allow` is the action of categories whose
 * rules are allow rules, `log` only counts. */
enum action {
	ACTION_ALLOW,
	ACTION_LOG,
	ACTION_REDIRECT,
	ACTION_SINKHOLE,
	ACTION_TRUNCATE,
	ACTION_NODATA,
	ACTION_NXDOMAIN,
	ACTION_REFUSED,
	ACTION_DROP,
	ACTION_COUNT
};

enum scope { SCOPE_EXACT, SCOPE_SUBTREE };

enum rule_kind {
	RULE_BLOCK,
	RULE_ALLOW, /* ends the walk: the name passes whatever else is listed */
	RULE_EXCEPT /* frees the name from its own feed only */
};

enum decision { DECISION_PASS, DECISION_ALLOW, DECISION_BLOCK };

/* The word used in config, output and dumps; NULL for a number that is none of them. */
const char *action_text(enum action action);
/* Returns 0 and the action, or -1. */
must_check int action_from_text(const char *text, enum action *action);
const char *scope_text(enum scope scope);

struct feed_policy {
	char name[POLICY_MAX_NAME + 1];
	bool check_targets; /* rules of this feed also hold for CNAME and other targets in an answer */
};

struct category_policy {
	char name[POLICY_MAX_NAME + 1];
	enum action action;
	uint16_t ede;                   /* RFC 8914 info code: 15 own policy, 16 legal order, 17 asked for */
	uint32_t ttl_s;                 /* of the answer */
	char text[POLICY_MAX_TEXT + 1]; /* EDE text, may be empty */
};

/* What a rule is from: its feed and category by index into the policy. Ordered as one number. */
struct source {
	uint16_t feed;
	uint16_t category;
};

struct own_source {
	struct source source;
	enum rule_kind kind;
};

struct verdict {
	enum decision decision;
	enum action action;        /* strongest of the effective sources; ALLOW unless decision is BLOCK */
	enum action target_action; /* strongest of those whose feed checks targets; ALLOW if there is none */
	uint16_t own_count;
	uint16_t effective_count;
	const struct own_source *own;
	const struct source *effective;
};

struct class
{
	uint32_t exact;
	uint32_t subtree;
};

/* A whole policy. The builder is given one with feeds and categories only and adds verdicts and classes; an opened
 * table has all of it, immutable. Index 0 of verdicts is unused. */
struct policy {
	const struct feed_policy *feeds;
	const struct category_policy *categories;
	const struct verdict *verdicts;
	const struct class *classes;
	uint32_t feed_count;
	uint32_t category_count;
	uint32_t verdict_count; /* index 0 included: at least 1 */
	uint32_t class_count;
};

/* Feed and category names: 1 to POLICY_MAX_NAME printable ASCII characters without space, comma and backslash. */
bool policy_name_valid(const char *name);

/* Fills in the actions of a verdict from its effective sources. */
void verdict_settle(struct verdict *verdict, const struct policy *policy);

/* Bytes of the policy section. Returns malloc'ed memory (caller frees) and its length, or NULL when out of memory. */
must_check uint8_t *policy_encode(const struct policy *policy, size_t *length);

struct why;
/* Reads a policy section from anywhere, checking everything: every number it holds is in range afterwards. Returns 0
 * and a policy to be given to policy_free, or -ENOMEM or WEIR_EFORMAT. */
must_check int policy_decode(struct policy *policy, const uint8_t *data, size_t length, struct why *why);

/* The category that an action of a block verdict comes from, whose answer text and times apply; of several the first.
 * With `for_target` only sources whose feed checks targets count. */
const struct category_policy *verdict_category(
	const struct verdict *verdict, const struct policy *policy, bool for_target);

/* Frees what policy_decode made; a zeroed policy is fine. */
void policy_free(struct policy *policy);
