/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests for pages: method, host, path and name, whatever they are. Each is answered; another host than this machine
 * gets nothing; nothing that was asked comes back as markup. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/base/json.h"
#include "feedsync/monitor/site.h"

static const char *next_part(char **rest, char *end)
{
	char *part = *rest, *stop = memchr(part, '\n', (size_t)(end - part));
	stop = stop ? stop : end;
	*stop = '\0';
	*rest = stop < end ? stop + 1 : end;
	return part;
}

static void begin_site(struct site *site)
{
	*site = (struct site){.directory = "/nonexistent", .has_snapshot = true, .checks_host = true};
	site->snapshot = (struct snapshot){.document = node_object(),
		.at = UINT64_MAX - 1000,
		.listen = "127.0.0.1:1",
		.table = "/nonexistent",
		.metrics = "weir_well 1\n",
		.page = "<p>page</p>",
		.fleet = "<p>fleet</p>",
		.status = "{}"};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct site site;
	struct response response;
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	char *rest = text, *end = text + size;
	const char *method = next_part(&rest, end), *host = next_part(&rest, end), *path = next_part(&rest, end);
	const struct request request = {.method = method[0] ? method : "GET", .host = host, .path = path, .name = rest};
	begin_site(&site);
	if (site_answer(&site, &request, &response) == 0) {
		if (!response.body || strlen(response.body) != response.length)
			abort();
		if (response.status == 200 && !is_own_host(host))
			abort();
		if (strstr(response.body, "<script") || strstr(response.body, "<img"))
			abort();
		free(response.body);
	}
	site_end(&site);
	free(text);
	return 0;
}
