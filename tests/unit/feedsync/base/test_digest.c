/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests against the vectors of RFC 1321 and of FIPS 180-2. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/digest.h"

static const struct {
	const char *text, *md5, *sha256;
} vectors[] = {
	{"", "d41d8cd98f00b204e9800998ecf8427e", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	{"abc", "900150983cd24fb0d6963f7d28e17f72", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	{"login-parcel.example", "7338c2c2a4ca4a52b909e51833ed81e3", NULL},
};

static void of_texts(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof vectors / sizeof *vectors; i++) {
		char md5[MD5_TEXT], sha256[SHA256_TEXT], of_file[SHA256_TEXT];
		struct why why;
		digest_md5(md5, vectors[i].text, strlen(vectors[i].text));
		assert_string_equal(md5, vectors[i].md5);
		digest_sha256(sha256, vectors[i].text, strlen(vectors[i].text));
		if (vectors[i].sha256)
			assert_string_equal(sha256, vectors[i].sha256);
		write_text(in_directory("text"), vectors[i].text);
		assert_int_equal(digest_sha256_file(of_file, in_directory("text"), &why), 0);
		assert_string_equal(of_file, sha256);
	}
}

static void of_a_long_file(void **state)
{
	(void)state;
	static char a[1000001];
	char text[SHA256_TEXT];
	struct why why;
	memset(a, 'a', sizeof a - 1);
	write_text(in_directory("text"), a);
	assert_int_equal(digest_sha256_file(text, in_directory("text"), &why), 0);
	assert_string_equal(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void of_no_file(void **state)
{
	(void)state;
	char text[SHA256_TEXT];
	struct why why;
	assert_int_equal(digest_sha256_file(text, in_directory("none"), &why), -ENOENT);
	assert_string_equal(text, "");
	assert_int_equal(digest_sha256_file(text, test_directory, &why), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_texts, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(of_a_long_file, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(of_no_file, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
