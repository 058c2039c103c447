/* SPDX-License-Identifier: BSD-3-Clause */
/* What a channel offers: its newest manifest, fetched, verified and judged (pull_judge.h).
 *
 * `latest` may lag: a cache, or a store that copies between sites, may show the one of a while ago. Manifests never change, so
 * each is what its own name says or missing. Where `latest` is older than what was taken, or than what the puller was woken for,
 * the manifest behind is asked for by its own name: one, for each pull. It is judged like any other. */
#pragma once

#include "feedsync/fleet/pull_record.h"

struct config;

/* What is known already. Borrowed. */
struct pull_known {
	const struct config *config;
	const struct pull_record *record;
	bool holds;     /* what the record says is in force, is: the server need not send it again */
	uint64_t woken; /* this serial is told to have been published; 0 = none is */
};

struct pull_offer {
	struct manifest manifest;
	char key[PULL_KEY_TEXT];  /* that has signed it */
	char digest[SHA256_TEXT]; /* of its octets */
	bool sent;                /* it came; else the server says that it is the one in force */
	char etag[256],
		last_modified[64]; /* of `latest`, where that is the manifest; "" = it is not, or none is told */
	uint64_t octets;           /* that were received */
	uint64_t retry_after_s;    /* the server asks to be left alone; 0 = it does not */
	enum error_class class;    /* ERROR_NONE: nothing has failed */
	struct why why;
};

/* Finds it. Returns PULL_MAY_COME or PULL_IN_FORCE, or a negative code with the class and the reason. One thread. */
must_check int pull_offer_find(struct pull_offer *offer, const struct pull_known *known);
