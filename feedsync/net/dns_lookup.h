/* SPDX-License-Identifier: BSD-3-Clause */
/* Asks resolvers, and can be one: feedsync can find the hosts of feeds itself. So it works while this machine's
 * resolver does not, or blocks them. Only dns_lookup.c knows libunbound.
 *
 * Nothing here waits. Questions are asked. resolver_process() takes in the answers, when resolver_fd() can be read, or
 * now and then. The caller looks whether its own question is answered. One thread uses a resolver and all that belongs
 * to it.
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

/* Whether a text names a forwarder. `*named` tells whether it has a #NAME. */
bool forwarder_valid(const char *text, bool *named);

struct resolver;

/* Makes a resolver with empty caches. If it cannot work, every question says so. `config` is borrowed. */
must_check struct resolver *resolver_new(const struct resolver_config *config);
void resolver_free(struct resolver **resolver); /* all questions and lookups must have ended before */

/* The descriptor to poll for reading; -1 without a resolver. */
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

/* Asks. The question must not move until question_end. After `limit_s` seconds it has failed; question_state notices
 * that. */
void question_begin(struct question *question, struct resolver *resolver, const char *name, int type, unsigned limit_s);
enum question_state question_state(struct question *question);
void question_end(struct question *question);

/* ---- the addresses of a host ---- */

enum lookup_state { LOOKUP_WAITING, LOOKUP_FOUND, LOOKUP_FAILED };
enum { LOOKUP_TEXT = 1024 };

struct lookup;

/* Asks for a host's addresses of both families. */
must_check struct lookup *lookup_begin(struct resolver *resolver, const char *host);

/* LOOKUP_FOUND: `text` is the addresses as libcurl wants them, "192.0.2.1,[2001:db8::1]", at most LOOKUP_TEXT octets.
 * LOOKUP_FAILED: `text` is the reason. An answer that DNSSEC shows to be forged is a failure, whatever the other answer
 * is. */
enum lookup_state lookup_state(struct lookup *lookup, const char **text);
void lookup_end(struct lookup **lookup);
