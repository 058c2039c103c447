/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/reject.h"

/* How many examples of a reason are kept. MISP events normally have attributes that name no domain or are not meant to
 * be blocked: nobody wants to see those. What a guard has stopped the operator wants to see. */
enum { NONE = 0, A_FEW = 3, MANY = 20 };

static const struct {
	const char *key, *text;
	enum reject_sign sign;
	unsigned samples;
} rejects[REJECT_COUNT] = {
	[REJECT_EMPTY_LABEL] = {"empty_label", "empty label", SIGN_MALFORMED, A_FEW},
	[REJECT_LONG_LABEL] = {"long_label", "label longer than 63 octets", SIGN_MALFORMED, A_FEW},
	[REJECT_LONG_NAME] = {"long_name", "name longer than 253 characters", SIGN_MALFORMED, A_FEW},
	[REJECT_CHARACTER] = {"character", "character that no host name has", SIGN_MALFORMED, A_FEW},
	[REJECT_IDNA] = {"idna", "internationalised name that does not convert", SIGN_MALFORMED, A_FEW},
	[REJECT_ADDRESS] = {"address", "IP address, not a name", SIGN_WITHDRAWN, A_FEW},
	[REJECT_SINGLE] = {"single_label", "single label", SIGN_MALFORMED, A_FEW},
	[REJECT_URL] = {"url", "URL, not a name", SIGN_MALFORMED, A_FEW},
	[REJECT_PORT] = {"port", "name with a port", SIGN_NONE, A_FEW},
	[REJECT_PATTERN] = {"pattern", "wildcard that is not a whole first label", SIGN_NONE, A_FEW},
	[REJECT_LONG_LINE] = {"long_line", "line too long", SIGN_MALFORMED, A_FEW},
	[REJECT_NUL] = {"nul", "NUL octet", SIGN_MALFORMED, A_FEW},
	[REJECT_REDIRECT] = {"redirect", "address that does not mean blocking", SIGN_MALFORMED, A_FEW},
	[REJECT_OPTION] = {"option", "option or action that DNS blocking does not have", SIGN_NONE, A_FEW},
	[REJECT_QUERY_TYPE] = {"query_type", "for some types of queries only", SIGN_NONE, A_FEW},
	[REJECT_CLIENT] = {"client", "for some clients only", SIGN_NONE, A_FEW},
	[REJECT_CONTENT] = {"content", "rule for the content of pages", SIGN_NONE, A_FEW},
	[REJECT_INCLUDE] = {"include", "names of another file or list, which is not read", SIGN_NONE, A_FEW},
	[REJECT_OVERRULED] = {"overruled", "exception that the list itself overrules", SIGN_NONE, A_FEW},
	[REJECT_PATH] = {"path", "URL of one page, not of a host", SIGN_WITHDRAWN, A_FEW},
	[REJECT_CONDITION] = {"condition", "does not fulfil the feed's conditions", SIGN_WITHDRAWN, NONE},
	[REJECT_SYNTAX] = {"syntax", "not in the syntax of this format", SIGN_MALFORMED, A_FEW},
	[REJECT_TYPE] = {"type", "type that names no domain", SIGN_WITHDRAWN, NONE},
	[REJECT_NOT_IDS] = {"not_ids", "not marked for detection (to_ids)", SIGN_WITHDRAWN, NONE},
	[REJECT_DELETED] = {"deleted", "deleted", SIGN_WITHDRAWN, NONE},
	[REJECT_RELATION] = {"relation", "object relation that names a victim or a bystander", SIGN_WITHDRAWN, A_FEW},
	[REJECT_PAP] = {"pap", "PAP forbids blocking", SIGN_WITHDRAWN, A_FEW},
	[REJECT_TLP] = {"tlp", "TLP forbids sharing with subscribers", SIGN_WITHDRAWN, A_FEW},
	[REJECT_OURS] = {"ours", "published by your own organisation", SIGN_WITHDRAWN, A_FEW},
	[REJECT_FALSE_POSITIVE] = {"false_positive", "confirmed false positive", SIGN_WITHDRAWN, A_FEW},
	[REJECT_WORKFLOW] = {"workflow", "draft, incomplete or rejected", SIGN_WITHDRAWN, A_FEW},
	[REJECT_EXPRESSION] = {"expression", "pattern that is not a list of names", SIGN_NONE, A_FEW},
	[REJECT_REVOKED] = {"revoked", "revoked", SIGN_WITHDRAWN, NONE},
	[REJECT_EXPIRED] = {"expired", "no longer valid, or seen last too long ago", SIGN_WITHDRAWN, NONE},
	[REJECT_NOT_YET] = {"not_yet", "not valid yet", SIGN_WITHDRAWN, NONE},
	[REJECT_BENIGN] = {"benign", "benign", SIGN_WITHDRAWN, NONE},
	[REJECT_OUTSIDE] = {"outside", "name outside the zone", SIGN_MALFORMED, A_FEW},
	[REJECT_TRIGGER] = {"trigger", "RPZ trigger other than the queried name", SIGN_WITHDRAWN, A_FEW},
	[REJECT_CROWDED] = {"crowded", "no place in the table beside too many others of its hash", SIGN_NONE, A_FEW},
	[REJECT_DEEP] = {"deep", "more labels than a list's names may have", SIGN_NONE, A_FEW},
	[REJECT_SELF_TEST] = {"self_test", "name of the self-test", SIGN_WITHDRAWN, A_FEW},
	[REJECT_OWN] = {"own", "own infrastructure", SIGN_WITHDRAWN, MANY},
	[REJECT_SPECIAL_USE] = {"special_use", "special-use name", SIGN_WITHDRAWN, MANY},
	[REJECT_ESSENTIAL] = {"essential", "name that too much depends on", SIGN_WITHDRAWN, MANY},
	[REJECT_FEED_HOST] = {"feed_host", "host of a feed", SIGN_WITHDRAWN, MANY},
	[REJECT_SUFFIX] = {"public_suffix", "public suffix", SIGN_WITHDRAWN, MANY},
	[REJECT_GUARDED] = {"guarded", "guarded name", SIGN_WITHDRAWN, MANY},
};

const char *reject_text(enum reject reject)
{
	return rejects[reject].text;
}

const char *reject_key(enum reject reject)
{
	return rejects[reject].key;
}

enum reject_sign reject_sign(enum reject reject)
{
	return rejects[reject].sign;
}

unsigned reject_samples(enum reject reject)
{
	return rejects[reject].samples;
}
