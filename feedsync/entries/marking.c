/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/marking.h"

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

struct marking marking_strictest(struct marking a, struct marking b)
{
	return (struct marking){a.tlp > b.tlp ? a.tlp : b.tlp, a.pap > b.pap ? a.pap : b.pap};
}
