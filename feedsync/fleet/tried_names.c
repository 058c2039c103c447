/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/tried_names.h"

#include <string.h>

#include "feedsync/base/table_file.h"
#include "feedsync/config/configuration.h"
#include "feedsync/entries/self_test.h"
#include "libweir/errors.h"
#include "libweir/table.h"

enum { OWN_NAMES = MANIFEST_NAMES - 8 /* of the operator; the rest is for what all depend on */ };

/* The root's and time servers, and the probes by which systems find out that they are online. */
static const char *const depended_on[] = {"a.root-servers.net", "m.root-servers.net", "pool.ntp.org",
	"time.windows.com", "captive.apple.com", "connectivitycheck.gstatic.com", "www.msftconnecttest.com",
	"detectportal.firefox.com"};

static bool is_blocked_in(const struct table *table, const char *name)
{
	name_storage wire;
	struct match match;
	int length = name_from_text(name, strlen(name), wire);
	return length < 0 || (table_lookup(table, wire, (size_t)length, &match) &&
				     table_policy(table)->verdicts[match.verdict].decision == DECISION_BLOCK);
}

static void add_tried_name(struct manifest_names *names, const char *name)
{
	size_t length = strlen(name);
	if (names->count < MANIFEST_NAMES && length < MANIFEST_NAME_TEXT)
		memcpy(names->name[names->count++], name, length + 1);
}

void tried_names_all(struct manifest_names *must_pass, const struct config *config)
{
	const struct nameset *own = &config->guard.own;
	char name[NAME_MAX_WIRE + 1];
	must_pass->count = 0;
	for (size_t i = 0; i < own->count && must_pass->count < OWN_NAMES; i++) {
		nameset_text(own, &own->entry[i], name);
		add_tried_name(must_pass, name);
	}
	for (unsigned i = 0; i < sizeof depended_on / sizeof *depended_on; i++)
		add_tried_name(must_pass, depended_on[i]);
}

int tried_names_choose(struct manifest_names *must_pass, struct manifest_names *must_block, const struct config *config,
	const char *path, struct why *why)
{
	struct manifest_names all;
	struct table *table;
	int status = table_file_open(&table, path, why);
	if (status != 0)
		return status;
	tried_names_all(&all, config);
	must_pass->count = must_block->count = 0;
	for (size_t i = 0; i < all.count; i++)
		if (!is_blocked_in(table, all.name[i]))
			add_tried_name(must_pass, all.name[i]);
	if (is_blocked_in(table, SELF_TEST_NAME))
		add_tried_name(must_block, SELF_TEST_NAME);
	table_close(&table);
	return 0;
}
