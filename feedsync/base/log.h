/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages of feedsync: one line each on standard error. If standard error is the journal, each line begins with its
 * severity as systemd reads it ("<3>"). On a terminal errors are red, and a status line shows the progress of anything
 * that takes longer than a second. That line is rewritten in place, and is gone when the work is done. */
#pragma once

#include "libweir/attributes.h"

enum severity { SEVERITY_ERROR = 3, SEVERITY_WARNING = 4, SEVERITY_INFO = 6 };

/* Logs a line. It is cleaned (clean.h), since it may quote text from outside. */
void log_line(enum severity severity, const char *format, ...) printf_like(2, 3);

#define log_error(...) log_line(SEVERITY_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(SEVERITY_WARNING, __VA_ARGS__)
#define log_info(...) log_line(SEVERITY_INFO, __VA_ARGS__)

/* From now on each line is also written to this descriptor, if the descriptor takes it at once: "SEVERITY TEXT". -1: to
 * none. */
void log_copy(int fd);

/* From now on only warnings and errors are logged, in this process and in those that it begins. */
void log_trouble_only(void);

/* Shows how far something is. It is cheap: it does nothing without a terminal, in the first second, and more often than
 * ten times a second. progress_begin marks the start, progress_end removes the line. */
void progress_begin(void);
void progress(const char *format, ...) printf_like(1, 2);
void progress_end(void);

/* From now on this process shows no progress, since it is one of several. */
void progress_off(void);
