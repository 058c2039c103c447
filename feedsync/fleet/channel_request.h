/* SPDX-License-Identifier: BSD-3-Clause */
/* What is to be published to a channel. */
#pragma once

#include <errno.h>
#include <stdbool.h>

struct bundle;
struct channel;
struct config;

/* Borrowed. */
struct channel_request {
	const struct config *config;
	const struct channel *channel;
	const struct bundle *bundle;
	bool take_over; /* go on behind another compiler's manifest */
};

/* The error that another compiler publishes there. */
enum { CHANNEL_TAKEN = -EREMOTE };
