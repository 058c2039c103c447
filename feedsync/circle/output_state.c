/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/output_state.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/circle/release_directory.h"
#include "libweir/errors.h"

/* ---- paths ---- */

void output_release_path(const struct output *output, uint32_t serial, char path[OUTPUT_PATH])
{
	release_directory_path(output->to, serial, path);
}

void output_items_path(const struct output *output, uint32_t serial, char path[OUTPUT_PATH])
{
	snprintf(path, OUTPUT_PATH, "%s/r%u.items", output->to, serial);
}

static void state_copy_path(const char *state_directory, const struct output *output, char path[OUTPUT_PATH])
{
	snprintf(path, OUTPUT_PATH, "%s/shared/%s.items", state_directory, output->name);
}

int output_current(const struct output *output, uint32_t *serial, struct why *why)
{
	return release_directory_current(output->to, serial, why);
}

/* ---- the list ---- */

int output_state_add(struct output_state *state, const struct item *item)
{
	if (state->count == MAX_OUTPUT_ITEMS)
		return -E2BIG;
	if (state->count == state->room) {
		size_t room = state->room > 0 ? state->room * 2 : 256;
		struct item *larger = reallocarray(state->items, room, sizeof *larger);
		if (!larger)
			return -ENOMEM;
		state->items = larger;
		state->room = room;
	}
	struct item copy = *item;
	const struct item *last = state->count > 0 ? &state->items[state->count - 1] : NULL;
	copy.name = text_room_add(&state->texts, item->name, strlen(item->name));
	copy.wire = text_room_add(&state->texts, item->wire, item->length);
	copy.category = last && strcmp(last->category, item->category) == 0
				? last->category
				: text_room_add(&state->texts, item->category, strlen(item->category));
	copy.reason = text_room_add(&state->texts, item->reason, strlen(item->reason));
	if (!copy.name || !copy.wire || !copy.category || !copy.reason)
		return -ENOMEM;
	state->items[state->count++] = copy;
	return 0;
}

void output_state_sort(struct output_state *state)
{
	if (state->count > 1)
		qsort(state->items, state->count, sizeof *state->items, item_compare);
}

void output_state_free(struct output_state *state)
{
	free(state->items);
	text_room_free(&state->texts);
	*state = (struct output_state){0};
}

/* ---- which copy counts ---- */

/* The newest release of which anything lies in the output's directory, whether or not others have seen it; 0 = none. */
static int newest_serial(const struct output *output, uint32_t *serial, struct why *why)
{
	*serial = 0;
	DIR *dir = opendir(output->to);
	if (!dir)
		return errno == ENOENT ? 0 : why_set(why, -errno, "%.150s: %s", output->to, error_text(-errno));
	for (struct dirent *entry; (entry = readdir(dir));) {
		uint32_t found = release_directory_serial(entry->d_name);
		*serial = found > *serial ? found : *serial;
	}
	closedir(dir);
	return 0;
}

/* Which release counts: the one that others see; or the newest of which anything is left, where they see none. */
static int choose_release(struct output_state *state, const struct output *output, uint32_t copied, struct why *why)
{
	char path[OUTPUT_PATH];
	uint32_t shown, newest = 0;
	int status = output_current(output, &shown, why);
	output_release_path(output, shown, path);
	state->released = shown > 0 && (access(path, F_OK) == 0 || errno != ENOENT);
	if (status == 0 && !state->released)
		status = newest_serial(output, &newest, why);
	if (newest < copied && !state->released)
		newest = copied;
	state->serial = newest > shown ? newest : shown;
	return status;
}

/* Reads the state of a release: the copy beside it, or else the one in the state directory. */
static int read_copies(struct output_state *state, const struct output *output, const char *copy, uint32_t copied,
	const struct organisation *organisation, struct why *why)
{
	const uint32_t serial = state->serial;
	char beside[OUTPUT_PATH];
	struct why reason;
	output_items_path(output, serial, beside);
	int status = output_items_read(state, beside, organisation, why);
	if (status == 0 && state->serial != serial) {
		output_state_free(state);
		status = why_set(why, -EBADMSG, "%.150s: of another release", beside);
	}
	if (status != 0 && copied == serial && output_items_read(state, copy, organisation, &reason) == 0) {
		log_warning("output %s: %s; the copy in the state directory stands in for it", output->name, why->text);
		status = 0;
	}
	state->lacks_copy = copied != serial || output_items_serial(beside) != serial;
	return status;
}

int output_state_read(struct output_state *state, const char *state_directory, const struct organisation *organisation,
	const struct output *output, struct why *why)
{
	char copy[OUTPUT_PATH];
	struct output_state chosen = {0};
	*state = (struct output_state){0};
	state_copy_path(state_directory, output, copy);
	const uint32_t copied = output_items_serial(copy);
	int status = choose_release(&chosen, output, copied, why);
	state->serial = chosen.serial;
	if (status != 0)
		return status;
	if (chosen.serial == 0) {
		status = output_items_read(state, copy, organisation, why);
		return status == -ENOENT ? 0 : status;
	}
	*state = chosen;
	status = read_copies(state, output, copy, copied, organisation, why);
	state->serial = chosen.serial;
	state->released = chosen.released;
	state->lacks_copy &= chosen.released;
	return status;
}

int output_state_write(
	const struct output_state *state, const char *state_directory, const struct output *output, struct why *why)
{
	char path[OUTPUT_PATH];
	output_items_path(output, state->serial, path);
	int status = output_items_write(state, path, output, why);
	state_copy_path(state_directory, output, path);
	return status == 0 ? output_items_write(state, path, output, why) : status;
}
