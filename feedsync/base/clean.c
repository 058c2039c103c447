/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/clean.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unictype.h>
#include <unistd.h>
#include <unistr.h>

enum { OCTETS = 4 }; /* of a character in UTF-8, at most; also of "\xNN" */

/* The length of the first character if it may be shown. 0: the first octet is not part of a character. -1: more octets
 * must come before it can be told. */
static int shown_length(const uint8_t *from, size_t length, bool more)
{
	static const uint32_t categories = UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N |
					   UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S | UC_CATEGORY_MASK_Zs;
	ucs4_t character;
	if (*from < 0x80)
		return *from >= ' ' && *from != 0x7f;
	int octets = u8_mbtoucr(&character, from, length);
	if (octets == -2 && more)
		return -1;
	return octets > 0 && uc_is_general_category_withtable(character, categories) ? octets : 0;
}

/* Writes what is shown for the first octets; `used` is how many octets that were. Returns the length, or 0 if more must
 * come. */
static size_t escape_first(char to[OCTETS], const uint8_t *from, size_t length, bool more, size_t *used)
{
	static const char digits[] = "0123456789abcdef";
	const char escaped[OCTETS] = {'\\', 'x', digits[*from >> 4], digits[*from & 15]};
	int octets = shown_length(from, length, more);
	if (octets < 0)
		return 0;
	*used = octets > 0 ? (size_t)octets : 1;
	size_t shown = octets > 0 ? *used : sizeof escaped;
	memcpy(to, octets > 0 ? (const void *)from : escaped, shown);
	return shown;
}

void clean_text(char *to, size_t room, const char *from)
{
	size_t length = strlen(from), filled = 0;
	while (length > 0) {
		char text[OCTETS];
		size_t used, shown = escape_first(text, (const uint8_t *)from, length, false, &used);
		if (filled + shown >= room)
			break;
		memcpy(to + filled, text, shown);
		filled += shown;
		from += used;
		length -= used;
	}
	to[filled] = '\0';
}

void clean(char *text, size_t room)
{
	char copy[CLEAN_MAX + 1];
	snprintf(copy, sizeof copy, "%s", text);
	clean_text(text, room, copy);
}

/* ---- stdout ---- */

/* The real stream, and the octets that were written but cannot be judged yet. */
static struct {
	FILE *out;
	uint8_t begun[OCTETS];
	size_t count;
} output;

/* How many octets at the start need no change: nearly always all of them. */
static size_t plain_length(const uint8_t *from, size_t length)
{
	size_t plain = 0;
	while (plain < length &&
		((from[plain] >= ' ' && from[plain] < 0x7f) || from[plain] == '\n' || from[plain] == '\t'))
		plain++;
	return plain;
}

/* Cleans octets that were written, except those at the end that may begin a character. */
static void write_cleaned(const uint8_t *from, size_t length)
{
	while (length > 0) {
		char text[OCTETS];
		size_t used = plain_length(from, length), shown = used;
		if (used == 0)
			shown = escape_first(text, from, length, true, &used);
		if (shown == 0)
			break;
		fwrite(used == shown ? (const char *)from : text, 1, shown, output.out);
		from += used;
		length -= used;
	}
	memcpy(output.begun, from, length);
	output.count = length;
}

static ssize_t on_write(void *context, const char *data, size_t size)
{
	(void)context;
	size_t done = 0;
	/* Octet by octet, until the character that was begun is complete, or turns out to be none. */
	while (output.count > 0 && done < size) {
		uint8_t begun[OCTETS * 2];
		size_t count = output.count;
		memcpy(begun, output.begun, count);
		begun[count] = (uint8_t)data[done++];
		write_cleaned(begun, count + 1);
	}
	if (done < size)
		write_cleaned((const uint8_t *)data + done, size - done);
	if (fflush(output.out) == 0)
		return (ssize_t)size;
	return 0; /* the real stream has set errno */
}

int clean_stdout(void)
{
	output.out = stdout;
	FILE *cleaned = fopencookie(NULL, "w", (cookie_io_functions_t){.write = on_write});
	if (!cleaned)
		return -ENOMEM;
	if (isatty(STDOUT_FILENO))
		setvbuf(cleaned, NULL, _IOLBF, BUFSIZ);
	stdout = cleaned;
	return 0;
}

void clean_stdout_pass(const char *ours)
{
	fflush(stdout);
	fputs(ours, output.out ? output.out : stdout);
	fflush(output.out ? output.out : stdout);
}
