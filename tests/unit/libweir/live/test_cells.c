/* SPDX-License-Identifier: BSD-3-Clause */
/* Cells: what is counted is read, exactly; rules make room for others once they were read; a file that anybody wrote harms no
 * reader. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/action.h"
#include "libweir/hash.h"
#include "libweir/live/cells.h"
#include "libweir/live/cells_count.h"

enum { NOW = 1700000000, DAY_S = 86400 };

static struct cells *cells;
static struct cells_worker *worker;
static struct cells_reader *reader;
static char path[300];

static int begin(void **state)
{
	if (with_directory(state) != 0 || cells_create(&cells, test_directory, 2, NULL) != 0)
		return -1;
	snprintf(path, sizeof path, "%s/%ld.cells", test_directory, (long)getpid());
	worker = cells_worker(cells);
	return worker ? cells_open(&reader, path) : -1;
}

static int end(void **state)
{
	cells_close(&reader);
	cells_remove(&cells);
	return all_closed(state);
}

/* Counts a hit of a rule. */
static void hit_at(const char *name, uint64_t client, uint64_t now)
{
	name_storage wire;
	struct cell_rule rule = {.name = wire,
		.length = wire_of(name, wire),
		.label = cell_label(SCOPE_SUBTREE, ACTION_NXDOMAIN, cells_category(cells, "malware"),
			cells_group(cells, "default"))};
	rule.key = name_key(wire, rule.length, 9);
	cells_count(cells, cells_client_key(cells), worker, rule, client, now);
}

static void hit(const char *name, uint64_t client)
{
	hit_at(name, client, NOW);
}

struct told {
	char text[1024];
	uint64_t hits, rules;
	unsigned clients; /* registers of the last one */
	uint64_t day;
};

static void tell(void *context, const struct cell_news *n)
{
	struct told *told = context;
	char name[NAME_MAX_TEXT];
	size_t used = strlen(told->text);
	name_to_text(n->rule, n->rule_length, name);
	snprintf(told->text + used, sizeof told->text - used, "%s %s %s %s %s %llu;", name, scope_text(n->scope),
		n->category, action_text(n->action), n->group, (unsigned long long)n->hits);
	told->hits += n->hits;
	told->rules++;
	told->day = n->day;
	told->clients = 0;
	for (unsigned i = 0; i < CLIENT_SET_REGISTERS; i++)
		told->clients += client_set_rank(&n->clients, i) > 0;
}

static struct told news(void)
{
	struct told told = {0};
	assert_int_equal(cells_read(reader, tell, &told), 0);
	return told;
}

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

static void hit_many(unsigned first, unsigned count, uint64_t now)
{
	for (unsigned i = first; i < first + count; i++) {
		char name[40];
		snprintf(name, sizeof name, "n%u.example", i);
		hit_at(name, 1, now);
	}
}

static uint64_t unattributed_now(void)
{
	struct cells_unattributed unattributed;
	assert_int_equal(cells_unattributed(reader, &unattributed), 0);
	assert_int_equal(unattributed.logged, 0);
	return unattributed.blocked;
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

/* There is room for two workers. */
static void workers(void **state)
{
	(void)state;
	assert_non_null(cells_worker(cells));
	assert_null(cells_worker(cells));
	hit("evil.example", 1);
	assert_int_equal(news().hits, 1);
}

static void names_run_out(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		char name[20];
		snprintf(name, sizeof name, "c%u", i);
		assert_int_equal(cells_category(cells, name), i < CELLS_NUMBERS - 1 ? i + 1 : 0);
	}
	hit("evil.example", 1); /* its category is none of those */
	assert_string_equal(news().text, "evil.example subtree others nxdomain default 1;");
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
		uint8_t changed[8];
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
			memcpy(changed, &value, sizeof changed);
			off_t at = sizeof(struct shm_file_header) +
				   random_below(&seed,
					   round % 2 ? 64 : (unsigned)(offsetof(struct cells_file, worker) + 40000));
			assert_int_equal(pwrite(to, changed, 1 + value % 8, at), 1 + value % 8);
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
		cmocka_unit_test_setup_teardown(differences, begin, end),
		cmocka_unit_test_setup_teardown(clients_of_a_day, begin, end),
		cmocka_unit_test_setup_teardown(long_rules, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
		cmocka_unit_test_setup_teardown(workers, begin, end),
		cmocka_unit_test_setup_teardown(names_run_out, begin, end),
		cmocka_unit_test_setup_teardown(beside_a_writer, begin, end),
		cmocka_unit_test_setup_teardown(hostile, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
