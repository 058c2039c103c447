/* SPDX-License-Identifier: BSD-3-Clause */
/* A bundle of STIX 2.1, bundle.json: our identity, the markings, an indicator for each item, tombstones included. */
#include <errno.h>

#include "feedsync/base/uuid.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/stix_nodes.h"
#include "libweir/errors.h"

static void name_bundle(const struct output *output, char name[FILE_NAME_ROOM])
{
	(void)output;
	snprintf(name, FILE_NAME_ROOM, "bundle.json");
}

/* The bundle is another one with each release; what it holds has ids of its own. */
static int print_bundle(FILE *out, const struct release *release)
{
	char serial[16], uuid[UUID_TEXT];
	const char *const parts[] = {"bundle", release->output->name, serial, NULL};
	struct node *node;
	int status = 0;
	snprintf(serial, sizeof serial, "%u", release->serial);
	uuid5_join(uuid, release->organisation->uuid, parts);
	fprintf(out, "{\"id\":\"bundle--%s\",\"objects\":[\n", uuid);
	for (unsigned i = 0; status == 0 && stix_common_node(release, i, &node); i++) {
		fputs(i > 0 ? ",\n" : "", out);
		status = print_object(out, node);
	}
	for (size_t i = 0; status == 0 && i < release->count; i++) {
		fputs(",\n", out);
		status = print_object(out, stix_indicator_node(release, &release->items[i]));
	}
	fputs("\n],\"type\":\"bundle\"}\n", out);
	return status;
}

static int render_bundle(const struct release *release, const char *directory, struct why *why)
{
	struct rendered_file file;
	int status = stix_check_count(release, why);
	if (status == 0)
		status = rendered_file_open(&file, directory, "bundle.json", why);
	if (status != 0)
		return status;
	int printed = print_bundle(file.out, release);
	status = rendered_file_close(&file, release->at, why);
	return printed == 0 ? status : why_set(why, printed, "bundle.json: %s", error_text(printed));
}

static int read_back_bundle(const struct release *release, const char *directory, struct sink *sink, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/bundle.json", directory);
	return rendering_parse(release, "stix", path, sink, why);
}

const struct rendering rendering_stix = {
	.name = "stix",
	.render = render_bundle,
	.main_file = name_bundle,
	.read = read_back_bundle,
};
