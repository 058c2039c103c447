/* SPDX-License-Identifier: BSD-3-Clause */
/* How a feed writes names: fields, values, wildcards. */
#include <string.h>

#include "feedsync/config/check.h"
#include "feedsync/config/option_values.h"

/* Checks the options for formats with fields. There `field` is needed. In other formats none of these options has a
 * meaning. */
static void check_fields(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	static const char *const options[] = {"field", "items", "where"};
	if (feed->format->has_fields && !written->field)
		complain(c, &written->at, "format", "%s needs the field that holds the name (field: NAME)",
			feed->format->name);
	for (unsigned i = 0; !feed->format->has_fields && i < sizeof options / sizeof *options; i++)
		if (was_written(&written->at, options[i]))
			complain(c, &written->at, options[i], "the format %s has no fields", feed->format->name);
	if (!feed->format->has_columns && was_written(&written->at, "separator"))
		complain(c, &written->at, "separator", "the format %s has no columns", feed->format->name);
	feed->options.field = written->field;
	feed->options.separator = written->separator ? separator_octet(written->separator) : '\0';
	feed->options.items = written->items;
	feed->options.where = written->where.text;
	feed->options.where_count = written->where.count;
}

void check_values(struct check *c, struct feed_config *feed, const struct written_feed *written)
{
	static const char *const options[] = {"values", "refang", "ports"};
	struct parse_options *parse = &feed->options;
	const struct format *format = feed->format;
	check_fields(c, feed, written);
	for (unsigned i = 0; !format->has_values && i < sizeof options / sizeof *options; i++)
		if (was_written(&written->at, options[i]))
			complain(c, &written->at, options[i], "the format %s writes names in one way only",
				format->name);
	if (!format->has_wildcards && written->wildcard)
		complain(c, &written->at, "wildcard", "the format %s has no wildcards", format->name);
	parse->pages = strcmp(written->values, "pages") == 0;
	parse->urls = parse->pages || strcmp(written->values, "urls") == 0;
	if (parse->urls && was_written(&written->at, "ports"))
		complain(c, &written->at, "ports", "URLs may have ports anyway; remove this line");
	parse->refang = written->refang;
	parse->ports = written->ports;
	parse->below = written->wildcard ? strcmp(written->wildcard, "below") == 0 : format->below;
	parse->scope = format->scope;
	if (written->scope && scope_from_text(written->scope, &parse->scope) != 0)
		parse->scope = format->scope; /* the table of options lets no other word pass */
	if (written->scope && format->scope_is_told)
		complain(c, &written->at, "scope", "in the format %s the scope comes with each entry", format->name);
}
