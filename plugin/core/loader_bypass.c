/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/loader_bypass.h"

#include <stdio.h>
#include <time.h>

#include "libweir/errors.h"
#include "plugin/core/loader_state.h"

static void show_until(struct loader *l, uint64_t until)
{
	l->state.bypass_until = until;
	counters_publish(l->counters, &l->state);
}

static void begin_bypass(struct loader *l, const struct bypass *found, uint64_t now)
{
	char when[LOADER_TIME];
	const char *begins = l->state.bypass_until ? "it was changed, and now " : "";
	l->bypass_deadline_us = loader_now_us(CLOCK_BOOTTIME) + (found->until - now) * 1000000;
	current_suspend(l->current, true);
	show_until(l, found->until);
	snprintf(l->bypass_said, sizeof l->bypass_said,
		"weir: BYPASS: %severything passes until %s, NOTHING IS BLOCKED: %s" BYPASS_SUFFIX
		" says so; `feedsync bypass` shows who asked for it and why, `feedsync bypass off` ends it",
		begins, loader_time_text(found->until, when), l->path);
}

static void end_bypass(struct loader *l, const char *reason)
{
	current_suspend(l->current, false);
	show_until(l, 0);
	if (l->state.active)
		snprintf(l->bypass_said, sizeof l->bypass_said,
			"weir: BYPASS OVER: %s; the table is in force again, generation %llu, %llu rules", reason,
			(unsigned long long)l->state.generation, (unsigned long long)l->state.rules);
	else
		snprintf(l->bypass_said, sizeof l->bypass_said,
			"weir: BYPASS OVER: %s; nothing is blocked: there is no table", reason);
}

/* Why the bypass that is in force ends now, or NULL. `status`, `found` and `why` are what bypass_find told now. */
static const char *find_end(const struct loader *l, int status, const struct bypass *found, const struct why *why)
{
	if (status < 0)
		return why->text;
	if (status == 0)
		return found->until > 0 ? "its time has come" : "its file is gone";
	bool passed = loader_now_us(CLOCK_BOOTTIME) >= l->bypass_deadline_us;
	return passed && bypass_is_same(found, &l->bypass) ? "its time has passed, and the clock was set back" : NULL;
}

bool loader_check_bypass(struct loader *loader)
{
	struct loader *l = loader;
	struct bypass found;
	struct why why;
	uint64_t now = loader_now_s();
	int status = bypass_find(&found, l->path, now, &why);
	bool in_force = l->state.bypass_until > 0, known = bypass_is_same(&found, &l->bypass);
	const char *end = in_force ? find_end(l, status, &found, &why) : NULL;
	if (end)
		end_bypass(l, end);
	else if (status > 0 && !known)
		begin_bypass(l, &found, now);
	else if (status < 0 && !known)
		snprintf(l->bypass_said, sizeof l->bypass_said,
			"weir: bypass: %s" BYPASS_SUFFIX " is not believed: %s; it changes nothing", l->path, why.text);
	/* A bypass that has ended, or was not believed, does not begin later because the clock was set. */
	l->bypass = found;
	return end;
}
