/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync dump`: a table as text. */
#include <stdio.h>

#include "feedsync/base/log.h"
#include "feedsync/commands/commands.h"
#include "libweir/dump.h"
#include "libweir/errors.h"
#include "libweir/table.h"

static int cmd_dump(struct invocation *invocation)
{
	const char *path = invocation->arguments[0];
	struct table *table;
	struct why why;
	int status = table_open(&table, path, &why);
	if (status == 0) {
		status = table_dump(table, stdout, &why);
		table_close(&table);
	}
	if (status != 0)
		log_error("%s: %s", path, why.text);
	return status == 0 ? EXIT_WELL : EXIT_TROUBLE;
}

const struct command command_dump = {
	.word = "dump",
	.usage = "TABLE",
	.summary = "print a table's rules as text",
	.text = "Prints a line for each rule, separated by tabs and sorted: scope, name, feeds, categories.\n",
	.arguments = "FILE",
	.min_arguments = 1,
	.max_arguments = 1,
	.exits = {{EXIT_WELL, "all rules were printed"}, {EXIT_TROUBLE, "the table cannot be read"}},
	.run = cmd_dump,
};
