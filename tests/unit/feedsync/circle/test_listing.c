/* SPDX-License-Identifier: BSD-3-Clause */
/* The life of items: what is listed, kept, withdrawn, expires and is listed again, with identifiers that never mean two things;
 * over several outputs, too. */
#include "tests/unit/unit.h"

#include "feedsync/circle/listing.h"

static const struct organisation us = {
	.name = "ISP-A CERT", .uuid = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10", .contact = "abuse@isp.example"};
static const struct output circle = {
	.name = "circle", .format = "domains", .to = "/", .ceiling = TLP_AMBER, .tombstones_s = 365 * 86400};

enum { MOST = 4, NOVEMBER = 1794830400 /* 2026-11-16T12:00:00Z */, DAY = 86400 };

/* What is wanted, as a selection has it; `names` with scope, category, TLP. */
struct wanted {
	const char *name;
	enum scope scope;
	const char *category;
	enum tlp tlp;
	uint64_t expires_at;
	enum withheld withheld;
};

struct wish {
	struct selection selection;
	struct selected list[MOST];
	name_storage wires[MOST];
};

static void wish_for(struct wish *wish, const struct wanted *wanted)
{
	*wish = (struct wish){.selection = {.list = wish->list}};
	for (unsigned i = 0; i < MOST && wanted[i].name; i++) {
		struct selected *s = &wish->list[wish->selection.count++];
		*s = (struct selected){.item = {.name = wanted[i].name,
					       .wire = wish->wires[i],
					       .length = (uint8_t)wire_of(wanted[i].name, wish->wires[i]),
					       .scope = wanted[i].scope,
					       .category = wanted[i].category,
					       .marking = {wanted[i].tlp ? wanted[i].tlp : TLP_GREEN, PAP_GREEN},
					       .expires_at = wanted[i].expires_at,
					       .reason = ""},
			.withheld = wanted[i].withheld};
		wish->selection.live += s->withheld == WITHHELD_NOT;
	}
}

/* Takes `state` of output `number` of `states` a step further, to a release that is dated `at`. */
static void advance_dated(struct output_state *states, unsigned outputs, unsigned number, const struct wanted *wanted,
	uint64_t now, uint64_t at, struct listing_counts *counts)
{
	struct wish wish;
	struct known_items known;
	struct output_state next = {.serial = states[number].serial + 1, .at = at};
	wish_for(&wish, wanted);
	wish.selection.now = now;
	assert_int_equal(known_items_make(&known, states, outputs), 0);
	assert_int_equal(listing_make(&next, &states[number], &wish.selection, &known, &us, &circle, counts), 0);
	known_items_free(&known);
	output_state_free(&states[number]);
	states[number] = next;
}

static void advance(struct output_state *states, unsigned outputs, unsigned number, const struct wanted *wanted,
	uint64_t at, struct listing_counts *counts)
{
	advance_dated(states, outputs, number, wanted, at, at, counts);
}

static void expect_item(const struct output_state *state, size_t i, enum item_state item_state, uint32_t listing,
	const char *uuid, uint64_t changed_at)
{
	const struct item *item = &state->items[i];
	assert_true(i < state->count);
	if (item->state != item_state || item->listing != listing || item->changed_at != changed_at ||
		(uuid && strcmp(item->uuid, uuid) != 0))
		fail_msg("item %zu, %s: state %d, listing %u, %s, changed %llu", i, item->name, item->state,
			item->listing, item->uuid, (unsigned long long)item->changed_at);
}

#define SHOP_1 "eee25246-a132-5169-bcea-3fdb539ef568"
#define SHOP_2 "e745ce92-3c93-50a3-aa88-eb6b0d42930b"

static const struct wanted shop[MOST] = {{"shop.example", SCOPE_SUBTREE, "phishing", 0, 0, 0}}, nothing[MOST] = {{0}},
			   ending[MOST] = {{"shop.example", SCOPE_SUBTREE, "phishing", 0, NOVEMBER + 40, 0}};

static void life_of_one(void **test)
{
	(void)test;
	struct output_state state = {0};
	struct listing_counts c;
	advance(&state, 1, 0, shop, NOVEMBER, &c);
	assert_int_equal(c.added, 1);
	expect_item(&state, 0, ITEM_LIVE, 1, SHOP_1, NOVEMBER);
	assert_string_equal(state.items[0].event, "1bf5b69d-789a-5117-b393-fa8dff315a0d");
	advance(&state, 1, 0, nothing, NOVEMBER + 10, &c);
	assert_true(c.withdrawn == 1 && c.expired == 0 && c.live == 0 && c.before == 1 && c.freed == 0);
	expect_item(&state, 0, ITEM_WITHDRAWN, 1, SHOP_1, NOVEMBER + 10);
	advance(&state, 1, 0, nothing, NOVEMBER + 20, &c);
	assert_true(c.added + c.withdrawn + c.expired + c.changed == 0);
	expect_item(&state, 0, ITEM_WITHDRAWN, 1, SHOP_1, NOVEMBER + 10);
	advance(&state, 1, 0, ending, NOVEMBER + 30, &c);
	assert_int_equal(state.count, 2);
	expect_item(&state, 0, ITEM_WITHDRAWN, 1, SHOP_1, NOVEMBER + 10);
	expect_item(&state, 1, ITEM_LIVE, 2, SHOP_2, NOVEMBER + 30);
	advance(&state, 1, 0, nothing, NOVEMBER + 40, &c);
	assert_true(c.withdrawn == 0 && c.expired == 1);
	expect_item(&state, 1, ITEM_EXPIRED, 2, SHOP_2, NOVEMBER + 40);
	/* A year later the first listing is forgotten, but the number of the last one is not given again. */
	advance(&state, 1, 0, shop, NOVEMBER + 40 + 366 * DAY, &c);
	assert_int_equal(state.count, 2);
	expect_item(&state, 0, ITEM_EXPIRED, 2, SHOP_2, NOVEMBER + 40);
	expect_item(&state, 1, ITEM_LIVE, 3, NULL, NOVEMBER + 40 + 366 * DAY);
	assert_string_equal(state.items[1].month, "2027-11");
	assert_false(listing_tells(&circle, &state.items[0], NOVEMBER + 40 + 366 * DAY));
	assert_true(listing_tells(&circle, &state.items[0], NOVEMBER + 40 + 364 * DAY));
	output_state_free(&state);
}

/* What the agreed identifiers are made of. */
static void identifiers(void **test)
{
	(void)test;
	static const struct wanted wanted[MOST] = {{"host.example", SCOPE_EXACT, "c2", 0, 0, 0},
		{"login-parcel.example", SCOPE_SUBTREE, "phishing", 0, 0, 0}};
	struct output_state state = {0};
	struct listing_counts c;
	advance(&state, 1, 0, wanted, NOVEMBER, &c);
	expect_item(&state, 0, ITEM_LIVE, 1, "be542d11-1110-5a74-8854-f4bfdd6b2871", NOVEMBER);
	expect_item(&state, 1, ITEM_LIVE, 1, "9900060e-558f-5510-a432-7e17cd04fd05", NOVEMBER);
	output_state_free(&state);
}

/* A marking does not change in place. An expiry and a text do, with a later time; what is withheld is withdrawn, and what is
 * let pass here is counted apart. */
static void changes(void **test)
{
	(void)test;
	static const struct wanted amber[MOST] = {{"shop.example", SCOPE_SUBTREE, "phishing", TLP_AMBER, 0, 0}},
				   allowed[MOST] = {
					   {"shop.example", SCOPE_SUBTREE, "phishing", TLP_AMBER, 0, WITHHELD_ALLOWED}};
	struct output_state state = {0};
	struct listing_counts c;
	advance(&state, 1, 0, shop, NOVEMBER, &c);
	advance(&state, 1, 0, ending, NOVEMBER + 10, &c);
	assert_true(c.changed == 1 && c.added + c.withdrawn == 0);
	expect_item(&state, 0, ITEM_LIVE, 1, SHOP_1, NOVEMBER + 10);
	assert_int_equal(state.items[0].listed_at, NOVEMBER);
	advance(&state, 1, 0, amber, NOVEMBER + 50, &c);
	expect_item(&state, 0, ITEM_WITHDRAWN, 1, SHOP_1, NOVEMBER + 50);
	expect_item(&state, 1, ITEM_LIVE, 2, SHOP_2, NOVEMBER + 50);
	/* An event is of one TLP. */
	assert_int_equal(state.items[0].part, 1);
	assert_int_equal(state.items[1].part, 2);
	advance(&state, 1, 0, allowed, NOVEMBER + 60, &c);
	assert_true(c.withdrawn == 1 && c.freed == 1);
	output_state_free(&state);
}

/* A release may be dated ahead of the clock, since one before it was made while the clock was wrong. Items end by the clock;
 * one that was listed by the wrong clock is listed anew, so that nobody waits for the day from which it is valid. */
static void dated_ahead(void **test)
{
	(void)test;
	const uint64_t ahead = NOVEMBER + 400 * DAY;
	struct output_state state = {0};
	struct listing_counts c;
	advance(&state, 1, 0, shop, ahead, &c);
	advance_dated(&state, 1, 0, ending, NOVEMBER, ahead + 1, &c);
	assert_true(c.added == 1 && c.withdrawn == 1 && c.expired == 0 && c.live == 1);
	expect_item(&state, 0, ITEM_WITHDRAWN, 1, SHOP_1, ahead + 1);
	expect_item(&state, 1, ITEM_LIVE, 2, SHOP_2, ahead + 1);
	assert_int_equal(state.items[1].listed_at, NOVEMBER);
	assert_string_equal(state.items[1].month, "2026-11");
	advance_dated(&state, 1, 0, ending, NOVEMBER - 200, ahead + 2, &c); /* clocks differ */
	assert_true(c.added + c.withdrawn + c.expired + c.changed == 0);
	advance_dated(&state, 1, 0, nothing, NOVEMBER + 39, ahead + 3, &c);
	assert_true(c.withdrawn == 1 && c.expired == 0);
	output_state_free(&state);
}

/* What must not be told counts for no alarm; what is only no longer listed, or not blocked here, does. */
static void forbidden(void **test)
{
	(void)test;
	for (int i = WITHHELD_NOT + 1; i < WITHHELD_COUNT; i++) {
		const struct wanted withheld[MOST] = {
			{"shop.example", SCOPE_SUBTREE, "phishing", 0, 0, (enum withheld)i}};
		struct output_state state = {0};
		struct listing_counts c;
		advance(&state, 1, 0, shop, NOVEMBER, &c);
		advance(&state, 1, 0, withheld, NOVEMBER + 10, &c);
		assert_int_equal(c.withdrawn, 1);
		assert_int_equal(c.freed, i != WITHHELD_NOT_IN_FORCE && i != WITHHELD_UNFIT);
		output_state_free(&state);
	}
}

/* A tombstone has the name, too: nothing of it is told under a ceiling that is lower by now. */
static void lower_ceiling(void **test)
{
	(void)test;
	struct output lower = circle;
	struct item item = {.state = ITEM_WITHDRAWN, .changed_at = NOVEMBER, .marking = {TLP_AMBER, PAP_GREEN}};
	assert_true(listing_tells(&circle, &item, NOVEMBER + 1));
	lower.ceiling = TLP_GREEN;
	assert_false(listing_tells(&lower, &item, NOVEMBER + 1));
	item.marking.tlp = TLP_GREEN;
	assert_true(listing_tells(&lower, &item, NOVEMBER + 1));
	assert_false(listing_tells(&lower, &item, NOVEMBER + lower.tombstones_s));
}

/* Two outputs that list the same at the same time tell of the same item. One that lists what the other has withdrawn tells of
 * another. */
static void several_outputs(void **test)
{
	(void)test;
	struct output_state states[2] = {0};
	struct listing_counts c;
	advance(states, 2, 0, shop, NOVEMBER, &c);
	advance(states, 2, 1, shop, NOVEMBER + 100, &c);
	expect_item(&states[1], 0, ITEM_LIVE, 1, SHOP_1, NOVEMBER + 100);
	assert_int_equal(states[1].items[0].listed_at, NOVEMBER);
	/* The first withdraws it, and lists it again: the second goes on with the listing that it has. */
	advance(states, 2, 0, nothing, NOVEMBER + 200, &c);
	advance(states, 2, 1, shop, NOVEMBER + 200, &c);
	expect_item(&states[1], 0, ITEM_LIVE, 1, SHOP_1, NOVEMBER + 100);
	advance(states, 2, 0, shop, NOVEMBER + 300, &c);
	expect_item(&states[0], 1, ITEM_LIVE, 2, SHOP_2, NOVEMBER + 300);
	/* The second has had listing 1 only, and takes part in listing 2. */
	advance(states, 2, 1, nothing, NOVEMBER + 400, &c);
	advance(states, 2, 1, shop, NOVEMBER + 500, &c);
	expect_item(&states[1], 1, ITEM_LIVE, 2, SHOP_2, NOVEMBER + 500);
	/* Nobody lists it any more: whoever lists it next gives a new number. */
	advance(states, 2, 0, nothing, NOVEMBER + 600, &c);
	advance(states, 2, 1, nothing, NOVEMBER + 600, &c);
	advance(states, 2, 1, shop, NOVEMBER + 700, &c);
	assert_int_equal(states[1].items[2].listing, 3);
	output_state_free(&states[0]);
	output_state_free(&states[1]);
}

/* An output that has never told of a name tells of no item that others have withdrawn. */
static void withdrawn_elsewhere(void **test)
{
	(void)test;
	struct output_state states[2] = {0};
	struct listing_counts c;
	advance(states, 2, 0, shop, NOVEMBER, &c);
	advance(states, 2, 0, nothing, NOVEMBER + 10, &c);
	advance(states, 2, 1, shop, NOVEMBER + 20, &c);
	expect_item(&states[1], 0, ITEM_LIVE, 2, SHOP_2, NOVEMBER + 20);
	output_state_free(&states[0]);
	output_state_free(&states[1]);
}

/* An event has no more items than the format says, and an item never leaves its event. */
static void full_events(void **test)
{
	(void)test;
	struct output_state state = {0};
	struct known_items known;
	for (unsigned i = 0; i < MAX_EVENT_ITEMS; i++) {
		char name[32];
		name_storage wire;
		snprintf(name, sizeof name, "n%05u.example", i);
		struct item item = {.name = name,
			.wire = wire,
			.length = (uint8_t)wire_of(name, wire),
			.category = "c2",
			.reason = "",
			.month = "2026-11",
			.part = 1,
			.listing = 1,
			.marking = {TLP_GREEN, PAP_GREEN}};
		assert_int_equal(output_state_add(&state, &item), 0);
	}
	assert_int_equal(known_items_make(&known, &state, 1), 0);
	struct item next = {.name = "next.example", .category = "c2", .marking = {TLP_GREEN, PAP_GREEN}};
	assert_int_equal(known_items_list(&known, &next, 0, NOVEMBER), 0);
	assert_int_equal(next.part, 2);
	struct item other = {.name = "other.example", .category = "c2", .marking = {TLP_CLEAR, PAP_GREEN}};
	assert_int_equal(known_items_list(&known, &other, 0, NOVEMBER), 0);
	assert_int_equal(other.part, 3);
	struct item december = {.name = "next.example", .category = "c2", .marking = {TLP_CLEAR, PAP_GREEN}};
	assert_int_equal(known_items_list(&known, &december, 4, NOVEMBER + 20 * DAY), 0);
	assert_true(december.part == 1 && december.listing == 5);
	known_items_free(&known);
	output_state_free(&state);
}

/* Random wishes: what is live is exactly what is wished; an identifier stands for one listing, which once ended never lives
 * again; times and serials only grow. */
static void random_lives(void **test)
{
	(void)test;
	static const char *const names[] = {"a.example", "b.example", "c.example"};
	uint64_t random = 1;
	for (unsigned run = 0; run < 50; run++) {
		struct output_state states[2] = {0};
		uint32_t ended[2][3] = {0};
		for (unsigned step = 0; step < 40; step++) {
			struct wanted wanted[MOST] = {0};
			struct listing_counts c;
			unsigned count = 0, o = random_below(&random, 2), chosen = random_below(&random, 8);
			enum tlp tlp = random_below(&random, 8) == 0 ? TLP_CLEAR : TLP_GREEN;
			for (unsigned n = 0; n < 3; n++)
				if (chosen & (1U << n))
					wanted[count++] = (struct wanted){names[n], SCOPE_EXACT, "c2", tlp, 0, 0};
			advance(states, 2, o, wanted, NOVEMBER + step, &c);
			assert_int_equal(c.live, count);
			for (size_t i = 0; i < states[o].count; i++) {
				const struct item *item = &states[o].items[i];
				unsigned n = (unsigned)(item->name[0] - 'a');
				if (item->state != ITEM_LIVE)
					ended[o][n] = item->listing > ended[o][n] ? item->listing : ended[o][n];
				else if (item->listing <= ended[o][n] || !(chosen & (1U << n)))
					fail_msg("run %u step %u: %s lives with listing %u", run, step, item->name,
						item->listing);
			}
		}
		output_state_free(&states[0]);
		output_state_free(&states[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(life_of_one), cmocka_unit_test(identifiers),
		cmocka_unit_test(changes), cmocka_unit_test(dated_ahead), cmocka_unit_test(forbidden),
		cmocka_unit_test(lower_ceiling), cmocka_unit_test(several_outputs),
		cmocka_unit_test(withdrawn_elsewhere), cmocka_unit_test(full_events), cmocka_unit_test(random_lives)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
