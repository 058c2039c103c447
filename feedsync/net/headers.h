/* SPDX-License-Identifier: BSD-3-Clause */
/* The headers of a download's requests. Each function returns whether there was memory for them. Private to transfer.c. */
#pragma once

#include <stdbool.h>

struct credentials;
struct curl_slist;
struct fetch;

/* Adds those that any server is shown. */
bool headers_add(struct curl_slist **headers, const struct fetch *fetch);

/* Adds the secret, for the server that wants it; `access` NULL: there is none. */
bool headers_add_access(struct curl_slist **headers, const struct credentials *access);
