/* SPDX-License-Identifier: BSD-3-Clause */
/* A resolver that pulls its table. The table has all of the policy, so nothing else of the policy is configured there. */
#include <string.h>

#include "feedsync/config/check.h"
#include "libweir/errors.h"

/* What would have no effect, since a table that is pulled stays as it was signed. */
static void check_alone(struct check *c)
{
	static const char *const keys[] = {
		"allow", "block", "share", "distribute", "fleet", "categories", "groups", "guard", "soa-contact"};
	if (c->file->feeds.count > 0)
		complain(c, &c->file->at, "feeds", "a host that pulls its table has no feeds of its own");
	for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++)
		if (was_written(&c->file->at, keys[i]))
			complain(c, &c->file->at, keys[i],
				"it has no effect here: the table is pulled as it is; write this on the compiler");
}

void check_pull(struct check *c)
{
	const struct written_pull *written = &c->file->pull;
	struct pull_config *pull = &c->config->pull;
	struct why why;
	if (!written->at.map)
		return;
	check_alone(c);
	pull->url = written->url;
	/* What is not signed is refused, wherever it lies: so the operator's URL may lead to any address. */
	pull->trust = (struct trust){.url = written->url, .ca = written->ca, .private_addresses = true};
	if (written->ca && strncmp(written->url, "https://", 8) != 0)
		complain(c, &written->at, "ca", "it has no effect without https:// in \"url\"");
	for (unsigned i = 0; i < written->keys.count && i < PULL_KEYS; i++) {
		if (minisign_key_read(&pull->key[i], written->keys.text[i], &why) != 0)
			complain(c, &written->at, "keys", "%s", why.text);
		else if (i > 0 && memcmp(&pull->key[0], &pull->key[i], sizeof pull->key[0]) == 0)
			complain(c, &written->at, "keys", "this key is there already");
	}
	pull->key_count = written->keys.count < PULL_KEYS ? written->keys.count : PULL_KEYS;
}
