/* SPDX-License-Identifier: BSD-3-Clause */
/* What a value of a feed says: a name, perhaps behind "*.", or a URL. Values are written by people, so they may be
 * refanged first. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "feedsync/formats/parse.h"
#include "feedsync/formats/span.h"

/* Hands a value to the sink as the feed's settings say: as a name, perhaps behind "*.", or as a URL. Returns what the
 * sink's take returned, 0, or -ENOMEM. */
must_check int value_take(const struct parse *parse, const struct position *position, struct span value);

/* Takes off what lists write before a name to say what it covers, and says so in *scope: "*." (`wildcard`), or ".", as
 * Squid, dnsmasq and Privoxy do, or "+.", as Clash does (the name and what is below it). */
struct span value_name(struct span value, enum scope wildcard, enum scope *scope);

/* Hands the host of a URL to the sink, as a browser reads it. A URL with a path, a query or a fragment speaks of one page, perhaps among millions on its host: it is
 * rejected unless `pages` says that pages count as well, or the sink frees names. Returns what the sink's take returned, 0, or -ENOMEM. */
must_check int value_take_url(
	struct sink *sink, const struct position *position, struct span url, enum scope scope, bool pages);
