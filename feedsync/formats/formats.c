#include "formats.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "error.h"

static const struct format formats[] = {
	{"domains", SCOPE_EXACT, false, false, domains_parse, NULL},
	{"hosts", SCOPE_EXACT, false, false, hosts_parse, NULL},
	{"adblock", SCOPE_SUBTREE, true, false, adblock_parse, NULL},
	{"dnsmasq", SCOPE_SUBTREE, true, false, dnsmasq_parse, NULL},
	{"unbound", SCOPE_SUBTREE, true, false, unbound_parse, NULL},
	{"csv", SCOPE_EXACT, false, true, csv_parse, NULL},
	{"json", SCOPE_EXACT, false, true, json_list_parse, NULL},
	/* What MISP calls a hostname says so in its label; a URL's host is exact. */
	{"stix", SCOPE_SUBTREE, false, false, stix_parse, NULL},
	/* In MISP a domain means everything below it too, a hostname only itself: the attribute's type decides. */
	{"misp-feed", SCOPE_SUBTREE, true, false, NULL, misp_feed_parse},
	{"misp-rest", SCOPE_SUBTREE, true, false, NULL, misp_rest_parse},
	{"taxii", SCOPE_SUBTREE, false, false, NULL, taxii_parse},
};

const struct format *format_find(const char *name)
{
	for (unsigned i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

enum layout format_layout(const struct format *format)
{
	if (!format->parse_directory)
		return LAYOUT_DOCUMENT;
	return format->parse_directory == misp_feed_parse ? LAYOUT_EVENTS : LAYOUT_PAGES;
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

bool options_expired(const struct parse_options *options, uint64_t seen)
{
	return options->max_age_s > 0 && seen > 0 && seen + options->max_age_s < (uint64_t)time(NULL);
}

int format_parse(const struct format *format, const char *path, const char *document,
	const struct parse_options *options, struct sink *sink, struct why *why)
{
	if (format->parse_directory && !path)
		return why_set(why, -EINVAL, "%s: a feed of this format is a directory", document);
	if (format->parse_directory)
		return format->parse_directory(path, document, options, sink, why);
	FILE *in = path ? fopen(path, "re") : stdin;
	if (!in)
		return why_set(why, -errno, "%s: %s", document, error_text(-errno));
	int status = format->parse(in, document, options, sink, why);
	if (path)
		fclose(in);
	return status;
}
