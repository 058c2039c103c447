/* SPDX-License-Identifier: BSD-3-Clause */
/* Training beside a dumb model of it, which has lists and looks through all of them. */
#include "tests/unit/unit.h"

#include "libweir/symbols.h"

enum { ROUNDS = 6, MOST = 20000 };

/* A piece of text with how often it occurs, or what it is worth. */
struct piece {
	struct symbol symbol;
	uint64_t number;
};

struct list {
	struct piece piece[MOST];
	size_t count;
};

static void add_to_list(struct list *list, const struct symbol *symbol, uint64_t number)
{
	size_t i = 0;
	while (i < list->count && memcmp(&list->piece[i].symbol, symbol, sizeof *symbol) != 0)
		i++;
	assert_true(i < MOST);
	if (i == list->count)
		list->piece[list->count++] = (struct piece){*symbol, 0};
	list->piece[i].number += number;
}

/* The longest symbol that begins the text, or else its first octet. */
static struct symbol longest_symbol(const struct symbols *symbols, const uint8_t *text, size_t length)
{
	struct symbol found = {.octet = {text[0]}, .length = 0};
	for (unsigned i = 0; i < symbols->count; i++) {
		const struct symbol *s = &symbols->symbol[i];
		if (s->length > found.length && s->length <= length && memcmp(s->octet, text, s->length) == 0)
			found = *s;
	}
	if (found.length == 0)
		found.length = 1;
	return found;
}

/* Two pieces as one; of no length if that is too long. */
static struct symbol joined(const struct symbol *left, const struct symbol *right)
{
	struct symbol both = *left;
	if (left->length + right->length > SYMBOL_MAX_LENGTH)
		return (struct symbol){{0}, 0};
	memcpy(both.octet + left->length, right->octet, right->length);
	both.length = (uint8_t)(left->length + right->length);
	return both;
}

/* A pair of pieces that stand side by side. */
static struct pair {
	struct symbol left, right;
	uint64_t number;
} pairs[MOST];
static size_t pair_count;

static void add_pair(const struct symbol *left, const struct symbol *right)
{
	size_t i = 0;
	while (i < pair_count &&
		(memcmp(&pairs[i].left, left, sizeof *left) != 0 || memcmp(&pairs[i].right, right, sizeof *right) != 0))
		i++;
	assert_true(i < MOST);
	if (i == pair_count)
		pairs[pair_count++] = (struct pair){*left, *right, 0};
	pairs[i].number++;
}

/* What is worth most comes first, then by octets. */
static int compare_worth(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;
	int order = memcmp(x->symbol.octet, y->symbol.octet, SYMBOL_MAX_LENGTH);
	if (x->number != y->number)
		return x->number > y->number ? -1 : 1;
	return order ? order : (int)x->symbol.length - (int)y->symbol.length;
}

/* What occurs once is worth nothing. A lone octet is worth eight: without a symbol it costs two. */
static void train_model(struct symbols *symbols, const uint8_t *const *sample, size_t count)
{
	static struct list singles, worth;
	memset(symbols, 0, sizeof *symbols);
	for (unsigned round = 0; round < ROUNDS; round++) {
		singles.count = worth.count = pair_count = 0;
		for (size_t i = 0; i < count; i++) {
			struct symbol before = {.length = 0};
			for (size_t at = 1; at <= sample[i][0]; at += before.length) {
				struct symbol s = longest_symbol(symbols, sample[i] + at, sample[i][0] + 1 - at);
				add_to_list(&singles, &s, 1);
				if (before.length > 0)
					add_pair(&before, &s);
				before = s;
			}
		}
		for (size_t i = 0; i < singles.count; i++) {
			const struct piece *p = &singles.piece[i];
			if (p->number > 1)
				add_to_list(&worth, &p->symbol,
					p->number * (p->symbol.length == 1 ? 8u : p->symbol.length));
		}
		for (size_t i = 0; i < pair_count; i++) {
			struct symbol both = joined(&pairs[i].left, &pairs[i].right);
			if (pairs[i].number > 1 && both.length > 0)
				add_to_list(&worth, &both, pairs[i].number * both.length);
		}
		qsort(worth.piece, worth.count, sizeof *worth.piece, compare_worth);
		symbols->count = (uint16_t)(worth.count < SYMBOL_MAX_COUNT ? worth.count : SYMBOL_MAX_COUNT);
		for (unsigned i = 0; i < symbols->count; i++)
			symbols->symbol[i] = worth.piece[i].symbol;
	}
}

static void as_the_model_has_it(void **state)
{
	(void)state;
	enum { TEXTS = 150 };
	static const struct {
		unsigned texts, longest, octets; /* how many texts, their length, and of how many different octets */
	} cases[] = {{0, 1, 1}, {1, 12, 3}, {2, 8, 1}, {3, 255, 1}, {20, 9, 2}, {60, 16, 4}, {TEXTS, 12, 26},
		{TEXTS, 25, 255}, {TEXTS, 60, 255}};
	static const char *const words[] = {"login", "secure", "bank", "shop", ".example", "-", "account", "aa"};
	uint64_t seed = 8;
	unsigned full = 0;
	for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++) {
		static uint8_t texts[TEXTS][256];
		const uint8_t *sample[TEXTS];
		for (unsigned i = 0; i < cases[c].texts; i++) {
			texts[i][0] = (uint8_t)(1 + random_below(&seed, cases[c].longest));
			for (unsigned at = 1; at <= texts[i][0];) {
				const char *word = words[random_below(&seed, 8)];
				size_t length = strlen(word), room = texts[i][0] + 1u - at;
				if (cases[c].octets < 26 || random_below(&seed, 2) || length > room) {
					texts[i][at++] = (uint8_t)(255 - random_below(&seed, cases[c].octets));
					continue;
				}
				memcpy(texts[i] + at, word, length);
				at += (unsigned)length;
			}
			sample[i] = texts[i];
		}
		static struct symbols symbols, model;
		assert_int_equal(symbols_train(&symbols, sample, cases[c].texts), 0);
		train_model(&model, sample, cases[c].texts);
		assert_int_equal(symbols.count, model.count);
		full += model.count == SYMBOL_MAX_COUNT;
		for (unsigned i = 0; i < model.count; i++)
			if (memcmp(&symbols.symbol[i], &model.symbol[i], sizeof *model.symbol) != 0)
				fail_msg("case %u: symbol %u", c, i);
	}
	assert_true(full > 0); /* else the best need not be chosen */
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(as_the_model_has_it)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
