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

bool partner_is_restricted(const struct config *config, const struct partner *partner)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (partner->of[i] && feed_is_restricted(&config->feeds[i]))
			return true;
	return false;
}

const char *shown_partner(const struct config *config, size_t partner, char text[SHOWN_NAME])
{
	unsigned number = 1;
	if (!partner_is_restricted(config, &config->partners[partner])) {
		snprintf(text, SHOWN_NAME, "%s", config->partners[partner].name);
		return text;
	}
	for (size_t i = 0; i < partner; i++)
		number += partner_is_restricted(config, &config->partners[i]);
	snprintf(text, SHOWN_NAME, "restricted %u", number);
	return text;
}

/* ---- messages ---- */

/* Those that a message may name: the feeds, and behind them the partners. NULL: the name may be shown. */
static const char *restricted_name(const struct config *config, size_t i)
{
	if (i < config->feed_count)
		return feed_is_restricted(&config->feeds[i]) ? config->feeds[i].name : NULL;
	const struct partner *partner = &config->partners[i - config->feed_count];
	return partner_is_restricted(config, partner) ? partner->name : NULL;
}

static const char *shown_instead(const struct config *config, size_t i, char text[SHOWN_NAME])
{
	return i < config->feed_count ? shown_feed(config, i, text)
				      : shown_partner(config, i - config->feed_count, text);
}

static bool is_of_a_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Whose restricted name stands at `at` of a message, as a word; the longest one. Returns its length, 0 = there is none. */
static size_t find_restricted(const struct config *config, const char *message, const char *at, size_t *found)
{
	size_t longest = 0;
	for (size_t i = 0; i < config->feed_count + config->partner_count; i++) {
		const char *name = restricted_name(config, i);
		size_t length = name ? strlen(name) : 0;
		if (length <= longest || strncmp(at, name, length) != 0)
			continue;
		if (at != message && is_of_a_name(at[-1]) && is_of_a_name(name[0]))
			continue;
		/* A full stop may end the sentence. */
		if (is_of_a_name(name[length - 1]) && is_of_a_name(at[length]) &&
			!(at[length] == '.' && !is_of_a_name(at[length + 1])))
			continue;
		*found = i;
		longest = length;
	}
	return longest;
}

char *shown_message(const struct config *config, const char *message, char *to, size_t room)
{
	size_t used = 0;
	for (const char *at = message; *at && used + 1 < room;) {
		char shown[SHOWN_NAME];
		size_t found, length = find_restricted(config, message, at, &found);
		if (length == 0) {
			to[used++] = *at++;
			continue;
		}
		snprintf(to + used, room - used, "%s", shown_instead(config, found, shown));
		used += strlen(to + used);
		at += length;
	}
	to[used] = '\0';
	return to;
}
