/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync verify`: whether a table is whole. */
#include <stdio.h>

#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/commands/commands.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/table.h"

static void print_valid(const char *path, const struct table *table)
{
	char size[UNITS_TEXT];
	printf("%s: valid, generation %llu, %llu rules, %s\n", path,
		(unsigned long long)table_header(table)->generation, (unsigned long long)table_header(table)->rules,
		size_text(table_octets(table), size));
}

/* `table` may be NULL: it cannot be opened. */
static void show_json(const char *path, const struct table *table, const char *error)
{
	struct node *root = json_answer();
	node_put(root, "table", node_from_text(path));
	node_put(root, "valid", node_from_bool(error[0] == '\0'));
	node_put(root, "error", node_from_text(error));
	if (table) {
		node_put(root, "generation", node_from_number(table_header(table)->generation));
		node_put(root, "created", node_from_number(table_header(table)->created));
		node_put(root, "rules", node_from_number(table_header(table)->rules));
		node_put(root, "octets", node_from_number(table_octets(table)));
	}
	json_show(root);
	node_free(root);
}

static int cmd_verify(struct invocation *invocation)
{
	const char *path = invocation->arguments[0];
	struct table *table;
	struct why why = {""};
	int status = table_open(&table, path, &why);
	if (status == 0)
		status = table_verify(table, &why);
	if (option_given(invocation, "--json"))
		show_json(path, table, status == 0 ? "" : why.text);
	else if (status == 0)
		print_valid(path, table);
	else
		log_error("%s: %s", path, why.text);
	table_close(&table);
	return status == 0 ? EXIT_WELL : EXIT_ATTENTION;
}

const struct command command_verify = {
	.word = "verify",
	.usage = "[--json] TABLE",
	.summary = "check a table, every octet of it",
	.text = "The check is the one that the module makes before it takes a table into use, and more: that each rule "
		"is found.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.options = {{"--json", NULL, NULL, "print JSON, also of a table that is not valid"}},
	.exits = {{EXIT_WELL, "the table is valid"},
		{EXIT_ATTENTION, "it is not, or cannot be read; the reason is told with its place"},
		{EXIT_TROUBLE, "the command line cannot be understood"}},
	.run = cmd_verify,
};
