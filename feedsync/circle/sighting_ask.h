/* SPDX-License-Identifier: BSD-3-Clause */
/* One question to a partner's server. */
#pragma once

#include "feedsync/circle/sighting_way.h"
#include "feedsync/net/fetch.h"
#include "libweir/attributes.h"

struct node;

/* Asks: `fetch` has the URL, unless `url_status` is an error, and what else is asked for; the rest is the call's. The answer, which
 * is small, is loaded. `whose`: of what kind of server it should be, for messages ("MISP's"). Returns 0 and the answer, which the caller frees; or a
 * negative code: `call` has the error, and fetch->http the status, 0 where there was none. */
must_check int sighting_ask(
	struct sighting_call *call, struct fetch *fetch, int url_status, const char *whose, struct node **answer);

/* The same for an answer that is loaded, but is no answer to the question: `lacks` says what it has not. Returns CALL_FAILED. */
enum sighting_result sighting_no_answer(struct sighting_call *call, const char *whose, const char *lacks);
