/* Checking the configuration, part by part. Private to config.c and config_policy.c. */
#pragma once

#include "attributes.h"
#include "config.h"
#include "config_file.h"

struct check {
	const char *path;
	const struct places *places;
	const struct raw *raw;
	struct config *config;
	const char *section;       /* what is being checked: NULL, "categories", "groups" or "feeds" */
	const char *item;          /* the name of that section's item */
	unsigned index;            /* its place in the section */
	bool malicious_implied;    /* the category that is always there is not in the file */
	size_t written_categories; /* the first ones are the file's; the others, variants of them, come with feeds */
	uint32_t interval_s;
	unsigned errors;
};

/* Logs an error at a key of what is being checked. */
void complain(struct check *check, const char *key, const char *format, ...) printf_like(3, 4);

/* Each takes its part of the file into the configuration, or complains. */
void check_category(struct check *check, const struct raw_category *raw);
void check_groups(struct check *check, const struct raw_group *raw, unsigned count);

/* A feed's category, action, map and maximum age. */
void check_feed_policy(struct check *check, struct feed_config *feed, const struct raw_feed *raw);

/* For `check`: what of that differs from the usual, begun by a comma. */
void config_print_feed_policy(const struct config *config, const struct feed_config *feed);

/* Reads "90", "90s", "15m", "6h", "1d", up to `max_s` seconds; 1 with a complaint if it is something else. */
uint32_t read_duration(struct check *check, const char *key, const char *text, uint32_t max_s);

/* An action of a category, in general, for a group or for a feed; the category's own, with a complaint, if it is none. */
enum action read_action(struct check *check, const struct category_policy *category, const char *text);

/* The index of a category, or -1. */
int find_category(const struct config *config, const char *name);
