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

/* Whether the text has the signs of what was tried. */
static bool is_believable(const struct guess_signs *signs, const struct guess *tried, const struct parse_counts *counts)
{
	/* A browser makes a host of nearly everything. */
	if (tried->urls && signs->urls < (counts->entries + counts->rejected[REJECT_PATH]) / 10 + 1)
		return false;
	/* What is no name may be a filter: so nothing would ever be wrong with a list of filters. */
	if (tried->format == &format_adblock && signs->filters < signs->lines / 8 + 1)
		return false;
	/* A column that says the same in every row is not the one with the names. */
	if (tried->format == &format_csv && tried->names == 1 && signs->lines > 4)
		return false;
	/* Where names are all over a document, one of its many members is not where they are. */
	return tried->format != &format_json || tried->names >= signs->names / 4;
}

/* Whether it is a list of others' pages: there is nothing to take of them, and nothing wrong with them. */
static bool lists_pages(const struct guess_signs *signs, const struct guess *tried, const struct parse_counts *counts)
{
	bool found = tried->names == 0 && tried->urls && counts->rejected[REJECT_PATH] > tried->malformed;
	return found && (tried->format != &format_domains || signs->url_lines > signs->lines / 2);
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
	if (!is_believable(&guessing->signs, &tried, &counts))
		return false;
	bool pages = lists_pages(&guessing->signs, &tried, &counts);
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
		if ((!tried.urls || guessing->signs.urls > 0) && (!tried.refang || guessing->signs.disguised))
			better |= guess_consider(guessing, &tried);
	}
	return better;
}
