/* SPDX-License-Identifier: BSD-3-Clause */
/* Compression of names by a dictionary of frequent pieces, each a code of one octet (the idea of FSST: Boncz, Neumann,
 * Leis, "FSST: Fast Random Access String Compression", VLDB 2020). Names stay separately readable, which is what a hash
 * table needs; a name of 18 characters takes about 10 octets.
 *
 * Codes 0 .. count-1 stand for symbols of 1 to 8 octets; 255 says that the next octet stands for itself; others do not
 * occur. Encoding takes the longest symbol that fits, then goes on behind it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

#define SYMBOL_MAX_LENGTH 8
#define SYMBOL_MAX_COUNT 255
#define SYMBOL_ESCAPE 255

struct symbol {
	uint8_t octet[SYMBOL_MAX_LENGTH]; /* zero octets behind its length */
	uint8_t length;
};

struct symbols {
	struct symbol symbol[SYMBOL_MAX_COUNT];
	uint16_t count;
};

/* Whether two dictionaries have the same codes for the same symbols. */
bool symbols_same(const struct symbols *a, const struct symbols *b);

/* What decoding a name needs at most. */
#define SYMBOL_TEXT_ROOM (255 + SYMBOL_MAX_LENGTH)

/* Decodes `length` octets into `text`. Returns the text's length, or -1 when the code is malformed or the text would
 * exceed 255 octets. Writes at most SYMBOL_TEXT_ROOM octets. */
int symbols_decode(const struct symbols *symbols, const uint8_t *code, size_t length, uint8_t text[SYMBOL_TEXT_ROOM]);

/* The octets of the symbols section: u8 count, then u8 length each, then their octets. `out` has room for
 * SYMBOLS_MAX_SECTION. Returns the length. */
#define SYMBOLS_MAX_SECTION (1 + SYMBOL_MAX_COUNT * (1 + SYMBOL_MAX_LENGTH))
size_t symbols_write(const struct symbols *symbols, uint8_t out[SYMBOLS_MAX_SECTION]);

struct why;
/* Reads a section, checking all of it; zero octets may follow up to `length`. Returns 0 or WEIR_EFORMAT. */
must_check int symbols_read(struct symbols *symbols, const uint8_t *in, size_t length, struct why *why);

/* The encoder's side: symbols in an order in which the first that fits is the longest. */
struct symbol_encoder;

/* Returns an encoder for these symbols, or NULL when out of memory. Owns nothing of them. */
must_check struct symbol_encoder *symbol_encoder_new(const struct symbols *symbols);
void symbol_encoder_free(struct symbol_encoder *encoder);

/* Encodes text[0..length). `out` has room for 2 * length octets. Returns the code's length. */
size_t symbols_encode(const struct symbol_encoder *encoder, const uint8_t *text, size_t length, uint8_t *out);

/* Finds symbols that shorten texts like those of the sample most. sample[i] is a length octet and that many octets. The
 * result depends on nothing but the sample. Returns 0 or -ENOMEM. */
must_check int symbols_train(struct symbols *symbols, const uint8_t *const *sample, size_t count);
