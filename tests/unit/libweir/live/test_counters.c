/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "libweir/live/counters.h"

ssize_t __real_getrandom(void *buffer, size_t length, unsigned flags);
ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags);

static enum { REAL, NO_RANDOM, KNOWN_RANDOM } randomness;
static const uint64_t known_random = UINT64_C(0x1122334455667788);

ssize_t __wrap_getrandom(void *buffer, size_t length, unsigned flags)
{
	if (randomness == REAL)
		return __real_getrandom(buffer, length, flags);
	errno = EAGAIN;
	memcpy(buffer, &known_random, length < sizeof known_random ? length : sizeof known_random);
	return randomness == NO_RANDOM ? -1 : (ssize_t)length;
}

static void own_path(char path[128])
{
	snprintf(path, 128, "%s/%ld.live", test_directory, (long)getpid());
}

static void written_and_read(void **state)
{
	(void)state;
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
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
	assert_int_equal(snapshot.version, 4);
	char name[32];
	snprintf(name, sizeof name, "%ld", (long)getpid());
	assert_string_equal(snapshot.name, name);
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
	assert_int_equal(counters_create(&counters, test_directory), 0);
	struct counters_worker *block[COUNTERS_WORKERS];
	for (unsigned i = 0; i < 3 * COUNTERS_WORKERS; i++) {
		struct counters_worker *worker = counters_worker(counters);
		for (unsigned other = 0; other < i && i < COUNTERS_WORKERS; other++)
			assert_ptr_not_equal(worker, block[other]);
		if (i < COUNTERS_WORKERS)
			block[i] = worker;
		assert_ptr_equal(worker, block[i % COUNTERS_WORKERS]);
		counters_add(worker, COUNT_QUERIES);
	}
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
	struct counters_snapshot none;
	assert_int_equal(counters_read(in_directory("1.live"), &none), -ENOENT);
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
		_exit(counters_create(&counters, test_directory) == 0 ? 0 : 1);
	}
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	char path[128], other[128];
	snprintf(path, sizeof path, "%s/%ld.live", test_directory, (long)child);
	struct counters_snapshot snapshot;
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.alive);
	snprintf(other, sizeof other, "%s/1.live", test_directory);
	FILE *file = fopen(other, "w");
	fclose(file);
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(other, F_OK), 0); /* process 1 is alive: not ours to judge */
	counters_remove(&counters);
}

static void foreign_files(void **state)
{
	(void)state;
	char path[128];
	snprintf(path, sizeof path, "%s/x.live", test_directory);
	struct counters_snapshot snapshot;
	FILE *file = fopen(path, "w");
	fputs("hello", file);
	fclose(file);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
	char own[128];
	own_path(own);
	static char octets[1 << 20];
	file = fopen(own, "r");
	size_t length = fread(octets, 1, sizeof octets, file);
	fclose(file);
	octets[8] ^= 1; /* the version */
	file = fopen(path, "w");
	fwrite(octets, 1, length, file);
	fclose(file);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);
	assert_int_equal(counters_read(test_directory, &snapshot), WEIR_EFORMAT);
	counters_remove(&counters);
}

static void write_at(const char *path, long offset, const void *data, size_t length)
{
	FILE *file = fopen(path, "r+");
	assert_int_equal(fseek(file, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(data, length, 1, file), 1);
	fclose(file);
}

/* The octets of this process's file. */
static size_t read_own(char octets[1 << 20])
{
	char path[128];
	own_path(path);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	size_t length = fread(octets, 1, 1 << 20, file);
	fclose(file);
	return length;
}

static void write_whole(const char *path, const void *octets, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(octets, 1, length, file), length);
	fclose(file);
}

enum { PID_AT = 16, SEQUENCE_AT = 36, FORMAT_AT = 40, NAMESPACE_AT = 48, STATE_AT = 56 };
enum { LIFE_AT = STATE_AT + sizeof(struct counters_state) };

/* A state that is being written is not taken; that of a writer that died over it is empty. */
static void half_written(void **state)
{
	(void)state;
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
	counters_publish(counters, &(struct counters_state){.active = true, .generation = 3});
	char path[128], dead[128];
	own_path(path);
	struct counters_snapshot snapshot;
	const uint32_t odd = 7;
	write_at(path, SEQUENCE_AT, &odd, sizeof odd);
	assert_int_equal(counters_read(path, &snapshot), -EAGAIN);
	static char octets[1 << 20];
	size_t length = read_own(octets);
	counters_publish(counters, &(struct counters_state){.generation = 4});
	write_at(path, SEQUENCE_AT, &(uint32_t){8}, sizeof odd);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_int_equal(snapshot.state.generation, 4);
	/* The same octets without their owner, who is this very process. */
	snprintf(dead, sizeof dead, "%s/%ld-7.live", test_directory, (long)getpid());
	write_whole(dead, octets, length);
	assert_int_equal(counters_read(dead, &snapshot), 0);
	assert_false(snapshot.alive);
	assert_false(snapshot.state.active);
	assert_int_equal(snapshot.state.generation, 0);
	assert_int_equal(truncate(dead, 100), 0);
	assert_int_equal(counters_read(dead, &snapshot), WEIR_EFORMAT);
	counters_remove(&counters);
}

/* Texts that fill their fields are cut by an octet, and end. */
static void texts_end(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_state says;
	struct counters_snapshot snapshot;
	struct stat st;
	uint64_t namespace;
	char path[128];
	static char octets[1 << 20];
	assert_int_equal(counters_create(&counters, test_directory), 0);
	memset(&says, 'x', sizeof says);
	counters_publish(counters, &says);
	own_path(path);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_int_equal(strlen(snapshot.state.refused_reason), sizeof says.refused_reason - 1);
	assert_int_equal(strlen(snapshot.state.table), sizeof says.table - 1);
	assert_int_equal(strlen(snapshot.state.file), sizeof says.file - 1);
	assert_int_equal(strlen(snapshot.state.trouble), sizeof says.trouble - 1);
	assert_int_equal(strlen(snapshot.state.spare_trouble), sizeof says.spare_trouble - 1);
	assert_int_equal(strlen(snapshot.state.release), sizeof says.release - 1);
	assert_int_equal(snapshot.state.bypass_until, says.bypass_until);
	/* Where its pid means something is in it as well. */
	read_own(octets);
	memcpy(&namespace, octets + NAMESPACE_AT, sizeof namespace);
	assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
	assert_int_equal(namespace, st.st_ino);
	counters_remove(&counters);
}

enum { PUBLISHED = 20000 };

static void *publish(void *argument)
{
	static struct counters_state says;
	for (uint64_t i = 1; i <= PUBLISHED; i++) {
		says.generation = says.bypass_until = i;
		counters_publish(argument, &says);
	}
	return NULL;
}

/* A state is read whole, or not at all. */
static void never_torn(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_snapshot snapshot = {0};
	pthread_t writer;
	char path[128];
	own_path(path);
	assert_int_equal(counters_create(&counters, test_directory), 0);
	assert_int_equal(pthread_create(&writer, NULL, publish, counters), 0);
	while (snapshot.state.generation < PUBLISHED) {
		struct counters_snapshot now;
		int status = counters_read(path, &now);
		assert_true(status == 0 || status == -EAGAIN);
		if (status != 0)
			continue;
		assert_int_equal(now.state.bypass_until, now.state.generation);
		snapshot = now;
	}
	pthread_join(writer, NULL);
	counters_remove(&counters);
}

/* A living process is told by its lock, whatever pids say; it ends with the process, however that ends. */
static void known_by_its_lock(void **state)
{
	(void)state;
	int ready[2];
	char path[128], octet = 0;
	struct counters_snapshot snapshot;
	assert_int_equal(pipe(ready), 0);
	pid_t child = fork();
	if (child == 0) {
		struct counters *counters;
		if (counters_create(&counters, test_directory) == 0 && write(ready[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ready[0], &octet, 1), 1);
	snprintf(path, sizeof path, "%s/%ld.live", test_directory, (long)child);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(counters_read(path, &snapshot), 0);
		assert_true(snapshot.alive);
		assert_false(snapshot.elsewhere);
	}
	struct counters *counters;
	assert_int_equal(counters_create(&counters, test_directory), 0);
	assert_int_equal(access(path, F_OK), 0);
	counters_remove(&counters);
	/* In another namespace its pid means nothing. */
	const uint64_t other = 1;
	write_at(path, NAMESPACE_AT, &other, sizeof other);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_true(snapshot.alive && snapshot.elsewhere);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.alive);
	assert_int_equal(counters_create(&counters, test_directory), 0);
	assert_int_equal(access(path, F_OK), -1);
	counters_remove(&counters);
	close(ready[0]);
	close(ready[1]);
}

/* Two with the same pid, as containers have them: each has its own file. */
static void namesakes(void **state)
{
	(void)state;
	enum { COUNT = 4 };
	struct counters *counters[COUNT];
	struct counters_snapshot snapshot;
	char path[128];
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned i = 0; i < COUNT; i++) {
			assert_int_equal(counters_create(&counters[i], test_directory), 0);
			counters_publish(counters[i], &(struct counters_state){.generation = i});
		}
		for (unsigned i = 0; i < COUNT; i++) {
			snprintf(path, sizeof path, i ? "%s/%ld-%u.live" : "%s/%ld.live", test_directory,
				(long)getpid(), i);
			assert_int_equal(counters_read(path, &snapshot), 0);
			assert_true(snapshot.alive);
			assert_int_equal(snapshot.pid, getpid());
			assert_int_equal(snapshot.state.generation, i);
		}
		for (unsigned i = 0; i < COUNT; i++)
			counters_remove(&counters[i]);
	}
	assert_int_equal(counters_read(path, &snapshot), -ENOENT);
}

/* The directory is made later, removed, made again, moved away: the file is there, with all that was counted. */
static void appears_later(void **state)
{
	(void)state;
	char place[64], other[64], path[128];
	struct counters *counters;
	struct counters_snapshot snapshot;
	snprintf(place, sizeof place, "%s/run", test_directory);
	snprintf(other, sizeof other, "%s/other", test_directory);
	snprintf(path, sizeof path, "%s/%ld.live", place, (long)getpid());
	assert_int_equal(counters_create(&counters, place), -ENOENT);
	struct counters_worker *worker = counters_worker(counters);
	counters_publish(counters, &(struct counters_state){.generation = 9});
	for (unsigned turn = 0; turn < 3; turn++) {
		counters_count(worker, COUNT_QUERIES, 5);
		assert_int_equal(counters_appear(counters), -ENOENT);
		assert_int_equal(mkdir(place, 0700), 0);
		assert_int_equal(counters_appear(counters), 1);
		assert_int_equal(counters_appear(counters), 0);
		counters_count(worker, COUNT_QUERIES, 5);
		assert_int_equal(counters_read(path, &snapshot), 0);
		assert_true(snapshot.alive);
		assert_int_equal(snapshot.count[COUNT_QUERIES], 10 * (turn + 1));
		assert_int_equal(snapshot.state.generation, 9);
		if (turn == 1)
			assert_int_equal(rename(place, other), 0);
		else
			directory_remove(place);
	}
	counters_remove(&counters);
}

/* The file as version 2 had it. */
struct file_2 {
	uint64_t magic;
	uint32_t version, size;
	int64_t pid;
	uint64_t start_ticks;
	uint32_t workers, sequence;
	struct {
		bool active;
		uint64_t generation, created, rules, table_octets, loaded_at, load_us, loads, refused, refused_at;
		char refused_reason[256], table[512];
		uint64_t scrubs, scrub_walked, scrub_evicted, scrub_last_us, scrub_generation;
	} state;
	struct {
		_Alignas(128) uint64_t count[8];
	} worker[64];
};

/* The file as version 3 had it. */
struct file_3 {
	uint64_t magic;
	uint32_t version, size;
	int64_t pid;
	uint64_t start_ticks;
	uint32_t workers, sequence, format_oldest, format_newest;
	uint64_t pid_namespace;
	struct {
		bool active, misplaced;
		uint64_t generation, created, rules, table_octets, loaded_at, load_us, loads, refused, refused_at;
		char refused_reason[256], table[512];
		uint64_t scrubs, scrub_walked, scrub_evicted, scrub_last_us, scrub_generation;
		char file[512], trouble[256];
		uint64_t trouble_at;
		char spare_trouble[256];
	} state;
	struct {
		_Alignas(128) uint64_t count[8];
	} worker[64];
};

static void version_3(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_snapshot snapshot;
	static char octets[1 << 20];
	char path[128];
	snprintf(path, sizeof path, "%s/%ld-3.live", test_directory, (long)getpid());
	assert_int_equal(counters_create(&counters, test_directory), 0);
	read_own(octets);
	struct file_3 old = {.version = 3,
		.size = sizeof old,
		.pid = getpid(),
		.format_oldest = 2,
		.format_newest = 6,
		.state = {.active = true, .generation = 4, .trouble = "t", .trouble_at = 9, .spare_trouble = "s"}};
	memcpy(&old.magic, octets, sizeof old.magic);
	old.worker[0].count[COUNT_QUERIES] = 40;
	old.worker[63].count[COUNT_QUERIES] = 2;
	write_whole(path, &old, sizeof old);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_false(snapshot.newer);
	assert_int_equal(snapshot.state.generation, 4);
	assert_int_equal(snapshot.state.trouble_at, 9);
	assert_string_equal(snapshot.state.spare_trouble, "s");
	assert_int_equal(snapshot.state.bypass_until, 0);
	assert_string_equal(snapshot.state.release, "");
	assert_int_equal(snapshot.version, 3);
	assert_int_equal(snapshot.format_oldest, 2);
	assert_int_equal(snapshot.format_newest, 6);
	char name[32];
	snprintf(name, sizeof name, "%ld-3", (long)getpid());
	assert_string_equal(snapshot.name, name);
	assert_int_equal(snapshot.count[COUNT_QUERIES], 42);
	counters_remove(&counters);
}

/* Whoever is upgraded first: an older file is read whole, of a newer one who it is and what it reads. */
static void other_versions(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_snapshot snapshot;
	static char octets[1 << 20];
	char path[128];
	snprintf(path, sizeof path, "%s/%ld-3.live", test_directory, (long)getpid());
	assert_int_equal(counters_create(&counters, test_directory), 0);
	size_t length = read_own(octets);
	struct file_2 old = {.version = 2,
		.size = sizeof old,
		.pid = getpid(),
		.state = {
			.active = true, .generation = 4, .table = "/t", .refused_reason = "r", .scrub_generation = 8}};
	memcpy(&old.magic, octets, sizeof old.magic);
	old.worker[0].count[COUNT_QUERIES] = 40;
	old.worker[63].count[COUNT_FAILED] = 2;
	write_whole(path, &old, sizeof old);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_true(snapshot.alive); /* by its pid */
	assert_false(snapshot.newer);
	assert_int_equal(snapshot.state.generation, 4);
	assert_int_equal(snapshot.state.scrub_generation, 8);
	assert_string_equal(snapshot.state.table, "/t");
	assert_string_equal(snapshot.state.trouble, "");
	assert_int_equal(snapshot.count[COUNT_QUERIES], 40);
	assert_int_equal(snapshot.count[COUNT_FAILED], 2);
	assert_int_equal(snapshot.format_oldest, 3);
	assert_int_equal(snapshot.format_newest, 3);
	old.version = 1;
	write_whole(path, &old, sizeof old);
	assert_int_equal(counters_read(path, &snapshot), WEIR_EFORMAT);

	const uint32_t version = 99, size = (uint32_t)length + 100, formats[] = {5, 8};
	memcpy(octets + 8, &version, sizeof version);
	memcpy(octets + 12, &size, sizeof size);
	memcpy(octets + FORMAT_AT, formats, sizeof formats);
	write_whole(path, octets, size);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_true(snapshot.newer);
	assert_false(snapshot.alive); /* nobody has its lock */
	assert_int_equal(snapshot.format_oldest, 5);
	assert_int_equal(snapshot.format_newest, 8);
	own_path(path);
	assert_int_equal(counters_read(path, &snapshot), 0);
	assert_int_equal(snapshot.format_oldest, WEIR_VERSION_OLDEST);
	assert_int_equal(snapshot.format_newest, WEIR_VERSION);
	counters_remove(&counters);
}

/* A file that is held is told from others, and read also after it has gone with its process. */
static void held(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_held file;
	struct stat st;
	static const uint64_t expected[COUNTER_COUNT] = {[COUNT_BLOCKED_NAME] = 3, [COUNT_STORED] = 1};
	uint64_t count[COUNTER_COUNT];
	bool alive = false;
	char path[128];
	static char octets[1 << 20];
	own_path(path);
	memset(&file, 0, sizeof file);
	assert_int_equal(counters_hold(&file, path), -ENOENT);
	assert_int_equal(file.fd, -1);
	assert_int_equal(counters_create(&counters, test_directory), 0);
	struct counters_worker *worker = counters_worker(counters);
	counters_count(worker, COUNT_BLOCKED_NAME, 3);
	counters_add(worker, COUNT_STORED);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(counters_hold(&file, path), 0);
	assert_int_equal(file.inode, st.st_ino);
	assert_int_equal(file.header.pid, getpid());
	read_own(octets);
	assert_memory_equal(&file.header, octets, sizeof file.header);
	for (unsigned gone = 0; gone < 2; gone++) {
		if (gone)
			counters_remove(&counters);
		memset(count, 'x', sizeof count);
		assert_int_equal(counters_read_held(&file, count, &alive), 0);
		assert_memory_equal(count, expected, sizeof count);
		assert_int_equal(alive, !gone);
	}
	counters_release(&file);
	assert_int_equal(file.fd, -1);
	counters_release(&file);
}

/* Counters have one life, in whatever file they are; those of another process, of another start or of another module have
 * another. */
static void lives(void **state)
{
	(void)state;
	struct counters *counters[2];
	struct counters_held first, again, other;
	char path[128];
	own_path(path);
	assert_int_equal(counters_create(&counters[0], test_directory), 0);
	assert_int_equal(counters_hold(&first, path), 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(counters_appear(counters[0]), 1);
	assert_int_equal(counters_hold(&again, path), 0);
	assert_int_not_equal(first.inode, again.inode);
	assert_true(counters_same_life(&first, &again));
	assert_int_equal(counters_create(&counters[1], test_directory), 0);
	snprintf(path, sizeof path, "%s/%ld-1.live", test_directory, (long)getpid());
	assert_int_equal(counters_hold(&other, path), 0);
	assert_false(counters_same_life(&first, &other));
	again.header.pid++;
	assert_false(counters_same_life(&first, &again));
	again.header = first.header;
	again.header.start_ticks++;
	assert_false(counters_same_life(&first, &again));
	struct counters_held *const held[] = {&first, &again, &other};
	for (unsigned i = 0; i < 3; i++)
		counters_release(held[i]);
	for (unsigned i = 0; i < 2; i++)
		counters_remove(&counters[i]);
}

/* A life is a number that nobody has had before: by chance or, where the system has no random numbers yet, the time. */
static void numbers_of_lives(void **state)
{
	(void)state;
	struct counters *counters;
	struct counters_held file;
	struct timespec before, after;
	char path[128];
	own_path(path);
	for (randomness = NO_RANDOM; randomness <= KNOWN_RANDOM; randomness++) {
		clock_gettime(CLOCK_REALTIME, &before);
		assert_int_equal(counters_create(&counters, test_directory), 0);
		clock_gettime(CLOCK_REALTIME, &after);
		assert_int_equal(counters_hold(&file, path), 0);
		assert_int_equal(file.life & 1, 1); /* never 0 */
		if (randomness == KNOWN_RANDOM)
			assert_int_equal(file.life, known_random | 1);
		else
			assert_in_range(file.life, (uint64_t)before.tv_sec * 1000000000 + (uint64_t)before.tv_nsec,
				((uint64_t)after.tv_sec * 1000000000 + (uint64_t)after.tv_nsec) | 1);
		counters_release(&file);
		counters_remove(&counters);
	}
	randomness = REAL;
}

/* Of each version that the reader knows a file is held, and its counts are found. */
static void held_versions(void **state)
{
	(void)state;
	static const struct {
		uint32_t version;
		int status;
	} cases[] = {{1, WEIR_EFORMAT}, {2, 0}, {3, 0}, {4, 0}, {5, WEIR_EFORMAT}};
	struct counters *counters;
	static char octets[1 << 20];
	char path[128];
	snprintf(path, sizeof path, "%s/%ld-3.live", test_directory, (long)getpid());
	assert_int_equal(counters_create(&counters, test_directory), 0);
	counters_count(counters_worker(counters), COUNT_QUERIES, 42);
	size_t length = read_own(octets);
	struct file_2 file_2 = {.size = sizeof file_2, .worker[63].count[COUNT_QUERIES] = 42};
	struct file_3 file_3 = {.size = sizeof file_3, .worker[63].count[COUNT_QUERIES] = 42};
	memcpy(&file_2.magic, octets, sizeof file_2.magic);
	memcpy(&file_3.magic, octets, sizeof file_3.magic);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t version = cases[i].version;
		char *whole = version <= 2 ? (char *)&file_2 : version == 3 ? (char *)&file_3 : octets;
		struct counters_held file;
		uint64_t count[COUNTER_COUNT];
		bool alive;
		memcpy(whole + offsetof(struct file_2, version), &version, sizeof version);
		write_whole(path, whole, version <= 2 ? sizeof file_2 : version == 3 ? sizeof file_3 : length);
		assert_int_equal(counters_hold(&file, path), cases[i].status);
		if (cases[i].status == 0) {
			assert_int_equal(counters_read_held(&file, count, &alive), 0);
			assert_int_equal(count[COUNT_QUERIES], 42);
			assert_true((file.life == file.inode) == (version < 4));
			counters_release(&file);
		}
		assert_int_equal(file.fd, -1);
	}
	/* One that ends before it tells its life. */
	struct counters_held file;
	const uint32_t version = 4, size = LIFE_AT + 4;
	memcpy(octets + offsetof(struct file_2, version), &version, sizeof version);
	memcpy(octets + offsetof(struct file_2, size), &size, sizeof size);
	write_whole(path, octets, size);
	assert_int_equal(counters_hold(&file, path), WEIR_EFORMAT);
	assert_int_equal(file.fd, -1);
	/* One that is just being made. */
	own_path(path);
	write_at(path, LIFE_AT, &(uint64_t){0}, sizeof(uint64_t));
	assert_int_equal(counters_hold(&file, path), -EAGAIN);
	assert_int_equal(file.fd, -1);
	counters_remove(&counters);
}

/* A file counts only under a name that its owner would give it. */
static void names(void **state)
{
	(void)state;
	static const struct {
		const char *before, *behind; /* the pid */
		bool good;
	} cases[] = {{"", "-7.live", true}, {"", "-.live", false}, {"-", ".live", false}, {"", ".live.live", false},
		{"", "-7-7.live", false}, {"", "-7.livex", false}, {"x", ".live", false}, {"1", ".live", false},
		{"", "-7.hits", false}, {" ", ".live", false},
		{"", "-77777777777777777777777777777777777777777777.live", false}};
	struct counters *counters;
	struct counters_snapshot snapshot;
	static char octets[1 << 20];
	assert_int_equal(counters_create(&counters, test_directory), 0);
	size_t length = read_own(octets);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[128], path[256];
		snprintf(name, sizeof name, "%s%ld%s", cases[i].before, (long)getpid(), cases[i].behind);
		snprintf(path, sizeof path, "%s/%s", test_directory, name);
		write_whole(path, octets, length);
		if (counters_read(path, &snapshot) != (cases[i].good ? 0 : WEIR_EFORMAT))
			fail_msg("%s", name);
		unlink(path);
	}
	counters_remove(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_read, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(more_workers_than_blocks, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(no_directory, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(the_dead_are_removed, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(foreign_files, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(half_written, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(texts_end, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(never_torn, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(known_by_its_lock, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(namesakes, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(appears_later, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(version_3, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(other_versions, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(held, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(lives, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(numbers_of_lives, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(held_versions, with_directory, all_closed),
		cmocka_unit_test_setup_teardown(names, with_directory, all_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
