/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration as it is written: a structure for each section (options.h), with the options' fallbacks in it. What
 * options mean together is checked afterwards (check.h). All of it lives as long as the document (yaml.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct yaml_value;

/* The first member of each: where it stands. */
struct written {
	const struct yaml_value *map; /* NULL = it is not written */
	const char *label;            /* for messages: "feed a: ", "guard: "; "" for the file */
};

struct texts {
	const char *const *text;
	unsigned count;
};

/* What every list of sections is laid out like. */
struct items {
	void *item;
	unsigned count;
};

/* How a server is asked, and what it must prove. It stands behind `at` in each section that has it, since one table of options
 * is read into all of them (options_server.c). */
struct written_server {
	const char *ca, *pin, *client_certificate, *client_key;
	const char *key_file, *token_file, *user, *password_file;
	bool private_addresses;
};

struct written_category {
	struct written at;
	const char *name, *action, *text, *ipv4, *ipv6, *redirect;
	uint32_t ede, ttl_s;
};

struct written_group_category {
	struct written at;
	const char *name, *action;
};

struct written_group {
	struct written at;
	const char *name, *action, *clients_file;
	struct texts clients;
	struct {
		struct written_group_category *item;
		unsigned count;
	} categories;
};

/* Of `allow` or `block`. */
struct written_operator_item {
	struct written at;
	const char *name, *scope, *reason, *author, *expires;
	const char *category, *tlp; /* of `block` only */
	bool share;
	bool report; /* of `allow` only */
};

struct written_organisation {
	struct written at;
	const char *name, *uuid, *contact;
};

struct written_output {
	struct written at;
	const char *name, *format, *to, *tlp, *sign_key_file, *zone;
	struct texts recipients, of, categories;
	uint32_t tombstones_s;
};

struct written_sightings {
	struct written at;
	struct written_server server;
	const char *name, *to, *url, *directory, *tlp, *sign_key_file, *source;
	struct texts of, recipients;
	uint32_t min_clients, delay_s, max;
	bool logged, strict;
};

struct written_s3 {
	struct written at;
	const char *endpoint, *bucket, *prefix, *region, *key_file;
};

struct written_target {
	struct written at;
	const char *location;
	struct written_s3 s3;
};

/* Where digests of hits lie. */
struct written_digests {
	struct written at;
	struct written_target place;
	const char *name, *ca, *client_certificate, *client_key;
};

struct written_channel {
	struct written at;
	const char *name, *sign_key_file, *ca, *client_certificate, *client_key;
	struct written_target to;
	uint32_t expires_s, keep_s;
	bool single_writer;
	const char *promote_from;
	uint32_t promote_after_s, probe_interval_s, servfail_rise;
	struct texts probe_names;
};

struct written_fleet_resolver {
	struct written at;
	const char *name, *address, *site, *channel;
	uint32_t port;
};

struct written_prometheus {
	struct written at;
	struct written_server server;
	const char *url, *label;
};

struct written_fleet {
	struct written at;
	struct {
		struct written_fleet_resolver *item;
		unsigned count;
	} resolvers;
	uint32_t interval_s;
	struct written_digests digests;
	struct written_prometheus prometheus;
};

struct written_guard {
	struct written at;
	struct texts warninglists, names, own;
};

struct written_map {
	struct written at;
	const char *tag, *misp_category, *organisation, *threat_level, *category;
};

struct written_feed {
	struct written at;
	struct written_server server;
	const char *name, *url, *format, *category, *action, *scope;
	uint32_t interval_s, max_unchanged_s, max_edit_s;
	const char *collection;
	/* its signature */
	const char *minisign_key, *signature;
	uint32_t max_signature_age_s;
	/* its entries */
	const char *field, *separator, *items, *values, *wildcard, *seen;
	struct texts where, unguarded;
	bool refang, ports, targets, strict_tlp, strict_pap, detection_only;
	uint32_t max_age_s;
	struct {
		struct written_map *item;
		unsigned count;
	} map;
	/* what others get of it */
	bool republish;
	const char *tlp;
	/* its alarms */
	uint32_t min_confidence, min_entries, max_shrink, max_growth, max_churn, max_rejected;
};

struct written_resolver {
	struct written at;
	struct texts forward;
	bool validate, tls;
	const char *ca, *trust_anchor;
};

struct written_hits {
	struct written at;
	bool events;
	uint32_t ipv4_prefix, ipv6_prefix;
};

struct written_keep {
	struct written at;
	uint32_t rules_s, totals_s;
};

struct written_trends {
	struct written at;
	bool rules;
	uint32_t ipv4_prefix, ipv6_prefix, min_clients;
	const char *client_key_file, *report;
	struct written_keep keep;
	struct texts queries;
	struct written_digests digest;
};

struct written_pull {
	struct written at;
	const char *url, *ca;
	struct texts keys;
};

struct written_metrics {
	struct written at;
	const char *listen, *directory;
};

struct written_file {
	struct written at;
	const char *state, *table, *run, *suffix_list, *soa_contact;
	uint32_t interval_s, table_max_shrink, table_max_growth;
	struct texts private_networks;
	struct written_hits hits;
	struct written_trends trends;
	struct written_pull pull;
	struct written_metrics metrics;
	struct written_resolver resolver;
	struct written_guard guard;
	struct {
		struct written_operator_item *item;
		unsigned count;
	} allow, block;
	struct written_organisation organisation;
	struct {
		struct written_output *item;
		unsigned count;
	} share;
	struct {
		struct written_sightings *item;
		unsigned count;
	} sightings;
	struct {
		struct written_channel *item;
		unsigned count;
	} distribute;
	struct written_fleet fleet;
	struct {
		struct written_category *item;
		unsigned count;
	} categories;
	struct {
		struct written_group *item;
		unsigned count;
	} groups;
	struct {
		struct written_feed *item;
		unsigned count;
	} feeds;
};
