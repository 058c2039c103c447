/* The table file as the module sees it, without an Unbound: what it takes, refuses and says. */
#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"
#include "watch.h"

static char directory[] = "/tmp/weir-unit-XXXXXX", path[64];
static char said[1024];
static unsigned said_count;
static struct live live;
static struct counters *counters;
static struct hits *hits;
static struct loader loader;

static void say(bool error, const char *text)
{
	(void)error;
	snprintf(said, sizeof said, "%s", text);
	said_count++;
}

static bool check(bool again)
{
	bool changed = loader_check(&loader, again);
	loader_report(&loader);
	return changed;
}

static int begin(void **state)
{
	(void)state;
	if (directory_make(directory) != 0 || counters_create(&counters, "/nonexistent") == 0 ||
		hits_create(&hits, "/nonexistent") == 0)
		return -1;
	snprintf(path, sizeof path, "%s/t.weir", directory);
	said_count = 0;
	live_init(&live, counters, hits);
	loader_init(&loader, path, &live, counters, say);
	return 0;
}

static int end(void **state)
{
	(void)state;
	live_end(&live);
	counters_remove(&counters);
	hits_remove(&hits);
	unlink(path);
	return rmdir(directory);
}

static void put(const void *bytes, size_t length)
{
	char other[80];
	snprintf(other, sizeof other, "%s.new", path);
	FILE *file = fopen(other, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
	assert_int_equal(rename(other, path), 0);
}

static void put_table(const char *name)
{
	const struct rule_spec rule = {name, SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	size_t length;
	uint8_t *bytes = table_bytes_of(&rule, 1, NULL, &length);
	put(bytes, length);
	free(bytes);
}

static bool in_force(const char *name)
{
	name_storage wire;
	struct match match;
	const struct live_table *table = live_current(&live);
	return table && table_lookup(table->table, wire, wire_of(name, wire), &match);
}

static void missing_is_said_once(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_false(check(i % 2));
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "nothing is blocked"));
	assert_false(loader.state.active);
	put_table("a.example");
	assert_true(check(false));
	assert_true(in_force("a.example"));
	assert_true(loader.state.active);
	assert_int_equal(loader.state.generation, 7);
	assert_int_equal(loader.state.loads, 1);
	/* Gone again: the table stays, and nothing is said. */
	unlink(path);
	said_count = 0;
	assert_false(check(true));
	assert_true(in_force("a.example"));
	assert_int_equal(said_count, 0);
}

static void only_what_changed_is_read(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(check(true));
	for (int i = 0; i < 5; i++)
		assert_false(check(true));
	for (int i = 0; i < 20; i++) {
		put_table(i % 2 ? "a.example" : "b.example");
		assert_true(check(false));
		assert_int_equal(in_force("a.example"), i % 2);
	}
	assert_int_equal(loader.state.loads, 21);
}

static void bad_is_refused_once(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(check(false));
	said_count = 0;
	put("nonsense", 8);
	for (int i = 0; i < 5; i++)
		assert_false(check(true));
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "the old table stays in force"));
	assert_int_equal(loader.state.refused, 1);
	assert_true(in_force("a.example"));
	put_table("b.example");
	assert_true(check(false));
	assert_true(in_force("b.example"));
}

/* What cannot be read is said once, and tried again after some looks or when somebody asks. */
static void unreadable_is_tried_again(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(check(false));
	said_count = 0;
	unlink(path);
	assert_int_equal(symlink(path, path), 0); /* ELOOP, also for root */
	for (int i = 0; i < 5; i++)
		assert_false(check(i % 2));
	assert_int_equal(said_count, 1);
	assert_int_equal(loader.state.refused, 1);
	assert_true(in_force("a.example"));
	unlink(path);
	put_table("b.example");
	assert_true(check(false));
	assert_true(in_force("b.example"));
}

enum { RENAMES = 300 };
static atomic_uint taken;

/* Replaces the file again and again, each time once the one before has been taken. */
static void *replace(void *argument)
{
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	size_t length;
	uint8_t *bytes = table_bytes_of(&rule, 1, NULL, &length);
	for (unsigned i = 0; i < RENAMES; i++) {
		put(bytes, length);
		while (atomic_load(&taken) <= i)
			continue;
	}
	free(bytes);
	return argument;
}

/* A look that meets the very moment of a rename must not take the file that is just going away for a new one. */
static void each_file_is_taken_once(void **state)
{
	(void)state;
	pthread_t thread;
	atomic_store(&taken, 0);
	assert_int_equal(pthread_create(&thread, NULL, replace, NULL), 0);
	while (atomic_load(&taken) < RENAMES)
		if (check(false))
			atomic_fetch_add(&taken, 1);
	pthread_join(thread, NULL);
	assert_false(check(false));
	assert_int_equal(loader.state.loads, RENAMES);
}

/* ---- the watch ---- */

static atomic_uint loads, signals;

static bool look(void *context, const struct watch *watch, bool signalled)
{
	(void)context;
	(void)watch;
	if (signalled)
		atomic_fetch_add(&signals, 1);
	if (check(signalled))
		atomic_fetch_add(&loads, 1);
	return false;
}

static bool wait_until(bool (*condition)(void))
{
	for (int i = 0; i < 300; i++) {
		if (condition())
			return true;
		const struct timespec step = {.tv_nsec = 10000000};
		nanosleep(&step, NULL);
	}
	return false;
}

static bool loaded_once(void)
{
	return atomic_load(&loads) >= 1;
}

static bool loaded_twice(void)
{
	return atomic_load(&loads) >= 2;
}

static bool signalled_once(void)
{
	return atomic_load(&signals) >= 1;
}

static void noticed_by_the_watch(void **state)
{
	(void)state;
	struct watch *watch = NULL, *second = NULL;
	put_table("a.example");
	assert_int_equal(watch_start(&watch, path, look, NULL), 0);
	assert_int_equal(watch_start(&second, path, look, NULL), -EBUSY);
	assert_true(wait_until(loaded_once));
	put_table("b.example");
	assert_true(wait_until(loaded_twice));
	raise(SIGUSR1);
	assert_true(wait_until(signalled_once));
	assert_false(watch_stopping(watch));
	watch_stop(&watch);
	assert_null(watch);
	assert_true(in_force("b.example"));
	assert_int_equal(watch_start(&watch, path, look, NULL), 0);
	watch_stop(&watch);
	watch_stop(&watch);
}

static void own_handler(int number)
{
	(void)number;
}

/* What SIGUSR1 does once a watch has ended. */
static void signal_after_the_watch(void **state)
{
	(void)state;
	static const struct {
		void (*before)(int);
		void (*during)(int); /* set by somebody else while the watch runs; NULL = by nobody */
		void (*after)(int);
	} cases[] = {
		{SIG_DFL, NULL, SIG_IGN}, /* it would end the process */
		{SIG_IGN, NULL, SIG_IGN},
		{own_handler, NULL, own_handler},
		{exit, NULL, SIG_IGN}, /* of a library, which may be gone */
		{SIG_IGN, own_handler, own_handler},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct watch *watch;
		struct sigaction now;
		signal(SIGUSR1, cases[i].before);
		assert_int_equal(watch_start(&watch, path, look, NULL), 0);
		if (cases[i].during)
			signal(SIGUSR1, cases[i].during);
		watch_stop(&watch);
		sigaction(SIGUSR1, NULL, &now);
		assert_ptr_equal(now.sa_handler, cases[i].after);
	}
	signal(SIGUSR1, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(missing_is_said_once, begin, end),
		cmocka_unit_test_setup_teardown(only_what_changed_is_read, begin, end),
		cmocka_unit_test_setup_teardown(bad_is_refused_once, begin, end),
		cmocka_unit_test_setup_teardown(unreadable_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(each_file_is_taken_once, begin, end),
		cmocka_unit_test_setup_teardown(noticed_by_the_watch, begin, end),
		cmocka_unit_test_setup_teardown(signal_after_the_watch, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
