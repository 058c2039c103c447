/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader's side of the cells. A cell is copied twice, with its rule in between: if both copies have the same key, the
 * cell was not taken by another rule meanwhile, and what was copied belongs together. Otherwise the next call reads it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libweir/action.h"
#include "libweir/errors.h"
#include "libweir/live/cells.h"
#include "libweir/live/cells_file.h"

/* What was read of a cell, so that differences can be told. */
struct cell_seen {
	uint64_t key, hits;
};

struct worker_seen {
	struct cell_seen *cell, *long_cell;
	uint32_t count; /* of cell */
};

struct cells_reader {
	int fd;
	struct shm_file_header header;
	uint64_t key_number;
	uint32_t room;
	struct worker_seen *worker;
	uint32_t categories, groups; /* names that are read */
	cells_name category[CELLS_NUMBERS], group[CELLS_NUMBERS];
};

int cells_open(struct cells_reader **reader, const char *path)
{
	struct shm_file_header header;
	int fd = shm_file_open(path, &shared_cells, &header);
	*reader = NULL;
	if (fd < 0)
		return fd;
	struct cells_reader *r = calloc(1, sizeof *r);
	int status = r ? WEIR_EFORMAT : -ENOMEM;
	if (r) {
		r->fd = fd;
		r->header = header;
	}
	if (r && header.version == CELLS_VERSION &&
		shm_file_read(r->fd, offsetof(struct cells_file, key_number), &r->key_number, sizeof r->key_number) &&
		shm_file_read(r->fd, offsetof(struct cells_file, room), &r->room, sizeof r->room) &&
		/* That bounds the workers as well: the size has 32 bits. */
		header.size == sizeof(struct cells_file) + r->room * sizeof(struct cells_worker)) {
		r->worker = calloc(r->room + 1, sizeof *r->worker);
		status = r->worker ? 0 : -ENOMEM;
	}
	if (status == 0) {
		*reader = r;
		return 0;
	}
	free(r);
	close(fd);
	return status;
}

void cells_close(struct cells_reader **reader)
{
	struct cells_reader *r = *reader;
	*reader = NULL;
	if (!r)
		return;
	for (uint32_t w = 0; w < r->room; w++) {
		free(r->worker[w].cell);
		free(r->worker[w].long_cell);
	}
	free(r->worker);
	close(r->fd);
	free(r);
}

uint64_t cells_key_number(const struct cells_reader *reader)
{
	return reader->key_number;
}

void cells_process(const struct cells_reader *reader, int64_t *pid, uint64_t *start_ticks)
{
	*pid = reader->header.pid;
	*start_ticks = reader->header.start_ticks;
}

static size_t cells_worker_at(uint32_t number)
{
	return offsetof(struct cells_file, worker) + number * sizeof(struct cells_worker);
}

/* A count of the file, which is at most `most`. Returns whether it could be read. */
static bool read_cells_number(const struct cells_reader *r, size_t at, uint32_t most, uint32_t *number)
{
	if (!shm_file_read(r->fd, at, number, sizeof *number))
		return false;
	if (*number > most)
		*number = most;
	return true;
}

int cells_unattributed(struct cells_reader *reader, struct cells_unattributed *unattributed)
{
	uint32_t workers;
	*unattributed = (struct cells_unattributed){0};
	if (!read_cells_number(reader, offsetof(struct cells_file, workers), reader->room, &workers))
		return -EIO;
	for (uint32_t w = 0; w < workers; w++) {
		uint64_t counts[2];
		if (!shm_file_read(reader->fd, cells_worker_at(w) + offsetof(struct cells_worker, unattributed), counts,
			    sizeof counts))
			return -EIO;
		unattributed->logged += counts[0];
		unattributed->blocked += counts[1];
	}
	return 0;
}

/* Reads the names that were added. What is no name becomes "?": such names are for terminals. */
static bool read_cells_names(
	struct cells_reader *r, size_t count_at, size_t names_at, uint32_t *known, cells_name *names)
{
	uint32_t count;
	if (!read_cells_number(r, count_at, CELLS_NUMBERS, &count))
		return false;
	for (; *known < count; ++*known) {
		char *name = names[*known];
		if (!shm_file_read(r->fd, names_at + *known * sizeof(cells_name), name, sizeof(cells_name)))
			return false;
		name[POLICY_MAX_NAME] = '\0';
		if (!policy_name_valid(name))
			memcpy(name, "?", 2);
	}
	return true;
}

/* Where a row of cells lies in the file, and what was read of it. */
struct row_place {
	size_t cells_at, rules_at;
	uint32_t count, room; /* cells; octets for a rule */
	struct cell_seen *seen;
};

enum { CELLS_AT_ONCE = 64 };

/* Whether a copy can be one of a cell that was written as it should be. */
static bool is_sound(const struct cells_reader *r, const struct cell *cell, const struct row_place *row)
{
	return cell->rule_length <= row->room && label_action(cell->label) < ACTION_COUNT &&
	       label_scope(cell->label) <= SCOPE_SUBTREE && label_category(cell->label) < r->categories &&
	       label_group(cell->label) < r->groups;
}

/* Whether two copies are of the same rule and day. */
static bool is_same_cell(const struct cell *a, const struct cell *b)
{
	return a->key == b->key && a->day == b->day && b->slot - a->slot <= 1;
}

/* Visits a cell, of which there are two copies, and notes that. */
static void visit_cell(const struct cells_reader *r, const struct cell *cell, const uint8_t *rule,
	struct cell_seen *seen, void (*visit)(void *context, const struct cell_news *news), void *context)
{
	struct name_labels labels;
	uint64_t before = seen->key == cell->key && seen->hits <= cell->hits ? seen->hits : 0;
	uint64_t hits = cell->hits - before;
	*seen = (struct cell_seen){cell->key, cell->hits};
	/* More hits than a resolver can have had are none. */
	if (hits == 0 || hits > UINT32_MAX || name_split(rule, cell->rule_length, &labels) != 0)
		return;
	struct cell_news news = {.rule_length = cell->rule_length,
		.scope = (enum scope)label_scope(cell->label),
		.action = (enum action)label_action(cell->label),
		.category = r->category[label_category(cell->label)],
		.group = r->group[label_group(cell->label)],
		.hits = hits,
		.day = cell->day,
		.clients = cell->clients};
	memcpy(news.rule, rule, cell->rule_length);
	visit(context, &news);
}

static bool has_news(const struct cell_seen *seen, const struct cell *cell)
{
	return cell->key != 0 && (seen->key != cell->key || seen->hits != cell->hits);
}

/* Reads some cells of a row. */
static bool read_some(const struct cells_reader *r, const struct row_place *row, uint32_t first, uint32_t count,
	void (*visit)(void *context, const struct cell_news *news), void *context)
{
	struct cell before[CELLS_AT_ONCE], after[CELLS_AT_ONCE];
	uint8_t rules[CELLS_AT_ONCE][NAME_MAX_WIRE + 1];
	bool news = false;
	if (!shm_file_read(r->fd, row->cells_at + first * sizeof *before, before, count * sizeof *before))
		return false;
	for (uint32_t i = 0; i < count; i++)
		if (has_news(&row->seen[first + i], &before[i])) {
			news = true;
			if (!shm_file_read(r->fd, row->rules_at + (size_t)(first + i) * row->room, rules[i], row->room))
				return false;
		}
	if (news && !shm_file_read(r->fd, row->cells_at + first * sizeof *after, after, count * sizeof *after))
		return false;
	for (uint32_t i = 0; news && i < count; i++)
		if (has_news(&row->seen[first + i], &before[i]) && is_same_cell(&before[i], &after[i]) &&
			is_sound(r, &before[i], row))
			visit_cell(r, &before[i], rules[i], &row->seen[first + i], visit, context);
	return true;
}

static bool read_row(const struct cells_reader *r, const struct row_place *row,
	void (*visit)(void *context, const struct cell_news *news), void *context)
{
	for (uint32_t first = 0; first < row->count; first += CELLS_AT_ONCE)
		if (!read_some(r, row, first, CELLS_AT_ONCE, visit, context))
			return false;
	return true;
}

/* Makes room for what is seen of a worker. */
static int prepare_worker(struct worker_seen *seen, uint32_t count)
{
	if (!seen->long_cell)
		seen->long_cell = calloc(CELLS_LONG, sizeof *seen->long_cell);
	if (seen->count < count) {
		struct cell_seen *cell = realloc(seen->cell, count * sizeof *cell);
		if (!cell)
			return -ENOMEM;
		memset(cell + seen->count, 0, (count - seen->count) * sizeof *cell);
		seen->cell = cell;
		seen->count = count;
	}
	return seen->long_cell ? 0 : -ENOMEM;
}

static int read_worker(const struct cells_reader *r, uint32_t number,
	void (*visit)(void *context, const struct cell_news *news), void *context)
{
	size_t at = cells_worker_at(number);
	struct worker_seen *seen = &r->worker[number];
	uint32_t count;
	if (!read_cells_number(r, at + offsetof(struct cells_worker, count), CELLS_MOST, &count))
		return -EIO;
	count -= count % CELLS_AT_ONCE;
	int status = prepare_worker(seen, count);
	if (status != 0)
		return status;
	const struct row_place rows[] = {
		{at + offsetof(struct cells_worker, cell), at + offsetof(struct cells_worker, rule), count, CELLS_RULE,
			seen->cell},
		{at + offsetof(struct cells_worker, long_cell), at + offsetof(struct cells_worker, long_rule),
			CELLS_LONG, NAME_MAX_WIRE + 1, seen->long_cell},
	};
	return read_row(r, &rows[0], visit, context) && read_row(r, &rows[1], visit, context) ? 0 : -EIO;
}

int cells_read(struct cells_reader *reader, void (*visit)(void *context, const struct cell_news *news), void *context)
{
	struct cells_reader *r = reader;
	uint32_t workers;
	int status = 0;
	if (!read_cells_number(r, offsetof(struct cells_file, workers), r->room, &workers) ||
		!read_cells_names(r, offsetof(struct cells_file, categories), offsetof(struct cells_file, category),
			&r->categories, r->category) ||
		!read_cells_names(r, offsetof(struct cells_file, groups), offsetof(struct cells_file, group),
			&r->groups, r->group))
		return -EIO;
	for (uint32_t w = 0; status == 0 && w < workers; w++)
		status = read_worker(r, w, visit, context);
	return status;
}
