/* SPDX-License-Identifier: BSD-3-Clause */
/* One request of a download: the first one, or one that a redirect leads to. Each is looked at alike: who resolves
 * its host, which addresses that may have, and what of ours the server is shown. The secret goes to the feed's own
 * server only, the certificate to the servers that the operator wrote down only. Private to request.c,
 * headers.c and transfer.c. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "feedsync/base/error_class.h"
#include "feedsync/base/url.h"
#include "feedsync/net/address.h"
#include "libweir/attributes.h"

struct credentials;
struct lookup;
struct resolver;
struct trust;
struct why;

/* What all requests of a download have in common. Everything is borrowed. */
struct request_setup {
	CURL *curl;
	CURLM *multi;
	struct resolver *resolver; /* NULL: the system's */
	const struct trust *trust;
	const struct credentials *access;     /* or NULL */
	const struct curl_slist *headers;     /* for any server */
	const struct curl_slist *with_secret; /* the same, for the feed's own server */
};

struct request {
	const struct request_setup *setup;
	unsigned redirects; /* that led here */
	char url[URL_MAX + 1];
	char target[URL_MAX + 1]; /* what the server is asked for */
	struct origin origin;
	bool at_home;               /* it goes to the feed's own server, which is given the secret that it wants */
	bool proxied;               /* it goes to a proxy, which connects to the server */
	struct lookup *lookup;      /* under way, or NULL */
	struct curl_slist *hosts;   /* what it has found */
	char refused[ADDRESS_TEXT]; /* an address that it must not connect to, or "" */
	const char *refused_as;     /* what that is */
};

/* Begins the request of a URL: has its host looked up, or gives it to libcurl at once. Returns ERROR_NONE, or the
 * class with the reason; request_end follows either way. */
must_check enum error_class request_begin(
	struct request *request, const struct request_setup *setup, const char *url, struct why *why);

/* Ends the request and begins the one that a redirect, which has been judged, leads to. Returns like
 * request_begin. */
must_check enum error_class request_redirect(struct request *request, const char *url, struct why *why);

/* Goes on if the host has been found by now. Returns ERROR_NONE, also while it waits; or the class with the
 * reason. */
must_check enum error_class request_resume(struct request *request, struct why *why);

/* Ends it, done or not. A zeroed one may be ended. */
void request_end(struct request *request);

/* libcurl asks these before it opens a socket, and before it sends a request; the context is the request. */
curl_socket_t request_on_socket(void *request, curlsocktype purpose, struct curl_sockaddr *address);
int request_on_connected(void *request, char *remote, char *local, int remote_port, int local_port);

/* Whether the request failed, as libcurl says by `code`, since it led to an address that it must not connect to; then
 * with the reason. */
bool request_was_refused(const struct request *request, CURLcode code, struct why *why);
