/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/shown_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool feed_is_restricted(const struct feed_config *feed)
{
	return feed->options.lenient_tlp;
}

const char *shown_feed(const struct config *config, size_t feed, char text[SHOWN_NAME])
{
	unsigned number = 1;
	if (!feed_is_restricted(&config->feeds[feed])) {
		snprintf(text, SHOWN_NAME, "%s", config->feeds[feed].name);
		return text;
	}
	for (size_t i = 0; i < feed; i++)
		number += feed_is_restricted(&config->feeds[i]);
	snprintf(text, SHOWN_NAME, "restricted %u", number);
	return text;
}

const char *shown_name(const struct config *config, const char *name, char text[SHOWN_NAME])
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (strcmp(config->feeds[i].name, name) == 0)
			return shown_feed(config, i, text);
	bool own = strcmp(config->feed_policies[config->feed_count].name, name) == 0;
	snprintf(text, SHOWN_NAME, "%s", own ? name : "other");
	return text;
}

static bool is_of_a_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* The restricted feed whose name stands at `at` of a message, as a word; the longest one. Else feed_count. */
static size_t find_restricted(const struct config *config, const char *message, const char *at)
{
	size_t found = config->feed_count, longest = 0;
	for (size_t i = 0; i < config->feed_count; i++) {
		const char *name = config->feeds[i].name;
		size_t length = strlen(name);
		bool begins = at == message || !is_of_a_name(at[-1]) || !is_of_a_name(name[0]);
		if (length <= longest || !feed_is_restricted(&config->feeds[i]) || !begins ||
			strncmp(at, name, length) != 0)
			continue;
		/* A full stop may end the sentence. */
		if (is_of_a_name(name[length - 1]) && is_of_a_name(at[length]) &&
			!(at[length] == '.' && !is_of_a_name(at[length + 1])))
			continue;
		found = i;
		longest = length;
	}
	return found;
}

char *shown_message(const struct config *config, const char *message, char *to, size_t room)
{
	size_t used = 0;
	for (const char *at = message; *at && used + 1 < room;) {
		size_t feed = find_restricted(config, message, at);
		if (feed == config->feed_count) {
			to[used++] = *at++;
			continue;
		}
		char shown[SHOWN_NAME];
		snprintf(to + used, room - used, "%s", shown_feed(config, feed, shown));
		used += strlen(to + used);
		at += strlen(config->feeds[feed].name);
	}
	to[used] = '\0';
	return to;
}
