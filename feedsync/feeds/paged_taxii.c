/* SPDX-License-Identifier: BSD-3-Clause */
/* taxii: the indicators of a TAXII 2.1 collection.
 *
 * The feed's URL is that of the collection's objects. Or the collection is named by its id, alias or title, and the URL
 * is that of the server's discovery or of an API root. Then the way to the objects is asked for first, each time. It
 * must stay on the same server, since the feed's secret belongs to that server.
 *
 * Objects are asked for page by page: by the server's `next` or, without that, from the time on at which the last
 * object of a page was added (X-TAXII-Date-Added-Last). If the last good version knows that time, only what was added
 * later is asked for, and joins its pages. Of several versions of an object the newest counts. Objects that the server
 * has removed are noticed when everything is fetched again, which is due after WHOLE_FETCH_S. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/timestamp.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/feeds/paged_private.h"
#include "feedsync/base/uuid.h"
#include "libweir/errors.h"

#define ON_A_PAGE "1000" /* objects; the server may send fewer */

enum { MAX_ROOTS = 16 };

struct taxii {
	int (*read)(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why);
	/* on the way to the objects */
	char roots[MAX_ROOTS][URL_MAX + 1];
	size_t root_count, root; /* the one that was asked for its collections */
	char titles[100];        /* of collections that are not the one */
	/* the objects */
	char added_after[PAGES_TIME]; /* as asked */
};

/* ---- objects ---- */

/* A URL that grows by parameters. Once one does not fit the rest does nothing. */
struct query {
	char *url;
	int status;
};

/* Adds a parameter; one without a value (NULL or "") is left out. */
static void add_parameter(struct query *query, const char *name, const char *value)
{
	if (query->status == 0 && value && value[0])
		query->status = url_add(query->url, name, value);
}

/* Asks for a page of objects; `next` is the server's word for it, or NULL. */
static int ask_objects(struct paged *s, struct fetch *fetch, const char *next, struct why *why)
{
	struct taxii *t = s->taxii;
	snprintf(fetch->url, sizeof fetch->url, "%s", s->pages.url);
	struct query query = {fetch->url, 0};
	add_parameter(&query, "match[type]", "indicator");
	add_parameter(&query, "limit", ON_A_PAGE);
	add_parameter(&query, "added_after", t->added_after);
	add_parameter(&query, "next", next);
	if (query.status == 0)
		return 1;
	return why_set(why, -EPROTO, "the URL is too long%s", next ? " with the server's \"next\"" : "");
}

/* Whether the last good version's pages can be continued. They must be this collection's, and not too old. And what is
 * remembered of the feed must agree with them: it does not after the version turned out to be damaged. */
static bool can_go_on(const struct paged *s, const struct pages *old)
{
	return strcmp(old->url, s->pages.url) == 0 && old->added_after[0] &&
	       strcmp(old->added_after, s->feed->record.etag) == 0 && wall_ago(old->whole_at) < WHOLE_FETCH_S &&
	       old->count < MAX_PAGES / 2;
}

static int read_objects(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why);

/* Begins with the objects at s->pages.url. */
static int begin_objects(struct paged *s, struct fetch *fetch, struct why *why)
{
	struct taxii *t = s->taxii;
	struct pages old, new = {.whole_at = wall_now()};
	memcpy(new.url, s->pages.url, sizeof new.url);
	bool go_on = pages_read(&old, s->feed->good, why) == 0 && can_go_on(s, &old);
	int status = paged_prepare(s, go_on ? &old : NULL, why);
	if (status != 0)
		return status;
	if (!go_on)
		s->pages = new;
	memcpy(t->added_after, s->pages.added_after, sizeof t->added_after);
	t->read = read_objects;
	fetch->header = "X-TAXII-Date-Added-Last";
	return ask_objects(s, fetch, NULL, why);
}

/* Whether a time that the server tells is later than another one, which may be "" = none. A time in the future would
 * hide what is added until then. */
static bool is_later(const char *told, const char *other)
{
	uint64_t us, other_us = 0;
	return strlen(told) < PAGES_TIME && timestamp_read_rfc3339(told, &us) &&
	       us / 1000000 < wall_now() + ONE_DAY_S &&
	       (!other[0] || (timestamp_read_rfc3339(other, &other_us) && us > other_us));
}

/* Asks for what comes after a page. */
static int ask_more(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	struct taxii *t = s->taxii;
	char number[64];
	const char *next = node_word(node_get(document, "next"), number);
	if (!node_truth(node_get(document, "more")))
		return 0;
	if (next && next[0] && !node_is_null(node_get(document, "next")))
		return ask_objects(s, fetch, next, why);
	if (!is_later(fetch->header_value, t->added_after))
		return why_set(why, -EBADMSG, "the server has more, but tells neither \"next\" nor a later time");
	snprintf(t->added_after, PAGES_TIME, "%.63s", fetch->header_value);
	return ask_objects(s, fetch, NULL, why);
}

static int read_objects(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	const struct node *objects = node_get(document, "objects");
	if (!node_is_object(document) || !(node_is_null(objects) || node_is_array(objects)))
		return why_set(why, -EBADMSG, "not a TAXII envelope");
	const char *title = node_text(node_get(document, "title"), NULL);
	if (title) /* which only an error has (TAXII 2.1, 3.6.1) */
		return why_set(why, -EBADMSG, "an error instead of a TAXII envelope: %.150s", title);
	/* `next` is no proof: some servers send the same one for ever. */
	if (node_count(objects) > 0 && paged_repeats(s, fetch))
		return why_set(why, -EBADMSG, "the server sends the same page again and again");
	int status = node_count(objects) > 0 ? paged_keep(s, fetch, why) : 0;
	if (status != 0)
		return status;
	if (is_later(fetch->header_value, s->pages.added_after))
		snprintf(s->pages.added_after, PAGES_TIME, "%.63s", fetch->header_value);
	return ask_more(s, document, fetch, why);
}

/* ---- the way to them ---- */

static bool is_wanted(const struct node *collection, const char *wanted)
{
	return node_is(node_get(collection, "id"), wanted) || node_is(node_get(collection, "alias"), wanted) ||
	       node_is(node_get(collection, "title"), wanted);
}

static void note_title(struct taxii *t, const struct node *collection)
{
	const char *title = node_text(node_get(collection, "title"), NULL);
	size_t used = strlen(t->titles);
	if (title)
		snprintf(t->titles + used, sizeof t->titles - used, "%s\"%s\"", used > 0 ? ", " : "", title);
}

static int ask_collections(struct paged *s, struct fetch *fetch, struct why *why)
{
	const struct taxii *t = s->taxii;
	int status = url_below(t->roots[t->root], "collections/", fetch->url);
	return status == 0 ? 1 : why_set(why, -EPROTO, "the URL is too long");
}

static int take_collection(struct paged *s, const struct node *collection, struct fetch *fetch, struct why *why)
{
	const struct taxii *t = s->taxii;
	const struct node *can_read = node_get(collection, "can_read");
	const char *id = node_text(node_get(collection, "id"), NULL);
	char path[80];
	if (!id || !uuid_is_valid(id))
		return why_set(why, -EBADMSG, "the collection has no UUID");
	if (can_read && !node_truth(can_read))
		return why_set(why, -EKEYREJECTED, "the server says that the collection may not be read");
	snprintf(path, sizeof path, "collections/%s/objects/", id);
	int status = url_below(t->roots[t->root], path, s->pages.url);
	return status == 0 ? begin_objects(s, fetch, why) : why_set(why, -EPROTO, "the URL is too long");
}

/* The collections of an API root. */
static int read_collections(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	struct taxii *t = s->taxii;
	const char *wanted = s->feed->config->collection;
	const struct node *list = node_get(document, "collections"), *found = NULL;
	unsigned count = 0;
	if (!node_is_object(document))
		return why_set(why, -EBADMSG, "not a list of TAXII collections");
	for (size_t i = 0; i < node_count(list); i++) {
		const struct node *collection = node_at(list, i);
		if (is_wanted(collection, wanted)) {
			found = collection;
			count++;
		} else {
			note_title(t, collection);
		}
	}
	if (count == 1)
		return take_collection(s, found, fetch, why);
	if (count > 1)
		return why_set(why, -EPROTO, "%u collections are called \"%.60s\": tell its id", count, wanted);
	if (++t->root < t->root_count)
		return ask_collections(s, fetch, why);
	return why_set(why, -EPROTO, "there is no collection \"%.60s\" (there are: %s)", wanted,
		t->titles[0] ? t->titles : "none");
}

static int add_root(struct paged *s, const char *text, struct why *why)
{
	struct taxii *t = s->taxii;
	if (!text || t->root_count == MAX_ROOTS)
		return why_set(why, -EBADMSG, "an API root is not text, or there are more than %d", MAX_ROOTS);
	int status = url_on_same_server(s->feed->config->url, text, t->roots[t->root_count++]);
	if (status == -EXDEV)
		return why_set(why, -EPROTO, "the API root is on another server, %.150s: make it the feed's URL", text);
	return status == 0 ? 0 : why_set(why, -EBADMSG, "an API root is no URL: %.150s", text);
}

/* Reads the document that the feed's URL leads to: discovery, which lists API roots, or an API root. */
static int read_entry(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	struct taxii *t = s->taxii;
	const struct node *roots = node_get(document, "api_roots");
	const char *first = node_text(node_get(document, "default"), NULL);
	int status = 0;
	if (node_get(document, "versions"))
		snprintf(t->roots[t->root_count++], sizeof t->roots[0], "%s", s->feed->config->url);
	else if (first)
		status = add_root(s, first, why);
	for (size_t i = 0; status == 0 && i < node_count(roots); i++)
		if (!first || !node_is(node_at(roots, i), first))
			status = add_root(s, node_text(node_at(roots, i), NULL), why);
	if (status == 0 && t->root_count == 0)
		status = why_set(why, -EBADMSG, "neither TAXII discovery nor an API root");
	t->read = read_collections;
	return status == 0 ? ask_collections(s, fetch, why) : status;
}

/* ---- */

int taxii_begin(struct paged *s, struct fetch *fetch, struct why *why)
{
	struct taxii *t = s->taxii = xcalloc(1, sizeof *t);
	fetch->accept = TAXII_MEDIA_TYPE;
	t->read = read_entry;
	if (s->feed->config->collection) {
		snprintf(fetch->url, sizeof fetch->url, "%s", s->feed->config->url);
		return 0;
	}
	snprintf(s->pages.url, sizeof s->pages.url, "%s", s->feed->config->url);
	int status = begin_objects(s, fetch, why);
	return status < 0 ? status : 0;
}

int taxii_read(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	const struct taxii *t = s->taxii;
	return t->read(s, document, fetch, why);
}

void taxii_end(struct paged *paged)
{
	free(paged->taxii);
	paged->taxii = NULL;
}
