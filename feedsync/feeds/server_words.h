/* SPDX-License-Identifier: BSD-3-Clause */
/* What a server itself says of why it sends no document: MISP and TAXII put that into the body of the answer. */
#pragma once

struct fetch;

/* Puts the server's words into the error of a fetch that failed with an answer of HTTP, in place of what the status alone
 * lets guess. An answer without such words, and one that holds the feed's secret, changes nothing. */
void tell_server_words(struct fetch *fetch);
