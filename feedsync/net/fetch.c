/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/fetch.h"

#include <stdio.h>

bool fetch_give_up(struct fetch *fetch, enum fetch_status status, enum error_class class, const char *error)
{
	fetch->status = status;
	fetch->error_class = class;
	snprintf(fetch->error, sizeof fetch->error, "%s", error);
	return false;
}
