/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of shared memory, one of a kind per process, in the run directory: <pid>.<kind>, or <pid>-<n>.<kind> where
 * another living process has that name, in another pid namespace (a container) or as a second copy of the module. Their
 * owner writes, others may read. The layout is the machine's own, since writer and reader are on one machine; magic,
 * version and size in the header tell foreign files.
 *
 * A file's owner holds a lock on it (an open file description's, fcntl(2)), which ends with the process, whatever ends
 * that, and holds for readers in any namespace: a file without its lock is provably that of a process that is gone.
 */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libweir/attributes.h"

#define SHARED_DIRECTORY "/run/weir"
#define SHARED_LOCKED 3 /* the first version, of every kind, whose files are locked */

enum { SHARED_MAX_FILES = 1024, SHARED_NAME = 48 }; /* looked at in a directory; octets of a name that is valid */

/* The same in every version. */
struct shm_file_header {
	uint64_t magic;
	uint32_t version;
	uint32_t size;        /* octets of the file */
	int64_t pid;          /* in its own pid namespace */
	uint64_t start_ticks; /* of the process: tells a later one with the same pid apart; 0 = not known */
};

struct shm_file_kind {
	const char *name; /* what file names end in */
	uint64_t magic;
	mode_t mode;
};

extern const struct shm_file_kind shared_live;  /* anyone may read it */
extern const struct shm_file_kind shared_hits;  /* only its group: it may tell who asked for what */
extern const struct shm_file_kind shared_cells; /* likewise */

struct shm_part {
	size_t at, length;
};

struct shm_file {
	void *memory; /* begins with the header; its address stays */
	size_t size;
	struct shm_part *part; /* those that are in use; what is between them has no blocks */
	size_t part_count;
	const struct shm_file_kind *kind;
	int fd;               /* -1: memory of this process only */
	char directory[400];  /* where the file is to be; "": its path is too long */
	char path[512];       /* "": there is none */
	pthread_mutex_t lock; /* of the parts and fd */
};

/* Makes memory for this process, zeros behind a header, and the file that shows it to others. The first `used` octets of
 * the file get their blocks at once, since a full file system must not raise SIGBUS at the first write; other parts get
 * theirs by shm_file_reserve. Returns 0, or -errno when the file cannot be created; the memory is NULL only after
 * -ENOMEM. */
must_check int shm_file_create(struct shm_file *shared, const char *directory, const struct shm_file_kind *kind,
	uint32_t version, size_t size, size_t used);

/* Creates the file if that failed before, or if the file is no longer at its path: the directory may be made later, or be
 * made again. What other threads write to the memory in this very moment may be lost. Returns 1 if it has made a file, 0
 * if there was one, or -errno. Only one thread of the process that called shm_file_create may call this; in a forked
 * child it does nothing. */
must_check int shm_file_appear(struct shm_file *shared);

/* Gives a part of the file its blocks. Returns whether it may be written to. Any thread. */
must_check bool shm_file_reserve(struct shm_file *shared, const void *part, size_t length);

/* Unmaps and removes the file. */
void shm_file_remove(struct shm_file *shared);

/* Removes the files in the directory, of whatever kind, whose processes are gone. */
void shm_file_remove_dead(const char *directory);

/* Whether a file's name is one that files of this kind have. */
bool shm_file_name_valid(const char *name, const struct shm_file_kind *kind);

/* Opens a file to be read with pread (whoever may write it may also cut it short, and a reader must not die of that).
 * Returns a file descriptor, -errno, or WEIR_EFORMAT for a file that is not of this kind. */
must_check int shm_file_open(const char *path, const struct shm_file_kind *kind, struct shm_file_header *header);

/* Reads from an open file. Returns whether all of it could be read. */
bool shm_file_read(int fd, size_t at, void *to, size_t length);

/* Whether the process that wrote the header of this open file is running. A file without locks is judged by the pid and
 * the start of the process; without /proc (in a chroot) by its pid alone. */
bool shm_file_alive(int fd, const struct shm_file_header *header);

/* What tells this process's pid namespace from others (its inode), 0 = not known, without /proc. */
uint64_t shm_file_namespace(void);
