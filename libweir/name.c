/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/name.h"

#include <stdbool.h>
#include <string.h>

#include "libweir/errors.h"

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet | 0x20 : octet;
}

static bool is_decimal(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads one character or escape at text[0..length); returns how many characters it took, 0 for a bad escape. */
static size_t read_octet(const char *text, size_t length, uint8_t *octet)
{
	if (text[0] != '\\') {
		*octet = (uint8_t)text[0];
		return 1;
	}
	if (length < 2)
		return 0;
	if (!is_decimal(text[1])) {
		*octet = (uint8_t)text[1];
		return 2;
	}
	if (length < 4 || !is_decimal(text[2]) || !is_decimal(text[3]))
		return 0;
	int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
	if (value > 255)
		return 0;
	*octet = (uint8_t)value;
	return 4;
}

int name_from_text(const char *text, size_t length, name_storage wire)
{
	if (length == 0)
		return WEIR_ENAME_EMPTY;
	if (length == 1 && text[0] == '.') {
		wire[0] = 0;
		return 1;
	}
	size_t start = 0, end = 1; /* wire[start] is the current label's length octet, wire[end] is free */
	for (size_t i = 0; i < length;) {
		if (text[i] == '.') {
			if (end == start + 1)
				return WEIR_ENAME_LABEL;
			wire[start] = (uint8_t)(end - start - 1);
			start = end++;
			i++;
		} else {
			uint8_t octet;
			size_t taken = read_octet(text + i, length - i, &octet);
			if (taken == 0)
				return WEIR_ENAME_ESCAPE;
			if (end - start > NAME_MAX_LABEL)
				return WEIR_ENAME_LONG_LABEL;
			wire[end++] = lower(octet);
			i += taken;
		}
		/* One octet must stay free for the root, unless the label now begun is the root itself. */
		if (end > NAME_MAX_WIRE - 1 && !(end == NAME_MAX_WIRE && end == start + 1 && i == length))
			return WEIR_ENAME_LONG;
	}
	wire[start] = (uint8_t)(end - start - 1);
	if (end > start + 1)
		wire[end++] = 0;
	return (int)end;
}

size_t name_to_text(const uint8_t *wire, size_t length, char text[NAME_MAX_TEXT])
{
	size_t out = 0;
	for (size_t i = 0; i < length && wire[i] != 0;) {
		if (out > 0)
			text[out++] = '.';
		for (size_t left = wire[i++]; left > 0 && i < length; left--, i++) {
			uint8_t octet = wire[i];
			if (octet == '.' || octet == '\\') {
				text[out++] = '\\';
				text[out++] = (char)octet;
			} else if (octet > 0x20 && octet < 0x7f) {
				text[out++] = (char)octet;
			} else {
				text[out++] = '\\';
				text[out++] = (char)('0' + octet / 100);
				text[out++] = (char)('0' + octet / 10 % 10);
				text[out++] = (char)('0' + octet % 10);
			}
		}
	}
	if (out == 0)
		text[out++] = '.';
	text[out] = '\0';
	return out;
}

int name_split(const uint8_t *wire, size_t length, struct name_labels *labels)
{
	if (length == 0 || length > NAME_MAX_WIRE)
		return WEIR_EFORMAT;
	size_t at = 0, count = 0;
	while (wire[at] != 0) {
		if (wire[at] > NAME_MAX_LABEL)
			return WEIR_EFORMAT;
		labels->offset[count++] = (uint8_t)at;
		at += wire[at] + 1u;
		if (at >= length)
			return WEIR_EFORMAT;
	}
	labels->offset[count] = (uint8_t)at;
	labels->count = (uint8_t)count;
	return at + 1 == length ? 0 : WEIR_EFORMAT;
}

bool name_plain_octet(uint8_t octet)
{
	return octet > ' ' && octet <= '~' && octet != '.' && octet != '\\' && !(octet >= 'A' && octet <= 'Z');
}

bool name_plain_valid(const uint8_t *text, size_t length)
{
	size_t label = 0;
	if (length + 2 > NAME_MAX_WIRE)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!name_plain_octet(text[i]) || ++label > NAME_MAX_LABEL) {
			return false;
		}
	}
	return label > 0;
}

size_t name_from_plain(const uint8_t *text, size_t length, name_storage wire, struct name_labels *labels)
{
	size_t start = 0;
	labels->count = 0;
	for (size_t i = 0; i <= length; i++) {
		if (i < length && text[i] != '.') {
			wire[i + 1] = text[i];
			continue;
		}
		labels->offset[labels->count++] = (uint8_t)start;
		wire[start] = (uint8_t)(i - start);
		start = i + 1;
	}
	labels->offset[labels->count] = (uint8_t)start;
	wire[start] = 0;
	return start + 1;
}

/* Bit 5 of each octet that is A-Z. The additions carry into bit 7 of an octet exactly when its low seven bits are at
 * least 'A', respectively above 'Z'; octets above 127 are masked out. */
static uint64_t upper_bits(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t low = word & (0x7f * ones);
	uint64_t from_a = low + (0x80 - 'A') * ones;
	uint64_t above_z = low + (0x80 - 'Z' - 1) * ones;
	return ((from_a & ~above_z & ~word) & (0x80 * ones)) >> 2;
}

void name_lower(uint8_t *to, const uint8_t *from, size_t length)
{
	uint64_t word;
	for (; length >= 8; to += 8, from += 8, length -= 8) {
		memcpy(&word, from, 8);
		word |= upper_bits(word);
		memcpy(to, &word, 8);
	}
	for (; length > 0; length--)
		*to++ = lower(*from++);
}
