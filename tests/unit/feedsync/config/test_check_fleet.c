/* SPDX-License-Identifier: BSD-3-Clause */
/* `fleet` of the configuration; what is wrong with one stands in test_load.c. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "feedsync/base/maxima.h"
#include "feedsync/config/complaints.h"
#include "feedsync/config/configuration.h"

#define CHANNEL(name) "{name: " name ", to: /srv/" name ", sign-key-file: /k}"
#define FEED "feeds:\n  - name: a\n    url: https://a.example/l\n    format: domains\n"

static int read_fleet(struct config **config, const char *text, struct complaints *complaints)
{
	complaints_begin(complaints);
	return config_read_text(config, text, strlen(text), complaints);
}

/* Which resolvers elsewhere are watched, as it is read. */
static void fleet(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	int status = read_fleet(&config,
		"distribute: [" CHANNEL("canary") ", " CHANNEL(
			"stable") "]\n"
				  "fleet:\n  interval: 30s\n  resolvers:\n"
				  "    - {name: r1, address: 192.0.2.1, channel: canary}\n"
				  "    - {name: r2, address: '2001:db8::1', port: 5353, site: cologne, channel: "
				  "stable}\n"
				  "  prometheus:\n    url: https://p.example/x//\n    label: host\n    token-file: "
				  "/t\n" FEED,
		&complaints);
	complaints_log(&complaints, "");
	assert_int_equal(status, 0);
	const struct fleet_config *fleet = &config->fleet;
	assert_int_equal(fleet->resolver_count, 2);
	assert_int_equal(fleet->interval_s, 30);
	assert_string_equal(fleet->resolvers[0].server, "192.0.2.1@53");
	assert_string_equal(fleet->resolvers[0].channel, "canary");
	assert_null(fleet->resolvers[0].site);
	assert_string_equal(fleet->resolvers[1].server, "2001:db8::1@5353");
	assert_string_equal(fleet->resolvers[1].address, "2001:db8::1");
	assert_string_equal(fleet->resolvers[1].site, "cologne");
	assert_string_equal(fleet->prometheus, "https://p.example/x");
	assert_string_equal(fleet->label, "host");
	assert_int_equal(fleet->access.kind, ACCESS_TOKEN);
	complaints_end(&complaints);
	config_free(&config);
}

/* The only channel is that of a resolver that names none; there is none where nothing is distributed. The list has an end. */
static void fleet_sizes(void **state)
{
	(void)state;
	static const struct {
		const char *before;
		unsigned count;
		int status;
		const char *channel;
	} cases[] = {{"distribute: [" CHANNEL("stable") "]\n", 1, 0, "stable"}, {"", MAX_FLEET, 0, NULL},
		{"", MAX_FLEET + 1, -EBADMSG, NULL}};
	const size_t room = (size_t)MAX_FLEET * 64;
	char *text = malloc(room);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config *config;
		struct complaints complaints;
		size_t length = (size_t)snprintf(text, room, "%sfleet:\n  resolvers:\n", cases[i].before);
		for (unsigned r = 0; r < cases[i].count; r++)
			length += (size_t)snprintf(text + length, room - length,
				"    - {name: r%u, address: 10.0.%u.%u}\n", r, r / 256, r % 256);
		snprintf(text + length, room - length, FEED);
		assert_int_equal(read_fleet(&config, text, &complaints), cases[i].status);
		if (config) {
			assert_int_equal(config->fleet.resolver_count, cases[i].count);
			assert_int_equal(config->fleet.interval_s, 60);
			const char *channel = config->fleet.resolvers[0].channel;
			assert_true(cases[i].channel ? channel && strcmp(channel, cases[i].channel) == 0 : !channel);
			config_free(&config);
		} else {
			assert_non_null(strstr(complaints.list[0].text, "fleet: resolvers: 10001 items"));
		}
		complaints_end(&complaints);
	}
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(fleet), cmocka_unit_test(fleet_sizes)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
