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
	uint64_t high = 0, eight;
	for (; length >= sizeof eight; text += sizeof eight, length -= sizeof eight) {
		memcpy(&eight, text, sizeof eight);
		high |= eight;
	}
	for (size_t i = 0; i < length; i++)
		high |= (unsigned char)text[i];
	return (high & UINT64_C(0x8080808080808080)) == 0;
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

static bool host_characters(const char *text, size_t length)
{
	static const bool of_host[256] = {['-'] = true,
		['.'] = true,
		['_'] = true,
		['0' ... '9'] = true,
		['A' ... 'Z'] = true,
		['a' ... 'z'] = true};
	size_t i = 0;
	while (i < length && of_host[(unsigned char)text[i]])
		i++;
	return i == length;
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

/* Normalises ASCII text that has neither blanks around it nor a trailing dot. */
static int normalise_ascii(const char *text, size_t length, name_storage wire, enum reject *reject)
{
	if (!host_characters(text, length)) {
		*reject = reject_character(text, length);
		return -1;
	}
	int wire_length = name_from_text(text, length, wire);
	if (wire_length < 0) {
		*reject = reject_of(wire_length);
		return -1;
	}
	struct name_labels labels;
	if (name_split(wire, (size_t)wire_length, &labels) != 0 || labels.count == 0) {
		*reject = REJECT_SINGLE;
		return -1;
	}
	if (label_is_number(wire + labels.offset[labels.count - 1])) {
		*reject = REJECT_ADDRESS;
		return -1;
	}
	if (labels.count < 2) {
		*reject = REJECT_SINGLE;
		return -1;
	}
	return wire_length;
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
	if (memchr(text, '\0', length)) {
		*reject = REJECT_NUL;
		return -1;
	}
	if (text[length - 1] == '.') {
		*reject = REJECT_EMPTY_LABEL;
		return -1;
	}
	return is_ascii(text, length) ? normalise_ascii(text, length, wire, reject)
				      : normalise_unicode(text, length, wire, reject);
}

int normalise_question(const char *text, size_t length, name_storage wire)
{
	trim(&text, &length);
	char *ascii = is_ascii(text, length) ? NULL : to_ascii(text, length);
	int wire_length = ascii ? name_from_text(ascii, strlen(ascii), wire) : name_from_text(text, length, wire);
	idn2_free(ascii);
	return wire_length;
}
