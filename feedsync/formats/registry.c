/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/registry.h"

#include <errno.h>
#include <string.h>

#include "feedsync/base/regular_file.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/unpack/inflate.h"
#include "libweir/errors.h"

static const struct format formats[] = {
	{.name = "domains", .has_values = true, .has_wildcards = true, .parse = domains_parse},
	{.name = "hosts", .parse = hosts_parse},
	{.name = "adblock", .scope = SCOPE_SUBTREE, .scope_is_told = true, .parse = adblock_parse},
	{.name = "dnsmasq", .scope = SCOPE_SUBTREE, .scope_is_told = true, .parse = dnsmasq_parse},
	{.name = "unbound", .scope = SCOPE_SUBTREE, .scope_is_told = true, .parse = unbound_parse},
	{.name = "rpz",
		.scope_is_told = true,
		.has_wildcards = true,
		.below = true,
		.shows_its_end = true,
		.parse = rpz_parse},
	{.name = "csv",
		.has_fields = true,
		.has_values = true,
		.has_wildcards = true,
		.shows_its_end = true,
		.parse = csv_parse},
	{.name = "json",
		.has_fields = true,
		.has_values = true,
		.has_wildcards = true,
		.shows_its_end = true,
		.parse = json_list_parse},
	/* What MISP calls a hostname says so in its label; a URL's host is exact. */
	{.name = "stix", .scope = SCOPE_SUBTREE, .has_ends = true, .shows_its_end = true, .parse = stix_parse},
	/* In MISP a domain means everything below it too, a hostname only itself: the attribute's type decides. */
	{.name = "misp-feed",
		.layout = LAYOUT_EVENTS,
		.scope = SCOPE_SUBTREE,
		.scope_is_told = true,
		.is_misp = true,
		.shows_its_end = true,
		.parse_directory = misp_feed_parse},
	{.name = "misp-rest",
		.layout = LAYOUT_PAGES,
		.scope = SCOPE_SUBTREE,
		.scope_is_told = true,
		.is_misp = true,
		.shows_its_end = true,
		.parse_directory = misp_rest_parse},
	{.name = "taxii",
		.layout = LAYOUT_PAGES,
		.scope = SCOPE_SUBTREE,
		.has_ends = true,
		.has_collections = true,
		.shows_its_end = true,
		.parse_directory = taxii_parse},
};

const struct format *format_find(const char *name)
{
	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *format_names(void)
{
	static char names[256];
	names[0] = '\0';
	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++) {
		strncat(names, i > 0 ? ", " : "", sizeof names - strlen(names) - 1);
		strncat(names, formats[i].name, sizeof names - strlen(names) - 1);
	}
	return names;
}

bool format_expires(const struct format *format, const struct parse_options *options)
{
	return format->has_ends || options->max_age_s > 0;
}

uint64_t options_now(const struct parse_options *options)
{
	return options->now > 0 ? options->now : wall_now();
}

bool options_expired(const struct parse_options *options, uint64_t seen)
{
	return options->max_age_s > 0 && seen > 0 && seen + options->max_age_s < options_now(options);
}

/* To a parser damaged compression is an error of reading; the reason is not known to it. */
int format_parse_stream(const struct format *format, FILE *in, const char *document,
	const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct why damage;
	FILE *plain = inflate_open(in, &damage);
	if (!plain)
		return why_set(why, -ENOMEM, "out of memory");
	int c = getc(plain);
	sink->tally->blank = c == EOF;
	if (c != EOF)
		ungetc(c, plain);
	int status = format->parse(plain, document, options, sink, why);
	fclose(plain);
	return damage.text[0] ? why_set(why, -EBADMSG, "%s", damage.text) : status;
}

static int open_document(FILE **in, const char *path, const struct parse_options *options, struct why *why)
{
	if (!options->piped)
		return regular_file_open(in, path, why);
	*in = fopen(path, "re");
	return *in ? 0 : why_set(why, -errno, "%s", error_text(-errno));
}

int format_parse(const struct format *format, const char *path, const char *document,
	const struct parse_options *options, struct sink *sink, struct why *why)
{
	if (format->parse_directory && !path)
		return why_set(why, -EINVAL, "%s: a feed of this format is a directory", document);
	if (format->parse_directory)
		return format->parse_directory(path, document, options, sink, why);
	FILE *in = stdin;
	struct why reason;
	int status = path ? open_document(&in, path, options, &reason) : 0;
	if (status != 0)
		return why_set(why, status, "%s: %s", document, reason.text);
	status = format_parse_stream(format, in, document, options, sink, why);
	if (path)
		fclose(in);
	return status;
}
