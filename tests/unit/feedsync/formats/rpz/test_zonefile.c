/* SPDX-License-Identifier: BSD-3-Clause */
/* Zone files: what is a record, what each is, and what ends the reading. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/formats/rpz/zone_words.h"
#include "feedsync/formats/rpz/zonefile.h"

/* What a zone file holds, record by record: "LINE:OWNER TYPE CLASS TARGET | ...", with "-" for an owner that is no name;
 * and what zonefile_next returned at last. */
struct heard {
	char text[4096];
	int status;
	struct why why;
};

static void read_all(struct heard *heard, FILE *in)
{
	struct zonefile *zone = malloc(sizeof *zone);
	memset(zone, 0xa5, sizeof *zone); /* begin must begin */
	*heard = (struct heard){0};
	zonefile_begin(zone, in);
	size_t used = 0;
	for (;;) {
		heard->status = zonefile_next(zone, &heard->why);
		if (heard->status <= 0 || used >= sizeof heard->text)
			break;
		char owner[NAME_MAX_TEXT] = "-", target[NAME_MAX_TEXT] = "";
		if (zone->owner_length > 0)
			name_to_text(zone->owner, zone->owner_length, owner);
		if (zone->target_length > 0)
			name_to_text(zone->target, zone->target_length, target);
		used += (size_t)snprintf(heard->text + used, sizeof heard->text - used, "%s%llu:%s %u %u%s%s",
			used ? " | " : "", (unsigned long long)zone->line, owner, zone->type, zone->class,
			target[0] ? " " : "", target);
	}
	if (heard->status == 0)
		assert_int_equal(zonefile_next(zone, &heard->why), 0);
	free(zone);
	fclose(in);
}

static void read_octets(struct heard *heard, const char *text, size_t length)
{
	read_all(heard, length ? fmemopen((void *)text, length, "r") : fopen("/dev/null", "r"));
}

static void read_text(struct heard *heard, const char *text)
{
	read_octets(heard, text, strlen(text));
}

static void records(void **state)
{
	(void)state;
	static const struct {
		const char *text, *records;
	} cases[] = {
		{"", ""},
		{"\n \n\t; x\n;y", ""},
		{"a. CNAME b.", "1:a 5 1 b"},
		{"a. CNAME b.\r\nc. CNAME d.\rE.f. cname G.\n", "1:a 5 1 b | 2:c 5 1 d | 3:e.f 5 1 g"},
		/* time to live and class, in either order or not at all */
		{"a. 60 IN CNAME .", "1:a 5 1 ."},
		{"a. in 60 CNAME .", "1:a 5 1 ."},
		{"a. 1h30m CNAME .", "1:a 5 1 ."},
		{"a. CH CNAME .\nb. CNAME .", "1:a 5 3 . | 2:b 5 1 ."},
		{"a. CLASS4 5 CNAME .\nb. ANY 1W2D CNAME .", "1:a 5 4 . | 2:b 5 255 ."},
		/* an owner that looks like something else */
		{"60 CNAME .\nIN CNAME .\nCNAME CNAME CNAME", "1:60 5 1 . | 2:in 5 1 . | 3:cname 5 1 cname"},
		/* the owner of the record before */
		{"a. CNAME .\n CNAME b.\n\t60 IN A 192.0.2.1\n; x\n\n  AAAA ::1",
			"1:a 5 1 . | 2:a 5 1 b | 3:a 1 1 | 6:a 28 1"},
		{"a. CNAME .\n ( \n CNAME . )", "1:a 5 1 . | 2:a 5 1 ."},
		/* origins */
		{"@ CNAME @\na CNAME b", "1:. 5 1 . | 2:a 5 1 b"},
		{"$ORIGIN x.\na CNAME b\n@ CNAME @\na. CNAME b.", "2:a.x 5 1 b.x | 3:x 5 1 x | 4:a 5 1 b"},
		{"$origin x.\n$ORIGIN y ; z\na CNAME .\n$ORIGIN @\na CNAME .", "3:a.y.x 5 1 . | 5:a.y.x 5 1 ."},
		{"a.x. CNAME .\n$ORIGIN y.\n CNAME b", "1:a.x 5 1 . | 3:a.x 5 1 b.y"},
		{"$ORIGIN x.\n\\@ CNAME \\@", "2:@.x 5 1 @.x"},
		{"\\$ORIGIN CNAME .\n$TTL 1h\n$ttl 5", "1:$origin 5 1 ."},
		/* parentheses, comments, strings */
		{"a. ( CNAME\n b. ; x )\n\n)\nc. CNAME d.", "1:a 5 1 b | 5:c 5 1 d"},
		{"a.(CNAME)b.;x\n", "1:a 5 1 b"},
		{"a. TXT ((a)\n(b)) c\nb. CNAME .", "1:a 16 1 | 3:b 5 1 ."},
		{"a. TXT \"a ; b\" \"(\" \")\"\"\\\"\" \"\\\\\"\nb. CNAME .", "1:a 16 1 | 2:b 5 1 ."},
		{"a. TXT a\\;b a\\\"b \\( a\\ b\nb. CNAME .", "1:a 16 1 | 2:b 5 1 ."},
		{"a. SVCB 1 . alpn=\"h2,h3\" x=y", "1:a 64 1"},
		/* escapes in names */
		{"a\\.b. CNAME c\\.", "1:a\\.b 5 1 c\\."},
		{"a\\.b CNAME a.b", "1:a\\.b 5 1 a.b"},
		{"$ORIGIN x.\na\\. CNAME a\\\\.\nb\\046 CNAME b\\\\\\.",
			"2:a\\..x 5 1 a\\\\ | 3:b\\..x 5 1 b\\\\\\..x"},
		{"\\065\\b\\;\\\" CNAME \\000\\255", "1:ab;\" 5 1 \\000\\255"},
		/* owners that are no names, and records that would have them */
		{"a..b CNAME .\n CNAME .\n\nc. CNAME .\n CNAME .", "1:- 5 1 | 4:c 5 1 . | 5:c 5 1 ."},
		{".a CNAME .", "1:- 5 1"},
		{"a..b CNAME a..b\n A x\n TYPE1234 x\nc. CNAME .", "1:- 5 1 | 4:c 5 1 ."},
		{"a\\256 CNAME .\nb\\1x CNAME .\n", "1:- 5 1 | 2:- 5 1"},
		/* types, and data in hexadecimal */
		{"a. TYPE5 b.\na. type28 ::1\na. NSAP-PTR x\na. TYPE16 x",
			"1:a 5 1 b | 2:a 28 1 | 3:a 23 1 | 4:a 16 1"},
		{"a. TYPE65535 \\# 0\na. TYPE1234 \\# 3 00fF (\n 10 )", "1:a 65535 1 | 2:a 1234 1"},
		{"a. CNAME \\# 3 0141 00\nb. TYPE5 \\# 1 0 0", "1:a 5 1 a | 2:b 5 1 ."},
		{"a. A \\# 4 c0000201\na. AAAA \\# 16 00000000000000000000000000000001\na. TXT \\# 1 00",
			"1:a 1 1 | 2:a 28 1 | 3:a 16 1"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heard heard;
		read_text(&heard, cases[i].text);
		if (heard.status != 0 || strcmp(heard.text, cases[i].records) != 0)
			fail_msg("%s: %d %s\n%s", cases[i].text, heard.status, heard.why.text, heard.text);
	}
}

static const struct {
	const char *text, *why;
	size_t length; /* 0: up to its end */
} refused[] = {
	{"a.\n", "line 1: no zone: a record without a type", 0},
	{"a. 60 IN", "line 1: no zone: a record without a type", 0},
	{"a. \"CNAME\" .", "line 1: no zone: a record without a type", 0},
	{"a. CNAME", "line 1: no zone: a record without data", 0},
	{"a. CNAME ; b.\n", "line 1: no zone: a record without data", 0},
	{"a. CNAME .\n\nb. TXT\nc. CNAME .", "line 3: no zone: a record without data", 0},
	{"a. CNAMES .", "line 1: no zone: a type that is not known", 0},
	{"a. 5 6 CNAME .", "line 1: no zone: a type that is not known", 0},
	{"a. IN CH CNAME .", "line 1: no zone: a type that is not known", 0},
	{"a. 1x CNAME .", "line 1: no zone: a type that is not known", 0},
	{"a. h CNAME .", "line 1: no zone: a type that is not known", 0},
	{"a. TYPE65536 \\# 0", "line 1: no zone: a type that is not known", 0},
	{"a. TYPE \\# 0", "line 1: no zone: a type that is not known", 0},
	{"a. TYPE1x \\# 0", "line 1: no zone: a type that is not known", 0},
	{"a. CLASS65536 CNAME .", "line 1: no zone: a type that is not known", 0},
	{"a. AXFR x", "line 1: no zone: a type that is not known", 0},
	{" CNAME .", "line 1: no zone: a record without an owner", 0},
	{"\n$ORIGIN a.\n CNAME .", "line 3: no zone: a record without an owner", 0},
	{"\"a.\" CNAME .", "line 1: no zone: an owner in quotes", 0},
	{"( CNAME . )\n", "line 1: no zone: a type that is not known", 0},
	{"a. CNAME b. c.", "line 1: no zone: more than belongs to a record", 0},
	{"a. CNAME b. \"\"", "line 1: no zone: more than belongs to a record", 0},
	{"a. CNAME a..b", "line 1: no zone: a CNAME record whose target is no name", 0},
	{"a. CNAME \"b.\"", "line 1: no zone: a CNAME record whose target is no name", 0},
	{"a. CNAME b\\256.", "line 1: no zone: a CNAME record whose target is no name", 0},
	/* also where the owner is none */
	{"a..b CNAME .\n CNAME", "line 2: no zone: a record without data", 0},
	{"a. A 192.0.2.256", "line 1: no zone: an address record without an address", 0},
	{"a. A 192.0.2", "line 1: no zone: an address record without an address", 0},
	{"a. A 192.0.2.1 192.0.2.2", "line 1: no zone: more than belongs to a record", 0},
	{"@ SOA a. b. 1 2 3 4", "line 1: no zone: an SOA record that is not seven words", 0},
	{"@ SOA a. b. 1 2 3 4 5 6", "line 1: no zone: an SOA record that is not seven words", 0},
	{"a. AAAA 192.0.2.1", "line 1: no zone: an address record without an address", 0},
	{"a. AAAA ::g", "line 1: no zone: an address record without an address", 0},
	{"a. AAAA \"::1\"", "line 1: no zone: an address record without an address", 0},
	/* data in hexadecimal */
	{"a. TYPE1234 x", "line 1: no zone: data of an unknown type that is not in hexadecimal", 0},
	{"a. TYPE1234 \"\\#\" 0", "line 1: no zone: data of an unknown type that is not in hexadecimal", 0},
	{"a. TYPE1234 \\#", "line 1: no zone: data in hexadecimal without its length", 0},
	{"a. TYPE1234 \\# 65536", "line 1: no zone: data in hexadecimal without its length", 0},
	{"a. TYPE1234 \\# \"1\" 00", "line 1: no zone: data in hexadecimal without its length", 0},
	{"a. TYPE1234 \\# 1 0g", "line 1: no zone: data that is not hexadecimal", 0},
	{"a. TYPE1234 \\# 1 \"00\"", "line 1: no zone: data that is not hexadecimal", 0},
	{"a. TYPE1234 \\# 1", "line 1: no zone: data in hexadecimal of another length", 0},
	{"a. TYPE1234 \\# 1 0", "line 1: no zone: data in hexadecimal of another length", 0},
	{"a. TYPE1234 \\# 1 00 00", "line 1: no zone: data in hexadecimal of another length", 0},
	{"a. A \\# 3 000000", "line 1: no zone: data that is not data of its type", 0},
	{"a. AAAA \\# 4 00000000", "line 1: no zone: data that is not data of its type", 0},
	{"a. CNAME \\# 0", "line 1: no zone: data that is not data of its type", 0},
	{"a. CNAME \\# 3 014100 00", "line 1: no zone: data in hexadecimal of another length", 0},
	{"a. CNAME \\# 2 0141", "line 1: no zone: data that is not data of its type", 0},
	{"a. CNAME \\# 2 c000", "line 1: no zone: data that is not data of its type", 0},
	/* what $ begins */
	{"$ORIGIN", "line 1: no zone: $ORIGIN without a name", 0},
	{"\n$ORIGIN a..b.\n", "line 2: no zone: $ORIGIN without a name", 0},
	{"$ORIGIN a. b.", "line 1: no zone: $ORIGIN with more than a name", 0},
	{"$TTL\n5", "line 1: no zone: $TTL without a time", 0},
	{"$TTL x", "line 1: no zone: $TTL without a time", 0},
	{"$TTL 5 6", "line 1: no zone: $TTL with more than a time", 0},
	{"a. CNAME .\n$include x", "line 2: $INCLUDE is not followed", 0},
	{"$GENERATE 1-9 a$ CNAME .", "line 1: $GENERATE is not followed", 0},
	{"$X a.", "line 1: no zone: a word with $ in front that is not known", 0},
	/* what does not end */
	{"a. CNAME (\n.\n\n", "line 1: no zone: a parenthesis that is not closed", 0},
	{"a. CNAME . )\n", "line 1: no zone: a closing parenthesis without an opening one", 0},
	{"\n)\n", "line 2: no zone: a closing parenthesis without an opening one", 0},
	{"a. TXT \"b\nc. CNAME .\nd. TXT \"", "line 1: no zone: a quoted string that does not end in its line", 0},
	{"a. TXT \"b", "line 1: no zone: a quoted string that does not end in its line", 0},
	{"a. TXT \"b\\\"", "line 1: no zone: a quoted string that does not end in its line", 0},
	{"a. TXT (\n\"b\\\n\")", "line 1: no zone: a quoted string that does not end in its line", 0},
	{"a. TXT b\\", "line 1: no zone: a backslash at the end of a line", 0},
	{"a. TXT b\\\nc. CNAME .", "line 1: no zone: a backslash at the end of a line", 0},
	/* NUL octets */
	{"a\0b. CNAME .", "line 1: no zone: a NUL octet", 12},
	{"a. CNA\0ME .", "line 1: no zone: a NUL octet", 11},
	{"a. CNAME .\n\0", "line 2: no zone: a NUL octet", 12},
	{"a. CNAME . ; \0\n", "line 1: no zone: a NUL octet", 15},
	{"a. TXT \"\0\"", "line 1: no zone: a NUL octet", 10},
	{"a. TXT \\\0", "line 1: no zone: a NUL octet", 9},
	{"a. TXT (\n\0)", "line 1: no zone: a NUL octet", 11},
};

static void refusals(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct heard heard;
		read_octets(&heard, refused[i].text, refused[i].length ? refused[i].length : strlen(refused[i].text));
		if (heard.status != -EBADMSG || strncmp(heard.why.text, refused[i].why, strlen(refused[i].why)) != 0)
			fail_msg("%s: %d %s\n%s", refused[i].text, heard.status, heard.why.text, heard.text);
	}
}

/* ---- sizes ---- */

/* "aaa...": labels of 63 octets and a last one, of `length` octets on the wire without the root's. */
static void put_labels(char *text, size_t length)
{
	while (length > 0) {
		size_t label = length > 64 ? 64 : length;
		memset(text, 'a', label - 1);
		text[label - 1] = '.';
		text += label;
		length -= label;
	}
	*text = '\0';
}

static void sizes_of_names(void **state)
{
	(void)state;
	char name[512], text[1200];
	struct heard heard;
	for (unsigned label = 1; label < 70; label++) {
		memset(name, 'a', label);
		name[label] = '\0';
		snprintf(text, sizeof text, "%s CNAME .\n", name);
		read_text(&heard, text);
		assert_int_equal(heard.status, 0);
		assert_int_equal(heard.text[2] == '-', label > NAME_MAX_LABEL);
	}
	/* Absolute, or made absolute by origins of all lengths. */
	for (size_t length = 2; length < 260; length++) {
		for (size_t origin = 0; origin < length - 1 && origin < NAME_MAX_WIRE - 1; origin += 7) {
			put_labels(name, origin);
			int used = snprintf(text, sizeof text, "$ORIGIN .\n$ORIGIN %s\n", origin ? name : ".");
			put_labels(name, length - origin);
			if (origin % 64 == 1 || (length - origin) % 64 == 1)
				continue; /* an empty label */
			if (origin > 0)
				name[length - origin - 1] = '\0';
			snprintf(text + used, sizeof text - (size_t)used, "%s CNAME .\n", name);
			read_text(&heard, text);
			assert_int_equal(heard.status, 0);
			assert_int_equal(heard.text[2] == '-', length + 1 > NAME_MAX_WIRE);
		}
	}
	memset(name, 'b', sizeof name);
	snprintf(text, sizeof text, "a. CNAME %.64s.", name);
	read_text(&heard, text);
	assert_int_equal(heard.status, -EBADMSG);
}

static void sizes_of_words(void **state)
{
	(void)state;
	char *text = malloc(MAX_ZONE_WORD + 100);
	struct heard heard;
	for (unsigned more = 0; more < 2; more++) {
		for (unsigned escapes = 0; escapes < 2; escapes++) {
			size_t length = (size_t)sprintf(text, "b. TXT "), size = MAX_ZONE_WORD + more;
			for (size_t i = 0; i < size; i++)
				text[length + i] = escapes && (i + more) % 2 == 0 && i + 1 < size ? '\\' : 'x';
			length += size;
			length += (size_t)sprintf(text + length, "\nc. CNAME .");
			read_octets(&heard, text, length);
			assert_int_equal(heard.status, more ? -EBADMSG : 0);
			assert_string_equal(heard.why.text, more ? "line 1: no zone: a word that is too long" : "");
		}
	}
	/* Longer than a record may be, where nothing of it is wanted. */
	memset(text, ' ', MAX_ZONE_WORD + 50);
	memcpy(text, "a. TXT \"", 8);
	memcpy(text + MAX_ZONE_WORD + 20, "\"", 1);
	read_octets(&heard, text, MAX_ZONE_WORD + 50);
	assert_int_equal(heard.status, 0);
	assert_string_equal(heard.text, "1:a 16 1");
	/* The longest data there is, in one word. */
	size_t length = (size_t)sprintf(text, "a. TYPE1234 \\# 65535 ");
	memset(text + length, '0', 2 * 65535);
	read_octets(&heard, text, length + 2 * 65535);
	assert_int_equal(heard.status, 0);
	read_octets(&heard, text, length + 2 * 65535 - 1);
	assert_int_equal(heard.status, -EBADMSG);
	free(text);
}

/* ---- cut off, and unreadable ---- */

#define WHOLE                                                                                                          \
	"$TTL 1h\n$ORIGIN x.\r\n@ 60 IN SOA a. b. (1 2h ; c\n 3 4 5)\n NS ns\na\\.b CNAME \\100.\n"                    \
	"\tTXT \"a \\\" ; (\" b\nc..d CNAME .\n TYPE1234 \\# 2 00 01\ne A 192.0.2.1\r AAAA ::1\nf TYPE5 \\# 3 "        \
	"016100\n"

/* All but the last record, which may be a part of one. */
static void check_start(const struct heard *part, const struct heard *whole)
{
	const char *last = part->text;
	for (const char *next = last; next; next = strstr(last, " | "))
		last = next + (next == part->text ? 0 : 3);
	if (strncmp(part->text, whole->text, (size_t)(last - part->text)) != 0)
		fail_msg("%s", part->text);
}

static void every_truncation(void **state)
{
	(void)state;
	struct heard whole, part;
	read_text(&whole, WHOLE);
	assert_string_equal(whole.text, "3:x 6 1 | 5:x 2 1 | 6:a\\.b.x 5 1 d | 7:a\\.b.x 16 1 | 8:- 5 1 | 10:e.x 1 1 | "
					"11:e.x 28 1 | 12:f.x 5 1 a");
	assert_int_equal(whole.status, 0);
	for (size_t length = 0; length < sizeof WHOLE - 1; length++) {
		uint8_t *copy = edge_copy(WHOLE, length);
		read_octets(&part, (const char *)copy, length);
		edge_free(copy, length);
		assert_true(part.status == 0 || part.status == -EBADMSG);
		check_start(&part, &whole);
	}
}

struct broken {
	const char *text;
	size_t left;
};

static ssize_t read_broken(void *cookie, char *buffer, size_t size)
{
	struct broken *b = cookie;
	if (b->left == 0) {
		errno = EIO;
		return -1;
	}
	size_t length = b->left < size ? b->left : size;
	memcpy(buffer, b->text, length);
	b->text += length;
	b->left -= length;
	return (ssize_t)length;
}

/* What could not be read is never taken for an end: also no record that it might have gone on with. */
static void reads_that_fail(void **state)
{
	(void)state;
	struct heard whole, part;
	read_text(&whole, WHOLE);
	for (size_t length = 0; length < sizeof WHOLE; length++) {
		struct broken broken = {WHOLE, length};
		read_all(&part, fopencookie(&broken, "r", (cookie_io_functions_t){.read = read_broken}));
		assert_int_equal(part.status, -EIO);
		assert_non_null(strstr(part.why.text, "line "));
		assert_int_equal(strncmp(part.text, whole.text, strlen(part.text)), 0);
	}
}

/* ---- words ---- */

static void words(void **state)
{
	(void)state;
	static const char *const times[] = {"0", "5", "1h30m", "1W2D3h4M5S", "1h30", "99999999999999999999"};
	static const char *const no_times[] = {"", "h", "1hh", "h1", "1x", "-1", "1h ", "+1", "1.5"};
	for (unsigned i = 0; i < sizeof times / sizeof *times; i++)
		assert_true(zone_is_ttl(times[i]));
	for (unsigned i = 0; i < sizeof no_times / sizeof *no_times; i++)
		assert_false(zone_is_ttl(no_times[i]));
	uint16_t number;
	bool named;
	const struct {
		const char *text;
		uint16_t number;
		bool named;
	} types[] = {{"https", 65, true}, {"type00065", 65, true}, {"TYPE65280", 65280, false}};
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		assert_true(zone_type_read(types[i].text, &number, &named));
		assert_int_equal(number, types[i].number);
		assert_int_equal(named, types[i].named);
	}
	assert_false(zone_type_read("TYPE66000", &number, &named));
	assert_false(zone_type_read("ANY", &number, &named));
	assert_false(zone_type_read("", &number, &named));
	assert_true(zone_class_read("none", &number));
	assert_int_equal(number, 254);
	assert_true(zone_class_read("CLASS1", &number));
	assert_int_equal(number, 1);
	assert_false(zone_class_read("CLASS", &number) || zone_class_read("CLASS-1", &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(refusals),
		cmocka_unit_test(sizes_of_names),
		cmocka_unit_test(sizes_of_words),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(reads_that_fail),
		cmocka_unit_test(words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
