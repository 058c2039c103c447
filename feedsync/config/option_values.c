/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/option_values.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/listen_address.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/url.h"
#include "feedsync/config/share_config.h"
#include "feedsync/config/sighting_ways.h"
#include "feedsync/entries/mailbox.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/formats/misp/misp_source.h"
#include "feedsync/formats/record.h"
#include "feedsync/formats/registry.h"
#include "feedsync/base/uuid.h"
#include "libweir/groups.h"
#include "libweir/policy.h"

const char *url_fault(const char *text)
{
	if (strlen(text) > URL_MAX)
		return "a URL has at most 2047 characters";
	if (strncmp(text, "file:///", 8) == 0 || strncmp(text, "file://localhost/", 17) == 0)
		return strpbrk(text, "#?") ? "in the path of a file # is written %23, and ? is written %3F" : NULL;
	bool web = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
	return web && strcspn(strchr(text, '/') + 2, "/?#:") > 0 ? NULL : "not a URL of a kind that feeds have";
}
_Static_assert(URL_MAX == 2047, "the message above names it");

const char *policy_name_fault(const char *text)
{
	return policy_name_valid(text) ? NULL
				       : "a name has 1 to 63 printable characters without blank, comma, backslash";
}
_Static_assert(POLICY_MAX_NAME == 63, "the message above names it");

/* A feed's name is also the name of its directory. */
const char *feed_name_fault(const char *text)
{
	if (text[0] == '.' || strchr(text, '/'))
		return "the name of a feed has no slash, and no dot at its start";
	return policy_name_fault(text);
}

const char *host_fault(const char *text)
{
	name_storage wire;
	enum reject reject;
	return normalise(text, strlen(text), wire, &reject) < 0 ? reject_text(reject) : NULL;
}

const char *operator_name_fault(const char *text)
{
	name_storage wire;
	enum reject reject;
	return normalise_operator(text, strlen(text), wire, &reject) < 0 ? reject_text(reject) : NULL;
}

const char *prefix_fault(const char *text)
{
	struct client_prefix prefix;
	return prefix_from_text(text, &prefix) ? NULL
					       : "not an address, nor a prefix without bits set behind its length";
}

const char *ipv4_fault(const char *text)
{
	struct in_addr address;
	return inet_pton(AF_INET, text, &address) == 1 ? NULL : "not an IPv4 address";
}

const char *ipv6_fault(const char *text)
{
	struct in6_addr address;
	return inet_pton(AF_INET6, text, &address) == 1 ? NULL : "not an IPv6 address";
}

const char *condition_fault(const char *text)
{
	struct condition condition;
	return condition_read(&condition, text);
}

const char *address_fault(const char *text)
{
	return ipv4_fault(text) && ipv6_fault(text) ? "not an address" : NULL;
}

/* A pin is "sha256//" and 32 octets in base64; semicolons separate several pins. */
const char *pin_fault(const char *text)
{
	static const char start[] = "sha256//", wrong[] = "not \"sha256//\" and 44 characters of base64";
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	enum { DIGITS = 43 };
	for (;; text++) {
		if (strncmp(text, start, sizeof start - 1) != 0)
			return wrong;
		text += sizeof start - 1;
		if (strspn(text, digits) != DIGITS || text[DIGITS] != '=')
			return wrong;
		text += DIGITS + 1;
		if (*text != ';')
			return *text == '\0' ? NULL : wrong;
	}
}

const char *user_fault(const char *text)
{
	return strchr(text, ':') ? "the name of a user has no colon" : NULL;
}

bool moment_read(const char *text, uint64_t *at)
{
	static const char *const patterns[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"};
	for (unsigned i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct tm tm = {0};
		const char *end = strptime(text, patterns[i], &tm);
		if (!end || *end)
			continue;
		long offset = tm.tm_gmtoff;
		int day = tm.tm_mday;
		time_t moment = timegm(&tm);
		*at = (uint64_t)(moment - offset + (i == 0 ? ONE_DAY_S : 0));
		return tm.tm_mday == day && moment > 0; /* false for the 30th of February */
	}
	return false;
}

const char *moment_fault(const char *text)
{
	uint64_t at;
	return moment_read(text, &at) ? NULL : "neither a day nor a moment with its offset from UTC";
}

const char *mailbox_fault(const char *text)
{
	name_storage wire;
	return mailbox_read(text, wire) < 0 ? "not an e-mail address of plain characters and a domain" : NULL;
}

const char *listen_fault(const char *text)
{
	struct listen_address listen;
	return listen_address_read(text, &listen) == 0 ? NULL
						       : "neither an address of the loopback interface with a port nor "
							 "the path of a socket: other machines must not reach it";
}

const char *line_fault(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return "it has a line break, or another control character";
	return NULL;
}

const char *uuid_fault(const char *text)
{
	if (!uuid_is_valid(text))
		return "not a UUID";
	return text[strspn(text, "0-")] == '\0' ? "the UUID of nobody" : NULL;
}

const char *directory_fault(const char *text)
{
	if (text[0] != '/')
		return "not an absolute path";
	for (const char *part = text; part; part = strchr(part + 1, '/')) {
		size_t length = strcspn(part + 1, "/");
		if (part[1] == '.' && (length == 1 || (length == 2 && part[2] == '.')))
			return "a path without \".\" and \"..\" is needed";
	}
	return NULL;
}

const char *key_path_fault(const char *text)
{
	return policy_key_path_valid(text) ? NULL : "not an absolute path of printable ASCII characters without blank";
}

const char *channel_fault(const char *text)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	bool fits = strlen(text) < 64 && text[0] != '.' && strspn(text, valid) == strlen(text);
	return fits ? NULL : "a name has 1 to 63 letters, digits, \".\", \"_\" and \"-\", and no dot at its start";
}

const char *location_fault(const char *text)
{
	if (text[0] == '/')
		return directory_fault(text);
	if (strncmp(text, "https://", 8) != 0 || strcspn(text + 8, "/?#:") == 0)
		return "neither an absolute path nor an https:// URL";
	return strpbrk(text, "?#@") ? "a URL without query, fragment and user is needed" : NULL;
}

const char *endpoint_fault(const char *text)
{
	bool web = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
	const char *host = web ? strchr(text, '/') + 2 : text;
	size_t length = strcspn(host, "/?#@");
	return web && length > 0 && strspn(host + length, "/") == strlen(host + length) ? NULL
											: "not the URL of a server";
}

const char *web_folder_fault(const char *text)
{
	bool web = strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0;
	if (!web || strcspn(strchr(text, '/') + 2, "/?#:") == 0)
		return "neither an https:// nor an http:// URL";
	return strpbrk(text, "?#@") ? "a URL without query, fragment and user is needed" : NULL;
}

const char *label_fault(const char *text)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
	bool fits = text[0] && strspn(text, valid) == strlen(text) && !(text[0] >= '0' && text[0] <= '9');
	return fits ? NULL : "a label has letters, digits and \"_\", and no digit at its start";
}

/* What libcurl signs as it stands: other characters would have to be escaped, and libcurl 7.88 signs escapes wrongly. */
const char *object_name_fault(const char *text)
{
	static const char valid[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
	if (strspn(text, valid) != strlen(text) || text[0] == '/' || strstr(text, "//") || strstr(text, ".."))
		return "only letters, digits, \".\", \"_\", \"-\" and single slashes, none at the start, are possible";
	return NULL;
}

/* ---- words ---- */

const char *scope_word(unsigned index)
{
	return index <= SCOPE_SUBTREE ? scope_text((enum scope)index) : NULL;
}

const char *action_word(unsigned index)
{
	return index < ACTION_COUNT ? action_text((enum action)index) : NULL;
}

const char *format_word(unsigned index)
{
	const struct format *format = format_at(index);
	return format ? format->name : NULL;
}

const char *format_meaning(unsigned index)
{
	return format_at(index)->sentence;
}

const char *values_word(unsigned index)
{
	static const char *const words[] = {"names", "urls", "pages", NULL};
	return words[index];
}

const char *wildcard_word(unsigned index)
{
	static const char *const words[] = {"subtree", "below", NULL};
	return words[index];
}

static const struct {
	const char *word;
	char octet;
} separators[] = {{"comma", ','}, {"semicolon", ';'}, {"tab", '\t'}, {"bar", '|'}, {NULL, '\0'}};

const char *separator_word(unsigned index)
{
	return separators[index].word;
}

char separator_octet(const char *word)
{
	unsigned i = 0;
	while (separators[i].word && strcmp(separators[i].word, word) != 0)
		i++;
	return separators[i].octet;
}

const char *separator_text(char octet)
{
	unsigned i = 0;
	while (separators[i].octet != octet)
		i++;
	return separators[i].word;
}

const char *threat_level_word(unsigned index)
{
	return misp_threat_level(index + 1);
}

const char *tlp_word(unsigned index)
{
	return index < TLP_RED ? tlp_text((enum tlp)(TLP_CLEAR + index)) : NULL;
}

const char *ceiling_word(unsigned index)
{
	return index < TLP_AMBER ? tlp_text((enum tlp)(TLP_CLEAR + index)) : NULL;
}

#define RENDERING_WORDS(row, word, sentence) {word, sentence},
static const struct {
	const char *word, *sentence;
} rendering_words[] = {EACH_RENDERING(RENDERING_WORDS){NULL, NULL}};
#undef RENDERING_WORDS

#define SIGHTING_WAY_WORDS(row, word, sentence, directory, has) {word, sentence},
static const struct {
	const char *word, *sentence;
} sighting_way_words[] = {EACH_SIGHTING_WAY(SIGHTING_WAY_WORDS){NULL, NULL}};
#undef SIGHTING_WAY_WORDS

const char *sighting_way_word(unsigned index)
{
	return sighting_way_words[index].word;
}

const char *sighting_way_meaning(unsigned index)
{
	return sighting_way_words[index].sentence;
}

const char *rendering_word(unsigned index)
{
	return rendering_words[index].word;
}

const char *rendering_meaning(unsigned index)
{
	return rendering_words[index].sentence;
}
