/* SPDX-License-Identifier: BSD-3-Clause */
/* A web server or object store that keeps objects for us: getting, putting and removing small and large ones. What is asked
 * goes to the server that the operator wrote down, and nowhere else: no redirect is followed. One connection is used for all
 * requests, as long as the server keeps it open. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/error_class.h"
#include "libweir/attributes.h"

struct object_server;
struct why;

/* Who we are to the server, and it to us. Everything is borrowed as long as the server is open. */
struct object_access {
	const char *ca; /* file with the certificates that may have signed the server's; NULL = the system's */
	const char *certificate, *key; /* files that prove who we are; NULL = we do not */
	const char *access_key,
		*secret_key; /* requests are signed with these as S3 wants it (SigV4); NULL = they are not */
	const char *region;  /* for that */
};

enum object_method { OBJECT_GET, OBJECT_HEAD, OBJECT_PUT, OBJECT_DELETE };

struct object_request {
	/* asked */
	enum object_method method;
	const char *url;    /* of characters that need no escape, and without a query: libcurl signs others wrongly */
	const char *path;   /* PUT: the file to be sent, or NULL: */
	const char *octets; /* ... these octets */
	uint64_t length;    /* of either */
	const char *sha256; /* of either */
	bool exclusive;     /* PUT: only if there is nothing (If-None-Match: *) */
	size_t most;        /* GET: octets of the object, at most */
	/* answered */
	long http;                    /* the status */
	char *body;                   /* GET: the object, to be freed; NULL unless it came whole */
	size_t body_length;           /* of it */
	uint64_t told;                /* HEAD: the object's length as the server tells it; UINT64_MAX = it does not */
	enum error_class error_class; /* of a failure, or of a status that is none of success */
};

must_check int object_server_open(struct object_server **server, const struct object_access *access, struct why *why);
void object_server_close(struct object_server **server);

/* Asks, and waits for the answer. Returns 0 where the server has answered, whatever its status is; else a negative code with
 * the reason: -EFBIG for an object of more octets than asked for, -ENETUNREACH where the server cannot be reached or trusted,
 * another -errno for what is wrong here. */
must_check int object_ask(struct object_server *server, struct object_request *request, struct why *why);
