/* SPDX-License-Identifier: BSD-3-Clause */
/* What print.c and print_outputs.c share: lines of "key: value". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct config;

/* Prints "key: value" on a line of its own, indented by so many levels. The first key of an item has "- " before it. */
void print_value(const char *before, const char *key, const char *format, ...) printf_like(3, 4);

/* Likewise, unless there is none or it is empty. */
void print_text(const char *before, const char *key, const char *text);
void print_yes_no(const char *before, const char *key, bool yes);
void print_duration(const char *before, const char *key, uint32_t seconds);

/* Prints `trends`. */
void print_trends(const struct config *config);

/* Prints `pull`. */
void print_pull(const struct config *config);

/* Prints `organisation` and `share`. */
void print_channels(const struct config *config);
void print_outputs(const struct config *config);
