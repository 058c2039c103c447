/* SPDX-License-Identifier: BSD-3-Clause */
/* The bypass beside a table (libweir/bypass.h), as feedsync sets, ends and reads it. The file's time is all that the
 * modules need; who asked for it and why are its content, as far as there is room on the disk for that. Nothing here
 * takes a lock or waits for the disk. Root does all of it as the owner of the table's directory (act_as_owner.h). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/errors.h"

struct node;

struct bypass_file {
	bool in_force;
	struct why why; /* a file is there, and is not believed; or ""  */
	uint64_t until; /* seconds since 1970; also of one that is over; 0: there is none */
	/* 0 and "" where the file does not tell */
	uint64_t at;      /* since when */
	char user[128];   /* who asked for it */
	char reason[256]; /* and why */
};

/* Reads it as the modules see it now. The texts are clean (clean.h). */
void bypass_file_read(struct bypass_file *bypass, const char *table);

/* Puts it in force, or changes it: `until`, `at`, `user` and `reason`. Returns 0; 1 where it is in force, but there was no
 * room for who asked and why, with that in `why`; or -errno with the reason. */
must_check int bypass_file_set(const char *table, const struct bypass_file *bypass, struct why *why);

/* Ends it. Returns 0, -ENOENT where there is none, or another -errno; with the reason. */
must_check int bypass_file_remove(const char *table, struct why *why);

/* It as a JSON object, which the caller frees; null if there is none to tell of. */
struct node *bypass_file_to_json(const struct bypass_file *bypass);

/* "until 2026-01-31T23:59:59Z, by root: why", as far as it is known. Returns `text`. */
enum { BYPASS_FILE_TEXT = 512 };
const char *bypass_file_text(const struct bypass_file *bypass, char text[BYPASS_FILE_TEXT]);
