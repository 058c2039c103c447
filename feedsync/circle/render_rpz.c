/* SPDX-License-Identifier: BSD-3-Clause */
/* A response policy zone, <zone>.zone: a subtree is two records, the name and "*." before it; an exact name is one. Tombstones
 * are absence. A zone with one owner name that is too long is refused by name servers as a whole: so a name that does not fit
 * is left out, with both its records. So is one whose last label would be read as another kind of trigger. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendering.h"
#include "feedsync/entries/mailbox.h"

enum {
	RPZ_TTL_S = 60,
	RPZ_REFRESH_S = 60,
	RPZ_RETRY_S = 60,
	RPZ_EXPIRE_S = 604800,
};

/* Whether the name's last label begins as those of triggers by address or name server do. */
static bool is_trigger(const struct item *item)
{
	const char *last = strrchr(item->name, '.');
	return strncasecmp(last ? last + 1 : item->name, "rpz-", 4) == 0;
}

static const char *unfit_for_zone(const struct output *output, const struct item *item)
{
	unsigned length = item->length + output->zone_length - 1u + (item->scope == SCOPE_SUBTREE ? 2 : 0);
	if (length > NAME_MAX_WIRE)
		return "with the zone's name it is too long";
	return is_trigger(item) ? "its last label means something else in a policy zone" : NULL;
}

static void name_zone_file(const struct output *output, char name[FILE_NAME_ROOM])
{
	snprintf(name, FILE_NAME_ROOM, "%.255s.zone", output->zone);
}

/* Several items may be of one name: it has one record of each kind. */
static void print_zone(FILE *out, const struct release *release)
{
	name_storage mailbox;
	char contact[NAME_MAX_TEXT] = "nobody.invalid";
	int length = mailbox_read(release->organisation->contact, mailbox);
	if (length > 0)
		name_to_text(mailbox, (size_t)length, contact);
	fprintf(out, "$ORIGIN %s.\n$TTL %d\n@ SOA localhost. %s. %u %d %d %d %d\n@ NS localhost.\n",
		release->output->zone, RPZ_TTL_S, contact, release->serial, RPZ_REFRESH_S, RPZ_RETRY_S, RPZ_EXPIRE_S,
		RPZ_TTL_S);
	const char *name = "", *wildcard = "";
	for (size_t i = 0; i < release->count; i++) {
		const struct item *item = &release->items[i];
		if (item->state != ITEM_LIVE)
			continue;
		if (strcmp(name, item->name) != 0)
			fprintf(out, "%s CNAME .\n", item->name);
		name = item->name;
		if (item->scope == SCOPE_SUBTREE && strcmp(wildcard, item->name) != 0)
			fprintf(out, "*.%s CNAME .\n", wildcard = item->name);
	}
}

static int render_zone(const struct release *release, const char *directory, struct why *why)
{
	struct rendered_file file;
	char name[FILE_NAME_ROOM];
	name_zone_file(release->output, name);
	int status = rendered_file_open(&file, directory, name, why);
	if (status != 0)
		return status;
	print_zone(file.out, release);
	return rendered_file_close(&file, release->at, why);
}

static int read_back_zone(const struct release *release, const char *directory, struct sink *sink, struct why *why)
{
	char path[4096], name[FILE_NAME_ROOM];
	name_zone_file(release->output, name);
	snprintf(path, sizeof path, "%.3700s/%s", directory, name);
	return rendering_parse(release, "rpz", path, sink, why);
}

const struct rendering rendering_rpz = {
	.name = "rpz",
	.names_only = true,
	.unfit = unfit_for_zone,
	.render = render_zone,
	.main_file = name_zone_file,
	.read = read_back_zone,
};
