/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/guess_trial.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "libweir/errors.h"

/* Counts names. A column that says the same in every row, such as the list's own host, says it once. */
struct count {
	uint64_t names;
	size_t length;
	uint8_t last[NAME_MAX_WIRE];
};

static int count_tried_name(void *context, const struct rule *rule)
{
	struct count *count = context;
	if (rule->length == count->length && memcmp(rule->wire, count->last, rule->length) == 0)
		return 0;
	count->length = rule->length;
	memcpy(count->last, rule->wire, rule->length);
	count->names++;
	return 0;
}

/* Whether most of what was found makes sense. */
static bool makes_sense(const struct guess *guess)
{
	return guess->names > 0 && guess->malformed <= guess->names;
}

/* Of two that find as much the first stays: formats are tried from the plain to the elaborate, many of which read plain
 * lists as well. */
static bool is_better(const struct guess *trial, const struct guess *best)
{
	if (!best->format || !makes_sense(best) || !makes_sense(trial))
		return makes_sense(trial) && (!best->format || !makes_sense(best));
	return trial->names > best->names && (trial->malformed <= best->malformed || trial->names / 2 > best->names);
}

/* A page of the web, or text in UTF-16, is known to be no list whatever its format. */
static bool refuse_trial(struct guessing *guessing, const struct guess *trial, const struct why *why)
{
	if (trial->format == &format_domains && !guessing->best.format)
		snprintf(guessing->best.note, sizeof guessing->best.note, "%s", why->text);
	return false;
}

/* Whether a setting can be written on a line. YAML has line ends beyond ASCII: U+0085, U+2028 and U+2029. */
static bool is_on_one_line(const char *setting)
{
	for (const char *s = setting; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return !strstr(setting, "\xc2\x85") && !strstr(setting, "\xe2\x80\xa8") && !strstr(setting, "\xe2\x80\xa9");
}

bool guess_consider(struct guessing *guessing, const struct guess *trial)
{
	struct guess tried = *trial;
	struct parse_options options = guess_options(trial);
	struct parse_counts counts = {0};
	struct count count = {0};
	struct why why = {""};
	struct sink sink = {.take = count_tried_name, .context = &count, .counts = &counts, .scope = options.scope};
	if (!is_on_one_line(trial->field) || !is_on_one_line(trial->items))
		return false;
	FILE *in = guessing->length > 0 ? fmemopen((void *)guessing->text, guessing->length, "r") : NULL;
	const struct parse parse = {.in = in, .document = "sample", .options = &options, .sink = &sink, .why = &why};
	if (!in)
		return false;
	int status = format_parse_stream(trial->format, &parse);
	fclose(in);
	if (error_is_shortage(status))
		guessing->status = status;
	if (status != 0 && !(guessing->cut && status == -EBADMSG && count.names > 0))
		return refuse_trial(guessing, trial, &why);
	tried.names = count.names;
	tried.malformed = counts_malformed(&counts);
	/* A browser makes a host of nearly everything. */
	if (tried.urls && guessing->urls < (counts.entries + counts.rejected[REJECT_PATH]) / 10 + 1)
		return false;
	/* Pages of others' hosts are URLs as well: there is nothing to take of them, and nothing wrong with them. */
	bool pages = tried.names == 0 && tried.urls && counts.rejected[REJECT_PATH] > tried.malformed;
	if (pages)
		snprintf(tried.note, sizeof tried.note,
			"each is the URL of a single page, of which nothing is taken; "
			"`values: pages` would block their whole hosts");
	if (pages ? guessing->best.format != NULL : !is_better(&tried, &guessing->best))
		return false;
	guessing->best = tried;
	return true;
}

bool guess_consider_values(struct guessing *guessing, const struct guess *trial)
{
	bool better = false;
	for (unsigned i = 0; i < 5; i++) {
		struct guess tried = *trial;
		tried.urls = i == 1 || i == 3;
		tried.refang = i == 2 || i == 3;
		tried.ports = i == 4;
		if ((!tried.urls || guessing->urls > 0) && (!tried.refang || guessing->disguised))
			better |= guess_consider(guessing, &tried);
	}
	return better;
}
