/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the file itself: where things are, how hosts are resolved, what is kept of hits. */
#include "feedsync/base/maxima.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/options_row.h"
#include "libweir/live/shm_file.h"

static const struct option hits_options[] = {
	{
		.key = "events",
		YES_NO(struct written_hits, events),
		.fallback = "no",
		.example = "yes",
		.sentence = "Whether each query that was blocked, or only counted, is kept for a while.",
	},
	{
		.key = "ipv4-prefix",
		NUMBER(struct written_hits, ipv4_prefix),
		.most = 32,
		.fallback = "0",
		.example = "24",
		.sentence = "How many bits of a client's IPv4 address are kept with it; 0 keeps nothing of the client.",
	},
	{
		.key = "ipv6-prefix",
		NUMBER(struct written_hits, ipv6_prefix),
		.most = 128,
		.fallback = "0",
		.example = "56",
		.sentence = "How many bits of a client's IPv6 address are kept with it.",
	},
};
const struct section hits_section = {.size = sizeof(struct written_hits), .options = OPTIONS(hits_options, NULL)};

static const struct option metrics_options[] = {
	{
		.key = "listen",
		TEXT(struct written_metrics, listen),
		.fault = listen_fault,
		.expected = "an address of the loopback interface with a port, or the path of a socket",
		.fallback_words = "none are offered",
		.example = "127.0.0.1:9953",
		.sentence = "Where \"feedsync serve\" offers the status page and the metrics, on this machine only.",
		.more = "To let others in, put a web server in front that asks who they are, or tunnel by ssh. The "
			"socket "
			"of a path is for its user and group.",
	},
	{
		.key = "directory",
		TEXT(struct written_metrics, directory),
		.expected = "a directory",
		.fallback = PAGES_DIRECTORY,
		.sentence = "Directory in which \"feedsync run\" hands over what \"feedsync serve\" shows.",
	},
};
const struct section metrics_section = {
	.size = sizeof(struct written_metrics), .options = OPTIONS(metrics_options, NULL)};

static const struct option resolver_options[] = {
	{
		.key = "forward",
		TEXTS(struct written_resolver, forward),
		.least = 1,
		.most = MAX_FORWARDERS,
		.most_octets = 400,
		.expected = "ADDRESS, ADDRESS@PORT or ADDRESS@PORT#NAME",
		.fallback_words = "the servers of the names themselves, from the root on",
		.example = "[\"192.0.2.53\", \"2001:db8::53@5353\"]",
		.sentence = "Resolvers to ask.",
	},
	{
		.key = "validate",
		YES_NO(struct written_resolver, validate),
		.fallback = "yes",
		.sentence = "Whether answers are validated by DNSSEC; say \"no\" where your forwarders strip it.",
		.more = "An answer that DNSSEC shows to be forged is an error.",
	},
	{
		.key = "tls",
		YES_NO(struct written_resolver, tls),
		.fallback = "no",
		.sentence = "Whether the forwarders are asked over TLS; each must then prove to be the NAME behind its "
			    "\"#\".",
		.more = "Debian's libunbound is built without TLS: there every lookup fails.",
	},
	{
		.key = "ca",
		TEXT(struct written_resolver, ca),
		.expected = "a file",
		.fallback_words = "the system's authorities",
		.example = "/etc/weir/resolver-ca.pem",
		.sentence = "File with the certificate authority of the forwarders, for \"tls: yes\".",
	},
	{
		.key = "trust-anchor",
		TEXT(struct written_resolver, trust_anchor),
		.expected = "a file",
		.fallback_words = "that of the root, from the Debian package dns-root-data",
		.example = "/etc/weir/anchor.key",
		.sentence = "File with the trust anchor of DNSSEC.",
	},
};
const struct section resolver_section = {
	.size = sizeof(struct written_resolver), .options = OPTIONS(resolver_options, NULL)};

static const struct option file_options[] = {
	{
		.key = "state",
		TEXT(struct written_file, state),
		.most = MAX_STATE_PATH,
		.expected = "a directory",
		.fallback = CONFIG_STATE,
		.sentence =
			"Directory in which the last good version of every feed is kept; only feedsync writes there.",
	},
	{
		.key = "table",
		TEXT(struct written_file, table),
		.most = MAX_PATH,
		.expected = "a file",
		.fallback = "/var/lib/weir/current.weir",
		.sentence = "The table that is published, and that the module in Unbound reads.",
		.more = "The module looks here unless its environment variable WEIR_TABLE names another file.",
	},
	{
		.key = "run",
		TEXT(struct written_file, run),
		.most = MAX_PATH,
		.expected = "a directory, or \"none\"",
		.fallback = SHARED_DIRECTORY,
		.sentence = "Directory in which the resolvers of this machine show their live counters.",
		.more = "feedsync sends SIGUSR1 to the resolvers that it finds there when a new table is published. "
			"Say \"none\" where no "
			"resolver "
			"runs on this machine and the table is carried elsewhere.",
	},
	{
		.key = "interval",
		DURATION(struct written_file, interval_s),
		.least = 1,
		.most = MAX_INTERVAL_S,
		.fallback = "15m",
		.sentence = "How often \"feedsync run\" asks for each feed.",
	},
	{
		.key = "public-suffix-list",
		TEXT(struct written_file, suffix_list),
		.expected = "a file",
		.fallback = "/usr/share/publicsuffix/public_suffix_list.dat",
		.sentence = "The list of publicsuffix.org: names, like co.uk, that no feed may block with all that is "
			    "below them.",
		.more = "The default is the file of the Debian package publicsuffix.",
	},
	{
		.key = "private-networks",
		TEXTS(struct written_file, private_networks),
		.most = MAX_NETWORKS,
		.most_octets = 100,
		.fault = prefix_fault,
		.expected = "addresses and prefixes",
		.example = "[198.51.100.0/24, \"2001:db8::/32\"]",
		.sentence = "Your own networks, to which no feed may lead, by the name of its server or by a redirect.",
		.more = "Name the networks that belong to the Internet at large but are yours: of customers, of the "
			"management, of the other machines here; and the prefix by which your NAT64 leads to IPv4. The "
			"addresses of this machine and the private networks of the registries are always among them. A "
			"feed with \"private-addresses: yes\" may lead there.",
	},
	{
		.key = "hits",
		SECTION(struct written_file, hits, hits_section),
		.example = "events: yes\nipv4-prefix: 24\nipv6-prefix: 56\n",
		.sentence = "What \"feedsync hits\" can show of single queries.",
	},
	{
		.key = "trends",
		SECTION(struct written_file, trends, trends_section),
		.fallback_words = "nothing is kept",
		.example = "rules: yes\n",
		.sentence = "What is kept of what was hit, by hour and day, never by client.",
		.more = "\"feedsync run\" reads what the resolvers of this machine count and keeps it in "
			"\"trends.sqlite\" "
			"of the state directory.",
	},
	{
		.key = "metrics",
		SECTION(struct written_file, metrics, metrics_section),
		.example = "listen: 127.0.0.1:9953\n",
		.sentence = "The status page, and metrics for Prometheus.",
	},
	{
		.key = "resolver",
		SECTION(struct written_file, resolver, resolver_section),
		.fallback_words = "the hosts of feeds are found by this system's resolver",
		.example = "forward: [\"192.0.2.53\", \"2001:db8::53@5353\"]\n",
		.sentence = "How feedsync finds the addresses of the hosts of feeds by itself.",
		.more = "With this section feedsync works while the resolver of this machine does not, and no feed can "
			"block "
			"its own host.",
	},
	{
		.key = "guard",
		SECTION(struct written_file, guard, guard_section),
		.example =
			"warninglists: [/etc/weir/warninglists]\nnames: [/etc/weir/guarded.txt]\nown: [isp.example]\n",
		.sentence = "Names that no feed may block, besides those that are always guarded.",
		.more = "An entry that is a guarded name, or that takes everything below a name above one, is dropped "
			"and "
			"reported. An entry below a guarded name is normal: phishing lives on everybody's hosts.\n\n"
			"Always guarded are the public suffixes, names that too much depends on (servers of the root "
			"and of "
			"registries, time, updates of operating systems, probes for being online, OCSP and CRL hosts) "
			"and "
			"the hosts that your feeds come from. \"feedsync check\" prints what is guarded.\n\n"
			"The lists are read generously: several names in a line, names with dots or \"*.\" in front, "
			"hosts lines, URLs and exceptions of ad blockers count as well. A list that cannot be read, "
			"or has a line that is not understood, is told with that line. Its last good version goes on "
			"protecting. Without one nothing of the feeds is published.",
	},
	{
		.key = "allow",
		ITEMS(struct written_file, allow, allow_item_section),
		.most = MAX_OPERATOR_ITEMS,
		.sentence = "Names that pass, whatever the feeds say; \"allow\" wins over \"block\".",
		.more = "It takes effect with the next \"feedsync sync\" or reload, even if the news of every feed is "
			"refused. "
			"During a rollback the list waits until \"feedsync resume\".",
		.example =
			"- name: shop.example\n  reason: customers cannot pay\n  author: ann\n  expires: 2026-12-24\n",
	},
	{
		.key = "block",
		ITEMS(struct written_file, block, block_item_section),
		.most = MAX_OPERATOR_ITEMS,
		.sentence = "Names that are blocked, whatever the guard says.",
		.more = "What the guard says counts for what others get of it (\"share\").",
		.example = "- name: login-parcel.example\n  scope: exact\n",
	},
	{
		.key = "organisation",
		SECTION(struct written_file, organisation, organisation_section),
		.example = "name: ISP-A CERT\nuuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10\ncontact: "
			   "abuse@isp.example\n",
		.sentence = "Who you are to others.",
	},
	{
		.key = "share",
		ITEMS(struct written_file, share, output_section),
		.most = MAX_OUTPUTS,
		.sentence = "What you publish to others; nothing is, unless it is named here.",
		.more = "Each output is a directory in which \"current\" is the newest release, complete and checked; "
			"a "
			"web server or a name server offers it. \"feedsync run\" makes a release whenever names have "
			"changed or ended, \"feedsync share\" at once; \"feedsync shared\" tells what was given to "
			"whom.\n\n"
			"What is blocked by command (\"feedsync block\") stays here: write it into \"block\" to share "
			"it.",
		.example = "- name: circle\n  format: domains\n  to: /srv/weir/circle\n  recipients: [isp-b.example, "
			   "cert.example]\n  tlp: green\n  of: [operator]\n  sign-key-file: /etc/weir/share.key\n",
	},
	{
		.key = "sightings",
		ITEMS(struct written_file, sightings, sightings_section),
		.most = MAX_PARTNERS,
		.sentence =
			"Which sources of feeds are told that a name of theirs was hit; none is, unless it is named "
			"here.",
		.more = "Once a day it is told for each name, in one line, that it was hit; never by whom, and how "
			"often only where trends would show it. What too few clients hit is not told, nor what you "
			"allow, "
			"what is your own, and what its marking forbids. It needs `organisation`, and `trends` with "
			"\"rules: yes\". \"feedsync sightings --dry-run\" shows what would be told.",
		.example = "- name: community\n  of: [isp-community]\n  to: misp\n  url: https://misp.example/\n"
			   "  key-file: /etc/weir/misp-sightings.key\n",
	},
	{
		.key = "distribute",
		ITEMS(struct written_file, distribute, channel_section),
		.most = MAX_CHANNELS,
		.sentence = "Channels from which resolvers elsewhere get the published table.",
		.more = "Each publish goes there: of a sync, a rollback, an \"allow\" by command. A channel that "
			"cannot "
			"be reached keeps what it has, and the others, and this host's resolvers, go on; \"feedsync "
			"status\" says since when and why. \"feedsync distribute\" does it at once.",
		.example = "- name: stable\n  to: /srv/weir/stable\n  sign-key-file: /etc/weir/fleet.key\n",
	},
	{
		.key = "fleet",
		SECTION(struct written_file, fleet, fleet_section),
		.fallback_words = "no resolver elsewhere is watched",
		.example = "resolvers:\n  - {name: cologne-1, address: 192.0.2.53, site: cologne}\n",
		.sentence = "The resolvers elsewhere that are watched.",
		.more = "Each is asked for the self-test's name, as a client would ask, and its answer says by which "
			"table it blocks: \"feedsync fleet\" shows it.",
	},
	{
		.key = "table-max-shrink",
		PERCENT(struct written_file, table_max_shrink),
		.most = 100,
		.fallback_words = "50; no limit where all feeds are files of this machine",
		.example = "50",
		.sentence = "By how many per cent a new table may be smaller than the published one.",
		.more = "Beyond this limit the feeds that change the table most are withheld, one after the other, "
			"until the "
			"rest is within it: their published part stays, and the news of the other feeds is published. "
			"New "
			"feeds, expired entries, \"allow\", \"block\" and \"own\" do not count. A feed that you remove "
			"from "
			"this file counts: if it is so large, its rules stay until \"feedsync sync --accept-table\".",
	},
	{
		.key = "table-max-growth",
		PERCENT(struct written_file, table_max_growth),
		.most = MAX_GROWTH_PERCENT,
		.fallback_words = "no limit",
		.example = "200",
		.sentence = "By how many per cent a new table may be larger than the published one.",
	},
	{
		.key = "categories",
		ITEMS(struct written_file, categories, category_section),
		.most = POLICY_MAX_CATEGORIES - 3, /* two may be implied, one is for the self-test */
		.fallback_words = "the category \"malicious\" alone, which is always there",
		.sentence = "What a client gets for a blocked name, by category of the feed.",
		.more = "Where several feeds list a name the strongest action wins. From the weakest to the strongest: "
			"log, "
			"redirect, sinkhole, truncate, nodata, nxdomain, refused, drop.",
		.example = "- name: phishing\n  text: \"Blocked by your provider: phishing\"\n- name: trial\n  action: "
			   "log\n"
			   "- name: ours\n  action: allow\n",
		.shown = true,
	},
	{
		.key = "soa-contact",
		TEXT(struct written_file, soa_contact),
		.fault = mailbox_fault,
		.expected = "an e-mail address",
		.fallback_words = "nobody.invalid",
		.example = "dns-admin@isp.example",
		.sentence =
			"The contact in the SOA record of blocked answers (its RNAME), for whoever looks why a name "
			"does not resolve.",
		.more = "Everybody can see it. Modules of version 0.1.0 cannot read a table with a contact: where a "
			"resolver of this machine has one, nothing is published until it is upgraded.",
	},
	{
		.key = "groups",
		ITEMS(struct written_file, groups, group_section),
		.most = POLICY_MAX_GROUPS,
		.fallback_words = "every client gets the actions of the categories",
		.sentence = "Groups of clients that get other actions.",
		.more = "Where prefixes are nested the longest one counts. A client in no group gets the actions of "
			"the "
			"categories.",
		.example = "- name: opted-out\n  clients-file: /etc/weir/opted-out.txt\n  action: allow\n- name: "
			   "families\n"
			   "  clients: [198.51.100.0/24]\n  categories:\n    - name: trial\n      action: nxdomain\n",
	},
	{
		.key = "pull",
		SECTION(struct written_file, pull, pull_section),
		.fallback_words = "the table is made here",
		.example = "url: https://weir.isp.example/stable/\n"
			   "keys: [RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3]\n",
		.sentence = "Where a resolver gets its finished table, instead of making one of feeds.",
		.more = "The table has the whole policy of the compiler in it, so this section is all that such a host "
			"needs: \"feedsync run\" looks every 15 seconds, \"feedsync pull --once\" at once. Whatever "
			"goes "
			"wrong, the last good table stays in force.",
	},
	{
		.key = "feeds",
		ITEMS(struct written_file, feeds, feed_section),
		.required = true,
		.unless = "pull",
		.most = MAX_FEEDS,
		.sentence = "The lists of names that are fetched, compiled and published.",
		.more = "As long as there are none ([]), nothing is fetched and what is published stays.\n\n"
			"A document may be compressed by gzip, xz or zstd, or be the one member of a zip archive, "
			"whatever it "
			"is called. A proxy is taken from the environment (https_proxy) as curl does. Messages never "
			"show "
			"what stands in the query of a URL or before the name of its host.\n\n"
			"A feed that fails is asked again after 5 minutes, then 10, 20 and so on up to its interval. A "
			"server "
			"that asks to be left alone (Retry-After) is left alone, for a day at most; only \"feedsync "
			"sync\" "
			"does not wait for that.",
		.example =
			"- name: isp-community\n  url: https://misp.example/feed/\n  format: misp-feed\n  category: "
			"phishing\n"
			"  max-age: 180d\n  map:\n    - {tag: \"PAP:GREEN\", threat-level: low, category: trial}\n\n"
			"# A file of this machine may be empty; the document of a server may not.\n"
			"- name: own-block\n  url: file:///etc/weir/block.txt\n  format: domains\n  scope: subtree\n\n"
			"- name: own-allow\n  url: file:///etc/weir/allow.txt\n  format: domains\n  scope: subtree\n"
			"  category: ours\n",
		.shown = true,
	},
};
const struct section file_section = {.size = sizeof(struct written_file), .options = OPTIONS(file_options, NULL)};
