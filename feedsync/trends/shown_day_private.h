/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files of shown_day.h share. */
#pragma once

struct shown_day;

/* Makes further names of so many rules, and puts so many cells into the others, that no sum is of too few. The rules are
 * sorted by hits, those with the fewest last, and each knows its cell. */
void shown_day_withhold(struct shown_day *day);
