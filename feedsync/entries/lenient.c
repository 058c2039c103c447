/* SPDX-License-Identifier: BSD-3-Clause */
/* Idea. A text is cut into words at blanks, a word into items at commas and the like, and what syntaxes put around a name
 * is taken off an item. What is then left is a name, or a thing that no rule is about, or a doubt. */
#include "feedsync/entries/lenient.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/browser_url.h"
#include "feedsync/base/text.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/refang.h"

struct reading {
	lenient_take *take;
	void *context;
	int status;                     /* what ended it */
	unsigned names, others, single; /* items so far: names, things that no rule is about, words of one label */
	bool words;                     /* there is more than blanks and a comment */
	enum reject doubt;              /* the first; REJECT_COUNT = none */
};

static void note_doubt(struct reading *r, enum reject reject)
{
	if (r->doubt == REJECT_COUNT)
		r->doubt = reject;
}

static bool is_any_of(char c, const char *characters)
{
	return c && strchr(characters, c);
}

/* ---- an item ---- */

/* Every system has these names, and none of them is ever asked for. */
static bool is_local_name(const char *text, size_t length)
{
	static const char *const local[] = {"localhost", "local", "broadcasthost", "ip6-localhost", "ip6-loopback",
		"ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts"};
	for (unsigned i = 0; i < sizeof local / sizeof *local; i++)
		if (strlen(local[i]) == length && strncasecmp(local[i], text, length) == 0)
			return true;
	return false;
}

static void take_plain_name(struct reading *r, const char *text, size_t length, bool wide)
{
	name_storage wire;
	enum reject reject;
	while (length > 1 && text[length - 1] == '.')
		length--;
	int wire_length = normalise(text, length, wire, &reject);
	if (wire_length >= 0) {
		r->names++;
		r->status = r->take(r->context, wire, (size_t)wire_length, wide);
	} else if (reject == REJECT_ADDRESS || is_local_name(text, length)) {
		r->others++;
	} else if (reject == REJECT_SINGLE || (reject == REJECT_LONG_LABEL && !memchr(text, '.', length))) {
		r->single++; /* a checksum, say */
	} else {
		note_doubt(r, reject);
	}
}

/* A name, perhaps with something in front that means "and all below it". Of "*bank.x" the name behind the wildcard counts,
 * of "cdn*.x" what is behind its label. */
static void read_wide_name(struct reading *r, const char *text, size_t length)
{
	const char *end = text + length, *star = memrchr(text, '*', length);
	const char *start = star == text ? star + 1 : star ? memchr(star, '.', (size_t)(end - star)) : text;
	bool wide = star;
	if (!start || start == end) {
		note_doubt(r, REJECT_PATTERN);
		return;
	}
	if (end - start >= 2 && memcmp(start, "+.", 2) == 0)
		start++;
	for (; start < end && *start == '.'; start++)
		wide = true;
	if (start < end)
		take_plain_name(r, start, (size_t)(end - start), wide);
	else
		note_doubt(r, REJECT_SYNTAX);
}

/* Where the user of "user@host" ends. */
static const char *behind_user(const char *text, const char *end)
{
	const char *at = memrchr(text, '@', (size_t)(end - text));
	return at ? at + 1 : text;
}

static bool all_digits(const char *text, const char *end)
{
	while (text < end && isdigit((unsigned char)*text))
		text++;
	return text == end;
}

/* "host", "host:port", "host/path", "user@host", "key:name", an address, or a range of addresses. */
static void read_piece(struct reading *r, const char *text, size_t length)
{
	const char *end = text + length;
	while (text < end && is_any_of(*text, "\"'`([{"))
		text++;
	while (text < end && is_any_of(end[-1], "\"'`)]}\\"))
		end--;
	const char *path = text;
	while (path < end && *path != '/' && *path != '\\')
		path++;
	if (path == text) {
		if (text < end)
			note_doubt(r, REJECT_PATTERN); /* "/pattern/" */
		return;
	}
	end = path;
	text = behind_user(text, end);
	const char *colon = memchr(text, ':', (size_t)(end - text));
	if (colon && memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
		take_plain_name(r, text, (size_t)(end - text), false); /* an IPv6 address, if anything */
		return;
	}
	if (colon && all_digits(colon + 1, end))
		end = colon;
	else if (colon)
		text = colon + 1;
	if (text < end)
		read_wide_name(r, text, (size_t)(end - text));
}

static void read_pieces(struct reading *r, const char *text, size_t length, const char *separators)
{
	const char *end = text + length;
	while (text < end && r->status == 0) {
		const char *item = text;
		while (text < end && !is_any_of(*text, separators))
			text++;
		if (text > item)
			read_piece(r, item, (size_t)(text - item));
		text += text < end;
	}
}

/* ---- a word ---- */

static void read_url(struct reading *r, const char *text, size_t length)
{
	char host[BROWSER_HOST_MAX + 1];
	switch (browser_url_host(text, length, host)) {
	case BROWSER_URL_HOST:
	case BROWSER_URL_PAGE: read_wide_name(r, host, strlen(host)); break;
	case BROWSER_URL_NONE: note_doubt(r, REJECT_URL); break;
	case BROWSER_URL_NO_MEMORY: r->status = -ENOMEM; break;
	}
}

/* "key=/name/name/where" of dnsmasq, or "key=value". */
static void read_setting(struct reading *r, const char *value, size_t length)
{
	if (length > 0 && *value == '/')
		read_pieces(r, value, length, "/#");
	else
		read_pieces(r, value, length, ",;|");
}

/* Takes off what filters for browsers put around a name: "@@", "|" and "||" in front, "^" and options behind. */
static void read_word(struct reading *r, const char *text, size_t length)
{
	const char *end = text + length;
	if (text_starts_with(text, length, "@@"))
		text += 2;
	while (text < end && is_any_of(*text, "|\"'`"))
		text++;
	const char *cut = text;
	while (cut < end && *cut != '^' && *cut != '$')
		cut++;
	end = cut;
	if (text == end || (end - text == 1 && is_any_of(*text, "-*#@")))
		return; /* of the syntax around a name */
	const char *equals = memchr(text, '=', (size_t)(end - text));
	if (memmem(text, (size_t)(end - text), "://", 3))
		read_url(r, text, (size_t)(end - text));
	else if (equals)
		read_setting(r, equals + 1, (size_t)(end - equals - 1));
	else
		read_pieces(r, text, (size_t)(end - text), ",;|");
}

static bool begins_comment(const char *text, const char *end)
{
	return is_any_of(*text, "#;!") || (end - text >= 2 && memcmp(text, "//", 2) == 0);
}

static void read_words(struct reading *r, const char *text, size_t length)
{
	const char *end = text + length;
	while (text < end && r->status == 0) {
		const char *word = text;
		while (text < end && !isspace((unsigned char)*text))
			text++;
		if (text > word && begins_comment(word, end))
			return;
		r->words |= text > word;
		if (text > word)
			read_word(r, word, (size_t)(text - word));
		text += text < end;
	}
}

/* ---- */

int lenient_read(const char *text, size_t length, lenient_take *take, void *context, enum reject *doubt)
{
	struct reading r = {.take = take, .context = context, .doubt = REJECT_COUNT};
	char *plain = malloc(length + 1);
	*doubt = REJECT_COUNT;
	if (!plain)
		return -ENOMEM;
	memcpy(plain, text, length);
	if (memchr(text, '\0', length))
		note_doubt(&r, REJECT_NUL);
	else
		read_words(&r, plain, refang(plain, length));
	free(plain);
	if (r.words && r.names == 0 && r.others == 0)
		note_doubt(&r, r.single > 0 ? REJECT_SINGLE : REJECT_SYNTAX);
	*doubt = r.doubt;
	return r.status;
}
