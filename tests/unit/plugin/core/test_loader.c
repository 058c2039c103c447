/* SPDX-License-Identifier: BSD-3-Clause */
/* The table file as the module sees it, without an Unbound: what it takes, refuses and says. */
#include "tests/unit/plugin/core/loader_lab.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "libweir/little_endian.h"
#include "libweir/errors.h"
#include "plugin/core/watcher.h"

static char said[1024];
static bool said_as_error;

int __real_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st);

static unsigned half_told; /* files of which the time of change is told too early */

int __wrap_fstat(int fd, struct stat *st)
{
	int status = __real_fstat(fd, st);
	if (half_told > 0) {
		half_told--;
		st->st_ctim.tv_sec++;
	}
	return status;
}

static void say(bool error, const char *text)
{
	said_as_error = error;
	snprintf(said, sizeof said, "%s", text);
	said_count++;
}

static bool check(bool again)
{
	bool changed = loader_check(&loader, again);
	loader_report(&loader);
	return changed;
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
	assert_true(blocks("a.example"));
	assert_true(loader.state.active);
	assert_int_equal(loader.state.generation, 7);
	assert_int_equal(loader.state.loads, 1);
	/* Gone again: the table stays, which is said once, and shown for as long. */
	unlink(path);
	said_count = 0;
	for (int i = 0; i < 5; i++)
		assert_false(check(i % 2));
	assert_true(blocks("a.example"));
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "is gone; the old table stays"));
	assert_string_equal(loader.state.trouble, "it is gone");
	assert_int_equal(loader.state.refused, 0);
	put_table("a.example");
	assert_true(check(false));
	assert_string_equal(loader.state.trouble, "");
}

/* The directory goes and comes back, and with it the very file: it is read again, and the trouble is over. */
static void the_same_file_comes_back(void **state)
{
	(void)state;
	char place[80], other[96];
	snprintf(place, sizeof place, "%s/place", test_directory);
	snprintf(other, sizeof other, "%s/other", test_directory);
	snprintf(path, sizeof path, "%s/t.weir", place);
	assert_int_equal(mkdir(place, 0700), 0);
	module_end();
	forget_handover();
	assert_int_equal(module_begin(), 0);
	put_table("a.example");
	assert_true(check(false));
	assert_int_equal(rename(place, other), 0);
	assert_false(check(false));
	assert_string_equal(loader.state.trouble, "it is gone");
	assert_int_equal(rename(other, place), 0);
	assert_true(check(false));
	assert_string_equal(loader.state.trouble, "");
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
		assert_int_equal(blocks("a.example"), i % 2);
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
	assert_true(blocks("a.example"));
	put_table("b.example");
	assert_true(check(false));
	assert_true(blocks("b.example"));
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
	assert_true(blocks("a.example"));
	unlink(path);
	put_table("b.example");
	assert_true(check(false));
	assert_true(blocks("b.example"));
}

/* No memory is to be had for a table, until there is again. */
static struct rlimit memory_limit;

static void take_memory(void)
{
	assert_int_equal(getrlimit(RLIMIT_AS, &memory_limit), 0);
	assert_int_equal(setrlimit(RLIMIT_AS, &(struct rlimit){1, memory_limit.rlim_max}), 0);
}

static void give_memory(void)
{
	assert_int_equal(setrlimit(RLIMIT_AS, &memory_limit), 0);
}

static bool check_without_memory(void)
{
	take_memory();
	bool changed = loader_check(&loader, false);
	give_memory();
	loader_report(&loader);
	return changed;
}

/* A file that opens but cannot be read is read again, though it stays the same: after LOADER_RETRY looks while a table is in
 * force, at once when somebody asks, and at the next look where none is. */
static void unread_is_tried_again(void **state)
{
	(void)state;
	put_table("a.example");
	assert_false(check_without_memory());
	assert_int_equal(said_count, 1);
	assert_false(loader.state.active);
	assert_true(check(false));
	assert_true(blocks("a.example"));
	put_table("b.example");
	assert_false(check_without_memory());
	assert_int_equal(loader.state.refused, 2);
	for (int i = 1; i < LOADER_RETRY; i++)
		assert_false(check(false));
	assert_true(blocks("a.example"));
	assert_true(check(false));
	assert_true(blocks("b.example"));
	put_table("c.example");
	assert_false(check_without_memory());
	assert_true(check(true));
	assert_true(blocks("c.example"));
	for (int i = 0; i <= LOADER_RETRY; i++)
		assert_false(check(true));
	assert_int_equal(loader.state.loads, 3);
}

/* Other names that a file gains and loses, as when feedsync archives a table, are no news of what is in it. What is written
 * into the file is, also with a time of modification that was there before. */
static void names_are_no_news(void **state)
{
	(void)state;
	static const char *const names[] = {"1.weir", "2.weir"};
	char other[2][160];
	put_table("a.example");
	assert_true(check(true));
	for (unsigned i = 0; i < 2; i++) {
		snprintf(other[i], sizeof other[i], "%s/%s", test_directory, names[i]);
		assert_int_equal(link(path, other[i]), 0);
		assert_false(check(i));
	}
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(unlink(other[i]), 0);
		assert_false(check(i));
	}
	assert_int_equal(loader.state.loads, 1);
	struct stat st;
	assert_int_equal(stat(path, &st), 0);
	FILE *file = fopen(path, "r+");
	assert_non_null(file);
	assert_int_equal(fputc('x', file), 'x');
	fclose(file);
	assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){st.st_atim, st.st_mtim}, 0), 0);
	assert_false(check(true));
	assert_string_not_equal(loader.state.refused_reason, "");
	/* Another file, archived before it is looked at. */
	put_table("b.example");
	assert_int_equal(link(path, other[0]), 0);
	assert_true(check(true));
	assert_true(blocks("b.example"));
	assert_int_equal(loader.state.loads, 2);
}

enum { RENAMES = 300 };
static atomic_uint taken;

/* Replaces the file again and again, each time once the one before has been taken. */
static void *replace(void *argument)
{
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	size_t length;
	uint8_t *octets = table_octets_of(&rule, 1, NULL, &length);
	for (unsigned i = 0; i < RENAMES; i++) {
		put(octets, length);
		while (atomic_load(&taken) <= i)
			continue;
	}
	free(octets);
	return argument;
}

/* A look that meets the very moment of a rename misses no file, and takes the one that is just going away for the one that it
 * is. Some file systems tell the new time of change before the loss of the name, though: then it is read again in vain. */
static void each_file_is_taken(void **state)
{
	(void)state;
	pthread_t thread;
	atomic_store(&taken, 0);
	assert_int_equal(pthread_create(&thread, NULL, replace, NULL), 0);
	while (atomic_load(&taken) < RENAMES)
		if (check(false))
			atomic_fetch_add(&taken, 1);
	pthread_join(thread, NULL);
	while (check(false))
		continue;
	assert_in_range(loader.state.loads, RENAMES, RENAMES + RENAMES / 10);
}

/* ---- what was in force before ---- */

static uint8_t *good; /* a table with a.example */
static size_t good_length;

static void put_cut(void)
{
	put(good, good_length - 1);
}

static void put_nothing(void)
{
	put("", 0);
}

static void put_other_version(uint32_t version)
{
	uint8_t *octets = malloc(good_length);
	memcpy(octets, good, good_length);
	put_u32(octets + 8, version);
	put(octets, good_length);
	free(octets);
}

static void put_newer(void)
{
	put_other_version(WEIR_VERSION + 1);
}

static void put_too_old(void)
{
	put_other_version(WEIR_VERSION_OLDEST - 1);
}

static void put_damaged(void)
{
	good[good_length / 2] ^= 1;
	put(good, good_length);
	good[good_length / 2] ^= 1;
}

static void remove_file(void)
{
	unlink(path);
}

static void put_directory(void)
{
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void put_fifo_there(void)
{
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
}

static void put_loop(void)
{
	unlink(path);
	assert_int_equal(symlink(path, path), 0);
}

/* What becomes of the file between the end of the module and its beginning. */
static const struct {
	const char *name;
	void (*happen)(void);
} losses[] = {
	{"removed", remove_file},
	{"cut", put_cut},
	{"empty", put_nothing},
	{"newer", put_newer},
	{"too old", put_too_old},
	{"damaged", put_damaged},
	{"a directory", put_directory},
	{"a fifo", put_fifo_there},
	{"a loop", put_loop},
};

static void write_spare(void)
{
	while (loader_write_spare(&loader, true))
		continue;
	loader_report(&loader);
}

static void check_kept(const char *what, const char *from)
{
	if (!check(true) || !blocks("a.example"))
		fail_msg("%s: the table is not in force", what);
	assert_non_null(strstr(loader.state.file, from));
	assert_string_not_equal(loader.state.trouble, "");
	assert_true(loader.state.active);
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, from));
	for (int i = 0; i < 3; i++)
		assert_false(check(i % 2));
	assert_int_equal(said_count, 1);
	assert_true(loader.state.loaded_at >= 1000 && loader.state.loaded_at < 2000);
	/* And a good one ends it. */
	rmdir(path);
	put_table("b.example");
	assert_true(check(true));
	assert_true(blocks("b.example"));
	assert_string_equal(loader.state.trouble, "");
	assert_string_equal(loader.state.file, path);
}

static void lose_and_begin(unsigned loss, bool reload)
{
	put(good, good_length);
	assert_true(check(true));
	loader.state.loaded_at = 1000 + loss; /* it is told since when, also over several reloads */
	loader_end(&loader);
	current_end(&current);
	if (!reload)
		forget_handover();
	losses[loss].happen();
	assert_int_equal(module_begin(), 0);
}

static void kept_over_a_reload(void **state)
{
	(void)state;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	good = table_octets_of(&rule, 1, NULL, &good_length);
	for (unsigned i = 0; i < sizeof losses / sizeof *losses; i++) {
		lose_and_begin(i, true);
		/* The copy on the disk may be lost as well. */
		directory_remove(spare);
		check_kept(losses[i].name, "reload");
	}
	free(good);
}

static void kept_over_reload_after_reload(void **state)
{
	(void)state;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	good = table_octets_of(&rule, 1, NULL, &good_length);
	lose_and_begin(0, true);
	for (unsigned i = 0; i < 5; i++) {
		directory_remove(spare);
		assert_true(check(true));
		loader_end(&loader);
		current_end(&current);
		assert_int_equal(module_begin(), 0);
	}
	directory_remove(spare);
	check_kept("reloads", "reload");
	free(good);
}

static void kept_over_a_restart(void **state)
{
	(void)state;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	good = table_octets_of(&rule, 1, NULL, &good_length);
	for (unsigned i = 0; i < sizeof losses / sizeof *losses; i++) {
		lose_and_begin(i, false);
		check_kept(losses[i].name, spare);
	}
	free(good);
}

/* A process that is killed leaves what it has written so far. */
static void kept_over_a_kill(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(check(true));
	write_spare();
	current_end(&current);
	remove_file();
	assert_int_equal(module_begin(), 0);
	assert_true(check(true));
	assert_true(blocks("a.example"));
}

/* The spare belongs to a table's path; where two processes have the same one, neither spoils it. */
static void spares_of_two(void **state)
{
	(void)state;
	struct spare one, two, other;
	struct why why;
	struct table *table;
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	table = table_of(&rule, 1);
	spare_init(&one, spare, path);
	spare_init(&two, spare, path);
	spare_init(&other, spare, "/other.weir");
	assert_int_equal(spare_open(&one), -ENOENT);
	assert_int_equal(spare_begin(&one, table, 1), 1);
	assert_int_equal(spare_begin(&two, table, 1), 0); /* at work already */
	while (spare_some(&one, table, true) == 1)
		continue;
	assert_int_equal(spare_begin(&two, table, 1), 0); /* the same */
	assert_int_equal(spare_open(&other), -ENOENT);
	table_close(&table);
	int fd = spare_open(&two);
	assert_true(fd >= 0);
	assert_int_equal(table_open_fd(&table, fd, &why), 0);
	close(fd);
	/* What was begun and dropped leaves nothing. */
	assert_int_equal(spare_begin(&other, table, 1), 1);
	spare_abort(&other);
	assert_int_equal(spare_begin(&other, table, 1), 1);
	spare_abort(&other);
	assert_int_equal(spare_open(&other), -ENOENT);
	table_close(&table);
}

static char spare_path[192];

static void open_to_others(void)
{
	chmod(spare_path, 0666);
}

static void open_directory_to_others(void)
{
	chmod(spare, 0777);
}

static void link_elsewhere(void)
{
	char other[80];
	snprintf(other, sizeof other, "%s/elsewhere", test_directory);
	rename(spare_path, other);
	assert_int_equal(symlink(other, spare_path), 0);
}

static void put_fifo(void)
{
	unlink(spare_path);
	assert_int_equal(mkfifo(spare_path, 0600), 0);
}

static void cut_spare(void)
{
	assert_int_equal(truncate(spare_path, 400), 0);
}

static void damage_spare(void)
{
	FILE *file = fopen(spare_path, "r+");
	fseek(file, 300, SEEK_SET);
	fputc(0xaa, file);
	fclose(file);
}

static void damage_spares_end(void)
{
	struct stat st;
	assert_int_equal(stat(spare_path, &st), 0);
	FILE *file = fopen(spare_path, "r+");
	fseek(file, (long)st.st_size - 1, SEEK_SET);
	fputc(0xaa, file);
	fclose(file);
}

static void lose_spare(void)
{
	unlink(spare_path);
}

/* What lies in the spare's place is taken only where it is sound and nobody else could have written it. */
static void hostile_spares(void **state)
{
	(void)state;
	static void (*const happen[])(void) = {open_to_others, open_directory_to_others, link_elsewhere, put_fifo,
		cut_spare, damage_spare, lose_spare};
	for (unsigned i = 0; i < sizeof happen / sizeof *happen; i++) {
		directory_remove(spare);
		put_table("a.example");
		assert_true(check(true));
		write_spare();
		snprintf(spare_path, sizeof spare_path, "%s/%s", spare, loader.spare.name);
		loader_end(&loader);
		current_end(&current);
		forget_handover();
		remove_file();
		happen[i]();
		assert_int_equal(module_begin(), 0);
		assert_false(check(true));
		assert_null(current_get(&current));
		assert_false(loader.state.active);
		bool there = happen[i] != lose_spare;
		assert_int_equal(strstr(said, "its copy in ") != NULL, there);
		assert_int_equal(loader.state.spare_trouble[0] != '\0', there);
	}
}

/* The table begins anew, as when Unbound was killed, without the file. */
static void begin_without_file(void)
{
	loader_end(&loader);
	current_end(&current);
	forget_handover();
	remove_file();
	assert_int_equal(module_begin(), 0);
}

/* A copy that turned out to be damaged is no copy, whatever its header says. */
static void damaged_spare_is_written_anew(void **state)
{
	(void)state;
	static void (*const happen[])(void) = {damage_spare, cut_spare, damage_spares_end};
	for (unsigned i = 0; i < sizeof happen / sizeof *happen; i++) {
		put_table("a.example");
		assert_true(check(true));
		write_spare();
		snprintf(spare_path, sizeof spare_path, "%s/%s", spare, loader.spare.name);
		begin_without_file();
		happen[i]();
		assert_false(check(true));
		put_table("a.example");
		assert_true(check(true));
		write_spare();
		begin_without_file();
		assert_true(check(true));
		assert_true(blocks("a.example"));
	}
}

/* A backup made of hard links holds on to what a killed process left. */
static void left_file_has_other_names(void **state)
{
	(void)state;
	struct spare one;
	char temporary[128], backup[128];
	const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct table *table = table_of(&rule, 1);
	spare_init(&one, spare, path);
	snprintf(temporary, sizeof temporary, "%s/.%s.new", spare, one.name);
	snprintf(backup, sizeof backup, "%s/backup", test_directory);
	assert_int_equal(mkdir(spare, 0700), 0);
	FILE *file = fopen(temporary, "w");
	fputs("left", file);
	fclose(file);
	assert_int_equal(link(temporary, backup), 0);
	alarm(10);
	assert_int_equal(spare_begin(&one, table, 1), 1);
	alarm(0);
	while (spare_some(&one, table, true) == 1)
		continue;
	table_close(&table);
	struct stat st;
	assert_int_equal(stat(backup, &st), 0);
	assert_int_equal(st.st_size, 4);
	int fd = spare_open(&one);
	assert_true(fd >= 0);
	close(fd);
}

/* Where there was no memory for what was kept, it is taken once there is: the copy on the disk, and the one in memory whose
 * fellow on the disk is damaged. */
static void kept_without_memory(void **state)
{
	(void)state;
	for (unsigned reload = 0; reload < 2; reload++) {
		put_table("a.example");
		assert_true(check(true));
		write_spare();
		snprintf(spare_path, sizeof spare_path, "%s/%s", spare, loader.spare.name);
		loader_end(&loader);
		current_end(&current);
		if (reload)
			assert_int_equal(truncate(spare_path, WEIR_HEADER - 1), 0);
		else
			forget_handover();
		remove_file();
		assert_int_equal(module_begin(), 0);
		assert_false(check_without_memory());
		assert_false(loader.state.active);
		assert_true(check(false));
		assert_true(blocks("a.example"));
	}
}

static void hide_spare(const char *other)
{
	assert_int_equal(rename(spare, other), 0);
}

static void show_spare(const char *other)
{
	assert_int_equal(rename(other, spare), 0);
}

static void open_spare(const char *other)
{
	(void)other;
	assert_int_equal(chmod(spare, 0777), 0);
}

static void shut_spare(const char *other)
{
	(void)other;
	assert_int_equal(chmod(spare, 0700), 0);
}

/* Its file system may be mounted after the module began, or its directory's owner and mode be put right. */
static void spare_that_comes_later(void **state)
{
	(void)state;
	static const struct {
		void (*before)(const char *other), (*later)(const char *other);
	} cases[] = {{hide_spare, show_spare}, {open_spare, shut_spare}};
	char other[128];
	snprintf(other, sizeof other, "%s/other", test_directory);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		put_table("a.example");
		assert_true(check(true));
		write_spare();
		loader_end(&loader);
		current_end(&current);
		forget_handover();
		remove_file();
		cases[i].before(other);
		assert_int_equal(module_begin(), 0);
		for (int look = 0; look < 3; look++)
			assert_false(check(false));
		assert_int_equal(said_count, 1);
		cases[i].later(other);
		assert_true(check(false));
		assert_true(blocks("a.example"));
		assert_non_null(strstr(said, "the last one, of "));
	}
}

/* Nothing but a word comes of it where there is no place for a spare, and the spare once there is one. */
static void no_place_for_a_spare(void **state)
{
	(void)state;
	FILE *file = fopen(spare, "w");
	fclose(file);
	put_table("a.example");
	assert_true(check(true));
	said_count = 0;
	for (int i = 0; i < 100; i++)
		write_spare();
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "no copy of the table in "));
	assert_non_null(strstr(said, spare));
	assert_non_null(strstr(said, error_text(-ENOTDIR)));
	assert_string_not_equal(loader.state.spare_trouble, "");
	unlink(spare);
	for (int i = 0; i < 100; i++)
		write_spare();
	assert_string_equal(loader.state.spare_trouble, "");
	int fd = spare_open(&loader.spare);
	assert_true(fd >= 0);
	close(fd);
}

/* Once a table has its copy, the copy of the next one is begun at the next look. */
static void copies_follow_tables(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		put_table(i % 2 ? "b.example" : "a.example");
		assert_true(check(false));
		assert_true(loader_write_spare(&loader, true));
		write_spare();
		assert_string_equal(loader.state.spare_trouble, "");
	}
}

/* Somebody else's number in the environment is no table. */
static void foreign_handover(void **state)
{
	(void)state;
	static const char *const values[] = {"0", "-1", "99999999999", "", "x", "3 ", "1000000"};
	for (unsigned i = 0; i < sizeof values / sizeof *values; i++) {
		setenv("WEIR_HANDOVER", values[i], 1);
		assert_int_equal(handover_take(), -1);
		assert_null(getenv("WEIR_HANDOVER"));
	}
}

/* A path that leads to a file without a name, as where a file was mounted and then replaced outside. */
static void nameless_is_told(void **state)
{
	(void)state;
	char real[128];
	snprintf(real, sizeof real, "%s", path);
	put_table("a.example");
	int fd = open(real, O_RDONLY);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	loader_end(&loader);
	current_end(&current);
	forget_handover();
	assert_int_equal(module_begin(), 0);
	assert_true(check(true));
	unlink(real);
	said_count = 0;
	assert_false(check(true));
	assert_int_equal(said_count, 0); /* it may be a rename under way */
	loader.nameless_us -= 3000000;
	for (int i = 0; i < 5; i++)
		assert_false(check(i % 2));
	assert_int_equal(said_count, 1);
	assert_non_null(strstr(said, "mount the directory"));
	assert_string_not_equal(loader.state.trouble, "");
	assert_int_equal(loader.state.loads, 1);
	/* At the start it is better than nothing. */
	loader_end(&loader);
	current_end(&current);
	forget_handover();
	directory_remove(spare);
	assert_int_equal(module_begin(), 0);
	assert_true(check(true));
	assert_true(blocks("a.example"));
	/* What is done to it then is news like any other. */
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_true(check(true));
	assert_false(check(true));
	close(fd);
	snprintf(path, sizeof path, "%s", real);
}

/* A file that has lost its name, gets another, and loses that: each time it may be a rename under way. */
static void nameless_again(void **state)
{
	(void)state;
	char real[128];
	snprintf(real, sizeof real, "%s", path);
	put_table("a.example");
	int fd = open(real, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	module_end();
	forget_handover();
	assert_int_equal(module_begin(), 0);
	snprintf(path, sizeof path, "%s", real);
	assert_true(check(true));
	unlink(real);
	assert_false(check(true));
	loader.nameless_us -= 3000000;
	put_table("b.example");
	int other = open(real, O_RDONLY | O_CLOEXEC);
	assert_int_equal(dup2(other, fd), fd);
	assert_true(check(true));
	said_count = 0;
	unlink(real);
	assert_false(check(true));
	assert_int_equal(said_count, 0);
	close(other);
	close(fd);
}

/* The kernel may tell a change before it is whole: nothing is read again for that. */
static void told_by_halves(void **state)
{
	(void)state;
	put_table("a.example");
	assert_true(check(true));
	said_count = 0;
	half_told = 1;
	assert_false(check(true));
	assert_int_equal(half_told, 0);
	assert_int_equal(loader.state.loads, 1);
	assert_int_equal(said_count, 0);
}

/* A table whose clients are to be hashed with a secret that cannot be read is taken, and that is told. */
static void secret_is_told(void **state)
{
	(void)state;
	static const struct rule_spec rule = {"a.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}};
	struct policy policy = test_policy;
	for (unsigned wanted = 0; wanted < 2; wanted++) {
		size_t length;
		policy.hits = (struct hits_policy){.rules = true, .client_ipv4_bits = 32};
		strcpy(policy.hits.client_key, wanted ? "/" : "");
		uint8_t *octets = table_octets_of_policy(&policy, &rule, 1, &length);
		put(octets, length);
		free(octets);
		module_end();
		forget_handover();
		assert_int_equal(module_begin(), 0);
		assert_true(check(true));
		assert_int_equal(strstr(said, "; `client-key-file`: /: not a file of 32 octets") != NULL, wanted);
		assert_int_equal(strstr(said, "client-key-file") != NULL, wanted);
		assert_int_equal(said_as_error, wanted);
	}
}

/* ---- the watch ---- */

static atomic_uint loads, signals;

static bool look(void *context, const struct watcher *watcher, bool signalled)
{
	(void)context;
	(void)watcher;
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
	struct watcher *watcher = NULL, *second = NULL;
	put_table("a.example");
	assert_int_equal(watcher_new(&watcher, path, look, NULL), 0);
	assert_int_equal(watcher_new(&second, path, look, NULL), -EBUSY);
	assert_true(wait_until(loaded_once));
	put_table("b.example");
	assert_true(wait_until(loaded_twice));
	raise(SIGUSR1);
	assert_true(wait_until(signalled_once));
	assert_false(watcher_is_stopping(watcher));
	watcher_free(&watcher);
	assert_null(watcher);
	assert_true(blocks("b.example"));
	assert_int_equal(watcher_new(&watcher, path, look, NULL), 0);
	watcher_free(&watcher);
	watcher_free(&watcher);
}

/* How many directories the process watches (proc(5), fdinfo). */
static unsigned count_watches(void)
{
	unsigned count = 0;
	for (int fd = 0; fd < 64; fd++) {
		char name[64], line[256];
		snprintf(name, sizeof name, "/proc/self/fdinfo/%d", fd);
		FILE *info = fopen(name, "r");
		while (info && fgets(line, sizeof line, info))
			count += strncmp(line, "inotify wd:", 11) == 0;
		if (info)
			fclose(info);
	}
	return count;
}

/* A directory that is replaced again and again is watched once, and where it is now. */
static void one_directory_is_watched(void **state)
{
	(void)state;
	struct watcher *watcher = NULL;
	char place[80], other[96];
	snprintf(place, sizeof place, "%s/place", test_directory);
	snprintf(path, sizeof path, "%s/t.weir", place);
	assert_int_equal(mkdir(place, 0700), 0);
	assert_int_equal(watcher_new(&watcher, path, look, NULL), 0);
	for (unsigned i = 0; i < 5; i++) {
		atomic_uint before = atomic_load(&signals);
		snprintf(other, sizeof other, "%s/old%u", test_directory, i);
		assert_int_equal(rename(place, other), 0);
		assert_int_equal(mkdir(place, 0700), 0);
		raise(SIGUSR1);
		while (atomic_load(&signals) == before)
			continue;
	}
	raise(SIGUSR1); /* the watch is set at the beginning of a turn */
	const struct timespec pause = {.tv_nsec = 200000000};
	nanosleep(&pause, NULL);
	assert_int_equal(count_watches(), 1);
	watcher_free(&watcher);
	assert_int_equal(count_watches(), 0);
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
		void (*during)(int); /* set by somebody else while the watcher runs; NULL = by nobody */
		void (*after)(int);
	} cases[] = {
		{SIG_DFL, NULL, SIG_IGN}, /* it would end the process */
		{SIG_IGN, NULL, SIG_IGN},
		{own_handler, NULL, own_handler},
		{exit, NULL, SIG_IGN}, /* of a library, which may be gone */
		{SIG_IGN, own_handler, own_handler},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct watcher *watcher;
		struct sigaction now;
		signal(SIGUSR1, cases[i].before);
		assert_int_equal(watcher_new(&watcher, path, look, NULL), 0);
		if (cases[i].during)
			signal(SIGUSR1, cases[i].during);
		watcher_free(&watcher);
		sigaction(SIGUSR1, NULL, &now);
		assert_ptr_equal(now.sa_handler, cases[i].after);
	}
	signal(SIGUSR1, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(missing_is_said_once, begin, end),
		cmocka_unit_test_setup_teardown(names_are_no_news, begin, end),
		cmocka_unit_test_setup_teardown(the_same_file_comes_back, begin, end),
		cmocka_unit_test_setup_teardown(only_what_changed_is_read, begin, end),
		cmocka_unit_test_setup_teardown(bad_is_refused_once, begin, end),
		cmocka_unit_test_setup_teardown(unreadable_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(unread_is_tried_again, begin, end),
		cmocka_unit_test_setup_teardown(each_file_is_taken, begin, end),
		cmocka_unit_test_setup_teardown(kept_over_a_reload, begin, end),
		cmocka_unit_test_setup_teardown(kept_over_reload_after_reload, begin, end),
		cmocka_unit_test_setup_teardown(kept_over_a_restart, begin, end),
		cmocka_unit_test_setup_teardown(kept_over_a_kill, begin, end),
		cmocka_unit_test_setup_teardown(spares_of_two, begin, end),
		cmocka_unit_test_setup_teardown(hostile_spares, begin, end),
		cmocka_unit_test_setup_teardown(damaged_spare_is_written_anew, begin, end),
		cmocka_unit_test_setup_teardown(kept_without_memory, begin, end),
		cmocka_unit_test_setup_teardown(left_file_has_other_names, begin, end),
		cmocka_unit_test_setup_teardown(spare_that_comes_later, begin, end),
		cmocka_unit_test_setup_teardown(no_place_for_a_spare, begin, end),
		cmocka_unit_test_setup_teardown(copies_follow_tables, begin, end),
		cmocka_unit_test_setup_teardown(foreign_handover, begin, end),
		cmocka_unit_test_setup_teardown(nameless_is_told, begin, end),
		cmocka_unit_test_setup_teardown(nameless_again, begin, end),
		cmocka_unit_test_setup_teardown(told_by_halves, begin, end),
		cmocka_unit_test_setup_teardown(secret_is_told, begin, end),
		cmocka_unit_test_setup_teardown(noticed_by_the_watch, begin, end),
		cmocka_unit_test_setup_teardown(one_directory_is_watched, begin, end),
		cmocka_unit_test_setup_teardown(signal_after_the_watch, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
