/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/loader_state.h"

#include <stdio.h>
#include <time.h>

uint64_t loader_now_us(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t loader_now_s(void)
{
	return loader_now_us(CLOCK_REALTIME) / 1000000;
}

void loader_set_trouble(struct loader *l, const char *reason, const char *stays)
{
	snprintf(l->state.trouble, sizeof l->state.trouble, "%s", reason);
	l->state.trouble_at = loader_now_s();
	snprintf(l->said, sizeof l->said, "weir: table %s: %s; %s", l->path, reason,
		l->state.active ? stays : "nothing is blocked");
	l->said_error = true;
	counters_publish(l->counters, &l->state);
}

void loader_refuse(struct loader *l, const char *reason)
{
	char text[sizeof l->state.trouble + 16];
	snprintf(text, sizeof text, "refused: %s", reason);
	l->state.refused++;
	l->state.refused_at = loader_now_s();
	snprintf(l->state.refused_reason, sizeof l->state.refused_reason, "%s", reason);
	loader_set_trouble(l, text, "the old table stays in force");
}

bool loader_accept(struct loader *l, struct table *table, const char *file, uint64_t since, uint64_t load_us)
{
	const struct weir_header header = *table_header(table);
	uint64_t octets = table_octets(table);
	if (current_replace(l->current, table) != 0) {
		table_close(&table);
		loader_refuse(l, "out of memory");
		return false;
	}
	l->state.active = true;
	l->state.generation = header.generation;
	l->state.created = header.created;
	l->state.rules = header.rules;
	l->state.table_octets = octets;
	l->state.loaded_at = since;
	l->state.load_us = load_us;
	l->state.loads++;
	snprintf(l->state.file, sizeof l->state.file, "%s", file);
	l->spare_due = true;
	return true;
}

void loader_describe(const struct loader *l, char *text, size_t size)
{
	snprintf(text, size, "%s: generation %llu, %llu rules, %llu octets, loaded in %llu ms",
		l->state.bypass_until ? "loaded, in force after the bypass" : "in force",
		(unsigned long long)l->state.generation, (unsigned long long)l->state.rules,
		(unsigned long long)l->state.table_octets, (unsigned long long)(l->state.load_us / 1000));
}

const char *loader_time_text(uint64_t time, char text[LOADER_TIME])
{
	struct tm utc;
	time_t seconds = (time_t)time;
	if (!gmtime_r(&seconds, &utc) || strftime(text, LOADER_TIME, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
		snprintf(text, LOADER_TIME, "an unknown time");
	return text;
}

void loader_report(struct loader *loader)
{
	if (loader->bypass_said[0])
		loader->say(true, loader->bypass_said);
	if (loader->said[0])
		loader->say(loader->said_error, loader->said);
	loader->bypass_said[0] = loader->said[0] = '\0';
}
