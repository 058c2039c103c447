/* SPDX-License-Identifier: BSD-3-Clause */
/* One pull: `latest` is fetched, verified, judged (pull_judge.h); what it names is fetched, as a delta or whole, whichever is
 * smaller; tried (pull_table.h); and put in force by rename(). Whatever goes wrong before that, the table that was published
 * stays, and the record (pull_record.h) says since when and why. After a crash at any point the old or the new table is
 * published, and the next pull goes on. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/config/configuration.h"

struct pull_request {
	bool resident;  /* by `run`: what is large is fetched within a window, and not too often while it fails */
	bool ready;     /* this host's time in that window has come */
	uint64_t woken; /* this serial is told to have been published; 0 = none is */
};

enum pull_end {
	PULL_UNCHANGED, /* what is offered is in force */
	PULL_TAKEN,     /* it is in force now */
	PULL_WAITS,     /* it will be fetched when this host's time has come */
	PULL_FAILED,    /* see the record: nothing has changed */
};

struct pull_outcome {
	enum pull_end end;
	bool news;              /* of PULL_FAILED: it has not failed in this way before */
	uint64_t wait_ms;       /* of PULL_WAITS: from now until that time */
	uint64_t retry_after_s; /* the server asks to be left alone, 0 = it does not */
	uint64_t serial;        /* of what is in force */
	char error[256];        /* of PULL_FAILED */
};

/* Pulls. Another pull in this state directory is waited for. One thread. */
void pull(const struct config *config, const struct pull_request *request, struct pull_outcome *outcome);
