/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers of resolvers: read or refused, never a crash. */
#include <stdlib.h>

#include "fuzz.h"
#include "feedsync/net/dns_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_answer answer;
	char text[DNS_RCODE_TEXT];
	if (!dns_answer_read(&answer, data, size))
		return 0;
	if ((answer.has_table && !answer.blocked) || (dns_answer_is_enforced(&answer) && answer.rcode != 3) ||
		dns_rcode_text(answer.rcode, text)[0] == '\0')
		abort();
	return 0;
}
