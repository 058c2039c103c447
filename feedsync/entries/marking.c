/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/marking.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

static const char *const tlp_words[] = {
	[TLP_NONE] = "none",
	[TLP_CLEAR] = "clear",
	[TLP_GREEN] = "green",
	[TLP_AMBER] = "amber",
	[TLP_AMBER_STRICT] = "amber+strict",
	[TLP_RED] = "red",
	[TLP_UNKNOWN] = "unknown",
};

static const char *const pap_words[] = {
	[PAP_NONE] = "none",
	[PAP_CLEAR] = "clear",
	[PAP_GREEN] = "green",
	[PAP_AMBER] = "amber",
	[PAP_RED] = "red",
	[PAP_UNKNOWN] = "unknown",
};

const char *tlp_text(enum tlp tlp)
{
	return tlp_words[tlp];
}

const char *pap_text(enum pap pap)
{
	return pap_words[pap];
}

bool tlp_from_text(const char *text, enum tlp *tlp)
{
	if (strcasecmp(text, "white") == 0)
		text = tlp_words[TLP_CLEAR];
	for (*tlp = TLP_CLEAR; *tlp < TLP_UNKNOWN; ++*tlp)
		if (strcasecmp(text, tlp_words[*tlp]) == 0)
			return true;
	return false;
}

bool pap_from_text(const char *text, enum pap *pap)
{
	if (strcasecmp(text, "white") == 0)
		text = pap_words[PAP_CLEAR];
	for (*pap = PAP_CLEAR; *pap < PAP_UNKNOWN; ++*pap)
		if (strcasecmp(text, pap_words[*pap]) == 0)
			return true;
	return false;
}

/* ---- as others write them ---- */

/* Passes over what people put between the parts of such a word. */
static const char *skip_between(const char *text)
{
	while (*text && strchr(" \t:=\"'+-_.", *text))
		text++;
	return text;
}

/* Takes a word, in any case, which no other letter may follow. */
static bool take_marking_word(const char **text, const char *word)
{
	size_t length = strlen(word);
	if (strncasecmp(*text, word, length) != 0 || isalnum((unsigned char)(*text)[length]))
		return false;
	*text = skip_between(*text + length);
	return true;
}

static enum tlp take_tlp(const char *text)
{
	if (take_marking_word(&text, "clear") || take_marking_word(&text, "white"))
		return TLP_CLEAR;
	if (take_marking_word(&text, "green"))
		return TLP_GREEN;
	if (take_marking_word(&text, "amber"))
		return take_marking_word(&text, "strict") ? TLP_AMBER_STRICT : TLP_AMBER;
	return take_marking_word(&text, "red") ? TLP_RED : TLP_UNKNOWN;
}

static enum pap take_pap(const char *text)
{
	if (take_marking_word(&text, "clear") || take_marking_word(&text, "white"))
		return PAP_CLEAR;
	if (take_marking_word(&text, "green"))
		return PAP_GREEN;
	if (take_marking_word(&text, "amber"))
		return PAP_AMBER;
	return take_marking_word(&text, "red") ? PAP_RED : PAP_UNKNOWN;
}

void markings_add_text(struct markings *markings, const char *text)
{
	text = skip_between(text);
	if (take_marking_word(&text, "tlp"))
		markings->tlp |= TLP_BIT(take_tlp(text));
	else if (take_marking_word(&text, "pap"))
		markings->pap |= PAP_BIT(take_pap(text));
}

void markings_add_tlp(struct markings *markings, const char *text)
{
	markings->tlp |= TLP_BIT(take_tlp(skip_between(text)));
}

void markings_add(struct markings *markings, struct markings others)
{
	markings->tlp |= others.tlp;
	markings->pap |= others.pap;
}

bool markings_tlp_forbids(struct markings markings)
{
	return (markings.tlp & (TLP_BIT(TLP_RED) | TLP_BIT(TLP_AMBER_STRICT))) != 0;
}

bool markings_pap_forbids(struct markings markings)
{
	return (markings.pap & (PAP_BIT(PAP_RED) | PAP_BIT(PAP_AMBER))) != 0;
}

struct marking markings_strictest(struct markings markings)
{
	struct marking marking = {TLP_UNKNOWN, PAP_UNKNOWN};
	while (marking.tlp > TLP_NONE && !(markings.tlp & TLP_BIT(marking.tlp)))
		marking.tlp--;
	while (marking.pap > PAP_NONE && !(markings.pap & PAP_BIT(marking.pap)))
		marking.pap--;
	return marking;
}
