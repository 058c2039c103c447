/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of servers that are asked page by page: whatever one says, the next question goes to the feed's own server.
 * The input is what a TAXII server says at each step, from discovery to the objects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/formats/registry.h"
#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/base/atomic_dir.h"
#include "feedsync/base/json.h"
#include "feedsync/feeds/paged_private.h"

static char directory[] = "/tmp/weir-fuzz-XXXXXX";

static void remove_directory(void)
{
	atomic_dir_remove(directory);
}

static void answer(struct feed *feed, const struct node *document)
{
	struct why why;
	struct fetch *fetch = calloc(1, sizeof *fetch);
	struct paged paged = {.feed = feed};
	const char *told = node_text(node_get(document, "header"), NULL);
	int status = taxii_begin(&paged, fetch, &why);
	if (status < 0)
		abort();
	for (unsigned i = 0; i < 4 && status >= 0 && (i == 0 || status == 1); i++) {
		char url[URL_MAX + 1];
		if (url_on_same_server(feed->config->url, fetch->url, url) != 0)
			abort();
		/* There is no such file: a page that would be kept ends it. */
		snprintf(fetch->path, sizeof fetch->path, "%s/none", directory);
		snprintf(fetch->header_value, sizeof fetch->header_value, "%.255s", told ? told : "");
		status = taxii_read(&paged, document, fetch, &why);
	}
	atomic_dir_remove(feed->next);
	taxii_end(&paged);
	free(fetch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct feed_config config = {
		.name = "fuzz", .url = "https://user:x@a.example/taxii2/", .collection = "c"};
	static struct feed feed = {.config = &config};
	struct why why;
	if (!feed.next[0]) {
		if (!mkdtemp(directory))
			abort();
		atexit(remove_directory);
		snprintf(feed.good, sizeof feed.good, "%s/good", directory);
		snprintf(feed.next, sizeof feed.next, "%s/next", directory);
	}
	struct node *document = json_parse((const char *)data, size, &why);
	if (!document)
		return 0;
	answer(&feed, document);
	node_free(document);
	return 0;
}
