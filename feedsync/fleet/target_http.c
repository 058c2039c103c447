/* SPDX-License-Identifier: BSD-3-Clause */
/* A server as a target: one that takes PUT over https, or an object store that speaks S3. What makes one of two compilers win is
 * `If-None-Match: *`. A server that does not know it may take the request all the same; so the same request is made again, and
 * must be refused then. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feedsync/base/maxima.h"
#include "feedsync/base/secret_file.h"
#include "feedsync/base/url.h"
#include "feedsync/fleet/target.h"
#include "feedsync/net/object_server.h"
#include "libweir/errors.h"

struct http_target {
	struct target target;
	struct object_access access;
	struct object_server *server;
	char keys[MAX_SECRET + 2]; /* S3: access key, NUL, secret key */
};

static int object_url(const struct target *target, const char *name, char url[URL_MAX + 1], struct why *why)
{
	int length = snprintf(url, URL_MAX + 1, "%s/%s", target->channel->to, name);
	return length <= URL_MAX ? 0 : why_set(why, -ENAMETOOLONG, "%.100s: URL too long", target->channel->to);
}

/* Asks for an object. Fails only where there is no answer. */
static int ask_object(struct target *target, const char *name, struct object_request *request, struct why *why)
{
	struct http_target *t = (struct http_target *)target;
	struct why reason;
	char url[URL_MAX + 1];
	int status = object_url(target, name, url, why);
	if (status != 0)
		return status;
	request->url = url;
	status = object_ask(t->server, request, &reason);
	target->error_class = request->error_class;
	return status == 0 ? 0 : why_set(why, status, "%.120s: %.120s", url, reason.text);
}

/* The error that a status is: one of success, too, where it is not the one that belongs to the request. */
static int refused_object(
	struct target *target, const char *name, const struct object_request *request, struct why *why)
{
	const char *next = request->http == 403 ? "; a wrong key, no right to do so, or a clock that is wrong" : "";
	if (target->error_class == ERROR_NONE)
		target->error_class = ERROR_HTTP;
	return why_set(why, -EPROTO, "%.100s/%.80s: the server answers HTTP %ld%s", target->channel->to, name,
		request->http, next);
}

static bool is_success(long http)
{
	return http >= 200 && http < 300;
}

static int get_object(struct target *target, const char *name, char **octets, size_t *length, struct why *why)
{
	struct object_request request = {.method = OBJECT_GET, .most = target->most};
	*octets = NULL;
	*length = 0;
	int status = ask_object(target, name, &request, why);
	if (status != 0)
		return status;
	if (request.http == 404 || request.http == 410)
		return why_set(why, -ENOENT, "%s: the server has no such object", name);
	if (request.http != 200)
		return refused_object(target, name, &request, why);
	*octets = request.body ? request.body : calloc(1, 1); /* it is empty */
	*length = request.body_length;
	return *octets ? 0 : why_set(why, -ENOMEM, "out of memory");
}

/* By its length: what a server keeps, and what it is asked for, it keeps whole. */
static int has_object(struct target *target, const char *name, const struct packed_object *object, struct why *why)
{
	struct object_request request = {.method = OBJECT_HEAD};
	int status = ask_object(target, name, &request, why);
	if (status != 0)
		return status;
	if (request.http == 404 || request.http == 410)
		return 0;
	return request.http == 200 ? request.told == object->size : refused_object(target, name, &request, why);
}

static int put_file_object(struct target *target, const char *name, const struct packed_object *object, struct why *why)
{
	struct object_request request = {
		.method = OBJECT_PUT, .path = object->path, .length = object->size, .sha256 = object->sha256};
	int status = ask_object(target, name, &request, why);
	return status != 0 || is_success(request.http) ? status : refused_object(target, name, &request, why);
}

struct octets_of {
	const char *at;
	size_t length;
};

static int put_octets(struct target *target, const char *name, const struct octets_of *octets, bool exclusive,
	long *http, struct why *why)
{
	char sha256[SHA256_TEXT];
	digest_sha256(sha256, octets->at, octets->length);
	struct object_request request = {.method = OBJECT_PUT,
		.octets = octets->at,
		.length = octets->length,
		.sha256 = sha256,
		.exclusive = exclusive};
	int status = ask_object(target, name, &request, why);
	*http = request.http;
	bool answered = is_success(request.http) || exclusive;
	return status != 0 || answered ? status : refused_object(target, name, &request, why);
}

static int replace_object(struct target *target, const char *name, const char *octets, size_t length, struct why *why)
{
	const struct octets_of all = {octets, length};
	long http;
	return put_octets(target, name, &all, false, &http, why);
}

/* What a server says that does not know the condition; Swift says 501. */
static bool is_condition_unknown(long http)
{
	return http == 400 || http == 405 || http == 501;
}

static int create_object(struct target *target, const char *name, const char *octets, size_t length, struct why *why)
{
	const struct octets_of all = {octets, length};
	struct object_request answered = {.http = 0};
	int status = put_octets(target, name, &all, true, &answered.http, why);
	if (status != 0)
		return status;
	if (answered.http == 412 || answered.http == 409)
		return why_set(why, -EEXIST, "%s is there already", name);
	if (is_success(answered.http)) {
		status = put_octets(target, name, &all, true, &answered.http, why);
		if (status != 0 || answered.http == 412 || answered.http == 409)
			return status;
	}
	if (is_success(answered.http) || is_condition_unknown(answered.http)) {
		target->error_class = ERROR_HTTP;
		return why_set(why, -ENOTSUP,
			"%.100s: the server cannot create an object exclusively (HTTP %ld); if no other compiler ever "
			"publishes there: \"single-writer: yes\"",
			target->channel->to, answered.http);
	}
	return refused_object(target, name, &answered, why);
}

static int remove_object(struct target *target, const char *name, struct why *why)
{
	struct object_request request = {.method = OBJECT_DELETE};
	int status = ask_object(target, name, &request, why);
	if (status != 0 || is_success(request.http) || request.http == 404 || request.http == 410)
		return status;
	return refused_object(target, name, &request, why);
}

static void close_server(struct target *target)
{
	struct http_target *t = (struct http_target *)target;
	object_server_close(&t->server);
	explicit_bzero(t->keys, sizeof t->keys);
	free(t);
}

/* ---- opening ---- */

/* Parts "ACCESS SECRET" in place. Returns whether there are two words. */
static bool part_keys(struct http_target *t)
{
	static const char blanks[] = " \t\r\n";
	char *first = t->keys + strspn(t->keys, blanks), *second = first + strcspn(first, blanks);
	char *next = second + strspn(second, blanks), *end = next + strcspn(next, blanks);
	if (*first == '\0' || *next == '\0' || end[strspn(end, blanks)] != '\0')
		return false;
	*second = *end = '\0';
	t->access.access_key = first;
	t->access.secret_key = next;
	return true;
}

static int read_keys(struct http_target *t, const char *path, struct why *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* opening a FIFO would wait for ever */
	if (fd < 0)
		return why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	int status = secret_check_open(fd, path, why);
	ssize_t length = status == 0 ? read(fd, t->keys, sizeof t->keys - 1) : 0;
	if (length < 0)
		status = why_set(why, -errno, "%.150s: %s", path, error_text(-errno));
	close(fd);
	if (status == 0 && !part_keys(t))
		status =
			why_set(why, -EBADMSG, "%.150s: not an access key and a secret key with a blank between", path);
	return status;
}

int target_http_open(struct target **target, const struct channel *channel, struct why *why)
{
	static const struct target_kind_row row = {
		get_object, has_object, put_file_object, replace_object, create_object, remove_object, close_server};
	struct http_target *t = calloc(1, sizeof *t);
	if (!t)
		return why_set(why, -ENOMEM, "out of memory");
	t->target = (struct target){.row = &row, .channel = channel};
	t->access = (struct object_access){
		.ca = channel->ca, .certificate = channel->certificate, .key = channel->key, .region = channel->region};
	int status = channel->key_file ? read_keys(t, channel->key_file, why) : 0;
	if (status == 0)
		status = object_server_open(&t->server, &t->access, why);
	if (status != 0) {
		close_server(&t->target);
		return status;
	}
	*target = &t->target;
	return 0;
}
