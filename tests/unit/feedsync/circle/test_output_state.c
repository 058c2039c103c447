/* SPDX-License-Identifier: BSD-3-Clause */
/* The state of an output: what is written is read, what is damaged is refused, and the link decides which copy counts. */
#include "tests/unit/feedsync/circle/releases.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feedsync/circle/output_state.h"

static const struct item_spec two[] = {
	{.name = "host.example", .scope = SCOPE_EXACT, .category = "c2", .expires_at = 1798156800},
	{.name = "login-parcel.example",
		.scope = SCOPE_SUBTREE,
		.state = ITEM_WITHDRAWN,
		.listing = 2,
		.tlp = TLP_AMBER,
		.reason = "parcel phishing, landing page"},
};

static void state_of(struct output_state *state, struct test_release *t, uint32_t serial)
{
	static char to[300];
	release_of(t, "domains", two, 2);
	snprintf(to, sizeof to, "%s/out", test_directory);
	t->output.to = to;
	*state = (struct output_state){.serial = serial, .at = 1795860000, .content = "0123456789abcdef"};
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(output_state_add(state, &t->items[i]), 0);
}

static void make_directories(void)
{
	assert_int_equal(mkdir(in_directory("out"), 0700), 0);
	assert_int_equal(mkdir(in_directory("shared"), 0700), 0);
}

static void same_again(void **state)
{
	(void)state;
	struct test_release t;
	struct output_state written, back;
	struct why why;
	state_of(&written, &t, 7);
	assert_int_equal(output_items_write(&written, in_directory("items"), &t.output, &why), 0);
	if (output_items_read(&back, in_directory("items"), &t.organisation, &why) != 0)
		fail_msg("%s", why.text);
	assert_true(back.serial == 7 && back.at == written.at && back.count == 2);
	assert_string_equal(back.content, written.content);
	for (unsigned i = 0; i < 2; i++) {
		const struct item *a = &written.items[i], *b = &back.items[i];
		assert_string_equal(a->name, b->name);
		assert_string_equal(a->category, b->category);
		assert_string_equal(a->reason, b->reason);
		assert_string_equal(a->month, b->month);
		assert_memory_equal(a->wire, b->wire, a->length);
		assert_true(a->length == b->length && a->scope == b->scope && a->listing == b->listing &&
			    a->part == b->part && a->marking.tlp == b->marking.tlp &&
			    a->marking.pap == b->marking.pap && a->state == b->state && a->listed_at == b->listed_at &&
			    a->changed_at == b->changed_at && a->expires_at == b->expires_at);
		assert_true(uuid_is_valid(b->uuid) && uuid_is_valid(b->event));
	}
	output_state_free(&written);
	output_state_free(&back);
}

/* A file that was cut anywhere, or lacks a line, is refused; one with an octet changed is refused or reads as what it says. */
static void damaged(void **state)
{
	(void)state;
	struct test_release t;
	struct output_state written, back;
	struct why why;
	char text[2000];
	state_of(&written, &t, 7);
	assert_int_equal(output_items_write(&written, in_directory("items"), &t.output, &why), 0);
	FILE *in = fopen(in_directory("items"), "r");
	size_t length = fread(text, 1, sizeof text - 1, in);
	fclose(in);
	for (size_t cut = 0; cut < length; cut++) {
		char copy[2000];
		memcpy(copy, text, cut);
		copy[cut] = '\0';
		write_text(in_directory("cut"), copy);
		if (output_items_read(&back, in_directory("cut"), &t.organisation, &why) != -EBADMSG)
			fail_msg("cut behind %zu octets it is read", cut);
	}
	for (size_t i = 0; i < length; i++) {
		char copy[2000];
		memcpy(copy, text, length + 1);
		copy[length] = '\0';
		copy[i] ^= 1;
		write_text(in_directory("flipped"), copy);
		int status = output_items_read(&back, in_directory("flipped"), &t.organisation, &why);
		assert_true(status == 0 || status == -EBADMSG);
		output_state_free(&back);
	}
	output_state_free(&written);
}

/* Which copy counts: link, state beside the release, copy in the state directory, and what comes of it. */
static void which_copy(void **state)
{
	(void)state;
	static const struct {
		uint32_t link, beside, copy, directory;
		int status;
		uint32_t serial;
		size_t count;
		bool released, lacks_copy;
	} cases[] = {
		{0, 0, 0, 0, 0, 0, 0, false, false},       /* nothing was ever released */
		{7, 7, 7, 7, 0, 7, 2, true, false},        /* all is well */
		{7, 7, 8, 7, 0, 7, 2, true, true},         /* the next one was written, and never shown */
		{7, 7, 0, 7, 0, 7, 2, true, true},         /* the copy is lost */
		{7, 0, 7, 7, 0, 7, 2, true, true},         /* the one beside the release is */
		{7, 0, 6, 7, -ENOENT, 7, 0, true, true},   /* both are; the other one is too old */
		{7, 8, 0, 7, -EBADMSG, 7, 0, true, true},  /* that of another release */
		{7, 7, 7, 0, 0, 7, 2, false, false},       /* the release is lost, and the link leads nowhere */
		{7, 0, 0, 0, -ENOENT, 7, 0, false, false}, /* and its state */
		{0, 0, 7, 0, 0, 7, 2, false, false},       /* the output's directory was emptied */
		{0, 7, 7, 7, 0, 7, 2, false, false},       /* the link is lost */
		{0, 7, 0, 7, 0, 7, 2, false, false},       /* and the copy */
		{0, 7, 6, 7, 0, 7, 2, false, false},       /* the copy is an older one */
		{0, 6, 7, 6, 0, 7, 2, false, false},       /* a newer one */
		{0, 0, 0, 7, -ENOENT, 7, 0, false, false}, /* only a release is left */
		{0, 6, 6, 7, -ENOENT, 7, 0, false, false}, /* and what is older */
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct test_release t;
		struct output_state written, back;
		struct why why;
		char path[OUTPUT_PATH], target[32];
		assert_int_equal(with_directory(state), 0);
		make_directories();
		state_of(&written, &t, 1);
		if (cases[i].beside > 0) {
			written.serial = cases[i].beside;
			output_items_path(&t.output, cases[i].link > 0 ? cases[i].link : cases[i].beside, path);
			assert_int_equal(output_items_write(&written, path, &t.output, &why), 0);
		}
		if (cases[i].copy > 0) {
			written.serial = cases[i].copy;
			assert_int_equal(
				output_items_write(&written, in_directory("shared/circle.items"), &t.output, &why), 0);
		}
		snprintf(target, sizeof target, "out/r%u", cases[i].directory);
		if (cases[i].directory > 0)
			assert_int_equal(mkdir(in_directory(target), 0700), 0);
		snprintf(target, sizeof target, "r%u", cases[i].link);
		if (cases[i].link > 0)
			assert_int_equal(symlink(target, in_directory("out/current")), 0);
		int status = output_state_read(&back, test_directory, &t.organisation, &t.output, &why);
		if (status != cases[i].status || back.serial != cases[i].serial || back.count != cases[i].count ||
			back.released != cases[i].released || back.lacks_copy != cases[i].lacks_copy)
			fail_msg("case %u: status %d, serial %u, %zu items, released %d, lacks a copy %d", i, status,
				back.serial, back.count, back.released, back.lacks_copy);
		output_state_free(&written);
		output_state_free(&back);
		assert_int_equal(without_directory(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(same_again, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(damaged, with_directory, without_directory),
		cmocka_unit_test(which_copy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
