/* SPDX-License-Identifier: BSD-3-Clause */
/* A digest of hits: what the resolvers of one host counted in one hour, for the compiler, which adds the hours of the whole fleet
 * up. It is a text of lines, each a JSON document:
 *
 *   {"format":1,"resolver":"cologne-1","hour":"2026-11-29T15","blocked":9,"logged":0,"opted_out":0,"unattributed":2,...}
 *   ["rule","evil.example","subtree","phishing","nxdomain","default",7,13.2,2.1]
 *   ["feed","isp-community","phishing","nxdomain",9]
 *   ["group","default","nxdomain",9]
 *
 * A rule has hits of this hour; at least how many clients hit it on the day so far; and by how many more than the digest before
 * told they may be at most. It stands there only if as many clients of this host hit it as `trends` may show: the hits of all
 * others are unattributed. No client is in it, nor anything that stands for one: no registers, no address, no name that was asked
 * for. So the clients of two hosts cannot be united. Of a rule there are at least as many as one host has had, and at most as many
 * as all of them together.
 *
 * Of an hour: blocked + logged = the hits of its rules + unattributed. What does not add up is refused. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/trends/trends_store.h"
#include "libweir/attributes.h"

enum {
	HIT_DIGEST_FORMAT = 1,
	HIT_DIGEST_NAME_TEXT = 64, /* room for a resolver's name */
	HIT_DIGEST_HOUR_TEXT = 16, /* room for an hour: "2026-11-29T15" */
	HIT_DIGEST_OBJECT_TEXT = 96
};

enum hit_row_kind { HIT_ROW_RULE, HIT_ROW_FEED, HIT_ROW_GROUP };

struct hit_row {
	enum hit_row_kind kind;
	const char *name;     /* of the rule, as name_to_text writes it, or of the feed or group */
	enum scope scope;     /* of a rule */
	const char *category; /* of a rule or feed */
	enum action action;
	const char *group; /* of a rule */
	uint64_t hits;
	double low, more; /* of a rule: clients */
};

struct hit_digest {
	char resolver[HIT_DIGEST_NAME_TEXT];
	struct trends_traffic traffic; /* of its hour */
};

/* Writes an hour; and the name of an object relative to its target: "digests/cologne-1/2026-11-29T15". Return `text`. */
const char *hit_digest_hour(uint64_t hour, char text[HIT_DIGEST_HOUR_TEXT]);
const char *hit_digest_object(const char *resolver, uint64_t hour, char text[HIT_DIGEST_OBJECT_TEXT]);

/* One that is to be read: its text, and whose and of which hour it must be. */
struct hit_document {
	const char *resolver;
	uint64_t hour;
	const char *text;
	size_t length;
};

/* Reads one. An object that lies under another's name, or another hour's, is refused. `visit` is called for each row, with texts
 * that are valid for the call; NULL: the rows are only looked at. Returns 0; or -EBADMSG, WEIR_EVERSION or -ENOMEM with the reason,
 * which names the line: then nothing of it is to be used, so look at it first. */
must_check int hit_digest_read(struct hit_digest *digest, const struct hit_document *document,
	void (*visit)(void *context, const struct hit_row *row), void *context, struct why *why);

/* Makes the digest of an hour from what a store has. Returns 0 and a text to be freed; or, and NULL, a negative code with the
 * reason. */
must_check int hit_digest_make(char **text, size_t *length, struct trends *trends, const char *resolver, uint64_t hour,
	unsigned min_clients, struct why *why);
