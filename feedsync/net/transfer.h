/* SPDX-License-Identifier: BSD-3-Clause */
/* One download under way. Private to fetch.c, transfer.c and redirect.c, the files that know libcurl.
 *
 * A download is one request, or more where the server redirects: each of them is a *hop*. libcurl follows no redirect
 * by itself, so that each hop is looked at like the first one: where it may lead (never from https to http), who
 * resolves its host, and which addresses that may have. What we show of ourselves is shown to the feed's own servers
 * only.
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>

#include "feedsync/net/address.h"
#include "feedsync/net/fetch.h"
#include "libweir/errors.h"

struct resolver;
struct lookup;

/* Where a URL leads. */
struct origin {
	char scheme[8]; /* "http" or "https" */
	char host[256]; /* as a resolver is asked for it; an address without brackets */
	unsigned port;
};

struct hop {
	char url[URL_MAX + 1];
	char target[URL_MAX + 1]; /* what the server is asked for */
	struct origin origin;
	bool home;                  /* it is the feed's own server, which is given the secret that it wants */
	bool proxied;               /* it is a proxy that connects to the server */
	struct lookup *lookup;      /* under way, or NULL */
	struct curl_slist *hosts;   /* what it has found */
	char refused[ADDRESS_TEXT]; /* an address that it must not connect to, or "" */
	const char *refused_as;     /* what that is */
};

struct transfer {
	struct fetch *fetch;
	CURL *curl;
	CURLM *multi;
	struct resolver *resolver; /* NULL: the system's */
	struct hop hop;
	unsigned redirects; /* followed so far */
	struct curl_slist *headers;
	struct curl_slist *own_headers; /* for the feed's own servers: with the secret that they want */
	FILE *out;
	int write_error; /* errno */
	bool too_long;
	uint64_t taken;     /* of the fetch's room */
	struct why no_room; /* why it has no more, or "" */
	bool drips;
	time_t begun; /* clock_s() */
	bool chunked, told_length;
	bool other; /* "not modified" was said of another version than the one asked about: it is to be asked for anew */
	char message[CURL_ERROR_SIZE];
};

/* Begins to fetch. Returns false if that has ended already: the fetch has its status. transfer_end follows either way. */
bool transfer_begin(struct transfer *transfer, struct fetch *fetch, CURLM *multi, struct resolver *resolver);

/* Sets the fetch's status from what libcurl says when it is done. */
void transfer_judge(struct transfer *transfer, CURLcode code);

/* Ends it, done or not: frees everything, removes the file unless the document is complete. */
void transfer_end(struct transfer *transfer);

/* ---- redirect.c ---- */

/* Begins the hop to a URL: gives it to libcurl, or has its host looked up before. Returns false if it cannot be: the
 * fetch has its status. */
bool redirect_begin(struct transfer *transfer, const char *url);

/* Goes on if the host has been found. Returns false if it was not: the fetch has its status. */
bool redirect_resume(struct transfer *transfer);

/* Whether what libcurl has done was a redirect; then begins the next hop. Where that cannot be, the fetch has its
 * status: sets `ended`. */
bool redirect_follow(struct transfer *transfer, CURLcode code, bool *ended);

/* libcurl asks these before it opens a socket, and before it sends a request. */
curl_socket_t redirect_on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address);
int redirect_on_request(void *context, char *remote, char *local, int remote_port, int local_port);

/* If the hop has failed since it led to an address that it must not connect to: says so as the fetch's error, and
 * returns true. */
bool redirect_tell_refusal(const struct transfer *transfer, CURLcode code);

void redirect_end(struct transfer *transfer);
