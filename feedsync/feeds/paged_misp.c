/* SPDX-License-Identifier: BSD-3-Clause */
/* misp-rest: POST /attributes/restSearch, page by page, everything each time. So an attribute that is withdrawn in
 * whatever way (it or its event was deleted, unpublished, hidden, or is not for detection any more) is simply missing.
 * To ask only for what has changed would tell of deleted attributes, and of no other kind.
 *
 * The filters are explicit: by default MISP sends everything as JSON. Tags can forbid the use of an attribute. So all
 * of them are asked for: those of its event, and those that the instance does not export. MISP is not asked to enforce
 * warninglists, since it does that after it has cut the page. It also removes allowed values after that. So a page that
 * is not full need not be the last one: the last page has nothing on it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/base/maxima.h"
#include "feedsync/feeds/paged_kind.h"
#include "feedsync/formats/misp/misp_events.h"
#include "libweir/errors.h"

#define ON_A_PAGE 5000 /* attributes: some megabytes */

struct misp {
	uint64_t page; /* asked for, from 1 */
	char body[512];
};

static int ask_page(struct misp *misp, struct fetch *fetch)
{
	snprintf(misp->body, sizeof misp->body,
		"{\"returnFormat\":\"json\",\"type\":[\"domain\",\"domain|ip\",\"hostname\",\"hostname|port\"],\"to_"
		"ids\":1,"
		"\"published\":1,\"deleted\":0,\"includeEventTags\":1,\"includeAllTags\":1,\"enforceWarninglist\":0,"
		"\"order\":\"Attribute.id asc\",\"limit\":%d,\"page\":%llu}",
		ON_A_PAGE, (unsigned long long)misp->page);
	fetch->body = misp->body;
	return 1;
}

static bool ends_with(const char *text, size_t length, const char *end)
{
	size_t end_length = strlen(end);
	return length >= end_length && memcmp(text + length - end_length, end, end_length) == 0;
}

/* The feed's URL is that of the instance, or of the search itself. */
static int begin_search(struct paged *s, struct fetch *fetch, struct why *why)
{
	static const char search[] = "attributes/restSearch";
	struct misp *misp = s->state;
	const char *url = s->feed->config->url;
	if (ends_with(url, strcspn(url, "?#"), search))
		snprintf(fetch->url, sizeof fetch->url, "%s", url);
	else if (url_below(url, search, fetch->url) != 0)
		return why_set(why, -EPROTO, "the URL is too long");
	fetch->accept = "application/json";
	fetch->header = "X-Skipped-Elements-Count";
	misp->page = 1;
	ask_page(misp, fetch);
	return paged_prepare(s, NULL, why);
}

/* How many attributes MISP has removed from the page, as it tells. */
static uint64_t skipped(const struct fetch *fetch)
{
	return strtoull(fetch->header_value, NULL, 10);
}

static int read_page(struct paged *s, const struct node *document, struct fetch *fetch, struct why *why)
{
	struct misp *misp = s->state;
	const struct node *attributes = misp_attributes(document);
	const char *message = node_text(node_get(document, "message"), NULL);
	size_t count = node_count(attributes);
	if (!attributes)
		return why_set(why, -EBADMSG, "not an answer of attributes/restSearch%s%.150s", message ? ": " : "",
			message ? message : "");
	if (count == 0 && skipped(fetch) == 0)
		return 0;
	/* A server that ignores the page's number sends everything each time, or the first page for ever. */
	if (paged_repeats(s, fetch))
		return count != ON_A_PAGE ? 0
					  : why_set(why, -EBADMSG, "the server sends the same page again and again");
	int status = count > 0 ? paged_keep(s, fetch, why) : 0;
	misp->page++;
	return status != 0 ? status : ask_page(misp, fetch);
}

const struct paged_kind paged_misp = {sizeof(struct misp), begin_search, read_page};
