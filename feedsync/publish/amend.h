/* SPDX-License-Identifier: BSD-3-Clause */
/* Amending the published table: it is made again with other overrides (overrides.h), and with nothing else that is new. No
 * feed is read, nothing is judged, and what the configuration says is not looked at: so it takes part of a second, and does
 * not wait for what a feed, or an edit of the configuration, may bring.
 *
 * Invariant: the amended table is, octet for octet, the one that a sync would make if nothing else has changed. That is so as
 * the rules are read from where that sync left them (rules_file.h), and all that follows is done by the same code. Where the
 * file of rules is lost, they are taken from a table: the one that was rolled back to, if the published one is held, else the
 * published one itself. Then rules that an allow had removed from that do not come back (`whole` is false) before the next
 * sync. */
#pragma once

#include <stdbool.h>

#include "feedsync/base/atomic_file.h"
#include "feedsync/compile/compile.h"
#include "feedsync/publish/overrides.h"
#include "feedsync/publish/publication.h"
#include "libweir/attributes.h"

struct local_resolvers;

struct amendment {
	struct publication *publication;
	bool whole;   /* the table is the one that a sync would make */
	bool changed; /* it is another one than is published */
	/* private */
	struct atomic_file file;
	struct build_result result;
	bool saved; /* the file of rules was used */
};

/* Makes the table, beside the published one. The publication has begun, and has a table. Returns 0; -ENOTSUP where the
 * published table is of a feedsync that knew no overrides; or another negative code; with the reason. After success
 * amend_commit or amend_abort must follow. */
must_check int amend_begin(struct amendment *amendment, struct publication *publication,
	const struct overrides *overrides, struct why *why);

/* Opens the table as it would be. Returns 0 and a table that the caller closes, or a negative code with the reason. */
must_check int amend_open(const struct amendment *amendment, struct table **table, struct why *why);

/* Publishes the table, if it is another one, and has the resolvers look at it. It is not archived by itself: only the
 * sync that follows does that. Returns 0, or a negative code with the reason: the published table stays. */
must_check int amend_commit(struct amendment *amendment, struct local_resolvers *told, struct why *why);
void amend_abort(struct amendment *amendment);

/* Takes out of a held table what was given by command and has ended; nothing else that was given since is put into it. Sets
 * `published`. Returns 0, or a negative code with the reason: the published table stays. */
must_check int amend_ended(struct publication *publication, const struct overrides *overrides,
	struct local_resolvers *told, bool *published, struct why *why);
