/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/fleet/promotion_judge.h"

#include <stdarg.h>
#include <stdio.h>

/* What all canaries answered. */
struct canary_sums {
	uint32_t answering;
	uint32_t new_ones;                /* enforce a table that is not promoted */
	uint32_t asked, failed;           /* of these; where there are none, of all that answer */
	const struct canary_look *idle;   /* one that answers, and enforces no table */
	const struct canary_look *blocks; /* one of the new ones that blocks a name which it must not */
};

static bool is_promoted(const struct promotion_question *q, const struct canary_look *c)
{
	return (q->promoted > 0 && c->generation == (uint32_t)q->promoted) ||
	       (q->amended > 0 && c->generation == (uint32_t)q->amended);
}

static bool is_new(const struct promotion_question *q, const struct canary_look *c)
{
	return c->answers && c->enforces && !is_promoted(q, c);
}

static void sum_up_canaries(const struct promotion_question *q, struct canary_sums *s)
{
	*s = (struct canary_sums){0};
	for (size_t i = 0; i < q->count; i++)
		s->new_ones += is_new(q, &q->canary[i]);
	for (size_t i = 0; i < q->count; i++) {
		const struct canary_look *c = &q->canary[i];
		s->answering += c->answers;
		s->idle = c->answers && !c->enforces && !s->idle ? c : s->idle;
		if (!c->answers || (s->new_ones > 0 && !is_new(q, c)))
			continue;
		s->asked += c->asked;
		s->failed += c->failed;
		s->blocks = c->blocked && !s->blocks ? c : s->blocks;
	}
}

__attribute__((format(printf, 3, 4))) static void conclude_look(
	struct promotion_finding *f, enum promotion_state state, const char *format, ...)
{
	va_list list;
	f->state = state;
	va_start(list, format);
	vsnprintf(f->reason, sizeof f->reason, format, list);
	va_end(list);
}

/* ---- unhealthy ---- */

/* Whether more names are without an address than before, by more than the bound. Where nothing is known of before, as with the
 * first table of all, nobody can say. */
static bool has_failure_risen(const struct promotion_question *q, const struct canary_sums *s)
{
	const struct health_before *b = &q->before;
	if (!b->known || b->asked == 0)
		return false;
	return (uint64_t)s->failed * 100 * b->asked >
	       ((uint64_t)b->failed * 100 + (uint64_t)q->rise_percent * b->asked) * s->asked;
}

/* Says what is unhealthy with a new table in force. Returns whether something is. */
static bool find_unhealthy(
	const struct promotion_question *q, const struct canary_sums *s, char reason[PROMOTION_REASON])
{
	if (s->new_ones == 0)
		return false;
	if (s->blocks) {
		snprintf(reason, PROMOTION_REASON, "%.60s blocks %.150s, which was not blocked before", s->blocks->name,
			s->blocks->blocked);
		return true;
	}
	if (!has_failure_risen(q, s))
		return false;
	snprintf(reason, PROMOTION_REASON, "%u of %u answers have no address (SERVFAIL, none at all); before, %u of %u",
		s->failed, s->asked, q->before.failed, q->before.asked);
	return true;
}

/* ---- healthy ---- */

/* Whether the canaries' channel offers nothing that is not promoted, and none of them has such a thing. */
static bool is_nothing_new(const struct promotion_question *q, const struct canary_sums *s)
{
	return s->new_ones == 0 && (q->offered.generation == q->promoted || q->offered.generation == q->amended);
}

/* How many must answer. A canary that has been taken out of the configuration is not waited for; and without a new table it is
 * none that keeps one from answering. */
static uint32_t count_required(const struct promotion_question *q, const struct canary_sums *s)
{
	uint32_t before = q->before.known && !is_nothing_new(q, s) ? q->before.answering : 0;
	before = before < q->count ? before : (uint32_t)q->count;
	return before > MIN_CANARIES ? before : MIN_CANARIES;
}

/* Says why the canaries tell nothing of a table. Returns whether that is so. */
static bool find_silence(const struct promotion_question *q, const struct canary_sums *s, struct promotion_finding *f)
{
	const uint32_t required = count_required(q, s);
	const char *ending = s->answering == 1 ? "s" : "";
	if (s->answering < required && required > MIN_CANARIES)
		conclude_look(f, PROMOTION_WAITS, "%u of %zu canaries answer%s; before this table %u did", s->answering,
			q->count, ending, required);
	else if (s->answering < required)
		conclude_look(f, PROMOTION_WAITS, "%u of %zu canaries answer%s; at least %d must", s->answering,
			q->count, ending, MIN_CANARIES);
	else if (s->idle)
		conclude_look(f, PROMOTION_WAITS, "%.60s answers, and enforces no table", s->idle->name);
	else
		return false;
	return true;
}

/* Whether each that answers enforces a table that is as new as the candidate; generations are compared as serial numbers. */
static bool is_candidate_everywhere(const struct promotion_question *q, const struct trial *t)
{
	for (size_t i = 0; i < q->count; i++) {
		const struct canary_look *c = &q->canary[i];
		if (c->answers && (!is_new(q, c) || (int32_t)(c->generation - (uint32_t)t->candidate.generation) < 0))
			return false;
	}
	return t->candidate.generation > 0;
}

static bool is_offered_everywhere(const struct promotion_question *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->canary[i].answers && q->canary[i].generation != (uint32_t)q->offered.generation)
			return false;
	return q->offered.generation > 0;
}

static void go_on(const struct promotion_question *q, struct trial *t, struct promotion_finding *f)
{
	uint64_t gap = t->looked_ms > 0 && q->now_ms > t->looked_ms ? q->now_ms - t->looked_ms : 0;
	t->healthy_ms += gap < q->gap_ms ? gap : q->gap_ms;
	t->looked_ms = q->now_ms;
	f->state = t->healthy_ms >= q->after_ms ? PROMOTION_READY : PROMOTION_PROVES;
}

static void begin_trial(const struct promotion_question *q, struct trial *t, struct promotion_finding *f)
{
	*t = (struct trial){.candidate = q->offered, .looked_ms = q->now_ms};
	f->state = q->after_ms == 0 ? PROMOTION_READY : PROMOTION_PROVES;
}

/* Judges canaries that answer and of which nothing is unhealthy. */
static void judge_tables(
	const struct promotion_question *q, const struct canary_sums *s, struct trial *t, struct promotion_finding *f)
{
	if (is_nothing_new(q, s)) {
		*t = (struct trial){0};
		f->state = PROMOTION_RESTS;
	} else if (is_candidate_everywhere(q, t)) {
		go_on(q, t, f);
	} else if (s->new_ones > 0 && is_offered_everywhere(q)) {
		begin_trial(q, t, f);
	} else {
		conclude_look(f, PROMOTION_WAITS, "not all canaries enforce generation %llu yet",
			(unsigned long long)q->offered.generation);
	}
}

void promotion_judge(const struct promotion_question *q, struct trial *t, struct promotion_finding *f)
{
	struct canary_sums s;
	/* A crash came between promoting it and forgetting its trial. */
	if (q->promoted > 0 && t->candidate.generation == q->promoted)
		*t = (struct trial){0};
	sum_up_canaries(q, &s);
	*f = (struct promotion_finding){
		.answering = s.answering, .enforcing = s.new_ones, .asked = s.asked, .failed = s.failed};
	if (find_unhealthy(q, &s, f->reason)) {
		t->strikes++;
		f->state = t->strikes >= STRIKES ? PROMOTION_UNHEALTHY : PROMOTION_WAITS;
	} else {
		t->strikes = 0;
		if (!find_silence(q, &s, f))
			judge_tables(q, &s, t, f);
	}
	if (f->state == PROMOTION_WAITS || f->state == PROMOTION_UNHEALTHY)
		t->looked_ms = t->healthy_ms = 0;
}
