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

/* Whose names a message may tell: feeds, partners, and feeds of the published table, in this order. */
struct told {
	const struct config *config;
	const struct policy *published;
};

static size_t told_count(const struct told *told)
{
	return told->config->feed_count + told->config->partner_count +
	       (told->published ? told->published->feed_count : 0);
}

static const char *told_name(const struct told *told, size_t i)
{
	const struct config *config = told->config;
	if (i < config->feed_count)
		return config->feeds[i].name;
	i -= config->feed_count;
	return i < config->partner_count ? config->partners[i].name
					 : told->published->feeds[i - config->partner_count].name;
}

/* What is shown in its place. */
static const char *told_instead(const struct told *told, size_t i, char shown[SHOWN_NAME])
{
	const struct config *config = told->config;
	if (i < config->feed_count)
		return shown_feed(config, i, shown);
	if (i - config->feed_count < config->partner_count)
		return shown_partner(config, i - config->feed_count, shown);
	return shown_name(config, told_name(told, i), shown);
}

static bool is_of_a_name(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* Whether the name stands at `at` of a message, as a word. */
static bool stands_at(const char *message, const char *at, const char *name, size_t length)
{
	if (length == 0 || strncmp(at, name, length) != 0)
		return false;
	if (at != message && is_of_a_name(at[-1]) && is_of_a_name(name[0]))
		return false;
	/* A full stop may end the sentence. */
	return !is_of_a_name(name[length - 1]) || !is_of_a_name(at[length]) ||
	       (at[length] == '.' && !is_of_a_name(at[length + 1]));
}

/* Finds the longest name at `at` that is not shown as it is. Returns its length, 0 = there is none, and what is shown. */
static size_t find_restricted(const struct told *told, const char *message, const char *at, char shown[SHOWN_NAME])
{
	size_t longest = 0;
	for (size_t i = 0; i < told_count(told); i++) {
		char instead[SHOWN_NAME];
		const char *name = told_name(told, i);
		size_t length = strlen(name);
		if (length <= longest || !stands_at(message, at, name, length) ||
			strcmp(name, told_instead(told, i, instead)) == 0)
			continue;
		memcpy(shown, instead, sizeof instead);
		longest = length;
	}
	return longest;
}

char *shown_message(
	const struct config *config, const struct policy *published, const char *message, char *to, size_t room)
{
	const struct told told = {config, published};
	size_t used = 0;
	for (const char *at = message; *at && used + 1 < room;) {
		char shown[SHOWN_NAME];
		size_t length = find_restricted(&told, message, at, shown);
		if (length == 0) {
			to[used++] = *at++;
			continue;
		}
		snprintf(to + used, room - used, "%s", shown);
		used += strlen(to + used);
		at += length;
	}
	to[used] = '\0';
	return to;
}
