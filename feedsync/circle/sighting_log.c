/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_log.h"

#include <stdlib.h>
#include <string.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/digest.h"
#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/circle/shared_log.h"
#include "feedsync/trends/period.h"
#include "libweir/errors.h"

/* What every row has. */
static struct node *begin_row(const struct partner *partner, const char *what, uint64_t now)
{
	struct node *row = node_object(), *to = node_array();
	char user[128], url[PARTNER_WHERE];
	caller_describe(user, sizeof user);
	if (partner->url)
		node_append(to, node_from_text(partner_where(partner, url)));
	for (unsigned i = 0; i < partner->recipient_count; i++)
		node_append(to, node_from_text(partner->recipients[i]));
	node_put(row, "at", node_from_number(now));
	node_put(row, "output", node_from_text(partner->name));
	node_put(row, "what", node_from_text(what));
	node_put(row, "format", node_from_text(partner->to));
	node_put(row, "to", to);
	node_put(row, "by", node_from_text(user));
	return row;
}

static int append_sighting_row(const struct config *config, struct node *row, struct why *why)
{
	struct shared_log *log;
	int status = shared_log_open(&log, config->state, true, why);
	if (status == 0)
		status = shared_log_append(log, row, why);
	else
		node_free(row);
	shared_log_close(&log);
	return status;
}

/* The SHA-256 of the UUIDs, a line each, in the order in which they are selected. */
static void sum_uuids(const struct sighting_selection *selection, char sum[SHA256_TEXT])
{
	char *text = xcalloc(selection->count + 1, UUID_TEXT);
	for (size_t i = 0; i < selection->count; i++) {
		memcpy(text + i * UUID_TEXT, selection->list[i].uuid, UUID_TEXT - 1);
		text[i * UUID_TEXT + UUID_TEXT - 1] = '\n';
	}
	digest_sha256(sum, text, selection->count * UUID_TEXT);
	free(text);
}

int sighting_log_pending(const struct config *config, const struct partner *partner, uint64_t day, uint64_t now,
	const struct sighting_selection *selection, struct why *why)
{
	struct node *row = begin_row(partner, "sightings pending", now);
	char text[PERIOD_TEXT], sum[SHA256_TEXT];
	sum_uuids(selection, sum);
	node_put(row, "day", node_from_text(period_text((struct period){day, day}, text)));
	node_put(row, "sightings", node_from_number(selection->count));
	node_put(row, "sha256", node_from_text(sum));
	node_put(row, "withheld", withheld_json(selection->withheld));
	node_put(row, "tlp", node_from_text(tlp_text(selection->tlp)));
	return append_sighting_row(config, row, why);
}

int sighting_log_sent(const struct config *config, const struct partner *partner, uint64_t now,
	const struct sighting_outcome *outcome, struct why *why)
{
	struct node *row = begin_row(partner, "sightings sent", now);
	node_put(row, "sightings", node_from_number(outcome->sent));
	node_put(row, "refused", node_from_number(outcome->refused));
	return append_sighting_row(config, row, why);
}
