/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync why --json`. */
#include "feedsync/base/json.h"
#include "feedsync/base/log.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/circle/shared_names.h"
#include "feedsync/circle/sighting_names.h"
#include "feedsync/commands/sources.h"
#include "feedsync/commands/why_private.h"
#include "feedsync/formats/misp/misp_source.h"
#include "feedsync/publish/bypass_file.h"
#include "feedsync/publish/overrides.h"
#include "libweir/dump.h"

static struct node *position_json(const struct why_query *q)
{
	const struct position *position = q->sink.position;
	char detail[DETAIL_ROOM];
	const struct marking marking = markings_strictest(q->sink.markings);
	struct node *node = node_object();
	node_put(node, "feed", node_from_text(q->feed->config->name));
	node_put(node, "document", node_from_text(position->document));
	node_put(node, "line", node_from_number(position->line));
	node_put(node, "detail", node_from_text(position->detail ? position_detail(position, detail) : NULL));
	node_put(node, "tlp", node_from_text(marking.tlp == TLP_NONE ? NULL : tlp_text(marking.tlp)));
	node_put(node, "pap", node_from_text(marking.pap == PAP_NONE ? NULL : pap_text(marking.pap)));
	return node;
}

static struct node *text_of(const struct node *owner, const char *key)
{
	return node_from_text(node_text(node_get(owner, key), NULL));
}

static struct node *time_node(uint64_t time)
{
	return time > 0 ? node_from_number(time) : node_from_text(NULL);
}

void why_json_entry(struct why_query *q, const struct rule *rule, enum rule_kind kind, bool in_force)
{
	static const char *const kinds[] = {
		[RULE_BLOCK] = "block", [RULE_ALLOW] = "allow", [RULE_EXCEPT] = "except", [RULE_CANCEL] = "cancel"};
	char name[NAME_MAX_TEXT];
	struct node *node = position_json(q);
	const struct misp_source *misp = q->sink.misp;
	enum scope placed = rule->scope == SCOPE_EXACT ? SCOPE_EXACT : SCOPE_SUBTREE; /* as it stands in a table */
	name_to_text(rule->wire, rule->length, name);
	node_put(node, "kind", node_from_text(kinds[kind]));
	node_put(node, "name", node_from_text(name));
	node_put(node, "scope", node_from_text(rule->scope == SCOPE_BELOW ? "below" : scope_text(rule->scope)));
	node_put(node, "category", node_from_text(q->config->categories[q->sink.category].name));
	node_put(node, "in_force", node_from_bool(in_force));
	node_put(node, "event", misp ? text_of(misp->event, "uuid") : node_from_text(NULL));
	node_put(node, "organisation", misp ? text_of(misp_organisation(misp->event), "name") : node_from_text(NULL));
	node_put(node, "since", time_node(listed_since(q, name, placed)));
	node_put(node, "confirmed_at", time_node(q->feed->record.current_at));
	node_append(q->entries, node);
}

void why_json_rejected(struct why_query *q, const char *text, enum reject reject)
{
	struct node *node = position_json(q);
	node_put(node, "text", node_from_text(text));
	node_put(node, "reason", node_from_text(reject_key(reject)));
	node_append(q->rejected, node);
}

/* The operator's items that are about the name, of the configuration and by command. */
static struct node *operator_json(const struct why_query *q)
{
	struct overrides overrides;
	struct why why;
	struct node *list = node_array();
	if (overrides_read(&overrides, q->config, &why) != 0)
		log_error("%s", why.text);
	const struct operator_lists *const lists[] = {&q->config->operator_lists, &overrides.lists};
	for (unsigned l = 0; l < 2; l++)
		for (size_t i = 0; i < lists[l]->count; i++) {
			struct operator_item *item = &lists[l]->item[i];
			if (item_covers_question(q, item))
				operator_append_json(
					list, &(struct operator_lists){.item = item, .count = 1}, wall_now());
		}
	overrides_end(&overrides);
	return list;
}

static void add_shared_json(void *context, const struct output *output, const struct item *item)
{
	node_append(context, shared_names_json(output, item));
}

/* What others were told of the name; null where that is not known as a whole. */
static struct node *shared_json(const struct why_query *q)
{
	struct node *list = node_array();
	if (shared_names_each(q->config, q->wire, q->length, add_shared_json, list))
		return list;
	node_free(list);
	return node_from_text(NULL);
}

static void add_sighting_json(void *context, const char *partner, const struct sighting *sighting)
{
	node_append(context, sighting_names_json(partner, sighting));
}

/* What partners were told of hits of it; null where that is not known. */
static struct node *sightings_json(const struct why_query *q)
{
	struct node *list = node_array();
	struct why why;
	if (sighting_names_each(q->config, q->wire, q->length, add_sighting_json, list, &why) == 0)
		return list;
	log_error("what was sighted of it is not known: %s", why.text);
	node_free(list);
	return node_from_text(NULL);
}

struct node *why_json(struct why_query *q, enum action action, unsigned days)
{
	char rule[NAME_MAX_TEXT], contact[MAILBOX_MAX_TEXT];
	struct bypass_file bypass;
	struct node *root = json_answer(), *hits = why_hits(q, days);
	bypass_file_read(&bypass, q->config->table);
	name_to_text(q->wire + q->match.rule_offset, q->length - q->match.rule_offset, rule);
	node_put(root, "name", node_from_text(q->text));
	node_put(root, "decision", node_from_text(q->verdict ? decision_text(q->verdict, action) : "pass"));
	node_put(root, "action", node_from_text(q->verdict ? action_text(action) : NULL));
	node_put(root, "contact", node_from_text(q->verdict ? contact_of_answer(q, action, contact) : NULL));
	node_put(root, "rule", node_from_text(q->verdict ? rule : NULL));
	node_put(root, "scope", node_from_text(q->verdict ? scope_text(q->match.scope) : NULL));
	node_put(root, "generation", node_from_number(q->table ? table_header(q->table)->generation : 0));
	node_put(root, "sources", sources_json(q->table ? table_policy(q->table) : NULL, q->verdict));
	node_put(root, "bypass", node_from_bool(bypass.in_force));
	node_put(root, "held", node_from_bool(q->hold.held));
	node_put(root, "operator", operator_json(q));
	node_put(root, "shared", shared_json(q));
	node_put(root, "sightings", sightings_json(q));
	node_put(root, "entries", q->entries);
	node_put(root, "rejected", q->rejected);
	node_put(root, "hits", hits ? hits : node_from_text(NULL));
	return root;
}
