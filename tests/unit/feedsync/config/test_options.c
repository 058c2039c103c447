/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of options: what it tells people is true, and is told in the manual page and in the example. */
#include "tests/unit/unit.h"

#include "feedsync/config/complaints.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/options.h"
#include "feedsync/config/options_read.h"
#include "feedsync/config/written.h"
#include "feedsync/config/yaml.h"
#include "feedsync/formats/registry.h"

/* How an option of a section is written so that the file has all that it needs: before the option, and behind it. */
static const struct {
	const struct section *section;
	const char *before, *after, *indent;
	unsigned uses; /* how often the section is told of in the example */
} sections[] = {
	{&file_section, "", "", "", 1},
	{&hits_section, "hits:\n", "", "  ", 1},
	{&trends_section, "trends:\n", "", "  ", 1},
	{&pull_section, "pull:\n",
		"  url: https://a.example/\n"
		"  keys: [RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3]\n",
		"  ", 1},
	{&keep_section, "trends:\n  keep:\n", "", "    ", 1},
	{&metrics_section, "metrics:\n", "", "  ", 1},
	{&resolver_section, "resolver:\n", "", "  ", 1},
	{&guard_section, "guard:\n", "", "  ", 1},
	{&allow_item_section, "allow:\n  - ", "    name: one.example\n", "", 1},
	{&block_item_section, "block:\n  - ", "    name: one.example\n", "", 1},
	{&organisation_section, "organisation:\n",
		"  name: N\n  uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10\n  contact: a@isp.example\n", "  ", 1},
	{&output_section, "share:\n  - ",
		"    name: o\n    format: domains\n    to: /srv/o\n    recipients: [r]\n    tlp: green\n    of: "
		"[operator]\n",
		"", 1},
	{&sightings_section, "sightings:\n  - ",
		"    name: s\n    of: [b]\n    to: misp\n    url: https://misp.example/\n", "", 1},
	{&channel_section, "distribute:\n  - ", "    name: stable\n    to: /srv/c\n    sign-key-file: /etc/k\n", "", 1},
	{&target_section, "distribute:\n  - name: stable\n    sign-key-file: /etc/k\n    to:\n", "", "      ", 1},
	{&s3_section, "distribute:\n  - name: stable\n    sign-key-file: /etc/k\n    to:\n      s3:\n",
		"        endpoint: https://s.example\n        bucket: b\n        key-file: /etc/s\n", "        ", 1},
	{&fleet_section, "fleet:\n", "  resolvers: [{name: r, address: 192.0.2.1}]\n", "  ", 1},
	{&fleet_resolver_section, "fleet:\n  resolvers:\n    - ", "      name: r\n      address: 192.0.2.1\n", "", 1},
	{&digests_section, "fleet:\n  resolvers: [{name: r, address: 192.0.2.1}]\n  digests:\n", "    from: /srv/h\n",
		"    ", 1},
	{&target_section, "trends:\n  digest:\n    name: r\n    to:\n", "", "      ", 1},
	{&s3_section, "trends:\n  digest:\n    name: r\n    to:\n      s3:\n",
		"        endpoint: https://s.example\n        bucket: b\n        key-file: /etc/s\n", "        ", 1},
	{&target_section, "fleet:\n  resolvers: [{name: r, address: 192.0.2.1}]\n  digests:\n    from:\n", "", "      ",
		1},
	{&s3_section, "fleet:\n  resolvers: [{name: r, address: 192.0.2.1}]\n  digests:\n    from:\n      s3:\n",
		"        endpoint: https://s.example\n        bucket: b\n        key-file: /etc/s\n", "        ", 1},
	{&digest_section, "trends:\n  digest:\n", "    name: r\n    to: /srv/h\n", "    ", 1},
	{&prometheus_section, "fleet:\n  resolvers: [{name: r, address: 192.0.2.1}]\n  prometheus:\n",
		"    url: https://p.example/\n", "    ", 1},
	{&category_section, "categories:\n  - ", "    name: c\n", "", 1},
	{&group_section, "groups:\n  - ", "    name: g\n", "", 1},
	{&group_category_section, "groups:\n  - name: g\n    categories:\n      - ",
		"        name: c\n        action: log\n", "", 1},
	{&feed_section, "feeds:\n  - ", "    name: a\n    url: https://a.example/\n    format: csv\n", "", 1},
	{&map_section, "feeds:\n  - name: a\n    url: https://a.example/\n    format: csv\n    map:\n      - ",
		"        category: malicious\n", "", 1},
};
enum { SECTIONS = sizeof sections / sizeof *sections };

static char *read_whole(const char *path)
{
	enum { ROOM = 200000 };
	FILE *in = fopen(path, "re");
	if (!in)
		fail_msg("%s is not there", path);
	char *text = calloc(1, ROOM + 1);
	assert_true(fread(text, 1, ROOM, in) < ROOM);
	fclose(in);
	return text;
}

/* Each row is complete: what it says ends as a sentence does, and a value can be shown. */
static void rows(void **state)
{
	(void)state;
	for (unsigned s = 0; s < SECTIONS; s++) {
		const struct section *section = sections[s].section;
		const struct option *option;
		for (size_t i = 0; (option = section_option(section, i)); i++) {
			char expected[EXPECTED_ROOM];
			if (!option->sentence || option->sentence[strlen(option->sentence) - 1] != '.' ||
				(!option->example && !option->fallback) ||
				strlen(option_expected(option, expected)) < 6 ||
				(option->fallback && option->fallback_words) ||
				(option->required && option->fallback) || (option->fault && !option->expected))
				fail_msg("%s", option->key);
			assert_ptr_equal(option_find(section, option->key), option);
			for (size_t k = 0; k < i; k++)
				assert_int_not_equal(option->offset, section_option(section, k)->offset);
		}
	}
}

/* A file with one value for an option of a section, and with all that is needed besides. */
static void write_option(char *text, size_t room, unsigned s, const struct option *option, const char *value)
{
	size_t length = (size_t)snprintf(
		text, room, "%s%s%s: %s\n", sections[s].before, sections[s].indent, option->key, value);
	for (const char *line = sections[s].after; *line; line = strchr(line, '\n') + 1) {
		const char *key = line + strspn(line, " ");
		size_t letters = strcspn(key, ":");
		if (strlen(option->key) != letters || memcmp(key, option->key, letters) != 0)
			length += (size_t)snprintf(
				text + length, room - length, "%.*s\n", (int)strcspn(line, "\n"), line);
	}
	if (!strstr(text, "feeds:"))
		snprintf(text + length, room - length, "feeds: [{name: a, url: 'file:///x', format: hosts}]\n");
}

/* Each default and each example is a value that the option takes. */
static void examples(void **state)
{
	(void)state;
	for (unsigned n = 0; n < SECTIONS * 2; n++) {
		const struct section *section = sections[n / 2].section;
		const struct option *option;
		for (size_t i = 0; (option = section_option(section, i)); i++) {
			const char *value = n % 2 ? option->fallback : option->example;
			if (!value || option->section)
				continue;
			char text[2000];
			struct yaml_document *document;
			struct complaints complaints;
			struct written_file file = {0};
			write_option(text, sizeof text, n / 2, option, value);
			complaints_begin(&complaints);
			if (yaml_parse(&document, text, strlen(text), &complaints) != 0)
				fail_msg("%s\n%s", text, complaints.list[0].text);
			if (options_read(document, &file, &complaints) != 0)
				fail_msg("%s\n%s", text, complaints.list[0].text);
			yaml_free(&document);
			complaints_end(&complaints);
		}
	}
}

/* How many lines of a text begin with these words, behind a comment's mark and blanks, and end there or go on with a blank
 * or a colon. */
static unsigned count_lines(const char *text, const char *words)
{
	unsigned count = 0;
	size_t length = strlen(words);
	for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL) {
		const char *word = line + strspn(line, "# ");
		count += strncmp(word, words, length) == 0 && strchr(" :\n", word[length]);
	}
	return count;
}

static unsigned count_sections(const char *key, bool in_example)
{
	unsigned count = 0;
	for (unsigned s = 0; s < SECTIONS; s++)
		if (option_find(sections[s].section, key))
			count += in_example ? sections[s].uses : 1;
	return count;
}

/* The manual page and the example have every option of every section, with its default. */
static void documents(void **state)
{
	(void)state;
	char *page = read_whole(CONFIG_PAGE), *example = read_whole(CONFIG_EXAMPLE);
	for (unsigned s = 0; s < SECTIONS; s++) {
		const struct section *section = sections[s].section;
		const struct option *option;
		for (size_t i = 0; (option = section_option(section, i)); i++) {
			const char *key = option->key;
			char heading[100];
			snprintf(heading, sizeof heading, "*%s*", key);
			if (count_lines(page, heading) != count_sections(key, false))
				fail_msg("the manual page has %s %u times", key, count_lines(page, heading));
			if (count_lines(example, key) < count_sections(key, true))
				fail_msg("the example has %s %u times", key, count_lines(example, key));
		}
	}
	for (unsigned i = 0; format_at(i); i++) {
		char start[24]; /* a longer one may be wrapped */
		snprintf(start, sizeof start, "%s", format_at(i)->sentence);
		assert_non_null(strstr(page, format_at(i)->name));
		assert_non_null(strstr(page, start));
	}
	free(page);
	free(example);
}

static void check_in_force(const char *path)
{
	struct config *config;
	struct complaints complaints;
	if (config_read(&config, path, &complaints) != 0)
		fail_msg("%s:%u: %s", path, complaints.list[0].line, complaints.list[0].text);
	complaints_end(&complaints);
	config_free(&config);
}

/* Whether a line shows an option in a comment. Behind "# " stand words; what options are for is indented by an odd number of
 * blanks, options by an even one. */
static bool shows_option(const char *line)
{
	size_t blanks = line[0] == '#' ? strspn(line + 1, " ") : 1;
	return line[0] == '#' && line[1] != '\n' && blanks % 2 == 0 && blanks <= 8;
}

/* The example can be used as it is, and with every option that it shows in a comment. */
static void example_loads(void **state)
{
	(void)state;
	check_in_force(CONFIG_EXAMPLE);
	char *text = read_whole(CONFIG_EXAMPLE);
	for (char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
		if (shows_option(line))
			memmove(line, line + 1, strlen(line));
	char *clients = strstr(text, "  clients-file:"); /* there is no such file here */
	assert_non_null(clients);
	memset(clients, '#', strcspn(clients, "\n"));
	char *pull = strstr(text, "\npull:"); /* it stands alone */
	assert_non_null(pull);
	for (char *line = pull + 1; *line != '\n'; line = strchr(line, '\n') + 1)
		*line = '#';
	const char *path = in_directory("feedsync.yaml");
	write_text(path, text);
	check_in_force(path);
	assert_null(strstr(text, "\n#hits"));
	assert_non_null(strstr(text, "\nhits:"));
	free(text);
}

static void assert_told(const struct section *section, const char *key, const char *words)
{
	const struct option *option = option_find(section, key);
	const char *told = option->fallback ? option->fallback : option->fallback_words;
	if (strcmp(told, words) != 0)
		fail_msg("%s: \"%s\" is told, in force is \"%s\"", key, told, words);
}

static void assert_number_told(const struct section *section, const char *key, uint64_t number)
{
	const struct option *option = option_find(section, key);
	const char *told = option->fallback ? option->fallback : option->fallback_words;
	if (strtoull(told, NULL, 10) != number)
		fail_msg("%s: \"%s\" is told, in force is %llu", key, told, (unsigned long long)number);
}

/* What is told to be the default is in force where nothing is written. */
static void defaults(void **state)
{
	(void)state;
	struct config *config;
	struct complaints complaints;
	const char *path = in_directory("feedsync.yaml");
	write_text(path, "hits: {}\nresolver: {}\ncategories: [{name: c}]\nallow: [{name: one.example}]\n"
			 "feeds:\n  - {name: a, url: 'https://a.example/', format: domains}\n"
			 "  - {name: b, url: 'file:///x', format: domains}\n"
			 "  - {name: c, url: 'https://a.example/s', format: stix}\n"
			 "  - {name: d, url: 'https://a.example/z', format: rpz}\n");
	assert_int_equal(config_read(&config, path, &complaints), 0);
	complaints_end(&complaints);
	assert_told(&file_section, "state", config->state);
	assert_told(&file_section, "table", config->table);
	assert_told(&file_section, "run", config->run);
	assert_told(&file_section, "public-suffix-list", guard_suffix_path(&config->guard));
	assert_told(&file_section, "public-suffix-list", guard_suffix_path(&(struct guard_config){0}));
	assert_number_told(&file_section, "interval", config->feeds[0].interval_s / 60);
	assert_number_told(&file_section, "table-max-shrink", config->table_limits.max_shrink);
	assert_int_equal(config->table_limits.max_growth, PERCENT_NEVER);
	assert_told(&file_section, "table-max-growth", "no limit");
	assert_told(&hits_section, "events", config->hits.events ? "yes" : "no");
	assert_number_told(&hits_section, "ipv4-prefix", config->hits.ipv4_bits);
	assert_number_told(&hits_section, "ipv6-prefix", config->hits.ipv6_bits);
	assert_told(&resolver_section, "validate", config->resolver.validate ? "yes" : "no");
	assert_told(&resolver_section, "tls", config->resolver.tls ? "yes" : "no");
	const struct category_policy *category = &config->categories[1];
	assert_told(&category_section, "action", action_text(category->action));
	assert_number_told(&category_section, "ede", category->ede);
	assert_number_told(&category_section, "ttl", category->ttl_s);
	assert_told(&allow_item_section, "scope", scope_text(config->operator_lists.item[0].scope));
	const struct feed_config *web = &config->feeds[0], *own = &config->feeds[1];
	assert_told(&feed_section, "category", config->categories[web->category].name);
	assert_told(&feed_section, "values", web->options.urls || web->options.pages ? "others" : "names");
	assert_told(&feed_section, "refang", web->options.refang ? "yes" : "no");
	assert_told(&feed_section, "ports", web->options.ports ? "yes" : "no");
	assert_told(&feed_section, "strict-tlp", web->options.lenient_tlp ? "no" : "yes");
	assert_told(&feed_section, "strict-pap", web->options.lenient_pap ? "no" : "yes");
	assert_told(&feed_section, "targets", config->feed_policies[0].check_targets ? "yes" : "no");
	assert_told(&feed_section, "private-addresses", web->trust.private_addresses ? "yes" : "no");
	assert_number_told(&feed_section, "min-entries", web->limits.min_entries);
	assert_number_told(&feed_section, "max-shrink", web->limits.max_shrink);
	assert_number_told(&feed_section, "max-growth", web->limits.max_growth);
	assert_number_told(&feed_section, "max-churn", web->limits.max_churn);
	assert_number_told(&feed_section, "max-rejected", web->limits.max_rejected);
	assert_int_equal(own->limits.max_rejected, web->limits.max_rejected);
	assert_int_equal(own->limits.max_shrink, PERCENT_NEVER);
	assert_int_equal(own->limits.max_growth, PERCENT_NEVER);
	assert_int_equal(own->limits.max_churn, PERCENT_NEVER);
	assert_told(&feed_section, "scope", "exact; subtree for stix and taxii");
	assert_int_equal(web->options.scope, SCOPE_EXACT);
	assert_int_equal(config->feeds[2].options.scope, SCOPE_SUBTREE);
	assert_told(&feed_section, "wildcard", "subtree for domains, csv, json; below for rpz");
	assert_false(web->options.below);
	assert_true(config->feeds[3].options.below);
	config_free(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(examples),
		cmocka_unit_test(documents),
		cmocka_unit_test_setup_teardown(example_loads, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(defaults, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
