/* SPDX-License-Identifier: BSD-3-Clause */
/* Why an entry of a feed did not become a rule. Each reason is one row of the table in reject.c, which says all
 * that the rest of the program asks about the reason. To add one: a line here, and a row there. */
#pragma once

#include <stdbool.h>

/* In the order in which `status` tells them where their counts are equal. */
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
	REJECT_NUL,        /* a NUL octet in a line */
	REJECT_REDIRECT,   /* an address that does not mean blocking */
	REJECT_OPTION,     /* an option or action that makes the entry something else than a name to be blocked */
	REJECT_QUERY_TYPE, /* it is for some types of queries only */
	REJECT_CLIENT,     /* it is for some clients only */
	REJECT_CONTENT,    /* it is about the content of pages */
	REJECT_INCLUDE,    /* names that stand in another file */
	REJECT_OVERRULED,  /* the list itself says otherwise: an exception to an entry that is stronger */
	REJECT_PATH,       /* a URL of one page, not of a host */
	REJECT_CONDITION,  /* the feed's own conditions are not fulfilled */
	REJECT_SYNTAX,
	REJECT_TYPE,           /* MISP, STIX: a type that names no domain */
	REJECT_NOT_IDS,        /* MISP: to_ids is false */
	REJECT_DELETED,        /* MISP: the attribute or object is deleted */
	REJECT_RELATION,       /* MISP: an object relation that names an innocent */
	REJECT_PAP,            /* MISP: PAP:RED or PAP:AMBER forbid blocking */
	REJECT_TLP,            /* MISP, STIX: TLP forbids telling the subscribers' resolver */
	REJECT_OURS,           /* MISP, STIX: published by our own organisation */
	REJECT_FALSE_POSITIVE, /* MISP: tagged as a confirmed false positive */
	REJECT_WORKFLOW,       /* MISP: draft, incomplete or rejected */
	REJECT_EXPRESSION,     /* a pattern or regular expression that is not a list of names */
	REJECT_REVOKED,        /* STIX: revoked */
	REJECT_EXPIRED,        /* STIX: valid_until is past; any format: seen last too long ago (max-age) */
	REJECT_NOT_YET,        /* STIX: valid_from lies ahead */
	REJECT_BENIGN,         /* STIX: indicator_types has benign */
	REJECT_OUTSIDE,        /* RPZ: a name outside the zone */
	REJECT_TRIGGER,        /* RPZ: a trigger that is not the queried name */
	REJECT_CROWDED,        /* any: the table's index has no seat for it (seat.h): names were chosen for that */
	REJECT_DEEP,           /* any: more labels than names of lists have */
	REJECT_SELF_TEST,      /* any: would say something of the name of the self-test (self_test.h) */
	REJECT_OWN,            /* the guards from here on (guard.h): the operator's own infrastructure */
	REJECT_SPECIAL_USE,    /* a name that the protocols need */
	REJECT_ESSENTIAL,      /* a name that too much depends on (essential.h) */
	REJECT_FEED_HOST,      /* a host that a feed comes from */
	REJECT_SUFFIX,         /* a public suffix: everybody's names lie below it, or below what lies below it */
	REJECT_GUARDED,        /* a name of a list, or above one */
	REJECT_COUNT
};

/* What a reason says of the document. */
enum reject_sign {
	SIGN_NONE,      /* nothing: real lists are full of such entries */
	SIGN_MALFORMED, /* the document may not be in the syntax that it should be in: an alarm counts these */
	SIGN_WITHDRAWN, /* the entry was understood: it is withdrawn, or is nothing that could be blocked, or is not for
			   us. A document in another syntax has no such entries, or few by chance */
};

const char *reject_text(enum reject reject); /* a few words, for messages */
const char *reject_key(enum reject reject);  /* one word, for JSON keys and feed.json */
enum reject_sign reject_sign(enum reject reject);

/* How many entries that are rejected for this reason are kept as examples. */
unsigned reject_samples(enum reject reject);
