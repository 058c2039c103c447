/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync verify`: whether a table is whole. */
#include <stdio.h>

#include "feedsync/base/log.h"
#include "feedsync/base/units.h"
#include "feedsync/commands/commands.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/table.h"

static int cmd_verify(struct invocation *invocation)
{
	const char *path = invocation->arguments[0];
	struct table *table;
	char size[UNITS_TEXT];
	struct why why;
	int status = table_open(&table, path, &why);
	if (status == 0) {
		status = table_verify(table, &why);
		if (status == 0)
			printf("%s: valid, generation %llu, %llu rules, %s\n", path,
				(unsigned long long)table_header(table)->generation,
				(unsigned long long)table_header(table)->rules, size_text(table_octets(table), size));
		table_close(&table);
	}
	if (status != 0)
		log_error("%s: %s", path, why.text);
	return status == 0 ? EXIT_WELL : EXIT_ATTENTION;
}

const struct command command_verify = {
	.word = "verify",
	.usage = "TABLE",
	.summary = "check a table, every octet of it",
	.text = "The check is the one that the module makes before it takes a table into use, and more: that each rule "
		"is found.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.exits = {{EXIT_WELL, "the table is valid"},
		{EXIT_ATTENTION, "it is not, or cannot be read; the reason is told with its place"},
		{EXIT_TROUBLE, "the command line cannot be understood"}},
	.run = cmd_verify,
};
