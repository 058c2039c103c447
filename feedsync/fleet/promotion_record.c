/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/promotion_record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/base/file_lock.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/config/channel_config.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

enum { PROMOTION_FILE_ROOM = 128, MAX_HEALTH = 1 << 20 };

static const char *const state_words[] = {"rests", "waits", "proves", "ready", "unhealthy"};

const char *promotion_state_word(enum promotion_state state)
{
	return state_words[state];
}

const char *promotion_folder(const char *state, const struct channel *channel, char folder[FOLDER_TEXT])
{
	snprintf(folder, FOLDER_TEXT, "%s/fleet/promotion/%s", state, channel->name);
	return folder;
}

int promotion_lock(const char *state, const struct channel *channel, struct why *why)
{
	char path[PATH_MAX];
	int status = directory_create(promotion_folder(state, channel, path));
	if (status != 0)
		return why_set(why, status, "cannot create %.150s: %s", path, error_text(status));
	snprintf(path, sizeof path, "%s/fleet/promotion/%s/promotion.lock", state, channel->name);
	return file_lock_open(path, MODE_PRIVATE, NULL, why);
}

/* ---- parts ---- */

static void put_table(struct node *node, const char *key, const struct base_table *table)
{
	struct node *member = node_object();
	if (table->generation == 0) {
		node_free(member);
		return;
	}
	node_put(member, "generation", node_from_number(table->generation));
	node_put(member, "sha256", node_from_text(table->sha256));
	node_put(node, key, member);
}

static void get_table(const struct node *node, const char *key, struct base_table *table)
{
	const struct node *member = node_get(node, key);
	table->generation = node_number_at(member, "generation");
	node_words_at(member, "sha256", table->sha256, sizeof table->sha256);
	if (!manifest_digest_valid(table->sha256))
		*table = (struct base_table){0};
}

static uint32_t get_count(const struct node *node, const char *key)
{
	return (uint32_t)node_number_at(node, key);
}

static int publish_promotion_file(
	struct node *node, const char *state, const struct channel *channel, const char *file, struct why *why)
{
	char path[PATH_MAX];
	snprintf(path, sizeof path, "%s/fleet/promotion/%s/%s", state, channel->name, file);
	return json_publish(node, path, MODE_PRIVATE, why);
}

/* ---- decisions ---- */

int promotion_record_read(
	struct promotion_record *record, const char *state, const struct channel *channel, struct why *why)
{
	char name[PROMOTION_FILE_ROOM];
	struct node *node;
	*record = (struct promotion_record){0};
	snprintf(name, sizeof name, "fleet/promotion/%s/" PROMOTION_RECORD, channel->name);
	int status = state_dir_read_record(state, name, &node, why);
	if (status != 0)
		return status == -ENOENT ? 0 : status;
	get_table(node, "promoted", &record->promoted);
	record->promoted_at = node_number_at(node, "promoted_at");
	node_words_at(node, "promoted_by", record->promoted_by, sizeof record->promoted_by);
	get_table(node, "amended", &record->amended);
	record->overrides = node_number_at(node, "overrides");
	record->halted_at = node_number_at(node, "halted_at");
	get_table(node, "halted", &record->halted);
	node_words_at(node, "halted_by", record->halted_by, sizeof record->halted_by);
	node_words_at(node, "reason", record->reason, sizeof record->reason);
	node_free(node);
	return 0;
}

int promotion_record_write(
	const struct promotion_record *record, const char *state, const struct channel *channel, struct why *why)
{
	struct node *node = node_object();
	put_table(node, "promoted", &record->promoted);
	node_put(node, "promoted_at", node_from_number(record->promoted_at));
	node_put(node, "promoted_by", node_from_text(record->promoted_by));
	put_table(node, "amended", &record->amended);
	node_put(node, "overrides", node_from_number(record->overrides));
	node_put(node, "halted_at", node_from_number(record->halted_at));
	put_table(node, "halted", &record->halted);
	node_put(node, "halted_by", node_from_text(record->halted_by));
	node_put(node, "reason", node_from_text(record->reason));
	int status = publish_promotion_file(node, state, channel, PROMOTION_RECORD, why);
	return status == DURABILITY_UNCERTAIN ? -EIO : status;
}

/* ---- what was seen ---- */

static void get_trial(const struct node *node, struct trial *trial)
{
	get_table(node, "candidate", &trial->candidate);
	trial->healthy_ms = node_number_at(node, "healthy_ms");
	trial->looked_ms = node_number_at(node, "looked_ms");
	trial->strikes = get_count(node, "strikes");
}

static void get_finding(const struct node *node, struct promotion_finding *finding)
{
	char word[16];
	node_text_at(node, "state", word, sizeof word);
	finding->state = PROMOTION_WAITS;
	for (unsigned i = 0; i < sizeof state_words / sizeof *state_words; i++)
		if (strcmp(word, state_words[i]) == 0)
			finding->state = (enum promotion_state)i;
	node_words_at(node, "reason", finding->reason, sizeof finding->reason);
	finding->answering = get_count(node, "answering");
	finding->enforcing = get_count(node, "enforcing");
	finding->asked = get_count(node, "asked");
	finding->failed = get_count(node, "failed");
}

static void get_before(const struct node *node, struct promotion_health *health)
{
	const struct node *names = node_get(node, "blocked");
	health->before = (struct health_before){.known = node_is_object(node),
		.answering = get_count(node, "answering"),
		.asked = get_count(node, "asked"),
		.failed = get_count(node, "failed")};
	for (size_t i = 0; i < node_count(names) && health->blocked_count < KNOWN_BLOCKED; i++) {
		const char *name = node_text(node_at(names, i), NULL);
		if (name && strlen(name) < KNOWN_NAME)
			snprintf(health->blocked[health->blocked_count++], KNOWN_NAME, "%s", name);
	}
}

void promotion_health_read(struct promotion_health *health, const char *state, const struct channel *channel)
{
	char name[PROMOTION_FILE_ROOM];
	struct node *node;
	struct why why;
	*health = (struct promotion_health){.finding.state = PROMOTION_WAITS};
	snprintf(name, sizeof name, "fleet/promotion/%s/health.json", channel->name);
	if (state_dir_read_document(state, name, MAX_HEALTH, &node, &why) != 0)
		return;
	get_trial(node_get(node, "trial"), &health->trial);
	get_finding(node_get(node, "finding"), &health->finding);
	get_before(node_get(node, "before"), health);
	health->looked_at = node_number_at(node, "looked_at");
	health->since = node_number_at(node, "since");
	health->canaries = get_count(node, "canaries");
	node_free(node);
}

static struct node *trial_node(const struct trial *trial)
{
	struct node *node = node_object();
	put_table(node, "candidate", &trial->candidate);
	node_put(node, "healthy_ms", node_from_number(trial->healthy_ms));
	node_put(node, "looked_ms", node_from_number(trial->looked_ms));
	node_put(node, "strikes", node_from_number(trial->strikes));
	return node;
}

static struct node *finding_node(const struct promotion_finding *finding)
{
	struct node *node = node_object();
	node_put(node, "state", node_from_text(promotion_state_word(finding->state)));
	node_put(node, "reason", node_from_text(finding->reason));
	node_put(node, "answering", node_from_number(finding->answering));
	node_put(node, "enforcing", node_from_number(finding->enforcing));
	node_put(node, "asked", node_from_number(finding->asked));
	node_put(node, "failed", node_from_number(finding->failed));
	return node;
}

static struct node *before_node(const struct promotion_health *health)
{
	struct node *node = node_object(), *names = node_array();
	node_put(node, "answering", node_from_number(health->before.answering));
	node_put(node, "asked", node_from_number(health->before.asked));
	node_put(node, "failed", node_from_number(health->before.failed));
	for (uint32_t i = 0; i < health->blocked_count; i++)
		node_append(names, node_from_text(health->blocked[i]));
	node_put(node, "blocked", names);
	return node;
}

void promotion_health_write(const struct promotion_health *health, const char *state, const struct channel *channel)
{
	struct why why;
	struct node *node = node_object();
	node_put(node, "trial", trial_node(&health->trial));
	node_put(node, "finding", finding_node(&health->finding));
	if (health->before.known)
		node_put(node, "before", before_node(health));
	node_put(node, "looked_at", node_from_number(health->looked_at));
	node_put(node, "since", node_from_number(health->since));
	node_put(node, "canaries", node_from_number(health->canaries));
	if (publish_promotion_file(node, state, channel, "health.json", &why) < 0)
		log_warning("channel %s: %s", channel->name, why.text);
}
