/* SPDX-License-Identifier: BSD-3-Clause */
/* Checking the configuration, part by part. Private to configuration.c and config_*.c. */
#pragma once

#include "feedsync/config/configuration.h"
#include "feedsync/config/yaml.h"
#include "libweir/attributes.h"

struct check {
	const char *path;
	const struct positions *positions;
	const struct raw *raw;
	struct config *config;
	const char *section;       /* what is being checked: NULL, "categories", "groups" or "feeds" */
	const char *item;          /* the name of that section's item */
	unsigned index;            /* its place in the section */
	bool malicious_implied;    /* the category that is always there, the first, is not in the file */
	bool allow_implied;        /* nor that of the operator's list `allow`, the last of those that are written */
	size_t written_categories; /* the first ones are the file's; the others, variants of them, come with feeds */
	uint32_t interval_s;
	unsigned errors;
};

/* Logs an error at a key of what is being checked. */
void complain(struct check *check, const char *key, const char *format, ...) printf_like(3, 4);

/* Each takes its part of the file into the configuration, or complains. */
void check_category(struct check *check, const struct raw_category *raw);
void check_names(struct check *check, struct feed_config *feed, const struct raw_feed *raw);
void check_groups(struct check *check, const struct raw_group *raw, unsigned count);
void check_trust(struct check *check, struct feed_config *feed, const struct raw_feed *raw);
void check_networks(struct check *check); /* before all feeds */
void check_resolver(struct check *check, const struct raw_resolver *raw);

/* Whether a text is a URL as feeds may have it. */
bool url_supported(const char *url);

/* Logs what is wrong with the files that trust is made of. Returns 0, or -1 if anything is. */
must_check int trust_check_files(const struct config *config);
int check_file(const char *what, const char *path);

/* What of it `check` prints. */
void trust_print(const struct trust *trust);
void resolver_print(const struct config *config);

void check_access(struct check *check, struct feed_config *feed, const struct raw_feed *raw);

/* Whether a feed's secret can be read. Returns 0, or -1 with the reason logged. */
must_check int config_check_access(const struct feed_config *feed);
void check_guard(struct check *check, const struct raw_guard *raw);
void check_feed_hosts(struct check *check); /* once all feeds are known */
void check_feed_guards(struct check *check, const struct raw_feed *raw, struct feed_config *feed);
void check_table_limits(struct check *check);
void check_operator_category(struct check *check); /* after all categories */
void check_operator(struct check *check);          /* after all feeds */

/* Prints limits as the settings that they are, each name behind the prefix. */
void print_limits(const char *prefix, const struct alarm_limits *limits);

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
