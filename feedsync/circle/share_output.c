/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps are: plan, judge, make the release, log that it is about to be shown, show it, log that it is shown. */
#include "feedsync/circle/share_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/caller.h"
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/circle/release.h"
#include "feedsync/circle/share_alarm.h"
#include "feedsync/circle/shared_log.h"
#include "feedsync/circle/sign.h"
#include "libweir/errors.h"

/* An output under way. */
struct sharing_one {
	struct sharing *sharing;
	const struct output *output;
	size_t number;
	struct output_state *before;
	struct output_state next;
	struct selection selection;
	struct listing_counts counts;
	struct release release; /* of the items that are told */
	struct item *told;
	struct shared_log *log;
	char chain[SHA256_TEXT], sum[SHA256_TEXT];
	struct output_record record;
};

/* ---- the log ---- */

static struct node *log_row(const struct sharing_one *one, const char *what)
{
	const struct output *output = one->output;
	struct node *row = node_object(), *to = node_array();
	char user[128];
	enum tlp tlp = TLP_NONE;
	for (unsigned i = 0; i < output->recipient_count; i++)
		node_append(to, node_from_text(output->recipients[i]));
	for (size_t i = 0; i < one->release.count; i++)
		if (one->told[i].marking.tlp > tlp)
			tlp = one->told[i].marking.tlp;
	caller_describe(user, sizeof user);
	node_put(row, "at", node_from_number(one->next.at));
	node_put(row, "output", node_from_text(output->name));
	node_put(row, "what", node_from_text(what));
	node_put(row, "serial", node_from_number(one->next.serial));
	node_put(row, "format", node_from_text(output->format));
	node_put(row, "to", to);
	node_put(row, "sha256", node_from_text(one->sum));
	node_put(row, "items", node_from_number(one->counts.live));
	node_put(row, "added", node_from_number(one->counts.added));
	node_put(row, "withdrawn", node_from_number(one->counts.withdrawn));
	node_put(row, "expired", node_from_number(one->counts.expired));
	node_put(row, "withheld", withheld_json(one->selection.withheld));
	node_put(row, "tlp", node_from_text(tlp_text(tlp)));
	node_put(row, "by", node_from_text(user));
	return row;
}

/* ---- the plan ---- */

/* The items that are told. */
static int choose_told(struct sharing_one *one)
{
	one->told = calloc(one->next.count + 1, sizeof *one->told);
	if (!one->told)
		return -ENOMEM;
	one->release = (struct release){.organisation = &one->sharing->config->organisation,
		.output = one->output,
		.items = one->told,
		.serial = one->next.serial,
		.at = one->next.at,
		.now = one->sharing->now,
		.chain = one->chain};
	sign_key_number(one->output, one->release.signer);
	for (size_t i = 0; i < one->next.count; i++)
		if (listing_tells(one->output, &one->next.items[i], one->next.at))
			one->told[one->release.count++] = one->next.items[i];
	return share_content(one->next.content, &one->release);
}

/* The greatest serial that is known to have been given. The record may know one that the output's directory has lost. */
static uint32_t newest_known(const struct sharing_one *one)
{
	const uint64_t recorded = one->record.serial < UINT32_MAX ? one->record.serial : 0;
	return recorded > one->before->serial ? (uint32_t)recorded : one->before->serial;
}

static int plan_output(struct sharing_one *one, struct why *why)
{
	struct sharing *s = one->sharing;
	struct known_items known;
	one->next.at = s->now > one->before->at ? s->now : one->before->at + 1;
	one->next.serial = newest_known(one) + 1;
	int status = selection_make(&one->selection, s->config, one->output, &s->entries, why);
	if (status != 0)
		return status;
	status = known_items_make(&known, s->states, s->config->output_count);
	if (status == 0)
		status = listing_make(&one->next, one->before, &one->selection, &known, &s->config->organisation,
			one->output, &one->counts);
	known_items_free(&known);
	if (status == 0)
		status = choose_told(one);
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}

/* ---- the release ---- */

static bool is_output_accepted(const struct sharing_one *one)
{
	const char *accept = one->sharing->request->accept;
	return accept && strcmp(accept, one->output->name) == 0;
}

/* Shows a release that is made; what is about to happen is in the log before. */
static int show_logged(struct sharing_one *one, struct why *why)
{
	struct why shown;
	int status = shared_log_append(one->log, log_row(one, "pending"), why);
	if (status != 0)
		return status;
	status = release_show(&one->release, why);
	if (status != 0) {
		if (shared_log_append(one->log, log_row(one, "failed"), &shown) != 0)
			log_warning("output %s: %s", one->output->name, shown.text);
		return status;
	}
	if (shared_log_append(one->log, log_row(one, "publish"), &shown) != 0)
		log_warning("output %s: serial %u is shown, but the log says only that it was about to be: %s",
			one->output->name, one->next.serial, shown.text);
	return 0;
}

static int make_release(struct sharing_one *one, struct why *why)
{
	const struct sharing *s = one->sharing;
	int status = shared_log_open(&one->log, s->config->state, true, why);
	if (status == 0 && is_output_accepted(one))
		status = shared_log_append(one->log, log_row(one, "accept"), why);
	if (status == 0)
		status = shared_log_newest(one->log, one->chain, why);
	if (status == 0)
		status = release_prepare(&one->release, &one->next, s->config->state, one->sum, why);
	if (status == 0)
		status = show_logged(one, why);
	if (status == 0 && shared_log_newest(one->log, one->chain, why) != 0)
		one->chain[0] = '\0';
	shared_log_close(&one->log);
	if (status == 0)
		release_prune(one->output, one->next.serial);
	return status;
}

/* Begins anew where the state is lost, if the operator accepts it. Identifiers are then given again. */
static int check_output_state(struct sharing_one *one, struct why *why)
{
	const struct why *unread = &one->sharing->unread[one->number];
	struct why lost = *unread;
	if (!lost.text[0] && one->before->serial == 0 && newest_known(one) > 0)
		why_set(&lost, -ENOENT, "serial %u was released, and nothing is left of it", newest_known(one));
	if (!lost.text[0])
		return 0;
	if (is_output_accepted(one)) {
		log_warning("output %s: %s; it begins anew behind serial %u, as you accept", one->output->name,
			lost.text, newest_known(one));
		return 0;
	}
	return why_set(
		why, -EBADMSG, "%.180s; to begin anew: feedsync share --accept %s", lost.text, one->output->name);
}

/* Writes the copies of the state again where one is lost. Returns 1 or a negative code with the reason. */
static int keep_copies(const struct sharing_one *one, struct why *why)
{
	int status = one->before->lacks_copy
			     ? output_state_write(one->before, one->sharing->config->state, one->output, why)
			     : 0;
	return status == 0 ? 1 : status;
}

/* Returns 1 where there is nothing new, 0 where a release was made, or a negative code with the reason. */
static int share_planned(struct sharing_one *one, struct why *why)
{
	struct why alarm = {.text = ""};
	bool changed = !one->before->released || strcmp(one->next.content, one->before->content) != 0;
	bool refused = changed && !is_output_accepted(one) && share_alarm(&one->counts, &alarm);
	if (one->sharing->request->plan) {
		const struct share_plan plan = {one->output, &one->selection, one->before, &one->next, &one->counts,
			changed, refused ? alarm.text : NULL};
		one->sharing->request->plan(one->sharing->request->context, &plan);
		return refused ? why_set(why, -EBADMSG, "%s", alarm.text) : 1;
	}
	if (refused) {
		one->record.error_class = ERROR_ALARM;
		return why_set(why, -EBADMSG, "%.120s: if that is right: feedsync share --accept %s", alarm.text,
			one->output->name);
	}
	return changed ? make_release(one, why) : keep_copies(one, why);
}

/* ---- the result ---- */

static void note_shared(struct sharing_one *one, int status)
{
	struct output_record *record = &one->record;
	record->failed_at = 0;
	record->error[0] = '\0';
	record->error_class = ERROR_NONE;
	if (status != 0) {
		record->serial = one->before->serial;
		record->at = one->before->at;
		return;
	}
	log_info("output %s: serial %u, %llu names, %llu added, %llu withdrawn, %llu expired, %llu withheld",
		one->output->name, one->next.serial, (unsigned long long)one->counts.live,
		(unsigned long long)one->counts.added, (unsigned long long)one->counts.withdrawn,
		(unsigned long long)one->counts.expired, (unsigned long long)output_record_withheld(record));
	record->serial = one->next.serial;
	record->at = one->next.at;
	memcpy(record->sum, one->sum, sizeof record->sum);
	memcpy(record->chain, one->chain, sizeof record->chain);
	one->next.released = true;
	output_state_free(one->before);
	*one->before = one->next;
	one->next = (struct output_state){0};
}

static void note_failed(struct sharing_one *one, int status, const struct why *why)
{
	struct output_record *record = &one->record;
	log_error("output %s: %s; %s", one->output->name, why->text,
		one->before->serial > 0 ? "the last release stays" : "nothing is released");
	record->failed_at = record->failed_at > 0 ? record->failed_at : one->sharing->now;
	if (record->error_class != ERROR_ALARM)
		record->error_class = error_class_from_code(status);
	snprintf(record->error, sizeof record->error, "%s", why->text);
}

enum share_result share_output(struct sharing *sharing, size_t number)
{
	struct sharing_one *one = calloc(1, sizeof *one);
	struct why why;
	if (!one) {
		log_error("output %s: out of memory", sharing->config->outputs[number].name);
		return SHARE_FAILED;
	}
	one->sharing = sharing;
	one->output = &sharing->config->outputs[number];
	one->number = number;
	one->before = &sharing->states[number];
	output_record_read(&one->record, sharing->config->state, one->output);
	one->record.error_class = ERROR_NONE;
	one->record.tried_at = sharing->now;
	int status = check_output_state(one, &why);
	if (status == 0)
		status = plan_output(one, &why);
	memcpy(one->record.withheld, one->selection.withheld, sizeof one->record.withheld);
	if (status == 0)
		status = share_planned(one, &why);
	one->record.items = status >= 0 ? one->counts.live : one->record.items;
	if (status >= 0)
		note_shared(one, status);
	else
		note_failed(one, status, &why);
	if (!sharing->request->plan)
		output_record_write(&one->record, sharing->config->state, one->output);
	selection_free(&one->selection);
	output_state_free(&one->next);
	free(one->told);
	free(one);
	return status < 0 ? SHARE_FAILED : status == 0 ? SHARE_RELEASED : SHARE_UNCHANGED;
}
