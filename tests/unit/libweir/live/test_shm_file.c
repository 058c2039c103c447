/* SPDX-License-Identifier: BSD-3-Clause */
/* Shared files by themselves: who is alive, what becomes of the files of the dead, and what is written when. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libweir/live/shm_file.h"

enum { SIZE = 16384, USED = 4096, OLD = SHARED_LOCKED - 1 };

static const char *own_path(const char *behind)
{
	char name[64];
	snprintf(name, sizeof name, "%ld%s", (long)getpid(), behind);
	return in_directory(name);
}

/* How many files there are in the test's directory. */
static unsigned files(void)
{
	unsigned count = 0;
	DIR *dir = opendir(test_directory);
	assert_non_null(dir);
	for (struct dirent *entry; (entry = readdir(dir));)
		count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static void write_file(const char *path, const void *octets, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, length), length);
	close(fd);
}

/* When this process started, as its line in /proc says. */
static uint64_t own_start(void)
{
	char line[1024] = "";
	FILE *in = fopen("/proc/self/stat", "r");
	assert_non_null(fgets(line, sizeof line, in));
	fclose(in);
	char *field = strtok(strrchr(line, ')'), " ");
	for (unsigned number = 2; number < 22 && field; number++)
		field = strtok(NULL, " ");
	assert_non_null(field);
	return strtoull(field, NULL, 10);
}

/* ---- what the system does ---- */

void *__real_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset);
int __real_posix_fallocate(int fd, off_t at, off_t length);
int __wrap_posix_fallocate(int fd, off_t at, off_t length);
ssize_t __real_pwrite(int fd, const void *octets, size_t length, off_t at);
ssize_t __wrap_pwrite(int fd, const void *octets, size_t length, off_t at);

static bool no_mapping; /* a file cannot be mapped */
static enum { WHOLE, SHORT_AND_INTERRUPTED, NOTHING, FAILS } writes;
static unsigned written;        /* calls */
static struct shm_file *locked; /* whose lock must be held, and whether it always was */
static bool was_locked;

void *__wrap_mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	errno = EPERM;
	return no_mapping && fd >= 0 ? MAP_FAILED : __real_mmap(address, length, protection, flags, fd, offset);
}

int __wrap_posix_fallocate(int fd, off_t at, off_t length)
{
	if (locked && pthread_mutex_trylock(&locked->lock) == 0) {
		was_locked = false;
		pthread_mutex_unlock(&locked->lock);
	}
	return __real_posix_fallocate(fd, at, length);
}

ssize_t __wrap_pwrite(int fd, const void *octets, size_t length, off_t at)
{
	static const int errors[] = {0, EINTR, EINTR, EIO};
	written++;
	errno = errors[writes];
	switch (writes) {
	case SHORT_AND_INTERRUPTED: return written % 2 ? -1 : __real_pwrite(fd, octets, length / 2 + 1, at);
	case NOTHING: return 0;
	case FAILS: return -1;
	default: return __real_pwrite(fd, octets, length, at);
	}
}

static int begin(void **state)
{
	no_mapping = false;
	writes = WHOLE;
	locked = NULL;
	return with_directory(state);
}

static void what_is_in_it(void **state)
{
	(void)state;
	static const struct shm_file_kind *const kinds[] = {&shared_live, &shared_hits, &shared_cells};
	static const char *const names[] = {".live", ".hits", ".cells"};
	static const uint64_t magics[] = {
		UINT64_C(0x6576696c72696577), UINT64_C(0x7374696872696577), UINT64_C(0x6c6c656372696577)};
	static const mode_t modes[] = {0644, 0640, 0640};
	mode_t mask = umask(077);
	assert_int_equal(prctl(PR_SET_NAME, "a) b (c"), 0); /* the process's name may hold anything */
	for (unsigned k = 0; k < 3; k++) {
		struct shm_file shared;
		struct shm_file_header header;
		struct stat st;
		assert_int_equal(shm_file_create(&shared, test_directory, kinds[k], 7, SIZE, USED), 0);
		assert_int_equal(stat(own_path(names[k]), &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[k]);
		assert_int_equal(st.st_size, SIZE);
		assert_in_range(st.st_blocks * 512, USED, SIZE - 1); /* what is not used takes no room */
		int fd = shm_file_open(own_path(names[k]), kinds[k], &header);
		assert_true(fd >= 0);
		assert_true(shm_file_alive(fd, &header));
		close(fd);
		assert_memory_equal(&header, shared.memory, sizeof header);
		assert_int_equal(header.magic, magics[k]);
		assert_int_equal(header.version, 7);
		assert_int_equal(header.size, SIZE);
		assert_int_equal(header.pid, getpid());
		assert_int_equal(header.start_ticks, own_start());
		assert_int_equal(files(), 1);
		void *memory = shared.memory;
		shm_file_remove(&shared);
		assert_int_equal(files(), 0);
		assert_int_equal(msync(memory, 1, MS_ASYNC), -1); /* it is no memory any more */
		shm_file_remove(&shared);
	}
	umask(mask);
	struct stat st;
	assert_int_equal(stat("/proc/self/ns/pid", &st), 0);
	assert_int_equal(shm_file_namespace(), st.st_ino);
}

/* A file of a version without locks is judged by its process and when that started; one with locks by its lock alone. */
static void who_is_alive(void **state)
{
	(void)state;
	pid_t gone = fork();
	if (gone == 0)
		_exit(0);
	waitpid(gone, NULL, 0);
	const struct {
		uint32_t version;
		int64_t pid;
		uint64_t start_ticks;
		bool alive;
	} cases[] = {{OLD, getpid(), own_start(), true}, {OLD, getpid(), own_start() + 1, false},
		{OLD, getpid(), 0, true}, {OLD, gone, 0, false}, {OLD, gone, own_start(), false}, {OLD, 0, 0, false},
		{OLD, -1, 0, false}, {OLD, 1, 0, true}, {SHARED_LOCKED, getpid(), own_start(), false},
		{SHARED_LOCKED, getpid(), 0, false}};
	int fd = open(in_directory("file"), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shm_file_header header = {
			shared_live.magic, cases[i].version, 0, cases[i].pid, cases[i].start_ticks};
		if (shm_file_alive(fd, &header) != cases[i].alive)
			fail_msg("case %u", i);
	}
	close(fd);
}

/* Writes what a process is said to be, and tells since when it runs by that. */
static uint64_t start_by(const char *stat_line)
{
	struct shm_file shared;
	char path[64];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)getpid());
	if (stat_line)
		write_file(path, stat_line, strlen(stat_line));
	if (shm_file_create(&shared, "/", &shared_live, 7, SIZE, USED) != 0)
		return UINT64_MAX;
	uint64_t start = ((const struct shm_file_header *)shared.memory)->start_ticks;
	shm_file_remove(&shared);
	return start;
}

/* In a directory that is all there is: without /proc, and with one that says anything. Returns the number of the check that
 * fails, 0 if none does. */
static int look_in_chroot(void)
{
	static const struct {
		const char *line;
		uint64_t start;
	} cases[] = {{"", 0}, {"x", 0}, {")", 0},
		{"no parenthesis 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20", 0},
		{"7 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21", 0},
		{"7 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23", 22},
		{"7 (a) 1) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 77", 77}};
	char path[64], line[2001];
	int fd = open("/file", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	const struct shm_file_header header = {shared_live.magic, OLD, 0, getpid(), 77};
	bool alive = shm_file_alive(fd, &header);
	close(fd);
	if (!alive || shm_file_namespace() != 0 || start_by(NULL) != 0)
		return 1;
	snprintf(path, sizeof path, "/proc/%ld", (long)getpid());
	if (mkdir("/proc", 0755) != 0 || mkdir(path, 0755) != 0)
		return 2;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
		if (start_by(cases[i].line) != cases[i].start)
			return 3 + (int)i;
	/* No more is read than there is room for. */
	memset(line, '1', sizeof line - 1);
	line[sizeof line - 1] = '\0';
	return start_by(line) == 0 ? 0 : 99;
}

static void in_a_chroot(void **state)
{
	(void)state;
	int root = open("/", O_PATH | O_CLOEXEC), before = open(".", O_PATH | O_CLOEXEC);
	int error = chroot(test_directory) == 0 ? 0 : errno, failed = -1;
	if (error == 0) {
		failed = chdir("/") == 0 ? look_in_chroot() : -1;
		if (fchdir(root) != 0 || chroot(".") != 0 || fchdir(before) != 0)
			abort(); /* no other test can run there */
	}
	close(root);
	close(before);
	if (error == EPERM)
		skip();
	assert_int_equal(error, 0);
	assert_int_equal(failed, 0);
}

/* Only regular files with one of our names and our magic are removed, and only those of the dead. */
static void the_dead_are_removed(void **state)
{
	(void)state;
	enum kind { REGULAR, LINK, DIRECTORY, FIFO, SHORT };
	static const struct {
		const char *name;
		enum kind kind;
		uint64_t magic;
		bool removed;
	} cases[] = {{"5.live", REGULAR, UINT64_C(0x6576696c72696577), true},
		{"5.hits", REGULAR, UINT64_C(0x7374696872696577), true},
		{"5-7.hits", REGULAR, UINT64_C(0x6576696c72696577), true},
		{".5.live-a1B2c3", REGULAR, UINT64_C(0x6576696c72696577), true},
		{".5.hits-a1B2c3", REGULAR, UINT64_C(0x7374696872696577), true}, {"6.live", REGULAR, 5, false},
		{".6.other-a1B2c3", REGULAR, UINT64_C(0x6576696c72696577), false},
		{"x5.live-a1B2c3", REGULAR, UINT64_C(0x6576696c72696577), false},
		{"live", REGULAR, UINT64_C(0x6576696c72696577), false}, {"7.live", LINK, 0, false},
		{"8.live", DIRECTORY, 0, false}, {"9.live", FIFO, 0, false},
		{"10.live", SHORT, UINT64_C(0x6576696c72696577), false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct shm_file_header header = {cases[i].magic, SHARED_LOCKED, sizeof header, 1, 0};
		const char *path = in_directory(cases[i].name);
		switch (cases[i].kind) {
		case REGULAR: write_file(path, &header, sizeof header); break;
		case SHORT: write_file(path, &header, sizeof header - 1); break;
		case LINK: assert_int_equal(symlink(in_directory("6.live"), path), 0); break;
		case DIRECTORY: assert_int_equal(mkdir(path, 0755), 0); break;
		case FIFO: assert_int_equal(mkfifo(path, 0644), 0); break;
		}
	}
	shm_file_remove_dead(test_directory);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct stat st;
		if ((lstat(in_directory(cases[i].name), &st) != 0) != cases[i].removed)
			fail_msg("%s", cases[i].name);
	}
	shm_file_remove_dead("/nonexistent");
}

/* Who fills the directory with files gets only so many looked at. */
static void so_many_are_looked_at(void **state)
{
	(void)state;
	enum { MORE = 10 };
	const struct shm_file_header header = {shared_live.magic, SHARED_LOCKED, sizeof header, 1, 0};
	for (unsigned i = 0; i < SHARED_MAX_FILES + MORE; i++) {
		char name[32];
		snprintf(name, sizeof name, "%u.live", i);
		write_file(in_directory(name), &header, sizeof header);
	}
	write_file(in_directory("other"), "", 0);
	shm_file_remove_dead(test_directory);
	assert_int_equal(files(), MORE + 1);
}

/* A name that a dead process has left is taken over; what else has the name keeps it. */
static void names_that_are_taken(void **state)
{
	(void)state;
	struct shm_file shared;
	const struct shm_file_header dead = {shared_live.magic, SHARED_LOCKED, sizeof dead, getpid(), 0};
	write_file(own_path(".live"), &dead, sizeof dead);
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), 0);
	assert_string_equal(shared.path, own_path(".live"));
	shm_file_remove(&shared);
	assert_int_equal(symlink("nowhere", own_path(".live")), 0);
	assert_int_equal(mkdir(own_path("-1.live"), 0700), 0);
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), 0);
	assert_string_equal(shared.path, own_path("-2.live"));
	shm_file_remove(&shared);
	assert_int_equal(files(), 2);
}

/* Processes with the same pid: each has a name of its own, up to a limit. */
static void namesakes(void **state)
{
	(void)state;
	enum { MOST = 256 };
	static struct shm_file shared[MOST + 1];
	for (unsigned i = 0; i <= MOST; i++)
		assert_int_equal(shm_file_create(&shared[i], test_directory, &shared_live, 7, USED, USED),
			i < MOST ? 0 : -EEXIST);
	assert_int_equal(files(), MOST);
	assert_int_equal(access(own_path("-255.live"), F_OK), 0);
	assert_string_equal(shared[MOST].path, "");
	((char *)shared[MOST].memory)[USED - 1] = 1; /* it counts, unseen */
	/* Once one has gone its name is free. */
	shm_file_remove(&shared[3]);
	assert_int_equal(shm_file_appear(&shared[MOST]), 1);
	assert_string_equal(shared[MOST].path, own_path("-3.live"));
	assert_int_equal(shm_file_appear(&shared[MOST]), 0);
	for (unsigned i = 0; i <= MOST; i++)
		shm_file_remove(&shared[i]);
	assert_int_equal(files(), 0);
}

/* The file has gone, or another lies in its place: it appears again, with what was written, as far as that was reserved. */
static void appears_again(void **state)
{
	(void)state;
	struct shm_file shared;
	char octets[SIZE];
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), 0);
	char *memory = shared.memory, *part = memory + 2 * USED;
	assert_true(shm_file_reserve(&shared, part, 100));
	assert_true(shm_file_reserve(&shared, memory + USED, 10)); /* reserves no less for that */
	memory[USED - 1] = 'u';
	part[99] = 'p';
	for (unsigned i = 0; i < 3; i++) {
		const char *path = own_path(".live");
		assert_int_equal(unlink(path), 0);
		if (i == 1)
			write_file(path, "", 0); /* none of ours: its name stays taken */
		assert_int_equal(shm_file_appear(&shared), 1);
		assert_int_equal(shm_file_appear(&shared), 0);
		assert_ptr_equal(shared.memory, memory);
		FILE *in = fopen(shared.path, "r");
		assert_int_equal(fread(octets, 1, sizeof octets, in), sizeof octets);
		fclose(in);
		assert_memory_equal(octets, memory, SIZE);
		assert_int_equal(octets[USED - 1], 'u');
		assert_int_equal(octets[2 * USED + 99], 'p');
		assert_string_equal(shared.path, i == 1 ? own_path("-1.live") : own_path(".live"));
		if (i == 1) {
			assert_int_equal(unlink(own_path(".live")), 0);
			assert_int_equal(rename(shared.path, own_path(".live")), 0);
			snprintf(shared.path, sizeof shared.path, "%s", own_path(".live"));
		}
	}
	/* In a forked child it does nothing: the file is the parent's. */
	assert_int_equal(unlink(own_path(".live")), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(shm_file_appear(&shared) == 0 ? 0 : 1);
	int status;
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	assert_int_equal(files(), 0);
	/* What lies at its path now is another's, and stays. */
	write_file(own_path(".live"), "x", 1);
	shm_file_remove(&shared);
	assert_int_equal(files(), 1);
}

/* A full file system: told at once, and nothing is left of it. */
static void no_room(void **state)
{
	(void)state;
	struct shm_file shared;
	struct rlimit limit, small;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = (struct rlimit){USED, limit.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), -EFBIG);
	assert_int_equal(files(), 0);
	assert_true(shm_file_reserve(&shared, (char *)shared.memory + USED, USED)); /* memory of this process alone */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	assert_int_equal(shm_file_appear(&shared), 1);
	/* A part that gets no room is not written to. */
	int writable = dup(shared.fd), fd = open(shared.path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(fd, shared.fd), shared.fd);
	assert_false(shm_file_reserve(&shared, (char *)shared.memory + 2 * USED, 100));
	assert_int_equal(shared.part_count, 2);
	assert_int_equal(dup2(writable, shared.fd), shared.fd);
	assert_true(shm_file_reserve(&shared, (char *)shared.memory + 2 * USED, 100));
	assert_int_equal(shared.part_count, 3);
	close(writable);
	close(fd);
	shm_file_remove(&shared);
	assert_int_equal(files(), 0);
}

/* What a disk takes by halves is written all the same, and what it does not take is told. */
static void written_by_halves(void **state)
{
	(void)state;
	static const struct {
		int writes, status;
	} cases[] = {{WHOLE, 0}, {SHORT_AND_INTERRUPTED, 0}, {NOTHING, -EIO}, {FAILS, -EIO}};
	enum { PART = 2 * USED };
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct shm_file shared;
		char octets[SIZE];
		assert_int_equal(shm_file_create(&shared, "/nonexistent", &shared_live, 7, SIZE, USED), -ENOENT);
		char *memory = shared.memory;
		assert_true(shm_file_reserve(&shared, memory + PART, USED));
		for (size_t at = sizeof(struct shm_file_header); at < USED; at++)
			memory[at] = memory[PART + at] = (char)(at * 7 % 251);
		memcpy(octets, memory, SIZE);
		snprintf(shared.directory, sizeof shared.directory, "%s", test_directory);
		written = 0;
		writes = cases[i].writes;
		int status = shm_file_appear(&shared);
		writes = WHOLE;
		assert_int_equal(status, cases[i].status == 0 ? 1 : cases[i].status);
		assert_int_equal(files(), cases[i].status == 0);
		if (status > 0)
			assert_int_equal(pread(shared.fd, octets, SIZE, 0), SIZE);
		assert_memory_equal(octets, memory, SIZE);
		shm_file_remove(&shared);
	}
}

/* A file that cannot be mapped has no name either, and is there once it can be. */
static void no_mapping_of_it(void **state)
{
	(void)state;
	struct shm_file shared;
	no_mapping = true;
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), -EPERM);
	assert_string_equal(shared.path, "");
	assert_int_equal(files(), 0);
	no_mapping = false;
	assert_int_equal(shm_file_appear(&shared), 1);
	assert_int_equal(files(), 1);
	shm_file_remove(&shared);
}

/* Parts and the file are under the lock while they change. */
static void under_the_lock(void **state)
{
	(void)state;
	struct shm_file shared;
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), 0);
	locked = &shared;
	was_locked = true;
	assert_true(shm_file_reserve(&shared, (char *)shared.memory + USED, USED));
	assert_true(was_locked);
	assert_int_equal(unlink(shared.path), 0);
	assert_int_equal(shm_file_appear(&shared), 1);
	assert_true(was_locked);
	assert_int_equal(pthread_mutex_trylock(&shared.lock), 0);
	pthread_mutex_unlock(&shared.lock);
	shm_file_remove(&shared);
}

/* A file that is made again has the parts that are in use, and no room for what lies between them. */
static void parts_of_a_new_file(void **state)
{
	(void)state;
	enum { FAR = SIZE - USED, MORE = 64 };
	struct shm_file shared;
	struct stat before, after;
	char octet = 0;
	assert_int_equal(shm_file_create(&shared, test_directory, &shared_live, 7, SIZE, USED), 0);
	char *far = (char *)shared.memory + FAR;
	assert_true(shm_file_reserve(&shared, far, USED - MORE));
	assert_true(shm_file_reserve(&shared, far, USED)); /* it grows */
	assert_true(shm_file_reserve(&shared, shared.memory, USED));
	assert_int_equal(shared.part_count, 2);
	far[USED - 1] = 'x';
	assert_int_equal(fstat(shared.fd, &before), 0);
	assert_int_equal(unlink(shared.path), 0);
	assert_int_equal(shm_file_appear(&shared), 1);
	assert_int_equal(fstat(shared.fd, &after), 0);
	assert_true(after.st_blocks <= before.st_blocks && after.st_blocks * 512 < SIZE);
	assert_int_equal(pread(shared.fd, &octet, 1, SIZE - 1), 1);
	assert_int_equal(octet, 'x');
	shm_file_remove(&shared);
}

/* A directory of one letter, and one whose path is too long. */
static void directories(void **state)
{
	(void)state;
	struct shm_file shared;
	char path[sizeof shared.directory + 1], before[4096];
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(test_directory), 0);
	int status = shm_file_create(&shared, ".", &shared_live, 7, SIZE, USED);
	assert_int_equal(files(), 1);
	shm_file_remove(&shared);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(status, 0);
	/* The same directory by longer and longer names. */
	size_t length = (size_t)snprintf(path, sizeof path, "%s", test_directory);
	for (; length < sizeof shared.directory; length++)
		memcpy(path + length, "/", 2);
	assert_int_equal(shm_file_create(&shared, path, &shared_live, 7, SIZE, USED), -ENAMETOOLONG);
	assert_int_equal(files(), 0);
	((char *)shared.memory)[SIZE - 1] = 1;
	shm_file_remove(&shared);
	path[sizeof shared.directory - 1] = '\0';
	assert_int_equal(shm_file_create(&shared, path, &shared_live, 7, SIZE, USED), 0);
	assert_int_equal(files(), 1);
	shm_file_remove(&shared);
}

static void opened(void **state)
{
	(void)state;
	struct shm_file_header good = {shared_live.magic, 7, sizeof good + 3, 1, 0}, header;
	char octets[sizeof good + 4] = "";
	memcpy(octets, &good, sizeof good);
	write_file(in_directory("good"), octets, sizeof good + 3);
	write_file(in_directory("longer"), octets, sizeof good + 4);
	write_file(in_directory("cut"), octets, sizeof good - 1);
	write_file(in_directory("empty"), "", 0);
	assert_int_equal(mkfifo(in_directory("fifo"), 0644), 0);
	assert_int_equal(symlink("good", in_directory("link")), 0);
	static const struct {
		const char *name;
		const struct shm_file_kind *kind;
		int status;
	} cases[] = {{"good", &shared_live, 0}, {"good", &shared_hits, WEIR_EFORMAT},
		{"longer", &shared_live, WEIR_EFORMAT}, {"cut", &shared_live, WEIR_EFORMAT},
		{"empty", &shared_live, WEIR_EFORMAT}, {"fifo", &shared_live, WEIR_EFORMAT},
		{".", &shared_live, WEIR_EFORMAT}, {"link", &shared_live, -ELOOP}, {"none", &shared_live, -ENOENT}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = shm_file_open(in_directory(cases[i].name), cases[i].kind, &header);
		assert_int_equal(fd < 0 ? fd : 0, cases[i].status);
		if (fd < 0)
			continue;
		assert_memory_equal(&header, &good, sizeof good);
		assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
	}
}

static void names(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool live, hits;
	} cases[] = {{"1.live", true, false}, {"1.hits", false, true}, {"1-1.live", true, false},
		{".live", false, false}, {"-1.live", false, false}, {"1-.live", false, false}, {"1live", false, false},
		{"1.", false, false}, {"1", false, false}, {"", false, false}, {"a.live", false, false},
		{"12345678901234567890123456789012345678901.live", true, false},
		{"123456789012345678901234567890123456789012.live", true, false},
		{"1234567890123456789012345678901234567890123.live", false, false}};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(shm_file_name_valid(cases[i].name, &shared_live), cases[i].live);
		assert_int_equal(shm_file_name_valid(cases[i].name, &shared_hits), cases[i].hits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_in_it, begin, all_closed),
		cmocka_unit_test_setup_teardown(who_is_alive, begin, all_closed),
		cmocka_unit_test_setup_teardown(in_a_chroot, begin, all_closed),
		cmocka_unit_test_setup_teardown(the_dead_are_removed, begin, all_closed),
		cmocka_unit_test_setup_teardown(so_many_are_looked_at, begin, all_closed),
		cmocka_unit_test_setup_teardown(names_that_are_taken, begin, all_closed),
		cmocka_unit_test_setup_teardown(namesakes, begin, all_closed),
		cmocka_unit_test_setup_teardown(appears_again, begin, all_closed),
		cmocka_unit_test_setup_teardown(no_room, begin, all_closed),
		cmocka_unit_test_setup_teardown(written_by_halves, begin, all_closed),
		cmocka_unit_test_setup_teardown(no_mapping_of_it, begin, all_closed),
		cmocka_unit_test_setup_teardown(under_the_lock, begin, all_closed),
		cmocka_unit_test_setup_teardown(parts_of_a_new_file, begin, all_closed),
		cmocka_unit_test_setup_teardown(directories, begin, all_closed),
		cmocka_unit_test_setup_teardown(opened, begin, all_closed),
		cmocka_unit_test(names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
