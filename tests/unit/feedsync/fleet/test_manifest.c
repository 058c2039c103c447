/* SPDX-License-Identifier: BSD-3-Clause */
/* Manifests: what is written is read; whatever is changed, cut or signed by others is refused before it is parsed; and a
 * document that is signed well but cannot be right is refused by name. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/fleet/manifest.h"
#include "feedsync/net/minisign.h"
#include "feedsync/net/minisign_sign.h"
#include "tests/unit/feedsync/fleet/fleet_key.h"

#define SHA_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define SHA_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SHA_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static struct minisign_secret secret;
static struct minisign_key keys[2]; /* another one's, and that of `secret` */
static struct manifest read_into;
static const struct manifest_trust stable = {keys, 2, "stable"}, any = {keys, 2, ""}, canary = {keys, 2, "canary"},
				   other = {keys, 1, "stable"}, nobody = {keys, 0, "stable"};

static int begin_keys(void **state)
{
	(void)state;
	struct why why;
	if (minisign_secret_read(&secret, FLEET_SECRET_KEY, strlen(FLEET_SECRET_KEY), &why) != 0 ||
		minisign_key_read(&keys[0], FLEET_OTHER_KEY, &why) != 0 ||
		minisign_key_read(&keys[1], FLEET_PUBLIC_KEY, &why) != 0)
		return -1;
	return 0;
}

static struct manifest a_manifest(void)
{
	struct manifest m = {.channel = "stable",
		.serial = 12,
		.created = 1795860000,
		.expires = 1795946400,
		.urgent = true,
		.publisher = "compiler.example",
		.table = {SHA_A, 4096, SHA_B, 1000, 7, 3},
		.deltas = {{SHA_C, SHA_B, 17}},
		.delta_count = 1};
	strcpy(m.must_pass.name[0], "isp.example");
	m.must_pass.count = 1;
	strcpy(m.must_block.name[0], "self-test.weir.example");
	m.must_block.count = 1;
	return m;
}

static char *write_object(const struct manifest *m, size_t *length)
{
	struct why why;
	char *octets;
	int status = manifest_write(&octets, length, m, &secret, &why);
	assert_int_equal(status, 0);
	return octets;
}

static void written_and_read(void **state)
{
	(void)state;
	struct manifest m = a_manifest();
	struct why why;
	size_t length, again_length;
	char *octets = write_object(&m, &length);
	const char *comment = "\ntrusted comment: timestamp:1795860000\tchannel:stable\tserial:12\thashed\n";
	assert_non_null(memmem(octets, length, comment, strlen(comment)));
	if (manifest_read(&read_into, octets, length, &stable, &why) != 0)
		fail_msg("%s", why.text);
	assert_int_equal(read_into.key, 1);
	char *again = write_object(&read_into, &again_length); /* equal octets have equal signatures */
	assert_int_equal(again_length, length);
	assert_memory_equal(again, octets, length);
	free(again);
	assert_int_equal(manifest_read(&read_into, octets, length, &any, &why), 0);
	assert_int_equal(manifest_read(&read_into, octets, length, &other, &why), -EKEYREJECTED);
	assert_string_equal(why.text, "it is signed by key 95050FD04FEEA0EE, which is not trusted here");
	assert_int_equal(manifest_read(&read_into, octets, length, &nobody, &why), -EKEYREJECTED);
	assert_int_equal(manifest_read(&read_into, octets, length, &canary, &why), -EXDEV);
	assert_string_equal(why.text, "it is of channel stable, not of canary");
	free(octets);
}

/* The signature covers all that counts: its first line is a comment, and the key's number only chooses the key. */
static void changed_or_cut(void **state)
{
	(void)state;
	struct manifest m = a_manifest();
	struct why why;
	size_t length;
	char *octets = write_object(&m, &length);
	size_t first = strcspn(octets, "\n");
	for (size_t at = 0; at < length; at++) {
		octets[at] ^= 1;
		int status = manifest_read(&read_into, octets, length, &stable, &why);
		octets[at] ^= 1;
		if (status != -EBADMSG && status != -EKEYREJECTED && (status != 0 || at > first))
			fail_msg("octet %zu changed: %d", at, status);
	}
	for (size_t cut = 0; cut < length; cut++) {
		uint8_t *copy = edge_copy(octets, cut);
		if (manifest_read(&read_into, copy, cut, &stable, &why) != -EBADMSG)
			fail_msg("%zu octets are taken for a manifest", cut);
		edge_free(copy, cut);
	}
	free(octets);
}

static void beyond_bounds(void **state)
{
	(void)state;
	static char large[MANIFEST_MAX + 1];
	struct why why;
	memset(large, '\n', sizeof large);
	assert_int_equal(manifest_read(&read_into, large, sizeof large, &any, &why), -EBADMSG);
	assert_string_equal(why.text, "more than 65536 octets");
	assert_int_equal(manifest_read(&read_into, large, MANIFEST_MAX, &any, &why), -EBADMSG);
}

/* Signs a document as it stands, and reads it. */
static int read_signed(const char *body, struct why *why)
{
	char signature[MINISIGN_MAX_SIGNATURE];
	size_t first, second = strlen(body);
	assert_int_equal(minisign_sign(signature, &secret, body, second, "", why), 0);
	first = strlen(signature);
	char *octets = malloc(first + second);
	assert_non_null(octets);
	memcpy(octets, signature, first);
	memcpy(octets + first, body, second);
	int status = manifest_read(&read_into, octets, first + second, &stable, why);
	free(octets);
	return status;
}

#define TABLE                                                                                                          \
	"\"table\":{\"sha256\":\"" SHA_A "\",\"size\":4096,\"zsha256\":\"" SHA_B                                       \
	"\",\"zsize\":1000,\"generation\":7,\"rules\":3}"
#define HEAD "\"format\":1,\"channel\":\"stable\",\"serial\":12,\"created\":5,\"expires\":6"
#define DELTA "{\"from\":\"" SHA_C "\",\"sha256\":\"" SHA_B "\",\"size\":17}"

static void signed_and_wrong(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		int status;
		const char *words;
	} cases[] = {
		{"{" HEAD "," TABLE "}", 0, ""},
		{"{" HEAD "," TABLE ",\"later\":{},\"deltas\":[" DELTA "],\"must_pass\":[\"a.example\"]}", 0, ""},
		{"x", -EBADMSG, "line 5, column 1"},
		{"[]", -EBADMSG, "no format"},
		{"{}", -EBADMSG, "no format"},
		{"{\"format\":1}", -EBADMSG, "the channel"},
		{"{\"format\":2}", WEIR_EVERSION, "format 2 is newer than this feedsync, which knows 1"},
		{"{\"format\":1,\"format\":1}", -EBADMSG, "duplicate"},
		{"{" HEAD "}", -EBADMSG, "the table's SHA-256"},
		{"{\"format\":1,\"channel\":\"../stable\"}", -EBADMSG, "the channel"},
		{"{\"format\":1,\"channel\":\"stable\\u0000x\"}", -EBADMSG, "the channel"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":0}", -EBADMSG, "the serial"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":-1}", -EBADMSG, "the serial"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":1.5}", -EBADMSG, "the serial"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":1000000000000}", -EBADMSG, "the serial"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":1e300}", -EBADMSG, "the serial"},
		{"{\"format\":1,\"channel\":\"stable\",\"serial\":1,\"created\":5,\"expires\":5}", -EBADMSG,
			"the times"},
		{"{" HEAD ",\"table\":{\"sha256\":\"../../etc/passwd\"}}", -EBADMSG, "the table's SHA-256"},
		{"{" HEAD ",\"table\":{\"sha256\":\"" SHA_A "\",\"size\":99999999999999,\"zsha256\":\"" SHA_B
		 "\",\"zsize\":1000,\"generation\":7,\"rules\":3}}",
			-EBADMSG, "the table's size"},
		{"{" HEAD "," TABLE ",\"deltas\":{}}", -EBADMSG, "the deltas"},
		{"{" HEAD "," TABLE ",\"deltas\":[{}]}", -EBADMSG, "a delta's SHA-256"},
		{"{" HEAD "," TABLE ",\"deltas\":[0,0,0,0,0,0,0,0,0]}", -EBADMSG, "the number of deltas"},
		{"{" HEAD "," TABLE ",\"must_pass\":[\"a..example\"]}", -EBADMSG, "the names that are tried"},
		{"{" HEAD "," TABLE ",\"must_block\":\"a.example\"}", -EBADMSG, "the names that are tried"},
		{"{" HEAD "," TABLE ",\"must_block\":[7]}", -EBADMSG, "the names that are tried"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct why why = {""};
		int status = read_signed(cases[i].body, &why);
		if (status != cases[i].status || !strstr(why.text, cases[i].words))
			fail_msg("case %u: %d, \"%s\"", i, status, why.text);
	}
}

/* A publisher never makes what its pullers must refuse. */
static void not_written(void **state)
{
	(void)state;
	struct manifest m = a_manifest();
	struct why why;
	char *octets;
	size_t length;
	m.expires = m.created;
	assert_int_equal(manifest_write(&octets, &length, &m, &secret, &why), -EINVAL);
	assert_null(octets);
	m = a_manifest();
	strcpy(m.table.zsha256, "none");
	assert_int_equal(manifest_write(&octets, &length, &m, &secret, &why), -EINVAL);
	assert_string_equal(
		why.text, "not a manifest that can be read: not a manifest: the table's SHA-256 cannot be right");
}

static void names_of_objects(void **state)
{
	(void)state;
	char text[MANIFEST_OBJECT_TEXT];
	assert_string_equal(manifest_object(12, text), "manifests/000000000012");
	assert_string_equal(manifest_object(MANIFEST_MAX_SERIAL, text), "manifests/999999999999");
	assert_string_equal(manifest_table_object(SHA_A, text), "tables/" SHA_A ".weir.zst");
	assert_string_equal(manifest_delta_object(SHA_A, SHA_B, text), "deltas/aaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbb.zst");
	static const char *const bad[] = {"", ".", ".a", "a/b", "a b", "\xc3\xa4",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		if (manifest_channel_valid(bad[i]))
			fail_msg("\"%s\" is taken for a channel", bad[i]);
	assert_true(manifest_channel_valid("stable-2.eu"));
}

/* What is written is read; all else is no hint. */
static void hints(void **state)
{
	(void)state;
	static const struct {
		const char *octets;
		size_t length;
	} bad[] = {{"", 0}, {"000000000042", 12}, {"000000000042\n\n", 14}, {"000000000042 ", 13},
		{"           42\n", 14}, {"          42\n", 13}, {"+00000000042\n", 13}, {"-00000000042\n", 13},
		{"0x0000000042\n", 13}, {"00000000004a\n", 13}, {"42\n", 3}, {"42\n\0\0\0\0\0\0\0\0\0\0", 13},
		{"000000000042\0", 13}};
	static const uint64_t serials[] = {0, 1, 42, MANIFEST_MAX_SERIAL};
	char text[MANIFEST_WAKE_TEXT];
	uint64_t serial;
	for (unsigned i = 0; i < sizeof serials / sizeof *serials; i++) {
		manifest_wake_write(serials[i], text);
		assert_int_equal(strlen(text), MANIFEST_WAKE_TEXT - 1);
		assert_true(manifest_wake_read(&serial, text, strlen(text)));
		assert_int_equal(serial, serials[i]);
	}
	assert_string_equal(manifest_wake_write(42, text), "000000000042\n");
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++)
		if (manifest_wake_read(&serial, bad[i].octets, bad[i].length))
			fail_msg("row %u is taken for a hint, of serial %llu", i, (unsigned long long)serial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_and_read),
		cmocka_unit_test(changed_or_cut),
		cmocka_unit_test(beyond_bounds),
		cmocka_unit_test(signed_and_wrong),
		cmocka_unit_test(not_written),
		cmocka_unit_test(names_of_objects),
		cmocka_unit_test(hints),
	};
	return cmocka_run_group_tests(tests, begin_keys, NULL);
}
