/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/output_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/number.h"
#include "libweir/errors.h"

/* ---- paths ---- */

void output_release_path(const struct output *output, uint32_t serial, char path[OUTPUT_PATH])
{
	snprintf(path, OUTPUT_PATH, "%s/r%u", output->to, serial);
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
	char path[OUTPUT_PATH], target[32];
	uint64_t number;
	*serial = 0;
	snprintf(path, sizeof path, "%s/current", output->to);
	ssize_t length = readlink(path, target, sizeof target - 1);
	if (length < 0 && errno == ENOENT)
		return 0;
	if (length < 0)
		return why_set(why, -errno, "%.150s: %s", path, errno == EINVAL ? "not a link" : error_text(-errno));
	if (target[0] != 'r' || !number_read(target + 1, (size_t)length - 1, &number) || number == 0 ||
		number > UINT32_MAX)
		return why_set(why, -EBADMSG, "%.150s: leads to no release", path);
	*serial = (uint32_t)number;
	return 0;
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

/* Reads the copy in the state directory in the place of one that is lost. */
static int read_other_copy(struct output_state *state, const char *path, uint32_t serial,
	const struct organisation *organisation, struct why *why)
{
	struct why reason;
	int status = output_items_read(state, path, organisation, &reason);
	if (status == 0 && (serial == 0 || state->serial == serial))
		return 0;
	if (status == -ENOENT && serial == 0)
		return 0;
	output_state_free(state);
	return serial == 0 ? why_set(why, status, "%s", reason.text) : -ENOENT;
}

int output_state_read(struct output_state *state, const char *state_directory, const struct organisation *organisation,
	const struct output *output, struct why *why)
{
	char beside[OUTPUT_PATH], copy[OUTPUT_PATH];
	uint32_t serial;
	*state = (struct output_state){0};
	state_copy_path(state_directory, output, copy);
	int status = output_current(output, &serial, why);
	if (status != 0)
		return status;
	if (serial == 0)
		return read_other_copy(state, copy, 0, organisation, why);
	output_items_path(output, serial, beside);
	status = output_items_read(state, beside, organisation, why);
	if (status == 0 && state->serial != serial)
		status = why_set(why, -EBADMSG, "%.150s: of another release", beside);
	if (status == -ENOMEM)
		return status;
	if (status != 0) {
		output_state_free(state);
		if (read_other_copy(state, copy, serial, organisation, why) == 0) {
			log_warning("output %s: %s; the copy in the state directory stands in for it", output->name,
				why->text);
			status = 0;
		}
	}
	state->serial = serial;
	state->released = true;
	state->lacks_copy = access(beside, F_OK) != 0 || access(copy, F_OK) != 0;
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
