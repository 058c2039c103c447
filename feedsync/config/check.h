/* SPDX-License-Identifier: BSD-3-Clause */
/* Checking what options mean together, part by part, once each has been read by itself (options_read.h). Private to load.c
 * and check_*.c. */
#pragma once

#include "feedsync/config/complaints.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/options_read.h"
#include "feedsync/config/written.h"
#include "libweir/attributes.h"

struct check {
	struct complaints *complaints;
	struct yaml_document *document; /* what lives as long as the configuration is allocated there */
	const struct written_file *file;
	struct config *config;
	bool malicious_implied;    /* the category that is always there, the first, is not in the file */
	bool allow_implied;        /* nor is that of the operator's list `allow`, the last of those that are written */
	size_t written_categories; /* the first ones are the file's; the others, variants of them, come with feeds */
};

/* Complains about an option of a section, at its line; at the section's where it is not written. */
void complain(struct check *check, const struct written *at, const char *key, const char *format, ...)
	printf_like(4, 5);

/* Whether a path is another one, or within it, or holds it. */
bool paths_meet(const char *a, const char *b);

/* Complains where a directory that is written under `key`, for `what`, is one of ours, or of an output. */
void check_own_directory(
	struct check *check, const struct written *at, const char *key, const char *directory, const char *what);

/* Whether a URL leads to the objects of a TAXII collection. */
bool is_objects_url(const char *url);

/* Takes where objects lie, which is written as `key`; and complains about files that prove who we are there and have no effect. */
void check_target(struct check *check, const struct written *at, const char *key, const struct written_target *to,
	struct channel *channel);
void check_target_files(struct check *check, const struct written *at, const char *key, const struct channel *channel);

/* Takes where digests of hits lie. */
void check_digests(
	struct check *check, const char *key, const struct written_digests *written, struct channel *channel);

/* Takes names into a set, each of which is one (host_fault). */
struct nameset;
void take_names(struct nameset *set, const struct texts *names);

/* Each takes its part of the file into the configuration, or complains. The order is that of load.c. */
void check_organisation(struct check *check);
void check_networks(struct check *check);
void check_resolver(struct check *check);
void check_categories(struct check *check);
void check_contact(struct check *check);
void check_groups(struct check *check);
void check_guard(struct check *check);
void check_feeds(struct check *check);
void check_feed_hosts(struct check *check);
void check_operator(struct check *check);
void check_outputs(struct check *check);
void check_channels(struct check *check);
void check_fleet(struct check *check);
void check_trends(struct check *check);
void check_pull(struct check *check);
void check_sightings(struct check *check);
void check_table_limits(struct check *check);

/* Parts of check_feeds: who the server is, how it is asked, what entries look like, what they mean, alarms. */
void check_trust(struct check *check, struct feed_config *feed, const struct written_feed *written);
void check_collection(struct check *check, struct feed_config *feed, const struct written_feed *written);
void check_values(struct check *check, struct feed_config *feed, const struct written_feed *written);
void check_feed_policy(struct check *check, struct feed_config *feed, const struct written_feed *written);
void check_feed_share(struct check *check, struct feed_config *feed, const struct written_feed *written);
void check_feed_limits(struct check *check, struct feed_config *feed, const struct written_feed *written);

/* How a server is asked at a URL, and what it must prove; `at` is the section that says so. */
void check_server(struct check *check, const struct written *at, const char *url, const struct written_server *written,
	struct trust *trust, struct server_access *access);

/* Adds a category to the configuration. */
void add_category(struct check *check, const struct written_category *written);

/* The action that is written for a category, in general, for a group or for a feed; the category's own, with a complaint,
 * if the category lacks what the action needs. */
enum action read_action(
	struct check *check, const struct written *at, const struct category_policy *category, const char *text);

/* The index of a category, or -1. */
int find_category(const struct config *config, const char *name);

/* The same of those that the file may name: no variant that came with a feed. */
int find_written_category(const struct check *check, const char *name);
