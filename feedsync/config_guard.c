/* Guards: what must never be blocked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config_check.h"
#include "limits.h"
#include "log.h"
#include "normalise.h"

/* Takes names into a set. */
static void take_names(struct check *c, const char *key, char *const *names, unsigned count, struct nameset *set)
{
	for (unsigned i = 0; i < count; i++) {
		name_storage wire;
		enum reject reject;
		struct namekey namekey;
		int length = normalise(names[i], strlen(names[i]), wire, &reject);
		if (length < 0) {
			complain(c, key, "\"%s\": %s", names[i], reject_text(reject));
			continue;
		}
		namekey_of(&namekey, wire, (size_t)length);
		if (nameset_add(set, &namekey, 0) != 0) {
			log_error("out of memory");
			exit(2);
		}
	}
	nameset_sort(set);
}

void check_guard(struct check *c, const struct raw_guard *raw)
{
	struct guard_config *guard = &c->config->guard;
	c->section = c->item = "guard";
	c->index = 0;
	*guard = (struct guard_config){.suffix_list = c->raw->suffix_list};
	if (!raw)
		return;
	guard->warninglists = (const char *const *)raw->warninglists;
	guard->warninglist_count = raw->warninglists_count;
	guard->names = (const char *const *)raw->names;
	guard->names_count = raw->names_count;
	take_names(c, "own", raw->own, raw->own_count, &guard->own);
}

void check_feed_guards(struct check *c, const struct raw_feed *raw, struct feed_config *feed)
{
	take_names(c, "unguarded", raw->unguarded, raw->unguarded_count, &feed->unguarded);
	feed->options.unguarded = &feed->unguarded;
}
