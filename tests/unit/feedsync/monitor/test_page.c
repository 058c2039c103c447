/* SPDX-License-Identifier: BSD-3-Clause */
/* Pages of machines in many states. With WEIR_PAGES in the environment, a directory, they are left there for a browser
 * (tests/system/test_browser.py). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/monitor/page.h"
#include "tests/unit/unit.h"

enum { NOW = 1796021364, MANY = 40 };

static const char hostile[] = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\x1b[31m\xe2\x80\xae";

struct machine {
	struct config config;
	struct feed_config feed_config[MANY];
	struct feed_policy policies[MANY + 1];
	struct feed feeds[MANY];
	enum condition feed_state[MANY], resolver_state[2];
	struct counters_snapshot resolvers[2];
	struct finding findings[MANY];
	struct view view;
	char names[MANY][64];
};

static struct machine *machine_new(size_t feeds, size_t resolvers)
{
	struct machine *m = calloc(1, sizeof *m);
	assert_non_null(m);
	m->config = (struct config){
		.feeds = m->feed_config, .feed_policies = m->policies, .feed_count = feeds, .run = "/run/weir"};
	m->view.report = (struct report){.config = &m->config,
		.now = NOW,
		.feeds = m->feeds,
		.feed_state = m->feed_state,
		.resolvers = m->resolvers,
		.resolver_state = m->resolver_state,
		.resolver_count = resolvers,
		.findings = m->findings,
		.record = {.at = NOW - 400, .ended = true}};
	for (size_t i = 0; i < feeds; i++) {
		snprintf(m->names[i], sizeof m->names[i], "feed-with-a-name-%zu", i);
		m->feed_config[i].name = m->names[i];
		m->feeds[i].config = &m->feed_config[i];
		m->feeds[i].record.current_at = NOW - 60 * i;
		m->feeds[i].record.changed_at = NOW - 7200 * i;
		m->feeds[i].record.parsed.counts.entries = 12345 * i;
	}
	for (size_t i = 0; i < resolvers; i++) {
		struct counters_snapshot *resolver = &m->resolvers[i];
		resolver->alive = resolver->state.active = true;
		resolver->state.generation = 42;
		resolver->state.loaded_at = NOW - 90;
		resolver->count[COUNT_BLOCKED_NAME] = 123456;
		snprintf(resolver->name, sizeof resolver->name, "%zu", 100 + i);
	}
	for (uint64_t hour = TALLY_HOURS; hour > 0; hour--) {
		for (size_t i = 0; i < resolvers; i++)
			m->resolvers[i].count[COUNT_BLOCKED_NAME] += hour * hour;
		tally_look(&m->view.tally, m->resolvers, resolvers, NOW - hour * 3600);
		m->view.tally.at += 3000; /* each hour follows the one before */
	}
	for (unsigned i = 0; i < VIEW_PUBLISHES; i++)
		m->view.publish[i] = (struct view_publish){.generation = 42 - i,
			.time = NOW - 900 * i,
			.rules = 1000000 + i,
			.added = 10 * i,
			.removed = i,
			.counted = i > 0,
			.cause = "schedule"};
	m->view.publish_count = VIEW_PUBLISHES;
	return m;
}

static void add_machine_finding(
	struct machine *m, enum condition condition, const char *subject, const char *feed, const char *detail)
{
	struct finding *finding = &m->findings[m->view.report.finding_count++];
	*finding = (struct finding){.condition = condition, .feed = feed, .detail = detail};
	snprintf(finding->subject, sizeof finding->subject, "%s", subject);
}

/* The page, to be freed. */
static char *page_of(const struct machine *m, const char *name)
{
	char *text = NULL, path[4096];
	size_t length;
	const char *directory = getenv("WEIR_PAGES");
	FILE *out = open_memstream(&text, &length);
	assert_non_null(out);
	page_print(&m->view, out);
	assert_int_equal(fclose(out), 0);
	snprintf(path, sizeof path, "%s/%s.html", directory ? directory : "", name);
	FILE *left = directory ? fopen(path, "w") : NULL;
	assert_true(!directory || left);
	if (left) {
		fputs(text, left);
		fclose(left);
	}
	return text;
}

static void assert_has(const char *page, const char *words)
{
	if (!strstr(page, words))
		fail_msg("\"%s\" is not in: %s", words, page);
}

static void test_many_feeds(void **state)
{
	struct machine *m = machine_new(MANY, 2);
	(void)state;
	for (size_t i = 0; i < MANY; i += 7)
		m->feed_state[i] = FEED_FAILING;
	add_machine_finding(m, FEED_FAILING, "feed feed-with-a-name-7", m->names[7],
		"cannot connect to lists.example: Connection refused");
	char *page = page_of(m, "many");
	assert_has(page, "<h1 class=\"bad\">NOT WELL: feed feed-with-a-name-7: FAILING</h1>");
	assert_has(page, "href=\"/runbook#feed_failing\"");
	assert_has(page, "feed-with-a-name-39");
	assert_has(page, "<th scope=\"row\">2</th>");
	free(page);
	free(m);
}

static void test_no_feeds(void **state)
{
	struct machine *m = machine_new(0, 1);
	(void)state;
	add_machine_finding(m, TABLE_NONE, "table", NULL, "No such file or directory");
	m->view.publish_count = 0;
	m->view.tally = (struct tally){0};
	m->view.report.record.at = 0;
	char *page = page_of(m, "none");
	assert_has(page, "Last run never.");
	assert_has(page, "No feed is configured.");
	assert_has(page, "None is in the history.");
	assert_has(page, "NONE</a>");
	free(page);
	free(m);
}

static void test_alarm(void **state)
{
	struct machine *m = machine_new(3, 1);
	(void)state;
	m->feed_state[1] = FEED_ALARM;
	m->feed_config[2].options.lenient_tlp = true;
	m->feed_state[2] = FEED_ALARM;
	add_machine_finding(
		m, FEED_ALARM, "feed feed-with-a-name-1", m->names[1], "3 entries, 99 % fewer than the 4000 before");
	add_machine_finding(m, FEED_ALARM, "feed feed-with-a-name-2", m->names[2], "https://club.example/ says: no");
	/* A partner who is told of such a feed is its source. */
	struct partner partners[] = {{.name = "club-misp", .of = (const bool[]){false, false, true}}};
	m->config.partners = partners;
	m->config.partner_count = 1;
	add_machine_finding(m, SIGHTINGS_FAILING, "sightings club-misp", NULL, "https://club.example/ says: no");
	m->findings[2].partner = "club-misp";
	char *page = page_of(m, "alarm");
	assert_has(page, "sightings restricted 1: <a");
	assert_null(strstr(page, "club-misp"));
	assert_has(page, "99 % fewer");
	assert_has(page, "feedsync sync --accept feed-with-a-name-1");
	assert_has(page, "feed restricted 1: <a");
	assert_null(strstr(page, "feed-with-a-name-2"));
	assert_null(strstr(page, "club.example"));
	free(page);
	free(m);
}

static void test_no_resolver(void **state)
{
	struct machine *m = machine_new(2, 0);
	(void)state;
	add_machine_finding(m, RESOLVER_NONE, "resolvers", NULL, "/run/weir");
	char *page = page_of(m, "no-resolver");
	assert_has(page, "No Unbound on this machine has the module.");
	free(page);
	m->config.run = NULL;
	m->view.report.finding_count = 0;
	add_machine_finding(m, HOLD_HELD, "publishing", NULL, "");
	page = page_of(m, "elsewhere");
	assert_has(page, "No resolver runs on this machine.");
	free(page);
	free(m);
}

/* Whatever feeds, servers and people wrote is text. */
static void test_hostile_texts(void **state)
{
	struct machine *m = machine_new(2, 1);
	(void)state;
	m->feed_config[0].name = "<script>alert(3)</script>\"onload=alert(4)";
	m->feed_config[1].name = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	m->feed_state[0] = FEED_FAILING;
	add_machine_finding(m, FEED_FAILING, "feed <b>", m->feed_config[0].name, hostile);
	add_machine_finding(m, GUARD_LIST, "guard", NULL, hostile);
	snprintf(m->view.publish[0].cause, sizeof m->view.publish[0].cause, "</li><script>");
	char *page = page_of(m, "hostile");
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "<img"));
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "\"onload"));
	assert_null(strchr(page, '\x1b'));
	assert_null(strstr(page, "\xe2\x80\xae"));
	assert_has(page, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;");
	assert_has(page, "&amp;amp;\\x1b");
	free(page);
	free(m);
}

static void test_runbook(void **state)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	(void)state;
	assert_non_null(out);
	page_print_runbook(out);
	assert_int_equal(fclose(out), 0);
	for (enum condition c = CONDITION_WELL + 1; c < CONDITION_COUNT; c++) {
		char anchor[128];
		snprintf(anchor, sizeof anchor, "id=\"%s\"", condition_row(c)->key);
		assert_has(text, anchor);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_feeds), cmocka_unit_test(test_no_feeds),
		cmocka_unit_test(test_alarm), cmocka_unit_test(test_no_resolver), cmocka_unit_test(test_hostile_texts),
		cmocka_unit_test(test_runbook)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
