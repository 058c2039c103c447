/* SPDX-License-Identifier: BSD-3-Clause */
/* Other people's test suites, where they are at hand. They are not part of this repository; without them this passes
 * over.
 *
 *   WEIR_JSON_SUITE   the folder test_parsing of github.com/nst/JSONTestSuite
 *   WEIR_IDNA_TEST    tests/IdnaTest.txt of libidn2's source
 */
#include "tests/unit/parse.h"

#include <dirent.h>
#include <idn2.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/entries/normalise.h"

/* Where a feed is refused though its JSON is right: double members, of which a reader may take either, and NUL in a
 * member's name. */
static bool is_refused_on_purpose(const char *why)
{
	return strstr(why, "duplicate object key") || strstr(why, "NUL byte in object key");
}

/* Whether the file is accepted as an item of a list as well: read piece by piece, the same is JSON and the same is not.
 * An item of nothing but blanks makes an empty list. */
static bool is_item(const char *file, const char *name)
{
	static char text[1 << 20] = "[";
	FILE *in = fopen(file, "re");
	size_t length = in ? 1 + fread(text + 1, 1, sizeof text - 2, in) : 0;
	if (in)
		fclose(in);
	text[length++] = ']';
	const struct parse_options options = {.field = "x"};
	bool accepts = parse_octets("json", &options, text, length).status == 0;
	return accepts && strcmp(name, "n_single_space.json") != 0 && strcmp(name, "n_structure_no_data.json") != 0;
}

static void json_suite(void **state)
{
	(void)state;
	const char *path = getenv("WEIR_JSON_SUITE");
	DIR *dir = path ? opendir(path) : NULL;
	if (!dir) {
		skip();
		return;
	}
	unsigned accepted = 0, refused = 0;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char file[4096];
		struct node *node;
		struct why why = {.text = ""};
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
		bool accepts = json_load(&node, file, MAX_BODY, &why) == 0;
		node_free(node);
		if (entry->d_name[0] == 'y' && !accepts && !is_refused_on_purpose(why.text))
			fail_msg("%s: %s", entry->d_name, why.text);
		if (entry->d_name[0] == 'n' && accepts)
			fail_msg("%s is accepted", entry->d_name);
		if (entry->d_name[0] != 'i' && is_item(file, entry->d_name) != accepts)
			fail_msg("%s: as an item of a list it is %s", entry->d_name, accepts ? "refused" : "accepted");
		accepted += accepts;
		refused += !accepts;
	}
	closedir(dir);
	print_message("%u accepted, %u refused\n", accepted, refused);
	assert_true(accepted > 50 && refused > 100);
}

/* Reads \uXXXX. */
static bool read_escape(const char *in, const char *end, unsigned *code)
{
	char digits[5] = "", *stop;
	if (end - in < 6 || in[0] != '\\' || in[1] != 'u')
		return false;
	memcpy(digits, in + 2, 4);
	*code = (unsigned)strtoul(digits, &stop, 16);
	return stop == digits + 4;
}

/* The text behind a \uXXXX escape of the test file, as UTF-8. */
static size_t unescape(const char *in, size_t length, char *out)
{
	size_t at = 0;
	for (size_t i = 0; i < length;) {
		unsigned code, low;
		if (!read_escape(in + i, in + length, &code)) {
			out[at++] = in[i++];
			continue;
		}
		i += 6;
		if (code >= 0xd800 && code < 0xdc00 && read_escape(in + i, in + length, &low)) {
			code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
			i += 6;
		}
		if (code < 0x80) {
			out[at++] = (char)code;
		} else if (code < 0x800) {
			out[at++] = (char)(0xc0 | code >> 6);
			out[at++] = (char)(0x80 | (code & 0x3f));
		} else if (code < 0x10000) {
			out[at++] = (char)(0xe0 | code >> 12);
			out[at++] = (char)(0x80 | (code >> 6 & 0x3f));
			out[at++] = (char)(0x80 | (code & 0x3f));
		} else {
			out[at++] = (char)(0xf0 | code >> 18);
			out[at++] = (char)(0x80 | (code >> 12 & 0x3f));
			out[at++] = (char)(0x80 | (code >> 6 & 0x3f));
			out[at++] = (char)(0x80 | (code & 0x3f));
		}
	}
	out[at] = '\0';
	return at;
}

static bool is_same_text(const char *text, size_t length, const uint8_t *wire, size_t wire_length)
{
	name_storage same;
	int status = name_from_text(text, length - (length > 0 && text[length - 1] == '.'), same);
	return status > 0 && (size_t)status == wire_length && memcmp(same, wire, wire_length) == 0;
}

/* A line is "B; source; to Unicode; to ASCII; ...": whatever source is, we get what libidn2 gets of it, or refuse it.
 * What is ASCII already may also stay as it is (normalise.h). */
static void idna_line(const char *line, unsigned counts[2])
{
	char text[4096], *ascii = NULL;
	const char *source = strchr(line, ';');
	if (!source || strlen(line) > sizeof text / 4)
		return;
	source += 1 + strspn(source + 1, " \t");
	size_t length = unescape(source, strcspn(source, ";\n"), text);
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		text[--length] = '\0';
	name_storage wire, expected;
	enum reject reject;
	int got = normalise(text, length, wire, &reject);
	counts[got > 0]++;
	if (got < 0)
		return;
	int status = idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL);
	int want = status == IDN2_OK ? name_from_text(ascii, strlen(ascii), expected) : -1;
	idn2_free(ascii);
	if (!(want == got && memcmp(wire, expected, (size_t)got) == 0) &&
		!is_same_text(text, length, wire, (size_t)got))
		fail_msg("%s", line);
}

static void idna_test(void **state)
{
	(void)state;
	const char *path = getenv("WEIR_IDNA_TEST");
	FILE *in = path ? fopen(path, "re") : NULL;
	if (!in)
		skip();
	char *line = NULL;
	size_t room = 0;
	unsigned counts[2] = {0};
	while (getline(&line, &room, in) > 0)
		if (line[0] != '#' && line[0] != '\n')
			idna_line(line, counts);
	free(line);
	fclose(in);
	print_message("%u taken, %u refused\n", counts[1], counts[0]);
	assert_true(counts[1] > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_suite),
		cmocka_unit_test(idna_test),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
