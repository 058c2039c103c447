/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/signals.h"

#include <time.h>
#include <unistd.h>

#include "feedsync/commands/command.h"

volatile sig_atomic_t signal_end, signal_reload, signal_child;
static sigset_t caught, before;

static void note_signal(int number)
{
	enum { PATIENCE_S = 2 };
	if (number == SIGHUP)
		signal_reload = 1;
	else if (number == SIGCHLD)
		signal_child = 1;
	else
		signal_end = 1;
	if (signal_end)
		alarm(PATIENCE_S);
}

static void end_at_once(int number)
{
	(void)number;
	_exit(EXIT_TROUBLE);
}

void signals_catch(void)
{
	const struct sigaction action = {.sa_handler = note_signal, .sa_flags = SA_RESTART};
	static const int numbers[] = {SIGHUP, SIGTERM, SIGINT, SIGCHLD};
	sigemptyset(&caught);
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		sigaction(numbers[i], &action, NULL);
		sigaddset(&caught, numbers[i]);
	}
	signal(SIGALRM, end_at_once);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &before);
}

void signals_wait(int64_t ms, struct pollfd *fds, nfds_t count)
{
	const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
	sigprocmask(SIG_BLOCK, &caught, NULL);
	if (!signal_end && !signal_reload && !signal_child)
		ppoll(fds, count, ms < 0 ? NULL : &wait, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
