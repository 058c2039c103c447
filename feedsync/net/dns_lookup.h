/* SPDX-License-Identifier: BSD-3-Clause */
/* Asking resolvers, and being one: the hosts of feeds can be resolved by feedsync itself, so that it works while this
 * machine's resolver does not, or blocks them. libunbound is known to dns_lookup.c alone.
 *
 * Nothing here waits: questions are asked, resolver_process() takes in what has been answered (when resolver_fd() can
 * be read, or now and then), and who asked looks whether his is. One thread uses a resolver and what belongs to it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libweir/attributes.h"

struct resolver_config {
	const char *const *forward; /* whom to ask, each "ADDRESS[@PORT][#NAME]" as forwarder_valid takes it */
	unsigned forward_count;     /* 0: the servers of the names themselves, from the root on */
	bool validate;              /* DNSSEC, from the trust anchor on */
	bool tls;                   /* forwarders are asked over TLS, and must prove to be NAME */
	const char *ca;             /* file of the certificates that may have signed theirs, NULL = the system's */
	const char *trust_anchor;   /* file, NULL = the root's as Debian has it */
};

/* Whether a text names a forwarder; `named`: with a #NAME. */
bool forwarder_valid(const char *text, bool *named);

struct resolver;

/* A resolver with empty caches. One that cannot work is told by every question. `config` is borrowed. */
must_check struct resolver *resolver_new(const struct resolver_config *config);
void resolver_free(struct resolver **resolver); /* all questions and lookups must have ended */

/* To be polled for reading; -1 without a resolver. */
int resolver_fd(const struct resolver *resolver);
void resolver_process(struct resolver *resolver);

/* ---- one question ---- */

enum question_state { QUESTION_WAITING, QUESTION_ANSWERED, QUESTION_FAILED };

struct question {
	enum question_state state;
	/* QUESTION_ANSWERED: */
	uint8_t *packet; /* the answer */
	size_t length;
	/* QUESTION_FAILED: there is no answer, none that can be trusted, or only SERVFAIL */
	char error[200];
	/* private */
	struct resolver *resolver;
	struct ub_result *result;
	int id;
	uint64_t deadline;
};

/* Asks. The question stays where it is until question_end. `limit_s`: after so many seconds it has failed, which
 * question_state notices. */
void question_begin(struct question *question, struct resolver *resolver, const char *name, int type, unsigned limit_s);
enum question_state question_state(struct question *question);
void question_end(struct question *question);

/* ---- the addresses of a host ---- */

enum lookup_state { LOOKUP_WAITING, LOOKUP_FOUND, LOOKUP_FAILED };
enum { LOOKUP_TEXT = 1024 };

struct lookup;

/* Asks for a host's addresses of both families. */
must_check struct lookup *lookup_begin(struct resolver *resolver, const char *host);

/* FOUND: `text` are the addresses as libcurl wants them, "192.0.2.1,[2001:db8::1]", at most LOOKUP_TEXT octets;
 * FAILED: it is the reason. An answer that DNSSEC shows to be forged is a failure, whatever the other one is. */
enum lookup_state lookup_state(struct lookup *lookup, const char **text);
void lookup_end(struct lookup **lookup);
