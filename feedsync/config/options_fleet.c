/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the fleet: where the compiler puts tables for resolvers elsewhere, and which of these it watches. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/options_row.h"

static const struct option s3_options[] = {
	{
		.key = "endpoint",
		TEXT(struct written_s3, endpoint),
		.required = true,
		.most = 1000,
		.fault = endpoint_fault,
		.expected = "an https:// or http:// URL without a path",
		.example = "https://s3.isp.example",
		.sentence = "The server; buckets are parts of the path there.",
	},
	{
		.key = "bucket",
		TEXT(struct written_s3, bucket),
		.required = true,
		.most = 63,
		.fault = object_name_fault,
		.expected = "the name of a bucket",
		.example = "weir",
		.sentence = "The bucket; it must be there.",
	},
	{
		.key = "prefix",
		TEXT(struct written_s3, prefix),
		.most = 500,
		.fault = object_name_fault,
		.expected = "the beginning of objects' names",
		.fallback_words = "none",
		.example = "stable",
		.sentence = "What the names of all objects of this channel begin with, before a slash.",
	},
	{
		.key = "region",
		TEXT(struct written_s3, region),
		.most = 63,
		.fault = object_name_fault,
		.expected = "the name of a region",
		.fallback = "us-east-1",
		.sentence = "The region that requests are signed for; Ceph and OpenStack take the default.",
	},
	{
		.key = "key-file",
		TEXT(struct written_s3, key_file),
		.required = true,
		.expected = "a file",
		.example = "/etc/weir/s3.key",
		.sentence = "File with the access key and, behind a blank or a line end, the secret key.",
	},
};
const struct section s3_section = {.size = sizeof(struct written_s3), .options = OPTIONS(s3_options, NULL)};

static const struct option target_options[] = {
	{
		.key = "location",
		TEXT(struct written_target, location),
		.most = MAX_STATE_PATH,
		.fault = location_fault,
		.expected = "a directory or an https:// URL",
		.example = "/srv/weir/stable",
		.sentence = "The directory, or the URL below which objects are put: what a text in the place of \"to\" "
			    "says.",
	},
	{
		.key = "s3",
		SECTION(struct written_target, s3, s3_section),
		.example = "endpoint: https://s3.isp.example\nbucket: weir\nprefix: stable\nkey-file: "
			   "/etc/weir/s3.key\n",
		.sentence = "An object store that speaks S3: Ceph, OpenStack Swift, AWS and others.",
	},
};
const struct section target_section = {
	.size = sizeof(struct written_target), .plain = "location", .options = OPTIONS(target_options, NULL)};

static const struct option channel_options[] = {
	{
		.key = "name",
		TEXT(struct written_channel, name),
		.required = true,
		.fault = channel_fault,
		.expected = "a name of letters, digits, \".\", \"_\" and \"-\"",
		.example = "stable",
		.sentence = "The name of the channel; it is in each manifest, and resolvers take no other channel's.",
	},
	{
		.key = "to",
		SECTION(struct written_channel, to, target_section),
		.required = true,
		.expected = "a directory, an https:// URL, or \"s3:\" below it",
		.example = "location: /srv/weir/stable\n",
		.sentence = "Where its objects lie: a directory, a web server that takes PUT, or an object store.",
		.more = "Each channel has a place of its own, which nothing else writes to. What lies there may be "
			"read by all: put an access control in front that suits you. Objects are signed, so nobody "
			"between can change them.",
	},
	{
		.key = "sign-key-file",
		TEXT(struct written_channel, sign_key_file),
		.required = true,
		.most = MAX_PATH,
		.expected = "a file",
		.example = "/etc/weir/fleet.key",
		.sentence = "File with the secret key, without password, that signs it (\"minisign -G -W\").",
	},
	{
		.key = "ca",
		TEXT(struct written_channel, ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/store-ca.pem",
		.sentence = "File with the certificate authority of the server.",
	},
	{
		.key = "client-certificate",
		TEXT(struct written_channel, client_certificate),
		.expected = "a file",
		.example = "/etc/weir/publisher.pem",
		.sentence = "File with the certificate that proves to the server who we are; it goes with client-key.",
	},
	{
		.key = "client-key",
		TEXT(struct written_channel, client_key),
		.expected = "a file",
		.example = "/etc/weir/publisher.key",
		.sentence = "File with the key of that certificate, of mode 600 or 640.",
	},
	{
		.key = "expires",
		DURATION(struct written_channel, expires_s),
		.least = 3600,
		.most = 90 * ONE_DAY_S,
		.fallback = "2d",
		.sentence = "For how long resolvers take a manifest for the newest one there is.",
		.more = "When half of it is over another one is made, even if the table stays. A resolver whose "
			"manifest has expired goes on with the table, and says that it is not well: whoever is between "
			"may hold the newer ones back.",
	},
	{
		.key = "keep",
		DURATION(struct written_channel, keep_s),
		.least = MIN_CHANNEL_KEEP_S,
		.most = MAX_CHANNEL_KEEP_S,
		.fallback = "7d",
		.sentence = "How long an object stays that no manifest names any more.",
		.more = "Sooner, but never within the first hour, the oldest go where there are more than 4096.",
	},
	{
		.key = "single-writer",
		YES_NO(struct written_channel, single_writer),
		.fallback = "no",
		.example = "yes",
		.sentence = "Whether a server or file system that cannot create an object exclusively will do.",
		.more = "OpenStack Swift and file systems without hard links cannot. Say \"yes\" only if no other "
			"compiler ever publishes there: of two, the second one would not be noticed.",
	},
	{
		.key = "promote-from",
		TEXT(struct written_channel, promote_from),
		.fault = channel_fault,
		.expected = "the name of a channel that stands above",
		.fallback_words = "it has each published table at once",
		.example = "canary",
		.sentence = "The channel whose tables it gets when that one's resolvers have been healthy with them.",
		.more = "These resolvers, the canaries, are those of \"fleet\" with that channel. \"feedsync run\" "
			"asks "
			"them, as a client would: at least two must answer, by the table, and no fewer than before; no "
			"probed name may be blocked that was not before, nor may more of them be without an address. "
			"Where "
			"that happens, the channel is halted and the canaries go back. What is allowed by command, and "
			"a "
			"rollback, do not wait.",
	},
	{
		.key = "promote-after",
		DURATION(struct written_channel, promote_after_s),
		.least = 1,
		.most = 7 * ONE_DAY_S,
		.fallback = "10m",
		.sentence = "For how long the canaries must have been healthy.",
	},
	{
		.key = "probe-interval",
		DURATION(struct written_channel, probe_interval_s),
		.least = 1,
		.most = 3600,
		.fallback = "10s",
		.sentence = "How often the canaries are asked.",
	},
	{
		.key = "probe-names",
		TEXTS(struct written_channel, probe_names),
		.most = MAX_GUARD_FILES,
		.most_octets = MAX_PATH,
		.expected = "files",
		.example = "[/etc/weir/popular.txt]",
		.sentence = "Files of names that the canaries are asked for, in lines of nearly any syntax; the first "
			    "1000 count.",
		.more = "Besides, always: what a manifest must pass, and 200 names of the guard's lists. Name what "
			"your "
			"customers use most.",
	},
	{
		.key = "servfail-rise",
		PERCENT(struct written_channel, servfail_rise),
		.most = 100,
		.fallback = "5",
		.sentence = "By how much the share of probed names without an address (SERVFAIL, or no answer) may "
			    "rise, in "
			    "percent of these names.",
	},
};
const struct section channel_section = {
	.item = "channel", .size = sizeof(struct written_channel), .options = OPTIONS(channel_options, NULL)};

static const struct option fleet_resolver_options[] = {
	{
		.key = "name",
		TEXT(struct written_fleet_resolver, name),
		.required = true,
		.fault = channel_fault,
		.expected = "a name of letters, digits, \".\", \"_\" and \"-\"",
		.example = "cologne-1",
		.sentence = "The name of the resolver, in what is told of the fleet.",
	},
	{
		.key = "address",
		TEXT(struct written_fleet_resolver, address),
		.required = true,
		.fault = address_fault,
		.expected = "an IPv4 or IPv6 address",
		.example = "192.0.2.53",
		.sentence = "The address at which it is asked, over UDP.",
		.more = "It must answer this host as it answers its clients: a group of clients that nothing is "
			"blocked for must not have this host in it.",
	},
	{
		.key = "port",
		NUMBER(struct written_fleet_resolver, port),
		.least = 1,
		.most = 65535,
		.fallback = "53",
		.sentence = "The port at which it is asked.",
	},
	{
		.key = "site",
		TEXT(struct written_fleet_resolver, site),
		.fault = channel_fault,
		.expected = "a name of letters, digits, \".\", \"_\" and \"-\"",
		.fallback_words = "it is not told",
		.example = "cologne",
		.sentence = "Where it stands.",
	},
	{
		.key = "channel",
		TEXT(struct written_fleet_resolver, channel),
		.fault = channel_fault,
		.expected = "the name of a channel of \"distribute\"",
		.fallback_words = "the only channel",
		.example = "stable",
		.sentence = "The channel from which it gets its table.",
	},
};
const struct section fleet_resolver_section = {.item = "resolver",
	.size = sizeof(struct written_fleet_resolver),
	.options = OPTIONS(fleet_resolver_options, NULL)};

static const struct option prometheus_options[] = {
	{
		.key = "url",
		TEXT(struct written_prometheus, url),
		.required = true,
		.most = 1000,
		.fault = web_folder_fault,
		.expected = "an https:// or http:// URL without query",
		.example = "https://prometheus.isp.example/",
		.sentence = "The server; its HTTP API is below this URL.",
	},
	{
		.key = "label",
		TEXT(struct written_prometheus, label),
		.most = 63,
		.fault = label_fault,
		.expected = "the name of a label",
		.fallback = "instance",
		.sentence = "The label of its series by which a resolver is known.",
		.more = "Its value is the name or the address of a resolver of this list, with or without a port "
			"behind it. Series of others are passed over.",
	},
};
const struct section prometheus_section = {
	.size = sizeof(struct written_prometheus), .options = OPTIONS(prometheus_options, &other_server_options)};

static const struct option fleet_options[] = {
	{
		.key = "resolvers",
		ITEMS(struct written_fleet, resolvers, fleet_resolver_section),
		.required = true,
		.least = 1,
		.most = MAX_FLEET,
		.sentence = "The resolvers.",
		.example = "- {name: cologne-1, address: 192.0.2.53, site: cologne}\n",
	},
	{
		.key = "interval",
		DURATION(struct written_fleet, interval_s),
		.least = MIN_FLEET_INTERVAL_S,
		.most = 3600,
		.fallback = "1m",
		.sentence = "How often \"feedsync run\" asks each of them.",
	},
	{
		.key = "digests",
		SECTION(struct written_fleet, digests, digests_section),
		.fallback_words = "what is hit there is not known here",
		.example = "from: /srv/weir/hits\n",
		.sentence = "What the hosts of these resolvers tell of hits (\"trends: digest\"); it is added to the "
			    "trends "
			    "here.",
	},
	{
		.key = "prometheus",
		SECTION(struct written_fleet, prometheus, prometheus_section),
		.fallback_words = "only the resolvers themselves are asked",
		.example = "url: https://prometheus.isp.example/\n",
		.sentence = "A Prometheus server that has the metrics of these hosts' feedsync.",
		.more = "A resolver tells by DNS which table it blocks by. Its host's metrics tell why it has no newer "
			"one.",
	},
};
const struct section fleet_section = {.size = sizeof(struct written_fleet), .options = OPTIONS(fleet_options, NULL)};
