/* SPDX-License-Identifier: BSD-3-Clause */
/* Releases for the tests of renderings: items of a few words each, and what a rendering wrote. */
#pragma once

#include "tests/unit/unit.h"

#include "feedsync/circle/rendering.h"

/* An item: what a test leaves out is as most items have it. */
struct item_spec {
	const char *name;
	enum scope scope;
	const char *category;
	enum item_state state;
	uint32_t listing;
	enum tlp tlp;
	uint64_t listed_at, changed_at, expires_at;
	const char *reason;
	const char *uuid, *event;
};

enum { MAX_TEST_ITEMS = 32 };

struct test_release {
	struct organisation organisation;
	struct output output;
	struct release release;
	struct item items[MAX_TEST_ITEMS];
	name_storage wires[MAX_TEST_ITEMS];
};

/* Makes a release of ISP-A's output "circle", serial 42, of 2026-11-28T10:00:00Z, of TLP:GREEN. */
static inline void release_of(struct test_release *t, const char *format, const struct item_spec *specs, size_t count)
{
	*t = (struct test_release){
		.organisation = {"ISP-A CERT", "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10", "abuse@isp.example",
			"24b720bc-aa43-5710-8ac3-f8d0db2b9bd0"},
		.output = {.name = "circle", .format = format, .ceiling = TLP_GREEN, .zone = "rpz.isp.example"},
	};
	t->output.zone_length = (uint8_t)wire_of(t->output.zone, t->output.zone_wire);
	assert_true(count <= MAX_TEST_ITEMS);
	for (size_t i = 0; i < count; i++) {
		const struct item_spec *spec = &specs[i];
		struct item *item = &t->items[i];
		*item = (struct item){.name = spec->name,
			.wire = t->wires[i],
			.length = (uint8_t)wire_of(spec->name, t->wires[i]),
			.scope = spec->scope,
			.category = spec->category ? spec->category : "phishing",
			.listing = spec->listing > 0 ? spec->listing : 1,
			.month = "2026-11",
			.part = 1,
			.marking = {spec->tlp != TLP_NONE ? spec->tlp : TLP_GREEN, PAP_GREEN},
			.state = spec->state,
			.listed_at = spec->listed_at > 0 ? spec->listed_at : 1795167000,
			.changed_at = spec->changed_at > 0 ? spec->changed_at : 1795860000,
			.expires_at = spec->expires_at,
			.reason = spec->reason ? spec->reason : ""};
		snprintf(item->uuid, sizeof item->uuid, "%s",
			spec->uuid ? spec->uuid : "00000000-0000-5000-8000-000000000000");
		snprintf(item->event, sizeof item->event, "%s",
			spec->event ? spec->event : "1bf5b69d-789a-5117-b393-fa8dff315a0d");
	}
	qsort(t->items, count, sizeof *t->items, item_compare);
	t->release = (struct release){.organisation = &t->organisation,
		.output = &t->output,
		.items = t->items,
		.count = count,
		.serial = 42,
		.at = 1795860000,
		.now = 1795860000,
		.chain = ""};
}

/* Renders it into the test's directory. */
static inline void render_here(const struct test_release *t)
{
	const struct rendering *rendering = rendering_find(t->output.format);
	struct why why;
	assert_non_null(rendering);
	if (rendering->render(&t->release, test_directory, &why) != 0)
		fail_msg("%s", why.text);
}

/* Compares a file that was written with what it must be, octet by octet. */
static inline void expect_file(const char *name, const char *expected)
{
	static char text[1 << 16];
	FILE *in = fopen(in_directory(name), "r");
	assert_non_null(in);
	text[fread(text, 1, sizeof text - 1, in)] = '\0';
	fclose(in);
	assert_string_equal(text, expected);
}

/* What was read back: a line a rule. */
struct read_back {
	char text[1 << 14];
	size_t length;
};

static inline int note_read_back(void *context, const struct rule *rule)
{
	struct read_back *back = context;
	char name[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, name);
	back->length += (size_t)snprintf(
		back->text + back->length, sizeof back->text - back->length, "%s %s\n", scope_text(rule->scope), name);
	return 0;
}

/* Reads it back, and compares. */
static inline void expect_read_back(const struct test_release *t, const char *expected)
{
	struct read_back back = {.length = 0};
	struct parse_counts counts = {0};
	struct sink sink = {.take = note_read_back, .context = &back, .counts = &counts};
	struct why why;
	if (rendering_find(t->output.format)->read(&t->release, test_directory, &sink, &why) != 0)
		fail_msg("%s", why.text);
	assert_string_equal(back.text, expected);
}
