/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/rpz/zone_words.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct word {
	const char *text;
	uint16_t value;
};

/* In the order of their numbers, so the frequent types come first. Types of questions only (ANY, AXFR, OPT) are left
 * out. */
static const struct word types[] = {{"A", ZONE_A}, {"NS", ZONE_NS}, {"MD", 3}, {"MF", 4}, {"CNAME", ZONE_CNAME},
	{"SOA", ZONE_SOA}, {"MB", 7}, {"MG", 8}, {"MR", 9}, {"NULL", 10}, {"WKS", 11}, {"PTR", 12}, {"HINFO", 13},
	{"MINFO", 14}, {"MX", 15}, {"TXT", 16}, {"RP", 17}, {"AFSDB", 18}, {"X25", 19}, {"ISDN", 20}, {"RT", 21},
	{"NSAP", 22}, {"NSAP-PTR", 23}, {"SIG", 24}, {"KEY", 25}, {"PX", 26}, {"GPOS", 27}, {"AAAA", ZONE_AAAA},
	{"LOC", 29}, {"NXT", 30}, {"EID", 31}, {"NIMLOC", 32}, {"SRV", 33}, {"ATMA", 34}, {"NAPTR", 35}, {"KX", 36},
	{"CERT", 37}, {"A6", 38}, {"DNAME", ZONE_DNAME}, {"SINK", 40}, {"APL", 42}, {"DS", ZONE_DS}, {"SSHFP", 44},
	{"IPSECKEY", 45}, {"RRSIG", ZONE_RRSIG}, {"NSEC", ZONE_NSEC}, {"DNSKEY", ZONE_DNSKEY}, {"DHCID", 49},
	{"NSEC3", ZONE_NSEC3}, {"NSEC3PARAM", ZONE_NSEC3PARAM}, {"TLSA", 52}, {"SMIMEA", 53}, {"HIP", 55},
	{"NINFO", 56}, {"RKEY", 57}, {"TALINK", 58}, {"CDS", ZONE_CDS}, {"CDNSKEY", ZONE_CDNSKEY}, {"OPENPGPKEY", 61},
	{"CSYNC", 62}, {"ZONEMD", ZONE_ZONEMD}, {"SVCB", 64}, {"HTTPS", 65}, {"DSYNC", 66}, {"HHIT", 67}, {"BRID", 68},
	{"SPF", 99}, {"UINFO", 100}, {"UID", 101}, {"GID", 102}, {"UNSPEC", 103}, {"NID", 104}, {"L32", 105},
	{"L64", 106}, {"LP", 107}, {"EUI48", 108}, {"EUI64", 109}, {"URI", 256}, {"CAA", 257}, {"AVC", 258},
	{"DOA", 259}, {"AMTRELAY", 260}, {"RESINFO", 261}, {"WALLET", 262}, {"CLA", 263}, {"IPN", 264}, {"TA", 32768},
	{"DLV", 32769}};
static const struct word classes[] = {{"IN", ZONE_CLASS_IN}, {"CH", 3}, {"HS", 4}, {"NONE", 254}, {"ANY", 255}};

static bool find_mnemonic(const struct word *words, size_t count, const char *text, uint16_t *value)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(words[i].text, text) == 0) {
			*value = words[i].value;
			return true;
		}
	}
	return false;
}

bool zone_number_read(const char *word, uint16_t *number)
{
	uint32_t value = 0;
	size_t i = 0;
	for (; isdigit((unsigned char)word[i]) && value <= UINT16_MAX; i++)
		value = value * 10 + (uint32_t)(word[i] - '0');
	if (i == 0 || word[i] != '\0' || value > UINT16_MAX)
		return false;
	*number = (uint16_t)value;
	return true;
}

/* Reads the number after a text: "TYPE65300". */
static bool read_numbered(const char *before, const char *word, uint16_t *number)
{
	size_t length = strlen(before);
	return strncasecmp(word, before, length) == 0 && zone_number_read(word + length, number);
}

bool zone_type_read(const char *word, uint16_t *type, bool *named)
{
	const size_t count = sizeof types / sizeof *types;
	*named = find_mnemonic(types, count, word, type);
	if (*named)
		return true;
	if (!read_numbered("TYPE", word, type))
		return false;
	for (size_t i = 0; i < count; i++)
		*named |= types[i].value == *type;
	return true;
}

bool zone_class_read(const char *word, uint16_t *class)
{
	return find_mnemonic(classes, sizeof classes / sizeof *classes, word, class) ||
	       read_numbered("CLASS", word, class);
}

bool zone_is_ttl(const char *word)
{
	bool digit = false; /* the character before is one */
	for (size_t i = 0; word[i]; i++) {
		bool unit = digit && strchr("wdhmsWDHMS", word[i]);
		if (!unit && !isdigit((unsigned char)word[i]))
			return false;
		digit = !unit;
	}
	return word[0] != '\0';
}
