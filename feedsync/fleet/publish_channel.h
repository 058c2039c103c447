/* SPDX-License-Identifier: BSD-3-Clause */
/* Publishing to one channel: first the objects, then the manifest under a serial that nobody has, then `latest`. What is cut
 * off in between is brought to its end by the next attempt; who reads meanwhile has the manifest before.
 *
 * Two compilers never publish to one channel in turn. A serial is created exclusively, so of two that create the same one is
 * told so; and a compiler that finds a manifest in `latest` which it has not published itself stops, until the operator says
 * that it shall take the channel over. */
#pragma once

#include "feedsync/fleet/channel_record.h"
#include "feedsync/fleet/channel_request.h"
#include "libweir/attributes.h"

struct why;

enum channel_result { CHANNEL_UNCHANGED, CHANNEL_REPAIRED, CHANNEL_PUBLISHED };

/* Publishes, and tells in `record` what the channel has now; of a failure its class, and nothing more. Waits for another process that publishes there.
 * Returns an enum channel_result; CHANNEL_TAKEN; or another negative code with the reason: then resolvers keep what they
 * have. */
must_check int publish_channel(const struct channel_request *request, struct channel_record *record, struct why *why);
