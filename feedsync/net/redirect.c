/* SPDX-License-Identifier: BSD-3-Clause */
/* The hops of a download, and what each may do: see transfer.h. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/secret_file.h"
#include "feedsync/net/destination.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/net/server_trust.h"
#include "feedsync/net/transfer.h"
#include "libweir/errors.h"

/* ---- where a URL leads ---- */

static bool copy_part(CURLU *parts, CURLUPart part, unsigned flags, char *to, size_t room)
{
	char *text = NULL;
	bool fits =
		curl_url_get(parts, part, &text, flags) == CURLUE_OK && (size_t)snprintf(to, room, "%s", text) < room;
	curl_free(text);
	return fits;
}

/* Takes the brackets off an IPv6 address. */
static void bare_address(char *host)
{
	size_t length = strlen(host);
	if (length < 2 || host[0] != '[' || host[length - 1] != ']')
		return;
	memmove(host, host + 1, length - 2);
	host[length - 2] = '\0';
}

static bool origin_is_https(const struct origin *origin)
{
	return strcmp(origin->scheme, "https") == 0;
}

/* Reads where a URL leads. Returns whether it is one of https or http with a host; parts that it lacks are left empty. */
static bool origin_read(struct origin *origin, const char *url)
{
	char port[8] = "";
	*origin = (struct origin){0};
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		     copy_part(parts, CURLUPART_SCHEME, 0, origin->scheme, sizeof origin->scheme) &&
		     copy_part(parts, CURLUPART_HOST, CURLU_PUNYCODE, origin->host, sizeof origin->host) &&
		     copy_part(parts, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port);
	curl_url_cleanup(parts);
	origin->port = (unsigned)strtoul(port, NULL, 10);
	bare_address(origin->host);
	return valid && (origin_is_https(origin) || strcmp(origin->scheme, "http") == 0);
}

/* Reads what the server is asked for: path and query. Returns whether there was memory, and room, for all of it. */
static bool target_read(char target[URL_MAX + 1], const char *url)
{
	char query[URL_MAX + 1] = "", *text = NULL;
	CURLU *parts = curl_url();
	bool valid = parts && curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
		     copy_part(parts, CURLUPART_PATH, 0, target, URL_MAX + 1);
	CURLUcode code = valid ? curl_url_get(parts, CURLUPART_QUERY, &text, 0) : CURLUE_NO_QUERY;
	if (code == CURLUE_OK)
		snprintf(query, sizeof query, "?%s", text);
	curl_free(text);
	curl_url_cleanup(parts);
	size_t used = valid ? strlen(target) : 0, room = URL_MAX + 1 - used;
	return valid && (code == CURLUE_OK || code == CURLUE_NO_QUERY) &&
	       (size_t)snprintf(target + used, room, "%s", query) < room;
}

/* Whether an origin is that of a URL that the operator wrote himself. */
static bool origin_is_of(const struct origin *origin, const char *url)
{
	struct origin written;
	return url && origin_read(&written, url) && strcmp(written.scheme, origin->scheme) == 0 &&
	       strcasecmp(written.host, origin->host) == 0 && written.port == origin->port;
}

static bool is_feed_server(const struct origin *origin, const struct trust *trust)
{
	return origin_is_of(origin, trust->url) || origin_is_of(origin, trust->signature);
}

static bool is_localhost(const char *host)
{
	return strcasecmp(host, "localhost") == 0;
}

/* ---- which addresses it may connect to ---- */

/* Whether the operator wrote this very address into the feed's URL, or "localhost" where it is one of loopback. */
static bool is_asked_for(const struct hop *hop, const struct trust *trust, const struct sockaddr *address)
{
	struct sockaddr_storage written;
	char text[ADDRESS_TEXT], wanted[ADDRESS_TEXT];
	if (!is_feed_server(&hop->origin, trust) || address_port(address) != hop->origin.port)
		return false;
	const char *is = address_special(address);
	if (is_localhost(hop->origin.host))
		return is && strcmp(is, "loopback") == 0;
	return address_read(&written, hop->origin.host, 0) &&
	       strcmp(address_text(address, text), address_text((struct sockaddr *)&written, wanted)) == 0;
}

static bool may_connect(struct transfer *t, const struct sockaddr *address)
{
	struct hop *hop = &t->hop;
	const struct trust *trust = t->fetch->trust;
	if (hop->proxied || trust->private_addresses || is_asked_for(hop, trust, address))
		return true;
	const char *is = destination_forbidden(&trust->private_networks, address);
	if (!is)
		return true;
	hop->refused_as = is;
	address_text(address, hop->refused);
	return false;
}

curl_socket_t redirect_on_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)purpose;
	if (!may_connect(context, &address->addr))
		return CURL_SOCKET_BAD;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A connection that is there already may be one that another feed was allowed to open. */
int redirect_on_request(void *context, char *remote,
	char *local, /* NOLINT(readability-non-const-parameter): libcurl says so */
	int remote_port, int local_port)
{
	(void)local;
	(void)local_port;
	struct sockaddr_storage address;
	bool may = address_read(&address, remote, (unsigned)remote_port) &&
		   may_connect(context, (const struct sockaddr *)&address);
	return may ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

bool redirect_tell_refusal(const struct transfer *t, CURLcode code)
{
	char text[256], url[URL_MAX + 1];
	if ((code != CURLE_COULDNT_CONNECT && code != CURLE_ABORTED_BY_CALLBACK) || !t->hop.refused[0])
		return false;
	snprintf(text, sizeof text, "%s%.100s leads to %s, which is %s: refused without \"private-addresses: yes\"",
		t->redirects > 0 ? "redirected: " : "", url_public(t->hop.url, url), t->hop.refused, t->hop.refused_as);
	fetch_give_up(t->fetch, FETCH_FAILED, ERROR_NET, text);
	return true;
}

/* ---- a hop ---- */

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

static bool fail_request(struct transfer *t, enum error_class class, const char *error)
{
	return fetch_give_up(t->fetch, FETCH_FAILED, class, error);
}

/* Sets what is of this hop alone. */
static CURLcode configure_request(struct transfer *t)
{
	const struct trust *trust = t->fetch->trust;
	const struct hop *hop = &t->hop;
	const struct credentials *access = t->fetch->access;
	bool own = is_feed_server(&hop->origin, trust),
	     shown = own && trust->certificate && origin_is_https(&hop->origin);
	bool password = hop->home && access && access->kind == ACCESS_PASSWORD;
	bool relayed = hop->proxied && !origin_is_https(&hop->origin); /* its proxy is asked for the whole URL */
	const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{CURLOPT_URL, hop->url},
		/* libcurl 7.88 asks without the query where it has no memory for that: for another document. */
		{CURLOPT_REQUEST_TARGET, relayed ? NULL : hop->target},
		{CURLOPT_PROTOCOLS_STR, hop->origin.scheme},
		{CURLOPT_SSLCERT, shown ? trust->certificate : NULL},
		{CURLOPT_SSLKEY, shown ? trust->key : NULL},
		{CURLOPT_USERNAME, password ? access->user : NULL},
		{CURLOPT_PASSWORD, password ? access->secret : NULL},
		/* Past a proxy nothing is reached, unless any address may be: it is the proxy that judges where hosts
		 * lead. */
		{CURLOPT_NOPROXY, trust->private_addresses ? NULL : ""},
	};
	CURLcode code = curl_easy_setopt(t->curl, CURLOPT_RESOLVE, hop->hosts);
	if (code == CURLE_OK)
		code = curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, hop->home ? t->own_headers : t->headers);
	for (unsigned i = 0; code == CURLE_OK && i < sizeof texts / sizeof *texts; i++)
		code = curl_easy_setopt(t->curl, texts[i].option, texts[i].value);
	return code;
}

static bool start_request(struct transfer *t)
{
	CURLcode code = configure_request(t);
	if (code != CURLE_OK)
		return fail_request(t, ERROR_INTERNAL, curl_easy_strerror(code));
	return curl_multi_add_handle(t->multi, t->curl) == CURLM_OK ||
	       fail_request(t, ERROR_INTERNAL, "libcurl takes no more transfers");
}

/* The key that proves who we are must be kept safely at every use: a file changes. */
static bool check_key(struct transfer *t)
{
	struct why why;
	const char *key = t->fetch->trust->key;
	return !key || secret_check(key, &why) == 0 || fail_request(t, ERROR_AUTH, why.text);
}

bool redirect_begin(struct transfer *t, const char *url)
{
	struct hop *hop = &t->hop;
	struct sockaddr_storage literal;
	*hop = (struct hop){0};
	t->message[0] = '\0';
	if (!origin_read(&hop->origin, url) || !target_read(hop->target, url))
		return fail_request(t, ERROR_HTTP, "not an https:// or http:// URL that can be asked for");
	snprintf(hop->url, sizeof hop->url, "%s", url);
	hop->home = origin_is_of(&hop->origin, t->fetch->trust->url); /* no other one, not even the signature's */
	hop->proxied = has_proxy(hop->origin.scheme);
	if (!check_key(t))
		return false;
	/* A proxy resolves by itself. */
	if (!t->resolver || hop->proxied || is_localhost(hop->origin.host) ||
		address_read(&literal, hop->origin.host, 0))
		return start_request(t);
	hop->lookup = lookup_begin(t->resolver, hop->origin.host);
	return true;
}

bool redirect_resume(struct transfer *t)
{
	struct hop *hop = &t->hop;
	const char *text;
	char entry[sizeof hop->origin.host + LOOKUP_TEXT + 8];
	enum lookup_state state = hop->lookup ? lookup_state(hop->lookup, &text) : LOOKUP_WAITING;
	if (state == LOOKUP_WAITING)
		return true;
	if (state == LOOKUP_FAILED)
		return fail_request(t, ERROR_NET, text);
	snprintf(entry, sizeof entry, "%s:%u:%s", hop->origin.host, hop->origin.port, text);
	lookup_end(&hop->lookup);
	hop->hosts = curl_slist_append(NULL, entry);
	return hop->hosts ? start_request(t) : fail_request(t, ERROR_MEMORY, "out of memory");
}

void redirect_end(struct transfer *t)
{
	if (t->curl)
		curl_multi_remove_handle(t->multi, t->curl);
	lookup_end(&t->hop.lookup);
	curl_slist_free_all(t->hop.hosts);
	t->hop.hosts = NULL;
}

/* ---- redirects ---- */

/* Begins the hop that a redirect leads to. */
static bool follow_to(struct transfer *t, const char *url)
{
	char text[200], shown[URL_MAX + 1];
	struct origin from = t->hop.origin, to;
	bool web = strlen(url) <= URL_MAX && origin_read(&to, url);
	if (!web || (origin_is_https(&from) && !origin_is_https(&to))) {
		snprintf(text, sizeof text, "the server redirects to %.100s, %s",
			strlen(url) <= URL_MAX ? url_public(url, shown) : "too long a URL",
			web ? "from https to http" : "which is no https:// or http:// URL");
		return fail_request(t, ERROR_HTTP, text);
	}
	if (++t->redirects > MAX_REDIRECTS) {
		snprintf(text, sizeof text, "the server redirects more than %d times", MAX_REDIRECTS);
		return fail_request(t, ERROR_HTTP, text);
	}
	t->fetch->octets = 0;
	if (url_host(url, strlen(url), shown) != URL_NONE)
		snprintf(t->fetch->redirected_to, sizeof t->fetch->redirected_to, "%.255s", shown);
	redirect_end(t);
	return redirect_begin(t, url);
}

bool redirect_follow(struct transfer *t, CURLcode code, bool *ended)
{
	char *url = NULL;
	if (code != CURLE_OK || curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &url) != CURLE_OK || !url)
		return false;
	char *copy = strdup(url); /* libcurl's own goes with the request */
	*ended = !copy || !follow_to(t, copy);
	if (!copy)
		fail_request(t, ERROR_MEMORY, "out of memory");
	free(copy);
	return true;
}
