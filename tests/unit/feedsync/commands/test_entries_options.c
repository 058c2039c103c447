/* SPDX-License-Identifier: BSD-3-Clause */
/* Options of a feed on a command line: each that the configuration has is there, and means what it means in a file. */
#include "tests/unit/unit.h"

#include "feedsync/commands/commands.h"
#include "feedsync/commands/entries_options.h"
#include "feedsync/config/complaints.h"
#include "feedsync/config/options.h"

static bool has_option(const struct command *command, const char *key)
{
	const struct command_option *option;
	for (unsigned i = 0; (option = command_option_at(command, i)); i++)
		if (strncmp(option->word, "--", 2) == 0 && strcmp(option->word + 2, key) == 0)
			return true;
	return false;
}

/* Only what needs categories, or a guard, is not there. */
static void each_option_is_there(void **state)
{
	(void)state;
	assert_true(feed_entries_options.count > 15);
	for (size_t i = 0; i < feed_entries_options.count; i++) {
		const char *key = feed_entries_options.option[i].key;
		bool left_out = strcmp(key, "map") == 0 || strcmp(key, "unguarded") == 0;
		if (has_option(&command_compile, key) == left_out)
			fail_msg("%s", key);
	}
	assert_false(has_option(&command_compile, "url"));
	assert_false(has_option(&command_status, "scope"));
}

static struct config *read_line(const char **words, int count, int *status)
{
	struct invocation invocation;
	struct config *config = NULL;
	assert_int_equal(invocation_begin(&invocation, &command_compile, count, (char **)words), 0);
	*status = entries_read(&config, &invocation, option_value(&invocation, "-f"));
	invocation_end(&invocation);
	return config;
}

static struct config *read_file(const char *options)
{
	struct config *config;
	struct complaints complaints;
	char text[1000];
	snprintf(text, sizeof text, "state: /a\ntable: /a/b\nfeeds:\n- {name: a, url: \"file:///a\", %s}\n", options);
	complaints_begin(&complaints);
	assert_int_equal(config_read_text(&config, text, strlen(text), &complaints), 0);
	complaints_end(&complaints);
	return config;
}

static const char *text_of(const char *text)
{
	return text ? text : "-";
}

static void check_same(const struct parse_options *a, const struct parse_options *b)
{
	assert_int_equal(a->scope, b->scope);
	assert_int_equal(a->below, b->below);
	assert_int_equal(a->lenient_tlp, b->lenient_tlp);
	assert_int_equal(a->lenient_pap, b->lenient_pap);
	assert_int_equal(a->detection_only, b->detection_only);
	assert_int_equal(a->min_confidence, b->min_confidence);
	assert_int_equal(a->max_age_s, b->max_age_s);
	assert_string_equal(text_of(a->field), text_of(b->field));
	assert_string_equal(text_of(a->items), text_of(b->items));
	assert_string_equal(text_of(a->seen), text_of(b->seen));
	assert_int_equal(a->separator, b->separator);
	assert_int_equal(a->urls, b->urls);
	assert_int_equal(a->pages, b->pages);
	assert_int_equal(a->refang, b->refang);
	assert_int_equal(a->ports, b->ports);
	assert_int_equal(a->where_count, b->where_count);
	for (size_t i = 0; i < a->where_count; i++)
		assert_string_equal(a->where[i], b->where[i]);
}

/* The words of a command line, and the options of a file that say the same. */
static const struct {
	const char *words[20];
	const char *options;
} lines[] = {
	{{"-f", "domains"}, "format: domains"},
	{{"-f", "domains", "--scope", "subtree", "--wildcard=below", "--refang", "yes", "--ports", "yes"},
		"format: domains, scope: subtree, wildcard: below, refang: yes, ports: yes"},
	{{"-f", "csv", "--field", "a \"b\\", "--separator", "tab", "--values", "pages", "--where", "x>=5", "--where",
		 "y!=a, \"b\""},
		"format: csv, field: 'a \"b\\', separator: tab, values: pages, where: ['x>=5', 'y!=a, \"b\"']"},
	{{"-f", "json", "--field", "x", "--field", "a.b", "--items", "*.list", "--seen", "at", "--max-age", "90d"},
		"format: json, field: a.b, items: '*.list', seen: at, max-age: 90d"},
	{{"-f", "stix", "--strict-tlp", "no", "--strict-pap", "no", "--detection-only", "yes", "--min-confidence",
		 "60"},
		"format: stix, strict-tlp: no, strict-pap: no, detection-only: yes, min-confidence: 60"},
};

static void each_means_the_same(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *words[30] = {"compile", "-o", "table"};
		int count = 3, status;
		for (unsigned j = 0; lines[i].words[j]; j++)
			words[count++] = lines[i].words[j];
		words[count++] = "file";
		struct config *line = read_line(words, count, &status), *file = read_file(lines[i].options);
		assert_int_equal(status, 0);
		assert_ptr_equal(line->feeds[0].format, file->feeds[0].format);
		check_same(&line->feeds[0].options, &file->feeds[0].options);
		config_free(&line);
		config_free(&file);
	}
}

static void targets(void **state)
{
	(void)state;
	int status;
	const char *words[] = {"compile", "-o", "table", "-f", "domains", "--targets", "no", "file", NULL};
	struct config *config = read_line(words, 8, &status);
	assert_false(config->feed_policies[0].check_targets);
	config_free(&config);
}

static void refused(void **state)
{
	(void)state;
	static const char *const words[][2] = {{"--values", "names"}, {"--field", "x"}, {"--seen", "x"},
		{"--max-age", "0s"}, {"--min-confidence", "1"}, {"--scope", "exact"}, {"--where", "x\n"}};
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
		const char *line[] = {
			"compile", "-o", "table", "-f", "adblock", words[i][0], words[i][1], "file", NULL};
		struct invocation invocation;
		assert_int_equal(invocation_begin(&invocation, &command_compile, 8, (char **)line), EXIT_TROUBLE);
		invocation_end(&invocation);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_is_there),
		cmocka_unit_test(each_means_the_same),
		cmocka_unit_test(targets),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
