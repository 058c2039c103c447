/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/symbols.h"

#include <string.h>

#include "libweir/little_endian.h"
#include "libweir/errors.h"

int symbols_decode(const struct symbols *symbols, const uint8_t *code, size_t length, uint8_t text[SYMBOL_TEXT_ROOM])
{
	size_t out = 0;
	for (size_t i = 0; i < length; i++) {
		if (code[i] < symbols->count) {
			const struct symbol *symbol = &symbols->symbol[code[i]];
			memcpy(text + out, symbol->octet, SYMBOL_MAX_LENGTH);
			out += symbol->length;
		} else if (code[i] == SYMBOL_ESCAPE && i + 1 < length) {
			text[out++] = code[++i];
		} else {
			return -1;
		}
		if (out > 255)
			return -1;
	}
	return (int)out;
}

bool symbols_same(const struct symbols *a, const struct symbols *b)
{
	return a->count == b->count && memcmp(a->symbol, b->symbol, a->count * sizeof *a->symbol) == 0;
}

size_t symbols_write(const struct symbols *symbols, uint8_t out[SYMBOLS_MAX_SECTION])
{
	size_t at = 0;
	out[at++] = (uint8_t)symbols->count;
	for (unsigned i = 0; i < symbols->count; i++)
		out[at++] = symbols->symbol[i].length;
	for (unsigned i = 0; i < symbols->count; i++) {
		memcpy(out + at, symbols->symbol[i].octet, symbols->symbol[i].length);
		at += symbols->symbol[i].length;
	}
	return at;
}

int symbols_read(struct symbols *symbols, const uint8_t *in, size_t length, struct why *why)
{
	memset(symbols, 0, sizeof *symbols);
	if (length < 1 || length < 1u + in[0])
		return why_set(why, WEIR_EFORMAT, "symbols: section too short");
	symbols->count = in[0];
	size_t at = 1u + symbols->count;
	for (unsigned i = 0; i < symbols->count; i++) {
		struct symbol *symbol = &symbols->symbol[i];
		symbol->length = in[1 + i];
		if (symbol->length < 1 || symbol->length > SYMBOL_MAX_LENGTH || length - at < symbol->length)
			return why_set(why, WEIR_EFORMAT, "symbols: symbol %u has length %u", i, symbol->length);
		memcpy(symbol->octet, in + at, symbol->length);
		at += symbol->length;
	}
	for (; at < length; at++)
		if (in[at] != 0)
			return why_set(why, WEIR_EFORMAT, "symbols: octets behind the last symbol");
	return 0;
}
