/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables replaced under readers' feet. Under TSan and ASan this is the proof of current_table.c. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "libweir/live/client_key.h"
#include "plugin/core/current_table.h"
#include "tests/unit/fail_alloc.h"

enum { READERS = 4, SWAPS = 400 };

struct bench {
	struct current current;
	struct counters *counters;
	struct hits *hits;
	atomic_bool stop;
	atomic_uint wrong;
	atomic_ullong lookups;
};

void __real_explicit_bzero(void *octets, size_t length);
void __wrap_explicit_bzero(void *octets, size_t length);
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room);

static const uint8_t *sought; /* a secret, and whether it was wiped somewhere */
static bool sought_wiped;

void __wrap_explicit_bzero(void *octets, size_t length)
{
	sought_wiped |= sought && length == CLIENT_SECRET && memcmp(octets, sought, CLIENT_SECRET) == 0;
	__real_explicit_bzero(octets, length);
}

/* What compilers with -D_FORTIFY_SOURCE make of it. */
void __wrap___explicit_bzero_chk(void *octets, size_t length, size_t room)
{
	assert_true(length <= room);
	__wrap_explicit_bzero(octets, length);
}

static int begin(void **state)
{
	struct bench *bench = aligned_alloc(_Alignof(struct bench), sizeof *bench);
	memset(bench, 0, sizeof *bench);
	*state = bench;
	if (counters_create(&bench->counters, "/nonexistent") == 0 || hits_create(&bench->hits, "/nonexistent") == 0)
		return -1;
	return current_init(&bench->current, READERS, bench->counters, bench->hits, test_directory);
}

static int begin_with_directory(void **state)
{
	return with_directory(state) == 0 ? begin(state) : -1;
}

static int end(void **state)
{
	struct bench *bench = *state;
	current_end(&bench->current);
	counters_remove(&bench->counters);
	hits_remove(&bench->hits);
	free(bench);
	return 0;
}

static int end_with_directory(void **state)
{
	return end(state) == 0 ? without_directory(state) : -1;
}

static struct table *numbered(unsigned number)
{
	char name[32];
	snprintf(name, sizeof name, "n%u.example", number % 2);
	const struct rule_spec rules[] = {
		{name, SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {"all.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}}};
	return table_of(rules, 2);
}

static void *reader(void *argument)
{
	struct bench *bench = argument;
	name_storage zero, one, all;
	size_t length = wire_of("n0.example", zero), all_length = wire_of("x.all.example", all);
	wire_of("n1.example", one);
	int self; /* its address is this worker's own */
	struct current_slot *slot = current_worker(&bench->current, &self);
	while (!atomic_load(&bench->stop)) {
		const struct current_table *table = current_enter(&bench->current, slot);
		struct match match;
		if (table) {
			/* One of the two names, and all.example, whatever table it is: never a mixture. */
			bool a = table_lookup(table->table, zero, length, &match);
			bool b = table_lookup(table->table, one, length, &match);
			bool c = table_lookup(table->table, all, all_length, &match);
			if (a == b || !c)
				atomic_fetch_add(&bench->wrong, 1);
			atomic_fetch_add(&bench->lookups, 3);
		}
		current_leave(slot);
	}
	return NULL;
}

static void swaps_under_readers(void **state)
{
	struct bench *bench = *state;
	pthread_t threads[READERS];
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, bench), 0);
	for (unsigned i = 0; i < SWAPS; i++)
		assert_int_equal(current_replace(&bench->current, i % 50 == 49 ? NULL : numbered(i)), 0);
	atomic_store(&bench->stop, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&bench->wrong), 0);
	assert_true(atomic_load(&bench->lookups) > 0);
}

/* Each worker has a slot of its own, and always the same one, as many as there are said to be; who comes beyond all
 * room has the crowd's. */
static void check_slots(struct bench *bench, unsigned workers)
{
	struct current current;
	assert_int_equal(current_init(&current, workers, bench->counters, bench->hits, test_directory), 0);
	size_t room = current.slot_count / 2;
	assert_true(room >= 2 * (size_t)workers && (room == CURRENT_MIN_SLOTS || room < 4 * (size_t)workers));
	char *owners = malloc(room + 1);
	struct current_slot **slot = calloc(room, sizeof(struct current_slot *));
	bool *taken = calloc(current.slot_count, sizeof *taken);
	assert_false(atomic_load(&current.served));
	for (size_t i = 0; i < room; i++) {
		slot[i] = current_worker(&current, &owners[i]);
		assert_non_null(slot[i]);
		assert_true(atomic_load(&current.served));
		struct current_slot *cached = current_cached_worker(&current, &owners[i]);
		assert_ptr_equal(current_cached_worker(&current, &owners[i]), cached);
		struct current_slot *const both[] = {slot[i], cached};
		for (unsigned b = 0; b < 2; b++) {
			assert_non_null(current_counters(both[b]));
			assert_false(taken[both[b] - current.slots]);
			taken[both[b] - current.slots] = true;
		}
	}
	for (size_t i = 0; i < room; i++)
		assert_ptr_equal(current_worker(&current, &owners[i]), slot[i]);
	assert_null(current_worker(&current, &owners[room]));
	assert_null(current_cached_worker(&current, &owners[room]));
	struct current_slot *crowd = current_crowd_enter(&current);
	assert_non_null(current_counters(crowd));
	assert_false(taken[crowd - current.slots]);
	current_crowd_leave(&current);
	free(taken);
	free(slot);
	free(owners);
	current_end(&current);
}

static void slots(void **state)
{
	static const unsigned workers[] = {0, 1, 2, 32, 33, 256, 257, 300, 1000};
	for (unsigned i = 0; i < sizeof workers / sizeof *workers; i++)
		check_slots(*state, workers[i]);
}

/* Whichever addresses the workers have, all slots are taken before one of them gets none. */
static void all_slots_are_taken(void **state)
{
	struct bench *bench = *state;
	uint64_t seed = 5;
	for (uintptr_t round = 1; round <= 1000; round++) {
		struct current current;
		assert_int_equal(current_init(&current, 1, bench->counters, bench->hits, test_directory), 0);
		for (uintptr_t i = 0; i < CURRENT_MIN_SLOTS; i++) {
			uintptr_t address = round % 2 ? round * 4096 + i * 64 : random_next(&seed);
			assert_non_null(current_worker(&current, (const void *)address));
		}
		current_end(&current);
	}
}

struct input {
	struct bench *bench;
	uint8_t *octets; /* of a table */
	size_t length;
};

static int init_and_replace(void *context)
{
	const struct input *input = context;
	struct current current;
	struct table *table;
	struct why why;
	int status = current_init(&current, 1, input->bench->counters, input->bench->hits, test_directory);
	if (status != 0)
		return status;
	status = table_open_octets(&table, input->octets, input->length, &why);
	if (status == 0 && (status = current_replace(&current, table)) != 0) {
		assert_null(current_get(&current));
		table_close(&table); /* it is still the caller's */
	}
	current_end(&current);
	assert_null(current_get(&current));
	assert_null(current_loaded(&current));
	assert_null(current.slots);
	return status;
}

static void out_of_memory(void **state)
{
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct input input = {.bench = *state};
	input.octets = table_octets_of(&rule, 1, NULL, &input.length);
	fail_each_alloc(init_and_replace, &input);
	free(input.octets);
}

static void *crowded_reader(void *argument)
{
	struct bench *bench = argument;
	name_storage all;
	size_t length = wire_of("all.example", all);
	while (!atomic_load(&bench->stop)) {
		struct match match;
		struct current_slot *slot = current_crowd_enter(&bench->current);
		const struct current_table *table = current_enter(&bench->current, slot);
		if (table && !table_lookup(table->table, all, length, &match))
			atomic_fetch_add(&bench->wrong, 1);
		current_leave(slot);
		current_crowd_leave(&bench->current);
		atomic_fetch_add(&bench->lookups, 1);
	}
	return NULL;
}

static void swaps_under_a_crowd(void **state)
{
	struct bench *bench = *state;
	pthread_t threads[READERS];
	for (unsigned i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, crowded_reader, bench), 0);
	for (unsigned i = 0; i < SWAPS / 4; i++)
		assert_int_equal(current_replace(&bench->current, numbered(i)), 0);
	/* Which of them may be storing something nobody knows. */
	assert_true(current_storing(&bench->current));
	atomic_store(&bench->stop, true);
	for (unsigned i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(atomic_load(&bench->wrong), 0);
	assert_true(atomic_load(&bench->lookups) > 0);
}

static void numbers_differ(void **state)
{
	struct bench *bench = *state;
	struct current *current = &bench->current;
	assert_null(current_get(current));
	uint64_t last = 0;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(current_replace(current, numbered(i)), 0);
		assert_true(current_get(current)->number > last);
		last = current_get(current)->number;
		assert_int_equal(atomic_load(&current->octets), table_octets(current_get(current)->table));
		assert_true(atomic_load(&current->logs));
	}
	assert_int_equal(current_replace(current, NULL), 0);
	assert_null(current_get(current));
	assert_int_equal(atomic_load(&current->octets), 0);
	assert_false(atomic_load(&current->logs));
}

static atomic_bool replaced;

static void *replace_table(void *argument)
{
	struct current *current = argument;
	assert_int_equal(current_replace(current, NULL), 0);
	atomic_store(&replaced, true);
	return NULL;
}

/* The first slot, the last of the workers, the last of all: what any of them holds is not freed, and what any of them stores
 * is waited for. */
static void each_slot_counts(void **state)
{
	struct bench *bench = *state;
	struct current *current = &bench->current;
	const size_t slots[] = {0, current->slot_count / 2 - 1, current->slot_count - 1};
	for (unsigned i = 0; i < sizeof slots / sizeof *slots; i++) {
		struct current_slot *slot = &current->slots[slots[i]];
		pthread_t thread;
		assert_int_equal(current_replace(current, numbered(i)), 0);
		assert_false(current_storing(current));
		current_looked(slot, NULL);
		assert_true(current_storing(current));
		current_stored(slot);
		assert_false(current_storing(current));
		const struct current_table *table = current_enter(current, slot);
		atomic_store(&replaced, false);
		assert_int_equal(pthread_create(&thread, NULL, replace_table, current), 0);
		while (current_get(current))
			continue;
		for (unsigned wait = 0; wait < 20; wait++) {
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
			assert_int_equal(table_header(table->table)->generation, 7);
			assert_false(atomic_load(&replaced));
		}
		current_leave(slot);
		pthread_join(thread, NULL);
		assert_true(atomic_load(&replaced));
	}
}

/* A worker that let something pass by a table counts as storing until its next call, once there is another table. */
static void stores(void **state)
{
	struct bench *bench = *state;
	struct current *current = &bench->current;
	char owner = 0;
	struct current_slot *slot = current_worker(current, &owner);
	assert_false(current_storing(current));
	assert_int_equal(current_replace(current, numbered(1)), 0);
	const struct current_table *table = current_enter(current, slot);
	current_looked(slot, table);
	current_leave(slot);
	assert_false(current_storing(current));
	assert_int_equal(current_replace(current, numbered(2)), 0);
	assert_true(current_storing(current));
	current_stored(slot);
	assert_false(current_storing(current));
}

/* Each feed and category has a number of its own in the hits, the same in every table: also two categories of one feed,
 * by turns. */
static void numbers_of_hits(void **state)
{
	struct bench *bench = *state;
	static const struct rule_spec rules[] = {{"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
		{"b.example", SCOPE_EXACT, RULE_BLOCK, {0, 1}}, {"c.example", SCOPE_EXACT, RULE_BLOCK, {1, 0}},
		{"d.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}}, {"d.example", SCOPE_EXACT, RULE_BLOCK, {1, 1}}};
	uint16_t first[3][3] = {0};
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(current_replace(&bench->current, table_of(rules, 5)), 0);
		const struct current_table *table = current_get(&bench->current);
		const struct policy *policy = table_policy(table->table);
		for (uint32_t v = 1; v < policy->verdict_count; v++) {
			const struct verdict *verdict = &policy->verdicts[v];
			for (unsigned e = 0; e < verdict->effective_count; e++) {
				struct source source = verdict->effective[e];
				uint16_t number = current_hits_source(table, verdict, e);
				uint16_t *known = &first[source.feed][source.category];
				assert_true(number > 0 && (*known == 0 || *known == number));
				*known = number;
			}
		}
	}
	for (unsigned a = 0; a < 4; a++)
		for (unsigned b = 0; b < a; b++)
			assert_int_not_equal(first[a / 2][a % 2], first[b / 2][b % 2]);
}

/* Each group has a number of its own in the hits, the same in every table, whatever its number there is. */
static void numbers_of_groups(void **state)
{
	struct bench *bench = *state;
	static const struct group_policy groups[2][2] = {{{.name = "kids"}, {.name = "staff"}}, {{.name = "staff"}}};
	static const struct client_range everybody = {{0}, GROUP_DEFAULT};
	uint16_t kids = 0, staff = 0;
	for (unsigned i = 0; i < 2; i++) {
		struct policy policy = test_policy;
		policy.groups = groups[i];
		policy.group_count = 2 - i;
		policy.ranges = &everybody;
		policy.range_count = 1;
		assert_int_equal(current_replace(&bench->current, table_of_policy(&policy, NULL, 0)), 0);
		const struct current_table *table = current_get(&bench->current);
		if (i == 0) {
			kids = table->hits_group[1];
			staff = table->hits_group[2];
		}
		assert_int_equal(table->hits_group[GROUP_DEFAULT], 0);
		assert_int_equal(table->hits_group[2 - i], staff);
		assert_int_equal(table->hits_group[3 - i], 0); /* there is none */
	}
	assert_true(kids > 0 && staff > 0 && kids != staff);
}

/* A feed and category that no rule has gets no number. */
static void only_pairs_that_list(void **state)
{
	struct bench *bench = *state;
	for (uint16_t i = 1; i <= 2; i++) {
		const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {i, i}};
		assert_int_equal(current_replace(&bench->current, table_of(&rule, 1)), 0);
		const struct current_table *table = current_get(&bench->current);
		assert_int_equal(current_hits_source(table, &table_policy(table->table)->verdicts[1], 0), i);
	}
}

/* Loads a table that wants its rules counted, for clients that so many bits tell apart. */
static const struct current_table *load_counted(struct current *current, uint8_t ipv4_bits, uint8_t ipv6_bits)
{
	static const struct group_policy groups[] = {{.name = "kids"}, {.name = "staff"}};
	static const struct client_range everybody = {{0}, GROUP_DEFAULT};
	struct policy policy = test_policy;
	policy.groups = groups;
	policy.group_count = 2;
	policy.ranges = &everybody;
	policy.range_count = 1;
	policy.hits = (struct hits_policy){.rules = true, .client_ipv4_bits = ipv4_bits, .client_ipv6_bits = ipv6_bits};
	assert_int_equal(current_replace(current, table_of_policy(&policy, NULL, 0)), 0);
	return current_get(current);
}

/* The cells have the numbers of categories and groups, the process's key, and room for all workers. */
static void cells_of_a_table(void **state)
{
	struct bench *bench = *state;
	struct current *current = &bench->current;
	assert_int_equal(current_cells_appear(current), 0);
	assert_int_equal(current_replace(current, numbered(1)), 0);
	assert_null(current_get(current)->cells);
	assert_int_equal(current_cells_appear(current), 0);
	const struct current_table *table = load_counted(current, 32, 56);
	assert_non_null(table->cells);
	assert_non_null(table->client_key);
	assert_ptr_equal(table->client_key, cells_client_key(table->cells));
	for (unsigned c = 0; c < 3; c++)
		assert_int_equal(table->cells_category[c], c + 1);
	for (unsigned g = 0; g <= 2; g++)
		assert_int_equal(table->cells_group[g], g);
	assert_int_equal(cells_category(table->cells, "next"), 4);
	assert_int_equal(cells_group(table->cells, "next"), 3);
	for (unsigned worker = 0; worker < 2 * READERS + 1; worker++)
		assert_non_null(cells_worker(table->cells));
	assert_null(cells_worker(table->cells));
	struct cells *cells = table->cells;
	assert_ptr_equal(load_counted(current, 32, 56)->cells, cells); /* the same in every table */
}

/* What is told of the secret that a table wants its clients to be hashed with. The first table that is counted decides: of one
 * that comes later the secret is not read. */
static void secrets(void **state)
{
	struct bench *bench = *state;
	enum { LOADS = 4 };
	const char *good = in_directory("good"), *other = in_directory("other");
	static const char bad_words[] = "/: not a file of 32 octets; clients are counted for this process alone",
			  late[] = "it is read when counting begins: reload or restart the resolver";
	const struct {
		bool shared;
		struct {
			const char *path, *trouble;
		} load[LOADS];
	} cases[] = {
		{true, {{good, ""}, {good, ""}, {other, late}, {good, ""}}},
		{true, {{good, ""}, {"", late}, {"/", late}, {good, ""}}},
		{false, {{"", ""}, {"", ""}, {good, late}, {"", ""}}},
		{false, {{"/", bad_words}, {"/", late}, {good, late}, {"", ""}}},
	};
	uint8_t octets[CLIENT_SECRET];
	memset(octets, 's', sizeof octets);
	for (unsigned i = 0; i < 2; i++) {
		FILE *file = fopen(i ? other : good, "we");
		assert_non_null(file);
		assert_int_equal(fwrite(octets, 1, sizeof octets, file), sizeof octets);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(chmod(i ? other : good, 0600), 0);
	}
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct current current;
		sought = octets;
		sought_wiped = false;
		assert_int_equal(current_init(&current, READERS, bench->counters, bench->hits, test_directory), 0);
		for (unsigned n = 0; n < LOADS; n++) {
			struct policy policy = test_policy;
			policy.hits = (struct hits_policy){.rules = true, .client_ipv4_bits = 32};
			snprintf(policy.hits.client_key, sizeof policy.hits.client_key, "%s", cases[i].load[n].path);
			assert_int_equal(current_replace(&current, table_of_policy(&policy, NULL, 0)), 0);
			if (strcmp(current.key_trouble.text, cases[i].load[n].trouble) != 0)
				fail_msg("case %u, load %u: \"%s\"", i, n, current.key_trouble.text);
			assert_int_equal(current_get(&current)->client_key->shared, cases[i].shared);
		}
		assert_int_equal(sought_wiped, cases[i].shared);
		sought = NULL;
		current_end(&current);
	}
}

/* Which bits of an address tell clients apart, as they stand in a socket. */
static void client_masks(void **state)
{
	struct bench *bench = *state;
	static const struct {
		uint8_t ipv4_bits, ipv6_bits, ipv4[4], ipv6[8];
	} cases[] = {
		{0, 0, {0}, {0}},
		{1, 1, {0x80}, {0x80}},
		{7, 9, {0xfe}, {0xff, 0x80}},
		{8, 8, {0xff}, {0xff}},
		{20, 45, {0xff, 0xff, 0xf0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xf8}},
		{24, 56, {0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
		{31, 63, {0xff, 0xff, 0xff, 0xfe}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe}},
		{32, 64, {0xff, 0xff, 0xff, 0xff}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct current_table *table =
			load_counted(&bench->current, cases[i].ipv4_bits, cases[i].ipv6_bits);
		assert_memory_equal(&table->client_ipv4, cases[i].ipv4, sizeof cases[i].ipv4);
		assert_memory_equal(&table->client_ipv6, cases[i].ipv6, sizeof cases[i].ipv6);
	}
}

/* A suspended table is in force for nobody, stays loaded, is replaced, and is in force again. */
static void suspended(void **state)
{
	struct bench *bench = *state;
	struct current *current = &bench->current;
	char owner = 0;
	struct current_slot *slot = current_worker(current, &owner);
	assert_int_equal(current_replace(current, numbered(1)), 0);
	const struct current_table *first = current_get(current);
	uint64_t number = first->number;
	current_suspend(current, true);
	assert_null(current_get(current));
	assert_ptr_equal(current_loaded(current), first);
	assert_null(current_enter(current, slot));
	/* What passes now is unlike what any table lets pass. */
	current_looked(slot, NULL);
	current_leave(slot);
	assert_false(current_storing(current));
	current_suspend(current, false);
	assert_ptr_equal(current_get(current), first);
	assert_int_equal(current_get(current)->number, number);
	assert_true(current_storing(current));
	current_stored(slot);
	assert_false(current_storing(current));
	current_suspend(current, true);
	assert_int_equal(current_replace(current, numbered(2)), 0);
	assert_null(current_get(current));
	assert_int_equal(atomic_load(&current->octets), table_octets(current_loaded(current)->table));
	current_suspend(current, false);
	assert_true(current_get(current)->number > number);
	current_suspend(current, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(swaps_under_readers, begin, end),
		cmocka_unit_test_setup_teardown(swaps_under_a_crowd, begin, end),
		cmocka_unit_test_setup_teardown(slots, begin, end),
		cmocka_unit_test_setup_teardown(all_slots_are_taken, begin, end),
		cmocka_unit_test_setup_teardown(out_of_memory, begin, end),
		cmocka_unit_test_setup_teardown(numbers_differ, begin, end),
		cmocka_unit_test_setup_teardown(each_slot_counts, begin, end),
		cmocka_unit_test_setup_teardown(stores, begin, end),
		cmocka_unit_test_setup_teardown(numbers_of_hits, begin, end),
		cmocka_unit_test_setup_teardown(numbers_of_groups, begin, end),
		cmocka_unit_test_setup_teardown(only_pairs_that_list, begin, end),
		cmocka_unit_test_setup_teardown(cells_of_a_table, begin, end),
		cmocka_unit_test_setup_teardown(secrets, begin_with_directory, end_with_directory),
		cmocka_unit_test_setup_teardown(client_masks, begin, end),
		cmocka_unit_test_setup_teardown(suspended, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
