/* SPDX-License-Identifier: BSD-3-Clause */
/* How many clients a set tells of (client_set.h). */
#pragma once

#include "libweir/live/client_set.h"

/* The estimate: right within some 13 % for a thousand clients, within half a client for five, and no more than 2^20. */
double client_estimate(const struct client_set *set);
