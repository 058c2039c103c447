/* SPDX-License-Identifier: BSD-3-Clause */
/* The protocols by which feeds come page by page. Private to paged.c, which does what they share, and paged_misp.c
 * and paged_taxii.c, which know what to ask. */
#pragma once

#include "feedsync/feeds/feed.h"
#include "feedsync/formats/pages.h"

struct node;
struct why;

/* A series under way. */
struct paged {
	struct feed *feed;
	const struct paged_kind *kind;
	struct pages pages; /* that lie in `next` */
	uint64_t kept;      /* of them, those that came in this run */
	uint64_t asked;     /* documents, with the one under way */
	uint64_t octets;    /* of them all */
	void *state;        /* the kind's own */
};

struct paged_kind {
	size_t state_size; /* octets, zeroed at the start */
	/* Writes the first request. Returns 0 or an error with the reason. */
	int (*begin)(struct paged *series, struct fetch *fetch, struct why *why);
	/* Reads the document that has come and, if another one is to follow, writes the request for that. Returns 1 if
	 * so, 0 after the last one, or an error with the reason. */
	int (*read)(struct paged *series, const struct node *document, struct fetch *fetch, struct why *why);
};

extern const struct paged_kind paged_misp, paged_taxii;

/* Begins the new version: empty or, with `before`, with the last good version's pages, which `before` tells of. */
must_check int paged_prepare(struct paged *series, const struct pages *before, struct why *why);

/* Whether a page like the document that has come was there before in this run, so that there would be no end. A round
 * is found out however long it is, after no more than some three times its pages, by comparing with only one page from
 * before, and with another one ever more rarely. */
must_check bool paged_repeats(const struct paged *series, const struct fetch *fetch);

/* Keeps the document that has come as the next page. */
must_check int paged_keep(struct paged *series, const struct fetch *fetch, struct why *why);
