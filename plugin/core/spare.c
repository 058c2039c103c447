/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/spare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "libweir/hash.h"
#include "libweir/table.h"
#include "plugin/core/image.h"

enum {
	SLICE = 1 << 20,
	ROOM = 64 << 20
}; /* octets; ROOM stays free on the disk, and as much again as the spare takes */

void spare_init(struct spare *spare, const char *directory, const char *table_path)
{
	*spare = (struct spare){.at = -1, .fd = -1};
	snprintf(spare->directory, sizeof spare->directory, "%s", directory);
	snprintf(spare->name, sizeof spare->name, "%016llx.weir",
		(unsigned long long)checksum(table_path, strlen(table_path)));
}

static void temporary_name(const struct spare *spare, char name[40])
{
	snprintf(name, 40, ".%s.new", spare->name);
}

/* Whether it belongs to us or to root, and nobody else may write to it. */
static bool is_trusted(const struct stat *st)
{
	return (st->st_uid == geteuid() || st->st_uid == 0) && (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static int open_directory(const struct spare *spare)
{
	struct stat st;
	int at = open(spare->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (at < 0)
		return -errno;
	if (fstat(at, &st) == 0 && is_trusted(&st))
		return at;
	close(at);
	return -EPERM;
}

static int open_in(int at, const char *name)
{
	struct stat st;
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && is_trusted(&st))
		return fd;
	close(fd);
	return -EPERM;
}

int spare_open(const struct spare *spare)
{
	int at = open_directory(spare);
	if (at < 0)
		return at;
	int fd = open_in(at, spare->name);
	close(at);
	return fd;
}

void spare_remove(const struct spare *spare)
{
	int at = open_directory(spare);
	if (at < 0)
		return;
	unlinkat(at, spare->name, 0);
	close(at);
}

/* Whether the spare is this table: headers tell tables apart, by their checksums. */
static bool has_spare(int at, const char *name, const struct table *table)
{
	uint8_t have[WEIR_HEADER], wanted[WEIR_HEADER];
	struct stat st;
	int fd = open_in(at, name);
	table_image(table, 0, wanted, sizeof wanted);
	bool same = fd >= 0 && fstat(fd, &st) == 0 && (uint64_t)st.st_size == table_octets(table) &&
		    pread(fd, have, sizeof have, 0) == sizeof have && memcmp(have, wanted, sizeof have) == 0;
	if (fd >= 0)
		close(fd);
	return same;
}

static bool has_disk_room(int at, uint64_t octets)
{
	struct statvfs fs;
	return fstatvfs(at, &fs) != 0 || (uint64_t)fs.f_bavail * fs.f_frsize >= 2 * octets + ROOM;
}

/* Opens the temporary file, empty, with a lock on it: another process may have the same table. Returns it, -EWOULDBLOCK
 * if one is at work, or -errno. */
static int open_temporary(int at, const char *name)
{
	struct stat st = {0}, named;
	for (;;) {
		int fd = openat(at, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
		if (fd < 0)
			return -errno;
		int error = flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0 ? 0 : errno;
		if (error == 0 && !(S_ISREG(st.st_mode) && is_trusted(&st)))
			error = EPERM;
		/* Another process that had the lock may have given the file its final name meanwhile. A file that was
		 * left behind may have other names, for example a backup's; then nobody may write to it. */
		bool still =
			error == 0 && fstatat(at, name, &named, AT_SYMLINK_NOFOLLOW) == 0 && named.st_ino == st.st_ino;
		if (still && st.st_nlink > 1) {
			still = false;
			error = unlinkat(at, name, 0) == 0 ? 0 : errno;
		}
		if (still && ftruncate(fd, 0) == 0)
			return fd;
		if (still)
			error = errno;
		close(fd);
		if (error != 0)
			return -error;
	}
}

int spare_begin(struct spare *spare, const struct table *table, uint64_t since)
{
	char temporary[40];
	spare_abort(spare);
	temporary_name(spare, temporary);
	int made = mkdir(spare->directory, 0700);
	(void)made; /* it mostly exists, or may not be made; opening it tells */
	int at = open_directory(spare);
	if (at < 0)
		return at;
	int fd = has_spare(at, spare->name, table)         ? -EWOULDBLOCK
		 : !has_disk_room(at, table_octets(table)) ? -ENOSPC
							   : open_temporary(at, temporary);
	if (fd < 0) {
		close(at);
		return fd == -EWOULDBLOCK ? 0 : fd;
	}
	spare->at = at;
	spare->fd = fd;
	spare->written = 0;
	spare->since = since;
	return 1;
}

static void close_both(struct spare *spare)
{
	close(spare->fd);
	close(spare->at);
	spare->fd = spare->at = -1;
}

void spare_abort(struct spare *spare)
{
	char temporary[40];
	if (spare->fd < 0)
		return;
	temporary_name(spare, temporary);
	unlinkat(spare->at, temporary, 0);
	close_both(spare);
}

/* Gives the complete file its name. */
static int finish(struct spare *spare, bool durable)
{
	char temporary[40];
	temporary_name(spare, temporary);
	int status = image_date(spare->fd, spare->since);
	if (status == 0 && durable && fsync(spare->fd) != 0)
		status = -errno;
	if (status == 0 && renameat(spare->at, temporary, spare->at, spare->name) != 0)
		status = -errno;
	if (status != 0) {
		spare_abort(spare);
		return status;
	}
	if (durable && fsync(spare->at) != 0)
		status = -errno;
	close_both(spare);
	return status;
}

int spare_some(struct spare *spare, const struct table *table, bool durable)
{
	uint64_t octets = table_octets(table);
	if (spare->written == octets)
		return finish(spare, durable);
	int status = image_write(spare->fd, table, spare->written, SLICE);
	if (status != 0) {
		spare_abort(spare);
		return status;
	}
	/* The disk begins to write at once, so that little is left to wait for at the end. */
	sync_file_range(spare->fd, (off_t)spare->written, SLICE, SYNC_FILE_RANGE_WRITE);
	spare->written = octets - spare->written > SLICE ? spare->written + SLICE : octets;
	return 1;
}
