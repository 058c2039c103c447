/* SPDX-License-Identifier: BSD-3-Clause */
/* What is counted of a ruling, and what the event tells of it. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "libweir/groups.h"
#include "plugin/core/count.h"

enum { GUESTS = 1, QTYPE = 28 };

static struct current current;
static struct current_slot *slot;
static struct counters *counters;
static struct hits *hits;
static struct hits_reader *reader;
static char owner;

static const struct rule_spec rules[] = {
	{"evil.example", SCOPE_SUBTREE, RULE_BLOCK, {0, 0}}, /* alpha: nxdomain */
	{"both.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
	{"both.example", SCOPE_EXACT, RULE_BLOCK, {1, 1}},  /* beta: refused, which is stronger */
	{"twins.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}}, /* two feeds say the same */
	{"twins.example", SCOPE_EXACT, RULE_BLOCK, {1, 0}},
	{"mixed.example", SCOPE_EXACT, RULE_BLOCK, {0, 0}},
	{"mixed.example", SCOPE_EXACT, RULE_BLOCK, {2, 1}}, /* gamma: refused, but not for targets */
	{"trial.example", SCOPE_EXACT, RULE_BLOCK, {0, 2}}, /* log */
	{"good.evil.example", SCOPE_EXACT, RULE_ALLOW, {0, 0}},
};

/* A table of these rules in force that tells so much of each hit. Malware does not concern guests. */
static void load(struct hits_policy told)
{
	static const struct group_policy guests = {
		.name = "guests", .action = {ACTION_ALLOW, ACTION_REFUSED, ACTION_LOG}};
	static const struct client_range everybody = {{0}, GROUP_DEFAULT};
	struct policy policy = test_policy;
	policy.groups = &guests;
	policy.group_count = 1;
	policy.ranges = &everybody;
	policy.range_count = 1;
	policy.hits = told;
	struct table *table = table_of_policy(&policy, rules, sizeof rules / sizeof *rules);
	assert_int_equal(current_replace(&current, table), 0);
}

static int begin(void **state)
{
	char name[32];
	if (with_directory(state) != 0 || counters_create(&counters, test_directory) != 0 ||
		hits_create(&hits, test_directory) != 0 ||
		current_init(&current, 1, counters, hits, test_directory) != 0)
		return -1;
	slot = current_worker(&current, &owner);
	snprintf(name, sizeof name, "%ld.hits", (long)getpid());
	return hits_open(&reader, in_directory(name));
}

static int end(void **state)
{
	hits_close(&reader);
	current_end(&current);
	counters_remove(&counters);
	hits_remove(&hits);
	return all_closed(state);
}

static struct sockaddr_storage socket_of(const char *text)
{
	struct sockaddr_storage client = {.ss_family = AF_UNIX};
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&client;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&client;
	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1)
		client.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1)
		client.ss_family = AF_INET6;
	return client;
}

/* Decides for a client, and counts that. */
static void count(const char *name, bool target, uint16_t group, const char *client)
{
	const struct current_table *table = current_get(&current);
	struct sockaddr_storage address = socket_of(client ? client : "");
	name_storage wire;
	size_t length = wire_of(name, wire);
	struct ruling ruling = target ? decide_target(table->table, wire, length, group)
				      : decide_name(table->table, wire, length, group);
	count_ruling(table, slot, &ruling, &(struct counted_query){QTYPE, group, client ? &address : NULL, 1700000000});
}

static struct counters_snapshot read_counters(void)
{
	struct counters_snapshot snapshot;
	char name[32];
	snprintf(name, sizeof name, "%ld.live", (long)getpid());
	assert_int_equal(counters_read(in_directory(name), &snapshot), 0);
	return snapshot;
}

static char seen[1024];

static void see_source(void *context, const char *feed, const char *category, const uint64_t number[ACTION_COUNT])
{
	(void)context;
	for (enum action a = 0; a < ACTION_COUNT; a++)
		if (number[a] > 0)
			snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s/%s %s %llu;", feed, category,
				action_text(a), (unsigned long long)number[a]);
}

static void see_group(void *context, const char *group, uint64_t passed)
{
	(void)context;
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s %llu;", group, (unsigned long long)passed);
}

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* A hit counts for each feed and category that speaks against the name; the event tells the one whose action it was. */
static void counted_and_told(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool target;
		uint16_t group;
		enum counter counter; /* COUNTER_COUNT: none */
		const char *told;     /* feed, category and action of the event; NULL: there is none */
		const char *rule;
	} cases[] = {
		{"x.evil.example", false, GROUP_DEFAULT, COUNT_BLOCKED_NAME, "alpha/malware nxdomain", "evil.example"},
		{"evil.example", true, GROUP_DEFAULT, COUNT_BLOCKED_TARGET, "alpha/malware nxdomain", "evil.example"},
		{"x.evil.example", false, GUESTS, COUNT_OPTED_OUT, NULL, NULL},
		{"good.evil.example", false, GROUP_DEFAULT, COUNT_ALLOWED, NULL, NULL},
		{"other.example", false, GROUP_DEFAULT, COUNTER_COUNT, NULL, NULL},
		{"both.example", false, GROUP_DEFAULT, COUNT_BLOCKED_NAME, "beta/phishing refused", "both.example"},
		{"both.example", false, GUESTS, COUNT_BLOCKED_NAME, "beta/phishing refused", "both.example"},
		{"twins.example", false, GROUP_DEFAULT, COUNT_BLOCKED_NAME, "alpha/malware nxdomain", "twins.example"},
		{"mixed.example", false, GROUP_DEFAULT, COUNT_BLOCKED_NAME, "gamma/phishing refused", "mixed.example"},
		{"mixed.example", true, GROUP_DEFAULT, COUNT_BLOCKED_TARGET, "alpha/malware nxdomain", "mixed.example"},
		{"trial.example", false, GROUP_DEFAULT, COUNT_LOGGED, "alpha/trial log", "trial.example"},
		{"trial.example", true, GUESTS, COUNT_LOGGED, "alpha/trial log", "trial.example"},
	};
	load((struct hits_policy){.events = true});
	uint64_t counted[COUNTER_COUNT + 1] = {0};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t before = now_us();
		count(cases[i].name, cases[i].target, cases[i].group, "192.0.2.1");
		uint64_t after = now_us();
		counted[cases[i].counter]++;
		struct counters_snapshot snapshot = read_counters();
		assert_memory_equal(snapshot.count, counted, sizeof snapshot.count);
		struct hit hit;
		assert_int_equal(hits_read(reader, &hit, 1), cases[i].told ? 1 : 0);
		if (!cases[i].told)
			continue;
		char told[128];
		snprintf(told, sizeof told, "%s/%s %s", hits_feed_name(reader, hit.source),
			hits_category_name(reader, hit.source), action_text(hit.action));
		assert_string_equal(told, cases[i].told);
		assert_string_equal(
			hits_group_name(reader, hit.group), cases[i].group == GUESTS ? "guests" : "default");
		assert_int_equal(hit.target, cases[i].target);
		assert_int_equal(hit.qtype, QTYPE);
		assert_in_range(hit.at_us, before, after);
		name_storage rule;
		assert_int_equal(hit.rule_length, wire_of(cases[i].rule, rule));
		assert_memory_equal(hit.rule, rule, hit.rule_length);
		assert_int_equal(hit.client_bits, 0);
	}
	seen[0] = '\0';
	assert_int_equal(hits_each_source(reader, see_source, NULL), 0);
	assert_string_equal(seen,
		"alpha/malware nxdomain 4;alpha/malware refused 3;beta/malware nxdomain 1;beta/phishing refused 2;"
		"gamma/phishing refused 1;alpha/trial log 2;");
	seen[0] = '\0';
	assert_int_equal(hits_each_group(reader, see_group, NULL), 0);
	assert_string_equal(seen, "default 0;guests 1;");
}

/* The first bits of a client's address, as many as the operator wants to be told. */
static void clients(void **state)
{
	(void)state;
	static const struct {
		uint8_t ipv4_bits, ipv6_bits;
		const char *client; /* NULL: nobody */
		const char *told;
		uint8_t told_bits;
	} cases[] = {
		{24, 56, "192.0.2.77", "::ffff:192.0.2.0", 120},
		{20, 56, "192.0.31.77", "::ffff:192.0.16.0", 116},
		{1, 56, "192.0.31.77", "::ffff:128.0.0.0", 97},
		{32, 56, "255.255.255.255", "::ffff:255.255.255.255", 128},
		{32, 56, "2001:db8:ff:ffff::1", "2001:db8:ff:ff00::", 56},
		{32, 45, "2001:db8:ff:ffff::1", "2001:db8:f8::", 45},
		{32, 128, "2001:db8::1", "2001:db8::1", 128},
		{32, 1, "ffff::1", "8000::", 1},
		{0, 56, "192.0.2.77", "::", 0},
		{32, 0, "2001:db8::1", "::", 0},
		{32, 56, "a socket of another kind", "::", 0},
		{32, 56, NULL, "::", 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		load((struct hits_policy){
			.events = true, .ipv4_bits = cases[i].ipv4_bits, .ipv6_bits = cases[i].ipv6_bits});
		count("evil.example", false, GROUP_DEFAULT, cases[i].client);
		struct hit hit;
		assert_int_equal(hits_read(reader, &hit, 1), 1);
		char told[INET6_ADDRSTRLEN];
		inet_ntop(AF_INET6, hit.client, told, sizeof told);
		assert_string_equal(told, cases[i].told);
		assert_int_equal(hit.client_bits, cases[i].told_bits);
	}
}

/* Who wants no events told gets none, and a worker without a part of the hits counts all the same. */
static void less_is_told(void **state)
{
	(void)state;
	struct hit hit;
	load((struct hits_policy){.events = false, .ipv4_bits = 32, .ipv6_bits = 128});
	count("evil.example", false, GROUP_DEFAULT, "192.0.2.1");
	assert_int_equal(hits_read(reader, &hit, 1), 0);
	load((struct hits_policy){.events = true});
	atomic_store(&slot->hits, NULL);
	count("evil.example", false, GROUP_DEFAULT, "192.0.2.1");
	count("evil.example", false, GUESTS, "192.0.2.1");
	assert_int_equal(hits_read(reader, &hit, 1), 0);
	struct counters_snapshot snapshot = read_counters();
	assert_int_equal(snapshot.count[COUNT_BLOCKED_NAME], 2);
	assert_int_equal(snapshot.count[COUNT_OPTED_OUT], 1);
	seen[0] = '\0';
	assert_int_equal(hits_each_source(reader, see_source, NULL), 0);
	assert_string_equal(seen, "alpha/malware nxdomain 1;");
}

/* ---- rules ---- */

static void see_cell(void *context, const struct cell_news *n)
{
	unsigned *registers = context;
	char name[NAME_MAX_TEXT];
	name_to_text(n->rule, n->rule_length, name);
	snprintf(seen + strlen(seen), sizeof seen - strlen(seen), "%s %s %s %s %s %llu;", name, scope_text(n->scope),
		n->category, action_text(n->action), n->group, (unsigned long long)n->hits);
	for (unsigned i = 0; i < CLIENT_SET_REGISTERS; i++)
		*registers += client_set_rank(&n->clients, i) > 0;
}

static struct cells_reader *open_cells(void)
{
	struct cells_reader *cells;
	char name[32];
	snprintf(name, sizeof name, "%ld.cells", (long)getpid());
	assert_int_equal(cells_open(&cells, in_directory(name)), 0);
	return cells;
}

/* Where the table asks for it each rule is counted: the rule, not the name; in the category whose action is taken. */
static void rules_counted(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool target;
		uint16_t group;
		const char *seen;
	} cases[] = {
		{"Private.EVIL.example", false, GROUP_DEFAULT, "evil.example subtree malware nxdomain default 1;"},
		{"evil.example", true, GROUP_DEFAULT, "evil.example subtree malware nxdomain default 1;"},
		{"x.evil.example", false, GUESTS, ""},
		{"good.evil.example", false, GROUP_DEFAULT, ""},
		{"other.example", false, GROUP_DEFAULT, ""},
		{"both.example", false, GUESTS, "both.example exact phishing refused guests 1;"},
		{"mixed.example", true, GROUP_DEFAULT, "mixed.example exact malware nxdomain default 1;"},
		{"trial.example", false, GROUP_DEFAULT, "trial.example exact trial log default 1;"},
	};
	unsigned registers = 0;
	load((struct hits_policy){.rules = true, .client_ipv4_bits = 32, .client_ipv6_bits = 56});
	struct cells_reader *cells = open_cells();
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		count(cases[i].name, cases[i].target, cases[i].group, "192.0.2.1");
		seen[0] = '\0';
		assert_int_equal(cells_read(cells, see_cell, &registers), 0);
		assert_string_equal(seen, cases[i].seen);
	}
	/* A table that does not ask for it ends it, the next one goes on. */
	load((struct hits_policy){.events = false});
	count("evil.example", false, GROUP_DEFAULT, NULL);
	seen[0] = '\0';
	assert_int_equal(cells_read(cells, see_cell, &registers), 0);
	assert_string_equal(seen, "");
	load((struct hits_policy){.rules = true});
	count("evil.example", false, GROUP_DEFAULT, "192.0.2.1");
	assert_int_equal(cells_read(cells, see_cell, &registers), 0);
	assert_string_equal(seen, "evil.example subtree malware nxdomain default 1;");
	cells_close(&cells);
}

/* What counts as one client. */
static void clients_apart(void **state)
{
	(void)state;
	static const struct {
		uint8_t ipv4_bits, ipv6_bits;
		const char *client[3];
		unsigned apart; /* how many clients these are */
	} cases[] = {
		{32, 56, {"192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1"}, 1},
		{32, 56, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, 3},
		{24, 56, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, 1},
		{32, 56, {"::ffff:192.0.2.1", "::ffff:192.0.2.2", NULL}, 2},
		{32, 56, {"0.0.0.0", "0.0.0.0", "::ffff:0.0.0.0"}, 1},
		{32, 56, {"2001:db8:0:ff::1", "2001:db8::2", "2001:db8:0:fe::"}, 1},
		{32, 56, {"2001:db8:1::1", "2001:db8:2::1", "2001:db8:3::1"}, 3},
		{32, 64, {"2001:db8:0:1::1", "2001:db8:0:2::1", "2001:db8:0:3::1"}, 3},
		{0, 0, {"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"}, 0},
		{32, 56, {NULL, "a socket of another kind", NULL}, 0},
	};
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		/* Each time under another key: clients that meet in a register do so once in twenty rounds. */
		unsigned most = 0, registers;
		for (unsigned round = 0; round < 20; round++) {
			current_end(&current);
			assert_int_equal(current_init(&current, 1, counters, hits, test_directory), 0);
			slot = current_worker(&current, &owner);
			load((struct hits_policy){.rules = true,
				.client_ipv4_bits = cases[i].ipv4_bits,
				.client_ipv6_bits = cases[i].ipv6_bits});
			for (unsigned c = 0; c < 3; c++)
				count("evil.example", false, GROUP_DEFAULT, cases[i].client[c]);
			struct cells_reader *cells = open_cells();
			registers = 0;
			seen[0] = '\0';
			assert_int_equal(cells_read(cells, see_cell, &registers), 0);
			cells_close(&cells);
			most = registers > most ? registers : most;
		}
		assert_int_equal(most, cases[i].apart);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counted_and_told, begin, end),
		cmocka_unit_test_setup_teardown(rules_counted, begin, end),
		cmocka_unit_test_setup_teardown(clients_apart, begin, end),
		cmocka_unit_test_setup_teardown(clients, begin, end),
		cmocka_unit_test_setup_teardown(less_is_told, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
