/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/server_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/json.h"
#include "feedsync/net/fetch.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

/* Whether a server hands back what nobody is to see. */
static bool holds_secret(const struct fetch *fetch, const char *words)
{
	return fetch->access && fetch->access->secret[0] && strstr(words, fetch->access->secret);
}

bool read_server_words(struct fetch *fetch, const char *member, char *words, size_t room)
{
	struct why damage;
	struct node *document = NULL;
	bool answered = fetch->status == FETCH_FAILED && fetch->http >= 300 && fetch->said_length > 0;
	FILE *in = answered ? fmemopen(fetch->said, fetch->said_length, "r") : NULL;
	FILE *plain = in ? unpack_open(in, &damage) : NULL;
	words[0] = '\0';
	if (plain && json_read(&document, plain, sizeof fetch->said * 8, &damage) == 0) {
		const char *text = node_text(node_get(document, member), NULL);
		if (text && !holds_secret(fetch, text))
			clean_text(words, room, text);
		node_free(document);
	}
	if (plain)
		fclose(plain);
	if (in)
		fclose(in);
	return words[0] != '\0';
}

void tell_server_words(struct fetch *fetch)
{
	char words[160], wait[64] = "";
	if (!read_server_words(fetch, "message", words, sizeof words) &&
		!read_server_words(fetch, "title", words, sizeof words))
		return;
	if (fetch->retry_after_s > 0)
		snprintf(wait, sizeof wait, " and asks to be left alone for %" PRIu64 " s", fetch->retry_after_s);
	snprintf(fetch->error, sizeof fetch->error, "the server answers HTTP %ld%s: %.150s", fetch->http, wait, words);
}
