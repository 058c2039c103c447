/* SPDX-License-Identifier: BSD-3-Clause */
/* What a list is written in, guessed from its content. Every format is tried on the beginning of the list, as it would
 * read a whole one, with the settings that suit it; the one that finds most names, and rejects least as malformed, is the
 * guess. Where none makes sense of at least half of the entries, nothing is guessed: a wrong guess costs more than none. */
#pragma once

#include "feedsync/formats/guess.h"
#include "libweir/attributes.h"

struct why;

/* Guesses what the file at `path` is written in, compressed or not. Returns 0, also where nothing is guessed; -errno; or
 * -EBADMSG where the content is no text at all; with the reason. Any thread. */
must_check int guess_format(const char *path, struct guess *guess, struct why *why);

/* The same of the beginning of a text that is not compressed; `cut`: the text goes on. */
must_check int guess_text(const char *text, size_t length, bool cut, struct guess *guess, struct why *why);

/* What to try instead of the settings by which a list could not be used, in the words of a message; "" where nothing that
 * would read more of it is guessed, or `said` has it already. `entries` are those that the settings found. Returns `text`. */
const char *guess_advice(const char *path, const struct format *format, const struct parse_options *options,
	uint64_t entries, const char *said, char text[GUESS_WORDS]);
