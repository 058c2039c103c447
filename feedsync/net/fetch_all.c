/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/fetch_all.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/net/transfer.h"

struct batch {
	CURLM *multi;
	struct fetch *fetches;
	size_t count, done;
	size_t first; /* those before it have all begun */
	bool *begun;
	struct transfer transfers[MAX_CONNECTIONS]; /* fetch == NULL: free */
	uint64_t octets;
};

static struct resolver *resolver; /* NULL: the system's */
static CURLM *open_multi;         /* with the connections that stay open; NULL: none do */

void fetch_resolve_by(const struct resolver_config *config)
{
	resolver_free(&resolver);
	if (config)
		resolver = resolver_new(config);
}

void fetch_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		log_error("libcurl does not start");
		exit(2);
	}
}

void fetch_keep_connections(void)
{
	if (!open_multi)
		open_multi = curl_multi_init();
}

/* Whether the fetch goes on with another request; changes the fetch for that. */
static bool goes_on(struct fetch *fetch, bool other)
{
	if (other)
		fetch->etag[0] = fetch->last_modified[0] = '\0'; /* so this answer cannot come again */
	return other || (fetch->status == FETCH_OK && fetch->more && fetch->more(fetch));
}

static void end_transfer(struct batch *b, struct transfer *t)
{
	struct fetch *fetch = t->fetch;
	bool other = fetch->status == FETCH_UNCHANGED && t->answer.of_other_version;
	b->octets += fetch->octets;
	transfer_end(t);
	if (goes_on(fetch, other)) {
		/* The fetch waits like those that have not begun. */
		size_t index = (size_t)(fetch - b->fetches);
		b->begun[index] = false;
		b->first = index < b->first ? index : b->first;
	} else {
		b->done++;
	}
}

static bool host_is_busy(const struct batch *b, const char *url)
{
	unsigned connections = 0;
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++) {
		const struct fetch *f = b->transfers[i].fetch;
		connections += f && url_same_origin(f->url, url);
	}
	return connections >= MAX_HOST_CONNECTIONS;
}

/* The next fetch whose host is not busy, or NULL. libcurl has such a limit too, but there a waiting transfer would
 * already use up its time. */
static struct fetch *next_fetch(struct batch *b)
{
	while (b->first < b->count && b->begun[b->first])
		b->first++;
	for (size_t i = b->first; i < b->count; i++) {
		if (b->begun[i] || host_is_busy(b, b->fetches[i].url))
			continue;
		b->begun[i] = true;
		return &b->fetches[i];
	}
	return NULL;
}

static void begin_more(struct batch *b)
{
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++) {
		struct transfer *t = &b->transfers[i];
		for (struct fetch *next; !t->fetch && (next = next_fetch(b));)
			if (!transfer_begin(t, next, b->multi, resolver))
				end_transfer(b, t);
	}
}

/* Goes on with the fetches whose host has been found. */
static void resume(struct batch *b)
{
	resolver_process(resolver);
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++)
		if (b->transfers[i].fetch && !transfer_resume(&b->transfers[i]))
			end_transfer(b, &b->transfers[i]);
}

static void end_finished(struct batch *b)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(b->multi, &left));) {
		if (message->msg != CURLMSG_DONE)
			continue;
		char *private = NULL;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
		struct transfer *t = (struct transfer *)private;
		if (!transfer_go_on(t, message->data.result))
			end_transfer(b, t);
	}
}

static void stop_all(struct batch *b, enum error_class class, const char *why)
{
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++) {
		if (b->transfers[i].fetch) {
			fetch_give_up(b->transfers[i].fetch, FETCH_FAILED, class, why);
			end_transfer(b, &b->transfers[i]);
		}
	}
	for (size_t i = 0; i < b->count; i++) {
		if (!b->begun[i]) /* or that waits for its next document */
			fetch_give_up(&b->fetches[i], FETCH_FAILED, class, why);
		b->begun[i] = true;
	}
	b->done = b->count;
}

/* Waits for something to do. Returns libcurl's code. */
static CURLMcode await_transfers(struct batch *b)
{
	struct curl_waitfd answers = {.fd = resolver_fd(resolver), .events = CURL_WAIT_POLLIN};
	bool active = false;
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++)
		active |= b->transfers[i].fetch != NULL;
	return curl_multi_poll(b->multi, &answers, resolver ? 1 : 0, active ? 200 : 0, NULL);
}

time_t fetch_deadline(void)
{
	return clock_s() + FETCH_TIMEOUT_S;
}

void fetch_all(struct fetch *fetches, size_t count, time_t deadline)
{
	struct batch *b = xcalloc(1, sizeof *b);
	b->begun = xcalloc(count, sizeof *b->begun);
	b->fetches = fetches;
	b->count = count;
	b->multi = open_multi ? open_multi : curl_multi_init();
	if (!b->multi)
		stop_all(b, ERROR_MEMORY, "out of memory");
	progress_begin();
	while (b->done < b->count) {
		begin_more(b);
		resume(b);
		int running;
		CURLMcode code = curl_multi_perform(b->multi, &running);
		end_finished(b);
		if (code == CURLM_OK && b->done < b->count)
			code = await_transfers(b);
		if (code != CURLM_OK)
			stop_all(b, ERROR_INTERNAL, curl_multi_strerror(code));
		else if (b->done < b->count && clock_s() >= deadline)
			stop_all(b, ERROR_NET, "no time left in this run");
		progress("fetching: %zu of %zu documents, %.1f MB", b->done, b->count, (double)b->octets / 1e6);
	}
	progress_end();
	if (b->multi != open_multi)
		curl_multi_cleanup(b->multi);
	free(b->begun);
	free(b);
}
