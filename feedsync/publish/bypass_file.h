/* SPDX-License-Identifier: BSD-3-Clause */
/* The bypass beside a table (libweir/bypass.h): how feedsync sets, ends and reads it. The modules need the file's time
 * only. Its content says who asked for it and why, if the disk has room for that. Nothing here takes a lock or waits
 * for the disk. Root does all of it as the owner of the table's directory (act_as_owner.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/errors.h"

struct node;

struct bypass_file {
	bool in_force;
	struct why why; /* why a file that is there is not believed, or "" */
	uint64_t until; /* seconds since 1970, even if it is over; 0: there is no file */
	/* 0 and "" where the file does not tell */
	uint64_t at;      /* since when */
	char user[128];   /* who asked for it */
	char reason[256]; /* and why */
};

/* Reads the bypass as the modules see it now. The texts are clean (clean.h). */
void bypass_file_read(struct bypass_file *bypass, const char *table);

/* Puts a bypass in force, or changes it: `until`, `at`, `user` and `reason`. Returns 0. Returns 1, with the reason in
 * `why`, if it is in force but there was no room for who asked and why. Else -errno with the reason. */
must_check int bypass_file_set(const char *table, const struct bypass_file *bypass, struct why *why);

/* Ends the bypass. Returns 0, -ENOENT if there is no file, or another -errno; with the reason. */
must_check int bypass_file_remove(const char *table, struct why *why);

/* The bypass as a JSON object, which the caller frees; null if there is nothing to tell. */
struct node *bypass_file_to_json(const struct bypass_file *bypass);

/* "until 2026-01-31T23:59:59Z, by root: why", without what is not known. Returns `text`. */
enum { BYPASS_FILE_TEXT = 512 };
const char *bypass_file_text(const struct bypass_file *bypass, char text[BYPASS_FILE_TEXT]);
