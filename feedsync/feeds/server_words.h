/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server itself says of why it sends no document: MISP and TAXII put that into the body of the answer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct fetch;

/* Reads the text that the answer of a fetch that failed has under a name: of MISP "message", of TAXII "title" (2.1, 3.6.1). It is
 * cleaned, and cut to fit. Returns false, and "", where there is none, or where it holds the secret that the fetch gave. */
bool read_server_words(struct fetch *fetch, const char *member, char *words, size_t room);

/* Puts the server's words into the error of a fetch that failed with an answer of HTTP, in place of what the status alone
 * lets guess. An answer without such words, and one that holds the feed's secret, changes nothing. */
void tell_server_words(struct fetch *fetch);
