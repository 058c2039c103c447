/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/misp/misp_source.h"

#include <string.h>

#include "feedsync/base/timestamp.h"

const char *misp_threat_level(uint64_t level)
{
	static const char *const words[] = {"high", "medium", "low", "undefined"};
	return level >= 1 && level <= 4 ? words[level - 1] : NULL;
}

/* Some producers write the key in another way, and MISP takes it. */
const struct node *misp_organisation(const struct node *event)
{
	const struct node *organisation = node_get(event, "Orgc");
	return organisation ? organisation : node_get(event, "orgc");
}

static uint64_t time_of(const struct node *node)
{
	char word[64];
	uint64_t time;
	const char *text = node_word(node, word);
	return text && timestamp_read(text, strlen(text), &time) ? time : 0;
}

uint64_t misp_last_seen(const struct node *attribute)
{
	uint64_t seen = time_of(node_get(attribute, "last_seen"));
	return seen > 0 ? seen : time_of(node_get(attribute, "timestamp"));
}
