/* SPDX-License-Identifier: BSD-3-Clause */
/* What print.c and print_*.c share: lines of "key: value". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct config;
struct server_access;
struct trust;

/* Prints "key: value" on a line of its own, indented by so many levels. The first key of an item has "- " before it. */
void print_value(const char *before, const char *key, const char *format, ...) printf_like(3, 4);

/* Likewise, unless there is none or it is empty. */
void print_text(const char *before, const char *key, const char *text);
void print_yes_no(const char *before, const char *key, bool yes);
void print_items(const char *key, const char *const *texts, unsigned count); /* a list; nothing where it is empty */
void print_duration(const char *before, const char *key, uint32_t seconds);

/* Prints `trends`. */
void print_trends(const struct config *config);

/* Prints where objects lie, and who we are there, as options of a section; `key` is "to" or "from". */
struct channel;
void print_target(const char *before, const char *key, const struct channel *channel);

/* Prints `fleet`. */
void print_fleet(const struct config *config);

/* Prints `pull`. */
void print_pull(const struct config *config);

/* Prints how a server is asked, and what it must prove, as options of an item. */
void print_server(const struct trust *trust, const struct server_access *access);

/* Prints `sightings`. */
void print_sightings(const struct config *config);

/* Prints `organisation` and `share`. */
void print_channels(const struct config *config);
void print_outputs(const struct config *config);
