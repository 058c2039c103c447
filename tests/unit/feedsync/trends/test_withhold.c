/* SPDX-License-Identifier: BSD-3-Clause */
/* What an attacker can compute from all that trends tell, day after day. He knows each name that is listed with its
 * category, and the exact sums of each category, action and group; he has every report in every form.
 *
 * Two worlds are simulated. They differ only in which of the rules with fewer than K clients, or with none, had which hits and
 * clients. If he could compute anything of a single one of them, even that it was hit at all, some report would differ: each
 * is the same, octet for octet.
 *
 * 40 days, or as many as WEIR_DAYS says (1000, by hand: a minute). */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include "feedsync/base/json.h"
#include "feedsync/base/xalloc.h"
#include "feedsync/trends/shown_day.h"
#include "feedsync/trends/trends_html.h"
#include "feedsync/trends/trends_print.h"
#include "feedsync/trends/trends_store.h"
#include "libweir/hash.h"

enum { FIRST_DAY = 20000, K = 10, NAMES = 400, WORLDS = 2 };

struct listed {
	char name[32], category[16], group[16];
	enum action action;
	/* Today: */
	uint64_t hits[WORLDS];
	unsigned clients[WORLDS];
	unsigned source[WORLDS]; /* whose clients they are */
};

static struct listed listed[NAMES];
static uint64_t seed = 88172645463325252ULL;
static char worlds[WORLDS][64];

static unsigned days_to_simulate(void)
{
	const char *days = getenv("WEIR_DAYS");
	return days ? (unsigned)strtoul(days, NULL, 10) : 40;
}

/* Categories from one that nearly all is in to one of two names, which are hit by few. */
static void list_names(void)
{
	static const char *const categories[] = {"phishing", "malware", "c2", "dga", "trial", "rare"};
	static const unsigned ends[] = {250, 330, 360, 380, 398, NAMES};
	for (unsigned i = 0, c = 0; i < NAMES; i++) {
		c += i == ends[c];
		snprintf(listed[i].name, sizeof listed[i].name, "n%03u.example", i);
		snprintf(listed[i].category, sizeof listed[i].category, "%s", categories[c]);
		snprintf(listed[i].group, sizeof listed[i].group, "%s", i % 7 == 0 ? "school" : "default");
		listed[i].action = c == 4 ? ACTION_LOG : i % 7 == 0 ? ACTION_NODATA : ACTION_NXDOMAIN;
	}
}

static bool same_kind(const struct listed *a, const struct listed *b)
{
	return strcmp(a->category, b->category) == 0 && strcmp(a->group, b->group) == 0 && a->action == b->action;
}

static void swap_in_second_world(struct listed *a, struct listed *b)
{
	const struct listed former = *a;
	a->hits[1] = b->hits[1];
	a->clients[1] = b->clients[1];
	a->source[1] = b->source[1];
	b->hits[1] = former.hits[1];
	b->clients[1] = former.clients[1];
	b->source[1] = former.source[1];
}

/* Draws a day. In the second world what few asked for has changed places. */
static void draw_day(void)
{
	unsigned busy = random_below(&seed, 100);
	for (unsigned i = 0; i < NAMES; i++) {
		struct listed *l = &listed[i];
		bool hit = random_below(&seed, 100) < 40 + busy / 2;
		unsigned most = random_below(&seed, 6) == 0 ? 400 : random_below(&seed, 4) == 0 ? 30 : 14;
		l->clients[0] = l->clients[1] = hit ? 1 + random_below(&seed, most) : 0;
		l->hits[0] = l->clients[0] ? l->clients[0] + random_below(&seed, 1 + 4 * l->clients[0]) : 0;
		l->hits[1] = l->hits[0];
		l->source[0] = l->source[1] = i;
	}
	for (unsigned i = 0; i < NAMES; i++) {
		struct listed *a = &listed[i], *b = &listed[random_below(&seed, NAMES)];
		if (same_kind(a, b) && a->clients[1] < K && b->clients[1] < K)
			swap_in_second_world(a, b);
	}
}

static void store_day(unsigned world, uint64_t day)
{
	struct trends *store;
	struct why why;
	struct trends_traffic traffic = {.hour = day * 24 + 9, .queries_known = true, .queries = 1000000};
	if (trends_open(&store, worlds[world], true, &why) != 0)
		fail_msg("%s", why.text);
	trends_begin(store);
	for (unsigned i = 0; i < NAMES; i++) {
		const struct listed *l = &listed[i];
		struct trends_rule_hits rule = {.hour = day * 24 + 8 + l->source[world] % 5,
			.name = l->name,
			.scope = SCOPE_SUBTREE,
			.category = l->category,
			.action = l->action,
			.group = l->group,
			.hits = l->hits[world],
			.key = day + 1};
		for (unsigned c = 0; c < l->clients[world]; c++) {
			uint64_t client[] = {day, l->source[world], c};
			client_set_add(&rule.clients, checksum(client, sizeof client));
		}
		if (rule.hits > 0)
			trends_add_rule(store, &rule);
		*(l->action == ACTION_LOG ? &traffic.logged : &traffic.blocked) += rule.hits;
	}
	trends_add_traffic(store, &traffic);
	if (trends_commit(store, &why) != 0)
		fail_msg("%s", why.text);
	trends_close(&store);
}

/* ---- what he has of a day ---- */

static const struct listed *find_listed(const char *name)
{
	return &listed[strtoul(name + 1, NULL, 10)];
}

/* Of each kind whose sum he knows: what is left when the rules that are shown are subtracted is of nobody, of K names at
 * least, or nothing was subtracted. */
static void check_kinds(const struct shown_day *day)
{
	for (unsigned k = 0; k < NAMES; k++) {
		unsigned shown = 0, further = 0;
		for (size_t i = 0; i < day->rule_count; i++) {
			const struct shown_rule *rule = &day->rules[i];
			if (!same_kind(&listed[k], find_listed(rule->name)))
				continue;
			*(rule->further ? &further : &shown) += 1;
		}
		if (further > 0 && further < K && shown > 0)
			fail_msg("day %llu: %u further names beside %u of %s, %s", (unsigned long long)day->day,
				further, shown, listed[k].category, listed[k].group);
	}
}

static void check_day(uint64_t number)
{
	struct trends *store;
	struct shown_day day = {0};
	struct why why;
	if (trends_open(&store, worlds[0], false, &why) != 0 || shown_day_begin(&day, store, number, K, &why) != 0)
		fail_msg("%s", why.text);
	for (size_t i = 0; i < day.shown_count; i++)
		if (find_listed(day.rules[i].name)->clients[0] < K)
			fail_msg("day %llu: %s is shown, of %u clients", (unsigned long long)number, day.rules[i].name,
				find_listed(day.rules[i].name)->clients[0]);
	for (size_t i = 0; i < day.shown_cells; i++)
		if (day.cells[i].further > 0 && day.cells[i].further < K)
			fail_msg("day %llu: the sum of \"%s\" has %llu further names", (unsigned long long)number,
				day.cells[i].category, (unsigned long long)day.cells[i].further);
	check_kinds(&day);
	shown_day_end(&day);
	trends_close(&store);
}

/* ---- reports ---- */

static char *print_json(const struct trends_report *report)
{
	struct node *node = trends_json(report);
	char *text = json_print(node);
	node_free(node);
	return text;
}

static char *printed(void (*print)(const struct trends_report *report, FILE *out), const struct trends_report *report)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	assert_non_null(out);
	print(report, out);
	fclose(out);
	return text;
}

static char *print_words(const struct trends_report *report)
{
	return printed(trends_print_words, report);
}

static char *print_csv(const struct trends_report *report)
{
	return printed(trends_print_csv, report);
}

static void print_page(const struct trends_report *report, FILE *out)
{
	trends_print_html(report, NULL, out);
}

static char *print_html(const struct trends_report *report)
{
	return printed(print_page, report);
}

static char *(*const forms[])(const struct trends_report *report) = {print_json, print_words, print_csv, print_html};

static struct trends_report *report_of(unsigned world, struct period period)
{
	struct trends_report *report;
	struct why why;
	const struct trends_question question = {.state = worlds[world],
		.table = "/nonexistent",
		.period = period,
		.against = period_before(period),
		.min_clients = K};
	if (trends_report_new(&report, &question, &why) != 0)
		fail_msg("%s", why.text);
	return report;
}

/* Of a day, no form may name what fewer than K asked for. */
static void check_names(const char *text, uint64_t day)
{
	for (unsigned i = 0; i < NAMES; i++) {
		char label[8];
		memcpy(label, listed[i].name, 4);
		label[4] = '\0';
		if (listed[i].clients[0] < K && strstr(text, label))
			fail_msg("day %llu: %s is told, of %u clients:\n%s", (unsigned long long)day, label,
				listed[i].clients[0], text);
	}
}

static void check_reports(struct period period)
{
	struct trends_report *report[WORLDS];
	for (unsigned w = 0; w < WORLDS; w++)
		report[w] = report_of(w, period);
	for (size_t f = 0; f < sizeof forms / sizeof *forms; f++) {
		char *a = forms[f](report[0]), *b = forms[f](report[1]);
		if (strcmp(a, b) != 0)
			fail_msg("day %llu, form %zu: the two worlds can be told apart:\n%s\n%s",
				(unsigned long long)period.last, f, a, b);
		if (!period_is_week(period))
			check_names(a, period.last);
		free(a);
		free(b);
	}
	for (unsigned w = 0; w < WORLDS; w++)
		trends_report_free(&report[w]);
}

static void test_differencing(void **state)
{
	uint64_t moved = 0;
	(void)state;
	list_names();
	for (unsigned w = 0; w < WORLDS; w++) {
		snprintf(worlds[w], sizeof worlds[w], "%s", in_directory(w ? "world-b" : "world-a"));
		assert_int_equal(mkdir(worlds[w], 0700), 0);
	}
	for (uint64_t day = FIRST_DAY; day < FIRST_DAY + days_to_simulate(); day++) {
		draw_day();
		for (unsigned i = 0; i < NAMES; i++)
			moved += listed[i].hits[0] != listed[i].hits[1];
		for (unsigned w = 0; w < WORLDS; w++)
			store_day(w, day);
		check_day(day);
		check_reports((struct period){day, day});
		if (period_of_week(day).last == day && day >= FIRST_DAY + 6)
			check_reports(period_of_week(day));
	}
	assert_true(moved > days_to_simulate()); /* else this would show nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_differencing, with_directory, without_directory)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
