/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells as the module writes them: what is counted is read, exactly, and rules make room for others once they were read. */
#include "tests/unit/libweir/live/cells_lab.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/stat.h>

static void differences(void **state)
{
	(void)state;
	hit("evil.example", 1);
	hit("evil.example", 1);
	hit("evil.example", 2);
	struct told told = news();
	assert_string_equal(told.text, "evil.example subtree malware nxdomain default 3;");
	assert_in_range(told.clients, 1, 2);
	assert_int_equal(told.day, NOW / DAY_S);
	assert_string_equal(news().text, "");
	hit("evil.example", 0);
	hit("other.example", 7);
	told = news();
	assert_int_equal(told.hits, 2);
	assert_int_equal(told.rules, 2);
	struct cells_unattributed unattributed;
	assert_int_equal(cells_unattributed(reader, &unattributed), 0);
	assert_int_equal(unattributed.blocked + unattributed.logged, 0);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

/* A day's clients are those of the day. */
static void clients_of_a_day(void **state)
{
	(void)state;
	for (uint64_t client = 1; client <= 200; client++)
		hit("evil.example", client);
	assert_in_range(news().clients, 50, 64);
	hit_at("evil.example", 1, NOW + DAY_S);
	struct told told = news();
	assert_int_equal(told.clients, 1);
	assert_int_equal(told.day, NOW / DAY_S + 1);
}

/* Rules too long for a usual cell have others. */
static void long_rules(void **state)
{
	(void)state;
	char name[256];
	for (unsigned i = 0; i < CELLS_LONG / 2; i++) {
		snprintf(name, sizeof name, "a%02u.%060d.%060d.%060d.%050d.example", i, 0, 0, 0, 0);
		hit(name, 1);
		hit(name, 2);
	}
	struct told told = news();
	assert_true(told.hits + 16 >= CELLS_LONG && told.hits <= CELLS_LONG);
	assert_non_null(strstr(told.text, ".example subtree malware nxdomain default 2;"));
}

/* A rule that fills the room of a usual cell has one; a rule that fills that of a long one is read whole. */
static void rules_that_fit(void **state)
{
	(void)state;
	char name[256];
	for (unsigned i = 0; i < 2 * CELLS_LONG; i++) {
		snprintf(name, sizeof name, "%062u.%031u", i, i);
		hit(name, 1);
	}
	assert_int_equal(cell_of(name)->rule_length, CELLS_RULE);
	assert_int_equal(news().hits, 2 * CELLS_LONG);
	for (unsigned i = 0; i < 20 * CELLS_LONG; i++) {
		snprintf(name, sizeof name, "%063u.%063u.%063u.%061u", i, i, i, i);
		hit(name, 1);
	}
	assert_int_equal(news().hits, CELLS_LONG);
}

/* A cell that was not hit for a whole slot is another rule's, with nothing of what it counted. */
static void idle_cells(void **state)
{
	(void)state;
	static const struct {
		int64_t later;
		bool idle;
	} cases[] = {{0, false}, {CELLS_SLOT_S, false}, {2 * CELLS_SLOT_S, true}, {-CELLS_SLOT_S, true}};
	enum { MANY = 20 * CELLS_LONG };
	struct cells_unattributed unattributed;
	char name[256];
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "%063u.%063u.example", i, i);
		hit_with(name, ACTION_LOG, 1, NOW);
	}
	assert_int_equal(news().hits, CELLS_LONG);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(name, sizeof name, "%063u.%063u.new.example", i, i);
		hit_with(name, ACTION_LOG, 0, (uint64_t)(NOW + cases[i].later));
		struct told told = news();
		assert_int_equal(told.hits, cases[i].idle);
		assert_int_equal(told.clients, 0);
		assert_int_equal(told.day, 0);
	}
	assert_int_equal(cells_unattributed(reader, &unattributed), 0);
	assert_int_equal(unattributed.logged, MANY - CELLS_LONG + 2);
	assert_int_equal(unattributed.blocked, 0);
}

/* A clock that was never set is one, too. */
static void no_clock(void **state)
{
	(void)state;
	hit_at("evil.example", 1, 0);
	assert_int_equal(news().hits, 1);
}

/* More rules than there is room for: what has no cell is told. After a slot their cells are free for others. */
static void full(void **state)
{
	(void)state;
	hit_many(0, CELLS_MOST + 20000, NOW);
	uint64_t without = unattributed_now();
	assert_true(without >= 20000 && without < 40000);
	assert_int_equal(news().hits, CELLS_MOST + 20000 - without);
	hit_many(200000, 30000, NOW + CELLS_SLOT_S);
	assert_true(unattributed_now() > without);
	without = unattributed_now();
	assert_true(news().hits < 30000);
	hit_many(300000, 10000, NOW + 3 * CELLS_SLOT_S);
	assert_int_equal(unattributed_now() - without, 0);
	assert_int_equal(news().hits, 10000);
}

/* Cells become more when rules find none, and all that are in use are in a file that is made again. */
static void room_grows(void **state)
{
	(void)state;
	enum { MANY = 3000 };
	hit("evil.example", 1);
	hit("evil.example", 1);
	assert_int_equal(worker->count, CELLS_FIRST);
	hit_many(0, MANY, NOW);
	assert_in_range(worker->count, MANY, CELLS_MOST);
	assert_int_equal(unattributed_now(), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(cells_appear(cells), 1);
	open_again();
	assert_int_equal(news().hits, MANY + 2);
}

/* Not more than what is hit needs: rules that crowd a place find another one in a table that has grown once. */
static void room_for_what_is_hit(void **state)
{
	(void)state;
	for (unsigned count = CELLS_FIRST / 8; count <= CELLS_MOST / 4; count *= 2) {
		hit_many(0, count, NOW);
		assert_in_range(worker->count, count, CELLS_GROWTH * (count < CELLS_FIRST ? CELLS_FIRST : 2 * count));
	}
}

/* Rules that have the same first place each find their own second one: half of the cells hold as many. */
static void crowded_place(void **state)
{
	(void)state;
	enum { PLACE = 5, CROWD = CELLS_FIRST / 2 };
	static struct cell *cell[CROWD];
	name_storage wire;
	const struct cell_rule rule = {.name = wire, .length = wire_of("evil.example", wire)};
	for (unsigned again = 0; again < 2; again++)
		for (uint64_t i = 0; i < CROWD; i++) {
			struct cell *found = cells_search(cells, worker, i << 32 | PLACE, NOW, rule);
			assert_non_null(found);
			assert_true(found->key == (i << 32 | PLACE));
			if (again)
				assert_ptr_equal(found, cell[i]);
			cell[i] = found;
			atomic_store(&found->slot, NOW / CELLS_SLOT_S);
		}
	assert_int_equal(worker->count, CELLS_FIRST);
}

/* There is room for two workers. */
static void workers(void **state)
{
	(void)state;
	assert_non_null(cells_worker(cells));
	assert_null(cells_worker(cells));
	hit("evil.example", 1);
	assert_int_equal(news().hits, 1);
	assert_int_equal(unattributed_now(), 0);
}

/* The first number stands for all that has no other. Names that come later are read then. */
static void names_by_number(void **state)
{
	(void)state;
	assert_int_equal(cells_category(cells, "others"), 0);
	assert_int_equal(cells_group(cells, "kids"), 1);
	assert_int_equal(cells_group(cells, "default"), 0);
	assert_int_equal(cells_group(cells, "kids"), 1);
	assert_string_equal(news().text, "");
	assert_int_equal(cells_category(cells, "late"), 1);
	hit("evil.example", 1);
	assert_string_equal(news().text, "evil.example subtree malware nxdomain default 1;");
}

static void names_run_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		char name[20];
		snprintf(name, sizeof name, "c%u", i);
		assert_int_equal(cells_category(cells, name), i < CELLS_NUMBERS - 1 ? i + 1 : 0);
	}
	for (unsigned i = 0; i < CELLS_NUMBERS; i++) {
		char name[20];
		snprintf(name, sizeof name, "g%u", i);
		assert_int_equal(cells_group(cells, name), i < CELLS_NUMBERS - 1 ? i + 1 : 0);
	}
	hit("evil.example", 1); /* its category is none of those */
	assert_string_equal(news().text, "evil.example subtree others nxdomain default 1;");
}

/* ---- a system without random numbers ---- */

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);

static bool no_random;

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	errno = EAGAIN;
	return no_random ? -1 : __real_getrandom(buffer, length, flags);
}

/* Without random numbers clients are not told apart, and there is no key to tell from others. */
static void without_random_numbers(void **state)
{
	(void)state;
	no_random = true;
	cells_remove(&cells);
	int status = cells_create(&cells, test_directory, 1, NULL);
	no_random = false;
	assert_int_equal(status, 0);
	assert_null(cells_client_key(cells));
	worker = cells_worker(cells);
	open_again();
	assert_int_equal(cells_key_number(reader), 0);
	hit("evil.example", 1);
	struct told told = news();
	assert_int_equal(told.hits, 1);
	assert_int_equal(told.clients, 0);
	assert_int_equal(told.day, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(differences, begin, end),
		cmocka_unit_test_setup_teardown(without_random_numbers, begin, end),
		cmocka_unit_test_setup_teardown(clients_of_a_day, begin, end),
		cmocka_unit_test_setup_teardown(long_rules, begin, end),
		cmocka_unit_test_setup_teardown(rules_that_fit, begin, end),
		cmocka_unit_test_setup_teardown(idle_cells, begin, end),
		cmocka_unit_test_setup_teardown(no_clock, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
		cmocka_unit_test_setup_teardown(room_grows, begin, end),
		cmocka_unit_test_setup_teardown(room_for_what_is_hit, begin, end),
		cmocka_unit_test_setup_teardown(crowded_place, begin, end),
		cmocka_unit_test_setup_teardown(workers, begin, end),
		cmocka_unit_test_setup_teardown(names_by_number, begin, end),
		cmocka_unit_test_setup_teardown(names_run_out, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
