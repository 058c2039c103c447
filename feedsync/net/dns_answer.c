/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/dns_answer.h"

#include <arpa/nameser.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Whether a name is another one, or above it. Both are text as ns_rr_name has it. */
static bool is_name_or_above(const char *name, const char *below)
{
	size_t length = strlen(name), whole = strlen(below);
	if (length > whole || strcasecmp(below + whole - length, name) != 0)
		return false;
	return length == whole || length == 0 || below[whole - length - 1] == '.';
}

/* The SOA record that the module puts into negative answers (plugin/blocked_answer.c): its primary server is "localhost", two
 * of its timers are constants, and its other numbers tell of the table. */
static bool read_table_soa(struct dns_answer *answer, ns_msg message, const ns_rr *record)
{
	enum { RETRY = 1200, EXPIRE = 604800 };
	char mname[NS_MAXDNAME], rname[NS_MAXDNAME];
	const uint8_t *at = ns_rr_rdata(*record), *end = at + ns_rr_rdlen(*record);
	int first = ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), at, mname, sizeof mname);
	int second = first < 0 || first > end - at ? -1
						   : ns_name_uncompress(ns_msg_base(message), ns_msg_end(message),
							     at + first, rname, sizeof rname);
	if (second < 0 || end - at - first - second != 5 * NS_INT32SZ || strcasecmp(mname, "localhost") != 0)
		return false;
	at += first + second;
	if (ns_get32(at + 2 * NS_INT32SZ) != RETRY || ns_get32(at + 3 * NS_INT32SZ) != EXPIRE)
		return false;
	answer->generation = (uint32_t)ns_get32(at);
	answer->created = (uint32_t)ns_get32(at + NS_INT32SZ);
	return true;
}

/* Looks for an extended error in the OPT record (RFC 6891) that says that somebody did not want the answer to be given. */
static bool has_blocking_error(const ns_rr *opt)
{
	enum { EXTENDED_ERROR = 15, HEAD = 4, FORGED = 4, BLOCKED = 15, PROHIBITED = 18 };
	const uint8_t *at = ns_rr_rdata(*opt), *end = at + ns_rr_rdlen(*opt);
	while (end - at >= HEAD) {
		unsigned option = ns_get16(at), length = ns_get16(at + NS_INT16SZ);
		at += HEAD;
		if (length > end - at)
			return false;
		if (option == EXTENDED_ERROR && length >= NS_INT16SZ) {
			unsigned code = ns_get16(at);
			if (code == FORGED || (code >= BLOCKED && code <= PROHIBITED))
				return true;
		}
		at += length;
	}
	return false;
}

/* Reads a record of the authority or the additional section. */
static void read_record(
	struct dns_answer *answer, ns_msg message, const char *asked, const ns_rr *record, ns_sect section)
{
	if (section == ns_s_an)
		answer->addresses += ns_rr_type(*record) == ns_t_a;
	else if (section == ns_s_ns && ns_rr_type(*record) == ns_t_soa && is_name_or_above(ns_rr_name(*record), asked))
		answer->has_table |= read_table_soa(answer, message, record);
	else if (section == ns_s_ar && ns_rr_type(*record) == ns_t_opt)
		answer->blocked |= has_blocking_error(record);
}

bool dns_answer_read(struct dns_answer *answer, const uint8_t *packet, size_t length)
{
	static const ns_sect sections[] = {ns_s_an, ns_s_ns, ns_s_ar};
	ns_msg message;
	ns_rr question, record;
	*answer = (struct dns_answer){0};
	if (length > NS_MAXMSG || ns_initparse(packet, (int)length, &message) != 0 ||
		ns_msg_count(message, ns_s_qd) != 1 || ns_parserr(&message, ns_s_qd, 0, &question) != 0)
		return false;
	answer->rcode = (unsigned)ns_msg_getflag(message, ns_f_rcode);
	answer->truncated = ns_msg_getflag(message, ns_f_tc) != 0;
	for (unsigned s = 0; s < sizeof sections / sizeof *sections; s++) {
		for (int i = 0; i < ns_msg_count(message, sections[s]); i++) {
			if (ns_parserr(&message, sections[s], i, &record) != 0)
				return false;
			read_record(answer, message, ns_rr_name(question), &record, sections[s]);
		}
	}
	answer->blocked |= answer->has_table;
	return true;
}

bool dns_answer_is_enforced(const struct dns_answer *answer)
{
	return answer->rcode == ns_r_nxdomain && answer->has_table;
}

bool dns_answer_is_failure(const struct dns_answer *answer)
{
	return answer->rcode == ns_r_servfail || answer->rcode == ns_r_refused;
}

const char *dns_rcode_text(unsigned rcode, char text[DNS_RCODE_TEXT])
{
	static const char *const words[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
	if (rcode < sizeof words / sizeof *words)
		snprintf(text, DNS_RCODE_TEXT, "%s", words[rcode]);
	else
		snprintf(text, DNS_RCODE_TEXT, "rcode %u", rcode % 100);
	return text;
}
