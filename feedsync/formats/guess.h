/* SPDX-License-Identifier: BSD-3-Clause */
/* A guess at what a list is written in (guess_format.h): the format, and the settings that suit it. Plain data. */
#pragma once

#include "feedsync/formats/registry.h"

enum { GUESS_TEXT = 256, GUESS_VALUE = 2 * GUESS_TEXT + 2 };

struct guess {
	const struct format *format; /* NULL: nothing is guessed */
	char field[GUESS_TEXT];      /* "" = none; likewise: */
	char items[GUESS_TEXT];
	char separator;
	bool urls, refang, ports;
	char note[GUESS_TEXT];     /* what else there is to say of the document, for people; "" = nothing */
	uint64_t names, malformed; /* in the part of the list that was looked at */
};

/* The settings as a parser wants them; texts are those of the guess. */
struct parse_options guess_options(const struct guess *guess);

/* The setting of this number, from 0, as the configuration has it: "field" and "\"host\"". Returns false behind the last. */
bool guess_setting(const struct guess *guess, unsigned number, const char **key, char value[GUESS_VALUE]);

/* All settings in a line: "format: csv, field: \"host\"". Returns `text`. */
enum { GUESS_WORDS = 3 * GUESS_TEXT };
const char *guess_words(const struct guess *guess, char text[GUESS_WORDS]);
