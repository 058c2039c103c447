/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_ask.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/json.h"
#include "feedsync/feeds/server_words.h"
#include "feedsync/net/fetch_all.h"
#include "libweir/errors.h"

enum { CALL_TIMEOUT_S = 300, MOST_ANSWER = 1 << 20 };

int sighting_ask(
	struct sighting_call *call, struct fetch *fetch, int url_status, const char *whose, struct node **answer)
{
	struct why why = {.text = ""};
	*answer = NULL;
	if (url_status != 0) {
		call->error_class = ERROR_HTTP;
		snprintf(call->error, sizeof call->error, "the URL is too long");
		return url_status;
	}
	fetch->trust = &call->partner->trust;
	fetch->access = call->access;
	fetch->most = MOST_ANSWER;
	snprintf(fetch->path, sizeof fetch->path, "%s", call->path);
	fetch_all(fetch, 1, clock_s() + CALL_TIMEOUT_S);
	tell_server_words(fetch);
	call->answered = fetch->http > 0;
	call->retry_after_s = fetch->retry_after_s;
	if (fetch->status != FETCH_OK) {
		call->error_class = fetch->error_class;
		snprintf(call->error, sizeof call->error, "%s", fetch->error);
		return -EIO;
	}
	int status = json_load(answer, fetch->path, MOST_ANSWER, &why);
	unlink(fetch->path);
	if (status != 0) {
		call->error_class = error_class_from_code(status);
		snprintf(call->error, sizeof call->error, "the answer is not %s: %.200s", whose, why.text);
	}
	return status;
}

enum sighting_result sighting_no_answer(struct sighting_call *call, const char *whose, const char *lacks)
{
	call->error_class = ERROR_FORMAT;
	snprintf(call->error, sizeof call->error, "the answer is not %s: it has no %s", whose, lacks);
	return CALL_FAILED;
}
