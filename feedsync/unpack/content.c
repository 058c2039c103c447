/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/unpack/content.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"

/* Whether it is the header of a tar archive's first file (POSIX, pax): whatever wrote it, the header has the sum of its own
 * octets, with blanks in the place of the sum. */
static bool is_tar(const uint8_t *head, size_t length)
{
	enum { SUM = 148, SUM_LENGTH = 8 };
	char text[SUM_LENGTH + 1] = "", *end;
	unsigned long sum = 0;
	if (length < CONTENT_HEAD || head[0] == '\0')
		return false;
	memcpy(text, head + SUM, SUM_LENGTH);
	for (unsigned i = 0; i < CONTENT_HEAD; i++)
		sum += i >= SUM && i < SUM + SUM_LENGTH ? ' ' : head[i];
	return strtoul(text, &end, 8) == sum && end > text;
}

int content_check(const uint8_t *head, size_t length, struct why *why)
{
	static const char compressed[] = "; feedsync reads gzip, xz, zstd, and zip with one file in it";
	static const struct {
		unsigned at;
		const char *magic;
		size_t length;
		const char *what, *advice;
	} known[] = {
		{4, "1AY&SY", 6, "bzip2 data", compressed},
		{4, "\x17rE8P\x90", 6, "empty bzip2 data", compressed},
		{0, "\x1f\x8b\x08", 3, "data that is compressed twice", ""},
		{0,
			"\xfd"
			"7zXZ",
			6, "data that is compressed twice", ""},
		{0, "\x28\xb5\x2f\xfd", 4, "data that is compressed twice", ""},
		{0, "PK\3\4", 4, "a zip archive in compressed data", ""},
		{0, "7z\xbc\xaf\x27\x1c", 6, "a 7-Zip archive", compressed},
		{0, "Rar!\x1a\x07", 6, "a RAR archive", compressed},
		{0, "\x1f\x9d", 2, "data of compress (.Z)", compressed},
		{0, "LZIP\1", 5, "lzip data", compressed},
		{0, "\x04\x22\x4d\x18", 4, "LZ4 data", compressed},
		{0, "\x5d\0\0", 3, "LZMA data", compressed},
		{0, "MSCF\0\0\0\0", 8, "a cabinet archive", compressed},
		{0, "%PDF-", 5, "a PDF document", ""},
		{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "an Office document", ""},
		{0, "SQLite format 3", 16, "an SQLite database", ""},
		{0,
			"\x7f"
			"ELF",
			4, "a program", ""},
	};
	if (is_tar(head, length))
		return why_set(why, -EBADMSG,
			"a tar archive, not a list: its files, of which the first is %.60s, would be read as one; let "
			"the "
			"URL lead to the list alone",
			(const char *)head);
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++)
		if (length >= known[i].at + known[i].length &&
			memcmp(head + known[i].at, known[i].magic, known[i].length) == 0)
			return why_set(why, -EBADMSG, "%s, not a list%s", known[i].what, known[i].advice);
	return 0;
}
