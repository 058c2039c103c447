/* One download under way. Private to fetch.c and transfer.c, the two files that know libcurl. */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>

#include "fetch.h"

struct transfer {
	struct fetch *fetch;
	CURL *curl;
	struct curl_slist *headers;
	FILE *out;
	int write_error; /* errno */
	bool too_long;
	bool chunked, told_length;
	char message[CURL_ERROR_SIZE];
};

/* Begins to fetch. Returns false if that has ended already: the fetch has its status. transfer_end follows either way. */
bool transfer_begin(struct transfer *transfer, struct fetch *fetch, CURLM *multi);

/* Sets the fetch's status from what libcurl says when it is done. */
void transfer_judge(struct transfer *transfer, CURLcode code);

/* Ends it, done or not: frees everything, removes the file unless the document is complete. */
void transfer_end(struct transfer *transfer, CURLM *multi);

/* Sets status and error; returns false. */
bool fetch_give_up(struct fetch *fetch, enum fetch_status status, const char *error);
