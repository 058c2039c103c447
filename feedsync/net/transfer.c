/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/disk_budget.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/base/text.h"
#include "feedsync/net/headers.h"
#include "feedsync/net/redirect.h"
#include "feedsync/net/server_trust.h"
#include "libweir/errors.h"
#include "libweir/version.h"

/* Whether the data is the document, and not what a server says beside a redirect or an error. */
static bool is_document(const struct transfer *t)
{
	long http = 200;
	if (t->curl)
		curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
	return answer_is_document(http, t->had > 0, t->fetch);
}

/* Where the server sends the whole and not the rest, that is fine. */
static bool begins_right(struct transfer *t)
{
	uint64_t begin = answer_range_begin(t->curl);
	t->strays = begin > 0 && begin != t->had;
	if (begin == t->had)
		return true;
	t->had = 0;
	return !t->strays && ftruncate(fileno(t->out), 0) == 0;
}

static bool stays_in_memory(const struct fetch *fetch)
{
	return fetch->path[0] == '\0';
}

/* The most octets that the document may have. */
static uint64_t most_octets(const struct fetch *fetch)
{
	uint64_t most = fetch->most > 0 ? fetch->most : MAX_DOWNLOAD;
	return stays_in_memory(fetch) && most > sizeof fetch->said ? sizeof fetch->said : most;
}

/* Whether there is room for so many more octets. A file takes whole blocks. */
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

/* Keeps the beginning of what is no document: it may tell why there is none. Or a document that stays in memory. */
static void keep_said(struct fetch *fetch, const char *data, size_t length)
{
	size_t room = sizeof fetch->said - fetch->said_length, some = length < room ? length : room;
	memcpy(fetch->said + fetch->said_length, data, some);
	fetch->said_length += some;
}

static uint64_t received;

uint64_t fetch_received(void)
{
	return received;
}

static size_t on_data(char *data, size_t one, size_t length, void *context)
{
	(void)one;
	struct transfer *t = context;
	bool first = t->fetch->octets == 0;
	t->fetch->octets += length;
	received += length;
	if (first && t->curl && is_document(t) && !begins_right(t))
		return CURL_WRITEFUNC_ERROR;
	if (t->had + t->fetch->octets > most_octets(t->fetch)) {
		t->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!is_document(t) || stays_in_memory(t->fetch)) {
		keep_said(t->fetch, data, length);
		return length;
	}
	if (!take_room(t, length))
		return CURL_WRITEFUNC_ERROR;
	errno = 0;
	if (fwrite(data, 1, length, t->out) != length) {
		t->write_error = errno ? errno : EIO;
		return CURL_WRITEFUNC_ERROR;
	}
	return length;
}

/* libcurl calls this several times a second. The rate that is wanted grows with the square of the minutes. So a
 * transfer may be long only if it brings much, and one that drips is given up soon. */
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

/* Sets everything. An option that libcurl refuses would make the download less safe than promised, so the first error
 * is returned. */
static CURLcode configure_transfer(struct transfer *t) /* NOLINT(readability-function-size): a list of settings */
{
	CURL *curl = t->curl;
	const struct fetch *f = t->fetch;
	char agent[64], rest[32];
	snprintf(agent, sizeof agent, "feedsync/%s", weir_release);
	snprintf(rest, sizeof rest, "%" PRIu64 "-", t->had);
	const struct trust *trust = f->trust;
	CURLcode code = CURLE_OK;
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		if (code == CURLE_OK)                                                                                  \
			code = curl_easy_setopt(curl, option, value);                                                  \
	} while (0)
	SET(CURLOPT_FOLLOWLOCATION, 0L); /* see redirect.h */
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (trust->ca) {
		SET(CURLOPT_CAINFO, trust->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_PINNEDPUBLICKEY, trust->pin);
	SET(CURLOPT_OPENSOCKETFUNCTION, request_on_socket);
	SET(CURLOPT_OPENSOCKETDATA, &t->request);
	SET(CURLOPT_PREREQFUNCTION, request_on_connected);
	SET(CURLOPT_PREREQDATA, &t->request);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	if (f->body) {
		SET(CURLOPT_POSTFIELDS, f->body);
	}
	SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	SET(CURLOPT_RANGE, t->had > 0 ? rest : NULL);
	SET(CURLOPT_USERAGENT, agent);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)STALL_OCTETS_S);
	SET(CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT_S);
	SET(CURLOPT_TIMEOUT, (long)TRANSFER_TIMEOUT_S);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_transfer_progress);
	SET(CURLOPT_XFERINFODATA, t);
	SET(CURLOPT_MAXFILESIZE_LARGE,
		(curl_off_t)most_octets(t->fetch)); /* if the server tells the length; see on_data */
	SET(CURLOPT_ERRORBUFFER, t->answer.message);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, answer_on_header);
	SET(CURLOPT_HEADERDATA, &t->answer);
	SET(CURLOPT_PRIVATE, t);
#undef SET
	return code;
}

/* ---- file:// ---- */

static void give_up_file(struct fetch *f, enum fetch_status status, const char *path, const char *reason)
{
	struct why why;
	why_set(&why, 0, "%.150s: %s", path, reason);
	fetch_give_up(f, status, ERROR_DISK, why.text);
}

/* Copies a file. Opening a FIFO would wait for ever, so nothing but regular files is read. */
static void copy_file(struct transfer *t, int in, const char *path)
{
	struct fetch *f = t->fetch;
	struct stat st;
	char buffer[65536];
	ssize_t n = 0;
	if (fstat(in, &st) != 0 || !S_ISREG(st.st_mode)) {
		give_up_file(f, FETCH_FAILED, path, "not a regular file");
		return;
	}
	t->too_long = (uint64_t)st.st_size > most_octets(f);
	if (t->too_long)
		return; /* this need not fill the disk to find out */
	while ((n = read(in, buffer, sizeof buffer)) > 0 && on_data(buffer, 1, (size_t)n, t) == (size_t)n)
		continue;
	if (n < 0)
		give_up_file(f, FETCH_FAILED, path, error_text(-errno));
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
		copy_file(t, in, path);
		close(in);
	} else if (!path) {
		fetch_give_up(t->fetch, FETCH_FAILED, ERROR_DISK, "not a file:// URL");
	} else if (errno == ENOENT) {
		give_up_file(t->fetch, FETCH_MISSING, path, "no such file");
	} else {
		give_up_file(t->fetch, FETCH_FAILED, path, error_text(-errno));
	}
	curl_free(path);
}

/* ---- one transfer ---- */

static bool fail_transfer(struct transfer *t, enum error_class class, const char *error)
{
	return fetch_give_up(t->fetch, FETCH_FAILED, class, error);
}

/* Opens what the document is written to. Returns whether that could be done. */
static bool open_output(struct transfer *t, bool file, struct why *why)
{
	const struct fetch *f = t->fetch;
	if (stays_in_memory(f))
		return true;
	t->out = f->resumes && !file ? regular_file_append(f->path, most_octets(f), &t->had)
				     : regular_file_create(f->path);
	if (!t->out)
		why_set(why, -errno, "cannot write %.120s: %s", f->path, error_text(-errno));
	return t->out != NULL;
}

bool transfer_begin(struct transfer *t, struct fetch *fetch, CURLM *multi, struct resolver *resolver)
{
	struct why why;
	*t = (struct transfer){.fetch = fetch, .begun = clock_s()};
	fetch->octets = fetch->retry_after_s = fetch->said_length = 0;
	fetch->http = 0;
	bool file = text_starts_with(fetch->url, strlen(fetch->url), "file:");
	if (!open_output(t, file, &why))
		return fail_transfer(t, ERROR_DISK, why.text);
	if (file) {
		fetch_file(t);
		return false;
	}
	t->curl = curl_easy_init();
	if (!t->curl || !headers_add(&t->headers, fetch) || !headers_add(&t->with_secret, fetch) ||
		!headers_add_access(&t->with_secret, fetch->access))
		return fail_transfer(t, ERROR_MEMORY, "out of memory");
	CURLcode code = configure_transfer(t);
	if (code != CURLE_OK)
		return fail_transfer(t, answer_class(code), curl_easy_strerror(code));
	t->setup = (struct request_setup){
		t->curl, multi, resolver, fetch->trust, fetch->access, t->headers, t->with_secret};
	enum error_class class = request_begin(&t->request, &t->setup, fetch->url, &why);
	return class == ERROR_NONE || fail_transfer(t, class, why.text);
}

bool transfer_resume(struct transfer *t)
{
	struct why why;
	enum error_class class = request_resume(&t->request, &why);
	return class == ERROR_NONE || fail_transfer(t, class, why.text);
}

/* Whether a URL is that of the server's login page. */
static bool is_login_page(const char *url, const char *login)
{
	size_t length = strcspn(url, "?#"), tail = strlen(login);
	return length > tail && memcmp(url + length - tail, login, tail) == 0;
}

/* Follows a redirect. Returns false if it must not be followed; then the fetch has its status. */
static bool follow_redirect(struct transfer *t, const char *url)
{
	struct why why;
	struct fetch *f = t->fetch;
	char host[URL_MAX + 1];
	if (f->stays)
		return fail_transfer(t, ERROR_HTTP, "the server redirects elsewhere, and no redirect is followed here");
	enum error_class class = redirect_judge(t->request.url, url, t->request.redirects, &why);
	if (class != ERROR_NONE)
		return fail_transfer(t, class, why.text);
	if (f->login && is_login_page(url, f->login))
		return fail_transfer(t, ERROR_HTTP,
			"the server redirects to its login page: it is in maintenance, or wants a login");
	f->octets = f->said_length = 0;
	if (url_host(url, strlen(url), host) != URL_NONE)
		snprintf(f->redirected_to, sizeof f->redirected_to, "%.255s", host);
	t->answer.message[0] = '\0';
	class = request_redirect(&t->request, url, &why);
	return class == ERROR_NONE || fail_transfer(t, class, why.text);
}

bool transfer_go_on(struct transfer *t, CURLcode code)
{
	struct why why;
	char *url = NULL;
	t->too_long |= code == CURLE_FILESIZE_EXCEEDED;
	if (t->too_long && !is_document(t)) {
		t->too_long = false; /* a page in the document's place: the answer's status tells why */
		code = CURLE_OK;
	}
	if (code == CURLE_OK && curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &url) == CURLE_OK && url) {
		char *copy = strdup(url); /* libcurl frees its own copy with the request */
		bool goes_on = copy ? follow_redirect(t, copy) : fail_transfer(t, ERROR_MEMORY, "out of memory");
		free(copy);
		return goes_on;
	}
	answer_judge(&t->answer, t->curl, code, t->request.at_home, t->had > 0, t->fetch);
	if (request_was_refused(&t->request, code, &why))
		fail_transfer(t, ERROR_NET, why.text);
	return false;
}

/* Judges what went wrong on this side. That counts more than what the server said. */
static void judge_own_side(struct transfer *t)
{
	struct fetch *f = t->fetch;
	char text[200];
	if (t->drips) {
		snprintf(text, sizeof text, "Operation too slow: %" PRIu64 " octets in %" PRId64 " s", f->octets,
			(int64_t)(clock_s() - t->begun));
		fail_transfer(t, ERROR_NET, text);
	}
	if (t->too_long) {
		snprintf(text, sizeof text, "document of more than %" PRIu64 " octets", most_octets(f));
		fail_transfer(t, ERROR_FORMAT, text);
	}
	if (t->strays)
		fail_transfer(t, ERROR_HTTP, "the server sends another part of the document than it was asked for");
	if (t->no_room.text[0])
		fail_transfer(t, ERROR_DISK, t->no_room.text);
	if (t->out && fclose(t->out) != 0 && !t->write_error)
		t->write_error = errno;
	if (t->write_error) {
		snprintf(text, sizeof text, "cannot write the document: %s", error_text(-t->write_error));
		fail_transfer(t, ERROR_DISK, text);
	}
}

void transfer_end(struct transfer *t)
{
	struct fetch *f = t->fetch;
	judge_own_side(t);
	bool part = f->resumes && f->status == FETCH_FAILED && f->error_class == ERROR_NET;
	if (f->status != FETCH_OK && !part) {
		unlink(f->path);
		if (f->room)
			disk_budget_give(f->room, t->taken);
	}
	request_end(&t->request);
	curl_easy_cleanup(t->curl);
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->with_secret);
	t->fetch = NULL;
}
