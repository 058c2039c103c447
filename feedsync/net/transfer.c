/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/disk_budget.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/text.h"
#include "feedsync/net/server_trust.h"
#include "libweir/errors.h"

/* Whether what comes is the document, and not what a server says beside a redirect or an error. */
static bool is_document(const struct transfer *t)
{
	long http = 200;
	if (t->curl)
		curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
	return http == 200;
}

/* The most octets that the document may have. */
static uint64_t most_octets(const struct fetch *fetch)
{
	return fetch->most > 0 ? fetch->most : MAX_DOWNLOAD;
}

/* Whether there is room for so many more. A file takes whole blocks. */
static bool take_room(struct transfer *t, size_t length)
{
	enum { BLOCK = 4096 };
	uint64_t need = length + (t->taken == 0 ? BLOCK : 0);
	if (!t->fetch->room)
		return true;
	if (disk_budget_take(t->fetch->room, need, &t->no_room) != 0)
		return false;
	t->taken += need;
	return true;
}

static size_t on_data(char *data, size_t one, size_t length, void *context)
{
	(void)one;
	struct transfer *t = context;
	t->fetch->octets += length;
	if (t->fetch->octets > most_octets(t->fetch)) {
		t->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!is_document(t))
		return length;
	if (!take_room(t, length))
		return CURL_WRITEFUNC_ERROR;
	errno = 0;
	if (fwrite(data, 1, length, t->out) != length) {
		t->write_error = errno ? errno : EIO;
		return CURL_WRITEFUNC_ERROR;
	}
	return length;
}

/* libcurl asks several times a second. The rate that is wanted grows with the square of the minutes: who takes long must
 * have much to give, and one that drips is given up soon. */
static int on_transfer_progress(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up)
{
	(void)total, (void)now, (void)up_total, (void)up;
	struct transfer *t = context;
	uint64_t s = (uint64_t)(clock_s() - t->begun);
	if (s < STALL_TIMEOUT_S)
		return 0;
	t->drips = t->fetch->octets / s < STALL_OCTETS_S * s * s / (STALL_TIMEOUT_S * STALL_TIMEOUT_S);
	return t->drips;
}

/* Whether a header's value ends in "chunked". */
static bool ends_chunked(const char *header, size_t length)
{
	static const char word[] = "chunked";
	while (length > 0 && (header[length - 1] == '\n' || header[length - 1] == '\r' || header[length - 1] == ' '))
		length--;
	return length >= sizeof word - 1 &&
	       strncasecmp(header + length - (sizeof word - 1), word, sizeof word - 1) == 0;
}

/* The headers of the last response count: redirects have some too. */
static size_t on_header(char *data, size_t one, size_t length, void *context)
{
	(void)one;
	struct transfer *t = context;
	if (length > 5 && memcmp(data, "HTTP/", 5) == 0)
		t->chunked = t->told_length = false;
	t->chunked |= length > 18 && strncasecmp(data, "Transfer-Encoding:", 18) == 0 && ends_chunked(data, length);
	t->told_length |= length > 15 && strncasecmp(data, "Content-Length:", 15) == 0;
	return length;
}

/* Adds a header, if it has a value. Returns whether there was memory: a request without one of its headers may mean
 * something else, so it is not sent. */
static bool add_header(struct curl_slist **headers, const char *name, const char *start, const char *value)
{
	char line[MAX_SECRET + 64];
	if (!value || !value[0])
		return true;
	snprintf(line, sizeof line, "%s: %s%s", name, start, value);
	struct curl_slist *list = curl_slist_append(*headers, line);
	if (list)
		*headers = list;
	explicit_bzero(line, sizeof line);
	return list != NULL;
}

/* Headers for any server. */
static bool add_headers(struct curl_slist **headers, const struct fetch *f)
{
	return add_header(headers, "If-None-Match", "", f->etag) &&
	       add_header(headers, "If-Modified-Since", "", f->last_modified) &&
	       add_header(headers, "Accept", "", f->accept) &&
	       add_header(headers, "Content-Type", "", f->body ? "application/json" : NULL);
}

static bool add_access(struct curl_slist **headers, const struct credentials *access)
{
	bool header = access && (access->kind == ACCESS_KEY || access->kind == ACCESS_TOKEN);
	const char *start = header && access->kind == ACCESS_TOKEN ? "Bearer " : "";
	return !header || add_header(headers, "Authorization", start, access->secret);
}

/* Sets everything. An option that libcurl does not take would make the download less safe than promised: the first
 * error is returned. */
static CURLcode configure(struct transfer *t) /* NOLINT(readability-function-size): a list of settings */
{
	CURL *curl = t->curl;
	const struct fetch *f = t->fetch;
	const struct trust *trust = f->trust;
	CURLcode code = CURLE_OK;
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		if (code == CURLE_OK)                                                                                  \
			code = curl_easy_setopt(curl, option, value);                                                  \
	} while (0)
	SET(CURLOPT_FOLLOWLOCATION, 0L); /* see redirect.c */
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (trust->ca) {
		SET(CURLOPT_CAINFO, trust->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_PINNEDPUBLICKEY, trust->pin);
	SET(CURLOPT_OPENSOCKETFUNCTION, redirect_on_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_PREREQFUNCTION, redirect_on_request);
	SET(CURLOPT_PREREQDATA, t);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (f->body) {
		SET(CURLOPT_POSTFIELDS, f->body);
	}
	SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(CURLOPT_USERAGENT, "feedsync/0.1");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)STALL_OCTETS_S);
	SET(CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT_S);
	SET(CURLOPT_TIMEOUT, (long)TRANSFER_TIMEOUT_S);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_transfer_progress);
	SET(CURLOPT_XFERINFODATA, t);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)most_octets(t->fetch)); /* where the server tells it; see on_data */
	SET(CURLOPT_ERRORBUFFER, t->message);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_PRIVATE, t);
#undef SET
	return code;
}

/* ---- file:// ---- */

/* Copies a file. Opening a FIFO would wait for ever, so nothing but regular files is read. */
static void copy_file(struct transfer *t, int in)
{
	struct fetch *f = t->fetch;
	struct stat st;
	char buffer[65536];
	ssize_t n = 0;
	if (fstat(in, &st) != 0 || !S_ISREG(st.st_mode)) {
		fetch_give_up(f, FETCH_FAILED, ERROR_DISK, "not a regular file");
		return;
	}
	t->too_long = (uint64_t)st.st_size > most_octets(f);
	if (t->too_long)
		return; /* the disk need not be filled to find out */
	while ((n = read(in, buffer, sizeof buffer)) > 0 && on_data(buffer, 1, (size_t)n, t) == (size_t)n)
		continue;
	if (n < 0)
		fetch_give_up(f, FETCH_FAILED, ERROR_DISK, error_text(-errno));
	else
		f->status = FETCH_OK;
}

/* The path in a file:// URL, to be freed by curl_free; NULL if there is none. */
static char *file_path(const char *url)
{
	CURLU *parts = curl_url();
	char *path = NULL;
	if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK)
		curl_url_get(parts, CURLUPART_PATH, &path, CURLU_URLDECODE);
	curl_url_cleanup(parts);
	return path;
}

static void fetch_file(struct transfer *t)
{
	char *path = file_path(t->fetch->url);
	int in = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (in >= 0) {
		copy_file(t, in);
		close(in);
	} else if (path && errno == ENOENT) {
		fetch_give_up(t->fetch, FETCH_MISSING, ERROR_DISK, "no such file");
	} else {
		fetch_give_up(t->fetch, FETCH_FAILED, ERROR_DISK, path ? error_text(-errno) : "not a file:// URL");
	}
	curl_free(path);
}

/* ---- one transfer ---- */

bool transfer_begin(struct transfer *t, struct fetch *fetch, CURLM *multi, struct resolver *resolver)
{
	*t = (struct transfer){.fetch = fetch, .multi = multi, .resolver = resolver, .begun = clock_s()};
	fetch->octets = fetch->retry_after_s = 0;
	t->out = regular_file_create(fetch->path);
	if (!t->out) {
		char text[200];
		snprintf(text, sizeof text, "cannot write %.120s: %s", fetch->path, error_text(-errno));
		return fetch_give_up(fetch, FETCH_FAILED, ERROR_DISK, text);
	}
	if (text_starts_with(fetch->url, strlen(fetch->url), "file:")) {
		fetch_file(t);
		return false;
	}
	t->curl = curl_easy_init();
	if (!t->curl)
		return fetch_give_up(fetch, FETCH_FAILED, ERROR_MEMORY, "out of memory");
	if (!add_headers(&t->headers, fetch) || !add_headers(&t->own_headers, fetch) ||
		!add_access(&t->own_headers, fetch->access))
		return fetch_give_up(fetch, FETCH_FAILED, ERROR_MEMORY, "out of memory");
	CURLcode code = configure(t);
	if (code != CURLE_OK)
		return fetch_give_up(fetch, FETCH_FAILED, ERROR_INTERNAL, curl_easy_strerror(code));
	return redirect_begin(t, fetch->url);
}

static void copy_header(CURL *curl, const char *name, char *to, size_t room)
{
	struct curl_header *header;
	to[0] = '\0';
	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK && strlen(header->value) < room)
		snprintf(to, room, "%s", header->value);
}

/* Whether the end of the document is only where the connection ended. */
static bool is_open_ended(const struct transfer *t)
{
	long version = 0;
	curl_easy_getinfo(t->curl, CURLINFO_HTTP_VERSION, &version);
	return !t->chunked && !t->told_length && version <= CURL_HTTP_VERSION_1_1;
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

/* Whether "not modified" is said of another version than the caller's: then it tells nothing of that (RFC 9111, 4.3.4). */
static bool is_of_another_version(const struct transfer *t)
{
	const struct fetch *f = t->fetch;
	char etag[sizeof f->etag], last_modified[sizeof f->last_modified];
	copy_header(t->curl, "ETag", etag, sizeof etag);
	copy_header(t->curl, "Last-Modified", last_modified, sizeof last_modified);
	if (etag[0] && f->etag[0])
		return strcmp(opaque_tag(etag), opaque_tag(f->etag)) != 0;
	return last_modified[0] && f->last_modified[0] && strcmp(last_modified, f->last_modified) != 0;
}

/* What the server's clock says (RFC 9110, 6.6.1), also of an answer that a cache has kept for a while. */
static void note_date(struct transfer *t)
{
	struct fetch *f = t->fetch;
	char date[64], age[24];
	copy_header(t->curl, "Date", date, sizeof date);
	copy_header(t->curl, "Age", age, sizeof age);
	time_t told = date[0] ? curl_getdate(date, NULL) : -1;
	f->dated = told > 0;
	if (f->dated)
		f->ahead = (int64_t)time(NULL) - (int64_t)told - (int64_t)strtoul(age, NULL, 10);
}

/* The class of what libcurl says; what has no other class is the network's. */
static enum error_class class_of_curl(CURLcode code)
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

/* An answer that is neither the document nor says that there is none. */
static void judge_refusal(struct transfer *t, long http)
{
	struct fetch *f = t->fetch;
	char text[128] = "";
	size_t used = (size_t)snprintf(text, sizeof text, "the server answers HTTP %ld", http);
	if (http == 401 || http == 403)
		snprintf(text + used, sizeof text - used, ": %s",
			t->hop.home && f->access && f->access->kind != ACCESS_OPEN
				? "it does not accept the feed's secret"
				: "it wants a key, token or password");
	if (http == 429 || http == 503)
		f->retry_after_s = retry_after(t->curl, http);
	if (f->retry_after_s > 0)
		snprintf(text + used, sizeof text - used, " and asks to be left alone for %llu s",
			(unsigned long long)f->retry_after_s);
	fetch_give_up(f, FETCH_FAILED, http == 401 || http == 403 ? ERROR_AUTH : ERROR_HTTP, text);
}

void transfer_judge(struct transfer *t, CURLcode code)
{
	struct fetch *f = t->fetch;
	char text[128];
	long http = 0;
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
	t->too_long |= code == CURLE_FILESIZE_EXCEEDED;
	note_date(t);
	if (code != CURLE_OK) {
		if (!redirect_tell_refusal(t, code))
			fetch_give_up(f, FETCH_FAILED, class_of_curl(code),
				t->message[0] ? t->message : curl_easy_strerror(code));
	} else if (http == 304 && (f->etag[0] || f->last_modified[0])) {
		f->status = FETCH_UNCHANGED;
		t->other = is_of_another_version(t);
	} else if (http == 404 || http == 410) {
		snprintf(text, sizeof text, "the server has no such document (HTTP %ld)", http);
		fetch_give_up(f, FETCH_MISSING, ERROR_HTTP, text);
	} else if (http != 200) {
		judge_refusal(t, http);
	} else {
		f->status = FETCH_OK;
		f->open_ended = is_open_ended(t);
		copy_header(t->curl, "ETag", f->new_etag, sizeof f->new_etag);
		copy_header(t->curl, "Last-Modified", f->new_last_modified, sizeof f->new_last_modified);
		if (f->header)
			copy_header(t->curl, f->header, f->header_value, sizeof f->header_value);
	}
}

/* What went wrong on this side stands above what the server said. */
static void judge_own_side(struct transfer *t)
{
	struct fetch *f = t->fetch;
	char text[200];
	if (t->drips) {
		snprintf(text, sizeof text, "Operation too slow: %llu octets in %lld s", (unsigned long long)f->octets,
			(long long)(clock_s() - t->begun));
		fetch_give_up(f, FETCH_FAILED, ERROR_NET, text);
	}
	if (t->too_long) {
		snprintf(text, sizeof text, "document of more than %llu octets", (unsigned long long)most_octets(f));
		fetch_give_up(f, FETCH_FAILED, ERROR_FORMAT, text);
	}
	if (t->no_room.text[0])
		fetch_give_up(f, FETCH_FAILED, ERROR_DISK, t->no_room.text);
	if (t->out && fclose(t->out) != 0 && !t->write_error)
		t->write_error = errno;
	if (t->write_error) {
		snprintf(text, sizeof text, "cannot write the document: %s", error_text(-t->write_error));
		fetch_give_up(f, FETCH_FAILED, ERROR_DISK, text);
	}
}

void transfer_end(struct transfer *t)
{
	struct fetch *f = t->fetch;
	judge_own_side(t);
	if (f->status != FETCH_OK) {
		unlink(f->path);
		if (f->room)
			disk_budget_give(f->room, t->taken);
	}
	redirect_end(t);
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->own_headers);
	t->fetch = NULL;
}
