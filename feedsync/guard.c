#include "guard.h"

#include <errno.h>
#include <libpsl.h>
#include <stdlib.h>

#include "error.h"
#include "name.h"

struct guard {
	psl_ctx_t *suffixes;
};

int guard_new(struct guard **guard, const char *path, struct why *why)
{
	struct guard *g = calloc(1, sizeof *g);
	if (!g)
		return why_set(why, -ENOMEM, "out of memory");
	errno = 0;
	g->suffixes = path ? psl_load_file(path) : psl_latest(NULL);
	if (!g->suffixes || psl_suffix_count(g->suffixes) == 0) {
		int error = errno ? errno : EBADMSG;
		guard_free(&g);
		return why_set(
			why, -error, "cannot load the public suffix list%s%s", path ? " " : "", path ? path : "");
	}
	/* Any text is a list to libpsl. One that does not know these would guard nothing. */
	if (!psl_is_public_suffix(g->suffixes, "com") || !psl_is_public_suffix(g->suffixes, "co.uk")) {
		guard_free(&g);
		return why_set(why, -EBADMSG, "%s is no public suffix list: it does not know com and co.uk",
			path ? path : "what this system has");
	}
	*guard = g;
	return 0;
}

void guard_free(struct guard **guard)
{
	if (*guard) {
		psl_free((*guard)->suffixes);
		free(*guard);
	}
	*guard = NULL;
}

bool guard_refuses(const struct guard *guard, const struct rule *rule, enum reject *reject)
{
	if (rule->scope != SCOPE_SUBTREE)
		return false;
	char text[NAME_MAX_TEXT];
	name_to_text(rule->wire, rule->length, text);
	*reject = REJECT_SUFFIX;
	return psl_is_public_suffix2(guard->suffixes, text, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}
