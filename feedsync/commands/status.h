/* SPDX-License-Identifier: BSD-3-Clause */
/* What an operator wants to know at 3 a.m.: how the feeds are, and what the resolvers do. */
#pragma once

#include <stdint.h>

/* How long ago a time was, in seconds since 1970: "3 min ago"; "never" for 0; "3 days in the future". */
const char *ago_text(uint64_t now, uint64_t then, char text[32]);
