/* SPDX-License-Identifier: BSD-3-Clause */
/* A TAXII 2.1 server as files, for a web server that hands them out (conf/share/nginx.conf): the resource of a URL that ends in
 * "/" is index.json of that directory. Only objects come in pages, 1.json, 2.json ...: pages.json beside them, which is not
 * served, has their number and their SHA-256, and is what is signed; so the directory is what our own subscriber keeps
 * (pages.h). Filters are not applied: ids and times of change let a subscriber take the same object any number of times.
 *
 * Objects are in the order in which they changed, so that few pages differ from those of the release before. */
#include <errno.h>
#include <stdlib.h>

#include "feedsync/base/digest.h"
#include "feedsync/base/uuid.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/circle/rendered_json.h"
#include "feedsync/circle/stix_nodes.h"
#include "feedsync/formats/pages.h"
#include "libweir/errors.h"

enum { PAGE_ITEMS = 5000 };

static void collection_uuid(const struct release *release, char uuid[UUID_TEXT])
{
	const char *const parts[] = {"collection", release->output->name, NULL};
	uuid5_join(uuid, release->organisation->uuid, parts);
}

static void name_pages(const struct output *output, char name[FILE_NAME_ROOM])
{
	(void)output;
	snprintf(name, FILE_NAME_ROOM, "objects/pages.json");
}

/* ---- the resources beside the objects ---- */

static int write_resource(
	const struct release *release, const char *directory, const char *name, struct node *node, struct why *why)
{
	struct rendered_file file;
	int status = rendered_file_open(&file, directory, name, why);
	if (status != 0) {
		node_free(node);
		return status;
	}
	int printed = print_object(file.out, node);
	fputs("\n", file.out);
	status = rendered_file_close(&file, release->at, why);
	return printed == 0 ? status : why_set(why, printed, "%s: %s", name, error_text(printed));
}

static struct node *title_node(const struct release *release)
{
	char title[512];
	snprintf(title, sizeof title, "%.200s block list \"%.200s\"", release->organisation->name,
		release->output->name);
	return node_from_text(title);
}

static struct node *list_of(struct node *only)
{
	struct node *list = node_array();
	node_append(list, only);
	return list;
}

static struct node *discovery_node(const struct release *release)
{
	struct node *node = node_object();
	node_put(node, "api_roots", list_of(node_from_text("/api/")));
	node_put(node, "contact", node_from_text(release->organisation->contact));
	node_put(node, "default", node_from_text("/api/"));
	node_put(node, "title", title_node(release));
	return node;
}

static struct node *root_node(const struct release *release)
{
	struct node *node = node_object();
	node_put(node, "max_content_length", node_from_number(1)); /* nothing is taken */
	node_put(node, "title", title_node(release));
	node_put(node, "versions", list_of(node_from_text(TAXII_MEDIA_TYPE)));
	return node;
}

static struct node *collection_node(const struct release *release)
{
	struct node *node = node_object();
	char uuid[UUID_TEXT];
	collection_uuid(release, uuid);
	node_put(node, "alias", node_from_text(release->output->name));
	node_put(node, "can_read", node_from_bool(true));
	node_put(node, "can_write", node_from_bool(false));
	node_put(node, "description", node_from_text("static TAXII: filters are not applied"));
	node_put(node, "id", node_from_text(uuid));
	node_put(node, "media_types", list_of(node_from_text("application/stix+json;version=2.1")));
	node_put(node, "title", title_node(release));
	return node;
}

static int write_resources(const struct release *release, const char *directory, struct why *why)
{
	char uuid[UUID_TEXT], collection[128];
	struct node *collections = node_object();
	collection_uuid(release, uuid);
	snprintf(collection, sizeof collection, "api/collections/%s/index.json", uuid);
	node_put(collections, "collections", list_of(collection_node(release)));
	int status = write_resource(release, directory, "api/collections/index.json", collections, why);
	if (status == 0)
		status = write_resource(release, directory, collection, collection_node(release), why);
	if (status == 0)
		status = write_resource(release, directory, "api/index.json", root_node(release), why);
	return status == 0 ? write_resource(release, directory, "taxii2/index.json", discovery_node(release), why)
			   : status;
}

/* ---- objects ---- */

static int by_change(const void *a, const void *b)
{
	const struct item *const *x = a, *const *y = b;
	if ((*x)->changed_at != (*y)->changed_at)
		return (*x)->changed_at < (*y)->changed_at ? -1 : 1;
	return item_compare(*x, *y);
}

static unsigned count_pages(const struct release *release)
{
	return release->count == 0 ? 1 : (unsigned)((release->count + PAGE_ITEMS - 1) / PAGE_ITEMS);
}

/* What the indicators refer to stands on the first page. */
static int print_page(FILE *out, const struct release *release, const struct item *const *items, unsigned number)
{
	size_t first = (size_t)(number - 1) * PAGE_ITEMS, end = first + PAGE_ITEMS;
	const char *between = "";
	struct node *node;
	int status = 0;
	fputs("{", out);
	if (number < count_pages(release))
		fprintf(out, "\"more\":true,\"next\":\"%u\",", number + 1);
	fputs("\"objects\":[\n", out);
	for (unsigned i = 0; number == 1 && status == 0 && stix_common_node(release, i, &node); i++, between = ",\n") {
		fputs(between, out);
		status = print_object(out, node);
	}
	for (size_t i = first; status == 0 && i < end && i < release->count; i++, between = ",\n") {
		fputs(between, out);
		status = print_object(out, stix_indicator_node(release, items[i]));
	}
	fputs("\n]}\n", out);
	return status;
}

static int write_page(const struct release *release, const char *directory, const struct item *const *items,
	unsigned number, char sha256[SHA256_TEXT], struct why *why)
{
	struct rendered_file file;
	char name[32];
	snprintf(name, sizeof name, "objects/%u.json", number);
	int status = rendered_file_open(&file, directory, name, why);
	if (status != 0)
		return status;
	int printed = print_page(file.out, release, items, number);
	status = rendered_file_close(&file, release->at, why);
	if (printed != 0)
		return why_set(why, printed, "%s: %s", name, error_text(printed));
	return status == 0 ? digest_sha256_file(sha256, file.path, why) : status;
}

static int write_pages(
	const struct release *release, const char *directory, const struct item *const *items, struct why *why)
{
	struct node *node = node_object(), *sums = node_array();
	unsigned count = count_pages(release);
	int status = 0;
	for (unsigned i = 1; status == 0 && i <= count; i++) {
		char sha256[SHA256_TEXT];
		status = write_page(release, directory, items, i, sha256, why);
		if (status == 0)
			node_append(sums, node_from_text(sha256));
	}
	node_put(node, "pages", node_from_number(count));
	node_put(node, "sha256", sums);
	if (status == 0)
		return write_resource(release, directory, "objects/pages.json", node, why);
	node_free(node);
	return status;
}

/* Lines for the web server's configuration: between which times objects were added, which subscribers resume from. Older ones
 * do no harm: whoever asks for what is newer than they say gets everything. */
static int write_headers(
	const struct release *release, const char *directory, const struct item *const *items, struct why *why)
{
	struct rendered_file file;
	char first[TIMESTAMP_ROOM + 16], last[TIMESTAMP_ROOM + 16];
	int status = rendered_file_open(&file, directory, "headers.conf", why);
	if (status != 0)
		return status;
	if (release->count > 0)
		fprintf(file.out,
			"add_header X-TAXII-Date-Added-First \"%s\";\nadd_header X-TAXII-Date-Added-Last \"%s\";\n",
			print_instant(items[0]->changed_at, ".000Z", first),
			print_instant(items[release->count - 1]->changed_at, ".000Z", last));
	return rendered_file_close(&file, release->at, why);
}

/* ---- */

static int render_taxii(const struct release *release, const char *directory, struct why *why)
{
	int status = stix_check_count(release, why);
	if (status != 0)
		return status;
	const struct item **items = release_order(release, by_change);
	if (!items)
		return why_set(why, -ENOMEM, "out of memory");
	status = write_resources(release, directory, why);
	if (status == 0)
		status = write_pages(release, directory, items, why);
	if (status == 0)
		status = write_headers(release, directory, items, why);
	free(items);
	return status;
}

static int read_back_taxii(const struct release *release, const char *directory, struct sink *sink, struct why *why)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/objects", directory);
	return rendering_parse(release, "taxii", path, sink, why);
}

const struct rendering rendering_taxii = {
	.name = "taxii",
	.render = render_taxii,
	.main_file = name_pages,
	.read = read_back_taxii,
};
