/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/parse.h"

#include "feedsync/base/wall_clock.h"

uint64_t parse_now(const struct parse_options *options)
{
	return options->now > 0 ? options->now : wall_now();
}

bool parse_expired(const struct parse_options *options, uint64_t seen)
{
	return options->max_age_s > 0 && seen > 0 && seen + options->max_age_s < parse_now(options);
}
