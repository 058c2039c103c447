/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/monitor/site.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "feedsync/base/html_text.h"
#include "feedsync/base/log.h"
#include "feedsync/monitor/html.h"
#include "feedsync/monitor/page.h"
#include "feedsync/monitor/why_page.h"
#include "libweir/errors.h"
#include "libweir/memory_text.h"

/* ---- files ---- */

/* A number that changes when the file is replaced; 0 = there is none. */
static uint64_t file_version(const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return 0;
	return (uint64_t)status.st_ino * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)status.st_mtim.tv_sec << 30 ^
	       (uint64_t)status.st_mtim.tv_nsec;
}

bool site_refresh(struct site *site)
{
	char path[4096];
	struct snapshot fresh;
	struct why why;
	snprintf(path, sizeof path, "%s/" SNAPSHOT_FILE, site->directory);
	uint64_t version = file_version(path);
	if (version == site->read_version)
		return false;
	site->read_version = version;
	if (version == 0 || snapshot_read(&fresh, site->directory, &why) != 0) {
		log_warning("%s: %s", path, version == 0 ? "it is gone" : why.text);
		return false;
	}
	if (site->has_snapshot)
		snapshot_end(&site->snapshot);
	site->snapshot = fresh;
	site->has_snapshot = true;
	return true;
}

/* Opens the table again if it has changed. A table that cannot be read leaves the one before. */
static void refresh_table(struct site *site)
{
	struct table *fresh;
	struct why why;
	uint64_t version = file_version(site->snapshot.table);
	if (version == site->table_version && site->table)
		return;
	site->table_version = version;
	if (table_open(&fresh, site->snapshot.table, &why) != 0)
		return;
	table_close(&site->table);
	site->table = fresh;
}

void site_end(struct site *site)
{
	if (site->has_snapshot)
		snapshot_end(&site->snapshot);
	table_close(&site->table);
}

/* ---- hosts ---- */

bool is_own_host(const char *host)
{
	char name[64];
	struct in_addr address;
	size_t length = host[0] == '[' ? strcspn(host, "]") + (strchr(host, ']') != NULL) : strcspn(host, ":");
	const char *port = host + length;
	if (length >= sizeof name)
		return false;
	memcpy(name, host, length);
	name[length] = '\0';
	if (*port != '\0' &&
		(*port != ':' || port[1] == '\0' || strlen(port) > 6 || port[1 + strspn(port + 1, "0123456789")]))
		return false;
	return strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0 ||
	       (inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == IN_LOOPBACKNET);
}

/* ---- answers ---- */

static const char html_type[] = "text/html; charset=utf-8";

static int answer_text(struct response *response, unsigned status, const char *type, const char *text)
{
	*response = (struct response){.status = status, .type = type, .body = strdup(text), .length = strlen(text)};
	return response->body ? 0 : -ENOMEM;
}

/* Begins a page. NULL: out of memory. */
static FILE *begin_page(struct response *response, unsigned status)
{
	*response = (struct response){.status = status, .type = html_type};
	return open_memstream(&response->body, &response->length);
}

static int end_page(FILE *out, struct response *response)
{
	if (out && memory_text_close(out, &response->body))
		return 0;
	free(response->body);
	response->body = NULL;
	return -ENOMEM;
}

static int answer_message(struct response *response, unsigned status, const char *title, const char *message)
{
	FILE *out = begin_page(response, status);
	if (out)
		page_print_message(out, title, message);
	return end_page(out, response);
}

static int answer_runbook(struct response *response)
{
	FILE *out = begin_page(response, 200);
	if (out)
		page_print_runbook(out);
	return end_page(out, response);
}

static int answer_why(struct site *site, const char *name, struct response *response)
{
	refresh_table(site);
	FILE *out = begin_page(response, 200);
	if (out)
		why_page_print(site->table, &site->snapshot, name, out);
	return end_page(out, response);
}

/* Why what is shown would deceive, or NULL. */
static const char *find_obstacle(const struct site *site)
{
	uint64_t now = (uint64_t)time(NULL);
	if (!site->has_snapshot)
		return "Nothing was handed over yet. `feedsync run` does that each 10 seconds where `metrics: listen:` "
		       "is "
		       "set.";
	if (site->snapshot.at > now + SNAPSHOT_OLD_S)
		return "What is known was gathered at a time that lies in the future: the clock was set back, and "
		       "`feedsync "
		       "run` is not at work. Next: `systemctl status feedsync`. Resolvers go on with their table.";
	if (now > site->snapshot.at + SNAPSHOT_OLD_S)
		return "What is known is older than a minute: `feedsync run` is not at work. Next: `systemctl status "
		       "feedsync`. Resolvers go on with their table.";
	return NULL;
}

int site_answer(struct site *site, const struct request *request, struct response *response)
{
	const char *path = request->path, *obstacle;
	if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)
		return answer_message(response, 405, "Only GET and HEAD", "These pages change nothing.");
	if (site->checks_host && !(request->host && is_own_host(request->host)))
		return answer_message(response, 421, "Another host",
			"These pages are for this machine: ask for localhost, or for an address of the loopback "
			"interface.");
	if (strcmp(path, "/style.css") == 0)
		return answer_text(response, 200, "text/css; charset=utf-8", html_style);
	if (strcmp(path, "/runbook") == 0)
		return answer_runbook(response);
	if (strcmp(path, "/") != 0 && strcmp(path, "/metrics") != 0 && strcmp(path, "/status.json") != 0 &&
		strcmp(path, "/fleet") != 0 && strcmp(path, "/why") != 0)
		return answer_message(response, 404, "No such page",
			"There are /, /fleet, /why, /runbook, /metrics and /status.json.");
	obstacle = find_obstacle(site);
	if (obstacle)
		return answer_message(response, 503, "NOT KNOWN", obstacle);
	if (strcmp(path, "/metrics") == 0)
		return answer_text(response, 200, "text/plain; version=0.0.4; charset=utf-8", site->snapshot.metrics);
	if (strcmp(path, "/status.json") == 0)
		return answer_text(response, 200, "application/json", site->snapshot.status);
	if (strcmp(path, "/fleet") == 0)
		return answer_text(response, 200, html_type, site->snapshot.fleet);
	if (strcmp(path, "/why") == 0)
		return answer_why(site, request->name ? request->name : "", response);
	return answer_text(response, 200, html_type, site->snapshot.page);
}
