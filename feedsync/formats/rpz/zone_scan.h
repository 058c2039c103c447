/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokens of a zone file (RFC 1035 section 5.1), for zonefile.c: words, and where lines end that are not within
 * parentheses. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"

struct why;

struct zone_scan {
	uint64_t line;                /* which errors tell: the one that zone_scan_line was last called for, from 1 */
	size_t length;                /* of the word */
	bool absolute;                /* it ends with a dot that is no escape's */
	char word[MAX_ZONE_WORD + 1]; /* as it is written, escapes too; ended by a NUL, and none is in it */
	/* private */
	FILE *in;
	int next;       /* octet, not yet taken; EOF: there is none, or none that may be */
	uint64_t at;    /* its line */
	bool cr;        /* it is a line end that began with CR */
	bool nul;       /* it was a NUL octet */
	uint64_t depth; /* of parentheses */
};

/* All but TOKEN_WORD and TOKEN_STRING end a record. */
enum token {
	TOKEN_END = 0, /* of the file */
	TOKEN_LINE,    /* the end of a line */
	TOKEN_WORD,
	TOKEN_STRING, /* in quotes: it is passed over, for nothing that is read here may be in quotes */
};

/* Begins, and reads the first octet; `in` is borrowed. */
void zone_scan_begin(struct zone_scan *scan, FILE *in);

/* Where a line begins: notes which. Returns whether it begins with a blank. */
bool zone_scan_line(struct zone_scan *scan);

/* Returns the next token; -EIO; or -EBADMSG with the reason: a NUL octet, a word of more than MAX_ZONE_WORD octets, or
 * what is not ended where it must be. */
must_check int zone_token(struct zone_scan *scan, struct why *why);

/* Wants a word: returns TOKEN_WORD, or an error, which is `otherwise` if something else comes. */
must_check int zone_need_word(struct zone_scan *scan, struct why *why, const char *otherwise);

/* Wants the end of a line, or of the file: returns 0, or an error as above. */
must_check int zone_need_end(struct zone_scan *scan, struct why *why, const char *otherwise);

/* Returns -EBADMSG with the cause, "line 7: no zone: " before it. */
int zone_refuse(const struct zone_scan *scan, struct why *why, const char *cause);
