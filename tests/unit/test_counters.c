#include "unit.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "counters.h"

static char directory[] = "/tmp/weir-unit-XXXXXX";

static int make_directory(void **state)
{
	(void)state;
	return directory_make(directory);
}

static int remove_directory(void **state)
{
	(void)state;
	return directory_remove(directory);
}

static void own_path(char path[128])
{
	snprintf(path, 128, "%s/%ld.live", directory, (long)getpid());
}

static void written_and_read(void **state)
{
	(void)state;
	struct counters *counters;
	assert_int_equal(counters_create(&counters, directory), 0);
	struct counters_worker *one = counters_worker(counters), *two = counters_worker(counters);
	assert_ptr_not_equal(one, two);
	counters_add(one, COUNT_QUERIES);
	counters_count(two, COUNT_QUERIES, 41);
	counters_add(two, COUNT_BLOCKED_NAME);
	struct counters_state says = {.active = true, .generation = 5, .rules = 9, .table = "/x/y"};
	counters_publish(counters, &says);
	char path[128];
	own_path(path);
	struct counters_snapshot snapshot;
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_int_equal(snapshot.pid, getpid());
	assert_true(snapshot.alive);
	assert_int_equal(snapshot.count[COUNT_QUERIES], 42);
	assert_int_equal(snapshot.count[COUNT_BLOCKED_NAME], 1);
	assert_int_equal(snapshot.state.generation, 5);
	assert_string_equal(snapshot.state.table, "/x/y");
	counters_remove(&counters);
	assert_null(counters);
	assert_int_equal(counters_read(path, &snapshot), -ENOENT);
}

static void more_workers_than_blocks(void **state)
{
	(void)state;
	struct counters *counters;
	assert_int_equal(counters_create(&counters, directory), 0);
	for (unsigned i = 0; i < 3 * COUNTERS_WORKERS; i++)
		counters_add(counters_worker(counters), COUNT_QUERIES);
	char path[128];
	own_path(path);
	struct counters_snapshot snapshot;
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_int_equal(snapshot.count[COUNT_QUERIES], 3 * COUNTERS_WORKERS);
	counters_remove(&counters);
}

static void no_directory(void **state)
{
	(void)state;
	struct counters *counters;
	assert_int_equal(counters_create(&counters, "/nonexistent"), -ENOENT);
	assert_non_null(counters);
	counters_add(counters_worker(counters), COUNT_QUERIES);
	counters_publish(counters, &(struct counters_state){0});
	counters_remove(&counters);
	char path[1024];
	memset(path, 'a', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(counters_create(&counters, path), -ENAMETOOLONG);
	counters_remove(&counters);
}

/* The files of processes that are gone are removed by the next one; others are not touched. */
static void the_dead_are_removed(void **state)
{
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct counters *counters;
		_exit(counters_create(&counters, directory) == 0 ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	char path[128], other[128];
	snprintf(path, sizeof path, "%s/%ld.live", directory, (long)child);
	struct counters_snapshot snapshot;
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.alive);
	snprintf(other, sizeof other, "%s/1.live", directory);
	FILE *file = fopen(other, "w");
	fclose(file);
	struct counters *counters;
	assert_int_equal(counters_create(&counters, directory), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0); /* process 1 is alive: not ours to judge */
	counters_remove(&counters);
}

static void foreign_files(void **state)
{
	(void)state;
	char path[128];
	snprintf(path, sizeof path, "%s/x.live", directory);
	struct counters_snapshot snapshot;
	FILE *file = fopen(path, "w");
	fputs("hello", file);
	fclose(file);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);
	struct counters *counters;
	assert_int_equal(counters_create(&counters, directory), 0);
	char own[128];
	own_path(own);
	static char bytes[1 << 20];
	file = fopen(own, "r");
	size_t length = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	bytes[8] ^= 1; /* the version */
	file = fopen(path, "w");
	fwrite(bytes, 1, length, file);
	fclose(file);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);
	assert_int_equal(counters_read(directory, &snapshot), WEIR_EFORMAT);
	counters_remove(&counters);
}

static void write_at(const char *path, long offset, const void *data, size_t length)
{
	FILE *file = fopen(path, "r+");
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(data, length, 1, file), 1);
	fclose(file);
}

/* A state that is being written is not taken, but for that of a writer that died over it. Where the process's start is
 * not known, its pid must do. */
static void half_written(void **state)
{
	(void)state;
	enum { PID_AT = 16, START_AT = 24, SEQUENCE_AT = 36 };
	struct counters *counters;
	assert_int_equal(counters_create(&counters, directory), 0);
	counters_publish(counters, &(struct counters_state){.generation = 3});
	char path[128];
	own_path(path);
	struct counters_snapshot snapshot;
	const uint32_t odd = 7;
	const uint64_t zero = 0, other = 12345;
	const int64_t nobody = 0x7ffffff0;
	write_at(path, SEQUENCE_AT, &odd, sizeof odd);
	assert_int_equal(counters_read(path, &snapshot), -EAGAIN);
	counters_publish(counters, &(struct counters_state){.generation = 4});
	write_at(path, START_AT, &zero, sizeof zero);
	write_at(path, SEQUENCE_AT, &(uint32_t){8}, sizeof odd);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_true(snapshot.alive);
	assert_int_equal(snapshot.state.generation, 4);
	write_at(path, START_AT, &other, sizeof other);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.alive);
	write_at(path, SEQUENCE_AT, &odd, sizeof odd);
	write_at(path, PID_AT, &nobody, sizeof nobody);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.alive);
	assert_int_equal(truncate(path, 100), 0);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);
	assert_int_equal(unlink(path), 0);
	counters_remove(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_read, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(more_workers_than_blocks, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(no_directory, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(the_dead_are_removed, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(foreign_files, make_directory, remove_directory),
		cmocka_unit_test_setup_teardown(half_written, make_directory, remove_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
