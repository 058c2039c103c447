/* SPDX-License-Identifier: BSD-3-Clause */
/* Short spellings for the tables of options (options_*.c), and nothing else. */
#pragma once

#include "feedsync/config/option_values.h"
#include "feedsync/config/options.h"
#include "feedsync/config/written.h"

/* The offset of a member; a member of another type than the option's does not compile. */
#define MEMBER(type, structure, member)                                                                                \
	(offsetof(structure, member) + 0 * sizeof(_Generic(((structure *)0)->member, type : 0)))

#define TEXT(structure, member) .type = OPTION_TEXT, .offset = MEMBER(const char *, structure, member)
#define URL(structure, member) .type = OPTION_URL, .offset = MEMBER(const char *, structure, member), .fault = url_fault
#define WORD(structure, member) .type = OPTION_WORD, .offset = MEMBER(const char *, structure, member)
#define YES_NO(structure, member) .type = OPTION_YES_NO, .offset = MEMBER(bool, structure, member)
#define NUMBER(structure, member) .type = OPTION_NUMBER, .offset = MEMBER(uint32_t, structure, member)
#define PERCENT(structure, member) .type = OPTION_PERCENT, .offset = MEMBER(uint32_t, structure, member)
#define DURATION(structure, member) .type = OPTION_DURATION, .offset = MEMBER(uint32_t, structure, member)
#define TEXTS(structure, member) .type = OPTION_TEXTS, .offset = MEMBER(struct texts, structure, member)
#define SECTION(structure, member, name)                                                                               \
	.type = OPTION_SECTION, .offset = offsetof(structure, member), .section = &(name)
#define ITEMS(structure, member, name) .type = OPTION_ITEMS, .offset = offsetof(structure, member), .section = &(name)

/* `more`: the next table of the section, or NULL. */
#define OPTIONS(list, next)                                                                                            \
	{                                                                                                              \
		.option = (list), .count = sizeof(list) / sizeof *(list), .more = (next)                               \
	}
