/* SPDX-License-Identifier: BSD-3-Clause */
/* The copy on the disk by itself: what is written, and what becomes of it where something stands in the way. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugin/core/spare.h"

enum { MANY = 120000 }; /* rules of a table of more than one slice */

static struct spare spare;
static char directory[64], final[128], temporary[128];
static struct table *table;

int __real_fstatvfs(int fd, struct statvfs *fs);
int __wrap_fstatvfs(int fd, struct statvfs *fs);

static bool asked_disk; /* for what `disk` has, not for what there is */
static struct statvfs disk;

int __wrap_fstatvfs(int fd, struct statvfs *fs)
{
	if (!asked_disk)
		return __real_fstatvfs(fd, fs);
	*fs = disk;
	return disk.f_frsize > 0 ? 0 : -1;
}

static int begin(void **state)
{
	static const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	if (with_directory(state) != 0)
		return -1;
	table = table_of(&rule, 1);
	snprintf(directory, sizeof directory, "%s/spare", test_directory);
	spare_init(&spare, directory, "/x/current.weir");
	snprintf(final, sizeof final, "%s/%s", directory, spare.name);
	snprintf(temporary, sizeof temporary, "%s/.%s.new", directory, spare.name);
	return 0;
}

static int end(void **state)
{
	spare_abort(&spare);
	table_close(&table);
	return all_closed(state);
}

static bool is_there(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

static int write_rest(const struct table *of, bool durable)
{
	int status;
	while ((status = spare_some(&spare, of, durable)) == 1)
		continue;
	return status;
}

/* A table of more than one slice. */
static struct table *large_table(void)
{
	size_t length;
	uint8_t *octets = table_octets_of_many(MANY, &length);
	struct table *large;
	struct why why;
	assert_int_equal(table_open_octets(&large, octets, length, &why), 0);
	free(octets);
	return large;
}

/* A slice at a time, until the file is the table's, dated to when that came into force. */
static void slice_by_slice(void **state)
{
	(void)state;
	size_t length;
	uint8_t *octets = table_octets_of_many(MANY, &length);
	struct table *large;
	struct why why;
	assert_int_equal(table_open_octets(&large, octets, length, &why), 0);
	enum { SLICE = 1 << 20 };
	assert_true(length > SLICE);
	for (int durable = 0; durable < 2; durable++) {
		struct stat st;
		assert_int_equal(spare_begin(&spare, large, 1234567890), 1);
		for (uint64_t written = 0; written < length; written += SLICE) {
			assert_int_equal(spare_some(&spare, large, durable), 1);
			assert_int_equal(stat(temporary, &st), 0);
			assert_int_equal(st.st_size, written + SLICE < length ? written + SLICE : length);
			assert_false(is_there(final));
		}
		assert_int_equal(spare_some(&spare, large, durable), 0);
		assert_false(is_there(temporary));
		assert_int_equal(stat(final, &st), 0);
		assert_int_equal(st.st_mtim.tv_sec, 1234567890);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(stat(directory, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0700);
		int fd = spare_open(&spare);
		uint8_t *copy = malloc(length + 1);
		assert_int_equal(pread(fd, copy, length + 1, 0), length);
		assert_memory_equal(copy, octets, length);
		free(copy);
		close(fd);
		assert_int_equal(spare_begin(&spare, large, 1), 0); /* it is this one already */
		assert_int_equal(spare_begin(&spare, table, 1), 1); /* which takes its place */
		assert_int_equal(write_rest(table, durable), 0);
		assert_int_equal(stat(final, &st), 0);
		assert_int_equal(st.st_size, table_octets(table));
		spare_remove(&spare);
		assert_false(is_there(final));
		spare_remove(&spare);
	}
	table_close(&large);
	free(octets);
}

/* What lies there is another table of the same length: it is no copy of this one. */
static void another_table(void **state)
{
	(void)state;
	static const struct rule_spec rule = {"m.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct table *other = table_of(&rule, 1);
	assert_int_equal(table_octets(other), table_octets(table));
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(fcntl(spare.at, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(spare.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(write_rest(table, true), 0);
	assert_int_equal(spare_begin(&spare, table, 1), 0);
	assert_int_equal(spare_begin(&spare, other, 1), 1);
	assert_int_equal(write_rest(other, true), 0);
	assert_int_equal(spare_begin(&spare, other, 1), 0);
	table_close(&other);
}

/* A disk does not become nearly full by a copy: as much as it takes stays free, and 64 MiB. One that tells nothing is tried. */
static void room_on_the_disk(void **state)
{
	(void)state;
	enum { ROOM = 64 << 20, BLOCK = 4096 };
	struct table *large = large_table();
	const uint64_t enough = ROOM + 2 * table_octets(table), for_large = ROOM + 2 * table_octets(large);
	const struct {
		const struct table *table;
		uint64_t blocks;
		unsigned long block; /* octets; 0: it tells nothing */
		int status;
	} cases[] = {{table, enough, 1, 1}, {table, enough - 1, 1, -ENOSPC}, {large, for_large, 1, 1},
		{large, for_large - 1, 1, -ENOSPC}, {large, for_large / BLOCK + 1, BLOCK, 1},
		{large, for_large / BLOCK - 1, BLOCK, -ENOSPC}, {large, 0, BLOCK, -ENOSPC}, {large, 0, 0, 1}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		asked_disk = true;
		disk = (struct statvfs){.f_bavail = cases[i].blocks, .f_frsize = cases[i].block};
		int status = spare_begin(&spare, cases[i].table, 1);
		asked_disk = false;
		if (status != cases[i].status)
			fail_msg("case %u: %d", i, status);
		spare_abort(&spare);
	}
	table_close(&large);
}

/* Something stands in the way: it is told, nothing is left open, and no half of a table. */
static void in_the_way(void **state)
{
	(void)state;
	static const struct {
		enum { FIFO_IN_PLACE, OPEN_TO_OTHERS, DIRECTORY_IN_PLACE, LINK_IN_PLACE } what;
		int status;
	} cases[] = {{FIFO_IN_PLACE, -EPERM}, {OPEN_TO_OTHERS, -EPERM}, {DIRECTORY_IN_PLACE, -EISDIR},
		{LINK_IN_PLACE, -ELOOP}};
	assert_int_equal(mkdir(directory, 0700), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = -1;
		switch (cases[i].what) {
		case FIFO_IN_PLACE: assert_int_equal(mkfifo(temporary, 0600), 0); break;
		case OPEN_TO_OTHERS:
			fd = open(temporary, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
			assert_int_equal(fchmod(fd, 0622), 0);
			close(fd);
			break;
		case DIRECTORY_IN_PLACE: assert_int_equal(mkdir(temporary, 0700), 0); break;
		case LINK_IN_PLACE: assert_int_equal(symlink("/dev/null", temporary), 0); break;
		}
		assert_int_equal(spare_begin(&spare, table, 1), cases[i].status);
		assert_true(is_there(temporary));
		assert_int_equal(remove(temporary), 0);
	}
	/* The final name is a directory. */
	assert_int_equal(mkdir(final, 0700), 0);
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(write_rest(table, true), -EISDIR);
	assert_false(is_there(temporary));
	assert_int_equal(rmdir(final), 0);
	/* The disk is full. */
	struct rlimit limit;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){100, limit.rlim_max}), 0);
	assert_int_equal(write_rest(table, true), -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_false(is_there(temporary));
	/* Another process is at work on it; and then a dead one has left it. */
	int other = open(temporary, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	assert_int_equal(write(other, "half of a table that was longer than this one, so that it must be cut", 69), 69);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(spare_begin(&spare, table, 1), 0);
	close(other);
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	struct stat st;
	assert_int_equal(stat(temporary, &st), 0);
	assert_int_equal(st.st_size, 0);
	/* What was begun is dropped by who begins anew. */
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(write_rest(table, false), 0);
}

/* Where the directory is not ours alone nothing is read, written or removed. */
static void directories(void **state)
{
	(void)state;
	assert_int_equal(spare_open(&spare), -ENOENT);
	spare_remove(&spare);
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(write_rest(table, true), 0);
	static const mode_t modes[] = {0720, 0702, 0777};
	for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
		assert_int_equal(chmod(directory, modes[i]), 0);
		assert_int_equal(spare_open(&spare), -EPERM);
		assert_int_equal(spare_begin(&spare, table, 1), -EPERM);
		spare_remove(&spare);
		assert_true(is_there(final));
	}
	assert_int_equal(chmod(directory, 0755), 0);
	/* A link to it is none of ours. */
	const char *other = in_directory("other");
	assert_int_equal(rename(directory, other), 0);
	assert_int_equal(symlink(other, directory), 0);
	assert_true(spare_open(&spare) < 0);
	assert_int_equal(unlink(directory), 0);
	assert_int_equal(rename(other, directory), 0);
	int fd = spare_open(&spare);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	if (geteuid() == 0) {
		assert_int_equal(chmod(test_directory, 0755), 0);
		/* Root's own is trusted by everybody, a stranger's by nobody. */
		enum { NOBODY = 65534, OTHER = 65533 };
		assert_int_equal(seteuid(NOBODY), 0);
		fd = spare_open(&spare);
		assert_int_equal(fd, -EACCES); /* its mode is 0600 */
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(chown(directory, OTHER, (gid_t)-1), 0);
		assert_int_equal(spare_open(&spare), -EPERM);
		assert_int_equal(chown(directory, 0, (gid_t)-1), 0);
		assert_int_equal(chown(final, OTHER, (gid_t)-1), 0);
		assert_int_equal(spare_open(&spare), -EPERM);
		assert_int_equal(chown(final, 0, (gid_t)-1), 0);
		assert_int_equal(chown(directory, NOBODY, (gid_t)-1), 0);
		assert_int_equal(chmod(final, 0644), 0);
		assert_int_equal(seteuid(NOBODY), 0);
		fd = spare_open(&spare);
		assert_int_equal(seteuid(0), 0);
		assert_true(fd >= 0);
		close(fd);
	}
}

/* ---- a disk that does not keep what it was given ---- */

int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_ftruncate(int fd, off_t length);
int __wrap_ftruncate(int fd, off_t length);

static unsigned syncs, failing_sync; /* calls so far, and the number of the one that fails, from 1 */

int __wrap_fsync(int fd)
{
	if (++syncs != failing_sync)
		return __real_fsync(fd);
	errno = EIO;
	return -1;
}

static bool failing_truncate; /* the next one fails */

int __wrap_ftruncate(int fd, off_t length)
{
	if (!failing_truncate)
		return __real_ftruncate(fd, length);
	failing_truncate = false;
	errno = EIO;
	return -1;
}

/* What is left of another cannot be cut: told, and nothing stays open. */
static void not_cut(void **state)
{
	(void)state;
	failing_truncate = true;
	assert_int_equal(spare_begin(&spare, table, 1), -EIO);
	assert_false(failing_truncate);
	assert_int_equal(spare_begin(&spare, table, 1), 1);
	assert_int_equal(write_rest(table, false), 0);
}

/* The file and then its directory are told to be kept, if that is wanted, and who cannot be is told. */
static void not_kept(void **state)
{
	(void)state;
	static const struct {
		bool durable;
		unsigned failing;
		int status;
		bool there;
		unsigned syncs;
	} cases[] = {
		{true, 0, 0, true, 2}, {true, 1, -EIO, false, 1}, {true, 2, -EIO, true, 2}, {false, 1, 0, true, 0}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		failing_sync = cases[i].failing;
		syncs = 0;
		assert_int_equal(spare_begin(&spare, table, 1), 1);
		assert_int_equal(write_rest(table, cases[i].durable), cases[i].status);
		assert_int_equal(syncs, cases[i].syncs);
		assert_int_equal(is_there(final), cases[i].there);
		assert_false(is_there(temporary));
		spare_remove(&spare);
	}
	failing_sync = 0;
}

/* Each path of a table has a spare of its own, always the same. */
static void names(void **state)
{
	(void)state;
	struct spare same, other;
	spare_init(&same, directory, "/x/current.weir");
	spare_init(&other, directory, "/y/current.weir");
	assert_string_equal(same.name, spare.name);
	assert_string_not_equal(other.name, spare.name);
	assert_int_equal(strlen(spare.name), 16 + strlen(".weir"));
	assert_string_equal(spare.directory, directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(slice_by_slice, begin, end),
		cmocka_unit_test_setup_teardown(another_table, begin, end),
		cmocka_unit_test_setup_teardown(room_on_the_disk, begin, end),
		cmocka_unit_test_setup_teardown(in_the_way, begin, end),
		cmocka_unit_test_setup_teardown(directories, begin, end),
		cmocka_unit_test_setup_teardown(not_cut, begin, end),
		cmocka_unit_test_setup_teardown(not_kept, begin, end),
		cmocka_unit_test_setup_teardown(names, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
