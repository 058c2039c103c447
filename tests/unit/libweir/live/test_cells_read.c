/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells as they are read: nothing twice, nothing torn, and a file that anybody wrote harms no reader. */
#include "tests/unit/libweir/live/cells_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

/* ---- what the reader is given, and when ---- */

ssize_t __real_pread(int fd, void *buffer, size_t length, off_t at);
ssize_t __wrap_pread(int fd, void *buffer, size_t length, off_t at);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

static void (*change)(struct cell *cell); /* is called between the two copies of a cell */
static struct cell *changed;              /* for which cell */
static off_t read_at;                     /* where that is copied */
static unsigned copies;                   /* how often it was copied */
static struct {
	uint64_t key, hits;
} left_in_memory; /* what stands in memory that was not used before */

ssize_t __wrap_pread(int fd, void *buffer, size_t length, off_t at)
{
	if (change && at == read_at && ++copies == 2)
		change(changed);
	return __real_pread(fd, buffer, length, at);
}

void *__wrap_realloc(void *memory, size_t size)
{
	if (memory || left_in_memory.key == 0)
		return __real_realloc(memory, size);
	char *fresh = malloc(size);
	for (size_t at = 0; fresh && at + sizeof left_in_memory <= size; at += sizeof left_in_memory)
		memcpy(fresh + at, &left_in_memory, sizeof left_in_memory);
	return fresh;
}

/* Whose file it is, and which key its clients have. */
static void whose(void **state)
{
	(void)state;
	int64_t pid;
	uint64_t start_ticks;
	cells_process(reader, &pid, &start_ticks);
	assert_int_equal(pid, getpid());
	assert_int_equal(start_ticks, own_file()->header.start_ticks);
	assert_int_not_equal(cells_key_number(reader), 0);
	assert_int_equal(cells_key_number(reader), own_file()->key_number);
	struct cells_reader *none = reader;
	assert_int_equal(cells_open(&none, in_directory("none.cells")), -ENOENT);
	assert_null(none);
	none = reader;
	own_file()->header.version++;
	assert_int_equal(cells_open(&none, path), WEIR_EFORMAT);
	assert_null(none);
}

/* ---- what a reader takes for a cell ---- */

/* What was never read is new, whatever the reader's memory held before. */
static void memory_used_before(void **state)
{
	(void)state;
	hit("evil.example", 1);
	hit("evil.example", 1);
	left_in_memory.key = cell_of("evil.example")->key;
	left_in_memory.hits = 2;
	struct told told = news();
	left_in_memory.key = 0;
	assert_int_equal(told.hits, 2);
}

static void unsound_cells(void **state)
{
	(void)state;
	enum { LENGTH = 14, SUBTREE = SCOPE_SUBTREE, NXDOMAIN = ACTION_NXDOMAIN };
	static const struct {
		unsigned scope, action, category, group;
		uint8_t rule_length;
		uint64_t key, hits;
		bool told;
	} cases[] = {
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH, 7, 1, true},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH, 7, UINT32_MAX, true},
		{SUBTREE, ACTION_COUNT - 1, 0, 0, LENGTH, 1, 1, true},
		{SUBTREE + 1, NXDOMAIN, 1, 0, LENGTH, 7, 1, false},
		{SUBTREE, ACTION_COUNT, 1, 0, LENGTH, 7, 1, false},
		{SUBTREE, NXDOMAIN, 2, 0, LENGTH, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 1, LENGTH, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, 0, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH - 1, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH + 1, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, CELLS_RULE + 1, 7, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH, 0, 1, false},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH, 7, 0, false},
		{SUBTREE, NXDOMAIN, 1, 0, LENGTH, 7, (uint64_t)UINT32_MAX + 1, false},
	};
	hit("evil.example", 1);
	struct cell *cell = cell_of("evil.example");
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		cell->label = cell_label((enum scope)cases[i].scope, (enum action)cases[i].action,
			(uint8_t)cases[i].category, (uint8_t)cases[i].group);
		cell->rule_length = cases[i].rule_length;
		cell->key = cases[i].key;
		cell->hits = cases[i].hits;
		open_again();
		if (news().rules != cases[i].told)
			fail_msg("case %u", i);
	}
}

/* What is no name is told as "?", and a name that has no end is cut. */
static void unsound_names(void **state)
{
	(void)state;
	static const char *const names[] = {"", "bad\033", "two words"};
	hit("evil.example", 1);
	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(own_file()->category[1], sizeof(cells_name), "%s", names[i]);
		open_again();
		assert_string_equal(news().text, "evil.example subtree ? nxdomain default 1;");
	}
	char expected[200], longest[POLICY_MAX_NAME + 1] = "";
	memset(longest, 'a', POLICY_MAX_NAME);
	snprintf(expected, sizeof expected, "evil.example subtree %s nxdomain default 1;", longest);
	memset(own_file()->category[1], 'a', sizeof(cells_name));
	cells_category(cells, "next");
	open_again();
	assert_string_equal(news().text, expected);
}

/* What all workers could not attribute. */
static void unattributed(void **state)
{
	(void)state;
	struct cells_worker *const workers[] = {worker, cells_worker(cells)};
	struct cells_unattributed sums;
	for (unsigned w = 0; w < 2; w++) {
		atomic_store(&workers[w]->unattributed[0], 3 + 10 * w);
		atomic_store(&workers[w]->unattributed[1], 200 + 1000 * w);
	}
	assert_int_equal(cells_unattributed(reader, &sums), 0);
	assert_int_equal(sums.logged, 3 + 13);
	assert_int_equal(sums.blocked, 200 + 1200);
}

/* Cells are as many as a power of two. Of another number those are read that make whole pieces. */
static void odd_number_of_cells(void **state)
{
	(void)state;
	hit("evil.example", 1);
	const struct cell cell = *cell_of("evil.example");
	name_storage wire;
	wire_of("evil.example", wire);
	*cell_of("evil.example") = (struct cell){0};
	static const unsigned numbers[] = {63, 64, 99, 127};
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		worker->cell[numbers[i]] = cell;
		memcpy(worker->rule[numbers[i]], wire, cell.rule_length);
	}
	static const struct {
		uint32_t count;
		uint64_t read;
	} cases[] = {{0, 0}, {63, 0}, {64, 1}, {100, 1}, {128, 4}, {129, 4}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		worker->count = cases[i].count;
		open_again();
		assert_int_equal(news().rules, cases[i].read);
	}
}

static void change_nothing(struct cell *cell)
{
	(void)cell;
}

static void change_hits(struct cell *cell)
{
	cell->hits++;
}

static void change_key(struct cell *cell)
{
	cell->key++;
}

static void change_day(struct cell *cell)
{
	cell->day++;
}

static void to_next_slot(struct cell *cell)
{
	cell->slot++;
}

static void to_slot_after_next(struct cell *cell)
{
	cell->slot += 2;
}

/* Another rule may take a cell while that is copied. What is told then was all of one rule. */
static void changed_while_copied(void **state)
{
	(void)state;
	static const struct {
		void (*change)(struct cell *cell);
		bool told;
	} cases[] = {{change_nothing, true}, {change_hits, true}, {to_next_slot, true}, {to_slot_after_next, false},
		{change_key, false}, {change_day, false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[40];
		snprintf(name, sizeof name, "n%u.example", i);
		hit(name, 1);
		changed = cell_of(name);
		long number = changed - worker->cell;
		read_at = (off_t)((char *)&worker->cell[number - number % 64] - (char *)own_file());
		copies = 0;
		change = cases[i].change;
		struct told told = news();
		change = NULL;
		assert_int_equal(copies, 2);
		if (told.hits != cases[i].told)
			fail_msg("case %u", i);
		assert_int_equal(news().hits, !cases[i].told || cases[i].change == change_hits);
	}
}

/* ---- a reader beside a writer ---- */

enum { ROUNDS = 300000, RULES = 3000 };
static atomic_bool done;

static void *write_all(void *context)
{
	(void)context;
	uint64_t seed = 5;
	char name[40];
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned rule = random_below(&seed, RULES);
		snprintf(name, sizeof name, "n%u.example", rule);
		/* The clock goes on, so that cells are taken and days begin. */
		hit_at(name, 1 + i % 1000, NOW + i / 100);
	}
	atomic_store(&done, true);
	return NULL;
}

/* No hit is read twice, whatever the writer does meanwhile. Those of cells that were taken before this reader came are lost:
 * the writer's clock is faster than it is. */
static void beside_a_writer(void **state)
{
	(void)state;
	pthread_t thread;
	struct told told = {0};
	atomic_store(&done, false);
	assert_int_equal(pthread_create(&thread, NULL, write_all, NULL), 0);
	while (!atomic_load(&done)) {
		told.text[0] = '\0';
		assert_int_equal(cells_read(reader, tell, &told), 0);
	}
	pthread_join(thread, NULL);
	told.text[0] = '\0';
	assert_int_equal(cells_read(reader, tell, &told), 0);
	assert_true(told.hits + unattributed_now() <= ROUNDS);
	assert_true(told.hits > ROUNDS / 100);
}

/* ---- files that anybody wrote ---- */

static void check_news(void *context, const struct cell_news *n)
{
	struct name_labels labels;
	uint64_t *count = context;
	assert_int_equal(name_split(n->rule, n->rule_length, &labels), 0);
	assert_non_null(action_text(n->action));
	assert_true(n->scope == SCOPE_EXACT || n->scope == SCOPE_SUBTREE);
	assert_true(strlen(n->category) <= POLICY_MAX_NAME && strlen(n->group) <= POLICY_MAX_NAME);
	++*count;
}

static void hostile(void **state)
{
	(void)state;
	uint64_t seed = 11, count = 0;
	hit_many(0, 500, NOW);
	char copy[300];
	snprintf(copy, sizeof copy, "%s/99.cells", test_directory);
	size_t length = offsetof(struct cells_file, worker) + sizeof(struct cells_worker);
	int from = open(path, O_RDONLY), to = open(copy, O_RDWR | O_CREAT, 0600);
	assert_true(from >= 0 && to >= 0);
	struct stat st;
	assert_int_equal(fstat(from, &st), 0);
	assert_int_equal(ftruncate(to, st.st_size), 0);
	uint8_t *octets = malloc(length);
	assert_int_equal(pread(from, octets, length, 0), length);
	for (unsigned round = 0; round < 200; round++) {
		uint8_t octets_of_it[8];
		assert_int_equal(
			pwrite(to, octets,
				offsetof(struct cells_file, worker) + offsetof(struct cells_worker, cell) + 200 * 64,
				0),
			offsetof(struct cells_file, worker) + offsetof(struct cells_worker, cell) + 200 * 64);
		assert_int_equal(
			pwrite(to, octets + offsetof(struct cells_file, worker) + offsetof(struct cells_worker, rule),
				200 * 96, offsetof(struct cells_file, worker) + offsetof(struct cells_worker, rule)),
			200 * 96);
		for (unsigned i = 0; i < 40; i++) {
			uint64_t value = random_next(&seed);
			memcpy(octets_of_it, &value, sizeof octets_of_it);
			off_t at = sizeof(struct shm_file_header) +
				   random_below(&seed,
					   round % 2 ? 64 : (unsigned)(offsetof(struct cells_file, worker) + 40000));
			assert_int_equal(pwrite(to, octets_of_it, 1 + value % 8, at), 1 + value % 8);
		}
		struct cells_reader *other;
		if (cells_open(&other, copy) != 0)
			continue;
		for (unsigned again = 0; again < 2; again++) {
			struct cells_unattributed unattributed;
			int status = cells_read(other, check_news, &count);
			assert_true(status == 0 || status < 0);
			assert_int_equal(cells_unattributed(other, &unattributed), 0);
		}
		/* Cut short while it is read. */
		if (round % 50 == 0) {
			assert_int_equal(ftruncate(to, 5000), 0);
			assert_true(cells_read(other, check_news, &count) < 0);
			assert_int_equal(ftruncate(to, st.st_size), 0);
		}
		cells_close(&other);
	}
	assert_true(count > 0);
	free(octets);
	close(from);
	close(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whose, begin, end),
		cmocka_unit_test_setup_teardown(memory_used_before, begin, end),
		cmocka_unit_test_setup_teardown(unsound_cells, begin, end),
		cmocka_unit_test_setup_teardown(unsound_names, begin, end),
		cmocka_unit_test_setup_teardown(unattributed, begin, end),
		cmocka_unit_test_setup_teardown(odd_number_of_cells, begin, end),
		cmocka_unit_test_setup_teardown(changed_while_copied, begin, end),
		cmocka_unit_test_setup_teardown(beside_a_writer, begin, end),
		cmocka_unit_test_setup_teardown(hostile, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
