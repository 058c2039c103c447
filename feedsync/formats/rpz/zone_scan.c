/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads octets (line ends, NUL), and makes tokens of them (parentheses, quotes, comments). The next octet is always held
 * ready, so no octet is ever put back. */
#include "feedsync/formats/rpz/zone_scan.h"

#include <errno.h>

#include "libweir/errors.h"

int zone_refuse(const struct zone_scan *scan, struct why *why, const char *cause)
{
	return why_set(why, -EBADMSG, "line %llu: no zone: %s", (unsigned long long)scan->line, cause);
}

/* ---- octets ---- */

/* Takes the next octet, and reads the one after it. A line ends in LF, CR LF or a lone CR; each becomes '\n' here. */
static void advance(struct zone_scan *s)
{
	s->at += s->next == '\n';
	int c = getc_unlocked(s->in);
	if (unlikely(c <= '\r')) {
		if (c == '\n' && s->cr)
			c = getc_unlocked(s->in);
		s->cr = c == '\r';
		s->nul = c == '\0';
		c = s->cr ? '\n' : s->nul ? EOF : c;
	} else {
		s->cr = false;
	}
	s->next = c;
}

static void skip_comment(struct zone_scan *s)
{
	while (s->next != '\n' && s->next != EOF)
		advance(s);
}

/* Passes over a byte order mark. Octets that only begin like one stay. */
static void skip_bom(FILE *in)
{
	static const int mark[] = {0xef, 0xbb, 0xbf};
	int c = 0, at = 0;
	while (at < 3 && (c = getc_unlocked(in)) == mark[at])
		at++;
	if (at == 3)
		return;
	if (c != EOF)
		ungetc(c, in);
	while (at > 0)
		ungetc(mark[--at], in);
}

void zone_scan_begin(struct zone_scan *scan, FILE *in)
{
	skip_bom(in);
	scan->in = in;
	scan->at = scan->line = 1;
	scan->cr = scan->nul = false;
	scan->depth = 0;
	scan->next = ' '; /* stands for what is before the first octet */
	advance(scan);
}

bool zone_scan_line(struct zone_scan *scan)
{
	scan->line = scan->at;
	return scan->next == ' ' || scan->next == '\t';
}

/* ---- tokens ---- */

/* Returns the error if there is no next octet because reading failed, or because it is NUL; else 0. */
static int cut_off(const struct zone_scan *s, struct why *why)
{
	if (s->next == EOF && ferror(s->in))
		return why_set(why, -EIO, "line %llu: %s", (unsigned long long)s->at, error_text(-EIO));
	if (s->next == EOF && s->nul)
		return zone_refuse(s, why,
			"a NUL octet: this is no text (BIND writes the zones of secondaries in a form of its own, "
			"unless it is told \"masterfile-format text\")");
	return 0;
}

/* Refuses something that is not ended where it must be. */
static int unended(const struct zone_scan *s, struct why *why, const char *cause)
{
	int status = cut_off(s, why);
	return status < 0 ? status : zone_refuse(s, why, cause);
}

static int end_of_file(const struct zone_scan *s, struct why *why)
{
	return s->depth > 0 ? unended(s, why, "a parenthesis that is not closed") : cut_off(s, why);
}

static bool ends_line(int c)
{
	return c == '\n' || c == EOF;
}

static bool ends_word(int c)
{
	switch (c) {
	case EOF:
	case '\n':
	case '\t':
	case ' ':
	case ';':
	case '"':
	case '(':
	case ')': return true;
	default: return false;
	}
}

static int read_zone_word(struct zone_scan *s, struct why *why)
{
	s->length = 0;
	while (!ends_word(s->next)) {
		bool escape = s->next == '\\';
		if (s->length + 1 + escape > MAX_ZONE_WORD)
			return zone_refuse(s, why, "a word that is too long");
		if (escape) {
			s->word[s->length++] = '\\';
			advance(s);
			if (ends_line(s->next))
				return unended(s, why, "a backslash at the end of a line");
		}
		s->absolute = s->next == '.' && !escape;
		s->word[s->length++] = (char)s->next;
		advance(s);
	}
	s->word[s->length] = '\0';
	int status = cut_off(s, why); /* a word that is cut off is not judged */
	return status < 0 ? status : TOKEN_WORD;
}

static int skip_quoted(struct zone_scan *s, struct why *why)
{
	bool escape = false;
	advance(s);
	for (; escape || s->next != '"'; advance(s)) {
		if (ends_line(s->next))
			return unended(s, why, "a quoted string that does not end in its line");
		escape = s->next == '\\' && !escape;
	}
	advance(s);
	return TOKEN_STRING;
}

int zone_token(struct zone_scan *scan, struct why *why)
{
	struct zone_scan *s = scan;
	for (;;) {
		switch (s->next) {
		case EOF: return end_of_file(s, why);
		case ';': skip_comment(s); continue;
		case '"': return skip_quoted(s, why);
		case '(': s->depth++; break;
		case ')':
			if (s->depth-- == 0)
				return zone_refuse(s, why, "a closing parenthesis without an opening one");
			break;
		case '\n':
			if (s->depth > 0)
				break;
			advance(s);
			return TOKEN_LINE;
		case ' ':
		case '\t': break;
		default: return read_zone_word(s, why);
		}
		advance(s);
	}
}

int zone_need_word(struct zone_scan *scan, struct why *why, const char *otherwise)
{
	int token = zone_token(scan, why);
	return token < 0 || token == TOKEN_WORD ? token : zone_refuse(scan, why, otherwise);
}

int zone_need_end(struct zone_scan *scan, struct why *why, const char *otherwise)
{
	int token = zone_token(scan, why);
	if (token > TOKEN_LINE)
		return zone_refuse(scan, why, otherwise);
	return token < 0 ? token : 0;
}
