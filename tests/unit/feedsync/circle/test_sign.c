/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures of releases: octet for octet those of minisign 0.11, and every way in which a key can be unfit. */
#include "tests/unit/feedsync/circle/releases.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/circle/sign.h"
#include "feedsync/net/minisign_sign.h"

/* minisign -G -W, which writes "encrypted" into the comment of one that is not. */
#define KEY_COMMENT "untrusted comment: minisign encrypted secret key\n"
#define KEY_BEGIN "RWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_END                                                                                                        \
	"7qDuT9APBZXnW8TVfmKkF8eKF9GCRTGgzAV1/UCSHmkASX6ZPCswgmrwDiO6uJ1tntw8/4UOSGG7cYf4yxjGibb8cv1Q0AIjAAAAAAAAAAAA" \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
static const char secret_key[] = KEY_COMMENT KEY_BEGIN KEY_END;
static const char public_key[] = "RWTuoO5P0A8FlWrwDiO6uJ1tntw8/4UOSGG7cYf4yxjGibb8cv1Q0AIj";

/* minisign -S of "one.example\n", with the comment "timestamp:1795860000\tfile:list.txt\thashed". */
static const char expected[] =
	"untrusted comment: signature from minisign secret key\n"
	"RUTuoO5P0A8Fle736IYkko/CsOQ2OBDPH8k4Lr7gJCKudg3LZfFP1uPqNqEwWrBlVSCvwBbPUfs7fxNU4k4mGBR4JKogHgXpEAA=\n"
	"trusted comment: timestamp:1795860000\tfile:list.txt\thashed\n"
	"Aw9szIMGZk5SHe6OCHyf96Cmep+1XCfKamz/1aeLWb88ywWbEeFojdcrCLBlV3A+dQahjBlwB20jvgBUJE1hDw==\n";

static struct test_release release;

static void prepare_release(const char *key)
{
	static char path[4096];
	release_of(&release, "domains", NULL, 0);
	write_text(in_directory("list.txt"), "one.example\n");
	snprintf(path, sizeof path, "%s", in_directory("share.key"));
	if (key) {
		write_text(path, key);
		assert_int_equal(chmod(path, 0600), 0);
	}
	release.output.sign_key_file = path;
}

static void signed_as_minisign_does(void **state)
{
	(void)state;
	struct why why;
	struct stat st;
	prepare_release(secret_key);
	if (sign_release(&release.release, test_directory, &why) != 0)
		fail_msg("%s", why.text);
	expect_file("list.txt.minisig", expected);
	assert_int_equal(stat(in_directory("list.txt.minisig"), &st), 0);
	assert_int_equal(st.st_mtime, 1795860000);
}

static void without_a_key(void **state)
{
	(void)state;
	struct why why;
	prepare_release(secret_key);
	release.output.sign_key_file = NULL;
	assert_int_equal(sign_release(&release.release, test_directory, &why), 0);
	assert_int_not_equal(access(in_directory("list.txt.minisig"), F_OK), 0);
}

static void unfit_keys(void **state)
{
	(void)state;
	static const struct {
		const char *text; /* NULL: there is none */
		mode_t mode;
		int status;
		const char *words;
	} cases[] = {
		{NULL, 0, -ENOENT, "No such file"},
		{secret_key, 0644, -EPERM, "mode 0644 lets others at it"},
		{"", 0600, -EBADMSG, "not a secret key of minisign (minisign -G -W)"},
		{KEY_COMMENT, 0600, -EBADMSG, "not a secret key of minisign"},
		{KEY_COMMENT KEY_BEGIN "\n", 0600, -EBADMSG, "not a secret key of minisign"},
		{KEY_COMMENT KEY_BEGIN KEY_END "x", 0640, 0, NULL}, /* minisign looks at two lines */
		{KEY_COMMENT "RWRTY0Iy"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" KEY_END,
			0600, -EBADMSG, "has a password"},
		{KEY_COMMENT "RUQAAEIy"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" KEY_END,
			0600, -EBADMSG, "unknown kind"},
		/* another public half: signing with that would betray the secret one */
		{KEY_COMMENT KEY_BEGIN "7qDuT9APBZXnW8TVfmKkF8eKF9GCRTGgzAV1/UCSHmkASX6ZPCswgmrwDiO6uJ1tntw8/"
				       "4UOSGG7cYf4yxjGibb8cv1Q0AIk"
				       "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
			0600, -EBADMSG, "damaged"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why = {""};
		prepare_release(cases[i].text);
		if (cases[i].text)
			assert_int_equal(chmod(release.output.sign_key_file, cases[i].mode), 0);
		int status = sign_release(&release.release, test_directory, &why);
		if (status != cases[i].status || (status != 0 && !strstr(why.text, cases[i].words)))
			fail_msg("case %u: %d, \"%s\"", i, status, why.text);
		if (status != 0) {
			assert_non_null(strstr(why.text, "share.key: "));
			assert_int_not_equal(access(in_directory("list.txt.minisig"), F_OK), 0);
		} else {
			assert_int_equal(unlink(in_directory("list.txt.minisig")), 0);
		}
		if (cases[i].text)
			assert_int_equal(unlink(release.output.sign_key_file), 0);
	}
}

/* What we sign we accept. */
static void accepted(void **state)
{
	(void)state;
	static char text[MINISIGN_MAX_SIGNATURE];
	struct minisign_secret secret;
	struct minisign_key key;
	struct minisign signature;
	struct why why;
	write_text(in_directory("document"), "");
	assert_int_equal(minisign_secret_read(&secret, secret_key, sizeof secret_key - 1, &why), 0);
	assert_int_equal(minisign_sign_file(text, &secret, in_directory("document"), "", &why), 0);
	assert_int_equal(minisign_key_read(&key, public_key, &why), 0);
	assert_memory_equal(&key, &secret.public, sizeof key);
	assert_int_equal(minisign_read(&signature, text, strlen(text), &why), 0);
	struct minisign_check *check = minisign_begin(&signature, &key, &why);
	assert_non_null(check);
	assert_int_equal(minisign_end(&check, &why), 0);
	assert_int_equal(minisign_sign_file(text, &secret, in_directory("document"), "two\nlines", &why), -EBADMSG);
	assert_int_equal(minisign_sign_file(text, &secret, in_directory("none"), "", &why), -ENOENT);
	minisign_secret_forget(&secret);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signed_as_minisign_does, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(without_a_key, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(unfit_keys, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(accepted, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
