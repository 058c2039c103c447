/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading a process. What is added to the store is in counted_add.c. */
#include "feedsync/trends/counted_process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libweir/errors.h"

static void shared_path(char path[4096], const char *run, const char *name, const char *kind)
{
	snprintf(path, 4096, "%s/%s.%s", run, name, kind);
}

uint64_t class_account_step(struct class_account *a, uint64_t counter, uint64_t fresh, uint64_t told, bool last)
{
	a->in_cells += fresh;
	uint64_t known = a->base + a->in_cells + (told - a->told) + a->lost;
	if (a->before[1] > known || last) {
		uint64_t until = last && counter > known ? counter : a->before[1];
		a->lost += until > known ? until - known : 0;
		known = until > known ? until : known;
	}
	/* What is in cells counts in any case; else no more than the counter says. */
	uint64_t accounted = known < counter ? known : counter;
	if (accounted < a->accounted + fresh)
		accounted = a->accounted + fresh;
	uint64_t more = accounted - a->accounted;
	a->accounted = accounted;
	a->before[1] = a->before[0];
	a->before[0] = counter;
	return more;
}

/* Without cells every hit is accounted for at once. */
static uint64_t account_plainly(struct class_account *a, uint64_t counter)
{
	uint64_t more = counter > a->accounted ? counter - a->accounted : 0;
	*a = (struct class_account){.accounted = a->accounted + more, .before = {counter, counter}};
	a->base = a->accounted;
	return more;
}

/* ---- cells ---- */

static uint64_t told_of(const struct cells_unattributed *u, enum counted_class class)
{
	return class == CLASS_BLOCKED ? u->blocked : u->logged;
}

/* Whether the cells are of the same process; another one's may have had the name. */
static bool are_own_cells(const struct counted_process *p, const struct cells_reader *cells)
{
	int64_t pid;
	uint64_t start_ticks;
	cells_process(cells, &pid, &start_ticks);
	return pid == p->live.header.pid && start_ticks == p->live.header.start_ticks;
}

static void pass_over(void *context, const struct cell_news *news)
{
	(void)context;
	(void)news;
}

/* Opens the cells, which are made once a table asks for them. What they have is new where they came after the process was
 * found; else it has been read before, or by none. */
static void open_cells_file(struct counted_process *p, const char *run)
{
	char path[4096];
	struct cells_unattributed unattributed = {0};
	/* After a reload of the resolver the files there are those of its next life. */
	if (!counted_process_is_current(p, run))
		return;
	shared_path(path, run, p->name, "cells");
	if (cells_open(&p->cells, path) != 0)
		return;
	if (!are_own_cells(p, p->cells) ||
		(!p->cells_are_new && (cells_read(p->cells, pass_over, NULL) != 0 ||
					      cells_unattributed(p->cells, &unattributed) != 0))) {
		cells_close(&p->cells);
		return;
	}
	p->cells_are_new = false;
	for (unsigned class = 0; class < CLASSES; class ++) {
		struct class_account *a = &p->account[class];
		*a = (struct class_account){.accounted = a->accounted,
			.before = {a->accounted, a->accounted},
			.base = a->accounted,
			.told = told_of(&unattributed, class)};
	}
}

struct visit {
	struct counted_process *process;
	uint64_t fresh[CLASSES];
};

/* News that there is no room for are left to be unattributed. */
static void take_news(void *context, const struct cell_news *news)
{
	struct visit *visit = context;
	if (news->action != ACTION_ALLOW && rule_counts_add(&visit->process->rules, news) == 0)
		visit->fresh[news->action > ACTION_LOG ? CLASS_BLOCKED : CLASS_LOGGED] += news->hits;
}

static int read_cells(struct counted_process *p, struct visit *visit, struct cells_unattributed *unattributed)
{
	int status = cells_unattributed(p->cells, unattributed);
	return status == 0 ? cells_read(p->cells, take_news, visit) : status;
}

/* Accounts for what came in cells where the rest cannot be read now. */
static void account_cells_only(struct counted_process *p, const struct visit *visit)
{
	for (unsigned class = 0; class < CLASSES; class ++) {
		p->account[class].in_cells += visit->fresh[class];
		p->account[class].accounted += visit->fresh[class];
		p->fresh[class] += visit->fresh[class];
	}
}

/* ---- hits of feeds and groups ---- */

/* The source of this visit: they come in the same order each time, and new ones at the end. */
static struct counted_source *next_source(
	struct counted_process *p, struct counted_sources *s, const char *feed, const char *category)
{
	if (s->visited == s->count) {
		struct counted_source *list = realloc(s->list, (s->count + 1) * sizeof *list);
		if (!list)
			return NULL;
		s->list = list;
		list[s->count] = (struct counted_source){.feed = ""};
		snprintf(list[s->count].feed, sizeof list->feed, "%s", feed);
		snprintf(list[s->count].category, sizeof list->category, "%s", category);
		stored_source(&p->stored, &list[s->count]);
		s->count++;
	}
	return &s->list[s->visited++];
}

static void take_feed_hits(void *context, const char *feed, const char *category, const uint64_t count[ACTION_COUNT])
{
	struct counted_process *p = context;
	struct counted_source *source = next_source(p, &p->feeds, feed, category);
	if (source)
		memcpy(source->now, count, sizeof source->now);
}

static void take_group_hits(void *context, const char *group, uint64_t passed)
{
	struct counted_process *p = context;
	struct counted_source *source = next_source(p, &p->groups, group, "");
	if (source)
		source->now[ACTION_ALLOW] = passed;
}

static void read_counted_sources(struct counted_process *p, const char *run)
{
	char path[4096];
	shared_path(path, run, p->name, "hits");
	if (!p->hits && (!counted_process_is_current(p, run) || hits_open(&p->hits, path) != 0)) {
		p->hits = NULL;
		return;
	}
	p->feeds.visited = p->groups.visited = 0;
	/* What cannot be read stays what it was. */
	if (hits_each_source(p->hits, take_feed_hits, p) != 0 || hits_each_group(p->hits, take_group_hits, p) != 0)
		return;
}

/* What it had counted when it was found is not ours. */
static void begin_from_now(struct counted_process *p)
{
	struct counted_sources *const all[] = {&p->feeds, &p->groups};
	for (unsigned i = 0; i < 2; i++)
		for (size_t s = 0; s < all[i]->count; s++)
			memcpy(all[i]->list[s].added, all[i]->list[s].now, sizeof all[i]->list[s].added);
	p->opted_out_added = p->opted_out;
	p->from_now = false;
}

/* ---- a process ---- */

int counted_process_open(
	struct counted_process *process, const char *run, const char *name, bool from_now, struct trends *trends)
{
	char path[4096];
	struct counted_process *p = process;
	*p = (struct counted_process){.live = {.fd = -1}};
	snprintf(p->name, sizeof p->name, "%s", name);
	shared_path(path, run, name, "live");
	int status = counters_hold(&p->live, path);
	if (status != 0)
		return status;
	snprintf(p->id, sizeof p->id, "%lld-%llu-%llu", (long long)p->live.header.pid,
		(unsigned long long)p->live.header.start_ticks, (unsigned long long)p->live.life);
	bool known = trends && stored_load(p, trends);
	p->from_now = from_now && !known;
	uint64_t count[COUNTER_COUNT];
	bool alive;
	status = counters_read_held(&p->live, count, &alive);
	/* A killed one leaves its files: its last values are in the store, or it never was ours. */
	if (status == 0 && !alive && !known)
		status = -ESRCH;
	if (status != 0) {
		counted_process_close(p);
		return status;
	}
	for (unsigned class = 0; p->from_now && class < CLASSES; class ++)
		p->account[class].accounted = counted_of(count, class);
	for (unsigned class = 0; class < CLASSES; class ++)
		account_plainly(&p->account[class], p->account[class].accounted);
	shared_path(path, run, name, "cells");
	bool ours = !known && !p->from_now; /* all that it has counted */
	p->cells_are_new = ours || (access(path, F_OK) != 0 && errno == ENOENT);
	if (!ours)
		open_cells_file(p, run);
	return 0;
}

void counted_process_close(struct counted_process *p)
{
	counters_release(&p->live);
	hits_close(&p->hits);
	cells_close(&p->cells);
	free(p->feeds.list);
	free(p->groups.list);
	free(p->stored.list);
	rule_counts_clear(&p->rules);
	*p = (struct counted_process){.live = {.fd = -1}};
}

bool counted_process_is_current(const struct counted_process *p, const char *run)
{
	char path[4096];
	struct stat st;
	shared_path(path, run, p->name, "live");
	return lstat(path, &st) == 0 && st.st_ino == p->live.inode;
}

bool counted_process_renew(struct counted_process *process, const char *run, const char *name, bool rules)
{
	struct counted_process *p = process;
	struct counters_held live;
	char path[4096];
	shared_path(path, run, name, "live");
	if (counters_hold(&live, path) != 0)
		return false;
	if (!counters_same_life(&live, &p->live)) {
		counters_release(&live);
		return false;
	}
	/* What the old files have and could not be read is in the new ones: it is unattributed then. */
	int status = counted_process_read(p, run, rules);
	(void)status;
	counters_release(&p->live);
	hits_close(&p->hits);
	cells_close(&p->cells);
	p->live = live;
	p->seen = p->ended = false;
	snprintf(p->name, sizeof p->name, "%s", name);
	return true;
}

int counted_process_read(struct counted_process *process, const char *run, bool rules)
{
	struct counted_process *p = process;
	struct visit visit = {.process = p};
	struct cells_unattributed unattributed = {0};
	uint64_t count[COUNTER_COUNT];
	bool alive;
	if (!rules)
		cells_close(&p->cells);
	else if (!p->cells)
		open_cells_file(p, run);
	/* The cells before the counters: each hit in a cell has been counted. Where the process has gone by then there may be
	 * more in the cells, which the next reading finds. */
	bool counted_by_rule = p->cells != NULL;
	int status = counted_by_rule ? read_cells(p, &visit, &unattributed) : 0;
	if (status == 0)
		status = counters_read_held(&p->live, count, &alive);
	if (status != 0) {
		account_cells_only(p, &visit);
		return status;
	}
	read_counted_sources(p, run);
	for (unsigned class = 0; class < CLASSES; class ++) {
		struct class_account *a = &p->account[class];
		uint64_t counter = counted_of(count, class), more;
		if (counted_by_rule)
			more = class_account_step(
				a, counter, visit.fresh[class], told_of(&unattributed, class), p->seen && !alive);
		else
			more = account_plainly(a, counter);
		p->fresh[class] += more;
		p->unattributed += counted_by_rule ? more - visit.fresh[class] : 0;
	}
	p->opted_out = count[COUNT_OPTED_OUT];
	if (p->from_now)
		begin_from_now(p);
	/* Read once more after it has gone: then these were its last values. */
	p->ended = !alive && p->seen;
	p->seen = !alive;
	return 0;
}
