/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/trends/queries_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/number.h"
#include "libweir/errors.h"

enum { MAX_OUTPUT = 1 << 16 };

/* The command's process. It has no input, and its errors are its own. */
static void become_command(const char *const *words, unsigned count, int output)
{
	char *arguments[MAX_QUERIES_WORDS + 2];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (unsigned i = 0; i < count; i++)
		arguments[i] = (char *)words[i]; /* execvp changes nothing */
	arguments[count] = (char *)"stats_noreset";
	arguments[count + 1] = NULL;
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(output, STDOUT_FILENO) >= 0 &&
		dup2(null, STDERR_FILENO) >= 0) {
		sigset_t none;
		sigemptyset(&none);
		setpgid(0, 0); /* what it starts ends with it */
		signal(SIGTERM, SIG_DFL);
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execvp(arguments[0], arguments);
	}
	_exit(127);
}

/* Reads what comes until the command has closed its output. Returns its length, or -ETIMEDOUT. */
static ssize_t read_output(int fd, char *text, uint64_t until)
{
	size_t length = 0;
	for (;;) {
		struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
		uint64_t now = clock_ms();
		int ready = now < until ? poll(&poll_fd, 1, (int)(until - now)) : 0;
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return -ETIMEDOUT;
		ssize_t n = read(fd, text + length, MAX_OUTPUT - 1 - length);
		if (n <= 0)
			return (ssize_t)length;
		length += (size_t)n;
		if (length == MAX_OUTPUT - 1)
			return (ssize_t)length;
	}
}

/* Waits for the end of a command, which has closed its output or had its time. Returns whether it ended by itself in time. */
static bool end_command(pid_t pid, uint64_t until, int *status)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	pid_t ended;
	while ((ended = waitpid(pid, status, WNOHANG)) == 0 && clock_ms() < until)
		nanosleep(&pause, NULL);
	kill(-pid, SIGKILL);
	if (ended != 0)
		return true;
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return false;
}

static int find_number(const char *text, const char *command, uint64_t *queries, struct why *why)
{
	static const char key[] = "total.num.queries=";
	const char *line = strncmp(text, key, sizeof key - 1) == 0 ? text : strstr(text, "\ntotal.num.queries=");
	const char *number = line ? strchr(line, '=') + 1 : "";
	if (!number_read(number, strcspn(number, "\n"), queries))
		return why_set(why, -EBADMSG, "%.100s: it did not say total.num.queries", command);
	return 0;
}

int queries_command_run(const char *const *words, unsigned count, uint64_t *queries, struct why *why)
{
	int fds[2], status;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return why_set(why, -errno, "%.100s: %s", words[0], error_text(-errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		become_command(words, count, fds[1]);
	close(fds[1]);
	char *text = pid > 0 ? malloc(MAX_OUTPUT) : NULL;
	uint64_t until = clock_ms() + QUERIES_WAIT_MS;
	ssize_t length = text ? read_output(fds[0], text, until) : -ENOMEM;
	close(fds[0]);
	if (pid > 0 && !end_command(pid, length < 0 ? 0 : until, &status) && length >= 0)
		length = -ETIMEDOUT;
	if (length == -ETIMEDOUT) {
		status = why_set(why, -ETIMEDOUT, "%.100s: no answer within %d s", words[0], QUERIES_WAIT_MS / 1000);
	} else if (length < 0) {
		status = why_set(why, -ENOMEM, "%.100s: cannot be run", words[0]);
	} else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		status = why_set(why, -EIO, "%.100s: %s", words[0],
			WIFEXITED(status) && WEXITSTATUS(status) == 127 ? "cannot be run" : "it failed");
	} else {
		text[length] = '\0';
		status = find_number(text, words[0], queries, why);
	}
	free(text);
	return status;
}
