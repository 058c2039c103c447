/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/compile/compile.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/file_sum.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/systemd.h"
#include "feedsync/compile/retain.h"
#include "libweir/errors.h"
#include "libweir/table.h"

/* Where the rules of one feed go. */
struct target {
	struct build *build; /* NULL: they are only counted */
	const struct compile_feed *feed;
	const struct guard *guard; /* filters them; or NULL */
	struct sink *sink;         /* where they come from; set by parse_feed */
};

enum rule_kind compile_kind(bool allows, enum rule_kind kind)
{
	return allows && (kind == RULE_BLOCK || kind == RULE_EXCEPT) ? RULE_ALLOW : kind;
}

static int add_feed_rule(void *context, const struct rule *rule)
{
	const struct target *target = context;
	if (guard_rejects(target->guard, target->feed->unguarded, target->sink, rule))
		return SINK_REJECTED;
	uint64_t entries = target->feed->counts.entries;
	if (entries % 4096 == 0) {
		systemd_notify_alive();
		progress("%s: %" PRIu64 " entries", target->feed->document, entries);
	}
	if (target->feed->counts.nodes > MAX_FEED_NODES || target->feed->counts.octets > MAX_FEED_NAMES)
		return -E2BIG;
	if (!target->build)
		return 0;
	enum rule_kind kind = compile_kind(target->feed->allows, rule->kind);
	const struct source source = {target->feed->source.feed, target->sink->category};
	return build_add(target->build, rule->wire, rule->length, rule->scope, kind, source);
}

/* Whether the file is still the version that was judged good. */
static int check_feed_sum(const struct compile_feed *feed, struct why *why)
{
	char sum[FILE_SUM];
	struct why reason;
	if (!feed->sum || !feed->sum[0])
		return 0;
	int status = file_sum(feed->path, sum, &reason);
	if (status != 0)
		return why_set(why, status, "%s: %s", feed->document, reason.text);
	if (strcmp(sum, feed->sum) == 0 || (feed->next_sum && strcmp(sum, feed->next_sum) == 0))
		return 0;
	return why_set(why, -EBADMSG, "%s: cut or changed since it came", feed->document);
}

static void forget_parse(struct compile_feed *feed)
{
	feed->counts = (struct parse_counts){0};
	if (feed->samples)
		feed->samples->count = 0;
}

int compile_parse(struct compile_feed *feed, struct sink *sink, struct why *why)
{
	const struct parse parse = {
		.path = feed->path, .document = feed->document, .options = &feed->options, .sink = sink, .why = why};
	forget_parse(feed);
	sink->counts = &feed->counts;
	sink->samples = feed->samples;
	sink->category = feed->source.category;
	sink->frees = feed->allows;
	sink->rereads = false;
	sink->reread_status = 0;
	why->text[0] = '\0';
	int status = check_feed_sum(feed, why);
	if (status == 0)
		status = format_parse(feed->format, &parse);
	if (status == -E2BIG)
		return why_set(why, -EBADMSG, "%s: more than %d nodes of a table, or %llu octets, for its names",
			feed->document, MAX_FEED_NODES, (unsigned long long)MAX_FEED_NAMES);
	if (status != 0 && why->text[0] == '\0')
		why_set(why, status, "%s: %s", feed->document, error_text(status));
	return status;
}

static int parse_feed(struct compile_feed *feed, struct target *target, const struct guard *guard, struct why *why)
{
	struct sink sink = {.take = add_feed_rule, .context = target};
	/* An allow rule for a public suffix is the operator's own decision. */
	target->guard = feed->allows ? NULL : guard;
	target->sink = &sink;
	int status = compile_parse(feed, &sink, why);
	target->sink = NULL;
	return status;
}

int compile_check(struct compile_feed *feed, const struct guard *guard, struct why *why)
{
	struct target target = {.feed = feed};
	return parse_feed(feed, &target, guard, why);
}

/* Whether an error would end the reading of the other feeds, too: no memory, no more open files, and what the build
 * itself refuses. */
static bool is_general(int status)
{
	return error_is_shortage(status) || status <= WEIR_EFORMAT;
}

bool compile_allows_in(const struct table *table, const char *feed)
{
	const struct policy *policy = table ? table_policy(table) : NULL;
	uint32_t number = policy ? policy_find_feed(policy, feed) : 0;
	for (uint32_t i = 1; policy && i < policy->verdict_count; i++)
		for (unsigned j = 0; j < policy->verdicts[i].own_count; j++) {
			const struct own_source *own = &policy->verdicts[i].own[j];
			if (own->kind == RULE_ALLOW && own->source.feed == number)
				return true;
		}
	return false;
}

/* Whether a table may be made without a feed that cannot be read, for this reason. Its published rules stand in for it, if
 * there are any; a damaged one may also be missing, unless others' rules would block what it lets pass. */
static bool can_be_missing(const struct compile *compile, const struct compile_feed *feed, int status)
{
	if (feed->allows)
		return compile_allows_in(compile->retained, compile->policy.feeds[feed->source.feed].name);
	return compile->retained || status == -EBADMSG;
}

/* Reads a feed into the build. If the feed is damaged or cannot be read, nothing of it is taken: half a feed was never
 * any version of it. That is the feed's own trouble, but where it cannot be missing the build ends. */
static int read_feed(struct compile_feed *feed, struct target *target, const struct compile *compile, struct why *why)
{
	feed->damage.text[0] = '\0';
	feed->unread = false;
	size_t before = build_count(target->build);
	int status = parse_feed(feed, target, compile->guard, why);
	if (is_general(status))
		return status;
	if (status == 0 && feed->allows && feed->counts.damaged > 0)
		status = why_set(why, -EBADMSG, "%s: %llu of its documents cannot be read", feed->document,
			(unsigned long long)feed->counts.damaged);
	if (status != 0) {
		feed->unread = true;
		feed->damage = *why;
		forget_parse(feed);
		build_cut(target->build, before);
		if (!can_be_missing(compile, feed, status))
			return status;
	} else if (feed->counts.damaged > 0) {
		why_set(&feed->damage, 0, "%llu of its documents cannot be read, and are not in the table",
			(unsigned long long)feed->counts.damaged);
	}
	return 0;
}

static int add_rules(struct build *build, const struct compile_rule *rules, size_t count)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < count; i++) {
		const struct rule *rule = &rules[i].rule;
		status = build_add(build, rule->wire, rule->length, rule->scope, rule->kind, rules[i].source);
	}
	return status;
}

static int add_own(struct build *build, const struct compile *compile, struct why *why)
{
	int status = compile->self_test ? self_test_add(compile->self_test, build) : 0;
	build_take_single(build);
	if (status == 0)
		status = add_rules(build, compile->rules, compile->rule_count);
	return status == 0 ? 0 : why_set(why, status, "%s", error_text(status));
}

/* Tells the feed that a rule of it has no room in the table, if the rule came from a feed. */
static void note_left_out(void *context, const char *name, size_t length, struct source source)
{
	const struct compile *compile = context;
	for (size_t i = 0; i < compile->feed_count; i++) {
		struct compile_feed *feed = &compile->feeds[i];
		struct sink sink = {.counts = &feed->counts, .samples = feed->samples};
		const struct position position = {.document = feed->document};
		if (feed->source.feed == source.feed)
			sink_reject(&sink, &position, REJECT_CROWDED, name, length);
	}
}

int compile_again(struct compile *compile, struct build **build, int fd, struct build_result *result, struct why *why)
{
	int status = add_rules(*build, compile->overrides, compile->override_count);
	if (status != 0)
		why_set(why, status, "%s", error_text(status));
	compile->options.left_out = note_left_out;
	compile->options.context = compile;
	if (status == 0)
		status = build_write(*build, fd, &compile->options, result, why);
	if (status == 0 && result->left_out > 0)
		log_warning("%llu rules are not in the table, as there is no place for them in its index",
			(unsigned long long)result->left_out);
	build_free(build);
	return status;
}

static int collect_rules(struct build *build, struct compile *compile, struct why *why)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < compile->feed_count; i++) {
		struct compile_feed *feed = &compile->feeds[i];
		struct target target = {.build = build, .feed = feed};
		feed->allows = compile->policy.categories[feed->source.category].action == ACTION_ALLOW;
		status = read_feed(feed, &target, compile, why);
	}
	if (status == 0 && compile->retained)
		status = retain_rules(build, compile, why);
	return status == 0 ? add_own(build, compile, why) : status;
}

int compile_table(struct compile *compile, int fd, struct build_result *result, struct why *why)
{
	struct build *build = build_new(&compile->policy, compile->key);
	if (!build)
		return why_set(why, -ENOMEM, "out of memory");
	progress_begin();
	int status = collect_rules(build, compile, why);
	progress("writing the table");
	if (status == 0 && compile->save)
		compile->save(compile->save_context, build);
	if (status == 0)
		status = compile_again(compile, &build, fd, result, why);
	progress_end();
	build_free(&build);
	return status;
}

void compile_log_rejects(const char *feed, const struct parse_counts *counts, const struct samples *samples)
{
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		if (counts->rejected[r] > 0)
			log_info("%s: %" PRIu64 " rejected: %s", feed, counts->rejected[r], reject_text(r));
	for (unsigned i = 0; i < samples->count; i++)
		log_info("%s: for example %s: %s", feed, samples->sample[i].text,
			reject_text(samples->sample[i].reject));
}
