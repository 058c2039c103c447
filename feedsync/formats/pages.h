/* SPDX-License-Identifier: BSD-3-Clause */
/* A version of a feed that comes page by page: a directory of 1.json, 2.json ... as the server sent them, and pages.json,
 * which holds their number and, for a fetch that asks only for what is new, the time from which on. The directory is
 * replaced as a whole (atomic_dir.h), so the pages and what is known about them always belong together. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/url.h"
#include "feedsync/formats/parse.h"
#include "libweir/attributes.h"

struct node;
struct latest;
struct why;

#define TAXII_MEDIA_TYPE "application/taxii+json;version=2.1"

enum { PAGES_TIME = 64 }; /* room for a time in text */

struct pages {
	uint64_t count;
	/* TAXII */
	char url[URL_MAX + 1]; /* of the objects */
	/* when the newest object of the pages was added, in the server's words; "" = not told */
	char added_after[PAGES_TIME];
	uint64_t whole_at; /* when all pages were last fetched anew, seconds since 1970 */
};

/* The path of a page, from 1. */
void pages_path(const char *directory, uint64_t number, char path[4096]);

/* Reads pages.json. Returns 0, -errno, or -EBADMSG with the reason. */
must_check int pages_read(struct pages *pages, const char *directory, struct why *why);

/* Writes it. Returns as atomic_file_write does. */
must_check int pages_write(const struct pages *pages, const char *directory, struct why *why);

/* What is known while the pages are parsed. */
struct page_reading {
	struct latest *latest; /* the entries, which may stand on several pages (latest.h) */
	struct parse parse;    /* of the page at hand: the document is its name */
};

/* Looks at one page. Returns 0, -EBADMSG for a document that is no page of the format, or another error, which ends the
 * parse. */
typedef int page_visit(const struct page_reading *reading, const struct node *page);

/* Parses the pages at parse->path, as a format's parse_directory does (registry.h): all are read twice, first to `note`
 * the versions of their entries, then to `use` the newest of each. A page that is damaged or missing is logged and
 * counted in the counts; the others count. Returns 0 or an error with the reason. */
must_check int pages_parse(const struct parse *parse, page_visit *note, page_visit *use);
