/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy inside a table: everything that the module needs beside names. It says which feeds there are, what their
 * categories do to an answer, and which verdicts the rules point to.
 *
 * A *verdict* says what is decided for a name, and why. It holds two lists of (feed, category). `own` is what the feeds
 * said at this rule; dump shows that. `effective` is what holds here: every covering rule united, each feed's own
 * exceptions taken off, and an operator's allow rule put above all. The builder unites: a lookup takes the verdict of
 * the deepest rule on its way and is done.
 *
 * A *class* is a pair of verdict numbers: one for the name itself, one for the names below it. In the first place 0
 * means "as below"; in the second, "what covers this name covers them too".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/action.h"
#include "libweir/attributes.h"
#include "libweir/name.h"

#define POLICY_MAX_NAME 63  /* characters of a feed's or category's name */
#define POLICY_MAX_TEXT 200 /* characters of an EDE text */
#define POLICY_MAX_FEEDS 4096
#define POLICY_MAX_CATEGORIES 256
#define POLICY_MAX_GROUPS 255
#define POLICY_MAX_PREFIXES 100000
#define POLICY_MAX_RANGES (2 * POLICY_MAX_PREFIXES + 1)
#define POLICY_MAX_KEY_PATH 200       /* characters of a path */
#define POLICY_CLIENT_IPV4 32         /* bits of an address that may tell clients apart, ... */
#define POLICY_CLIENT_IPV6 64         /* ... of IPv6: a network, in which a client chooses the rest */
#define POLICY_MAX_TTL 86400          /* seconds */
#define POLICY_MAX_VERDICTS (1 << 20) /* and classes */

enum scope {
	SCOPE_EXACT,
	SCOPE_SUBTREE,
	SCOPE_BELOW, /* below the name, without the name itself; a table has no rule of this scope */
};

enum rule_kind {
	RULE_BLOCK,
	RULE_ALLOW,  /* ends the walk: the name passes whatever else is listed */
	RULE_EXCEPT, /* frees the name from its own feed only */
	RULE_CANCEL, /* takes back what its own feed says of this name with this scope, but an exception: of rules as they
			come in; no table has one */
};

enum decision { DECISION_PASS, DECISION_ALLOW, DECISION_BLOCK };

/* The word for a scope in configuration, output and dumps. */
const char *scope_text(enum scope scope);

/* SCOPE_EXACT or SCOPE_SUBTREE by its word. Returns 0, or -1 for another. */
must_check int scope_from_text(const char *text, enum scope *scope);

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
	bool has_ipv4, has_ipv6;        /* addresses of a sinkhole */
	uint8_t ipv4[4], ipv6[16];
	uint8_t redirect_length; /* octets of the redirect target's name; 0 = none */
	name_storage redirect;
};

/* A set of clients with its own actions. Group numbers count from 1; GROUP_DEFAULT are all other clients, whose actions
 * are the categories' own. */
struct group_policy {
	char name[POLICY_MAX_NAME + 1];
	uint8_t action[POLICY_MAX_CATEGORIES]; /* enum action, by category */
};

/* What is told about single queries that were blocked or logged (hits.h). */
struct hits_policy {
	bool events;
	uint8_t ipv4_bits, ipv6_bits; /* of the client's address; 0: nothing */
	bool rules;                   /* each rule is counted (cells.h), ... */
	uint8_t client_ipv4_bits,
		client_ipv6_bits; /* ... with so many bits of an address for one client; 0: without clients */
	/* Where a resolver has the secret that it shares with others to tell clients apart (client_key_file.h); "": nowhere */
	char client_key[POLICY_MAX_KEY_PATH + 1];
};

#define GROUP_DEFAULT 0
#define GROUP_ANYONE UINT16_MAX /* the client for whom it is worst: no cache may hold what is blocked for it */

/* An address: 16 octets, IPv4 as ::ffff:a.b.c.d (RFC 4291 section 2.5.5.2). */
#define ADDRESS_LENGTH 16

/* Clients from one address up to the next range's first. */
struct client_range {
	uint8_t first[ADDRESS_LENGTH];
	uint8_t group;
};

/* Where a rule is from: the index of its feed and of its category in the policy. Sources are ordered as one number. */
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
	/* `action` is the strongest of the effective sources for the default group. `any_action` is the strongest for
	 * any group. The target_ ones count only sources whose feed checks targets. All are ALLOW if there is no
	 * source, or if decision is not BLOCK. */
	enum action action, any_action;
	enum action target_action, any_target_action;
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

/* A whole policy. The builder gets one with feeds, categories and groups, and adds verdicts and classes. An opened
 * table has all of it, and never changes it. Index 0 of verdicts is unused. */
struct policy {
	const struct feed_policy *feeds;
	const struct category_policy *categories;
	const struct group_policy *groups; /* of group 1 and on */
	const struct client_range *ranges; /* all addresses, in their order; none where there are no groups */
	const struct verdict *verdicts;
	const struct class *classes;
	struct hits_policy hits;
	const uint8_t
		*contact; /* mailbox name (RFC 1035 section 3.3.13) in the SOA of blocked answers; NULL: not told */
	bool logs;        /* some category's action is `log` for somebody; set by policy_decode */
	uint32_t feed_count;
	uint32_t category_count;
	uint32_t group_count;
	uint32_t range_count;
	uint32_t verdict_count; /* index 0 included: at least 1 */
	uint32_t class_count;
	uint8_t contact_length; /* octets; 0 = not told */
};

/* The format version (format.h) that a table needs at least for what its policy says. */
uint32_t policy_version(const struct policy *policy);

/* The number of the first feed with this name; feed_count if there is none. */
uint32_t policy_find_feed(const struct policy *policy, const char *name);

/* The number of the first category with this name; category_count if there is none. */
uint32_t policy_find_category(const struct policy *policy, const char *name);

/* Whether a text can name a feed or category: 1 to POLICY_MAX_NAME printable ASCII characters without space, comma and
 * backslash. */
bool policy_name_valid(const char *name);

/* Whether a text can be the path of a shared secret: absolute, of at most POLICY_MAX_KEY_PATH printable ASCII characters without
 * space. */
bool policy_key_path_valid(const char *path);

/* Whether a source is among those that a verdict blocks for. */
bool verdict_blocks_for(const struct verdict *verdict, struct source source);

/* Fills in the actions of a verdict from its effective sources. */
void verdict_settle(struct verdict *verdict, const struct policy *policy);

/* Makes the octets of the policy section. Returns malloc'ed memory, which the caller frees, and its length; or NULL
 * when out of memory. */
must_check uint8_t *policy_encode(const struct policy *policy, size_t *length);

struct why;
/* Reads a policy section, which may come from anywhere, and checks everything: afterwards every number in it is in
 * range. Returns 0 and a policy that policy_free frees, or -ENOMEM or WEIR_EFORMAT. */
must_check int policy_decode(struct policy *policy, const uint8_t *data, size_t length, struct why *why);

/* What a verdict does to a client of a group. */
struct effect {
	enum action action; /* ALLOW: nothing */
	/* its text, TTL and addresses apply. NULL for GROUP_ANYONE, and where nothing happens */
	const struct category_policy *category;
};

/* The effect of a verdict on a group. With `for_target` only sources whose feed checks targets count. */
struct effect verdict_effect(
	const struct verdict *verdict, const struct policy *policy, uint16_t group, bool for_target);

/* Frees what policy_decode made; a zeroed policy is fine. */
void policy_free(struct policy *policy);
