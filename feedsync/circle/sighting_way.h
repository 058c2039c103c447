/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways in which a partner is told of sightings: one row each (EACH_SIGHTING_WAY, sighting_ways.h), which says how an entry is
 * identified, and how sightings are sent to a server (sighting_send.h), or written into a directory (sighting_directory.h). What
 * is pending, when it is told, and what is tried again are the same for all. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/circle/sighting.h"
#include "libweir/attributes.h"

struct credentials;
struct fetch;
struct node;
struct sighting_store;
struct sink;
struct why;

/* How an entry is known to its source. */
struct sighting_identifiers {
	char group[SIGHTING_GROUP], entry[SIGHTING_ENTRY]; /* as in struct sighting */
	uint64_t changed_at; /* by which the newest of several entries are told; 0 = not known */
};

/* A call: sightings of one group that are sent together. */
struct sighting_call {
	const struct organisation *organisation;
	const struct partner *partner;
	const struct credentials *access;
	const char *path; /* of a file for the answer; it is gone afterwards */
	struct sighting *list;
	size_t count;
	/* What came of it. Of a call that was taken the state of each sighting is set, and `words` of those that are refused. */
	uint64_t added;               /* how many the server did not know yet */
	char words[SIGHTING_WORDS];   /* the server's, where something is refused */
	uint64_t retry_after_s;       /* the server asks to be left alone for so long; 0: it does not */
	bool answered;                /* the server has answered at all */
	enum error_class error_class; /* unless it was taken */
	char error[SIGHTING_WORDS];   /* likewise */
};

enum sighting_result {
	CALL_TAKEN,     /* each sighting has its state */
	CALL_REFUSED,   /* the server takes nothing of this group, and would not later */
	CALL_TOO_LARGE, /* with fewer sightings it may */
	CALL_FORBIDDEN, /* the server does not accept who we are, or not for this group */
	CALL_FAILED,    /* it may work later */
};

/* What is written into a directory: sightings from a day on. */
struct sighting_files {
	const struct organisation *organisation;
	const struct partner *partner;
	struct sighting_store *store;
	const char *made;     /* of the way */
	uint64_t first, last; /* days; `last`: the newest that was closed */
	uint64_t at;          /* when it is written; grows from one to the next */
};

struct sighting_way {
	const char *word;
	const char *made; /* what is made of a sighting, for its UUID (sighting_identify) */
	/* Tells how the sink's entry at hand is known. Returns false where it is not. */
	bool (*identify)(const struct sink *sink, struct sighting_identifiers *identifiers);

	/* ---- of a server ---- */
	unsigned most; /* sightings of a call */
	/* Sends. To send a sighting again must do nothing: whatever happens in between, it is sent until the server is known to
	 * have it. */
	enum sighting_result (*send)(struct sighting_call *call);
	/* Asks, after CALL_FORBIDDEN, whether the server accepts who we are: CALL_TAKEN, then it was said of the group alone; or
	 * any other result. NULL: there are no groups. */
	enum sighting_result (*ask_permission)(struct sighting_call *call);

	/* ---- of a directory ---- */
	const char *main_file; /* what vouches for the others, and is signed; NULL: it is a server that is told */
	/* Writes all files into an empty directory. Equal sightings give equal octets. Returns 0 or a negative code with the
	 * reason. */
	int (*render)(const struct sighting_files *files, const char *directory, struct why *why);
};

/* The row of a word of EACH_SIGHTING_WAY; NULL for another one, which the configuration refuses. */
const struct sighting_way *sighting_way_find(const char *word);

#define SIGHTING_WAY_ROW(name, ...) extern const struct sighting_way sighting_way_##name;
#include "feedsync/config/sighting_ways.h"
EACH_SIGHTING_WAY(SIGHTING_WAY_ROW)
#undef SIGHTING_WAY_ROW
