/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/guess_format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/regular_file.h"
#include "feedsync/formats/guess_trial.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

static void guess_lines(struct guessing *guessing)
{
	static const struct format *const formats[] = {
		&format_hosts, &format_adblock, &format_dnsmasq, &format_unbound, &format_rpz, NULL};
	/* Lists of domains are read in filters' spelling as well; so where that is what it is written in, it comes first. */
	if (guessing->signs.filters > guessing->signs.lines / 2)
		guess_consider(guessing, &(struct guess){.format = &format_adblock});
	guess_consider_values(guessing, &(struct guess){.format = &format_domains});
	for (unsigned i = 0; formats[i]; i++)
		guess_consider(guessing, &(struct guess){.format = formats[i]});
	guess_csv(guessing);
}

/* Reads the beginning of the list. Where that is not all of it, a line that is cut is left out. */
static int read_sample(struct guessing *g, char text[GUESS_SAMPLE], const char *path, struct why *why)
{
	struct why damage;
	FILE *in;
	int status = regular_file_open(&in, path, why);
	if (status != 0)
		return status;
	FILE *plain = unpack_open(in, &damage);
	g->text = text;
	if (!plain)
		status = why_set(why, -ENOMEM, "out of memory");
	if (status == 0)
		g->length = fread(text, 1, GUESS_SAMPLE, plain);
	if (status == 0 && ferror(plain))
		status = damage.text[0] ? why_set(why, -EBADMSG, "%s", damage.text)
					: why_set(why, -EIO, "%s", error_text(-EIO));
	g->cut = g->length == GUESS_SAMPLE;
	for (size_t i = g->length; g->cut && i > 0; i--) {
		if (g->text[i - 1] != '\n')
			continue;
		g->length = i;
		break;
	}
	if (plain)
		fclose(plain);
	fclose(in);
	return status;
}

static int guess_sample(struct guessing *guessing, struct guess *guess, struct why *why)
{
	int status = guess_signs_read(&guessing->signs, guessing->text, guessing->length, why);
	if (status == 0 && !guess_json(guessing))
		guess_lines(guessing);
	*guess = guessing->best;
	if (status == 0 && guessing->status != 0)
		status = why_set(why, guessing->status, "%s", error_text(guessing->status));
	return status;
}

int guess_text(const char *text, size_t length, bool cut, struct guess *guess, struct why *why)
{
	struct guessing guessing = {.text = text, .length = length, .cut = cut};
	return guess_sample(&guessing, guess, why);
}

int guess_format(const char *path, struct guess *guess, struct why *why)
{
	struct guessing guessing = {.length = 0};
	char *text = malloc(GUESS_SAMPLE);
	int status = text ? read_sample(&guessing, text, path, why) : why_set(why, -ENOMEM, "out of memory");
	*guess = (struct guess){.format = NULL};
	if (status == 0)
		status = guess_sample(&guessing, guess, why);
	free(text);
	return status;
}

/* Whether a message has said already what a document is; what it is not may be said in other words. */
static bool tells_same(const char *said, const char *note)
{
	return memmem(said, strlen(said), note, strcspn(note, ",")) != NULL;
}

const char *guess_advice(const char *path, const struct format *format, const struct parse_options *options,
	uint64_t entries, const char *said, char text[GUESS_WORDS])
{
	struct guess guess;
	struct why why;
	char words[GUESS_WORDS];
	text[0] = '\0';
	if (guess_format(path, &guess, &why) != 0)
		return text;
	if (guess.note[0] && !guess.format && !tells_same(said, guess.note))
		snprintf(text, GUESS_WORDS, "it looks like %s", guess.note);
	if (!guess.format || guess.names <= entries)
		return text;
	bool same = guess.format == format && guess.urls == options->urls && guess.refang == options->refang &&
		    guess.ports == options->ports && guess.separator == options->separator &&
		    strcmp(guess.field, options->field ? options->field : "") == 0 &&
		    strcmp(guess.items, options->items ? options->items : "") == 0;
	if (!same)
		snprintf(text, GUESS_WORDS, "it looks like `%s`", guess_words(&guess, words));
	return text;
}
