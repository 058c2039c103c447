/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "feedsync/base/secret_file.h"
#include "feedsync/net/credentials.h"
#include "feedsync/net/destination.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/net/server_trust.h"
#include "libweir/errors.h"

/* Whether the operator named this server: in the feed's URL, or in its signature's. */
static bool is_feed_server(const struct request *r)
{
	return origin_is_of(&r->origin, r->setup->trust->url) || origin_is_of(&r->origin, r->setup->trust->signature);
}

static bool is_localhost(const char *host)
{
	return strcasecmp(host, "localhost") == 0;
}

/* ---- which addresses it may connect to ---- */

/* Whether the operator wrote this very address into the feed's URL, or "localhost" where it is one of loopback. */
static bool is_asked_for(const struct request *r, const struct sockaddr *address)
{
	struct sockaddr_storage written;
	char text[ADDRESS_TEXT], wanted[ADDRESS_TEXT];
	if (!is_feed_server(r) || address_port(address) != r->origin.port)
		return false;
	const char *is = address_special(address);
	if (is_localhost(r->origin.host))
		return is && strcmp(is, "loopback") == 0;
	return address_read(&written, r->origin.host, 0) &&
	       strcmp(address_text(address, text), address_text((struct sockaddr *)&written, wanted)) == 0;
}

static bool may_connect(struct request *r, const struct sockaddr *address)
{
	const struct trust *trust = r->setup->trust;
	if (r->proxied || trust->private_addresses || is_asked_for(r, address))
		return true;
	const char *is = destination_forbidden(&trust->private_networks, address);
	if (!is)
		return true;
	r->refused_as = is;
	address_text(address, r->refused);
	return false;
}

curl_socket_t request_on_socket(void *request, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	if (!may_connect(request, &address->addr))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* An open connection may be one that another feed was allowed to open. */
int request_on_connected(void *request, char *remote,
	char *local, /* NOLINT(readability-non-const-parameter): libcurl says so */
	int remote_port, int local_port)
{
	(void)local;
	(void)local_port;
	struct sockaddr_storage address;
	bool may = address_read(&address, remote, (unsigned)remote_port) &&
		   may_connect(request, (const struct sockaddr *)&address);
	return may ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool request_was_refused(const struct request *r, CURLcode code, struct why *why)
{
	char url[URL_MAX + 1];
	if ((code != CURLE_COULDNT_CONNECT && code != CURLE_ABORTED_BY_CALLBACK) || !r->refused[0])
		return false;
	why_set(why, 0, "%s%.100s leads to %s, which is %s: refused without \"private-addresses: yes\"",
		r->redirects > 0 ? "redirected: " : "", url_public(r->url, url), r->refused, r->refused_as);
	return true;
}

/* ---- one request ---- */

/* Whether the environment names a proxy for this scheme, as libcurl reads it. */
static bool has_proxy(const char *scheme)
{
	static const char *const for_http[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
	static const char *const for_https[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
	for (const char *const *name = strcmp(scheme, "https") == 0 ? for_https : for_http; *name; name++) {
		const char *proxy = getenv(*name);
		if (proxy && proxy[0])
			return true;
	}
	return false;
}

static enum error_class give_reason(struct why *why, enum error_class class, const char *reason)
{
	why_set(why, 0, "%s", reason);
	return class;
}

/* Sets what belongs to this request alone. */
static CURLcode configure_request(struct request *r)
{
	const struct request_setup *setup = r->setup;
	const struct trust *trust = setup->trust;
	const struct credentials *access = setup->access;
	bool https = origin_is_https(&r->origin), shown = trust->certificate && https && is_feed_server(r);
	bool password = r->at_home && access && access->kind == ACCESS_PASSWORD;
	bool relayed = r->proxied && !https; /* its proxy is asked for the whole URL */
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{CURLOPT_URL, r->url},
		/* libcurl 7.88 asks without the query where it has no memory for that: for another document. */
		{CURLOPT_REQUEST_TARGET, relayed ? NULL : r->target},
		{CURLOPT_PROTOCOLS_STR, r->origin.scheme},
		{CURLOPT_SSLCERT, shown ? trust->certificate : NULL},
		{CURLOPT_SSLKEY, shown ? trust->key : NULL},
		{CURLOPT_USERNAME, password ? access->user : NULL},
		{CURLOPT_PASSWORD, password ? access->secret : NULL},
		/* Nothing is reached past the proxy, unless any address is allowed: the proxy judges where hosts
		 * lead. */
		{CURLOPT_NOPROXY, trust->private_addresses ? NULL : ""},
	};
	CURLcode code = curl_easy_setopt(setup->curl, CURLOPT_RESOLVE, r->hosts);
	if (code == CURLE_OK)
		code = curl_easy_setopt(
			setup->curl, CURLOPT_HTTPHEADER, r->at_home ? setup->with_secret : setup->headers);
	for (unsigned i = 0; code == CURLE_OK && i < sizeof texts / sizeof *texts; i++)
		code = curl_easy_setopt(setup->curl, texts[i].option, texts[i].value);
	return code;
}

static enum error_class start_request(struct request *r, struct why *why)
{
	CURLcode code = configure_request(r);
	if (code != CURLE_OK)
		return give_reason(
			why, code == CURLE_OUT_OF_MEMORY ? ERROR_MEMORY : ERROR_INTERNAL, curl_easy_strerror(code));
	if (curl_multi_add_handle(r->setup->multi, r->setup->curl) != CURLM_OK)
		return give_reason(why, ERROR_INTERNAL, "libcurl takes no more transfers");
	return ERROR_NONE;
}

enum error_class request_begin(struct request *r, const struct request_setup *setup, const char *url, struct why *why)
{
	struct sockaddr_storage literal;
	*r = (struct request){.setup = setup};
	if (!url_origin(url, &r->origin) || !url_target(url, r->target))
		return give_reason(why, ERROR_HTTP, "not an https:// or http:// URL that can be asked for");
	snprintf(r->url, sizeof r->url, "%s", url);
	r->at_home = origin_is_of(&r->origin, setup->trust->url); /* this server only, not even the signature's */
	r->proxied = has_proxy(r->origin.scheme);
	/* The key that proves who we are must be safe at every use, since a file may change. */
	if (setup->trust->key && secret_check(setup->trust->key, why) != 0)
		return ERROR_AUTH;
	/* A proxy resolves by itself. */
	if (!setup->resolver || r->proxied || is_localhost(r->origin.host) || address_read(&literal, r->origin.host, 0))
		return start_request(r, why);
	r->lookup = lookup_begin(setup->resolver, r->origin.host);
	return ERROR_NONE;
}

enum error_class request_redirect(struct request *r, const char *url, struct why *why)
{
	unsigned redirects = r->redirects + 1;
	request_end(r);
	enum error_class class = request_begin(r, r->setup, url, why);
	r->redirects = redirects;
	return class;
}

enum error_class request_resume(struct request *r, struct why *why)
{
	const char *text;
	char entry[sizeof r->origin.host + LOOKUP_TEXT + 8];
	enum lookup_state state = r->lookup ? lookup_state(r->lookup, &text) : LOOKUP_WAITING;
	if (state == LOOKUP_WAITING)
		return ERROR_NONE;
	if (state == LOOKUP_FAILED)
		return give_reason(why, ERROR_NET, text);
	snprintf(entry, sizeof entry, "%s:%u:%s", r->origin.host, r->origin.port, text);
	lookup_end(&r->lookup);
	r->hosts = curl_slist_append(NULL, entry);
	return r->hosts ? start_request(r, why) : give_reason(why, ERROR_MEMORY, "out of memory");
}

void request_end(struct request *r)
{
	if (r->setup && r->setup->curl)
		curl_multi_remove_handle(r->setup->multi, r->setup->curl);
	lookup_end(&r->lookup);
	curl_slist_free_all(r->hosts);
	r->hosts = NULL;
}
