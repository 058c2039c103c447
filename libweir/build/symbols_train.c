/* SPDX-License-Identifier: BSD-3-Clause */
/* The builder's side of symbols.h: finding symbols and encoding with them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/symbols.h"

/* Symbols grouped by first octet, longest first, so that the first one that fits is the longest. A symbol is held as
 * one word and a mask: eight octets are compared at a time. */
struct symbol_encoder {
	uint16_t first[257]; /* candidates of octet c: first[c] .. first[c + 1] - 1 */
	struct candidate {
		uint64_t octets;
		uint64_t mask;
		uint8_t code;
		uint8_t length;
	} candidate[SYMBOL_MAX_COUNT];
};

static uint64_t load(const uint8_t *octets)
{
	uint64_t word;
	memcpy(&word, octets, sizeof word);
	return word;
}

/* A mask over the first `length` octets in memory order. */
static uint64_t mask_of(unsigned length)
{
	static const uint8_t ff[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	return load(ff + 8 - length);
}

static int by_first_then_longest(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;
	if (x->octet[0] != y->octet[0])
		return x->octet[0] < y->octet[0] ? -1 : 1;
	if (x->length != y->length)
		return x->length > y->length ? -1 : 1;
	return memcmp(x->octet, y->octet, SYMBOL_MAX_LENGTH);
}

struct symbol_encoder *symbol_encoder_new(const struct symbols *symbols)
{
	struct symbol_encoder *e = calloc(1, sizeof *e);
	if (!e)
		return NULL;
	/* Order of preference by insertion: count is at most 255. */
	uint16_t order[SYMBOL_MAX_COUNT];
	for (uint16_t i = 0; i < symbols->count; i++) {
		uint16_t j = i;
		for (; j > 0 && by_first_then_longest(&symbols->symbol[i], &symbols->symbol[order[j - 1]]) < 0; j--)
			order[j] = order[j - 1];
		order[j] = i;
	}
	for (uint16_t i = 0; i < symbols->count; i++) {
		const struct symbol *s = &symbols->symbol[order[i]];
		e->candidate[i] = (struct candidate){load(s->octet), mask_of(s->length), (uint8_t)order[i], s->length};
		e->first[s->octet[0] + 1]++;
	}
	for (unsigned c = 0; c < 256; c++)
		e->first[c + 1] = (uint16_t)(e->first[c + 1] + e->first[c]);
	return e;
}

void symbol_encoder_free(struct symbol_encoder *encoder)
{
	free(encoder);
}

/* The longest symbol that begins text[0..length), or NULL. */
static const struct candidate *longest(const struct symbol_encoder *e, const uint8_t *text, size_t length)
{
	uint64_t word = 0;
	if (length >= 8)
		word = load(text);
	else
		memcpy(&word, text, length);
	const struct candidate *c = &e->candidate[e->first[text[0]]], *end = &e->candidate[e->first[text[0] + 1]];
	for (; c < end; c++)
		if (((word ^ c->octets) & c->mask) == 0 && c->length <= length)
			return c;
	return NULL;
}

size_t symbols_encode(const struct symbol_encoder *encoder, const uint8_t *text, size_t length, uint8_t *out)
{
	size_t used = 0;
	while (length > 0) {
		const struct candidate *c = longest(encoder, text, length);
		size_t step = c ? c->length : 1;
		if (c) {
			out[used++] = c->code;
		} else {
			out[used++] = SYMBOL_ESCAPE;
			out[used++] = text[0];
		}
		text += step;
		length -= step;
	}
	return used;
}

/* Training, a few rounds: encode the sample with the symbols so far, count how often each unit (a symbol or a lone
 * octet) and each pair of neighbours occurs, keep the SYMBOL_MAX_COUNT units and joined pairs that cover most octets.
 * Units 0..255 are lone octets, 256 + i is symbol i. */
enum { UNITS = 256 + SYMBOL_MAX_COUNT, ROUNDS = 6 };

struct tally {
	uint32_t single[UNITS];
	uint32_t pair[UNITS][UNITS];
};

struct gain {
	struct symbol symbol;
	uint64_t gain;
};

static void count_text(struct tally *t, const struct symbol_encoder *e, const uint8_t *text, size_t length)
{
	unsigned previous = UNITS;
	while (length > 0) {
		const struct candidate *c = longest(e, text, length);
		unsigned unit = c ? 256u + c->code : text[0];
		size_t step = c ? c->length : 1;
		t->single[unit]++;
		if (previous < UNITS)
			t->pair[previous][unit]++;
		previous = unit;
		text += step;
		length -= step;
	}
}

static struct symbol unit_symbol(const struct symbols *symbols, unsigned unit)
{
	if (unit >= 256)
		return symbols->symbol[unit - 256];
	return (struct symbol){.octet = {(uint8_t)unit}, .length = 1};
}

/* What gains most comes first, then by octets: so the order is the same everywhere. */
static int by_gain(const void *a, const void *b)
{
	const struct gain *x = a, *y = b;
	if (x->gain != y->gain)
		return x->gain > y->gain ? -1 : 1;
	return memcmp(x->symbol.octet, y->symbol.octet, SYMBOL_MAX_LENGTH);
}

/* Lists what could become a symbol, with the octets it covers. Only what pays for its own place in the section counts.
 * Returns how many; `gains` has room for `room`. */
static size_t list_gains(struct gain *gains, size_t room, const struct tally *t, const struct symbols *symbols)
{
	size_t count = 0;
	for (unsigned a = 0; a < 256u + symbols->count; a++) {
		if (t->single[a] == 0)
			continue;
		struct symbol left = unit_symbol(symbols, a);
		/* A lone octet without a symbol costs two: it is worth more than one octet covered. */
		uint64_t weight = left.length == 1 ? 8 : left.length;
		if (t->single[a] > 1 && count < room)
			gains[count++] = (struct gain){left, t->single[a] * weight};
		for (unsigned b = 0; b < 256u + symbols->count; b++) {
			struct symbol right = unit_symbol(symbols, b);
			if (t->pair[a][b] < 2 || left.length + right.length > SYMBOL_MAX_LENGTH || count == room)
				continue;
			struct symbol joined = left;
			memcpy(joined.octet + left.length, right.octet, right.length);
			joined.length = (uint8_t)(left.length + right.length);
			gains[count++] = (struct gain){joined, (uint64_t)t->pair[a][b] * joined.length};
		}
	}
	return count;
}

/* Keeps the best. No two of them are equal: where there is a longer symbol the longer one is taken, so a text is never put
 * together in two ways. */
static void keep_best(struct symbols *symbols, struct gain *gains, size_t count)
{
	qsort(gains, count, sizeof *gains, by_gain);
	symbols->count = (uint16_t)(count < SYMBOL_MAX_COUNT ? count : SYMBOL_MAX_COUNT);
	for (unsigned i = 0; i < symbols->count; i++)
		symbols->symbol[i] = gains[i].symbol;
}

int symbols_train(struct symbols *symbols, const uint8_t *const *sample, size_t count)
{
	enum { ROOM = UNITS * UNITS };
	memset(symbols, 0, sizeof *symbols);
	struct tally *tally = malloc(sizeof *tally);
	struct gain *gains = malloc(ROOM * sizeof *gains);
	int status = tally && gains ? 0 : -ENOMEM;
	for (int round = 0; status == 0 && round < ROUNDS; round++) {
		struct symbol_encoder *encoder = symbol_encoder_new(symbols);
		if (!encoder) {
			status = -ENOMEM;
			break;
		}
		memset(tally, 0, sizeof *tally);
		for (size_t i = 0; i < count; i++)
			count_text(tally, encoder, sample[i] + 1, sample[i][0]);
		symbol_encoder_free(encoder);
		keep_best(symbols, gains, list_gains(gains, ROOM, tally, symbols));
	}
	free(tally);
	free(gains);
	return status;
}
