/* SPDX-License-Identifier: BSD-3-Clause */
/* The special-use names among those below are the ones that resolvers of an ISP are asked for, and that stop something
 * working when they are blocked:
 *   in-addr.arpa, ip6.arpa          all reverse lookups; single names below are listed for abuse, and may be
 *   home.arpa, service.arpa         homes' own networks and the services in them (RFC 8375, RFC 9665)
 *   resolver.arpa                   how clients find their resolver's encrypted transports (RFC 9462)
 *   ipv4only.arpa                   how clients behind NAT64 find its prefix (RFC 7050)
 *   use-application-dns.net         blocked, it makes browsers leave DNS over HTTPS off: that is for the operator to
 *                                   decide, not for a list
 * The others of IANA's registry do no harm, or are single labels (localhost, local, onion, invalid, test, example, arpa
 * itself), which never become rules; and what lies below them is nobody's business here. */
#include "feedsync/guard/guard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/xalloc.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/guard/essential.h"
#include "feedsync/guard/guard_lists.h"
#include "feedsync/guard/suffixes.h"
#include "libweir/errors.h"

static const char *const special_use[] = {"arpa.in-addr.", "arpa.ip6.", "arpa.home.", "arpa.service.", "arpa.resolver.",
	"arpa.resolver._dns.", "arpa.ipv4only.", "net.use-application-dns."}; /* keys (nameset.h) */

/* Where Debian's package publicsuffix, and that of other systems, puts the list. */
static const char suffix_list[] = "/usr/share/publicsuffix/public_suffix_list.dat";

struct guard {
	const struct guard_config *config;
	struct nameset special, essential, hosts;
	struct suffixes suffixes;
	struct guard_lists lists;
};

/* ---- loading ---- */

static int load_special(struct nameset *set)
{
	int status = 0;
	for (unsigned i = 0; status == 0 && i < sizeof special_use / sizeof *special_use; i++) {
		struct namekey key = {.length = strlen(special_use[i])};
		memcpy(key.text, special_use[i], key.length + 1);
		status = nameset_add(set, &key, 0);
	}
	nameset_sort(set);
	return status;
}

static void load_lists(struct guard *guard)
{
	const struct guard_config *config = guard->config;
	for (size_t i = 0; i < config->warninglist_count; i++)
		guard_lists_read(&guard->lists, config->warninglists[i]);
	for (size_t i = 0; i < config->names_count; i++)
		guard_lists_read(&guard->lists, config->names[i]);
	nameset_sort(&guard->lists.names);
}

/* Forgets the versions of what is not configured any more. */
static void tidy_lists(const struct guard_config *config)
{
	size_t count = 0;
	const char **used = xcalloc(config->warninglist_count + config->names_count + 1, sizeof *used);
	used[count++] = guard_suffix_path(config);
	for (size_t i = 0; i < config->warninglist_count; i++)
		used[count++] = config->warninglists[i];
	for (size_t i = 0; i < config->names_count; i++)
		used[count++] = config->names[i];
	last_good_tidy_all(config->state, used, count);
	free(used);
}

static int read_suffixes(void *context, const char *file, struct why *why)
{
	return suffixes_load(context, file, why);
}

static void load_suffixes(struct guard *guard)
{
	const char *path = guard_suffix_path(guard->config);
	struct last_good last;
	struct list_trouble trouble;
	last_good_begin(&last, guard->config->state, guard->lists.writes, path);
	if (!last_good_load(&last, path, "suffixes", read_suffixes, &guard->suffixes, &trouble))
		guard_lists_note(&guard->lists, &trouble);
}

const char *guard_suffix_path(const struct guard_config *config)
{
	return config->suffix_list ? config->suffix_list : suffix_list;
}

int guard_new(struct guard **guard, const struct guard_config *config, enum guard_use use, struct why *why)
{
	struct guard *g = calloc(1, sizeof *g);
	*guard = NULL;
	if (!g || load_special(&g->special) != 0 || essential_load(&g->essential) != 0) {
		guard_free(&g);
		return why_set(why, -ENOMEM, "out of memory");
	}
	g->config = config;
	g->lists.state = config->state;
	g->lists.writes = use == GUARD_KEEPS && config->state;
	load_suffixes(g);
	load_lists(g);
	if (g->lists.writes)
		tidy_lists(config);
	*guard = g;
	return 0;
}

const struct list_trouble *guard_troubles(const struct guard *guard, size_t *count)
{
	size_t found = guard ? guard->lists.trouble_count : 0;
	if (count)
		*count = found;
	return found > 0 ? guard->lists.trouble : NULL;
}

const struct list_trouble *guard_gap(const struct guard *guard)
{
	for (size_t i = 0; guard && i < guard->lists.trouble_count; i++)
		if (!guard->lists.trouble[i].stands_in)
			return &guard->lists.trouble[i];
	return NULL;
}

int guard_check_whole(const struct guard *guard, struct why *why)
{
	const struct list_trouble *gap = guard_gap(guard);
	return gap ? why_set(why, GUARD_HAS_GAP, "there is no good version of a list of the guard: %.200s",
			     gap->why.text)
		   : 0;
}

void guard_free(struct guard **guard)
{
	if (*guard) {
		nameset_free(&(*guard)->special);
		nameset_free(&(*guard)->essential);
		nameset_free(&(*guard)->hosts);
		suffixes_free(&(*guard)->suffixes);
		guard_lists_free(&(*guard)->lists);
		free(*guard);
	}
	*guard = NULL;
}

int guard_add_host(struct guard *guard, const char *host)
{
	name_storage wire;
	struct namekey key;
	enum reject reject;
	int length = normalise(host, strlen(host), wire, &reject);
	if (length < 0)
		return 0; /* an address */
	namekey_of(&key, wire, (size_t)length);
	int status = nameset_add(&guard->hosts, &key, 0);
	nameset_sort(&guard->hosts);
	return status;
}

/* ---- asking ---- */

/* The entry at the rule's name or, if the rule is for a subtree, below it. */
static const struct nameset_entry *find_hit(const struct nameset *set, const struct namekey *key, enum scope scope)
{
	return scope == SCOPE_SUBTREE ? nameset_below(set, key) : nameset_at(set, key);
}

/* Tells what the rule hits: "apple.com (above captive.apple.com, in captive-portals.json)". */
static bool fill_refusal(struct refusal *refusal, enum reject reject, const struct rule *rule,
	const struct nameset *set, const struct nameset_entry *entry, const char *list)
{
	char name[NAME_MAX_TEXT], other[NAME_MAX_WIRE + 1] = "";
	size_t length = name_to_text(rule->wire, rule->length, name);
	if (entry)
		nameset_text(set, entry, other);
	refusal->reject = reject;
	if (entry && strcmp(other, name) != 0)
		snprintf(refusal->text, sizeof refusal->text, "%s (%s %s%s%s)", name,
			length < strlen(other) ? "above" : "below", other, list ? ", in " : "", list ? list : "");
	else if (list)
		snprintf(refusal->text, sizeof refusal->text, "%s (in %s)", name, list);
	else
		snprintf(refusal->text, sizeof refusal->text, "%s", name);
	return true;
}

/* The same for an essential name, with what it is needed for. */
static bool refuse_essential(struct refusal *refusal, const struct rule *rule, const struct nameset *set,
	const struct nameset_entry *entry, const char *use)
{
	fill_refusal(refusal, REJECT_ESSENTIAL, rule, set, entry, NULL);
	size_t used = strlen(refusal->text);
	snprintf(refusal->text + used, sizeof refusal->text - used, ", for %s", use);
	return true;
}

bool guard_refuses(
	const struct guard *guard, const struct nameset *unguarded, const struct rule *rule, struct refusal *refusal)
{
	const struct nameset *own = &guard->config->own, *names = &guard->lists.names;
	struct namekey key;
	namekey_of(&key, rule->wire, rule->length);
	const struct nameset_entry *entry = nameset_above(own, &key);
	if (!entry)
		entry = find_hit(own, &key, rule->scope);
	if (entry)
		return fill_refusal(refusal, REJECT_OWN, rule, own, entry, NULL);
	if (unguarded && nameset_at(unguarded, &key))
		return false;
	entry = find_hit(&guard->special, &key, rule->scope);
	if (entry)
		return fill_refusal(refusal, REJECT_SPECIAL_USE, rule, &guard->special, entry, NULL);
	if (rule->scope == SCOPE_SUBTREE && suffixes_has(&guard->suffixes, &key, &entry))
		return fill_refusal(refusal, REJECT_SUFFIX, rule, &guard->suffixes.rules, entry, NULL);
	entry = find_hit(names, &key, rule->scope);
	if (entry)
		return fill_refusal(refusal, REJECT_GUARDED, rule, names, entry, guard->lists.list[entry->mark].label);
	entry = essential_hit(&guard->essential, &key, rule->scope);
	if (entry)
		return refuse_essential(refusal, rule, &guard->essential, entry, essential_use(entry));
	if (essential_is_registry(&key))
		return fill_refusal(refusal, REJECT_ESSENTIAL, rule, names, NULL, "the names of registries");
	const struct nameset *hosts = &guard->config->hosts;
	entry = find_hit(hosts, &key, rule->scope);
	if (!entry)
		entry = find_hit(hosts = &guard->hosts, &key, rule->scope);
	if (entry)
		return fill_refusal(refusal, REJECT_FEED_HOST, rule, hosts, entry, NULL);
	return false;
}

bool guard_refuses_own(const struct guard *guard, const struct rule *rule)
{
	struct refusal refusal;
	return guard && rule->kind == RULE_BLOCK && guard_refuses(guard, NULL, rule, &refusal) &&
	       refusal.reject == REJECT_OWN;
}

/* ---- as a filter ---- */

/* Names below arpa have a label for each octet, or half of one, of an address. */
static bool is_reverse(const struct rule *rule)
{
	static const uint8_t arpa[] = "\4arpa";
	return rule->length >= sizeof arpa && memcmp(rule->wire + rule->length - sizeof arpa, arpa, sizeof arpa) == 0;
}

bool guard_rejects(
	const struct guard *guard, const struct nameset *unguarded, struct sink *sink, const struct rule *rule)
{
	struct refusal refusal;
	if (!guard || rule->kind != RULE_BLOCK)
		return false;
	if (rule_labels(rule) > MAX_LABELS && !is_reverse(rule)) {
		sink_reject(sink, sink->position, REJECT_DEEP, sink->text, sink->length);
		return true;
	}
	/* What is dangerous for everything below a name is also dangerous without the name itself. */
	struct rule asked = *rule;
	asked.scope = rule->scope == SCOPE_BELOW ? SCOPE_SUBTREE : rule->scope;
	if (!guard_refuses(guard, unguarded, &asked, &refusal))
		return false;
	sink_reject(sink, sink->position, refusal.reject, refusal.text, strlen(refusal.text));
	return true;
}

/* ---- telling ---- */

void guard_print(const struct guard *guard)
{
	const struct guard_lists *lists = &guard->lists;
	printf("guard:\n  %s: %zu suffixes\n", guard_suffix_path(guard->config), guard->suffixes.rules.count);
	printf("  %zu names that too much depends on, those of registries, and the %zu hosts of feeds\n",
		guard->essential.count, guard->config->hosts.count + guard->hosts.count);
	for (size_t i = 0; i < guard->config->own.count; i++) {
		char name[NAME_MAX_WIRE + 1];
		nameset_text(&guard->config->own, &guard->config->own.entry[i], name);
		printf("  own %s\n", name);
	}
	for (size_t i = 0; i < lists->count; i++) {
		const struct guard_list *list = &lists->list[i];
		if (list->file.used)
			printf("  %s: %llu names, %llu entries that are not names\n", list->label,
				(unsigned long long)list->file.names, (unsigned long long)list->file.others);
		else
			printf("  %s: NOT USED: a list of substrings, patterns or addresses, not of names\n",
				list->label);
	}
}
