/* Downloads, many at a time. libcurl is known to fetch.c alone.
 *
 * Each download goes to a file. Servers are verified always; a redirect never leaves https; sizes are counted as octets
 * arrive, inflated; a server that stalls or drips is given up (limits.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"

enum fetch_status {
	FETCH_FAILED,    /* see error */
	FETCH_OK,        /* the file holds the document */
	FETCH_UNCHANGED, /* the server says that the caller's version is current; the file is gone */
	FETCH_MISSING,   /* the server says that there is no such document (404, 410) */
};

struct fetch {
	/* asked */
	char url[2048];
	char path[4096];        /* created, or emptied; removed unless FETCH_OK */
	const char *ca;         /* file of certificates, or NULL */
	char etag[256];         /* of the version that the caller has, or "" */
	char last_modified[64]; /* likewise */
	/* answered */
	enum fetch_status status;
	char new_etag[256]; /* of the version fetched, "" where the server told none */
	char new_last_modified[64];
	uint64_t octets; /* of the document */
	char error[256]; /* FETCH_FAILED and FETCH_MISSING: one line; never holds a user name or password */
};

/* Once, at the start of the program. */
void fetch_init(void);

/* Fetches all. `stop` is asked several times a second and ends everything by returning true: what is not done then has
 * failed. Returns when all have an answer. */
void fetch_all(struct fetch *fetches, size_t count, bool (*stop)(void));
