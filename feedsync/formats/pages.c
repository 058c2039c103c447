/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/pages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/formats/latest.h"
#include "libweir/errors.h"

enum { INDEX_SIZE = 16384 };

static void index_path(const char *directory, char path[4096])
{
	snprintf(path, 4096, "%s/pages.json", directory);
}

void pages_path(const char *directory, uint64_t number, char path[4096])
{
	snprintf(path, 4096, "%s/%llu.json", directory, (unsigned long long)number);
}

int pages_read(struct pages *pages, const char *directory, struct why *why)
{
	char path[4096];
	struct node *node;
	*pages = (struct pages){0};
	index_path(directory, path);
	int status = json_load(&node, path, INDEX_SIZE, why);
	if (status != 0)
		return status;
	if (!node_number(node_get(node, "pages"), &pages->count) || pages->count > MAX_PAGES)
		status = why_set(why, -EBADMSG, "does not tell how many pages there are");
	node_text_at(node, "url", pages->url, sizeof pages->url);
	node_text_at(node, "added_after", pages->added_after, sizeof pages->added_after);
	pages->whole_at = node_number_at(node, "whole_at");
	node_free(node);
	return status;
}

int pages_write(const struct pages *pages, const char *directory, struct why *why)
{
	char path[4096];
	index_path(directory, path);
	struct node *node = node_object();
	node_put(node, "pages", node_from_number(pages->count));
	node_put(node, "url", node_from_text(pages->url));
	node_put(node, "added_after", node_from_text(pages->added_after));
	node_put(node, "whole_at", node_from_number(pages->whole_at));
	return json_publish(node, path, MODE_PRIVATE, why);
}

static int visit_page(const char *path, page_visit *visit, const struct page_reading *reading, struct why *why)
{
	struct node *page;
	int status = json_load(&page, path, MAX_BODY, why);
	if (status == 0 && (status = visit(reading, page)) != 0)
		why_set(why, status, "%s", status == -EBADMSG ? "not a page of this format" : error_text(status));
	node_free(page);
	return status;
}

/* Calls `visit` for each page in order. Damaged pages are counted in the counts, or passed over if that is NULL. */
static int each_page(const struct parse *parse, struct latest *latest, page_visit *visit, struct parse_counts *counts)
{
	struct pages pages;
	struct why reason;
	int status = pages_read(&pages, parse->path, &reason);
	if (status != 0)
		return why_set(parse->why, status, "%s/pages.json: %s", parse->document, reason.text);
	for (uint64_t i = 1; i <= pages.count; i++) {
		char path[4096], name[1024];
		struct page_reading reading = {latest, *parse};
		pages_path(parse->path, i, path);
		snprintf(name, sizeof name, "%s/%llu.json", parse->document, (unsigned long long)i);
		reading.parse.document = name;
		status = visit_page(path, visit, &reading, &reason);
		bool damaged = status == -EBADMSG || status == -EFBIG || status == -ENOENT;
		if (status != 0 && !damaged)
			return why_set(parse->why, status, "%s: %s", name, reason.text);
		if (damaged && counts) {
			log_error("%s: %s", name, reason.text);
			counts->damaged++;
		}
	}
	return 0;
}

int pages_parse(const struct parse *parse, page_visit *note, page_visit *use)
{
	struct latest *latest = latest_new();
	if (!latest)
		return why_set(parse->why, -ENOMEM, "out of memory");
	int status = each_page(parse, latest, note, parse->sink->counts);
	if (status == 0) {
		latest_settle(latest);
		status = each_page(parse, latest, use, NULL);
	}
	latest_free(&latest);
	return status;
}
