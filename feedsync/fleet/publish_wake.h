/* SPDX-License-Identifier: BSD-3-Clause */
/* Wakes pullers, for what was published to a channel just now: the object `wake` (manifest.h). */
#pragma once

struct channel_publishing;

/* Writes the object where the new manifest is urgent, and its table is news. Else it is only made sure that there is one, so
 * that pullers know that it is worth looking at. A failure is logged: then pullers find the manifest at their next look at
 * `latest`. */
void publish_wake(const struct channel_publishing *publishing);
