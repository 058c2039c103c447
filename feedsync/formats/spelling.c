/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/spelling.h"

#include <string.h>
#include <strings.h>

/* What stands before a name, and what that means. */
struct word {
	const char *text;
	enum scope scope;
	enum reject reject; /* REJECT_COUNT: a name follows */
};

static const struct word rules[] = {
	{"DOMAIN", SCOPE_EXACT, REJECT_COUNT},
	{"DOMAIN-SUFFIX", SCOPE_SUBTREE, REJECT_COUNT},
	{"HOST", SCOPE_EXACT, REJECT_COUNT},
	{"HOST-SUFFIX", SCOPE_SUBTREE, REJECT_COUNT},
	{"DOMAIN-KEYWORD", SCOPE_EXACT, REJECT_EXPRESSION},
	{"DOMAIN-REGEX", SCOPE_EXACT, REJECT_EXPRESSION},
	{"DOMAIN-WILDCARD", SCOPE_EXACT, REJECT_EXPRESSION},
	{"HOST-KEYWORD", SCOPE_EXACT, REJECT_EXPRESSION},
	{"HOST-WILDCARD", SCOPE_EXACT, REJECT_EXPRESSION},
	{"URL-REGEX", SCOPE_EXACT, REJECT_EXPRESSION},
	{"IP-CIDR", SCOPE_EXACT, REJECT_ADDRESS},
	{"IP-CIDR6", SCOPE_EXACT, REJECT_ADDRESS},
	{"IP6-CIDR", SCOPE_EXACT, REJECT_ADDRESS},
	{"IP-ASN", SCOPE_EXACT, REJECT_ADDRESS},
	{"GEOIP", SCOPE_EXACT, REJECT_ADDRESS},
	{"GEOSITE", SCOPE_EXACT, REJECT_INCLUDE},
	{"RULE-SET", SCOPE_EXACT, REJECT_INCLUDE},
	{"DOMAIN-SET", SCOPE_EXACT, REJECT_INCLUDE},
	{"PROCESS-NAME", SCOPE_EXACT, REJECT_CLIENT},
	{"SRC-IP-CIDR", SCOPE_EXACT, REJECT_CLIENT},
	{"USER-AGENT", SCOPE_EXACT, REJECT_CLIENT},
	{"DST-PORT", SCOPE_EXACT, REJECT_OPTION},
	{"MATCH", SCOPE_EXACT, REJECT_OPTION},
	{"FINAL", SCOPE_EXACT, REJECT_OPTION},
};
static const struct word prefixes[] = {
	{"domain", SCOPE_SUBTREE, REJECT_COUNT},
	{"full", SCOPE_EXACT, REJECT_COUNT},
	{"keyword", SCOPE_EXACT, REJECT_EXPRESSION},
	{"regexp", SCOPE_EXACT, REJECT_EXPRESSION},
	{"regex", SCOPE_EXACT, REJECT_EXPRESSION},
	{"include", SCOPE_EXACT, REJECT_INCLUDE},
	{"geosite", SCOPE_EXACT, REJECT_INCLUDE},
	{"ext", SCOPE_EXACT, REJECT_INCLUDE},
};

/* Takes a word and the octet behind it off the line, if it is one of these. */
static const struct word *take_word(struct span *line, char behind, const struct word *words, size_t count)
{
	const char *end = memchr(line->text, behind, line->length);
	size_t length = end ? (size_t)(end - line->text) : 0;
	for (size_t i = 0; end && i < count; i++) {
		if (strlen(words[i].text) != length || strncasecmp(words[i].text, line->text, length) != 0)
			continue;
		*line = span_trim(span_from(*line, length + 1));
		return &words[i];
	}
	return NULL;
}

/* Takes off "- " and quotes, as YAML has them. Returns whether it was an item of a list. */
static bool take_yaml_item(struct span *line)
{
	static const char *const keys[] = {"payload:", "rules:", NULL};
	if (span_is_one_of(*line, keys))
		line->length = 0;
	if (!span_starts_with(*line, "- "))
		return false;
	*line = span_trim(span_from(*line, 2));
	char quote = line->length > 1 ? line->text[0] : '\0';
	if ((quote == '\'' || quote == '"') && line->text[line->length - 1] == quote)
		*line = (struct span){line->text + 1, line->length - 2};
	return true;
}

/* Takes off attributes, "@ads" and "&list" behind blanks or a colon. */
static struct span without_attributes(struct span line)
{
	for (;;) {
		size_t at = line.length;
		while (at > 0 && !strchr(" \t:", line.text[at - 1]))
			at--;
		if (at == 0 || at == line.length || (line.text[at] != '@' && line.text[at] != '&'))
			return line;
		line = span_trim((struct span){line.text, at - 1});
	}
}

/* What becomes of a name by where the list sends it. */
static enum reject judge_policy(struct span rest, enum rule_kind *kind)
{
	static const char *const flags[] = {"no-resolve", "extended-matching", "pre-matching", "", NULL};
	static const char *const direct[] = {"DIRECT", "PASS", NULL};
	const char *comma = memchr(rest.text, ',', rest.length);
	struct span policy = span_trim((struct span){rest.text, comma ? (size_t)(comma - rest.text) : rest.length});
	*kind = span_is_one_of(policy, direct) ? RULE_EXCEPT : RULE_BLOCK;
	bool rejects = policy.length >= 6 && strncasecmp(policy.text, "REJECT", 6) == 0;
	return rejects || *kind == RULE_EXCEPT || span_is_one_of(policy, flags) ? REJECT_COUNT : REJECT_OPTION;
}

bool spelling_read(struct span *line, struct spelled *spelled)
{
	bool item = take_yaml_item(line);
	*line = without_attributes(*line);
	struct span rest = *line;
	*spelled = (struct spelled){.kind = RULE_BLOCK, .reject = REJECT_COUNT};
	const struct word *word = take_word(&rest, ':', prefixes, sizeof prefixes / sizeof *prefixes);
	if (!word && (word = take_word(&rest, ',', rules, sizeof rules / sizeof *rules))) {
		const char *comma = memchr(rest.text, ',', rest.length);
		size_t length = comma ? (size_t)(comma - rest.text) : rest.length;
		spelled->name = span_trim((struct span){rest.text, length});
		spelled->reject = judge_policy(span_from(rest, length + (comma ? 1 : 0)), &spelled->kind);
	} else if (word) {
		spelled->name = rest;
	}
	if (word) {
		spelled->scope = word->scope;
		spelled->name = span_without_dot(spelled->name);
		if (word->reject != REJECT_COUNT)
			spelled->reject = word->reject;
	} else if (item && line->length > 1 && line->text[0] == '.') {
		spelled->scope = SCOPE_BELOW;
		spelled->name = span_without_dot(*line);
	} else {
		return false;
	}
	return true;
}
