/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "libweir/symbols.h"

static void encode_decode(const struct symbols *symbols, const uint8_t *text, size_t length)
{
	struct symbol_encoder *encoder = symbol_encoder_new(symbols);
	assert_non_null(encoder);
	uint8_t *edge = edge_copy(text, length), code[512], back[SYMBOL_TEXT_ROOM];
	size_t code_length = symbols_encode(encoder, edge, length, code);
	assert_in_range(code_length, 0, 2 * length);
	uint8_t *code_edge = edge_copy(code, code_length);
	assert_int_equal(symbols_decode(symbols, code_edge, code_length, back), length);
	assert_memory_equal(back, text, length);
	edge_free(code_edge, code_length);
	edge_free(edge, length);
	symbol_encoder_free(encoder);
}

static void train(struct symbols *symbols, const char *const *texts, size_t count)
{
	uint8_t(*sample)[256] = calloc(count + 1, sizeof *sample);
	const uint8_t **list = calloc(count + 1, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		sample[i][0] = (uint8_t)strlen(texts[i]);
		memcpy(sample[i] + 1, texts[i], sample[i][0]);
		list[i] = sample[i];
	}
	assert_int_equal(symbols_train(symbols, list, count), 0);
	free(list);
	free(sample);
}

static void round_trip(void **state)
{
	(void)state;
	struct symbols symbols;
	const char *texts[300];
	char store[300][40];
	for (int i = 0; i < 300; i++) {
		snprintf(store[i], sizeof store[i], "login%d.bank.example", i * 7919 % 1000);
		texts[i] = store[i];
	}
	train(&symbols, texts, 300);
	assert_true(symbols.count > 10);
	size_t plain = 0, coded = 0;
	struct symbol_encoder *encoder = symbol_encoder_new(&symbols);
	for (int i = 0; i < 300; i++) {
		uint8_t code[512];
		encode_decode(&symbols, (const uint8_t *)texts[i], strlen(texts[i]));
		plain += strlen(texts[i]);
		coded += symbols_encode(encoder, (const uint8_t *)texts[i], strlen(texts[i]), code);
	}
	symbol_encoder_free(encoder);
	assert_true(coded * 3 < plain);
	/* Texts it was not made for, of any octets and every length. */
	uint64_t seed = 11;
	for (size_t length = 0; length <= 253; length++) {
		uint8_t text[253];
		for (size_t i = 0; i < length; i++)
			text[i] = (uint8_t)(i % 5 ? random_next(&seed) : 'l');
		encode_decode(&symbols, text, length);
	}
}

static void nothing_to_train_on(void **state)
{
	(void)state;
	struct symbols symbols;
	train(&symbols, NULL, 0);
	assert_int_equal(symbols.count, 0);
	encode_decode(&symbols, (const uint8_t *)"abc", 3);
	const char *one[] = {"example.test"};
	train(&symbols, one, 1);
	encode_decode(&symbols, (const uint8_t *)"example.test", 12);
}

static void damaged_code(void **state)
{
	(void)state;
	struct symbols symbols = {.count = 2, .symbol = {{"abcdefgh", 8}, {"x", 1}}};
	uint8_t text[SYMBOL_TEXT_ROOM];
	assert_int_equal(symbols_decode(&symbols, (const uint8_t *)"\0\1", 2, text), 9);
	assert_int_equal(symbols_decode(&symbols, (const uint8_t *)"\2", 1, text), -1);     /* no such symbol */
	assert_int_equal(symbols_decode(&symbols, (const uint8_t *)"\1\xff", 2, text), -1); /* nothing escaped */
	uint8_t many[40] = {0};
	assert_int_equal(symbols_decode(&symbols, many, 31, text), 248);
	assert_int_equal(symbols_decode(&symbols, many, 32, text), -1); /* 256 octets */
	memset(many + 31, 1, sizeof many - 31);
	assert_int_equal(symbols_decode(&symbols, many, 38, text), 255);
	assert_int_equal(symbols_decode(&symbols, many, 39, text), -1);
}

static void sections(void **state)
{
	(void)state;
	struct symbols symbols = {.count = 3, .symbol = {{"ab", 2}, {"c", 1}, {"12345678", 8}}}, back;
	uint8_t section[SYMBOLS_MAX_SECTION + 8] = {0};
	size_t length = symbols_write(&symbols, section);
	assert_int_equal(length, 1 + 3 + 11);
	struct why why;
	for (size_t l = length; l < length + 8; l++) {
		uint8_t *edge = edge_copy(section, l);
		assert_int_equal(symbols_read(&back, edge, l, &why), 0);
		assert_memory_equal(&back, &symbols, sizeof symbols);
		edge_free(edge, l);
	}
	for (size_t l = 0; l < length; l++) {
		uint8_t *edge = edge_copy(section, l);
		assert_int_equal(symbols_read(&back, edge, l, &why), WEIR_EFORMAT);
		edge_free(edge, l);
	}
	assert_int_equal(symbols_read(&back, (const uint8_t *)"", 1, &why), 0); /* there are none */
	assert_int_equal(back.count, 0);
	section[length] = 1;
	assert_int_equal(symbols_read(&back, section, length + 1, &why), WEIR_EFORMAT);
	section[1] = 9;
	assert_int_equal(symbols_read(&back, section, length, &why), WEIR_EFORMAT);
	section[1] = 0;
	assert_int_equal(symbols_read(&back, section, length, &why), WEIR_EFORMAT);
}

static void same(void **state)
{
	(void)state;
	static const struct symbols these = {.count = 3, .symbol = {{"ab", 2}, {"c", 1}, {"12345678", 8}}};
	struct symbols those = these;
	assert_true(symbols_same(&these, &those));
	for (unsigned i = 0; i < SYMBOL_MAX_COUNT; i++) {
		those.symbol[i].octet[SYMBOL_MAX_LENGTH - 1] ^= 1;
		assert_int_equal(symbols_same(&these, &those), i >= these.count);
		those.symbol[i] = these.symbol[i];
		those.symbol[i].length++;
		assert_int_equal(symbols_same(&these, &those), i >= these.count);
		those.symbol[i] = these.symbol[i];
	}
	for (those.count = 0; those.count < SYMBOL_MAX_COUNT; those.count++) {
		assert_int_equal(symbols_same(&these, &those), those.count == these.count);
		assert_int_equal(symbols_same(&those, &these), those.count == these.count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(nothing_to_train_on),
		cmocka_unit_test(damaged_code),
		cmocka_unit_test(sections),
		cmocka_unit_test(same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
