/* SPDX-License-Identifier: BSD-3-Clause */
/* The tokens of a zone file (RFC 1035 section 5.1), for zonefile.c: words, and the ends of lines outside parentheses. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "feedsync/base/maxima.h"
#include "libweir/attributes.h"

struct why;

struct zone_scan {
	uint64_t line;                /* the one that zone_scan_line was last called for, from 1; errors name it */
	size_t length;                /* of the word */
	bool absolute;                /* it ends with a dot that is not escaped */
	char word[MAX_ZONE_WORD + 1]; /* as it is written, with its escapes; a NUL ends it, and no other is in it */
	/* private */
	FILE *in;
	int next;       /* the octet not yet taken; EOF: there is none, or it is NUL */
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
	TOKEN_STRING, /* in quotes: passed over, since nothing that matters here may be in quotes */
};

/* Begins, and reads the first octet; `in` is borrowed. */
void zone_scan_begin(struct zone_scan *scan, FILE *in);

/* To be called where a line begins: notes its number. Returns whether the line begins with a blank. */
bool zone_scan_line(struct zone_scan *scan);

/* Returns the next token; -EIO; or -EBADMSG with the reason: a NUL octet, a word of more than MAX_ZONE_WORD octets, or a
 * quote, a parenthesis or an escape that is not ended. */
must_check int zone_token(struct zone_scan *scan, struct why *why);

/* Returns TOKEN_WORD, or an error, which is `otherwise` if the next token is no word. */
must_check int zone_need_word(struct zone_scan *scan, struct why *why, const char *otherwise);

/* Returns 0 if the line, or the file, ends here, or an error as above. */
must_check int zone_need_end(struct zone_scan *scan, struct why *why, const char *otherwise);

/* Returns -EBADMSG with the reason "line 7: no zone: CAUSE". */
int zone_refuse(const struct zone_scan *scan, struct why *why, const char *cause);
