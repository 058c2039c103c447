/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/complaints.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/xalloc.h"

void complaints_begin(struct complaints *complaints)
{
	*complaints = (struct complaints){0};
}

void complaints_end(struct complaints *complaints)
{
	free(complaints->list);
	complaints_begin(complaints);
}

void complaints_add(struct complaints *complaints, unsigned line, const char *format, ...)
{
	size_t kept = complaints->count++, at = kept;
	if (kept >= MAX_COMPLAINTS)
		return;
	complaints->list = xgrow(complaints->list, kept, &complaints->room, 4, sizeof *complaints->list);
	while (at > 0 && complaints->list[at - 1].line > line)
		at--;
	struct complaint *complaint = &complaints->list[at];
	memmove(complaint + 1, complaint, (kept - at) * sizeof *complaint);
	complaint->line = line;
	va_list args;
	va_start(args, format);
	vsnprintf(complaint->text, sizeof complaint->text, format, args);
	va_end(args);
}

void complaints_log(const struct complaints *complaints, const char *path)
{
	for (size_t i = 0; i < complaints->count && i < MAX_COMPLAINTS; i++) {
		const struct complaint *complaint = &complaints->list[i];
		if (complaint->line == 0)
			log_error("%s: %s", path, complaint->text);
		else
			log_error("%s:%u: %s", path, complaint->line, complaint->text);
	}
	if (complaints->count > MAX_COMPLAINTS)
		log_error("%s: %zu more errors", path, complaints->count - MAX_COMPLAINTS);
}
