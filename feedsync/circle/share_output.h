/* SPDX-License-Identifier: BSD-3-Clause */
/* One output: from what it has told to what it tells next. */
#pragma once

#include "feedsync/circle/output_record.h"
#include "feedsync/circle/share_request.h"

/* All that the outputs go by. */
struct sharing {
	const struct share_request *request;
	const struct config *config;
	uint64_t now;
	struct shared_entries entries;
	struct output_state *states; /* of each output of the configuration */
	struct why *unread;          /* of each: why its state cannot be read; "" = it can */
};

/* Shares one output. */
enum share_result share_output(struct sharing *sharing, size_t number);
