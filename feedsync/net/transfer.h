/* SPDX-License-Identifier: BSD-3-Clause */
/* One download under way: a request (request.h), or more where the server redirects (redirect.h), and what comes
 * of the last one (answer.h). Private to transfer.c and fetch_all.c. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "feedsync/net/answer.h"
#include "feedsync/net/fetch.h"
#include "feedsync/net/request.h"
#include "libweir/errors.h"

struct transfer {
	struct fetch *fetch;
	CURL *curl;
	struct curl_slist *headers;
	struct curl_slist *with_secret; /* the same, with the secret that the feed's own server wants */
	struct request_setup setup;
	struct request request;
	struct answer answer;
	FILE *out;
	uint64_t had;    /* octets of an earlier download in the file, which this one goes on behind */
	int write_error; /* errno */
	bool too_long;
	uint64_t taken;     /* of the fetch's room */
	struct why no_room; /* why it has no more, or "" */
	bool drips;
	bool strays;  /* the server sends another part than it was asked for */
	time_t begun; /* clock_s() */
};

/* Begins to fetch. Returns false if that has ended already: the fetch has its status. transfer_end follows either
 * way. */
bool transfer_begin(struct transfer *transfer, struct fetch *fetch, CURLM *multi, struct resolver *resolver);

/* Goes on if the server's host has been found by now. Returns false if it cannot: the fetch has its status. */
bool transfer_resume(struct transfer *transfer);

/* Goes on where libcurl is done with a request, as `code` says: where a redirect leads. Returns false if the
 * download has ended: the fetch has its status. */
bool transfer_go_on(struct transfer *transfer, CURLcode code);

/* Ends it, done or not: frees everything, removes the file unless the document is complete. */
void transfer_end(struct transfer *transfer);
