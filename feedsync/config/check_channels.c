/* SPDX-License-Identifier: BSD-3-Clause */
/* Where resolvers elsewhere get their tables. */
#include <stdio.h>
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/yaml.h"

/* A text without the slashes at its end. */
static const char *copy_unslashed(struct check *c, const char *text)
{
	size_t length = strlen(text);
	while (length > 1 && text[length - 1] == '/')
		length--;
	return yaml_copy(c->document, text, length);
}

static const char *join_s3_url(struct check *c, const struct written_s3 *s3)
{
	char url[2048];
	bool prefix = s3->prefix && s3->prefix[0];
	snprintf(url, sizeof url, "%s/%s%s%s", copy_unslashed(c, s3->endpoint), s3->bucket, prefix ? "/" : "",
		prefix ? copy_unslashed(c, s3->prefix) : "");
	return yaml_copy(c->document, url, strlen(url));
}

void check_target(struct check *c, const struct written *at, const char *key, const struct written_target *to,
	struct channel *channel)
{
	bool s3 = to->s3.at.map != NULL;
	if (s3 == (to->location != NULL))
		complain(c, at, key, "one of a directory, an https:// URL and \"s3:\" is needed");
	if (s3) {
		channel->kind = TARGET_S3;
		channel->to = join_s3_url(c, &to->s3);
		channel->key_file = to->s3.key_file;
		channel->region = to->s3.region;
	} else if (to->location) {
		channel->kind = to->location[0] == '/' ? TARGET_DIRECTORY : TARGET_HTTPS;
		channel->to = copy_unslashed(c, to->location);
	}
}

void check_target_files(struct check *c, const struct written *at, const char *key, const struct channel *channel)
{
	const char *const keys[] = {"ca", "client-certificate", "client-key"};
	const char *lonely = channel->key ? "client-key" : "client-certificate";
	if (!channel->certificate != !channel->key)
		complain(c, at, lonely, "client-certificate and client-key have an effect only together");
	for (unsigned i = 0; channel->to && i < sizeof keys / sizeof *keys; i++)
		if (was_written(at, keys[i]) && strncmp(channel->to, "https://", 8) != 0)
			complain(c, at, keys[i], "it has no effect without https:// in \"%s\"", key);
}

/* The channel that it is promoted from stands above it: so there is no circle. */
static void read_promotion(struct check *c, struct channel *channel, const struct written_channel *written)
{
	static const char *const keys[] = {"promote-after", "probe-interval", "probe-names", "servfail-rise"};
	channel->promote_after_s = written->promote_after_s;
	channel->probe_interval_s = written->probe_interval_s;
	channel->servfail_rise = written->servfail_rise;
	channel->probe_names = written->probe_names.text;
	channel->probe_names_count = written->probe_names.count;
	channel->promote_from = written->promote_from ? config_find_channel(c->config, written->promote_from) : NULL;
	if (written->promote_from && !channel->promote_from)
		complain(c, &written->at, "promote-from", "no channel of this name stands above");
	for (unsigned i = 0; !written->promote_from && i < sizeof keys / sizeof *keys; i++)
		if (was_written(&written->at, keys[i]))
			complain(c, &written->at, keys[i], "it has no effect without \"promote-from\"");
}

static void check_channel(struct check *c, const struct written_channel *written)
{
	struct config *config = c->config;
	struct channel *channel = &config->channels[config->channel_count];
	*channel = (struct channel){.name = written->name,
		.sign_key_file = written->sign_key_file,
		.ca = written->ca,
		.certificate = written->client_certificate,
		.key = written->client_key,
		.expires_s = written->expires_s,
		.keep_s = written->keep_s,
		.single_writer = written->single_writer};
	check_target(c, &written->at, "to", &written->to, channel);
	check_target_files(c, &written->at, "to", channel);
	read_promotion(c, channel, written);
	if (channel->to && channel->kind == TARGET_DIRECTORY)
		check_own_directory(c, &written->at, "to", channel->to, "a channel");
	if (config_find_channel(config, channel->name))
		complain(c, &written->at, "name", "this channel is there already");
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct channel *other = &config->channels[i];
		if (channel->to && other->to && paths_meet(channel->to, other->to))
			complain(c, &written->at, "to", "channel %s has %s; each has a place of its own", other->name,
				other->to);
	}
	config->channel_count++;
}

void check_channels(struct check *c)
{
	for (unsigned i = 0; i < c->file->distribute.count; i++)
		check_channel(c, &c->file->distribute.item[i]);
}
