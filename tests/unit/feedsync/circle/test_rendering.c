/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of one item in each format: it is listed, withdrawn, listed again, and its time is over. What others made of it by
 * its identifiers must hold: so each listing is an item of its own, and its end is told. */
#include "tests/unit/feedsync/circle/releases.h"

#include "feedsync/base/json.h"

enum { T1 = 1795167000, T2 = 1795260000, T3 = 1795360000, T4 = 1795460000 };

#define FIRST "eee25246-a132-5169-bcea-3fdb539ef568"
#define SECOND "e745ce92-3c93-50a3-aa88-eb6b0d42930b"

#define ITEM(n, id, from, change, is)                                                                                  \
	{                                                                                                              \
		.name = "shop.example", .scope = SCOPE_SUBTREE, .listing = n, .uuid = id, .listed_at = from,           \
		.changed_at = change, .expires_at = T4, .state = is                                                    \
	}
#define BEGINS(n, id, at) ITEM(n, id, at, at, ITEM_LIVE)

/* What an item is told to be: "UUID state changed_at", and a comma. */
static const struct {
	const char *step;
	uint64_t at;
	unsigned count;
	struct item_spec items[2];
	const char *misp, *stix, *rules;
} life[] = {
	{"listed", T1, 1, {BEGINS(1, FIRST, T1)}, FIRST " live 1795167000,", FIRST " live 2026-11-20T09:30:00.000Z,",
		"subtree shop.example\n"},
	{"withdrawn", T2, 1, {ITEM(1, FIRST, T1, T2, ITEM_WITHDRAWN)}, FIRST " deleted 1795260000,",
		FIRST " revoked 2026-11-21T11:20:00.000Z,", ""},
	{"listed again", T3, 2, {ITEM(1, FIRST, T1, T2, ITEM_WITHDRAWN), BEGINS(2, SECOND, T3)},
		FIRST " deleted 1795260000," SECOND " live 1795360000,",
		FIRST " revoked 2026-11-21T11:20:00.000Z," SECOND " live 2026-11-22T15:06:40.000Z,",
		"subtree shop.example\n"},
	{"over", T4, 2, {ITEM(1, FIRST, T1, T2, ITEM_WITHDRAWN), ITEM(2, SECOND, T3, T4, ITEM_EXPIRED)},
		FIRST " deleted 1795260000," SECOND " deleted 1795460000,",
		FIRST " revoked 2026-11-21T11:20:00.000Z," SECOND " live 2026-11-23T18:53:20.000Z,", ""},
};

static struct test_release release;

static void render_step(unsigned step, const char *format)
{
	release_of(&release, format, life[step].items, life[step].count);
	release.release.at = release.release.now = life[step].at;
	release.release.serial = step + 1;
	render_here(&release);
	expect_read_back(&release, life[step].rules);
}

static struct node *load(const char *name)
{
	struct node *node;
	struct why why;
	if (json_load(&node, in_directory(name), 1 << 20, &why) != 0)
		fail_msg("%s: %s", name, why.text);
	return node;
}

static void in_misp_feed(void **state)
{
	uint64_t last = 0;
	for (unsigned step = 0; step < sizeof life / sizeof *life; step++) {
		char text[512] = "";
		assert_int_equal(without_directory(state), 0);
		assert_int_equal(with_directory(state), 0);
		render_step(step, "misp-feed");
		struct node *manifest = load("manifest.json"),
			    *file = load("1bf5b69d-789a-5117-b393-fa8dff315a0d.json");
		const struct node *event = node_get(file, "Event"), *list = node_get(event, "Attribute");
		for (size_t i = 0; i < node_count(list); i++) {
			const struct node *a = node_at(list, i);
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %s,",
				node_text(node_get(a, "uuid"), NULL),
				node_truth(node_get(a, "deleted")) ? "deleted" : "live",
				node_text(node_get(a, "timestamp"), NULL));
		}
		assert_string_equal(text, life[step].misp);
		/* Else whoever has the event would not look at it again. */
		uint64_t timestamp = node_number_at(event, "timestamp");
		assert_true(timestamp > last);
		assert_true(timestamp ==
			    node_number_at(node_get(manifest, "1bf5b69d-789a-5117-b393-fa8dff315a0d"), "timestamp"));
		last = timestamp;
		node_free(manifest);
		node_free(file);
	}
}

static void expect_indicators(const struct node *objects, const char *expected)
{
	char text[512] = "";
	for (size_t i = 0; i < node_count(objects); i++) {
		const struct node *o = node_at(objects, i);
		if (node_is(node_get(o, "type"), "indicator"))
			snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s %s,",
				node_text(node_get(o, "id"), NULL) + strlen("indicator--"),
				node_truth(node_get(o, "revoked")) ? "revoked" : "live",
				node_text(node_get(o, "modified"), NULL));
	}
	assert_string_equal(text, expected);
}

static void in_stix(void **state)
{
	static const struct {
		const char *format, *file;
	} formats[] = {{"stix", "bundle.json"}, {"taxii", "objects/1.json"}};
	for (unsigned i = 0; i < 2; i++)
		for (unsigned step = 0; step < sizeof life / sizeof *life; step++) {
			assert_int_equal(without_directory(state), 0);
			assert_int_equal(with_directory(state), 0);
			render_step(step, formats[i].format);
			struct node *document = load(formats[i].file);
			expect_indicators(node_get(document, "objects"), life[step].stix);
			node_free(document);
		}
}

static void in_a_list(void **state)
{
	for (unsigned step = 0; step < sizeof life / sizeof *life; step++) {
		assert_int_equal(without_directory(state), 0);
		assert_int_equal(with_directory(state), 0);
		render_step(step, "domains");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_misp_feed, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(in_stix, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(in_a_list, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
