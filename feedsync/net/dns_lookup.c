/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/net/dns_lookup.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/xalloc.h"

#define ROOT_ANCHOR "/usr/share/dns/root.key"
#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"

enum { TYPE_A = 1, TYPE_AAAA = 28, CLASS_IN = 1, SERVFAIL = 2, NXDOMAIN = 3 };

struct resolver {
	struct ub_ctx *context; /* NULL: out of memory */
	bool tls;
	char broken[200]; /* why it cannot work, or "" */
};

bool forwarder_valid(const char *text, bool *named)
{
	char address[INET6_ADDRSTRLEN];
	uint8_t octets[16];
	size_t length = strcspn(text, "@#");
	const char *rest = text + length;
	if (length >= sizeof address)
		return false;
	snprintf(address, sizeof address, "%.*s", (int)length, text);
	if (inet_pton(AF_INET, address, octets) != 1 && inet_pton(AF_INET6, address, octets) != 1)
		return false;
	if (*rest == '@') {
		size_t digits = strspn(++rest, "0123456789");
		unsigned long port = strtoul(rest, NULL, 10);
		if (digits == 0 || digits > 5 || port < 1 || port > 65535)
			return false;
		rest += digits;
	}
	*named = *rest == '#';
	return *named ? rest[1] != '\0' && strpbrk(rest, " \t@") == NULL : *rest == '\0';
}

/* ---- a resolver ---- */

static void note_error(struct resolver *r, int error, const char *what)
{
	if (error != 0 && !r->broken[0])
		snprintf(r->broken, sizeof r->broken, "%.150s: %s", what, ub_strerror(error));
}

static void set_option(struct resolver *r, const char *option, const char *value)
{
	note_error(r, ub_ctx_set_option(r->context, option, value), option);
}

static void configure_context(struct resolver *r, const struct resolver_config *config)
{
	note_error(r, ub_ctx_debugout(r->context, NULL), "log");
	note_error(r, ub_ctx_async(r->context, 1), "thread");
	set_option(r, "module-config:", config->validate ? "validator iterator" : "iterator");
	for (unsigned i = 0; i < config->forward_count; i++)
		note_error(r, ub_ctx_set_fwd(r->context, config->forward[i]), config->forward[i]);
	if (config->forward_count > 0)
		set_option(r, "do-not-query-localhost:", "no"); /* the operator wrote it */
	r->tls = config->tls;
	if (config->tls) {
		note_error(r, ub_ctx_set_tls(r->context, 1), "tls");
		set_option(r, "tls-cert-bundle:", config->ca ? config->ca : SYSTEM_CA);
	}
	const char *anchor = config->trust_anchor ? config->trust_anchor : ROOT_ANCHOR;
	if (config->validate)
		note_error(r, ub_ctx_add_ta_file(r->context, anchor), anchor);
}

struct resolver *resolver_new(const struct resolver_config *config)
{
	struct resolver *r = xcalloc(1, sizeof *r);
	r->context = ub_ctx_create();
	if (r->context)
		configure_context(r, config);
	else
		snprintf(r->broken, sizeof r->broken, "out of memory");
	return r;
}

void resolver_free(struct resolver **resolver)
{
	if (*resolver && (*resolver)->context)
		ub_ctx_delete((*resolver)->context);
	free(*resolver);
	*resolver = NULL;
}

int resolver_fd(const struct resolver *r)
{
	return r && r->context ? ub_fd(r->context) : -1;
}

void resolver_process(struct resolver *r)
{
	if (r && r->context)
		ub_process(r->context);
}

/* ---- one question ---- */

static void question_fail(struct question *q, const char *error)
{
	q->state = QUESTION_FAILED;
	snprintf(q->error, sizeof q->error, "%s", error);
}

static void on_answer(void *context, int error, struct ub_result *result)
{
	struct question *q = context;
	q->result = result;
	if (error != 0)
		question_fail(q, ub_strerror(error));
	else if (result->bogus)
		question_fail(q, result->why_bogus ? result->why_bogus : "the answer is forged (DNSSEC)");
	else if (result->rcode == SERVFAIL)
		question_fail(q, "no answer that can be used (SERVFAIL)");
	else
		q->state = QUESTION_ANSWERED;
	if (q->state == QUESTION_ANSWERED) {
		q->packet = result->answer_packet;
		q->length = (size_t)(result->answer_len > 0 ? result->answer_len : 0);
	}
}

void question_begin(struct question *q, struct resolver *r, const char *name, int type, unsigned limit_s)
{
	*q = (struct question){.resolver = r, .deadline = clock_ms() + (uint64_t)limit_s * 1000};
	if (r->broken[0]) {
		question_fail(q, r->broken);
		return;
	}
	int error = ub_resolve_async(r->context, name, type, CLASS_IN, q, on_answer, &q->id);
	/* libunbound returns this where it cannot begin TLS. */
	if (error == UB_NOMEM && r->tls)
		question_fail(
			q, "TLS does not start: this libunbound was built without OpenSSL, or the ca cannot be read");
	else if (error != 0)
		question_fail(q, ub_strerror(error));
}

enum question_state question_state(struct question *q)
{
	if (q->state == QUESTION_WAITING && clock_ms() >= q->deadline) {
		ub_cancel(q->resolver->context, q->id);
		question_fail(q, "no answer in time");
	}
	return q->state;
}

void question_end(struct question *q)
{
	if (q->resolver && q->state == QUESTION_WAITING)
		ub_cancel(q->resolver->context, q->id);
	if (q->result)
		ub_resolve_free(q->result);
	*q = (struct question){0};
}

/* ---- the addresses of a host ---- */

struct lookup {
	struct question ipv4, ipv6;
	char host[256];
	char text[LOOKUP_TEXT];
};

struct lookup *lookup_begin(struct resolver *r, const char *host)
{
	struct lookup *l = xcalloc(1, sizeof *l);
	snprintf(l->host, sizeof l->host, "%s", host);
	question_begin(&l->ipv4, r, host, TYPE_A, LOOKUP_TIMEOUT_S);
	question_begin(&l->ipv6, r, host, TYPE_AAAA, LOOKUP_TIMEOUT_S);
	return l;
}

static void add_addresses(struct lookup *l, const struct question *q, int family)
{
	const struct ub_result *result = q->state == QUESTION_ANSWERED ? q->result : NULL;
	size_t length = family == AF_INET ? 4 : 16, used = strlen(l->text);
	for (int i = 0; result && result->havedata && result->data[i]; i++) {
		char address[INET6_ADDRSTRLEN];
		if ((size_t)result->len[i] != length || !inet_ntop(family, result->data[i], address, sizeof address))
			continue;
		if (used + strlen(address) + 4 > sizeof l->text)
			return;
		used += (size_t)snprintf(l->text + used, sizeof l->text - used, family == AF_INET ? "%s%s" : "%s[%s]",
			used > 0 ? "," : "", address);
	}
}

static bool question_is_bogus(const struct question *q)
{
	return q->result && q->result->bogus;
}

enum lookup_state lookup_state(struct lookup *l, const char **text)
{
	enum question_state ipv4 = question_state(&l->ipv4), ipv6 = question_state(&l->ipv6);
	if (ipv4 == QUESTION_WAITING || ipv6 == QUESTION_WAITING)
		return LOOKUP_WAITING;
	*text = l->text;
	l->text[0] = '\0';
	bool bogus = question_is_bogus(&l->ipv4) || question_is_bogus(&l->ipv6);
	if (!bogus) {
		add_addresses(l, &l->ipv4, AF_INET);
		add_addresses(l, &l->ipv6, AF_INET6);
	}
	if (l->text[0])
		return LOOKUP_FOUND;
	const struct question *failed = question_is_bogus(&l->ipv6) || ipv4 != QUESTION_FAILED ? &l->ipv6 : &l->ipv4;
	if (failed->state == QUESTION_FAILED)
		snprintf(l->text, sizeof l->text, "cannot resolve %.100s: %s", l->host, failed->error);
	else
		snprintf(l->text, sizeof l->text, "cannot resolve %.100s: %s", l->host,
			l->ipv4.result->rcode == NXDOMAIN ? "there is no such name" : "it has no address");
	return LOOKUP_FAILED;
}

void lookup_end(struct lookup **lookup)
{
	struct lookup *l = *lookup;
	if (!l)
		return;
	question_end(&l->ipv4);
	question_end(&l->ipv6);
	free(l);
	*lookup = NULL;
}
