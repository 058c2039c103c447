/* SPDX-License-Identifier: BSD-3-Clause */
/* The file of an output's items. A head, a line an item with tabs between its fields, and an end that counts them: a file
 * that was cut is known by it. Whatever else stands in it is refused: identifiers depend on it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/number.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/circle/output_state.h"
#include "libweir/errors.h"

#define ITEMS_HEAD "weir items 1"
enum { ITEM_LINE = 8192 };
enum item_field {
	FIELD_NAME,
	FIELD_SCOPE,
	FIELD_CATEGORY,
	FIELD_LISTING,
	FIELD_MONTH,
	FIELD_PART,
	FIELD_TLP,
	FIELD_PAP,
	FIELD_STATE,
	FIELD_LISTED,
	FIELD_CHANGED,
	FIELD_EXPIRES,
	FIELD_SERIAL,
	FIELD_REASON,
	ITEM_FIELDS
};

/* ---- writing ---- */

static void print_item_line(FILE *out, const struct item *item)
{
	fprintf(out,
		"%s\t%s\t%s\t%" PRIu32 "\t%s\t%" PRIu32 "\t%s\t%s\t%d\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu32
		"\t%s\n",
		item->name, scope_text(item->scope), item->category, item->listing, item->month, item->part,
		tlp_text(item->marking.tlp), pap_text(item->marking.pap), (int)item->state, item->listed_at,
		item->changed_at, item->expires_at, item->serial, item->reason);
}

int output_items_write(const struct output_state *state, const char *path, const struct output *output, struct why *why)
{
	struct atomic_file file;
	int status = atomic_file_begin(&file, path, MODE_PRIVATE, why);
	if (status != 0)
		return status;
	int fd = dup(file.fd);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out) {
		status = why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
		if (fd >= 0)
			close(fd);
		atomic_file_abort(&file);
		return status;
	}
	fprintf(out, ITEMS_HEAD "\t%s\t%" PRIu32 "\t%" PRIu64 "\t%s\n", output->name, state->serial, state->at,
		state->content);
	for (size_t i = 0; i < state->count; i++)
		print_item_line(out, &state->items[i]);
	fprintf(out, "end\t%zu\n", state->count);
	bool failed = ferror(out);
	if (fclose(out) != 0 || failed) {
		status = why_set(why, errno ? -errno : -EIO, "%.150s: %s", path, error_text(errno ? -errno : -EIO));
		atomic_file_abort(&file);
		return status;
	}
	status = atomic_file_commit(&file, why);
	return status < 0 ? status : 0;
}

/* ---- reading ---- */

/* Cuts a line into its fields. Returns how many there are. */
static unsigned cut_fields(char *line, char *fields[ITEM_FIELDS])
{
	unsigned count = 0;
	for (char *field = line; field && count < ITEM_FIELDS; count++) {
		fields[count] = field;
		field = strchr(field, '\t');
		if (field)
			*field++ = '\0';
	}
	return count;
}

static bool read_u32(const char *text, uint32_t *number)
{
	uint64_t wide;
	if (!number_read(text, strlen(text), &wide) || wide > UINT32_MAX)
		return false;
	*number = (uint32_t)wide;
	return true;
}

static bool read_item_fields(struct item *item, name_storage wire, char *fields[ITEM_FIELDS])
{
	uint64_t state = ITEM_STATES;
	struct name_labels labels;
	size_t length = strlen(fields[FIELD_NAME]);
	*item = (struct item){.name = fields[FIELD_NAME],
		.wire = wire,
		.category = fields[FIELD_CATEGORY],
		.reason = fields[FIELD_REASON]};
	if (!name_plain_valid((const uint8_t *)item->name, length))
		return false;
	item->length = (uint8_t)name_from_plain((const uint8_t *)item->name, length, wire, &labels);
	bool good = scope_from_text(fields[FIELD_SCOPE], &item->scope) == 0 &&
		    read_u32(fields[FIELD_LISTING], &item->listing) && read_u32(fields[FIELD_PART], &item->part) &&
		    tlp_from_text(fields[FIELD_TLP], &item->marking.tlp) &&
		    pap_from_text(fields[FIELD_PAP], &item->marking.pap) &&
		    number_read(fields[FIELD_STATE], strlen(fields[FIELD_STATE]), &state) && state < ITEM_STATES &&
		    number_read(fields[FIELD_LISTED], strlen(fields[FIELD_LISTED]), &item->listed_at) &&
		    number_read(fields[FIELD_CHANGED], strlen(fields[FIELD_CHANGED]), &item->changed_at) &&
		    number_read(fields[FIELD_EXPIRES], strlen(fields[FIELD_EXPIRES]), &item->expires_at) &&
		    read_u32(fields[FIELD_SERIAL], &item->serial) && strlen(fields[FIELD_MONTH]) == 7;
	item->state = good ? (enum item_state)state : ITEM_LIVE;
	snprintf(item->month, sizeof item->month, "%.7s", fields[FIELD_MONTH]);
	return good && item->listing > 0 && item->part > 0;
}

/* Takes a line. Returns 1 at the end of the file's items, 0, or a negative code. */
static int take_item_line(struct output_state *state, char *line, const struct organisation *organisation)
{
	char *fields[ITEM_FIELDS];
	struct item item;
	name_storage wire;
	uint64_t count;
	line[strcspn(line, "\n")] = '\0';
	unsigned found = cut_fields(line, fields);
	if (found == 2 && strcmp(fields[0], "end") == 0)
		return number_read(fields[1], strlen(fields[1]), &count) && count == state->count ? 1 : -EBADMSG;
	if (found != ITEM_FIELDS || !read_item_fields(&item, wire, fields))
		return -EBADMSG;
	item_identify(&item, organisation);
	int status = output_state_add(state, &item);
	if (status == 0 && state->count > 1 &&
		item_compare(&state->items[state->count - 2], &state->items[state->count - 1]) >= 0)
		return -EBADMSG;
	return status;
}

static bool read_items_head(struct output_state *state, char *line)
{
	char *fields[ITEM_FIELDS];
	line[strcspn(line, "\n")] = '\0';
	if (cut_fields(line, fields) != 5 || strcmp(fields[0], ITEMS_HEAD) != 0 ||
		!read_u32(fields[2], &state->serial) || !number_read(fields[3], strlen(fields[3]), &state->at))
		return false;
	snprintf(state->content, sizeof state->content, "%.16s", fields[4]);
	return state->serial > 0;
}

uint32_t output_items_serial(const char *path)
{
	char line[ITEM_LINE];
	struct output_state state = {0};
	FILE *in;
	struct why why;
	if (regular_file_open(&in, path, &why) != 0)
		return 0;
	bool good = fgets(line, sizeof line, in) && read_items_head(&state, line);
	fclose(in);
	return good ? state.serial : 0;
}

int output_items_read(
	struct output_state *state, const char *path, const struct organisation *organisation, struct why *why)
{
	static char line[ITEM_LINE];
	FILE *in;
	*state = (struct output_state){0};
	struct why reason;
	int status = regular_file_open(&in, path, &reason);
	if (status != 0)
		return why_set(why, status, "%.150s: %s", path, reason.text);
	bool good = fgets(line, sizeof line, in) && read_items_head(state, line);
	status = good ? 0 : -EBADMSG;
	while (status == 0)
		status = fgets(line, sizeof line, in) && strchr(line, '\n') ? take_item_line(state, line, organisation)
									    : -EBADMSG;
	fclose(in);
	if (status == 1)
		return 0;
	output_state_free(state);
	return why_set(why, status, "%.150s: %s", path,
		status == -EBADMSG ? "not the items of an output, or damaged" : error_text(status));
}
