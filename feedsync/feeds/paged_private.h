/* SPDX-License-Identifier: BSD-3-Clause */
/* A feed under way that comes page by page. Private to paged.c, which keeps the pages, and paged_taxii.c, which knows what
 * to ask. */
#pragma once

#include "feedsync/feeds/feed.h"
#include "feedsync/formats/pages.h"

struct node;
struct why;

/* The pages of a feed under way. */
struct paged {
	struct feed *feed;
	struct pages pages;  /* that lie in `next` */
	uint64_t kept;       /* those of them that came in this run */
	uint64_t asked;      /* documents, with the one under way */
	uint64_t octets;     /* of these documents */
	struct taxii *taxii; /* the protocol's own */
};

/* Begins: writes the first request. Returns 0 or an error with the reason; taxii_end follows either way. */
must_check int taxii_begin(struct paged *paged, struct fetch *fetch, struct why *why);
void taxii_end(struct paged *paged);

/* Reads the document that has come and, if another one is to follow, writes the request for that. Returns 1 if so, 0 after
 * the last one, or an error with the reason. */
must_check int taxii_read(struct paged *paged, const struct node *document, struct fetch *fetch, struct why *why);

/* Begins the new version: empty, or with the pages of the last good version that `before` describes. */
must_check int paged_prepare(struct paged *paged, const struct pages *before, struct why *why);

/* Whether the server repeats itself: the document that has come is a page that came before in this run. Uses Brent's
 * algorithm: each document is compared with one remembered page only. A loop of n pages is found after at most 3n. */
must_check bool paged_repeats(const struct paged *paged, const struct fetch *fetch);

/* Keeps the document that has come as the next page. */
must_check int paged_keep(struct paged *paged, const struct fetch *fetch, struct why *why);
