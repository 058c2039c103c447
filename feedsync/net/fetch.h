/* SPDX-License-Identifier: BSD-3-Clause */
/* One document to be downloaded: what is asked for, and what came of it. fetch_all.h downloads many of them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/base/url.h"
#include "feedsync/net/credentials.h"
#include "libweir/attributes.h"

struct disk_budget;
struct trust;

enum fetch_status {
	FETCH_FAILED,    /* see error */
	FETCH_OK,        /* the file holds the document */
	FETCH_UNCHANGED, /* the server says that the caller's version is current; the file is gone */
	FETCH_MISSING,   /* there is no such document (404, 410, no file) */
};

struct fetch {
	/* asked */
	char url[URL_MAX + 1];
	char path
		[4096]; /* created, or emptied; removed unless FETCH_OK; but see `resumes`. "": the document comes into `said`,
			  * and is no longer than that */
	const struct trust *trust;
	const struct credentials *access; /* the secret that the server wants, or NULL; not given to another one */
	char etag[256];                   /* of the version that the caller has, or "" */
	char last_modified[64];           /* likewise */
	struct disk_budget *room; /* that it takes, or NULL: as much as there is; it lives as long as the file */
	uint64_t most;            /* octets of a document, 0: MAX_DOWNLOAD */
	const char *accept;       /* the media type wanted, or NULL */
	const char *body;         /* a document to be posted, or NULL: nothing is; ... */
	const char *type;         /* ... its media type, or NULL: JSON */
	bool compressed;          /* the document may come compressed by gzip: who reads it unpacks it (unpack.h) */
	const char *header;       /* the name of a header of the answer whose value is wanted, or NULL */
	bool stays;               /* no redirect is followed */
	bool resumes; /* what came before the connection broke off stays in the file, and only the rest is asked for then:
			* the caller knows by a digest that the whole is of one piece */
	const char *login; /* how the path of the server's login page ends, or NULL: a redirect there is not followed */
	/* Called when a document has come, whose file is then the callee's to remove. It may ask for another document by
	 * changing what stands above, and return true; or give the fetch up. NULL: there is only one document. */
	bool (*more)(struct fetch *fetch);
	void *owner; /* for `more` */
	/* answered */
	enum fetch_status status;
	char new_etag[256]; /* of the version fetched, "" where the server told none */
	char new_last_modified[64];
	char header_value[256];  /* "" where there is none, or a longer one */
	char redirected_to[256]; /* the host of the last redirect that was followed, "" = there was none */
	uint64_t octets;         /* of the document */
	long http;               /* the status of the last answer, 0 = there was none */
	uint8_t said[1024];      /* FAILED: the beginning of what the server sent instead, as it came; OK: see `path` */
	size_t said_length;
	uint64_t retry_after_s;       /* FAILED: the server asks to be left alone; at most MAX_RETRY_AFTER_S */
	bool dated;                   /* the server has told what time it is; */
	int64_t ahead;                /* then by how many seconds our clock is ahead of its */
	bool open_ended;              /* neither the server nor the protocol tells where it ends: it may be cut off */
	enum error_class error_class; /* unless OK or UNCHANGED */
	char error[256];              /* likewise: one line; never holds a user name or password */
};

/* Ends a fetch without a document. `more` uses it too, and so does a caller who finds that a document is no good. Sets
 * the status, which is neither OK nor UNCHANGED, and the error's class and text, which is cut to fit. Returns false. */
bool fetch_give_up(struct fetch *fetch, enum fetch_status status, enum error_class class, const char *error);
/* How many octets of answers this process has received, whatever has become of them. */
uint64_t fetch_received(void);
