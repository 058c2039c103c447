/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

/* Sets the signals back: the main program blocks and catches them for its own loop. */
static void take_signals(void)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGALRM, SIGCHLD};
	sigset_t none;
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++)
		signal(numbers[i], SIG_DFL);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Offers this process to the kernel for the case that memory gets short. The kernel would end the process that has most
 * of it, and that may be the resolver. */
static void offer_to_end(void)
{
	FILE *out = fopen("/proc/self/oom_score_adj", "we");
	if (!out)
		return;
	fputs("1000", out);
	fclose(out);
}

/* Bounds the processor time. A worker that has not come to an end by then never will, whatever is wrong with it or with
 * what it reads. */
static void bound_time(void)
{
	const struct rlimit limit = {MAX_WORKER_CPU_S, MAX_WORKER_CPU_S};
	setrlimit(RLIMIT_CPU, &limit);
}

int worker_begin(
	struct worker *worker, void (*work)(void *context, void *result), void *context, size_t size, struct why *why)
{
	void *result = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (result == MAP_FAILED)
		return why_set(why, -errno, "cannot begin: %s", error_text(-errno));
	pid_t parent = getpid();
	fflush(NULL);
	pid_t pid = fork();
	if (pid < 0) {
		int status = why_set(why, -errno, "cannot begin: %s", error_text(-errno));
		munmap(result, size);
		return status;
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		take_signals();
		offer_to_end();
		bound_time();
		progress_off();
		work(context, result);
		exit(0);
	}
	*worker = (struct worker){.pid = pid, .result = result, .size = size, .begun_ms = clock_ms()};
	return 0;
}

void worker_stop(const struct worker *worker, bool at_once)
{
	if (worker->pid > 0)
		kill(worker->pid, at_once ? SIGKILL : SIGTERM);
}

bool worker_has_ended(const struct worker *worker)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid > 0;
}

bool worker_ends_within(const struct worker *worker, uint32_t seconds)
{
	if (worker_has_ended(worker))
		return true;
	if (clock_ms() > worker->begun_ms + seconds * UINT64_C(1000))
		worker_stop(worker, true);
	return false;
}

void worker_forget(struct worker *worker)
{
	if (worker->pid <= 0)
		return;
	while (waitpid(worker->pid, &worker->status, 0) < 0 && errno == EINTR)
		continue;
	munmap(worker->result, worker->size);
	*worker = (struct worker){.status = worker->status};
}

void worker_end_after(struct worker *worker, unsigned patience_ms)
{
	enum { STEP_MS = 10 };
	siginfo_t info = {0};
	if (worker->pid <= 0)
		return;
	worker_stop(worker, false);
	for (unsigned waited = 0; waited < patience_ms && info.si_pid == 0; waited += STEP_MS) {
		const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
		if (waitid(P_PID, (id_t)worker->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
			nanosleep(&step, NULL);
	}
	worker_stop(worker, true);
	worker_forget(worker);
}

void worker_end(struct worker *worker)
{
	worker_end_after(worker, 1000);
}

const char *worker_end_text(int status, char text[64])
{
	if (WIFSIGNALED(status))
		snprintf(text, 64, "ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(text, 64, "ended with exit code %d", WEXITSTATUS(status));
	return text;
}

static void mask_end_signals(int how)
{
	sigset_t end;
	sigemptyset(&end);
	sigaddset(&end, SIGTERM);
	sigaddset(&end, SIGINT);
	sigprocmask(how, &end, NULL);
}

void worker_hold(void)
{
	mask_end_signals(SIG_BLOCK);
}

void worker_let_go(void)
{
	mask_end_signals(SIG_UNBLOCK);
}
