/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/shared_log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/publish/database.h"
#include "libweir/errors.h"

struct shared_log {
	struct database database;
};

static const struct database_kind shared_log_kind = {
	.name = SHARED_LOG_FILE,
	.version = 1,
	.max_work = SHARED_LOG_WORK,
	.schema = "CREATE TABLE shared(id INTEGER PRIMARY KEY, entry TEXT NOT NULL, chain TEXT NOT NULL);",
};

int shared_log_open(struct shared_log **log, const char *state, bool write, struct why *why)
{
	struct shared_log *l = calloc(1, sizeof *l);
	*log = NULL;
	if (!l)
		return why_set(why, -ENOMEM, "out of memory");
	int status = database_open(&l->database, &shared_log_kind, state, write, why);
	if (status != 0)
		shared_log_close(&l);
	*log = l;
	return status;
}

void shared_log_close(struct shared_log **log)
{
	if (*log)
		database_close(&(*log)->database);
	free(*log);
	*log = NULL;
}

/* The chain value of a row behind another. Returns 0 or -ENOMEM. */
static int chain_row(char chain[SHA256_TEXT], const char *before, const char *row, size_t length)
{
	size_t all = SHA256_TEXT + length;
	char *text = malloc(all);
	if (!text)
		return -ENOMEM;
	memcpy(text, before, SHA256_TEXT - 1);
	text[SHA256_TEXT - 1] = '\n';
	memcpy(text + SHA256_TEXT, row, length);
	digest_sha256(chain, text, all);
	free(text);
	return 0;
}

static void first_chain(char chain[SHA256_TEXT])
{
	memset(chain, '0', SHA256_TEXT - 1);
	chain[SHA256_TEXT - 1] = '\0';
}

/* Copies a chain value from a row; one that is damaged is none that any row has. */
static void copy_chain(char chain[SHA256_TEXT], sqlite3_stmt *row, int column)
{
	size_t length;
	const uint8_t *octets = database_octets(row, column, &length);
	memset(chain, '-', SHA256_TEXT - 1);
	chain[SHA256_TEXT - 1] = '\0';
	if (octets && length == SHA256_TEXT - 1)
		memcpy(chain, octets, length);
}

static void read_newest(struct database *d, char chain[SHA256_TEXT])
{
	sqlite3_stmt *query = database_prepare(d, "SELECT chain FROM shared ORDER BY id DESC LIMIT 1");
	first_chain(chain);
	if (database_next_row(d, query))
		copy_chain(chain, query, 0);
	sqlite3_finalize(query);
}

int shared_log_newest(struct shared_log *log, char chain[SHA256_TEXT], struct why *why)
{
	read_newest(&log->database, chain);
	return database_result(&log->database, why);
}

int shared_log_append(struct shared_log *log, struct node *row, struct why *why)
{
	struct database *d = &log->database;
	char before[SHA256_TEXT], chain[SHA256_TEXT], *text = json_print_line(row);
	node_free(row);
	if (!text)
		return why_set(why, -ENOMEM, "out of memory");
	text[strcspn(text, "\n")] = '\0';
	database_begin(d);
	read_newest(d, before);
	if (chain_row(chain, before, text, strlen(text)) != 0)
		database_note(d, SQLITE_NOMEM);
	sqlite3_stmt *insert = database_prepare(d, "INSERT INTO shared(entry, chain) VALUES(?,?)");
	database_run(d, insert, "tt", text, chain);
	sqlite3_finalize(insert);
	int status = database_commit(d, why);
	free(text);
	return status;
}

int shared_log_each(struct shared_log *log, uint64_t limit,
	void (*visit)(void *context, const struct node *row, const char *chain), void *context, struct why *why)
{
	struct database *d = &log->database;
	sqlite3_stmt *query = database_prepare(
		d, "SELECT entry, chain FROM shared WHERE id > (SELECT max(id) FROM shared) - ? ORDER BY id");
	char chain[SHA256_TEXT];
	struct why reason = {""};
	database_bind(d, query, "i", limit > 0 && limit < INT64_MAX ? limit : (uint64_t)INT64_MAX);
	while (database_next_row(d, query)) {
		size_t length;
		const char *text = (const char *)database_octets(query, 0, &length);
		struct node *row = text ? json_parse(text, length, &reason) : NULL;
		copy_chain(chain, query, 1);
		if (row)
			visit(context, row, chain);
		else if (!reason.text[0])
			why_set(&reason, -EBADMSG, "it is empty");
		node_free(row);
	}
	int status = database_end_query(d, query, why);
	return status == 0 && reason.text[0]
		       ? why_set(why, -EBADMSG, "a row of it cannot be read: %.100s; feedsync shared --verify",
				 reason.text)
		       : status;
}

int shared_log_verify(struct shared_log *log, uint64_t *rows, struct why *why)
{
	struct database *d = &log->database;
	sqlite3_stmt *query = database_prepare(d, "SELECT id, entry, chain FROM shared ORDER BY id");
	char before[SHA256_TEXT], chain[SHA256_TEXT], found[SHA256_TEXT];
	uint64_t wrong = 0;
	first_chain(before);
	*rows = 0;
	while (wrong == 0 && database_next_row(d, query)) {
		size_t length;
		uint64_t id = database_number(query, 0);
		const char *text = (const char *)database_octets(query, 1, &length);
		if (chain_row(chain, before, text ? text : "", length) != 0)
			database_note(d, SQLITE_NOMEM);
		copy_chain(found, query, 2);
		if (id != ++*rows || strcmp(chain, found) != 0)
			wrong = *rows;
		memcpy(before, chain, sizeof before);
	}
	int status = database_end_query(d, query, why);
	if (status == 0 && wrong > 0)
		return why_set(why, -EBADMSG,
			"%.150s: row %llu is not as it was written, or a row before it is missing", d->path,
			(unsigned long long)wrong);
	return status;
}
