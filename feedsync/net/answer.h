/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server answered, and what that means for the fetch. Private to answer.c and transfer.c. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "feedsync/net/fetch.h"

/* The last answer of a download: redirects have some before it. A zeroed one is none yet. */
struct answer {
	bool chunked, told_length; /* how it says where it ends */
	bool of_other_version; /* "not modified" was said of another version than the one asked about: ask again, without */
	char message[CURL_ERROR_SIZE]; /* libcurl's, "" = none */
};

/* Reads a header line: libcurl calls this; the context is the answer. Returns `length`. */
size_t answer_on_header(char *data, size_t one, size_t length, void *answer);

/* Whether an answer of this status is the document: also "accepted", where something was posted. `rest`: the rest of it was asked
 * for. */
bool answer_is_document(long http, bool rest, const struct fetch *fetch);

/* The class of an error of libcurl's: what has no other one is the network's. */
enum error_class answer_class(CURLcode code);

/* Sets the fetch's status, error and what else the answer tells, once libcurl is done. `at_home`: it came from the
 * feed's own server; `rest`: the rest of the document was asked for. */
void answer_judge(struct answer *answer, CURL *curl, CURLcode code, bool at_home, bool rest, struct fetch *fetch);

/* Where the part of the document that the server sends begins; 0 where it sends the whole, or does not tell. */
uint64_t answer_range_begin(CURL *curl);
