/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures made by minisign 0.11 itself, and everything that can be changed about them. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/net/minisign.h"

#define KEY "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd"

static const char document[] = "one.example\n";

/* minisign -S -m list.txt; the same with -l. */
static const char hashed[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUT4spzabP98m15e9vTInkhTX+m0tZ8srYO0JWCecA0l0jBc8BeGaX4uE3Oc6wgdXsgSFYwjPQD+osd7uAWvp7BoFKyPxXMrog8=\n"
	"trusted comment: timestamp:1795529346\tfile:list.txt\thashed\n"
	"7QC14LdYPoUFrlr+07Dbz1aJ3nSP/hzGGcExvH5bFTRYdv6VW3GBztQS4iE2GoJs39sWG06ov7hh+GR7F58JAQ==\n";
static const char whole[] =
	"untrusted comment: signature from minisign secret key\n"
	"RWT4spzabP98m/nqX+AOgg5zQuf6E4CE8p1ztis8EALQC7QOaUh1WFkKrIMKjtnrNEOr2zo7dkOcsA2cMl8oC4eoLbXEBJ2vSwI=\n"
	"trusted comment: timestamp:1795529346\tfile:list.txt\n"
	"JdnOK20bqyBTufIcP5bSYAfmGUS8d8miFCg24VKGVS8hZsd+nbNyiiG68CzNPzWphXDCdpevmcu9mnFB5CY6BA==\n";

static int check(const char *text, size_t length, const char *content, size_t step, struct why *why)
{
	struct minisign_key key;
	struct minisign signature;
	struct minisign_check *checking;
	uint8_t *copy = edge_copy(text, length);
	assert_int_equal(minisign_key_read(&key, KEY, why), 0);
	int status = minisign_read(&signature, (const char *)copy, length, why);
	edge_free(copy, length);
	if (status != 0)
		return status;
	checking = minisign_begin(&signature, &key, why);
	if (!checking)
		return -EBADMSG;
	size_t left = strlen(content);
	for (size_t n; left > 0; content += n, left -= n) {
		n = signature.whole || left < step ? left : step;
		minisign_update(checking, content, n);
	}
	return minisign_end(&checking, why);
}

static void good(void **state)
{
	(void)state;
	struct why why;
	struct minisign signature;
	for (size_t step = 1; step <= sizeof document; step++) {
		assert_int_equal(check(hashed, sizeof hashed - 1, document, step, &why), 0);
		assert_int_equal(check(whole, sizeof whole - 1, document, step, &why), 0);
	}
	assert_int_equal(minisign_read(&signature, hashed, sizeof hashed - 1, &why), 0);
	assert_false(signature.whole);
	assert_int_equal(signature.time, 1795529346);
	assert_string_equal(signature.file, "list.txt");
	assert_int_equal(minisign_read(&signature, whole, sizeof whole - 1, &why), 0);
	assert_true(signature.whole);
}

static void line_ends(void **state)
{
	(void)state;
	struct why why;
	char text[1024];
	size_t length = 0;
	for (const char *c = hashed; *c; c++) {
		if (*c == '\n')
			text[length++] = '\r';
		text[length++] = *c;
	}
	assert_int_equal(check(text, length, document, 4, &why), 0);
	assert_int_equal(check(hashed, sizeof hashed - 2, document, 4, &why), 0); /* no end of the last line */
}

static void another_document(void **state)
{
	(void)state;
	struct why why;
	static const char *const documents[] = {"", "one.exampl", "one.example", "one.example\n\n", "One.example\n"};
	for (unsigned i = 0; i < sizeof documents / sizeof *documents; i++) {
		assert_int_equal(check(hashed, sizeof hashed - 1, documents[i], 3, &why), -EBADMSG);
		assert_string_equal(why.text, "it does not belong to this document");
		assert_int_equal(check(whole, sizeof whole - 1, documents[i], 3, &why), -EBADMSG);
	}
}

/* No octet behind the first line can be another one: bits of base64's last digits that mean nothing are refused too. */
static void every_octet_changed(void **state)
{
	(void)state;
	static const char *const texts[] = {hashed, whole};
	for (unsigned t = 0; t < 2; t++) {
		size_t length = strlen(texts[t]);
		char text[1024];
		for (size_t i = (size_t)(strchr(texts[t], '\n') - texts[t]); i < length - 1; i++) {
			for (unsigned bit = 0; bit < 8; bit++) {
				struct why why;
				memcpy(text, texts[t], length + 1);
				text[i] = (char)(text[i] ^ 1 << bit);
				if (check(text, length, document, 5, &why) == 0)
					fail_msg("text %u, octet %zu, bit %u", t, i, bit);
			}
		}
		for (size_t i = 0; i < length - 1; i++) {
			struct why why;
			if (check(texts[t], i, document, 5, &why) == 0)
				fail_msg("text %u, %zu octets", t, i);
		}
	}
}

/* The parts of one signature do not go with those of another. */
static void mixed(void **state)
{
	(void)state;
	struct why why;
	char text[1024];
	const char *second = strchr(whole, '\n') + 1, *third = strchr(strchr(hashed, '\n') + 1, '\n') + 1;
	int length = snprintf(
		text, sizeof text, "untrusted comment: x\n%.*s\n%s", (int)strcspn(second, "\n"), second, third);
	assert_int_equal(check(text, (size_t)length, document, 5, &why), -EBADMSG);
	assert_string_equal(why.text, "its trusted comment has been changed");
}

static void no_signatures(void **state)
{
	(void)state;
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "line 1 is missing"},
		{"<html>\n", "line 2 is missing"},
		{"<html>\n\n\n\n", "line 1: "},
		{"untrusted comment: \nRW\ntrusted comment: \nx\n", "line 2: "},
		{"untrusted comment: \n\ntrusted comment: \n\n", "line 2: "},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why;
		struct minisign signature;
		assert_int_equal(minisign_read(&signature, cases[i].text, strlen(cases[i].text), &why), -EBADMSG);
		if (!strstr(why.text, cases[i].why))
			fail_msg("%s: %s", cases[i].text, why.text);
	}
}

/* What a comment says; its signature is not looked at here. */
static void comments(void **state)
{
	(void)state;
	static const struct {
		const char *comment;
		int status;
		uint64_t time;
		const char *file;
	} cases[] = {
		{"", 0, 0, ""},
		{"anything", 0, 0, ""},
		{"timestamp:1", 0, 1, ""},
		{"timestamp:12\tfile:a b.txt\thashed", 0, 12, "a b.txt"},
		{"file:a\ttimestamp:7", 0, 7, "a"},
		{"my timestamp:5", 0, 0, ""},
		{"timestamp:", -EBADMSG, 0, ""},
		{"timestamp:-1", -EBADMSG, 0, ""},
		{"timestamp:5x", -EBADMSG, 0, ""},
		{"timestamp:9999999999999", -EBADMSG, 0, ""},
		{"file:", -EBADMSG, 0, ""},
		{"\t\t", 0, 0, ""},
	};
	const char *second = strchr(hashed, '\n') + 1;
	const char *last = strchr(strchr(second, '\n') + 1, '\n') + 1;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why;
		struct minisign signature;
		char text[1024];
		int length = snprintf(text, sizeof text, "untrusted comment: \n%.*s\ntrusted comment: %s\n%s",
			(int)strcspn(second, "\n"), second, cases[i].comment, last);
		int status = minisign_read(&signature, text, (size_t)length, &why);
		if (status != cases[i].status)
			fail_msg("%s: %d, %s", cases[i].comment, status, why.text);
		if (status == 0) {
			assert_int_equal(signature.time, cases[i].time);
			assert_string_equal(signature.file, cases[i].file);
		}
	}
}

static void keys(void **state)
{
	(void)state;
	struct minisign_key key;
	struct why why;
	char number[17], text[sizeof KEY];
	assert_int_equal(minisign_key_read(&key, KEY, &why), 0);
	assert_string_equal(minisign_key_number(&key, number), "9B7CFF6CDA9CB2F8");
	static const char *const wrong[] = {"", "RW", KEY "A", KEY " ", "untrusted comment: minisign public key"};
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(minisign_key_read(&key, wrong[i], &why), -EBADMSG);
	memcpy(text, KEY, sizeof text);
	text[1] = 'V';
	assert_int_equal(minisign_key_read(&key, text, &why), -EBADMSG);
	/* Another key's signature is told by its number before anything is checked. */
	memcpy(text, KEY, sizeof text);
	text[4] = 'A';
	struct minisign signature;
	assert_int_equal(minisign_key_read(&key, text, &why), 0);
	assert_int_equal(minisign_read(&signature, hashed, sizeof hashed - 1, &why), 0);
	assert_null(minisign_begin(&signature, &key, &why));
	assert_non_null(strstr(why.text, "it was made with key 9B7CFF6CDA9CB2F8, not with "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(another_document),
		cmocka_unit_test(every_octet_changed),
		cmocka_unit_test(mixed),
		cmocka_unit_test(no_signatures),
		cmocka_unit_test(comments),
		cmocka_unit_test(keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
