/* SPDX-License-Identifier: BSD-3-Clause */
/* One event of a directory of events, <event uuid>.json: what a misp-feed and a version of misp-rest are made of. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct parse;

/* Hands the rules of an event in the directory parse->path to the sink. An event that is damaged is logged and counted
 * in the counts; so is one without a file, if it `must_exist`. Returns 0, what the sink's take returned, or another error
 * with the reason. */
must_check int misp_event_file_rules(const struct parse *parse, const char *uuid, bool must_exist);
