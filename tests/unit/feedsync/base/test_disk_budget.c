/* SPDX-License-Identifier: BSD-3-Clause */
/* How much of the disk a feed may take. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <unistd.h>

#include "feedsync/base/disk_budget.h"
#include "feedsync/base/maxima.h"

/* A file system without a block, free or not. */
static const char no_room[] = "/proc";
/* One that tells nothing: then only MAX_FEED_DISK counts. */
static const char not_there[] = "/nonexistent";

static void at_most(void **state)
{
	(void)state;
	struct disk_budget room;
	struct why why;
	disk_budget_begin(&room, not_there, NULL);
	assert_int_equal(disk_budget_take(&room, MAX_FEED_DISK - 1, &why), 0);
	assert_int_equal(disk_budget_take(&room, 2, &why), -ENOSPC);
	assert_string_equal(why.text, "more than 2048 MB of one feed in all");
	/* What was refused was not taken. */
	assert_int_equal(disk_budget_take(&room, 1, &why), 0);
	assert_int_equal(disk_budget_take(&room, 1, &why), -ENOSPC);
	disk_budget_give(&room, 1);
	assert_int_equal(disk_budget_take(&room, 1, &why), 0);
	/* Nobody gives back more than there is. */
	disk_budget_give(&room, UINT64_MAX);
	assert_int_equal(room.used, 0);
}

static void nothing_free(void **state)
{
	(void)state;
	struct disk_budget room;
	struct why why;
	disk_budget_begin(&room, no_room, NULL);
	assert_int_equal(disk_budget_take(&room, 0, &why), 0);
	assert_int_equal(disk_budget_take(&room, 1, &why), -ENOSPC);
	assert_memory_equal(why.text, "it would leave too little of the disk", 37);
	assert_int_equal(room.used, 0);
}

/* What the feed has already counts: files, and neither directories nor what links lead to. */
static void what_stays(void **state)
{
	(void)state;
	enum { SIZE = 100000 };
	static const char octets[SIZE];
	char path[64];
	struct disk_budget room;
	struct why why;
	snprintf(path, sizeof path, "%s/link", test_directory);
	assert_int_equal(symlink("/proc/self/exe", path), 0);
	disk_budget_begin(&room, not_there, test_directory);
	assert_int_equal(room.own, 0);
	snprintf(path, sizeof path, "%s/file", test_directory);
	FILE *out = fopen(path, "w");
	assert_int_equal(fwrite(octets, 1, SIZE, out), SIZE);
	assert_int_equal(fclose(out), 0);
	disk_budget_begin(&room, not_there, test_directory);
	assert_in_range(room.own, SIZE, SIZE + 8192); /* whole blocks */
	assert_int_equal(disk_budget_take(&room, MAX_FEED_DISK - room.own, &why), 0);
	assert_int_equal(disk_budget_take(&room, 1, &why), -ENOSPC);
	/* With what stays it may have as much as is free, or a sixteenth of the file system: here both are nothing. What
	 * comes alone would fit. */
	disk_budget_begin(&room, no_room, test_directory);
	assert_int_equal(disk_budget_take(&room, 0, &why), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(at_most),
		cmocka_unit_test(nothing_free),
		cmocka_unit_test_setup_teardown(what_stays, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
