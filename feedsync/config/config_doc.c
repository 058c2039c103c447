/* SPDX-License-Identifier: BSD-3-Clause */
/* A program of the build. It writes what people read of the configuration from the table of options (options.h). So
 * neither text lacks an option, or tells another default than the one in force.
 *
 *   config-doc example    the annotated example, feedsync.yaml.example
 *   config-doc man        the manual page feedsync.yaml(5), for scdoc
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/config/options.h"

/* ---- text ---- */

/* Prints words in lines of at most WIDTH characters. Each line but the first begins with `indent`. The first line has
 * `used` characters already. With `escaped`, what scdoc takes for markup is escaped. */
static void print_wrapped(const char *text, const char *indent, size_t used, bool escaped)
{
	enum { WIDTH = 100 };
	bool first = true;
	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t word = strcspn(text, " \n");
		if (!first && used + 1 + word > WIDTH) {
			printf("\n%s", indent);
			used = strlen(indent);
		} else if (!first) {
			putchar(' ');
			used++;
		}
		for (size_t i = 0; i < word; i++) {
			if (escaped && strchr("\\*_`<>[]#|~", text[i]))
				putchar('\\');
			putchar(text[i]);
		}
		used += word;
		text += word;
		first = false;
	}
}

/* Prints each line of a text behind a prefix. */
static void print_lines(const char *text, const char *prefix)
{
	while (*text) {
		size_t length = strcspn(text, "\n");
		if (length > 0)
			printf("%s%.*s\n", prefix, (int)length, text);
		else
			printf("%s\n", prefix[0] == '#' ? "#" : "");
		text += length + (text[length] == '\n');
	}
}

/* ---- the example ---- */

/* The fallback of an option in words; "" = nothing to tell. */
static const char *fallback_of(const struct option *option)
{
	return option->fallback_words ? option->fallback_words : option->fallback ? option->fallback : "";
}

/* The options of a section, one below the other: "#   key   what it is for". */
static void example_options(const struct section *section, unsigned depth)
{
	size_t widest = 0;
	char indent[80];
	const struct option *option;
	for (size_t i = 0; (option = section_option(section, i)); i++)
		widest = strlen(option->key) > widest ? strlen(option->key) : widest;
	for (size_t i = 0; (option = section_option(section, i)); i++) {
		size_t used = (size_t)printf("# %*s%-*s  ", (int)(2 * depth), "", (int)widest, option->key);
		snprintf(indent, sizeof indent, "#%*s", (int)used - 1, "");
		char text[1000], words[EXPECTED_ROOM] = "";
		const char *fallback = fallback_of(option);
		if (option->type == OPTION_WORD)
			option_expected(option, words);
		snprintf(text, sizeof text, "%s%s%s%s%s%s%s%s", option->required ? "Required. " : "", option->sentence,
			words[0] ? " O" : "", words[0] ? words + 1 : "", words[0] ? "." : "",
			fallback[0] ? " Default: " : "", fallback, fallback[0] ? "." : "");
		print_wrapped(text, indent, used, false);
		putchar('\n');
		if (option->section)
			example_options(option->section, depth + 1);
	}
}

static void print_example(void)
{
	puts("# The configuration of feedsync, made from its table of options; feedsync.yaml(5) says more of each. A "
	     "line\n"
	     "# that begins with \"#\" and an option shows the default, or an example where there is no default.\n"
	     "# After a change: `feedsync check`, then `systemctl reload feedsync`.");
	const struct option *option;
	for (size_t i = 0; (option = section_option(&file_section, i)); i++) {
		const char *mark = option->shown ? "" : "#", *words = option->fallback_words;
		printf("\n# ");
		char text[600];
		snprintf(text, sizeof text, "%s%s%s%s", option->sentence, words ? " Default: " : "", words ? words : "",
			words ? "." : "");
		print_wrapped(text, "# ", 2, false);
		putchar('\n');
		if (!option->section) {
			printf("%s%s: %s\n", mark, option->key, option->fallback ? option->fallback : option->example);
			continue;
		}
		char prefix[4];
		snprintf(prefix, sizeof prefix, "%s  ", mark);
		example_options(option->section, 1);
		printf("%s%s:\n", mark, option->key);
		print_lines(option->example, prefix);
	}
}

/* ---- the manual page ---- */

/* Prints the paragraphs of a text, each with a blank line behind it. Lines that begin with two blanks stay as they
 * are. */
static void man_paragraphs(const char *text)
{
	while (*text) {
		const char *end = strstr(text, "\n\n");
		size_t length = end ? (size_t)(end - text) : strlen(text);
		if (strncmp(text, "  ", 2) == 0) {
			puts("\t```");
			for (size_t i = 0; i < length;) {
				size_t line = strcspn(text + i, "\n");
				line = line > length - i ? length - i : line;
				printf("\t%.*s\n", (int)(line > 2 ? line - 2 : 0), text + i + (line > 2 ? 2 : line));
				i += line + 1;
			}
			puts("\t```");
		} else {
			char paragraph[2000];
			snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
			putchar('\t');
			print_wrapped(paragraph, "\t", 1, true);
			putchar('\n');
		}
		putchar('\n');
		text += length + (end ? 2 : 0);
	}
}

/* What each word means: "word   meaning", one below the other. */
static void man_words(const struct option *option)
{
	int widest = 0;
	char indent[80];
	for (unsigned i = 0; option->word(i); i++)
		widest = (int)strlen(option->word(i)) > widest ? (int)strlen(option->word(i)) : widest;
	snprintf(indent, sizeof indent, "\t%*s", widest + 2, "");
	puts("\t```");
	for (unsigned i = 0; option->word(i); i++) {
		printf("\t%-*s  ", widest, option->word(i));
		print_wrapped(option->meaning(i), indent, strlen(indent), false);
		putchar('\n');
	}
	puts("\t```\n");
}

static void man_option(const struct option *option)
{
	char expected[EXPECTED_ROOM];
	const char *fallback = fallback_of(option);
	printf("*%s*", option->key);
	if (option->unless)
		printf(" (required, unless there is *%s*)", option->unless);
	else if (option->required)
		printf(" (required)");
	putchar('\n');
	man_paragraphs(option->sentence);
	if (option->meaning)
		man_words(option);
	if (option->more)
		man_paragraphs(option->more);
	option_expected(option, expected);
	char text[1000];
	snprintf(text, sizeof text, "Expected: %s.%s%s%s%s%s", expected, fallback[0] ? " Default: " : "", fallback,
		fallback[0] ? "." : "", !option->section && option->example ? " Example: " : "",
		!option->section && option->example ? option->example : "");
	putchar('\t');
	print_wrapped(text, "\t", 1, true);
	puts("\n");
	if (!option->section)
		return;
	puts("\t```");
	printf("\t%s:\n", option->key);
	print_lines(option->example, "\t  ");
	puts("\t```\n");
}

static void man_options(const struct section *section)
{
	const struct option *option;
	for (size_t i = 0; (option = section_option(section, i)); i++)
		man_option(option);
}

/* The sections behind one another, each with those within it. */
static void man_sections(const struct section *section, const char *outer)
{
	const struct option *option;
	for (size_t i = 0; (option = section_option(section, i)); i++) {
		if (!option->section)
			continue;
		char path[100];
		snprintf(path, sizeof path, "%s%s%s", outer, outer[0] ? ", " : "", option->key);
		printf("# OPTIONS OF ");
		for (const char *c = path; *c; c++)
			putchar(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
		puts("\n");
		man_options(option->section);
		man_sections(option->section, path);
	}
}

static void print_man(void)
{
	puts("feedsync.yaml(5)\n\n# NAME\n\nfeedsync.yaml - configuration of feedsync\n\n# DESCRIPTION\n\n"
	     "The file, _@CONFIG@_ unless *feedsync* is started with another one (*-c*), is written in YAML 1.1: "
	     "options as "
	     "\"key: "
	     "value\". Only *feeds* is required, or *pull* in its place. *feedsync check* reads it, tells every "
	     "mistake with its line, and "
	     "prints what is "
	     "in force. *systemctl reload feedsync* makes the daemon read it again; a file with a mistake is refused, "
	     "and what "
	     "was in force stays.\n\n"
	     "A duration is a number with a unit: s, m, h, d or w (30m, 4h, 2d); without a unit it is seconds. Yes and "
	     "no may also "
	     "be written as true and false, or on and off. A value may be given a name (\"&name\") and be used again "
	     "(\"\\*name\").\n\n"
	     "An annotated example is installed beside this file as _feedsync.yaml.example_.\n\n# OPTIONS\n");
	man_options(&file_section);
	man_sections(&file_section, "");
	puts("# SEE ALSO\n\n*feedsync*(8), *weir*(7), *weir.so*(8)");
}

int main(int argc, char **argv)
{
	bool man = argc == 2 && strcmp(argv[1], "man") == 0, example = argc == 2 && strcmp(argv[1], "example") == 0;
	if (man)
		print_man();
	else if (example)
		print_example();
	else
		fputs("usage: config-doc man|example\n", stderr);
	return (man || example) && fflush(stdout) == 0 ? 0 : 2;
}
