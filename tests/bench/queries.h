/* SPDX-License-Identifier: BSD-3-Clause */
/* The names that a benchmark asks for. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct queries {
	uint8_t *octets; /* wire names, one behind the other: a resolver's are not aligned either */
	size_t length, room;
	uint8_t *lengths; /* of each */
	size_t count, count_room;
};

/* Reads a file with one name a line; what follows a blank is passed over, so dnsperf's files serve too. Ends the
 * program with a message when there is no name in it. The caller frees with queries_free. */
void queries_read(struct queries *queries, const char *path);
void queries_free(struct queries *queries);
