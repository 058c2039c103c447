/* SPDX-License-Identifier: BSD-3-Clause */
/* The page of the fleet: what `feedsync run` remembers of the resolvers elsewhere. */
#pragma once

#include <stdio.h>

#include "feedsync/monitor/view.h"

/* Writes the page; of a configuration without a fleet it says so. */
void fleet_page_print(const struct view *view, FILE *out);

/* Writes the part of the first page that leads there; nothing without a fleet. */
void fleet_page_summary(const struct view *view, FILE *out);
