/* SPDX-License-Identifier: BSD-3-Clause */
/* table-bench [--plain] [--threads N] TABLE QUERIES: what a table costs, as one JSON object.
 *
 * The names of QUERIES (queries.h) are looked up in the file's order, again and again for a second, and the fastest
 * pass counts. With --threads, N threads do so at the same time on the one table, each beginning elsewhere in the file,
 * and lookups_per_s is the sum of what each did. With --plain the same queries are then put to a plain hash table of
 * the same rules (plain.h). Before the table is opened as much memory is touched once and given back: touch_ms. Where a
 * host lends a machine its memory, to get what it has taken back can take longer than to open the table. */
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "libweir/errors.h"
#include "plain.h"
#include "queries.h"
#include "libweir/table.h"

enum { MOST_THREADS = 64 };

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What one thread does, and what came of it. */
struct task {
	const struct table *table;
	const struct plain *plain; /* if not NULL, asked in the table's stead */
	const struct queries *queries;
	size_t first, first_octet; /* the query to begin with */
	pthread_barrier_t *together;
	size_t blocked;
	double best; /* seconds of the fastest pass */
};

static size_t look_up(const struct task *t, size_t from, size_t to, const uint8_t *name)
{
	const struct verdict *verdicts = table_policy(t->table)->verdicts;
	const uint8_t *lengths = t->queries->lengths;
	size_t blocked = 0;
	for (size_t i = from; i < to; name += lengths[i++]) {
		struct match match;
		if (table_lookup(t->table, name, lengths[i], &match))
			blocked += verdicts[match.verdict].decision == DECISION_BLOCK;
	}
	return blocked;
}

static size_t look_up_plain(const struct task *t, size_t from, size_t to, const uint8_t *name)
{
	const uint8_t *lengths = t->queries->lengths;
	size_t blocked = 0;
	for (size_t i = from; i < to; name += lengths[i++])
		blocked += plain_lookup(t->plain, name, lengths[i]);
	return blocked;
}

/* Looks all up once. Returns how many are blocked. */
static size_t pass(const struct task *t)
{
	size_t (*look)(const struct task *, size_t, size_t, const uint8_t *) = t->plain ? look_up_plain : look_up;
	const struct queries *q = t->queries;
	return look(t, t->first, q->count, q->octets + t->first_octet) + look(t, 0, t->first, q->octets);
}

static void *run(void *argument)
{
	struct task *t = argument;
	pass(t); /* warms up */
	pthread_barrier_wait(t->together);
	double begin = seconds();
	t->best = 1e9;
	do {
		double start = seconds();
		t->blocked = pass(t);
		double took = seconds() - start;
		t->best = took < t->best ? took : t->best;
	} while (seconds() - begin < 1);
	return NULL;
}

/* Runs as many tasks like this one at the same time. Returns the lookups of all in a second. */
static double run_all(struct task *like, unsigned threads)
{
	struct task task[MOST_THREADS];
	pthread_t thread[MOST_THREADS];
	pthread_barrier_t together;
	const struct queries *q = like->queries;
	pthread_barrier_init(&together, NULL, threads);
	for (unsigned i = 0; i < threads; i++) {
		task[i] = *like;
		task[i].together = &together;
		for (task[i].first = 0; task[i].first < q->count / threads * i; task[i].first++)
			task[i].first_octet += q->lengths[task[i].first];
		if (pthread_create(&thread[i], NULL, run, &task[i]) != 0) {
			fputs("cannot start a thread\n", stderr);
			exit(2);
		}
	}
	double sum = 0;
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		sum += (double)q->count / task[i].best;
	}
	pthread_barrier_destroy(&together);
	like->blocked = task[0].blocked;
	return sum;
}

/* The milliseconds that it takes to have as much memory as a file is long. */
static double touch(const char *path)
{
	struct stat st;
	double begin = seconds();
	if (stat(path, &st) != 0 || st.st_size <= 0)
		return 0;
	void *memory = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return 0;
	madvise(memory, (size_t)st.st_size, MADV_HUGEPAGE);
	memset(memory, 1, (size_t)st.st_size);
	double took = seconds() - begin;
	munmap(memory, (size_t)st.st_size);
	return took * 1e3;
}

static void compare(struct task *task, unsigned threads, double table_lookups)
{
	struct plain *plain = plain_new(task->table);
	task->plain = plain;
	double lookups = run_all(task, threads);
	printf(", \"plain_octets\": %zu, \"plain_lookups_per_s\": %.0f, \"plain_blocked\": %zu, \"times_plain\": %.2f",
		plain_octets(plain), lookups, task->blocked, table_lookups / lookups);
	plain_free(&plain);
}

static void measure(const char *table_path, const char *queries_path, unsigned threads, bool with_plain)
{
	struct queries queries;
	struct table *table;
	struct why why;
	queries_read(&queries, queries_path);
	double touch_ms = touch(table_path), start = seconds();
	if (table_open(&table, table_path, &why) != 0) {
		fprintf(stderr, "%s: %s\n", table_path, why.text);
		exit(2);
	}
	double open_s = seconds() - start;
	struct task task = {.table = table, .queries = &queries};
	double lookups = run_all(&task, threads), rules = (double)table_header(table)->rules;
	printf("{\"names\": %.0f, \"table_octets\": %llu, \"octets_per_name\": %.2f, \"touch_ms\": %.2f, \"open_ms\": "
	       "%.2f, "
	       "\"threads\": %u, "
	       "\"ns_per_lookup\": %.1f, \"lookups_per_s\": %.0f, \"queries\": %zu, \"blocked\": %zu",
		rules, (unsigned long long)table_octets(table), rules > 0 ? (double)table_octets(table) / rules : 0.0,
		touch_ms, open_s * 1e3, threads, threads / lookups * 1e9, lookups, queries.count, task.blocked);
	if (with_plain)
		compare(&task, threads, lookups);
	puts("}");
	table_close(&table);
	queries_free(&queries);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"plain", no_argument, NULL, 'p'}, {"threads", required_argument, NULL, 't'}, {0}};
	unsigned long threads = 1;
	bool with_plain = false, understood = true;
	for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (option == 'p')
			with_plain = true;
		else if (option == 't')
			threads = strtoul(optarg, NULL, 10);
		else
			understood = false;
	}
	if (!understood || argc - optind != 2 || threads < 1 || threads > MOST_THREADS) {
		fputs("usage: table-bench [--plain] [--threads N] TABLE QUERIES\n", stderr);
		return 2;
	}
	measure(argv[optind], argv[optind + 1], (unsigned)threads, with_plain);
	return 0;
}
