/* SPDX-License-Identifier: BSD-3-Clause */
/* STIX as a bundle and as the pages of a static TAXII server, octet for octet; and what our own parsers make of them. */
#include "tests/unit/feedsync/circle/releases.h"

#include <errno.h>

#define PARCEL "9900060e-558f-5510-a432-7e17cd04fd05"
#define HOST "be542d11-1110-5a74-8854-f4bfdd6b2871"
#define OVER "ce542d11-1110-5a74-8854-f4bfdd6b2871"
#define IDENTITY "identity--24b720bc-aa43-5710-8ac3-f8d0db2b9bd0"
#define TLP_ID "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define PAP_ID "marking-definition--4d430c8e-0a36-525e-95b8-26d8bd570e83"
#define COLLECTION "40a56eaf-995a-5fe3-a83f-21820549ea00"

static const struct item_spec items[] = {
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "c2", .expires_at = 1798156800, .uuid = HOST},
	{.name = "login-parcel.example",
		.scope = SCOPE_SUBTREE,
		.state = ITEM_WITHDRAWN,
		.reason = "a \"landing\" page",
		.changed_at = 1795860000,
		.uuid = PARCEL},
	{.name = "over.example",
		.scope = SCOPE_EXACT,
		.state = ITEM_EXPIRED,
		.changed_at = 1795850000,
		.expires_at = 1795850000,
		.uuid = OVER},
};

#define COMMON                                                                                                         \
	"{\"contact_information\":\"abuse@isp.example\",\"created\":\"2022-10-01T00:00:00.000Z\",\"id\":\"" IDENTITY   \
	"\",\"identity_class\":\"organization\",\"modified\":\"2022-10-01T00:00:00.000Z\",\"name\":\"ISP-A CERT\","    \
	"\"spec_version\":\"2.1\",\"type\":\"identity\"},\n"                                                           \
	"{\"created\":\"2022-10-01T00:00:00.000Z\",\"extensions\":{\"extension-definition--60a3c5c5-0d10-413e-aab3-"   \
	"9e08dde9e88d\":{\"extension_type\":\"property-extension\",\"tlp_2_0\":\"green\"}},\"id\":\"" TLP_ID           \
	"\",\"name\":\"TLP:GREEN\",\"spec_version\":\"2.1\",\"type\":\"marking-definition\"},\n"                       \
	"{\"created\":\"2022-10-01T00:00:00.000Z\",\"created_by_ref\":\"" IDENTITY                                     \
	"\",\"definition\":{\"statement\":\"PAP:GREEN\"},\"definition_type\":\"statement\",\"id\":\"" PAP_ID           \
	"\",\"name\":\"PAP:GREEN\",\"spec_version\":\"2.1\",\"type\":\"marking-definition\"},\n"
#define BEGIN "{\"created\":\"2026-11-20T09:30:00.000Z\",\"created_by_ref\":\"" IDENTITY "\","
#define END "\"spec_version\":\"2.1\",\"type\":\"indicator\",\"valid_from\":\"2026-11-20T09:30:00.000Z\""
#define INDICATOR(uuid, type, category, at, name)                                                                      \
	"\"id\":\"indicator--" uuid                                                                                    \
	"\",\"indicator_types\":[\"malicious-activity\"],\"labels\":[\"misp:type=\\\"" type                            \
	"\\\"\",\"weir:category=\\\"" category "\\\"\"],\"modified\":\"" at "\",\"name\":\"" name                      \
	"\",\"object_marking_refs\":[\"" TLP_ID "\",\"" PAP_ID "\"],\"pattern\":\"[domain-name:value = '" name         \
	"']\",\"pattern_type\":\"stix\","
#define HOST_INDICATOR                                                                                                 \
	BEGIN INDICATOR(HOST, "hostname", "c2", "2026-11-28T10:00:00.000Z", "host.example") END                        \
		",\"valid_until\":\"2026-12-25T00:00:00.000Z\"}"
#define PARCEL_INDICATOR                                                                                               \
	BEGIN "\"description\":\"a \\\"landing\\\" page\"," INDICATOR(PARCEL, "domain", "phishing",                    \
		"2026-11-28T10:00:00.000Z", "login-parcel.example") "\"revoked\":true," END "}"
#define OVER_INDICATOR                                                                                                 \
	BEGIN INDICATOR(OVER, "hostname", "phishing", "2026-11-28T07:13:20.000Z", "over.example") END                  \
		",\"valid_until\":\"2026-11-28T07:13:20.000Z\"}"

static struct test_release release;

static void bundle(void **state)
{
	(void)state;
	release_of(&release, "stix", items, sizeof items / sizeof *items);
	render_here(&release);
	expect_file("bundle.json",
		"{\"id\":\"bundle--210abc95-5fc1-5857-a1c3-89c382d0089b\",\"objects\":[\n" COMMON HOST_INDICATOR
		",\n" PARCEL_INDICATOR ",\n" OVER_INDICATOR "\n],\"type\":\"bundle\"}\n");
	expect_read_back(&release, "exact host.example\n");
}

#define ABOUT                                                                                                          \
	"{\"alias\":\"circle\",\"can_read\":true,\"can_write\":false,\"description\":\"static TAXII: filters are not " \
	"applied\","                                                                                                   \
	"\"id\":\"" COLLECTION                                                                                         \
	"\",\"media_types\":[\"application/stix+json;version=2.1\"],\"title\":\"ISP-A CERT block list "                \
	"\\\"circle\\\"\"}"

static void taxii(void **state)
{
	(void)state;
	release_of(&release, "taxii", items, sizeof items / sizeof *items);
	render_here(&release);
	expect_file("taxii2/index.json",
		"{\"api_roots\":[\"/api/\"],\"contact\":\"abuse@isp.example\",\"default\":\"/api/\","
		"\"title\":\"ISP-A CERT block list \\\"circle\\\"\"}\n");
	expect_file("api/index.json", "{\"max_content_length\":1,\"title\":\"ISP-A CERT block list \\\"circle\\\"\","
				      "\"versions\":[\"application/taxii+json;version=2.1\"]}\n");
	expect_file("api/collections/index.json", "{\"collections\":[" ABOUT "]}\n");
	expect_file("api/collections/" COLLECTION "/index.json", ABOUT "\n");
	/* in the order in which they changed */
	expect_file("objects/1.json",
		"{\"objects\":[\n" COMMON OVER_INDICATOR ",\n" HOST_INDICATOR ",\n" PARCEL_INDICATOR "\n]}\n");
	expect_file("headers.conf", "add_header X-TAXII-Date-Added-First \"2026-11-28T07:13:20.000Z\";\n"
				    "add_header X-TAXII-Date-Added-Last \"2026-11-28T10:00:00.000Z\";\n");
	expect_read_back(&release, "exact host.example\n");
}

static void nothing(void **state)
{
	(void)state;
	release_of(&release, "taxii", NULL, 0);
	render_here(&release);
	expect_file("headers.conf", "");
	expect_read_back(&release, "");
	release_of(&release, "stix", NULL, 0);
	render_here(&release);
	expect_read_back(&release, "");
}

/* Many items, by numbers in their names. */
static struct item *make_items(size_t count)
{
	struct item *list = calloc(count, sizeof *list);
	for (size_t i = 0; i < count; i++) {
		static const char *const parts[] = {"x", NULL};
		char *name = malloc(32);
		uint8_t *wire = malloc(NAME_MAX_WIRE);
		snprintf(name, 32, "n%06zu.example", i);
		list[i] = (struct item){.name = name,
			.wire = wire,
			.length = (uint8_t)wire_of(name, wire),
			.scope = SCOPE_SUBTREE,
			.category = "phishing",
			.listing = 1,
			.month = "2026-11",
			.part = 1,
			.marking = {TLP_GREEN, PAP_GREEN},
			.listed_at = 1795167000,
			.changed_at = 1795860000 - i,
			.reason = ""};
		uuid5_join(list[i].uuid, "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10", parts);
		snprintf(list[i].uuid, 9, "%08zx", i);
		list[i].uuid[8] = '-';
	}
	return list;
}

static void free_items(struct item *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free((char *)list[i].name);
		free((uint8_t *)list[i].wire);
	}
	free(list);
}

static int count_rule(void *context, const struct rule *rule)
{
	(void)rule;
	++*(size_t *)context;
	return 0;
}

/* As many as fit: several pages, whose ends are told, and each of them is read back. One more is refused by both formats. */
static void many(void **state)
{
	(void)state;
	enum { MOST = 20000 };
	struct item *list = make_items(MOST + 1);
	struct why why;
	size_t rules = 0;
	struct parse_counts counts = {0};
	struct sink sink = {.take = count_rule, .context = &rules, .counts = &counts};
	char text[64];
	release_of(&release, "taxii", NULL, 0);
	release.release.items = list;
	release.release.count = MOST;
	render_here(&release);
	assert_int_equal(rendering_find("taxii")->read(&release.release, test_directory, &sink, &why), 0);
	assert_int_equal(rules, MOST);
	for (unsigned page = 1; page <= 4; page++) {
		char name[32], expected[64];
		snprintf(name, sizeof name, "objects/%u.json", page);
		snprintf(expected, sizeof expected,
			page < 4 ? "{\"more\":true,\"next\":\"%u\",\"objects\":[\n" : "{\"objects\":[\n", page + 1);
		FILE *in = fopen(in_directory(name), "r");
		assert_non_null(in);
		assert_true(fread(text, 1, strlen(expected), in) == strlen(expected));
		fclose(in);
		assert_memory_equal(text, expected, strlen(expected));
	}
	release.release.count++;
	static const char *const formats[] = {"taxii", "stix"};
	for (unsigned i = 0; i < 2; i++) {
		release.output.format = formats[i];
		assert_int_equal(rendering_find(formats[i])->render(&release.release, in_directory("x"), &why), -E2BIG);
		assert_non_null(strstr(why.text, "20001 items"));
	}
	free_items(list, MOST + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(bundle, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(taxii, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(nothing, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(many, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
