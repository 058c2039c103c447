/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/entries/normalise.h"

#include <ctype.h>
#include <idn2.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"

static bool is_ascii(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] >= 0x80)
			return false;
	return true;
}

static enum reject reject_of(int name_error)
{
	switch (name_error) {
	case WEIR_ENAME_LONG_LABEL: return REJECT_LONG_LABEL;
	case WEIR_ENAME_LONG: return REJECT_LONG_NAME;
	default: return REJECT_EMPTY_LABEL;
	}
}

/* Names the kind of character that no name has: that helps whoever maintains the feed. */
static enum reject reject_character(const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);
	if (text[0] == '[' || (colon && memchr(colon + 1, ':', length - (size_t)(colon + 1 - text))))
		return REJECT_ADDRESS;
	if (memchr(text, '/', length))
		return REJECT_URL;
	if (memchr(text, '*', length))
		return REJECT_PATTERN;
	if (colon && colon + 1 < text + length) {
		const char *digit = colon + 1;
		while (digit < text + length && isdigit((unsigned char)*digit))
			digit++;
		if (digit == text + length)
			return REJECT_PORT;
	}
	return REJECT_CHARACTER;
}

/* What the characters of host names become in a canonical name; 0 is no such character. */
static uint8_t host_octet(unsigned char c)
{
	static const uint8_t upper_or_kept[256] = {
		['-'] = 1, ['_'] = 1, ['0' ... '9'] = 1, ['a' ... 'z'] = 1, ['A' ... 'Z'] = 1 + ('a' - 'A')};
	return upper_or_kept[c] ? (uint8_t)(c + upper_or_kept[c] - 1) : 0;
}

/* Writes the wire form of a name of nothing but host characters; *last is its last label's place. Returns its length, or 0
 * where it is no such name. */
static size_t host_to_wire(const char *text, size_t length, name_storage wire, size_t *last)
{
	size_t label = 0; /* its first character in the text, and its length octet in the wire form */
	if (length + 2 > NAME_MAX_WIRE)
		return 0;
	for (size_t i = 0; i <= length; i++) {
		uint8_t octet = i < length ? host_octet((unsigned char)text[i]) : 0;
		if (octet) {
			wire[i + 1] = octet;
			continue;
		}
		if ((i < length && text[i] != '.') || i == label || i - label > NAME_MAX_LABEL)
			return 0;
		wire[label] = (uint8_t)(i - label);
		*last = label;
		label = i + 1;
	}
	wire[label] = 0;
	return label + 1;
}

/* Whether a label can be the last part of an IPv4 address: decimal, or "0x" and hexadecimal. */
static bool label_is_number(const uint8_t *label)
{
	bool hexadecimal = label[0] >= 2 && label[1] == '0' && label[2] == 'x';
	for (unsigned i = hexadecimal ? 3 : 1; i <= label[0]; i++)
		if (!(hexadecimal ? isxdigit(label[i]) : isdigit(label[i])))
			return false;
	return true;
}

/* Whether a name of host characters may be a rule's. */
static int judge_host(const uint8_t *wire, size_t length, size_t last, enum reject *reject)
{
	if (!label_is_number(wire + last) && last > 0)
		return (int)length;
	*reject = label_is_number(wire + last) ? REJECT_ADDRESS : REJECT_SINGLE;
	return -1;
}

/* Says what is wrong with ASCII text that has neither blanks around it nor a trailing dot, and is no name of a host. */
static enum reject reject_ascii(const char *text, size_t length)
{
	name_storage wire;
	for (size_t i = 0; i < length; i++)
		if (text[i] != '.' && !host_octet((unsigned char)text[i]))
			return reject_character(text, length);
	return reject_of(name_from_text(text, length, wire));
}

static int normalise_ascii(const char *text, size_t length, name_storage wire, enum reject *reject)
{
	size_t last, wire_length = host_to_wire(text, length, wire, &last);
	if (wire_length > 0)
		return judge_host(wire, wire_length, last, reject);
	*reject = reject_ascii(text, length);
	return -1;
}

/* Turns UTF-8 into the ASCII form, which the caller frees by idn2_free. Returns NULL where there is none. */
static char *to_ascii(const char *text, size_t length)
{
	char *copy = strndup(text, length), *ascii = NULL;
	if (copy && idn2_to_ascii_8z(copy, &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK)
		ascii = NULL;
	free(copy);
	return ascii;
}

static int normalise_unicode(const char *text, size_t length, name_storage wire, enum reject *reject)
{
	char *ascii = to_ascii(text, length);
	*reject = REJECT_IDNA;
	int wire_length = ascii ? normalise_ascii(ascii, strlen(ascii), wire, reject) : -1;
	idn2_free(ascii);
	return wire_length;
}

static void trim(const char **text, size_t *length)
{
	while (*length > 0 && isspace((unsigned char)(*text)[0]))
		(*text)++, (*length)--;
	while (*length > 0 && isspace((unsigned char)(*text)[*length - 1]))
		(*length)--;
}

int normalise(const char *text, size_t length, name_storage wire, enum reject *reject)
{
	trim(&text, &length);
	if (length > 1 && text[length - 1] == '.')
		length--;
	if (length == 0 || (length == 1 && text[0] == '.')) {
		*reject = REJECT_SINGLE;
		return -1;
	}
	size_t last, wire_length = host_to_wire(text, length, wire, &last);
	if (wire_length > 0)
		return judge_host(wire, wire_length, last, reject);
	if (memchr(text, '\0', length)) {
		*reject = REJECT_NUL;
		return -1;
	}
	if (text[length - 1] == '.') {
		*reject = REJECT_EMPTY_LABEL;
		return -1;
	}
	if (!is_ascii(text, length))
		return normalise_unicode(text, length, wire, reject);
	*reject = reject_ascii(text, length);
	return -1;
}

int normalise_operator(const char *text, size_t length, name_storage wire, enum reject *reject)
{
	int wire_length = normalise(text, length, wire, reject);
	if (wire_length > 0 || *reject != REJECT_SINGLE)
		return wire_length;
	wire_length = normalise_question(text, length, wire);
	return wire_length > 1 /* the root's */ ? wire_length : -1;
}

int normalise_question(const char *text, size_t length, name_storage wire)
{
	trim(&text, &length);
	char *ascii = is_ascii(text, length) ? NULL : to_ascii(text, length);
	int wire_length = ascii ? name_from_text(ascii, strlen(ascii), wire) : name_from_text(text, length, wire);
	idn2_free(ascii);
	return wire_length;
}
