/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a manifest: first the signature over the octets as they came, then the JSON document, then each value by its own
 * bounds. Members that are not known are passed over: a later program may add some. */
#include <errno.h>
#include <string.h>
#include <sys/types.h>

#include "feedsync/base/json.h"
#include "feedsync/fleet/manifest.h"
#include "feedsync/net/minisign.h"
#include "libweir/errors.h"
#include "libweir/format.h"
#include "libweir/name.h"

/* ---- the signature ---- */

/* Where the document begins: behind four line ends. 0 = there are fewer. */
static size_t find_body(const char *octets, size_t length)
{
	const char *at = octets;
	for (unsigned line = 0; line < 4; line++) {
		const char *end = memchr(at, '\n', length - (size_t)(at - octets));
		if (!end)
			return 0;
		at = end + 1;
	}
	return (size_t)(at - octets);
}

/* Verifies the document by the key that it names. A signature of the document itself ("legacy") would do as well. */
static int verify_body(struct manifest *m, const char *octets, size_t length, size_t body,
	const struct manifest_trust *trust, struct why *why)
{
	struct minisign signature;
	struct why reason;
	char number[17];
	int status = minisign_read(&signature, octets, body, &reason);
	if (status != 0)
		return why_set(why, status, "its signature: %s", reason.text);
	while (m->key < trust->key_count && memcmp(trust->keys[m->key].id, signature.id, sizeof signature.id) != 0)
		m->key++;
	if (m->key == trust->key_count) {
		struct minisign_key other = {0};
		memcpy(other.id, signature.id, sizeof other.id);
		return why_set(why, -EKEYREJECTED, "it is signed by key %s, which is not trusted here",
			minisign_key_number(&other, number));
	}
	struct minisign_check *check = minisign_begin(&signature, &trust->keys[m->key], &reason);
	if (!check)
		return why_set(why, -ENOMEM, "its signature: %s", reason.text);
	minisign_update(check, octets + body, length - body);
	status = minisign_end(&check, &reason);
	return status == 0 ? 0 : why_set(why, status, "its signature: %s", reason.text);
}

/* ---- values ---- */

/* Reads a number of these bounds. */
static bool read_bounded(const struct node *object, const char *key, uint64_t least, uint64_t most, uint64_t *number)
{
	return node_number(node_get(object, key), number) && *number >= least && *number <= most;
}

static bool read_digest(const struct node *object, const char *key, char text[SHA256_TEXT])
{
	size_t length;
	const char *digest = node_text(node_get(object, key), &length);
	if (!digest || length != strlen(digest) || !manifest_digest_valid(digest))
		return false;
	memcpy(text, digest, SHA256_TEXT);
	return true;
}

/* What is wrong with the table, or NULL. */
static const char *read_described_table(const struct node *node, struct manifest_table *table)
{
	if (!read_digest(node, "sha256", table->sha256) || !read_digest(node, "zsha256", table->zsha256))
		return "the table's SHA-256";
	if (!read_bounded(node, "size", WEIR_HEADER, WEIR_MAX_FILE, &table->size) ||
		!read_bounded(node, "zsize", 1, WEIR_MAX_FILE, &table->zsize))
		return "the table's size";
	if (!read_bounded(node, "generation", 0, MANIFEST_MAX_SERIAL, &table->generation) ||
		!read_bounded(node, "rules", 0, MANIFEST_MAX_SERIAL, &table->rules))
		return "the table's generation or rules";
	return NULL;
}

static const char *read_deltas(const struct node *list, struct manifest *m)
{
	if (list && !node_is_array(list))
		return "the deltas";
	m->delta_count = node_count(list);
	if (m->delta_count > MANIFEST_DELTAS)
		return "the number of deltas";
	for (size_t i = 0; i < m->delta_count; i++) {
		struct manifest_delta *delta = &m->deltas[i];
		const struct node *node = node_at(list, i);
		if (!read_digest(node, "from", delta->from) || !read_digest(node, "sha256", delta->sha256))
			return "a delta's SHA-256";
		if (!read_bounded(node, "size", 1, WEIR_MAX_FILE, &delta->size))
			return "a delta's size";
	}
	return NULL;
}

static bool read_tried_names(const struct node *list, struct manifest_names *names)
{
	names->count = node_count(list);
	if ((list && !node_is_array(list)) || names->count > MANIFEST_NAMES)
		return false;
	for (size_t i = 0; i < names->count; i++) {
		size_t length;
		const char *name = node_text(node_at(list, i), &length);
		if (!name || length >= MANIFEST_NAME_TEXT || !name_plain_valid((const uint8_t *)name, length))
			return false;
		memcpy(names->name[i], name, length);
		names->name[i][length] = '\0';
	}
	return true;
}

static bool read_channel_name(const struct node *root, char text[MANIFEST_CHANNEL_TEXT])
{
	size_t length;
	const char *name = node_text(node_get(root, "channel"), &length);
	if (!name || length != strlen(name) || !manifest_channel_valid(name))
		return false;
	memcpy(text, name, length + 1);
	return true;
}

/* What is wrong with the document, or NULL. */
static const char *read_body(const struct node *root, struct manifest *m)
{
	if (!read_channel_name(root, m->channel))
		return "the channel";
	if (!read_bounded(root, "serial", 1, MANIFEST_MAX_SERIAL, &m->serial))
		return "the serial";
	if (!read_bounded(root, "created", 1, MANIFEST_MAX_SERIAL, &m->created) ||
		!read_bounded(root, "expires", m->created + 1, MANIFEST_MAX_SERIAL, &m->expires))
		return "the times";
	m->urgent = node_truth(node_get(root, "urgent"));
	node_words_at(root, "publisher", m->publisher, sizeof m->publisher);
	const char *fault = read_described_table(node_get(root, "table"), &m->table);
	if (!fault)
		fault = read_deltas(node_get(root, "deltas"), m);
	if (!fault && (!read_tried_names(node_get(root, "must_pass"), &m->must_pass) ||
			      !read_tried_names(node_get(root, "must_block"), &m->must_block)))
		fault = "the names that are tried";
	return fault;
}

static int read_signed_document(
	struct manifest *m, const char *text, size_t length, const char *channel, struct why *why)
{
	struct why reason;
	struct node *root;
	uint64_t format;
	int status = json_parse_at(&root, text, length, 5, &reason);
	if (status != 0)
		return why_set(why, status, "%.230s", reason.text);
	if (!node_is_object(root) || !read_bounded(root, "format", 1, MANIFEST_MAX_SERIAL, &format))
		status = why_set(why, -EBADMSG, "not a manifest: it has no format");
	else if (format != MANIFEST_FORMAT)
		status = why_set(why, WEIR_EVERSION, "format %llu is newer than this feedsync, which knows %d",
			(unsigned long long)format, MANIFEST_FORMAT);
	const char *fault = status == 0 ? read_body(root, m) : NULL;
	if (fault)
		status = why_set(why, -EBADMSG, "not a manifest: %s cannot be right", fault);
	else if (status == 0 && channel[0] && strcmp(channel, m->channel) != 0)
		status = why_set(why, -EXDEV, "it is of channel %s, not of %s", m->channel, channel);
	node_free(root);
	return status;
}

/* Where the document begins, or a negative code with the reason. */
static ssize_t judge_object(const void *octets, size_t length, struct why *why)
{
	size_t body = length <= MANIFEST_MAX ? find_body(octets, length) : 0;
	if (length > MANIFEST_MAX)
		return why_set(why, -EBADMSG, "more than %d octets", MANIFEST_MAX);
	if (body == 0 || body == length)
		return why_set(why, -EBADMSG, "not a manifest: no four lines of a signature with a document behind");
	return (ssize_t)body;
}

int manifest_read(
	struct manifest *m, const void *octets, size_t length, const struct manifest_trust *trust, struct why *why)
{
	*m = (struct manifest){0};
	ssize_t body = judge_object(octets, length, why);
	int status = body < 0 ? (int)body : verify_body(m, octets, length, (size_t)body, trust, why);
	if (status != 0)
		return status;
	return read_signed_document(m, (const char *)octets + body, length - (size_t)body, trust->channel, why);
}

int manifest_read_own(struct manifest *m, const void *octets, size_t length, struct why *why)
{
	*m = (struct manifest){0};
	ssize_t body = judge_object(octets, length, why);
	return body < 0 ? (int)body
			: read_signed_document(m, (const char *)octets + body, length - (size_t)body, "", why);
}
