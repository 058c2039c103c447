/* SPDX-License-Identifier: BSD-3-Clause */
/* The configuration: the file's options (options.h), checked, with what it leaves out filled in. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/file_sum.h"
#include "feedsync/base/url.h"
#include "feedsync/config/channel_config.h"
#include "feedsync/config/fleet_config.h"
#include "feedsync/config/operator_lists.h"
#include "feedsync/config/pull_config.h"
#include "feedsync/config/server_access.h"
#include "feedsync/config/share_config.h"
#include "feedsync/config/trends_config.h"
#include "feedsync/formats/registry.h"
#include "feedsync/guard/alarm.h"
#include "feedsync/guard/guard.h"
#include "feedsync/net/dns_lookup.h"
#include "feedsync/net/server_trust.h"
#include "libweir/attributes.h"
#include "libweir/policy.h"

struct feed_config {
	const char *name;
	uint64_t sum; /* of all options of the feed as they are written (yaml_sum) */
	const char *url;
	struct trust trust;
	struct server_access access;
	const char *collection; /* taxii: its id, alias or title; NULL = the URL is that of its objects */
	const struct format *format;
	struct parse_options options;
	uint16_t category; /* index */
	bool own;          /* a file of this machine */
	bool allows;       /* its rules are allow rules */
	uint32_t interval_s;
	uint32_t max_edit_s;      /* misp-rest: an event under edit keeps its last published version for so long */
	uint32_t max_unchanged_s; /* `status` reports a feed that stays the same for longer; 0 = never */
	struct alarm_limits limits;
	struct nameset unguarded; /* names that it may block though they are guarded */
	bool republish;           /* outputs may have its entries */
	enum tlp tlp;             /* what an entry without a marking counts as there; TLP_NONE: not to be given on */
};

/* A partner: who is told what of his lists was hit. An item of `sightings`. Texts and arrays are owned by the
 * configuration. */
struct partner {
	const char *name;
	const char *to;  /* a word of EACH_SIGHTING_WAY */
	const char *url; /* of the server; NULL: he is told by a */
	const char *directory;
	const char *const *recipients; /* who may read that */
	unsigned recipient_count;
	enum tlp ceiling;          /* of what is told by it */
	const char *sign_key_file; /* it is signed by this key; NULL: it is not */
	const bool *of;            /* of each feed of the configuration: whether its names are told of */
	struct trust trust;        /* the server's */
	struct server_access access;
	uint32_t min_clients; /* what fewer clients hit is not told */
	uint32_t delay_s;     /* how long after a day's end (UTC) it is told of */
	uint32_t max;         /* sightings of a day */
	const char *source;   /* what the sightings say of where they come from: everybody can see it */
	bool logged;          /* also what was only counted */
	bool strict;          /* also of TLP:RED and TLP:AMBER+STRICT */
};

#define PAGES_DIRECTORY "/run/weir-pages"  /* likewise */
#define CONFIG_STATE "/var/lib/weir/state" /* unless the file names another one */

struct why;
struct yaml_document;

/* Texts and arrays are owned by the configuration and live as long as it. */
struct config {
	const char *path;   /* of the file, also where a copy stands in for it */
	char sum[FILE_SUM]; /* of its octets (file_sum.h) */
	uint64_t copied_at; /* when the copy that stands in for a broken file was made (in_use.h); 0 = no copy */
	const char *state;  /* directory: what is kept between runs */
	const char *table;  /* file: what is published */
	const char *run;    /* directory: resolvers' live counters; NULL = there is none on this machine */
	struct guard_config guard;
	struct alarm_limits table_limits;
	struct operator_lists operator_lists;
	struct feed_config *feeds;
	struct feed_policy *feed_policies; /* feed_count of them, and behind them that of the operator's lists */
	size_t feed_count;
	struct category_policy *categories;
	size_t category_count;
	size_t written_category_count; /* the first ones; the others are variants: "phishing:log" of "phishing" */
	struct group_policy *groups;
	size_t group_count;
	struct client_range *ranges; /* none where there are no groups */
	size_t range_count;
	struct hits_policy hits;
	struct trends_config trends;
	struct pull_config pull;
	const uint8_t *contact; /* as in the policy (policy.h) */
	uint8_t contact_length;
	struct organisation organisation; /* name NULL: it is not told */
	struct output *outputs;
	size_t output_count;
	struct partner *partners; /* who is told of what was hit */
	size_t partner_count;
	struct channel *channels; /* where resolvers elsewhere get the table */
	size_t channel_count;
	struct fleet_config fleet;        /* which of these resolvers are watched */
	const char *pages_listen;         /* where pages and metrics are offered; NULL = nowhere */
	const char *pages_directory;      /* where they are handed over to who serves them */
	struct networks private_networks; /* of the operator: no feed leads there, unless it is allowed to */
	bool resolves;                    /* feedsync finds the hosts of feeds itself, by: */
	struct resolver_config resolver;
	struct yaml_document *document; /* private: the file as it is written, and the memory of all this */
};

struct complaints;

/* Reads and checks the file (load.c). Returns 0 and a configuration to be freed; -errno where the file cannot be read, or
 * -EBADMSG where it is wrong, and NULL. `complaints` (complaints.h), to be ended in any case, has all that is wrong. */
must_check int config_read(struct config **config, const char *path, struct complaints *complaints);

/* The same of a text that is in no file. `complaints` has begun. */
must_check int config_read_text(struct config **config, const char *text, size_t length, struct complaints *complaints);

/* Likewise; logs the complaints, with their lines: "feedsync.yaml:12: ...". */
must_check int config_load(struct config **config, const char *path);
void config_free(struct config **config);

/* The number of the feed of this name. Returns 0, or -ENOENT with the reason, which names the nearest one. */
must_check int config_find_feed(const struct config *config, const char *name, size_t *feed, struct why *why);

/* The output of this name, or NULL. */
const struct output *config_find_output(const struct config *config, const char *name);

/* Likewise the channel. */
const struct channel *config_find_channel(const struct config *config, const char *name);

/* Likewise the partner, who is told of sightings. */
const struct partner *config_find_partner(const struct config *config, const char *name);

/* Where a partner is told: the URL, without what may be a secret; or the directory. Returns it, or `text`. */
enum { PARTNER_WHERE = URL_MAX + 1 };
const char *partner_where(const struct partner *partner, char text[PARTNER_WHERE]);

/* Whether all feeds are files of this machine, which may be empty on purpose. */
bool config_all_own(const struct config *config);

/* Whether the files that the configuration names can be read (check_files.c). Only `check` asks: in a sync the other feeds
 * go on when the files of one cannot be read. Returns 0, or the first error. Each file that cannot be read is logged with
 * the line that names it. */
must_check int config_check_files(const struct config *config);

/* Prints the effective policy (print.c). */
void config_print(const struct config *config);
