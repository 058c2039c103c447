/* SPDX-License-Identifier: BSD-3-Clause */
/* What parsers hand on: entries, and what they refused.
 *
 * A parser reads one document of a feed and calls its sink for each rule it finds. Text from outside becomes a name in
 * one place, sink_name, whatever the syntax: so every feed is normalised alike and every rejection has a reason, a
 * place and a count.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"
#include "libweir/policy.h"

/* Why an entry did not become a rule. The order is that of reject_text and of the counts kept for `status`. */
enum reject {
	REJECT_EMPTY_LABEL,
	REJECT_LONG_LABEL,
	REJECT_LONG_NAME,
	REJECT_CHARACTER, /* a character that no host name has */
	REJECT_IDNA,      /* an internationalised name that does not convert */
	REJECT_ADDRESS,   /* an IP address instead of a name */
	REJECT_SINGLE,    /* the root or a single label */
	REJECT_URL,       /* a URL or a path where a name belongs */
	REJECT_PORT,      /* a name with a port */
	REJECT_PATTERN,   /* a wildcard that is not a whole first label */
	REJECT_LONG_LINE,
	REJECT_NUL,       /* a NUL octet in a line */
	REJECT_REDIRECT,  /* an address that does not mean blocking */
	REJECT_OPTION,    /* an option or action that makes it something else than a name to be blocked */
	REJECT_PATH,      /* a URL of one page, not of a host */
	REJECT_CONDITION, /* the feed's own conditions are not fulfilled */
	REJECT_SYNTAX,
	REJECT_TYPE,           /* MISP, STIX: a type that names no domain */
	REJECT_NOT_IDS,        /* MISP: to_ids is false */
	REJECT_DELETED,        /* MISP: attribute or object is deleted */
	REJECT_RELATION,       /* MISP: an object relation that names an innocent */
	REJECT_PAP,            /* MISP: PAP:RED or PAP:AMBER forbid blocking */
	REJECT_TLP,            /* MISP, STIX: TLP forbids telling the subscribers' resolver */
	REJECT_FALSE_POSITIVE, /* MISP: tagged as a confirmed false positive */
	REJECT_WORKFLOW,       /* MISP: draft, incomplete or rejected */
	REJECT_EXPRESSION,     /* STIX: a pattern that is not a list of names */
	REJECT_REVOKED,        /* STIX: revoked */
	REJECT_EXPIRED,        /* STIX: valid_until is past; any: seen last too long ago (max-age) */
	REJECT_BENIGN,         /* STIX: indicator_types has benign */
	REJECT_OUTSIDE,        /* RPZ: a name outside the zone */
	REJECT_TRIGGER,        /* RPZ: a trigger that is not the queried name */
	REJECT_CROWDED,     /* any: the table's index has no place for it (rehash.h): names chosen so that it has not */
	REJECT_DEEP,        /* any: more labels than names of lists have */
	REJECT_SELF_TEST,   /* any: would say something of the name of the self-test (self_test.h) */
	REJECT_OWN,         /* the guards from here on (guard.h): the operator's own infrastructure */
	REJECT_SPECIAL_USE, /* a name that the protocols need */
	REJECT_ESSENTIAL,   /* a name that too much depends on (essential.h) */
	REJECT_FEED_HOST,   /* a host that a feed comes from */
	REJECT_SUFFIX,      /* a public suffix: everybody's names lie below it, or below what lies below it */
	REJECT_GUARDED,     /* a name of a list, or above one */
	REJECT_COUNT
};

/* A few words, for messages; and one word, for JSON keys. */
const char *reject_text(enum reject reject);
const char *reject_key(enum reject reject);

/* Where something stands: "feeds/urlhaus.csv:1234". Lines count from 1; 0 = the document as a whole. */
struct place {
	const char *document;
	uint64_t line;
	const char *detail; /* for what has no lines: "attribute <uuid>"; or NULL */
};

struct rule {
	const uint8_t *wire; /* canonical, valid for the call */
	size_t length;
	enum scope scope;
	enum rule_kind kind; /* BLOCK, or EXCEPT: an exception that the feed itself makes */
};

/* Counts of one parse, with the first few rejected entries as examples. */
struct tally {
	uint64_t entries; /* rules handed on */
	uint64_t octets;  /* of their names */
	uint64_t nodes;   /* that a table may need for them: one for each label but the last (libweir/format.h) */
	uint64_t rejected[REJECT_COUNT];
	uint64_t damaged; /* documents of the feed that could not be read: what they held is missing */
	bool blank;       /* there was nothing to read: no octet, or none but blanks where those mean nothing */
	struct sample {
		enum reject reject;
		char text[MAX_SAMPLE_TEXT + 1]; /* place and entry, printable */
	} sample[MAX_SAMPLES], first;           /* the first of all as well: there may be no other example */
	unsigned sample_count;
};

uint64_t tally_rejected(const struct tally *tally);
uint64_t tally_malformed(const struct tally *tally); /* of these */

/* Of these as well: those that were understood, and say or are such that they are not to be used. */
uint64_t tally_withdrawn(const struct tally *tally);

enum { TALLY_REASONS = 160 };
/* Why entries were not used, in a line that is cut to fit: "21 not used: 20 IP address, not a name; 1 single label; for
 * example l:3: 192.0.2.1". "" where all were. Returns `text`. */
const char *tally_reasons(const struct tally *tally, char text[TALLY_REASONS]);

struct guard;
struct misp_source;
struct nameset;

struct sink {
	/* Takes a rule. Returns 0, or an error that ends the parse. */
	int (*take)(void *context, const struct rule *rule);
	/* Is told of every rejected entry; NULL = nobody is. */
	void (*refuse)(void *context, enum reject reject, const char *text, size_t length);
	void *context;
	const struct guard *guard;       /* refuses rules; NULL = none */
	const struct nameset *unguarded; /* but not these; may be NULL */
	struct tally *tally;
	uint16_t category; /* of the rules that come: the feed's own, where its parser does not tell another */
	/* of the entry at hand, for whom take and refuse call */
	const struct place *place;
	const struct misp_source *misp; /* what MISP says of it (misp_source.h), or NULL */
};

/* Normalises the text of a name (normalise.h), asks the guard, and hands the rule to the sink, or counts why not.
 * Returns what take returned, or 0. sink_name is for a block rule. */
must_check int sink_name(
	struct sink *sink, const struct place *place, const char *text, size_t length, enum scope scope);

must_check int sink_rule(struct sink *sink, const struct place *place, const char *text, size_t length,
	enum scope scope, enum rule_kind kind);

/* Counts a rejected entry. */
void sink_reject(struct sink *sink, const struct place *place, enum reject reject, const char *text, size_t length);
