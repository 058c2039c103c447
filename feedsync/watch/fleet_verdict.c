/* SPDX-License-Identifier: BSD-3-Clause */
/* What is said of the fleet, and of one resolver, in one line: for words, JSON and the page alike. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "feedsync/base/units.h"
#include "feedsync/net/dns_answer.h"
#include "feedsync/watch/fleet_report.h"
#include "feedsync/watch/watch_judge.h"

/* The first channel that is not well, or NULL. */
static const struct fleet_channel *find_unwell_channel(const struct fleet_report *fleet)
{
	for (size_t i = 0; i < fleet->channel_count; i++)
		if (fleet->channels[i].condition != CONDITION_WELL)
			return &fleet->channels[i];
	return NULL;
}

static bool lacks_prometheus(const struct fleet_report *fleet)
{
	return fleet->report->config->fleet.prometheus && fleet->watch.prometheus_error[0];
}

bool fleet_is_well(const struct fleet_report *fleet)
{
	return !fleet->stale && fleet->unwell == 0 && !find_unwell_channel(fleet) && !lacks_prometheus(fleet);
}

/* ---- a resolver ---- */

/* Appends to a text; what does not fit is left out. */
static void append_detail(char text[FLEET_DETAIL_TEXT], const char *format, ...) printf_like(2, 3);
static void append_detail(char text[FLEET_DETAIL_TEXT], const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;
	va_start(args, format);
	vsnprintf(text + used, FLEET_DETAIL_TEXT - used, format, args);
	va_end(args);
}

static void append_table(const struct watch_record *record, enum watch_state state, char text[FLEET_DETAIL_TEXT])
{
	bool now = record->answer == WATCH_ENFORCES && state != WATCH_SILENT;
	if (record->generation > 0)
		append_detail(text, "%s%sgeneration %u%s", text[0] ? ", " : "", now ? "" : "by ",
			(unsigned)record->generation, now ? "" : " before");
}

const char *fleet_detail(const struct fleet_report *fleet, size_t resolver, char text[FLEET_DETAIL_TEXT])
{
	const struct watch_record *record = &fleet->watch.records[resolver];
	enum watch_state state = fleet->state[resolver];
	const uint64_t now = fleet->report->now;
	const char *conditions = watch_conditions(record);
	char when[UNITS_TEXT], rcode[DNS_RCODE_TEXT];
	text[0] = '\0';
	if (fleet->since[resolver] > 0)
		append_detail(text, "since %s", ago_text(now, fleet->since[resolver], when));
	if (state == WATCH_SILENT)
		append_detail(text, " (%s)", record->error);
	else if (record->answered_at > 0 && record->answer != WATCH_ENFORCES)
		append_detail(text, " (%s)", dns_rcode_text(record->rcode, rcode));
	append_table(record, state, text);
	if (conditions[0])
		append_detail(text, "; its host tells: %s", conditions);
	if (state == WATCH_SILENT && watch_is_told(record) && record->told_generation > 0)
		append_detail(text, "; its host tells of generation %llu", (unsigned long long)record->told_generation);
	return text;
}

const char *fleet_next(const struct fleet_report *fleet, size_t resolver, char text[NEXT_TEXT])
{
	const char *next = watch_state_row(fleet->state[resolver])->next;
	const char *at = strstr(next, "SERVER");
	snprintf(text, NEXT_TEXT, "%.*s%s", at ? (int)(at - next) : (int)strlen(next), next,
		at ? fleet->report->config->fleet.resolvers[resolver].server : "");
	return text;
}

/* ---- the fleet ---- */

static void say_well(const struct fleet_report *fleet, char text[VERDICT_TEXT])
{
	size_t coming = fleet->states[WATCH_COMING], count = fleet->watch.count;
	if (coming > 0)
		snprintf(text, VERDICT_TEXT, "well: %zu of %zu resolvers have the newest table, %zu are getting it",
			count - coming, count, coming);
	else
		snprintf(text, VERDICT_TEXT, "well: %zu resolver%s, each with the newest table", count,
			count == 1 ? "" : "s");
}

static void say_channel(const struct fleet_channel *channel, char text[VERDICT_TEXT])
{
	const struct condition_row *row = condition_row(channel->condition);
	const struct finding finding = {
		.condition = channel->condition, .detail = "", .next = NULL, .channel = channel->name};
	char next[NEXT_TEXT];
	snprintf(text, VERDICT_TEXT, "NOT WELL: %s%s: %s: %s; next: `%s`", channel->name ? "channel " : "table",
		channel->name ? channel->name : "", row->word, row->meaning, report_next(&finding, next));
}

static void say_resolver(const struct fleet_report *fleet, char text[VERDICT_TEXT])
{
	const size_t worst = fleet->order[0];
	const struct condition_row *row = watch_state_row(fleet->state[worst]);
	char next[NEXT_TEXT], when[UNITS_TEXT], more[64] = "", since[UNITS_TEXT + 16] = "";
	if (fleet->unwell > 1)
		snprintf(more, sizeof more, " (and %zu more of %zu)", fleet->unwell - 1, fleet->watch.count);
	if (fleet->since[worst] > 0)
		snprintf(since, sizeof since, " since %s", ago_text(fleet->report->now, fleet->since[worst], when));
	snprintf(text, VERDICT_TEXT, "NOT WELL: resolver %s: %s%s: %s; next: `%s`%s",
		fleet->report->config->fleet.resolvers[worst].name, row->word, since, row->meaning,
		fleet_next(fleet, worst, next), more);
}

void fleet_verdict(const struct fleet_report *fleet, char text[VERDICT_TEXT])
{
	const struct fleet_channel *channel = find_unwell_channel(fleet);
	enum impact worst = fleet->unwell > 0 ? watch_state_row(fleet->state[fleet->order[0]])->impact : IMPACT_NONE;
	char when[UNITS_TEXT];
	if (fleet->watch.probed_at == 0)
		snprintf(text, VERDICT_TEXT,
			"NOT WELL: fleet: NOT PROBED: its resolvers have never been asked; next: `feedsync fleet`");
	else if (fleet->stale)
		snprintf(text, VERDICT_TEXT,
			"NOT WELL: fleet: NOT PROBED: its resolvers were asked %s; next: `systemctl status feedsync`",
			ago_text(fleet->report->now, fleet->watch.probed_at, when));
	else if (fleet->states[WATCH_SILENT] == fleet->watch.count && fleet->watch.count > 1)
		snprintf(text, VERDICT_TEXT,
			"NOT WELL: fleet: SILENT: none of %zu resolvers answers this host, which may be cut off "
			"itself; "
			"next: `ping %s`",
			fleet->watch.count, fleet->report->config->fleet.resolvers[0].address);
	else if (channel && worst != IMPACT_UNPROTECTED)
		say_channel(channel, text);
	else if (fleet->unwell > 0)
		say_resolver(fleet, text);
	else if (lacks_prometheus(fleet))
		snprintf(text, VERDICT_TEXT,
			"NOT WELL: prometheus: NOT ASKED: %s; what the resolvers themselves answer is shown",
			fleet->watch.prometheus_error);
	else
		say_well(fleet, text);
}
