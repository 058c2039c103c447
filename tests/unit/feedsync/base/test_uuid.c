/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include "feedsync/base/uuid.h"

static void uuids(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c11", true},
		{"6F0D2B6E-0F5E-4A57-9F0B-0A4F8F2B7C11", true},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c1", false},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c111", false},
		{"6f0d2b6e00f5e04a57-9f0b-0a4f8f2b7c11", false},
		{"../../../../../../../../../etc/passwd", false},
		{"6f0d2b6e-0f5e-4a57-9f0b-0a4f8f2b7c1/", false},
		{"0", false},
		{"", false},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(uuid_is_valid(cases[i].text), cases[i].valid);
}

/* The namespace and the last names are of the formats in which we publish; the first is the example of RFC 9562. */
static void version_5(void **state)
{
	(void)state;
	static const char dns[] = "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
			  stix[] = "00ABEDB4-aa42-466c-9c01-fed23315a9b7";
	static const struct {
		const char *namespace, *name, *uuid;
	} cases[] = {
		{dns, "www.example.com", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
		{stix, "{\"value\":\"login-parcel.example\"}", "640fbaa4-6a9b-5cc5-a5aa-9ab7e1671591"},
		{stix, "{\"value\":\"xn--bcher-kva.example\"}", "2756bcd2-4f67-5280-b058-56605b46834f"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char uuid[UUID_TEXT];
		uuid5_make(uuid, cases[i].namespace, cases[i].name, strlen(cases[i].name));
		assert_string_equal(uuid, cases[i].uuid);
		assert_true(uuid_is_valid(uuid));
	}
}

static void of_parts(void **state)
{
	(void)state;
	static const char organisation[] = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10";
	static const struct {
		const char *parts[6], *uuid;
	} cases[] = {
		{{"identity"}, "24b720bc-aa43-5710-8ac3-f8d0db2b9bd0"},
		{{"item", "login-parcel.example", "subtree", "phishing", "1"}, "9900060e-558f-5510-a432-7e17cd04fd05"},
		{{"item", "shop.example", "subtree", "phishing", "1"}, "eee25246-a132-5169-bcea-3fdb539ef568"},
		{{"item", "shop.example", "subtree", "phishing", "2"}, "e745ce92-3c93-50a3-aa88-eb6b0d42930b"},
		{{"item", "host.example", "exact", "c2", "1"}, "be542d11-1110-5a74-8854-f4bfdd6b2871"},
		{{"event", "phishing", "2026-11", "1"}, "1bf5b69d-789a-5117-b393-fa8dff315a0d"},
		{{"collection", "circle"}, "40a56eaf-995a-5fe3-a83f-21820549ea00"},
		{{"reshare", "a3b1f0d2-52a1-4d8e-9d40-1f5c2c7a0001"}, "6377f501-a40b-5d8c-94c5-adca3d99b0c2"},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char uuid[UUID_TEXT];
		uuid5_join(uuid, organisation, cases[i].parts);
		assert_string_equal(uuid, cases[i].uuid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(uuids),
		cmocka_unit_test(version_5),
		cmocka_unit_test(of_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
