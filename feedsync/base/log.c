/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/log.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clean.h"
#include "feedsync/base/terminal.h"

static double progress_start, progress_last;
static bool progress_shown, progress_never;
static int copy = -1;

/* Whether standard error is the journal's stream (systemd sets JOURNAL_STREAM to its device and inode). */
static bool to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	unsigned long long device, inode;
	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	char *end;
	device = strtoull(stream, &end, 10);
	if (*end != ':')
		return false;
	inode = strtoull(end + 1, &end, 10);
	return *end == '\0' && device == st.st_dev && inode == st.st_ino;
}

static const char *severity_text(enum severity severity)
{
	switch (severity) {
	case SEVERITY_ERROR: return "error: ";
	case SEVERITY_WARNING: return "warning: ";
	case SEVERITY_INFO: break;
	}
	return "";
}

void log_copy(int fd)
{
	copy = fd;
}

static bool trouble_only;

void log_trouble_only(void)
{
	trouble_only = true;
}

void log_line(enum severity severity, const char *format, ...)
{
	if (trouble_only && severity == SEVERITY_INFO)
		return;
	char text[2048], line[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	clean_text(line, sizeof line, text);
	progress_end();
	bool red = severity == SEVERITY_ERROR && terminal_has_colours(STDERR_FILENO);
	if (to_journal())
		fprintf(stderr, "<%d>%s\n", severity, line);
	else
		fprintf(stderr, "%s%s%s%s\n", red ? COLOUR_RED : "", severity_text(severity), line,
			red ? COLOUR_END : "");
	if (copy < 0)
		return;
	char copied[PIPE_BUF]; /* a write of this length or less is done in one piece */
	int length = snprintf(copied, sizeof copied, "%d %.4000s\n", severity, line);
	ssize_t written = write(copy, copied, (size_t)length);
	(void)written; /* a slow reader does not hold up anything */
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

void progress_begin(void)
{
	progress_start = progress_last = seconds();
}

void progress(const char *format, ...)
{
	static int terminal = -1;
	if (terminal < 0)
		terminal = terminal_can_rewrite(STDERR_FILENO);
	double now = seconds();
	if (!terminal || progress_never || now - progress_start < 1 || now - progress_last < 0.1)
		return;
	char text[160];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	clean(text, sizeof text);
	progress_last = now;
	progress_shown = true;
	fprintf(stderr, "\r\033[K%s", text);
}

void progress_off(void)
{
	progress_never = true;
	progress_shown = false;
}

void progress_end(void)
{
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = false;
}
