/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a manifest. What is written is read back, so that no reader can ever be given one that it must refuse. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/json.h"
#include "feedsync/fleet/manifest.h"
#include "feedsync/net/minisign_sign.h"
#include "libweir/errors.h"

static struct node *names_json(const struct manifest_names *names)
{
	struct node *list = node_array();
	for (size_t i = 0; i < names->count; i++)
		node_append(list, node_from_text(names->name[i]));
	return list;
}

static struct node *body_json(const struct manifest *m)
{
	struct node *root = node_object(), *table = node_object(), *deltas = node_array();
	node_put(root, "format", node_from_number(MANIFEST_FORMAT));
	node_put(root, "channel", node_from_text(m->channel));
	node_put(root, "serial", node_from_number(m->serial));
	node_put(root, "created", node_from_number(m->created));
	node_put(root, "expires", node_from_number(m->expires));
	node_put(root, "urgent", node_from_bool(m->urgent));
	node_put(root, "publisher", node_from_text(m->publisher));
	node_put(table, "sha256", node_from_text(m->table.sha256));
	node_put(table, "size", node_from_number(m->table.size));
	node_put(table, "zsha256", node_from_text(m->table.zsha256));
	node_put(table, "zsize", node_from_number(m->table.zsize));
	node_put(table, "generation", node_from_number(m->table.generation));
	node_put(table, "rules", node_from_number(m->table.rules));
	node_put(root, "table", table);
	for (size_t i = 0; i < m->delta_count; i++) {
		struct node *delta = node_object();
		node_put(delta, "from", node_from_text(m->deltas[i].from));
		node_put(delta, "sha256", node_from_text(m->deltas[i].sha256));
		node_put(delta, "size", node_from_number(m->deltas[i].size));
		node_append(deltas, delta);
	}
	node_put(root, "deltas", deltas);
	node_put(root, "must_pass", names_json(&m->must_pass));
	node_put(root, "must_block", names_json(&m->must_block));
	return root;
}

/* The comment tells a person what `minisign -V` has verified. */
static int sign_body(char signature[MINISIGN_MAX_SIGNATURE], const char *body, const struct manifest *m,
	const struct minisign_secret *key, struct why *why)
{
	char comment[256];
	snprintf(comment, sizeof comment, "timestamp:%llu\tchannel:%s\tserial:%llu\thashed",
		(unsigned long long)m->created, m->channel, (unsigned long long)m->serial);
	return minisign_sign(signature, key, body, strlen(body), comment, why);
}

static int join_object(char **octets, size_t *length, const char *signature, const char *body, struct why *why)
{
	size_t first = strlen(signature), second = strlen(body);
	if (first + second > MANIFEST_MAX)
		return why_set(why, -EFBIG, "a manifest of more than %d octets", MANIFEST_MAX);
	*octets = malloc(first + second);
	if (!*octets)
		return why_set(why, -ENOMEM, "out of memory");
	memcpy(*octets, signature, first);
	memcpy(*octets + first, body, second);
	*length = first + second;
	return 0;
}

/* Whether a reader would take it. */
static int read_back_object(
	const char *octets, size_t length, const struct manifest *m, const struct minisign_secret *key, struct why *why)
{
	const struct manifest_trust own = {&key->public, 1, m->channel};
	struct manifest *copy = malloc(sizeof *copy);
	struct why reason;
	int status = copy ? manifest_read(copy, octets, length, &own, &reason) : -ENOMEM;
	free(copy);
	if (status == -ENOMEM)
		return why_set(why, status, "out of memory");
	return status == 0 ? 0 : why_set(why, -EINVAL, "not a manifest that can be read: %.200s", reason.text);
}

int manifest_write(
	char **octets, size_t *length, const struct manifest *m, const struct minisign_secret *key, struct why *why)
{
	char signature[MINISIGN_MAX_SIGNATURE];
	struct node *root = body_json(m);
	char *body = json_print(root);
	node_free(root);
	*octets = NULL;
	*length = 0;
	if (!body)
		return why_set(why, -ENOMEM, "out of memory");
	int status = sign_body(signature, body, m, key, why);
	if (status == 0)
		status = join_object(octets, length, signature, body, why);
	if (status == 0)
		status = read_back_object(*octets, *length, m, key, why);
	free(body);
	if (status != 0) {
		free(*octets);
		*octets = NULL;
	}
	return status;
}
