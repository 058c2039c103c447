/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/control/control_ask.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/config/configuration.h"
#include "feedsync/control/control_socket.h"
#include "libweir/errors.h"

/* Prints what a line says. Returns the exit code if it is the last line, else -1. */
static int take_said(const struct config *config, const char *line)
{
	int severity = line[0] - '0';
	if (strncmp(line, "end ", 4) == 0)
		return (int)(strtoul(line + 4, NULL, 10) & 0x7f);
	if (strncmp(line, "config ", 7) == 0 && strcmp(line + 7, config->sum) != 0)
		log_warning("%s: the `run` that is at work uses an older one; a reload (SIGHUP) makes it read this one",
			config->path);
	if ((severity == SEVERITY_ERROR || severity == SEVERITY_WARNING || severity == SEVERITY_INFO) && line[1] == ' ')
		log_line((enum severity)severity, "%s", line + 2);
	return -1;
}

/* Waits for something to read. Returns false when nothing came. */
static bool await_answer(int fd)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int ready;
	while ((ready = poll(&wait, 1, CONTROL_SILENCE_S * 1000)) < 0 && errno == EINTR)
		continue;
	if (ready == 0)
		log_error("the `run` that is at work has said nothing for %d s", CONTROL_SILENCE_S);
	return ready > 0;
}

int control_ask(const struct config *config, const char *request)
{
	char lines[8192];
	size_t have = 0;
	int code = -1, fd = control_connect(config->state);
	if (fd < 0)
		return -1;
	ssize_t n = send(fd, request, strlen(request), MSG_NOSIGNAL);
	bool answered = false;
	while (n > 0 && code < 0 && await_answer(fd) && (n = recv(fd, lines + have, sizeof lines - 1 - have, 0)) > 0) {
		char *line = lines, *end;
		answered = true;
		have += (size_t)n;
		lines[have] = '\0';
		for (; code < 0 && (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			code = take_said(config, line);
		}
		have -= (size_t)(line - lines);
		memmove(lines, line, have);
		have = have < sizeof lines - 1 ? have : 0; /* no line is that long */
	}
	close(fd);
	if (code < 0 && answered) {
		log_error("the `run` that was asked has ended, or said no more, before it was done");
		return 2;
	}
	return code;
}
