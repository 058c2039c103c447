/* SPDX-License-Identifier: BSD-3-Clause */
/* A MISP feed, octet for octet; and what our own parser makes of it. */
#include "tests/unit/feedsync/circle/releases.h"

#include <sys/stat.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/json.h"

#define PARCEL "9900060e-558f-5510-a432-7e17cd04fd05"
#define SHOP "eee25246-a132-5169-bcea-3fdb539ef568"
#define HOST "be542d11-1110-5a74-8854-f4bfdd6b2871"
#define PHISHING_EVENT "1bf5b69d-789a-5117-b393-fa8dff315a0d"
#define C2_EVENT "2bf5b69d-789a-5117-b393-fa8dff315a0d"

static const struct item_spec items[] = {
	{.name = "login-parcel.example",
		.scope = SCOPE_SUBTREE,
		.reason = "parcel \"phishing\", landing page",
		.expires_at = 1798156800,
		.changed_at = 1795167000,
		.uuid = PARCEL},
	{.name = "shop.example", .scope = SCOPE_SUBTREE, .state = ITEM_WITHDRAWN, .uuid = SHOP},
	{.name = "host.example",
		.scope = SCOPE_EXACT,
		.category = "c2",
		.expires_at = 1798156801,
		.uuid = HOST,
		.event = C2_EVENT},
	{.name = "over.example",
		.scope = SCOPE_EXACT,
		.category = "c2",
		.state = ITEM_EXPIRED,
		.expires_at = 1795860000,
		.event = C2_EVENT},
};

#define TAGS "[{\"colour\":\"#339900\",\"name\":\"tlp:green\"},{\"colour\":\"#33ff00\",\"name\":\"PAP:GREEN\"}]"
#define ORGC "{\"name\":\"ISP-A CERT\",\"uuid\":\"0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10\"}"
#define FIRST_SEEN "\"disable_correlation\":false,\"first_seen\":\"2026-11-20T09:30:00.000000+00:00\""

static const char phishing_event[] =
	"{\"Event\":{\"Attribute\":[\n"
	"{\"Tag\":" TAGS
	",\"category\":\"Network activity\",\"comment\":\"parcel \\\"phishing\\\", landing page; expires "
	"2026-12-24\",\"deleted\":false," FIRST_SEEN
	",\"timestamp\":\"1795167000\",\"to_ids\":true,\"type\":\"domain\","
	"\"uuid\":\"" PARCEL "\",\"value\":\"login-parcel.example\"},\n"
	"{\"category\":\"Network activity\",\"comment\":\"withdrawn\",\"deleted\":true," FIRST_SEEN
	",\"timestamp\":\"1795860000\",\"to_ids\":true,\"type\":\"domain\",\"uuid\":\"" SHOP
	"\",\"value\":\"shop.example\"}],\n"
	"\"Orgc\":" ORGC ",\"Tag\":" TAGS ",\"analysis\":\"2\",\"date\":\"2026-11-01\",\"extends_uuid\":\"\","
	"\"info\":\"ISP-A CERT block list: phishing, "
	"2026-11\",\"protected\":false,\"publish_timestamp\":\"1795860000\","
	"\"published\":true,\"threat_level_id\":\"2\",\"timestamp\":\"1795860000\",\"uuid\":\"" PHISHING_EVENT "\"}}\n";

static struct test_release release;

static void octets(void **state)
{
	(void)state;
	struct stat st;
	char sum[SHA256_TEXT], other_sum[SHA256_TEXT], manifest[4096];
	struct why why;
	release_of(&release, "misp-feed", items, sizeof items / sizeof *items);
	release.release.chain = "00ff";
	render_here(&release);
	expect_file(PHISHING_EVENT ".json", phishing_event);
	expect_file("hashes.csv", "7338c2c2a4ca4a52b909e51833ed81e3," PHISHING_EVENT "\n"
				  "3811a9a9c101d5c37c0f42e51ffc0d91," C2_EVENT "\n");
	digest_sha256(sum, phishing_event, sizeof phishing_event - 1);
	assert_int_equal(digest_sha256_file(other_sum, in_directory(C2_EVENT ".json"), &why), 0);
#define WORDS(category)                                                                                                \
	"\"Orgc\":" ORGC ",\"Tag\":" TAGS                                                                              \
	",\"analysis\":\"2\",\"date\":\"2026-11-01\",\"info\":\"ISP-A CERT block list: " category ", "                 \
	"2026-11\",\"integrity:sha256\":\"%s\",\"threat_level_id\":\"2\",\"timestamp\":\"1795860000\",\"weir:chain\":" \
	"\"00ff\"}"
	snprintf(manifest, sizeof manifest,
		"{\n\"" PHISHING_EVENT "\":{" WORDS("phishing") ",\n\"" C2_EVENT "\":{" WORDS("c2") "\n}\n", sum,
		other_sum);
	expect_file("manifest.json", manifest);
	assert_int_equal(stat(in_directory(PHISHING_EVENT ".json"), &st), 0);
	assert_int_equal(st.st_mtime, 1795860000);
	assert_int_equal(st.st_mode & 07777, 0640);
	expect_read_back(&release, "subtree login-parcel.example\nexact host.example\n");
}

/* An event ends by its part, not by what is in it; a hash is told once. */
static void parts_and_doubles(void **state)
{
	(void)state;
	static const struct item_spec two[] = {
		{.name = "a.example", .scope = SCOPE_EXACT},
		{.name = "a.example", .scope = SCOPE_SUBTREE},
		{.name = "a.example", .scope = SCOPE_SUBTREE, .category = "c2", .event = C2_EVENT},
	};
	release_of(&release, "misp-feed", two, 3);
	for (unsigned i = 0; i < 3; i++)
		release.items[i].part = strcmp(release.items[i].category, "c2") == 0 ? 2 : 1;
	render_here(&release);
	expect_file("hashes.csv", "af60befa758e782df5bdf9901187616d," PHISHING_EVENT "\n"
				  "af60befa758e782df5bdf9901187616d," C2_EVENT "\n");
	struct node *manifest;
	struct why why;
	assert_int_equal(json_load(&manifest, in_directory("manifest.json"), 10000, &why), 0);
	assert_string_equal(node_text(node_get(node_get(manifest, C2_EVENT), "info"), NULL),
		"ISP-A CERT block list: c2, 2026-11, part 2");
	node_free(manifest);
	expect_read_back(&release, "exact a.example\nsubtree a.example\nsubtree a.example\n");
}

static void nothing(void **state)
{
	(void)state;
	release_of(&release, "misp-feed", NULL, 0);
	render_here(&release);
	expect_file("manifest.json", "{}\n");
	expect_file("hashes.csv", "");
	expect_read_back(&release, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(octets, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(parts_and_doubles, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(nothing, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
