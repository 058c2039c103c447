/* SPDX-License-Identifier: BSD-3-Clause */
/* Guessing what a list is: whatever is in it, whole or cut, the guess is one that can be written down. */
#include <stdlib.h>
#include <string.h>

#include "feedsync/formats/guess_format.h"
#include "libweir/errors.h"
#include "fuzz.h"

static void check_guess(const uint8_t *data, size_t size, bool cut)
{
	struct guess guess;
	struct why why;
	char words[GUESS_WORDS], value[GUESS_VALUE];
	const char *key;
	unsigned settings = 0;
	if (guess_text((const char *)data, size, cut, &guess, &why) != 0 || !guess.format)
		return;
	for (; guess_setting(&guess, settings, &key, value); settings++)
		if (strchr(value, '\n') || strchr(value, '\r'))
			abort();
	if (settings == 0 || strncmp(guess_words(&guess, words), "format: ", 8) != 0)
		abort();
	if (guess.format->has_fields != (guess_options(&guess).field != NULL))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_guess(data, size, false);
	check_guess(data, size, true);
	return 0;
}
