/* SPDX-License-Identifier: BSD-3-Clause */
/* An escape stays in a word as it is written, and only name_from_text reads it. So "a\.b" is never taken for "a.b", nor
 * "\@" for the origin. */
#include "feedsync/formats/rpz/zonefile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "feedsync/formats/rpz/zone_words.h"
#include "libweir/errors.h"

/* ---- names and data ---- */

/* Reads the word as a name. Returns its length, or an error of name_from_text. */
static int read_name(const struct zonefile *z, name_storage name)
{
	if (z->scan.length == 1 && z->scan.word[0] == '@') {
		memcpy(name, z->origin, z->origin_length);
		return (int)z->origin_length;
	}
	int length = name_from_text(z->scan.word, z->scan.length, name);
	if (length < 0 || z->scan.absolute)
		return length;
	size_t labels = (size_t)length - 1;
	if (labels + z->origin_length > NAME_MAX_WIRE)
		return WEIR_ENAME_LONG;
	memcpy(name + labels, z->origin, z->origin_length);
	return (int)(labels + z->origin_length);
}

/* Takes data that was written in hexadecimal. What holds for data of the type holds for these octets as well. */
static int take_hex_data(struct zonefile *z, struct why *why, const uint8_t *octets, size_t length)
{
	struct name_labels labels;
	bool right = true;
	if (z->type == ZONE_CNAME) {
		right = length <= NAME_MAX_WIRE && name_split(octets, length, &labels) == 0;
		z->target_length = right ? length : 0;
		name_lower(z->target, octets, z->target_length);
	} else if (z->type == ZONE_A || z->type == ZONE_AAAA) {
		right = length == (z->type == ZONE_A ? 4 : 16);
	}
	return right ? 0 : zone_refuse(&z->scan, why, "data that is not data of its type");
}

static int hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = memchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c, sizeof digits - 1);
	return found ? (int)(found - digits) : -1;
}

/* Adds the digits of the word to the octets read so far; only so many octets are kept as a name may have. */
static bool add_octets(const struct zonefile *z, uint8_t octets[NAME_MAX_WIRE], size_t *digits)
{
	for (size_t i = 0; i < z->scan.length; i++, ++*digits) {
		int value = hex_value(z->scan.word[i]);
		if (value < 0)
			return false;
		if (*digits / 2 < NAME_MAX_WIRE)
			octets[*digits / 2] = (uint8_t)(octets[*digits / 2] << 4 | value);
	}
	return true;
}

/* Reads what follows "\#": the number of octets, and the octets in hexadecimal (RFC 3597 section 5). */
static int read_hex_data(struct zonefile *z, struct why *why)
{
	static const char without[] = "data in hexadecimal without its length";
	uint8_t octets[NAME_MAX_WIRE] = {0};
	uint16_t length;
	size_t digits = 0;
	int token = zone_need_word(&z->scan, why, without);
	if (token < 0)
		return token;
	if (!zone_number_read(z->scan.word, &length))
		return zone_refuse(&z->scan, why, without);
	for (token = zone_token(&z->scan, why); token > TOKEN_LINE; token = zone_token(&z->scan, why))
		if (token != TOKEN_WORD || !add_octets(z, octets, &digits))
			return zone_refuse(&z->scan, why, "data that is not hexadecimal");
	if (token < 0)
		return token;
	if (digits != 2 * (size_t)length)
		return zone_refuse(&z->scan, why, "data in hexadecimal of another length than it says");
	return take_hex_data(z, why, octets, length);
}

/* Passes over data from its first word on. The words of an SOA record are counted, two names and five numbers: else a
 * document that is cut off in them would be a whole zone without entries. */
static int skip_data(struct zonefile *z, struct why *why)
{
	uint64_t words = 0;
	int token = TOKEN_WORD; /* the first token: a word or a string */
	for (; token > TOKEN_LINE; token = zone_token(&z->scan, why))
		words++;
	if (token >= 0 && z->type == ZONE_SOA && words != 7)
		return zone_refuse(&z->scan, why, "an SOA record that is not seven words");
	return token < 0 ? token : 0;
}

/* Data is at least one word (except APL's, which is in no policy zone). Data of an owner that is no name is not
 * judged. */
static int read_data(struct zonefile *z, struct why *why)
{
	int token = zone_token(&z->scan, why), length;
	if (token < 0)
		return token;
	if (token <= TOKEN_LINE)
		return zone_refuse(&z->scan, why, "a record without data");
	if (z->owner_length == 0)
		return skip_data(z, why);
	bool word = token == TOKEN_WORD;
	uint8_t address[16];
	if (word && strcmp(z->scan.word, "\\#") == 0)
		return read_hex_data(z, why);
	if (!z->type_named)
		return zone_refuse(&z->scan, why, "data of an unknown type that is not in hexadecimal");
	switch (z->type) {
	case ZONE_CNAME:
		length = word ? read_name(z, z->target) : -1;
		if (length < 0)
			return zone_refuse(&z->scan, why, "a CNAME record whose target is no name");
		z->target_length = (size_t)length;
		break;
	case ZONE_A:
	case ZONE_AAAA:
		if (!word || inet_pton(z->type == ZONE_A ? AF_INET : AF_INET6, z->scan.word, address) != 1)
			return zone_refuse(&z->scan, why, "an address record without an address");
		break;
	default: return skip_data(z, why);
	}
	return zone_need_end(&z->scan, why, "more than belongs to a record");
}

/* ---- lines ---- */

static int follow_origin(struct zonefile *z, struct why *why)
{
	static const char otherwise[] = "$ORIGIN without a name";
	name_storage origin;
	int token = zone_need_word(&z->scan, why, otherwise);
	if (token < 0)
		return token;
	int length = read_name(z, origin);
	if (length < 0)
		return zone_refuse(&z->scan, why, otherwise);
	memcpy(z->origin, origin, (size_t)length);
	z->origin_length = (size_t)length;
	return zone_need_end(&z->scan, why, "$ORIGIN with more than a name");
}

static int follow_ttl(struct zonefile *z, struct why *why)
{
	static const char otherwise[] = "$TTL without a time";
	int token = zone_need_word(&z->scan, why, otherwise);
	if (token < 0)
		return token;
	if (!zone_is_ttl(z->scan.word))
		return zone_refuse(&z->scan, why, otherwise);
	return zone_need_end(&z->scan, why, "$TTL with more than a time");
}

static int follow_directive(struct zonefile *z, struct why *why)
{
	static const char *const elsewhere[] = {"$INCLUDE", "$GENERATE"};
	if (strcasecmp(z->scan.word, "$ORIGIN") == 0)
		return follow_origin(z, why);
	if (strcasecmp(z->scan.word, "$TTL") == 0)
		return follow_ttl(z, why);
	for (unsigned i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
		if (strcasecmp(z->scan.word, elsewhere[i]) == 0)
			return why_set(why, -EBADMSG, "line %llu: %s is not followed", (unsigned long long)z->scan.line,
				elsewhere[i]);
	return zone_refuse(&z->scan, why, "a word with $ in front that is not known");
}

/* Reads what stands between owner and data: time to live and class, each at most once and in either order, then the
 * type. A record without a class has IN. RFC 1035 says that it has the class of the record before, but a zone has only
 * one class. */
static int read_type(struct zonefile *z, struct why *why, int token)
{
	bool ttl = false, class = false;
	z->class = ZONE_CLASS_IN;
	for (;; token = zone_token(&z->scan, why)) {
		if (token < 0)
			return token;
		if (token != TOKEN_WORD)
			return zone_refuse(&z->scan, why, "a record without a type");
		if (!ttl && zone_is_ttl(z->scan.word))
			ttl = true;
		else if (!class && zone_class_read(z->scan.word, &z->class))
			class = true;
		else if (zone_type_read(z->scan.word, &z->type, &z->type_named))
			return 0;
		else
			return zone_refuse(&z->scan, why, "a type that is not known");
	}
}

static int read_resource_record(struct zonefile *z, struct why *why, int token, bool inherits)
{
	z->target_length = 0;
	if (inherits && !z->owned)
		return zone_refuse(&z->scan, why, "a record without an owner, and none before it");
	if (!inherits && token != TOKEN_WORD)
		return zone_refuse(&z->scan, why, "an owner in quotes");
	bool first = !z->owned;
	if (!inherits) {
		int length = read_name(z, z->owner);
		z->owner_length = length < 0 ? 0 : (size_t)length;
		z->absolute = z->scan.absolute;
		z->owned = true;
		token = zone_token(&z->scan, why);
		if (token == TOKEN_LINE && !first) { /* a line with an owner alone ends there: it is lost alone */
			z->owner_length = 0;
			z->type = 0;
			return 0;
		}
	}
	int status = read_type(z, why, token);
	return status < 0 ? status : read_data(z, why);
}

void zonefile_begin(struct zonefile *zone, FILE *in)
{
	zone_scan_begin(&zone->scan, in);
	zone->owned = false;
	zone->origin[0] = 0;
	zone->origin_length = 1;
}

int zonefile_next(struct zonefile *zone, struct why *why)
{
	struct zonefile *z = zone;
	for (;;) {
		bool inherits = zone_scan_line(&z->scan);
		int token = zone_token(&z->scan, why), status;
		if (token <= TOKEN_END)
			return token;
		if (token == TOKEN_LINE)
			continue;
		z->line = z->scan.line;
		if (!z->owned && token == TOKEN_WORD && z->scan.word[0] == '<')
			return why_set(why, -EBADMSG, "an HTML or XML page, not a list");
		bool record = inherits || token != TOKEN_WORD || z->scan.word[0] != '$';
		status = record ? read_resource_record(z, why, token, inherits) : follow_directive(z, why);
		if (status < 0)
			return status;
		if (record && !(inherits && z->owner_length == 0))
			return 1;
	}
}

size_t zonefile_origin(const struct zonefile *zone, name_storage origin)
{
	memcpy(origin, zone->origin, zone->origin_length);
	return zone->origin_length;
}
