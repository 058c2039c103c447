/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "feedsync/base/maxima.h"

/* Whether a header's value ends in "chunked". */
static bool ends_chunked(const char *header, size_t length)
{
	static const char word[] = "chunked";
	while (length > 0 && (header[length - 1] == '\n' || header[length - 1] == '\r' || header[length - 1] == ' '))
		length--;
	return length >= sizeof word - 1 &&
	       strncasecmp(header + length - (sizeof word - 1), word, sizeof word - 1) == 0;
}

size_t answer_on_header(char *data, size_t one, size_t length, void *answer)
{
	(void)one;
	struct answer *a = answer;
	if (length > 5 && memcmp(data, "HTTP/", 5) == 0)
		a->chunked = a->told_length = false;
	a->chunked |= length > 18 && strncasecmp(data, "Transfer-Encoding:", 18) == 0 && ends_chunked(data, length);
	a->told_length |= length > 15 && strncasecmp(data, "Content-Length:", 15) == 0;
	return length;
}

/* ---- what it tells ---- */

static void copy_header(CURL *curl, const char *name, char *to, size_t room)
{
	struct curl_header *header;
	to[0] = '\0';
	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK && strlen(header->value) < room)
		snprintf(to, room, "%s", header->value);
}

/* Whether only the end of the connection tells where the document ends. */
static bool is_open_ended(const struct answer *a, CURL *curl)
{
	long version = 0;
	curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
	return !a->chunked && !a->told_length && version <= CURL_HTTP_VERSION_1_1;
}

/* How long the server asks to be left alone. MISP says it in a header of its own. */
static uint64_t retry_after(CURL *curl, long http)
{
	curl_off_t seconds = 0;
	char reset[16];
	curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
	copy_header(curl, "X-Rate-Limit-Reset", reset, sizeof reset);
	if (seconds <= 0 && http == 429 && strspn(reset, "0123456789") == strlen(reset))
		seconds = strtoll(reset, NULL, 10);
	return seconds <= 0 ? 0 : seconds < MAX_RETRY_AFTER_S ? (uint64_t)seconds : MAX_RETRY_AFTER_S;
}

/* An entity tag without the mark of a weak one, which does not count here (RFC 9110, 13.1.2). */
static const char *opaque_tag(const char *etag)
{
	return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

/* Whether "not modified" is said of another version than the caller's. Then it says nothing about the caller's (RFC
 * 9111, 4.3.4). */
static bool is_of_another_version(CURL *curl, const struct fetch *f)
{
	char etag[sizeof f->etag], last_modified[sizeof f->last_modified];
	copy_header(curl, "ETag", etag, sizeof etag);
	copy_header(curl, "Last-Modified", last_modified, sizeof last_modified);
	if (etag[0] && f->etag[0])
		return strcmp(opaque_tag(etag), opaque_tag(f->etag)) != 0;
	return last_modified[0] && f->last_modified[0] && strcmp(last_modified, f->last_modified) != 0;
}

/* Notes what the server's clock says (RFC 9110, 6.6.1), even in an answer that a cache has kept for a while. */
static void note_date(CURL *curl, struct fetch *f)
{
	char date[64], age[24];
	copy_header(curl, "Date", date, sizeof date);
	copy_header(curl, "Age", age, sizeof age);
	time_t told = date[0] ? curl_getdate(date, NULL) : -1;
	f->dated = told > 0;
	if (f->dated)
		f->ahead = (int64_t)time(NULL) - (int64_t)told - (int64_t)strtoul(age, NULL, 10);
}

enum error_class answer_class(CURLcode code)
{
	switch (code) {
	case CURLE_OK: return ERROR_NONE;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_USE_SSL_FAILED:
	case CURLE_SSL_ENGINE_INITFAILED:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_SHUTDOWN_FAILED:
	case CURLE_SSL_CRL_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT: return ERROR_TLS;
	case CURLE_UNSUPPORTED_PROTOCOL: /* not a version of HTTP that is in use today */
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_HTTP_RETURNED_ERROR:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_HTTP3: return ERROR_HTTP;
	case CURLE_LOGIN_DENIED:
	case CURLE_AUTH_ERROR: return ERROR_AUTH;
	case CURLE_FILESIZE_EXCEEDED: return ERROR_FORMAT;
	case CURLE_WRITE_ERROR: return ERROR_DISK;
	case CURLE_OUT_OF_MEMORY: return ERROR_MEMORY;
	case CURLE_FAILED_INIT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_BAD_FUNCTION_ARGUMENT:
	case CURLE_UNKNOWN_OPTION: return ERROR_INTERNAL;
	default: return ERROR_NET;
	}
}

/* Judges an answer that is neither the document nor "not modified". */
static void judge_refusal(CURL *curl, long http, bool at_home, struct fetch *f)
{
	char text[128] = "";
	size_t used = (size_t)snprintf(text, sizeof text, "the server answers HTTP %ld", http);
	if (http == 401 || http == 403)
		snprintf(text + used, sizeof text - used, ": %s",
			at_home && f->access && f->access->kind != ACCESS_OPEN ? "it does not accept the feed's secret"
									       : "it wants a key, token or password");
	if (http == 429 || http == 503)
		f->retry_after_s = retry_after(curl, http);
	if (f->retry_after_s > 0)
		snprintf(text + used, sizeof text - used, " and asks to be left alone for %" PRIu64 " s",
			f->retry_after_s);
	fetch_give_up(f, FETCH_FAILED, http == 401 || http == 403 ? ERROR_AUTH : ERROR_HTTP, text);
}

uint64_t answer_range_begin(CURL *curl)
{
	char range[64];
	long http = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
	copy_header(curl, "Content-Range", range, sizeof range);
	if (http != 206)
		return 0;
	const char *begin = strchr(range, ' '); /* behind the unit, of which there is only one */
	return begin ? strtoull(begin, NULL, 10) : 0;
}

bool answer_is_document(long http, bool rest, const struct fetch *f)
{
	return http == 200 || (http == 206 && rest) || (http == 202 && f->body);
}

void answer_judge(struct answer *a, CURL *curl, CURLcode code, bool at_home, bool rest, struct fetch *f)
{
	char text[128];
	long http = 0;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &http);
	f->http = http;
	note_date(curl, f);
	if (code != CURLE_OK) {
		fetch_give_up(
			f, FETCH_FAILED, answer_class(code), a->message[0] ? a->message : curl_easy_strerror(code));
	} else if (http == 304 && (f->etag[0] || f->last_modified[0])) {
		f->status = FETCH_UNCHANGED;
		a->of_other_version = is_of_another_version(curl, f);
	} else if (http == 404 || http == 410) {
		snprintf(text, sizeof text, "the server has no such document (HTTP %ld)", http);
		fetch_give_up(f, FETCH_MISSING, ERROR_HTTP, text);
	} else if (!answer_is_document(http, rest, f)) {
		judge_refusal(curl, http, at_home, f);
	} else {
		f->status = FETCH_OK;
		f->open_ended = is_open_ended(a, curl);
		copy_header(curl, "ETag", f->new_etag, sizeof f->new_etag);
		copy_header(curl, "Last-Modified", f->new_last_modified, sizeof f->new_last_modified);
		if (f->header)
			copy_header(curl, f->header, f->header_value, sizeof f->header_value);
	}
}
