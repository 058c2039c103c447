/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics of what partners are told. */
#include "feedsync/config/shown_names.h"
#include "feedsync/monitor/metrics.h"

static void gather_sightings_well(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->partner_count; i++)
		series_add(series, view->report.sighting_state[i] == CONDITION_WELL,
			(const char *[]){shown_partner(view->report.config, i, name)});
}

static void gather_sightings_pending(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->partner_count; i++)
		series_add(series, (double)view->report.sightings[i].counts.pending,
			(const char *[]){shown_partner(view->report.config, i, name)});
}

static void gather_sightings_ended(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->partner_count; i++)
		for (enum sighting_state s = SIGHTING_PENDING + 1; s < SIGHTING_STATES; s++)
			series_add(series, (double)view->report.sightings[i].counts.ended[s],
				(const char *[]){shown_partner(view->report.config, i, name), sighting_state_text(s)});
}

static void gather_sightings_sent_time(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->partner_count; i++)
		if (view->report.sightings[i].sent_at > 0)
			series_add(series, (double)view->report.sightings[i].sent_at,
				(const char *[]){shown_partner(view->report.config, i, name)});
}

static void gather_sightings_withheld(const struct view *view, struct series_list *series)
{
	char name[SHOWN_NAME];
	for (size_t i = 0; i < view->report.config->partner_count; i++)
		for (enum withheld w = WITHHELD_NOT + 1; w < WITHHELD_COUNT; w++)
			if (view->report.sightings[i].counts.withheld[w] > 0)
				series_add(series, (double)view->report.sightings[i].counts.withheld[w],
					(const char *[]){
						shown_partner(view->report.config, i, name), withheld_word(w)});
}

static const struct metric sighting_rows[] = {
	{"weir_sightings_well", METRIC_GAUGE, "1 if this partner could be told what was hit, or need not be; else 0.",
		{"partner"}, .each = gather_sightings_well},
	{"weir_sightings_pending", METRIC_GAUGE, "Sightings that are to be sent to this partner.", {"partner"},
		.each = gather_sightings_pending},
	{"weir_sightings_total", METRIC_COUNTER, "Sightings that are done with, by what became of them.",
		{"partner", "state"}, .each = gather_sightings_ended},
	{"weir_sightings_sent_timestamp_seconds", METRIC_GAUGE, "When this partner took a sighting last.", {"partner"},
		.each = gather_sightings_sent_time},
	{"weir_sightings_withheld", METRIC_GAUGE,
		"Names hit on the last day that this partner is not told of, by reason.", {"partner", "reason"},
		.each = gather_sightings_withheld},
};
const struct metric_rows sighting_metrics = {sighting_rows, sizeof sighting_rows / sizeof *sighting_rows};
