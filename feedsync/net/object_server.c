/* SPDX-License-Identifier: BSD-3-Clause */
/* Signing (SigV4) is libcurl's. What it does not do in 7.88 is done here: it never tells the digest of the body by itself, which
 * servers insist on. */
#include "feedsync/net/object_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/regular_file.h"
#include "feedsync/net/answer.h"
#include "libweir/errors.h"
#include "libweir/version.h"

struct object_server {
	const struct object_access *access;
	CURL *curl;
	char message[CURL_ERROR_SIZE];
};

/* A request under way. */
struct asking {
	CURL *curl;
	struct object_request *request;
	FILE *file;  /* what is sent, or NULL: */
	size_t sent; /* so many of the octets */
	bool too_long, no_memory;
};

int object_server_open(struct object_server **server, const struct object_access *access, struct why *why)
{
	*server = calloc(1, sizeof **server);
	if (*server) {
		(*server)->access = access;
		(*server)->curl = curl_easy_init();
	}
	if (*server && (*server)->curl)
		return 0;
	object_server_close(server);
	return why_set(why, -ENOMEM, "out of memory");
}

void object_server_close(struct object_server **server)
{
	if (*server)
		curl_easy_cleanup((*server)->curl);
	free(*server);
	*server = NULL;
}

/* ---- the bodies ---- */

static size_t on_answer_data(char *data, size_t one, size_t length, void *context)
{
	(void)one;
	struct asking *a = context;
	struct object_request *r = a->request;
	long http = 0;
	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &http);
	if (r->method != OBJECT_GET || http != 200)
		return length; /* what a server says beside a status is of no use, however long it is */
	a->too_long = length > r->most - r->body_length;
	char *body = a->too_long ? NULL : realloc(r->body, r->body_length + length + 1);
	a->no_memory = !a->too_long && !body;
	if (!body)
		return CURL_WRITEFUNC_ERROR;
	memcpy(body + r->body_length, data, length);
	r->body = body;
	r->body_length += length;
	return length;
}

static size_t on_send(char *to, size_t one, size_t room, void *context)
{
	struct asking *a = context;
	if (a->file)
		return fread(to, one, room, a->file);
	size_t left = (size_t)a->request->length - a->sent, some = left < one * room ? left : one * room;
	memcpy(to, a->request->octets + a->sent, some);
	a->sent += some;
	return some;
}

/* libcurl sends a body again where the server has closed a connection that was kept open. */
static int on_send_again(void *context, curl_off_t offset, int origin)
{
	struct asking *a = context;
	if (a->file)
		return fseeko(a->file, (off_t)offset, origin) == 0 ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
	a->sent = (size_t)offset;
	return origin == SEEK_SET ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_CANTSEEK;
}

/* ---- the request ---- */

static bool append_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *list = curl_slist_append(*headers, line);
	if (list)
		*headers = list;
	return list != NULL;
}

static bool make_headers(
	struct curl_slist **headers, const struct object_server *server, const struct object_request *r)
{
	static const char of_nothing[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	char digest[SHA256_TEXT + 32];
	bool put = r->method == OBJECT_PUT;
	snprintf(digest, sizeof digest, "x-amz-content-sha256: %s", put ? r->sha256 : of_nothing);
	return (!server->access->access_key || append_header(headers, digest)) &&
	       (!put || append_header(headers, "Content-Type: application/octet-stream")) &&
	       (!r->exclusive || append_header(headers, "If-None-Match: *"));
}

/* An option that libcurl refuses would make the request less safe than promised, so the first error is returned. */
#define SET(option, value)                                                                                             \
	do {                                                                                                           \
		if (code == CURLE_OK)                                                                                  \
			code = curl_easy_setopt(curl, option, value);                                                  \
	} while (0)

/* NOLINTNEXTLINE(readability-function-size): a list of settings */
static CURLcode set_access(CURL *curl, const struct object_access *access)
{
	CURLcode code = CURLE_OK;
	char signing[128];
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (access->ca) {
		SET(CURLOPT_CAINFO, access->ca);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_SSLCERT, access->certificate);
	SET(CURLOPT_SSLKEY, access->key);
	if (access->access_key) {
		snprintf(signing, sizeof signing, "aws:amz:%s:s3", access->region);
		SET(CURLOPT_AWS_SIGV4, signing);
		SET(CURLOPT_USERNAME, access->access_key);
		SET(CURLOPT_PASSWORD, access->secret_key);
	}
	return code;
}

static CURLcode set_method(CURL *curl, const struct object_request *r)
{
	CURLcode code = CURLE_OK;
	switch (r->method) {
	case OBJECT_GET: SET(CURLOPT_HTTPGET, 1L); break;
	case OBJECT_HEAD: SET(CURLOPT_NOBODY, 1L); break;
	case OBJECT_DELETE: SET(CURLOPT_CUSTOMREQUEST, "DELETE"); break;
	case OBJECT_PUT:
		SET(CURLOPT_UPLOAD, 1L);
		SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)r->length);
		break;
	}
	return code;
}

static CURLcode set_bodies(CURL *curl, struct asking *a)
{
	CURLcode code = CURLE_OK;
	SET(CURLOPT_WRITEFUNCTION, on_answer_data);
	SET(CURLOPT_WRITEDATA, a);
	SET(CURLOPT_READFUNCTION, on_send);
	SET(CURLOPT_READDATA, a);
	SET(CURLOPT_SEEKFUNCTION, on_send_again);
	SET(CURLOPT_SEEKDATA, a);
	return code;
}

static CURLcode set_limits(CURL *curl)
{
	CURLcode code = CURLE_OK;
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	SET(CURLOPT_LOW_SPEED_LIMIT, (long)STALL_OCTETS_S);
	SET(CURLOPT_LOW_SPEED_TIME, (long)STALL_TIMEOUT_S);
	SET(CURLOPT_TIMEOUT, (long)TRANSFER_TIMEOUT_S);
	return code;
}

static CURLcode set_address(CURL *curl, const char *url)
{
	CURLcode code = CURLE_OK;
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	return code;
}

static CURLcode set_up_request(struct object_server *server, struct asking *a, const struct curl_slist *headers)
{
	CURL *curl = server->curl;
	char agent[64];
	snprintf(agent, sizeof agent, "feedsync/%s", weir_release);
	curl_easy_reset(curl); /* the connection stays */
	CURLcode code = set_access(curl, server->access);
	if (code == CURLE_OK)
		code = set_method(curl, a->request);
	if (code == CURLE_OK)
		code = set_bodies(curl, a);
	if (code == CURLE_OK)
		code = set_limits(curl);
	if (code == CURLE_OK)
		code = set_address(curl, a->request->url);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_USERAGENT, agent);
	SET(CURLOPT_ERRORBUFFER, server->message);
	return code;
}
#undef SET

/* ---- the answer ---- */

static enum error_class class_of_status(long http)
{
	if (http >= 200 && http < 300)
		return ERROR_NONE;
	return http == 401 || http == 403 ? ERROR_AUTH : ERROR_HTTP;
}

static int judge_asked(struct object_server *server, struct asking *a, CURLcode code, struct why *why)
{
	struct object_request *r = a->request;
	curl_off_t told = -1;
	r->error_class = answer_class(code);
	if (a->too_long)
		return why_set(why, -EFBIG, "more than %zu octets", r->most);
	if (a->no_memory || code == CURLE_OUT_OF_MEMORY)
		return why_set(why, -ENOMEM, "out of memory");
	if (code != CURLE_OK)
		return why_set(
			why, -ENETUNREACH, "%.200s", server->message[0] ? server->message : curl_easy_strerror(code));
	curl_easy_getinfo(server->curl, CURLINFO_RESPONSE_CODE, &r->http);
	curl_easy_getinfo(server->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &told);
	r->told = told >= 0 ? (uint64_t)told : UINT64_MAX;
	r->error_class = class_of_status(r->http);
	return 0;
}

int object_ask(struct object_server *server, struct object_request *request, struct why *why)
{
	struct asking a = {.curl = server->curl, .request = request};
	struct curl_slist *headers = NULL;
	struct why reason;
	request->http = 0;
	request->body = NULL;
	request->body_length = 0;
	request->error_class = ERROR_DISK;
	server->message[0] = '\0';
	int status = request->path ? regular_file_open(&a.file, request->path, &reason) : 0;
	if (status != 0)
		return why_set(why, status, "%.150s: %.90s", request->path, reason.text);
	CURLcode code =
		make_headers(&headers, server, request) ? set_up_request(server, &a, headers) : CURLE_OUT_OF_MEMORY;
	if (code == CURLE_OK)
		code = curl_easy_perform(server->curl);
	status = judge_asked(server, &a, code, why);
	if (status != 0) {
		free(request->body);
		request->body = NULL;
		request->body_length = 0;
	}
	if (a.file)
		fclose(a.file);
	curl_slist_free_all(headers);
	return status;
}
