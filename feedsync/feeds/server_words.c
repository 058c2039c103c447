/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/feeds/server_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/net/fetch.h"
#include "feedsync/unpack/unpack.h"
#include "libweir/errors.h"

/* The words in an answer: of MISP "message", of TAXII "title" (2.1, 3.6.1). */
static const char *find_words(const struct node *document)
{
	const char *message = node_text(node_get(document, "message"), NULL);
	return message ? message : node_text(node_get(document, "title"), NULL);
}

/* Whether a server hands back what nobody is to see. */
static bool holds_secret(const struct fetch *fetch, const char *words)
{
	return fetch->access && fetch->access->secret[0] && strstr(words, fetch->access->secret);
}

static void put_words(struct fetch *fetch, const char *words)
{
	char wait[64] = "";
	if (fetch->retry_after_s > 0)
		snprintf(wait, sizeof wait, " and asks to be left alone for %" PRIu64 " s", fetch->retry_after_s);
	snprintf(fetch->error, sizeof fetch->error, "the server answers HTTP %ld%s: %.150s", fetch->http, wait, words);
}

static void read_server_words(struct fetch *fetch, FILE *in)
{
	struct why why;
	struct node *document;
	if (json_read(&document, in, sizeof fetch->said * 8, &why) != 0)
		return;
	const char *words = find_words(document);
	if (words && words[0] && !holds_secret(fetch, words))
		put_words(fetch, words);
	node_free(document);
}

void tell_server_words(struct fetch *fetch)
{
	struct why damage;
	bool answered = fetch->status == FETCH_FAILED && fetch->http >= 300 && fetch->said_length > 0;
	FILE *in = answered ? fmemopen(fetch->said, fetch->said_length, "r") : NULL;
	FILE *plain = in ? unpack_open(in, &damage) : NULL;
	if (plain) {
		read_server_words(fetch, plain);
		fclose(plain);
	}
	if (in)
		fclose(in);
}
