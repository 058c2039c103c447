/* SPDX-License-Identifier: BSD-3-Clause */
/* The formats in which we publish.
 *
 * A format is one row, `struct rendering`, in the file that writes it; EACH_RENDERING (share_config.h) lists the rows. A
 * rendering is a pure function of what stands in struct release: equal input, equal octets, on every machine. It reads no
 * clock, no configuration besides, and no locale.
 *
 * What was rendered is read back by our own parsers before anybody sees it (release.h): it must have the live items that
 * the format can carry, each with its name and scope, and nothing else.
 *
 * To add a format: its file, a line in EACH_RENDERING, a line in feedsync/CMakeLists.txt, a test of its octets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/circle/item.h"
#include "feedsync/entries/sink.h"
#include "libweir/attributes.h"

struct why;

enum { FILE_NAME_ROOM = 280 };

/* What is rendered. */
struct release {
	const struct organisation *organisation;
	const struct output *output;
	const struct item *items; /* sorted (item_compare): live ones and tombstones, all that the output has */
	size_t count;
	uint32_t serial;   /* grows with each release of changed content */
	uint64_t at;       /* the publish, seconds since 1970; grows with the serial, so it may be ahead of the clock */
	uint64_t now;      /* the publish by the clock: no live item has ended by then */
	char signer[17];   /* number of the key that signs it (sign.h), or "" */
	const char *chain; /* the newest value of our log (shared_log.h) before this release, hexadecimal; "" = none */
};

struct rendering {
	const char *name; /* the word in the configuration */
	bool names_only; /* it tells names and scopes, and nothing else of an item: what else changes is no new release */
	/* Whether the format can carry a live item; why not, in words, else NULL. NULL: it can carry any. */
	const char *(*unfit)(const struct output *output, const struct item *item);
	/* Writes all files into an empty directory (rendered_file.h), but no signature. Returns 0 or -errno with the
	 * reason; what was written then is thrown away. */
	int (*render)(const struct release *release, const char *directory, struct why *why);
	/* The name of the file that is signed, and whose sum the log has: "manifest.json". */
	void (*main_file)(const struct output *output, char name[FILE_NAME_ROOM]);
	/* Reads what was rendered by the parser that a second Weir would use, into a sink whose `take` and counts are set.
	 * Returns as format_parse does. rendering_parse is the whole of it for a format of one document or directory. */
	int (*read)(const struct release *release, const char *directory, struct sink *sink, struct why *why);
};

#define DECLARE_RENDERING(row, word, sentence) extern const struct rendering rendering_##row;
EACH_RENDERING(DECLARE_RENDERING)
#undef DECLARE_RENDERING

/* The rendering of a word; the table of options lets no other word pass. */
const struct rendering *rendering_find(const char *name);

/* Parses a file, or a directory, of a format that feeds come in (registry.h), with the settings that feeds have by
 * default, at the time of the release's publish. Returns as format_parse does. */
must_check int rendering_parse(
	const struct release *release, const char *format, const char *path, struct sink *sink, struct why *why);

/* Pointers to the release's items in another order, by a comparison of such pointers. Returns them, to be freed, or NULL where
 * there is no memory. */
must_check const struct item **release_order(
	const struct release *release, int (*compare)(const void *a, const void *b));
