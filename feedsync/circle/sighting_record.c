/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting_record.h"

#include <stdio.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

enum { SIGHTING_RECORD_NAME = 128, MOST_WAIT_S = 14400, SECRET_WAIT_S = 3600 };

static void sighting_record_name(const struct partner *partner, char name[SIGHTING_RECORD_NAME])
{
	snprintf(name, SIGHTING_RECORD_NAME, "sightings/%s.json", partner->name);
}

static void read_sighting_counts(struct sighting_counts *counts, const struct node *node)
{
	counts->pending = node_number_at(node, "pending");
	for (enum sighting_state s = SIGHTING_PENDING + 1; s < SIGHTING_STATES; s++)
		counts->ended[s] = node_number_at(node, sighting_state_text(s));
	counts->day = node_number_at(node, "day");
	counts->found = node_number_at(node, "found");
	withheld_from_json(counts->withheld, node_get(node, "withheld"));
}

void sighting_record_read(struct sighting_record *record, const char *state, const struct partner *partner)
{
	char name[SIGHTING_RECORD_NAME], class[32];
	struct node *node;
	struct why why;
	*record = (struct sighting_record){0};
	sighting_record_name(partner, name);
	if (state_dir_read_record(state, name, &node, &why) != 0)
		return;
	record->tried_at = node_number_at(node, "tried_at");
	record->sent_at = node_number_at(node, "sent_at");
	record->failed_at = node_number_at(node, "failed_at");
	record->next_at = node_number_at(node, "next_at");
	record->failures = node_number_at(node, "failures");
	read_sighting_counts(&record->counts, node);
	node_text_at(node, "error_class", class, sizeof class);
	record->error_class = error_class_from_word(class);
	node_words_at(node, "error", record->error, sizeof record->error);
	node_free(node);
}

void sighting_record_write(const struct sighting_record *record, const char *state, const struct partner *partner)
{
	char name[SIGHTING_RECORD_NAME], path[4096];
	struct why why;
	struct node *node = node_object();
	node_put(node, "tried_at", node_from_number(record->tried_at));
	node_put(node, "sent_at", node_from_number(record->sent_at));
	node_put(node, "failed_at", node_from_number(record->failed_at));
	node_put(node, "next_at", node_from_number(record->next_at));
	node_put(node, "failures", node_from_number(record->failures));
	node_put(node, "pending", node_from_number(record->counts.pending));
	for (enum sighting_state s = SIGHTING_PENDING + 1; s < SIGHTING_STATES; s++)
		node_put(node, sighting_state_text(s), node_from_number(record->counts.ended[s]));
	node_put(node, "day", node_from_number(record->counts.day));
	node_put(node, "found", node_from_number(record->counts.found));
	node_put(node, "withheld", withheld_json(record->counts.withheld));
	node_put(node, "error_class", node_from_text(error_class_word(record->error_class)));
	node_put(node, "error", node_from_text(record->error));
	sighting_record_name(partner, name);
	snprintf(path, sizeof path, "%s/%s", state, name);
	if (json_publish(node, path, MODE_PRIVATE, &why) < 0)
		log_warning("sightings %s: %s", partner->name, why.text);
}

void sighting_record_well(struct sighting_record *record)
{
	record->failed_at = record->next_at = record->failures = 0;
	record->error_class = ERROR_NONE;
	record->error[0] = '\0';
}

void sighting_record_failed(struct sighting_record *record, uint64_t retry_after_s)
{
	uint64_t wait = RETRY_S;
	for (uint64_t i = 0; i < record->failures && wait < MOST_WAIT_S; i++)
		wait *= 2;
	if (wait > MOST_WAIT_S)
		wait = MOST_WAIT_S;
	if (record->error_class == ERROR_AUTH)
		wait = SECRET_WAIT_S;
	if (wait < retry_after_s)
		wait = retry_after_s;
	record->failures++;
	record->failed_at = record->failed_at > 0 ? record->failed_at : record->tried_at;
	record->next_at = record->tried_at + wait;
}

uint64_t sighting_due_day(const struct partner *partner, uint64_t now)
{
	uint64_t since = ONE_DAY_S + (uint64_t)partner->delay_s;
	return now > since ? (now - since) / ONE_DAY_S : 0;
}

bool sighting_is_due(const struct sighting_record *record, const struct partner *partner, uint64_t now)
{
	/* A time to wait for that is further away than any wait is one that a wrong clock has set. */
	bool waits = now < record->next_at && record->next_at - now <= MAX_RETRY_AFTER_S;
	return !waits && (record->counts.pending > 0 || sighting_due_day(partner, now) > record->counts.day);
}
