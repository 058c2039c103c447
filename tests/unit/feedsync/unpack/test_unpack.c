/* SPDX-License-Identifier: BSD-3-Clause */
/* Compressed documents: whole ones give what went in, all others an error and never a shorter or another text. */
#include "tests/unit/parse.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/unpack/unpack.h"

enum kind { GZIP, XZ, ZSTD, ZIP, KINDS };
static const char *const kind_names[] = {"gzip", "xz", "zstd", "zip"};

enum { ROOM = 1 << 20 }; /* octets of a compressed document */

/* Compresses a text, as the given number of zip members. Returns the length. */
static size_t compressed(enum kind kind, const char *text, size_t length, unsigned members, uint8_t *out)
{
	struct archive *a = archive_write_new();
	size_t used = 0;
	int code = kind == ZIP    ? archive_write_set_format_zip(a)
		   : kind == GZIP ? archive_write_add_filter_gzip(a)
		   : kind == XZ   ? archive_write_add_filter_xz(a)
				  : archive_write_add_filter_zstd(a);
	if (kind != ZIP)
		code |= archive_write_set_format_raw(a);
	archive_write_set_bytes_in_last_block(a, 1);
	assert_int_equal(code, ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, out, ROOM, &used), ARCHIVE_OK);
	for (unsigned i = 0; i < members; i++) {
		struct archive_entry *entry = archive_entry_new();
		archive_entry_set_pathname(entry, i ? "other" : "list");
		archive_entry_set_filetype(entry, AE_IFREG);
		archive_entry_set_size(entry, (la_int64_t)length);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		assert_int_equal(archive_write_data(a, text, length), length);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return used;
}

/* What reading a document came to. */
struct outcome {
	char *text;
	size_t length;
	int error; /* 0, or errno */
	struct why damage;
};

static struct outcome read_all(FILE *in)
{
	struct outcome o = {0};
	FILE *plain = unpack_open(in, &o.damage);
	assert_non_null(plain);
	char piece[5000];
	FILE *to = open_memstream(&o.text, &o.length);
	errno = 0;
	for (size_t n; (n = fread(piece, 1, sizeof piece, plain)) > 0;)
		fwrite(piece, 1, n, to);
	o.error = ferror(plain) ? errno : 0;
	assert_int_equal(fgetc(plain), EOF); /* it has ended for good */
	fclose(plain);
	fclose(to);
	return o;
}

static struct outcome read_octets(const uint8_t *data, size_t length)
{
	FILE *in = length ? fmemopen((void *)data, length, "r") : fopen("/dev/null", "r");
	struct outcome o = read_all(in);
	fclose(in);
	return o;
}

static char *long_text(size_t *length)
{
	char *text = NULL;
	uint64_t seed = 7;
	FILE *out = open_memstream(&text, length);
	for (unsigned i = 0; i < 100; i++)
		fprintf(out, "host%u.zone%u.example\n", random_below(&seed, 1000000), random_below(&seed, 50));
	fclose(out);
	return text;
}

static void whole(void **state)
{
	(void)state;
	size_t length;
	char *text = long_text(&length);
	uint8_t *data = malloc(ROOM);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		const size_t lengths[] = {length, 1, 0};
		for (unsigned i = 0; i < 3; i++) {
			size_t used = compressed(kind, text, lengths[i], 1, data);
			assert_true(used > 0);
			struct outcome o = read_octets(data, used);
			if (o.error || o.length != lengths[i] || memcmp(o.text, text, o.length) != 0)
				fail_msg("%s of %zu: %d, %s", kind_names[kind], lengths[i], o.error, o.damage.text);
			free(o.text);
		}
	}
	/* Without compression: as it is, also where it begins like a compressed one. */
	static const char *const plain[] = {"", "P", "PK\3", "\x1f", "(evil.example)", "\3757z"};
	for (unsigned i = 0; i < sizeof plain / sizeof *plain; i++) {
		struct outcome o = read_octets((const uint8_t *)plain[i], strlen(plain[i]));
		assert_int_equal(o.error, 0);
		assert_string_equal(o.text, plain[i]);
		free(o.text);
	}
	free(data);
	free(text);
}

/* Cut anywhere, or with something behind it. */
static void cut_off(void **state)
{
	(void)state;
	size_t length;
	char *text = long_text(&length);
	uint8_t *data = malloc(ROOM);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t used = compressed(kind, text, length, 1, data);
		for (size_t cut = 6; cut <= used + 1; cut++) {
			if (cut == used)
				continue;
			data[used] = 'x';
			struct outcome o = read_octets(data, cut);
			if (o.error != EBADMSG || !o.damage.text[0])
				fail_msg("%s: %zu of %zu octets: %d, %s", kind_names[kind], cut, used, o.error,
					o.damage.text);
			free(o.text);
		}
	}
	free(data);
	free(text);
}

/* Any octet another one: an error, or what changed does not matter. (zstd data need not have a checksum.) */
static void damaged(void **state)
{
	(void)state;
	size_t length;
	char *text = long_text(&length);
	uint8_t *data = malloc(ROOM);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		size_t used = compressed(kind, text, length, 1, data), errors = 0;
		for (size_t at = 6; at < used && kind != ZSTD; at++) {
			data[at] ^= 0x10;
			struct outcome o = read_octets(data, used);
			bool same = o.length == length && memcmp(o.text, text, length) == 0;
			if (o.error ? !o.damage.text[0] : !same)
				fail_msg("%s: octet %zu of %zu: %d, %s", kind_names[kind], at, used, o.error,
					o.damage.text);
			errors += o.error != 0;
			free(o.text);
			data[at] ^= 0x10;
		}
		if (kind != ZSTD)
			assert_true(errors > used * 8 / 10);
	}
	free(data);
	free(text);
}

static void members(void **state)
{
	(void)state;
	static const char text[] = "evil.example\n";
	uint8_t *data = malloc(ROOM);
	/* gzip members make one document. */
	size_t used = compressed(GZIP, text, sizeof text - 1, 1, data);
	memcpy(data + used, data, used);
	struct outcome o = read_octets(data, 2 * used);
	assert_int_equal(o.error, 0);
	assert_string_equal(o.text, "evil.example\nevil.example\n");
	free(o.text);
	/* Those of a zip are documents of their own. */
	for (unsigned count = 0; count <= 2; count += 2) {
		used = compressed(ZIP, text, sizeof text - 1, count, data);
		o = read_octets(data, used);
		assert_int_equal(o.error, EBADMSG);
		assert_non_null(strstr(o.damage.text, count ? "more than one member" : "without a member"));
		free(o.text);
	}
	free(data);
}

/* A tar archive, as other programs write them, in a compression or in none: its files must not be read as one list. */
static size_t tar_of(uint8_t *out, int (*set_format)(struct archive *), int (*add_filter)(struct archive *))
{
	struct archive *a = archive_write_new();
	size_t used = 0;
	assert_int_equal(set_format(a), ARCHIVE_OK);
	assert_int_equal(add_filter(a), ARCHIVE_OK);
	assert_int_equal(archive_write_open_memory(a, out, ROOM, &used), ARCHIVE_OK);
	static const char *const names[] = {"phishing/", "phishing/domains", "whitelist/domains"};
	for (unsigned i = 0; i < 3; i++) {
		struct archive_entry *entry = archive_entry_new();
		archive_entry_set_pathname(entry, names[i]);
		archive_entry_set_filetype(entry, i == 0 ? AE_IFDIR : AE_IFREG);
		archive_entry_set_perm(entry, 0644);
		archive_entry_set_size(entry, i == 0 ? 0 : 13);
		assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
		if (i > 0)
			assert_int_equal(archive_write_data(a, "evil.example\n", 13), 13);
		archive_entry_free(entry);
	}
	assert_int_equal(archive_write_close(a), ARCHIVE_OK);
	archive_write_free(a);
	return used;
}

static void other_archives(void **state)
{
	(void)state;
	uint8_t *data = malloc(ROOM);
	int (*const formats[])(struct archive *) = {archive_write_set_format_ustar, archive_write_set_format_gnutar,
		archive_write_set_format_v7tar, archive_write_set_format_pax_restricted};
	int (*const filters[])(struct archive *) = {archive_write_add_filter_none, archive_write_add_filter_gzip,
		archive_write_add_filter_xz, archive_write_add_filter_zstd};
	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
		for (unsigned j = 0; j < sizeof filters / sizeof *filters; j++) {
			struct outcome o = read_octets(data, tar_of(data, formats[i], filters[j]));
			if (o.error != EBADMSG ||
				!strstr(o.damage.text, "a tar archive, not a list: its files, of which the "
						       "first is phishing/,"))
				fail_msg("%u %u: %d %s", i, j, o.error, o.damage.text);
			assert_string_equal(o.text, "");
			free(o.text);
		}
	}
	int (*const refused[])(struct archive *) = {archive_write_add_filter_bzip2, archive_write_add_filter_compress,
		archive_write_add_filter_lzip, archive_write_add_filter_lzma, archive_write_add_filter_lz4};
	static const char *const told[] = {"bzip2 data", "compress (.Z)", "lzip data", "LZMA data", "LZ4 data"};
	for (unsigned i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct outcome o = read_octets(data, tar_of(data, archive_write_set_format_ustar, refused[i]));
		if (o.error != EBADMSG || !strstr(o.damage.text, told[i]))
			fail_msg("%s: %d %s", told[i], o.error, o.damage.text);
		free(o.text);
	}
	/* What only looks like one. */
	char text[1024];
	memset(text, 'a', sizeof text);
	memcpy(text + 257, "ustar", 5);
	struct outcome o = read_octets((uint8_t *)text, sizeof text);
	assert_int_equal(o.error, 0);
	assert_int_equal(o.length, sizeof text);
	free(o.text);
	free(data);
}

/* What is compressed twice is no list once it is unpacked; nor is what follows a member of gzip part of it. */
static void compressed_twice(void **state)
{
	(void)state;
	uint8_t *inner = malloc(ROOM), *outer = malloc(ROOM);
	for (int kind = 0; kind < KINDS; kind++) {
		size_t length = compressed(kind, "evil.example\n", 13, 1, inner);
		for (int around = 0; around < KINDS; around++) {
			size_t used = compressed(around, (const char *)inner, length, 1, outer);
			struct outcome o = read_octets(outer, used);
			if (o.error != EBADMSG || !strstr(o.damage.text, kind == ZIP ? "in compressed data" : "twice"))
				fail_msg("%s in %s: %s", kind_names[kind], kind_names[around], o.damage.text);
			free(o.text);
		}
	}
	size_t used = compressed(GZIP, "evil.example\n", 13, 1, outer);
	outer[used] = '\0';
	struct outcome o = read_octets(outer, used + 1);
	assert_int_equal(o.error, EBADMSG);
	assert_string_equal(o.damage.text, "what follows the gzip data is not part of it");
	free(o.text);
	free(inner);
	free(outer);
}

/* Folders in a zip are no members. */
static void folders(void **state)
{
	(void)state;
	static const char *const orders[] = {"flf", "ffl", "lff", "l", "fl", "ff", "flfl", "ll"};
	uint8_t *data = malloc(ROOM);
	for (unsigned i = 0; i < sizeof orders / sizeof *orders; i++) {
		struct archive *a = archive_write_new();
		size_t used = 0, lists = 0;
		assert_int_equal(archive_write_set_format_zip(a), ARCHIVE_OK);
		archive_write_set_bytes_in_last_block(a, 1);
		assert_int_equal(archive_write_open_memory(a, data, ROOM, &used), ARCHIVE_OK);
		for (unsigned j = 0; orders[i][j]; j++) {
			char name[16];
			bool list = orders[i][j] == 'l';
			struct archive_entry *entry = archive_entry_new();
			snprintf(name, sizeof name, list ? "x/list%u" : "x%u/", j);
			archive_entry_set_pathname(entry, name);
			archive_entry_set_filetype(entry, list ? AE_IFREG : AE_IFDIR);
			archive_entry_set_size(entry, list ? 13 : 0);
			assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
			if (list)
				assert_int_equal(archive_write_data(a, "evil.example\n", 13), 13);
			lists += list;
			archive_entry_free(entry);
		}
		assert_int_equal(archive_write_close(a), ARCHIVE_OK);
		archive_write_free(a);
		struct outcome o = read_octets(data, used);
		const char *told = lists > 1 ? "more than one member" : "without a member";
		if (lists == 1 ? o.error != 0 || strcmp(o.text, "evil.example\n") != 0
			       : o.error != EBADMSG || !strstr(o.damage.text, told))
			fail_msg("%s: %d %s \"%s\"", orders[i], o.error, o.damage.text, o.text);
		free(o.text);
	}
	free(data);
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)value;
	at[1] = (uint8_t)(value >> 8);
}

/* Archives that other programs write: stored, lengths at once or later; and what must not be taken. */
static void zips(void **state)
{
	(void)state;
	static const char text[] = "evil.example\n";
	enum { DATA = 30 + 4, LENGTH = sizeof text - 1, ENTRY = DATA + LENGTH, END = ENTRY + 46 + 4, ALL = END + 22 };
	uint8_t zip[ALL] = "PK\3\4", changed[ALL];
	static const uint8_t sum[] = {0x1d, 0xa5, 0x85, 0x4a};
	zip[18] = zip[22] = LENGTH;
	put16(zip + 26, 4);
	memcpy(zip + 14, sum, 4);
	memcpy(zip + 30, "list", 4);
	memcpy(zip + DATA, text, LENGTH);
	memcpy(zip + ENTRY, "PK\1\2", 4);
	memcpy(zip + ENTRY + 16, sum, 4);
	put16(zip + ENTRY + 28, 4);
	memcpy(zip + ENTRY + 46, "list", 4);
	memcpy(zip + END, "PK\5\6", 4);
	put16(zip + END + 8, 1);
	put16(zip + END + 10, 1);
	struct outcome o = read_octets(zip, ALL);
	if (o.error || strcmp(o.text, text) != 0)
		fail_msg("%s \"%s\"", o.damage.text, o.text);
	free(o.text);
	static const struct {
		unsigned at, value;
		const char *why;
	} cases[] = {
		{6, 1, "encrypted"},
		{6, 8, "packed in a way (0)"}, /* stored, and its length comes later: where would it end? */
		{8, 12, "packed in a way (12)"}, {8, 8, "damaged zip data"}, {18, LENGTH - 1, "checksum"},
		{18, 0xffff, "cut off"}, {26, 0xffff, "cut off"}, {ENTRY + 16, 0, "checksum"}, {ENTRY, 0, "cut off"},
		{END + 10, 2, "more than one member"},
		{END + 20, 1, NULL}, /* a comment, that is not there: of no consequence */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		memcpy(changed, zip, ALL);
		put16(changed + cases[i].at, cases[i].value);
		o = read_octets(changed, ALL);
		if (cases[i].why ? o.error != EBADMSG || !strstr(o.damage.text, cases[i].why) : o.error != 0)
			fail_msg("octet %u: %d %s", cases[i].at, o.error, o.damage.text);
		free(o.text);
	}
}

static void too_much(void **state)
{
	(void)state;
	enum { SIZE = 64 << 20 };
	char *zeros = calloc(1, SIZE);
	uint8_t *data = malloc(ROOM);
	for (enum kind kind = 0; kind < KINDS; kind++) {
		struct outcome o = read_octets(data, compressed(kind, zeros, SIZE, 1, data));
		assert_int_equal(o.error, EBADMSG);
		assert_non_null(strstr(o.damage.text, "200 times"));
		assert_true(o.length < MAX_RATIO_FREE + ROOM * MAX_RATIO);
		free(o.text);
	}
	free(data);
	free(zeros);
}

static void streams(void **state)
{
	(void)state;
	uint8_t *data = malloc(ROOM);
	size_t used = compressed(XZ, "evil.example\n", 13, 1, data);
	int pipes[2];
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], data, used), used);
	close(pipes[1]);
	free(data);
	FILE *in = fdopen(pipes[0], "r");
	struct outcome o = read_all(in);
	fclose(in);
	assert_int_equal(o.error, 0);
	assert_string_equal(o.text, "evil.example\n");
	free(o.text);
	/* An error of the file is none of its content. */
	in = fopen("/", "r");
	o = read_all(in);
	fclose(in);
	assert_int_equal(o.error, EISDIR);
	assert_string_equal(o.damage.text, "");
	free(o.text);
	assert_false(unpack_tells_end("/nonexistent"));
}

/* To no parser is what was cut off the whole document, nor is anything behind what it wanted to read. */
static void parsers(void **state)
{
	(void)state;
	static const struct {
		const char *format, *text;
	} cases[] = {
		{"domains", "evil.example\n"},
		{"hosts", "0.0.0.0 evil.example\n"},
		{"adblock", "||evil.example^\n"},
		{"dnsmasq", "address=/evil.example/\n"},
		{"unbound", "local-zone: evil.example static\n"},
		{"rpz", "@ SOA a. b. 1 2 3 4 5\nevil.example CNAME .\n"},
		{"csv", "host\nevil.example\n"},
		{"json", "[\"evil.example\"]"},
		{"json", "{\"host\":\"evil.example\"}"},
	};
	const struct parse_options options = {.field = "host"};
	uint8_t *data = malloc(ROOM);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (enum kind kind = 0; kind < KINDS; kind++) {
			size_t used = compressed(kind, cases[i].text, strlen(cases[i].text), 1, data);
			data[used] = 'x';
			struct parsed whole = parse_octets(cases[i].format, &options, data, used);
			if (whole.status != 0 || whole.counts.entries != 1)
				fail_msg("%s, %s: %s", cases[i].format, kind_names[kind], whole.why.text);
			for (size_t cut = used - 1; cut <= used + 1; cut += 2) {
				struct parsed p = parse_octets(cases[i].format, &options, data, cut);
				if (p.status != -EBADMSG || !p.why.text[0])
					fail_msg("%s, %s, %zu of %zu: %d %s", cases[i].format, kind_names[kind], cut,
						used, p.status, p.why.text);
			}
		}
	}
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(damaged),
		cmocka_unit_test(members),
		cmocka_unit_test(zips),
		cmocka_unit_test(folders),
		cmocka_unit_test(other_archives),
		cmocka_unit_test(compressed_twice),
		cmocka_unit_test(too_much),
		cmocka_unit_test(streams),
		cmocka_unit_test(parsers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
