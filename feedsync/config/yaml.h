/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration file as it is written, before anything in it is checked. libcyaml and libyaml are known to
 * yaml.c alone. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"

enum choice { CHOICE_NONE, CHOICE_YES, CHOICE_NO };

struct raw_category {
	char *name;
	char *action;
	unsigned *ede;
	unsigned *ttl;
	char *text;
	char *ipv4;
	char *ipv6;
	char *redirect;
};

struct raw_group_category {
	char *name;
	char *action;
};

struct raw_group {
	char *name;
	char *action;
	char **clients;
	unsigned clients_count;
	char *clients_file;
	struct raw_group_category *categories;
	unsigned categories_count;
};

/* An item of `allow` or `block`. */
struct raw_item {
	char *name;
	char *scope;
	char *reason;
	char *author;
	char *expires;
};

struct raw_guard {
	char **warninglists;
	unsigned warninglists_count;
	char **names;
	unsigned names_count;
	char **own;
	unsigned own_count;
};

struct raw_map {
	char *tag;
	char *misp_category;
	char *threat_level;
	char *category;
};

struct raw_feed {
	char *name;
	char *url;
	char *format;
	char *category;
	char *scope;
	char *interval;
	char *ca;
	char *key_file;
	char *token_file;
	char *user;
	char *password_file;
	char *collection;
	char *field;
	char *items;
	char *values;
	char *wildcard;
	enum choice refang;
	enum choice ports;
	char **where;
	unsigned where_count;
	enum choice targets;
	enum choice strict_tlp;
	enum choice strict_pap;
	char *action;
	char *max_age;
	char *seen;
	struct raw_map *map;
	unsigned map_count;
	unsigned *min_entries;
	unsigned *max_churn;
	unsigned *max_shrink;
	unsigned *max_growth;
	unsigned *max_rejected;
	char **unguarded;
	unsigned unguarded_count;
	/* trust */
	char *client_certificate;
	char *client_key;
	char *pin;
	char *minisign_key;
	char *signature;
	char *max_signature_age;
	char *max_unchanged;
	enum choice private_addresses;
};

struct raw_resolver {
	char **forward;
	unsigned forward_count;
	enum choice validate;
	enum choice tls;
	char *ca;
	char *trust_anchor;
};

struct raw_hits {
	enum choice events;
	unsigned ipv4_prefix;
	unsigned ipv6_prefix;
};

struct raw {
	char *state;
	char *table;
	char *run;
	char *interval;
	char *suffix_list;
	char **private_networks;
	unsigned private_networks_count;
	struct raw_hits *hits;
	struct raw_resolver *resolver;
	struct raw_guard *guard;
	unsigned *table_max_shrink;
	unsigned *table_max_growth;
	struct raw_item *allow;
	unsigned allow_count;
	struct raw_item *block;
	unsigned block_count;
	struct raw_category *categories;
	unsigned categories_count;
	struct raw_group *groups;
	unsigned groups_count;
	struct raw_feed *feeds;
	unsigned feeds_count;
};

/* Reads the file. Returns it, to be freed, or NULL with the reason and its line logged. */
must_check struct raw *config_file_load(const char *path);
void config_file_free(struct raw *raw);

/* Where things stand in the file. */
struct positions;

/* Reads the file once more, for its lines. Returns NULL when that fails; the functions below then return 1. */
must_check struct positions *positions_load(const char *path);
void positions_free(struct positions *positions);

/* The line of `key` in the file itself (section NULL), or in the `index`-th item of a section (in the section itself
 * where that is no list); of the item, or the section, where it has no such key. */
unsigned position_line(const struct positions *positions, const char *section, unsigned index, const char *key);

/* A sum of all that the `index`-th item of a section says, however it is written. 0 = not known. */
uint64_t item_sum(const struct positions *positions, const char *section, unsigned index);
