/* SPDX-License-Identifier: BSD-3-Clause */
/* A plain list, list.txt: a line that says who publishes what for whom, and a name on each line after it. "*.x" is x and all
 * below it, as the common wildcard lists and Weir's own format `domains` read it; so one file says both scopes, and who
 * subscribes to it needs no setting. Tombstones are absence. */
#include "feedsync/base/timestamp.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendering.h"

static void name_main_file(const struct output *output, char name[FILE_NAME_ROOM])
{
	(void)output;
	snprintf(name, FILE_NAME_ROOM, "list.txt");
}

/* TLP in capitals, as the standard writes it. */
static void print_tlp(FILE *out, enum tlp tlp)
{
	fputs("TLP:", out);
	for (const char *c = tlp_text(tlp); *c; c++)
		putc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
}

static void print_plain_list(FILE *out, const struct release *release)
{
	char when[TIMESTAMP_ROOM];
	const struct item *last = NULL; /* two categories may have the same rule */
	fprintf(out, "# %s block list \"%s\", ", release->organisation->name, release->output->name);
	print_tlp(out, release->output->ceiling);
	fprintf(out, ", serial %u, %s\n", release->serial, timestamp_text(release->at, when));
	for (size_t i = 0; i < release->count; i++) {
		const struct item *item = &release->items[i];
		if (item->state != ITEM_LIVE || (last && item_is_same_rule(last, item)))
			continue;
		fprintf(out, "%s%s\n", item->scope == SCOPE_SUBTREE ? "*." : "", item->name);
		last = item;
	}
}

static int render_list(const struct release *release, const char *directory, struct why *why)
{
	struct rendered_file file;
	int status = rendered_file_open(&file, directory, "list.txt", why);
	if (status != 0)
		return status;
	print_plain_list(file.out, release);
	return rendered_file_close(&file, release->at, why);
}

static int read_back_list(const struct release *release, const char *directory, struct sink *sink, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/list.txt", directory);
	return rendering_parse(release, "domains", path, sink, why);
}

const struct rendering rendering_domains = {
	.name = "domains",
	.names_only = true,
	.render = render_list,
	.main_file = name_main_file,
	.read = read_back_list,
};
