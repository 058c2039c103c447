/* SPDX-License-Identifier: BSD-3-Clause */
/* What an output has told: its items with all that identifies and dates them, its serial and time. It is one file of lines,
 * written with each release, in two copies: beside the release (<to>/r<serial>.items), and in the state directory
 * (<state>/shared/<output>.items).
 *
 * Which of them counts is decided by the link `current` of the output alone: the state is that of the release that others
 * see. So no crash leaves the two apart, and either copy can be lost. Identifiers are kept for good: an item that ended long
 * ago is told to nobody any more, but the number of its last listing is not given again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/file_sum.h"
#include "feedsync/circle/item.h"
#include "feedsync/circle/text_room.h"
#include "libweir/attributes.h"

struct why;

enum { MAX_OUTPUT_ITEMS = 2000000, OUTPUT_PATH = 4096 };

struct output_state {
	uint32_t serial;        /* 0: nothing was ever released */
	uint64_t at;            /* of that release, seconds since 1970 */
	char content[FILE_SUM]; /* by what is known whether another release would tell anything else */
	bool released;          /* `current` leads to that release */
	bool lacks_copy;        /* one of its copies is lost, or is that of another release */
	struct item *items;     /* sorted */
	size_t count, room;
	struct text_room texts;
};

/* Writes the path of a release's directory, and of the copy beside it. */
void output_release_path(const struct output *output, uint32_t serial, char path[OUTPUT_PATH]);
void output_items_path(const struct output *output, uint32_t serial, char path[OUTPUT_PATH]);

/* The serial of the release that `current` leads to; 0 = it leads to none. Returns 0 or -errno with the reason. */
must_check int output_current(const struct output *output, uint32_t *serial, struct why *why);

/* Reads the state of an output. Where `current`, or what it leads to, is lost, the state is that of the newest release of which anything is left: no
 * serial is given again. Returns 0, also where nothing was ever released; or a negative code with the reason: there
 * is a release, but no copy of its state can be read. Then only the serial is right. output_state_free in either case. */
must_check int output_state_read(struct output_state *state, const char *state_directory,
	const struct organisation *organisation, const struct output *output, struct why *why);

/* Writes both copies. Returns 0 or a negative code with the reason. */
must_check int output_state_write(
	const struct output_state *state, const char *state_directory, const struct output *output, struct why *why);

/* Appends an item, whose texts are copied. The list is not sorted then. Returns 0, -ENOMEM or -E2BIG. */
must_check int output_state_add(struct output_state *state, const struct item *item);
void output_state_sort(struct output_state *state);

void output_state_free(struct output_state *state);

/* Reads the serial of a copy; 0 = it cannot be read. */
uint32_t output_items_serial(const char *path);

/* Reads one copy. Returns 0, -errno, or -EBADMSG, with the reason. Private to output_state*.c, and their tests. */
must_check int output_items_read(
	struct output_state *state, const char *path, const struct organisation *organisation, struct why *why);
must_check int output_items_write(
	const struct output_state *state, const char *path, const struct output *output, struct why *why);
