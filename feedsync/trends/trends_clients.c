/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/trends_clients.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "feedsync/trends/client_estimate.h"
#include "feedsync/trends/trends_private.h"
#include "libweir/errors.h"
#include "libweir/little_endian.h"

/* The clients that one key tells of, of all rules. A resolver that starts anew has a new key. */
enum { MAX_KEYS_OF_DAY = 1024 };

struct key_clients {
	uint64_t key;
	struct client_set set;
};

struct day_clients {
	struct key_clients list[MAX_KEYS_OF_DAY];
	unsigned count;
};

static void unite_clients(struct day_clients *clients, const uint8_t *octets, size_t length)
{
	for (; length >= KEYED_SET_OCTETS; length -= KEYED_SET_OCTETS, octets += KEYED_SET_OCTETS) {
		struct client_set set;
		uint64_t key = get_u64(octets);
		unsigned i = 0;
		while (i < clients->count && clients->list[i].key != key)
			i++;
		if (i == MAX_KEYS_OF_DAY)
			continue;
		if (i == clients->count)
			clients->list[clients->count++] = (struct key_clients){.key = key};
		for (unsigned o = 0; o < CLIENT_SET_OCTETS; o++)
			set.octet[o] = octets[8 + o];
		client_set_unite(&clients->list[i].set, &set);
	}
}

int trends_clients(struct trends *t, uint64_t day, double *low, double *high, struct why *why)
{
	struct day_clients *clients = calloc(1, sizeof *clients);
	*low = *high = 0;
	if (!clients)
		return why_set(why, -ENOMEM, "out of memory");
	sqlite3_stmt *s =
		database_prepare(&t->database, "SELECT clients FROM rule_day WHERE day = ? AND clients IS NOT NULL");
	t->database.work = 0;
	database_bind(&t->database, s, "i", day);
	while (database_next_row(&t->database, s)) {
		size_t length;
		const uint8_t *octets = database_octets(s, 0, &length);
		unite_clients(clients, octets, length);
	}
	for (unsigned i = 0; i < clients->count; i++) {
		double estimate = client_estimate(&clients->list[i].set);
		*low = fmax(*low, estimate);
		*high += estimate;
	}
	free(clients);
	return database_end_query(&t->database, s, why);
}

int trends_names_hit(struct trends *t, uint64_t first, uint64_t last, double low,
	void (*visit)(void *context, const char *name, enum scope scope, uint64_t last_day), void *context,
	struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database,
		"SELECT name, scope, max(day) FROM rule_day WHERE day BETWEEN ?1 AND ?2 AND low >= ?3 AND hits > 0"
		" AND action <> 'allow' GROUP BY name, scope");
	t->database.work = 0;
	database_bind(&t->database, s, "ii", first, last);
	if (s)
		database_note(&t->database, sqlite3_bind_double(s, 3, low));
	while (database_next_row(&t->database, s)) {
		char name[DATABASE_TEXT];
		enum scope scope = database_number(s, 1) == SCOPE_SUBTREE ? SCOPE_SUBTREE : SCOPE_EXACT;
		visit(context, database_text(s, 0, name), scope, database_number(s, 2));
	}
	return database_end_query(&t->database, s, why);
}

int trends_first_day(struct trends *t, uint64_t *first, struct why *why)
{
	sqlite3_stmt *s = database_prepare(&t->database, "SELECT min(day) FROM day");
	t->database.work = 0;
	*first = 0;
	while (database_next_row(&t->database, s))
		*first = database_number(s, 0);
	return database_end_query(&t->database, s, why);
}
