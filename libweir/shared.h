/* Files of shared memory, one of a kind per process, named <pid>.<kind> in the run directory. Their owner writes,
 * anyone may read. The layout is the machine's own, since writer and reader are on one machine; magic, version and size
 * in the header tell foreign files, and its pid and start time whether the owner still runs. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "attributes.h"

#define SHARED_DIRECTORY "/run/weir"

struct shared_header {
	uint64_t magic;
	uint32_t version;
	uint32_t size; /* octets of the file */
	int64_t pid;
	uint64_t start_ticks; /* of the process: tells a later one with the same pid apart; 0 = not known */
};

struct shared {
	void *memory; /* begins with the header */
	size_t size;
	int fd;         /* -1: memory of this process only */
	char path[512]; /* "": likewise */
};

/* Creates the file for this process: zeros behind a header. The first `reserved` octets have their blocks: a full file
 * system must not raise SIGBUS at the first write; further parts wait for shared_reserve. When the file cannot be
 * created there is memory all the same, which nobody else sees: the result is then -errno, and memory is NULL only for
 * -ENOMEM. */
must_check int shared_create(struct shared *shared, const char *directory, const char *kind, uint64_t magic,
	uint32_t version, size_t size, size_t reserved);

/* Gives a part of the file its blocks. Returns whether it may be written to. */
must_check bool shared_reserve(const struct shared *shared, const void *part, size_t length);

/* Unmaps and removes the file. */
void shared_remove(struct shared *shared);

/* Removes the files in the directory, of whatever kind, whose processes are gone. */
void shared_remove_dead(const char *directory);

/* Opens a file to be read with pread (whoever may write it may also cut it short, and a reader must not die of that).
 * Returns a file descriptor, -errno, or WEIR_EFORMAT for a file that is not of this kind, version and size. */
must_check int shared_open(
	const char *path, uint64_t magic, uint32_t version, size_t size, struct shared_header *header);

/* Whether the process that wrote the header runs. Where there is no /proc (a chroot) its pid must do. */
bool shared_alive(const struct shared_header *header);
