/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the fleet: where the compiler puts tables for resolvers elsewhere. */
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
};
const struct section channel_section = {
	.item = "channel", .size = sizeof(struct written_channel), .options = OPTIONS(channel_options, NULL)};
