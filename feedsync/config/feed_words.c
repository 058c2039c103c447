/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/feed_words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/text.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/config/complaints.h"
#include "feedsync/config/option_values.h"
#include "feedsync/config/options.h"
#include "feedsync/formats/registry.h"

/* A configuration file that is being written. */
struct file_text {
	char *text;
	size_t used, room;
};

static void put_text(struct file_text *f, const char *text)
{
	f->used += (size_t)snprintf(f->text + f->used, f->room - f->used, "%s", text);
}

static void put_quoted(struct file_text *f, const char *text)
{
	text_quote(text, f->text + f->used, f->room - f->used);
	f->used += strlen(f->text + f->used);
}

/* Writes an option with its value, or with all values that it was given. */
static void put_option(struct file_text *f, const struct option *option, const struct feed_word *words, size_t count)
{
	bool list = option->type == OPTION_TEXTS;
	put_text(f, "    ");
	put_text(f, option->key);
	put_text(f, list ? ": [" : ": ");
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i].key, option->key) != 0)
			continue;
		put_quoted(f, words[i].value);
		put_text(f, list ? ", " : "");
	}
	put_text(f, list ? "]\n" : "\n");
}

/* Whether another value of the option stands behind the word: the last one counts. */
static bool comes_again(const struct feed_word *words, size_t count, size_t word)
{
	for (size_t i = word + 1; i < count; i++)
		if (strcmp(words[i].key, words[word].key) == 0)
			return true;
	return false;
}

int config_read_words(struct config **config, const char *format, const struct feed_word *words, size_t count,
	struct complaints *complaints)
{
	static const char start[] = "state: /none\ntable: /none/none\nrun: none\nfeeds:\n  - name: list\n    url: ",
			  file[] = "file:///none\n    format: ", server[] = "https://none.invalid/\n    format: ";
	struct file_text f = {.room = sizeof start + sizeof server + 2 * strlen(format) + 16};
	const struct format *found = format_find(format);
	bool of_server = found && (found->layout == LAYOUT_PAGES || found->layout == LAYOUT_LISTING);
	*config = NULL;
	complaints_begin(complaints);
	for (size_t i = 0; i < count; i++) {
		f.room += strlen(words[i].key) + 2 * strlen(words[i].value) + 24;
		if (line_fault(words[i].value))
			complaints_add(
				complaints, 0, FEED_OF_WORDS "%s: a control character in its value", words[i].key);
	}
	if (complaints->count > 0)
		return -EBADMSG;
	f.text = xcalloc(f.room, 1);
	put_text(&f, start);
	put_text(&f, of_server ? server : file); /* some formats are of servers alone */
	put_quoted(&f, format);
	put_text(&f, "\n");
	for (size_t i = 0; i < count; i++) {
		const struct option *option = option_find(&feed_section, words[i].key);
		bool again = comes_again(words, count, i);
		if (option && !again && option->type == OPTION_TEXTS)
			put_option(&f, option, words, count);
		else if (option && !again)
			put_option(&f, option, &words[i], 1);
	}
	int status = config_read_text(config, f.text, f.used, complaints);
	free(f.text);
	return status;
}
