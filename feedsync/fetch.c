#include "fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "limits.h"
#include "log.h"

/* One download under way. */
struct transfer {
	struct fetch *fetch;
	CURL *curl;
	struct curl_slist *headers;
	FILE *out;
	int write_error; /* errno */
	bool too_long;
	char message[CURL_ERROR_SIZE];
};

struct batch {
	CURLM *multi;
	struct fetch *fetches;
	size_t count, begun, done;
	struct transfer transfers[MAX_CONNECTIONS]; /* fetch == NULL: free */
	uint64_t octets;
};

void fetch_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		log_error("libcurl does not start");
		exit(2);
	}
}

static size_t on_data(char *data, size_t one, size_t length, void *context)
{
	(void)one;
	struct transfer *t = context;
	t->fetch->octets += length;
	if (t->fetch->octets > MAX_BODY) {
		t->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	errno = 0;
	if (fwrite(data, 1, length, t->out) != length) {
		t->write_error = errno ? errno : EIO;
		return CURL_WRITEFUNC_ERROR;
	}
	return length;
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static void add_header(struct transfer *t, const char *name, const char *value)
{
	char line[400];
	if (!value[0])
		return;
	snprintf(line, sizeof line, "%s: %s", name, value);
	struct curl_slist *list = curl_slist_append(t->headers, line);
	if (list)
		t->headers = list;
}

/* Sets everything. An option that libcurl does not take would make the download less safe than promised: the first
 * error is returned. */
static CURLcode configure(struct transfer *t)
{
	CURL *curl = t->curl;
	const struct fetch *f = t->fetch;
	bool https = starts_with(f->url, "https:"), file = starts_with(f->url, "file:");
	CURLcode code = CURLE_OK;
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		if (code == CURLE_OK)                                                                                  \
			code = curl_easy_setopt(curl, option, value);                                                  \
	} while (0)
	SET(CURLOPT_URL, f->url);
	SET(CURLOPT_PROTOCOLS_STR, file ? "file" : https ? "https" : "http,https");
	SET(CURLOPT_REDIR_PROTOCOLS_STR, https || file ? "https" : "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 1L);
	SET(CURLOPT_MAXREDIRS, (long)MAX_REDIRECTS);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (f->ca) {
		SET(CURLOPT_CAINFO, f->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_ACCEPT_ENCODING, "");
	SET(CURLOPT_USERAGENT, "feedsync/0.1");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT_S);
	SET(CURLOPT_TIMEOUT, (long)TRANSFER_TIMEOUT_S);
	SET(CURLOPT_ERRORBUFFER, t->message);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_PRIVATE, t);
#undef SET
	return code;
}

static void fail(struct fetch *fetch, const char *error)
{
	fetch->status = FETCH_FAILED;
	snprintf(fetch->error, sizeof fetch->error, "%s", error);
}

/* Begins a download. Returns false if it has failed already. */
static bool begin(struct batch *b, struct transfer *t, struct fetch *fetch)
{
	*t = (struct transfer){.fetch = fetch, .curl = curl_easy_init()};
	fetch->octets = 0;
	t->out = fopen(fetch->path, "we");
	if (!t->out) {
		char text[200];
		snprintf(text, sizeof text, "cannot write %.120s: %s", fetch->path, error_text(-errno));
		fail(fetch, text);
	} else if (t->curl) {
		add_header(t, "If-None-Match", fetch->etag);
		add_header(t, "If-Modified-Since", fetch->last_modified);
		CURLcode code = configure(t);
		if (code == CURLE_OK && curl_multi_add_handle(b->multi, t->curl) == CURLM_OK)
			return true;
		fail(fetch, code == CURLE_OK ? "libcurl takes no more transfers" : curl_easy_strerror(code));
	} else {
		fail(fetch, "out of memory");
	}
	return false;
}

static void copy_header(CURL *curl, const char *name, char *to, size_t room)
{
	struct curl_header *header;
	to[0] = '\0';
	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK && strlen(header->value) < room)
		snprintf(to, room, "%s", header->value);
}

/* What a finished transfer means. */
static void judge(struct transfer *t, CURLcode code)
{
	struct fetch *f = t->fetch;
	long http = 0;
	curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &http);
	if (t->too_long) {
		fail(f, "document too long");
		snprintf(f->error, sizeof f->error, "document of more than %llu octets", (unsigned long long)MAX_BODY);
	} else if (t->write_error) {
		snprintf(f->error, sizeof f->error, "cannot write: %s", error_text(-t->write_error));
	} else if (code != CURLE_OK) {
		fail(f, t->message[0] ? t->message : curl_easy_strerror(code));
	} else if (http == 304 && (f->etag[0] || f->last_modified[0])) {
		f->status = FETCH_UNCHANGED;
	} else if (http == 404 || http == 410) {
		f->status = FETCH_MISSING;
		snprintf(f->error, sizeof f->error, "the server has no such document (HTTP %ld)", http);
	} else if (http != 200 && !(http == 0 && starts_with(f->url, "file:"))) {
		snprintf(f->error, sizeof f->error, "the server answers HTTP %ld", http);
	} else {
		f->status = FETCH_OK;
		copy_header(t->curl, "ETag", f->new_etag, sizeof f->new_etag);
		copy_header(t->curl, "Last-Modified", f->new_last_modified, sizeof f->new_last_modified);
	}
}

static void end(struct batch *b, struct transfer *t)
{
	struct fetch *f = t->fetch;
	if (t->out && fclose(t->out) != 0 && f->status == FETCH_OK)
		fail(f, "cannot write the whole document");
	if (f->status != FETCH_OK)
		unlink(f->path);
	if (t->curl) {
		curl_multi_remove_handle(b->multi, t->curl);
		curl_easy_cleanup(t->curl);
	}
	curl_slist_free_all(t->headers);
	b->octets += f->octets;
	b->done++;
	t->fetch = NULL;
}

static void begin_more(struct batch *b)
{
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++) {
		struct transfer *t = &b->transfers[i];
		while (!t->fetch && b->begun < b->count)
			if (!begin(b, t, &b->fetches[b->begun++]))
				end(b, t);
	}
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
		judge(t, message->data.result);
		end(b, t);
	}
}

static void stop_all(struct batch *b, const char *why)
{
	for (unsigned i = 0; i < MAX_CONNECTIONS; i++) {
		if (b->transfers[i].fetch) {
			fail(b->transfers[i].fetch, why);
			end(b, &b->transfers[i]);
		}
	}
	for (; b->begun < b->count; b->begun++, b->done++)
		fail(&b->fetches[b->begun], why);
}

void fetch_all(struct fetch *fetches, size_t count, bool (*stop)(void))
{
	struct batch *b = calloc(1, sizeof *b);
	for (size_t i = 0; i < count; i++)
		fail(&fetches[i], "out of memory");
	if (!b || !(b->multi = curl_multi_init())) {
		free(b);
		return;
	}
	b->fetches = fetches;
	b->count = count;
	curl_multi_setopt(b->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)MAX_HOST_CONNECTIONS);
	progress_begin();
	while (b->done < b->count) {
		begin_more(b);
		int running;
		CURLMcode code = curl_multi_perform(b->multi, &running);
		end_finished(b);
		if (code == CURLM_OK && b->done < b->count)
			code = curl_multi_poll(b->multi, NULL, 0, running > 0 ? 200 : 0, NULL);
		if (code != CURLM_OK)
			stop_all(b, curl_multi_strerror(code));
		else if (stop())
			stop_all(b, "stopped");
		progress("fetching: %zu of %zu documents, %.1f MB", b->done, b->count, (double)b->octets / 1e6);
	}
	progress_end();
	curl_multi_cleanup(b->multi);
	free(b);
}
