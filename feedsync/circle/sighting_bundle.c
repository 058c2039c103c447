/* SPDX-License-Identifier: BSD-3-Clause */
/* Sightings as a bundle of STIX 2.1, bundle.json, for who fetches it from a directory. */
#include <errno.h>
#include <stdio.h>

#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/sighting_stix.h"
#include "feedsync/circle/sighting_store.h"
#include "feedsync/circle/stix_references.h"
#include "feedsync/trends/period.h"
#include "libweir/errors.h"

#define BUNDLE_FILE "bundle.json"

struct bundle_writing {
	const struct sighting_files *files;
	FILE *out;
	struct markings used;
};

static int print_sighting_object(void *context, const struct sighting *sighting, struct why *why)
{
	struct bundle_writing *w = context;
	sighting_add_marking(&w->used, sighting);
	int status = print_object(w->out, sighting_stix_node(w->files->organisation, w->files->partner, sighting));
	fputs(",\n", w->out);
	return status == 0 ? 0 : why_set(why, status, BUNDLE_FILE ": %s", error_text(status));
}

/* What the others refer to stands last: then it is known what is in use. */
static int print_referred_objects(const struct bundle_writing *w, struct why *why)
{
	struct node *node;
	int status = 0;
	for (unsigned i = 0; status == 0 && stix_reference_node(w->files->organisation, w->used, i, &node); i++) {
		fputs(i > 0 ? ",\n" : "", w->out);
		status = print_object(w->out, node);
	}
	return status == 0 ? 0 : why_set(why, status, BUNDLE_FILE ": %s", error_text(status));
}

static int print_sighting_bundle(struct bundle_writing *w, struct why *why)
{
	const struct sighting_files *files = w->files;
	char day[PERIOD_TEXT], uuid[UUID_TEXT];
	const char *const parts[] = {"bundle", "sightings", files->partner->name,
		period_text((struct period){files->last, files->last}, day), NULL};
	uuid5_join(uuid, files->organisation->uuid, parts);
	fprintf(w->out, "{\"id\":\"bundle--%s\",\"objects\":[\n", uuid);
	int status = sighting_store_told(
		files->store, files->partner->name, files->made, files->first, print_sighting_object, w, why);
	if (status == 0)
		status = print_referred_objects(w, why);
	fputs("\n],\"type\":\"bundle\"}\n", w->out);
	return status;
}

static int render_sighting_bundle(const struct sighting_files *files, const char *directory, struct why *why)
{
	struct rendered_file file;
	struct bundle_writing w = {.files = files};
	struct why unclosed;
	int status = rendered_file_open(&file, directory, BUNDLE_FILE, why);
	if (status != 0)
		return status;
	w.out = file.out;
	status = print_sighting_bundle(&w, why);
	int closed = rendered_file_close(&file, files->at, status == 0 ? why : &unclosed);
	return status != 0 ? status : closed;
}

const struct sighting_way sighting_way_stix = {.word = "stix",
	.made = "stix",
	.identify = sighting_identify_indicator,
	.main_file = BUNDLE_FILE,
	.render = render_sighting_bundle};
