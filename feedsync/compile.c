#include "compile.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "log.h"
#include "notify.h"

/* Where the rules of one feed go. */
struct target {
	struct build *build; /* NULL: they are only counted */
	const struct compile_feed *feed;
	enum rule_kind kind;
	const struct sink *sink; /* set by parse_feed */
};

static int take(void *context, const struct rule *rule)
{
	const struct target *target = context;
	uint64_t entries = target->feed->tally.entries;
	if (entries % 4096 == 0) {
		notify_alive();
		progress("%s: %llu entries", target->feed->document, (unsigned long long)entries);
	}
	if (!target->build)
		return 0;
	/* In a list of exceptions a list's own exception has nothing to be taken from. */
	if (rule->kind == RULE_EXCEPT && target->kind == RULE_ALLOW)
		return 0;
	enum rule_kind kind = rule->kind == RULE_EXCEPT ? RULE_EXCEPT : target->kind;
	const struct source source = {target->feed->source.feed, target->sink->category};
	return build_add(target->build, rule->wire, rule->length, rule->scope, kind, source);
}

int compile_parse(struct compile_feed *feed, struct sink *sink, struct why *why)
{
	feed->tally = (struct tally){0};
	sink->tally = &feed->tally;
	sink->category = feed->source.category;
	why->text[0] = '\0';
	int status = format_parse(feed->format, feed->path, feed->document, &feed->options, sink, why);
	if (status != 0 && why->text[0] == '\0')
		why_set(why, status, "%s: %s", feed->document, error_text(status));
	return status;
}

static int parse_feed(struct compile_feed *feed, struct target *target, const struct guard *guard, struct why *why)
{
	/* An allow rule for a public suffix is the operator's own decision. */
	struct sink sink = {.take = take,
		.context = target,
		.guard = target->kind == RULE_ALLOW ? NULL : guard,
		.unguarded = feed->options.unguarded};
	target->sink = &sink;
	return compile_parse(feed, &sink, why);
}

int compile_check(struct compile_feed *feed, const struct guard *guard, struct why *why)
{
	struct target target = {.feed = feed, .kind = RULE_BLOCK};
	return parse_feed(feed, &target, guard, why);
}

/* Reads a feed into the build. That its content is damaged is its own trouble: none of it is taken. That it cannot be
 * read just now, or that there is no memory, ends the build. Half a feed was never any version of it. */
static int add_feed(struct compile_feed *feed, struct target *target, const struct guard *guard, struct why *why)
{
	feed->damage.text[0] = '\0';
	size_t before = build_count(target->build);
	int status = parse_feed(feed, target, guard, why);
	if (status != 0 && status != -EBADMSG)
		return status;
	if (status != 0) {
		feed->damage = *why;
		build_cut(target->build, before);
	} else if (feed->tally.damaged > 0) {
		why_set(&feed->damage, 0, "%llu of its documents cannot be read",
			(unsigned long long)feed->tally.damaged);
	}
	return 0;
}

int compile_table(struct compile *compile, int fd, struct build_result *result, struct why *why)
{
	struct build *build = build_new(&compile->policy, compile->key);
	if (!build)
		return why_set(why, -ENOMEM, "out of memory");
	int status = 0;
	progress_begin();
	for (size_t i = 0; status == 0 && i < compile->feed_count; i++) {
		struct compile_feed *feed = &compile->feeds[i];
		bool allow = compile->policy.categories[feed->source.category].action == ACTION_ALLOW;
		struct target target = {.build = build, .feed = feed, .kind = allow ? RULE_ALLOW : RULE_BLOCK};
		status = add_feed(feed, &target, compile->guard, why);
	}
	for (size_t i = 0; status == 0 && i < compile->rule_count; i++) {
		const struct rule *rule = &compile->rules[i].rule;
		status = build_add(build, rule->wire, rule->length, rule->scope, rule->kind, compile->rules[i].source);
	}
	if (status == 0 && compile->self_test)
		status = self_test_add(compile->self_test, build);
	progress("writing the table");
	if (status == 0)
		status = build_write(build, fd, &compile->options, result, why);
	progress_end();
	build_free(&build);
	return status;
}

void compile_log_rejects(const char *feed, const struct tally *tally)
{
	for (enum reject r = 0; r < REJECT_COUNT; r++)
		if (tally->rejected[r] > 0)
			log_info("%s: %llu not used: %s", feed, (unsigned long long)tally->rejected[r], reject_text(r));
	for (unsigned i = 0; i < tally->sample_count; i++)
		log_info("%s: for example %s: %s", feed, tally->sample[i].text, reject_text(tally->sample[i].reject));
}
