/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the effective policy, and what of it is about others: `organisation`, `share`, `distribute`. */
#include <stdarg.h>
#include <stdio.h>

#include "feedsync/base/duration.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/print_private.h"

void print_value(const char *before, const char *key, const char *format, ...)
{
	va_list args;
	printf("%s%s: ", before, key);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void print_text(const char *before, const char *key, const char *text)
{
	if (text && text[0])
		print_value(before, key, "%s", text);
}

void print_yes_no(const char *before, const char *key, bool yes)
{
	print_value(before, key, "%s", yes ? "yes" : "no");
}

void print_duration(const char *before, const char *key, uint32_t seconds)
{
	char text[DURATION_TEXT];
	print_value(before, key, "%s", duration_text(seconds, text));
}

void print_items(const char *key, const char *const *texts, unsigned count)
{
	if (count > 0)
		printf("    %s:\n", key);
	for (unsigned i = 0; i < count; i++)
		printf("      - %s\n", texts[i]);
}

static void print_sources(const struct config *config, const struct output *output)
{
	puts("    of:");
	if (output->of_operator)
		puts("      - " OPERATOR_FEED);
	for (size_t i = 0; i < config->feed_count; i++)
		if (output->of[i])
			printf("      - %s\n", config->feeds[i].name);
}

void print_outputs(const struct config *config)
{
	const struct organisation *organisation = &config->organisation;
	if (organisation->name) {
		puts("organisation:");
		print_text("  ", "name", organisation->name);
		print_text("  ", "uuid", organisation->uuid);
		print_text("  ", "contact", organisation->contact);
	}
	if (config->output_count > 0)
		puts("share:");
	for (size_t i = 0; i < config->output_count; i++) {
		const struct output *output = &config->outputs[i];
		print_text("  - ", "name", output->name);
		print_text("    ", "format", output->format);
		print_text("    ", "to", output->to);
		print_items("recipients", output->recipients, output->recipient_count);
		print_text("    ", "tlp", tlp_text(output->ceiling));
		print_sources(config, output);
		print_items("categories", output->categories, output->category_count);
		print_text("    ", "sign-key-file", output->sign_key_file);
		print_text("    ", "zone", output->zone);
		print_duration("    ", "tombstones", output->tombstones_s);
	}
}

static void print_promotion(const struct channel *channel)
{
	print_text("    ", "promote-from", channel->promote_from->name);
	print_duration("    ", "promote-after", channel->promote_after_s);
	print_duration("    ", "probe-interval", channel->probe_interval_s);
	print_value("    ", "servfail-rise", "%u", channel->servfail_rise);
	print_items("probe-names", channel->probe_names, (unsigned)channel->probe_names_count);
}

void print_target(const char *before, const char *key, const struct channel *channel)
{
	print_value(before, key, "%s%s", channel->to, channel->kind == TARGET_S3 ? " # s3" : "");
	if (channel->kind == TARGET_S3) {
		print_text(before, "region", channel->region);
		print_text(before, "key-file", channel->key_file);
	}
	print_text(before, "ca", channel->ca);
	print_text(before, "client-certificate", channel->certificate);
	print_text(before, "client-key", channel->key);
}

void print_channels(const struct config *config)
{
	if (config->channel_count > 0)
		puts("distribute:");
	for (size_t i = 0; i < config->channel_count; i++) {
		const struct channel *channel = &config->channels[i];
		print_text("  - ", "name", channel->name);
		print_target("    ", "to", channel);
		print_text("    ", "sign-key-file", channel->sign_key_file);
		print_duration("    ", "expires", channel->expires_s);
		print_duration("    ", "keep", channel->keep_s);
		if (channel->single_writer)
			print_yes_no("    ", "single-writer", true);
		if (channel->promote_from)
			print_promotion(channel);
	}
}
