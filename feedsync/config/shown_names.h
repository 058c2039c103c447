/* SPDX-License-Identifier: BSD-3-Clause */
/* Which names of feeds a metric or a page may show. Who shares marked data (TLP:RED, TLP:AMBER+STRICT) may not want it
 * known who gets it. So a feed with `strict-tlp: no`, which may hold such data, is shown as "restricted 1",
 * "restricted 2" ... in the order of the configuration. No real name has a blank, so it is never taken for one. A name
 * that the configuration does not have (a feed that is gone) is shown as "other": whether it was restricted is no
 * longer known. A partner who is told of a restricted feed is mostly its source, so partners are restricted likewise. Any
 * thread. */
#pragma once

#include <stddef.h>

#include "feedsync/config/configuration.h"

/* The name by which a feed of the configuration is shown: its own, or the one that stands for it. */
enum { SHOWN_NAME = POLICY_MAX_NAME + 1 };
const char *shown_feed(const struct config *config, size_t feed, char text[SHOWN_NAME]);

/* The same for the name of a feed that came from elsewhere: a resolver, a table, the history. The operator's own lists
 * are shown as "operator". */
const char *shown_name(const struct config *config, const char *name, char text[SHOWN_NAME]);

bool feed_is_restricted(const struct feed_config *feed);

/* The same of a partner: restricted if one of his feeds is. */
const char *shown_partner(const struct config *config, size_t partner, char text[SHOWN_NAME]);
bool partner_is_restricted(const struct config *config, const struct partner *partner);

/* Writes a message so that it tells no restricted name: each is replaced where it stands as a word. So is each name of a feed
 * that the published table has and the configuration has not; `published` is the table's policy, NULL = there is none. What does
 * not fit is cut off. Returns `to`. */
char *shown_message(
	const struct config *config, const struct policy *published, const char *message, char *to, size_t room);
