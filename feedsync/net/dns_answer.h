/* SPDX-License-Identifier: BSD-3-Clause */
/* What a resolver's answer says to a client, and what it tells of Weir's module: whether the module has blocked the name, and
 * by which table. Pure: any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct dns_answer {
	unsigned rcode;
	unsigned addresses; /* IPv4, in the answer section */
	bool truncated;
	bool blocked; /* by the module, as its SOA record shows; or by whomever, as an extended error tells (RFC 8914: forged,
			 blocked, censored, filtered, prohibited) */
	bool has_table;      /* it has the module's SOA record, which tells of the table: */
	uint32_t generation; /* its last 32 bits */
	uint32_t created;    /* seconds since 1970 */
};

/* Reads a message. Returns whether it is one. */
must_check bool dns_answer_read(struct dns_answer *answer, const uint8_t *packet, size_t length);

/* Whether the answer to the question for the self-test's name (self_test.h) shows that a table is enforced: that of
 * `generation`. */
bool dns_answer_is_enforced(const struct dns_answer *answer);

/* Whether the resolver could not, or would not, answer: SERVFAIL, REFUSED. */
bool dns_answer_is_failure(const struct dns_answer *answer);

/* "SERVFAIL"; of a code without a word the number. */
enum { DNS_RCODE_TEXT = 16 };
const char *dns_rcode_text(unsigned rcode, char text[DNS_RCODE_TEXT]);
