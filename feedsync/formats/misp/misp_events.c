/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/formats/misp/misp_events.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "feedsync/formats/misp/misp_map.h"
#include "feedsync/formats/misp/misp_tag.h"
#include "feedsync/formats/parse.h"
#include "feedsync/base/uuid.h"
#include "feedsync/formats/value.h"
#include "libweir/errors.h"

const struct node *misp_event(const struct node *document)
{
	/* {"Event":..}, {"response":[{"Event":..}]}, {"response":{"Event":..}}, [{"Event":..}], or the event itself. */
	const struct node *node = document;
	if (node_get(node, "response"))
		node = node_get(node, "response");
	if (node_is_array(node))
		node = node_count(node) == 1 ? node_at(node, 0) : NULL;
	if (node_get(node, "Event"))
		node = node_get(node, "Event");
	bool event = node_is_object(node) &&
		     (node_get(node, "Attribute") || node_get(node, "Object") || node_get(node, "info"));
	return event ? node : NULL;
}

/* ---- tags ---- */

static bool is_one_of(const char *text, const char *const *list)
{
	for (; *list; list++)
		if (strcasecmp(text, *list) == 0)
			return true;
	return false;
}

/* What the tags of an event and of an attribute say. */
struct tags {
	bool false_positive;
	bool workflow;
	struct markings markings;
};

static void read_tag(void *context, const char *name)
{
	static const char *const false_positive[] = {"false-positive:confirmed=true", NULL};
	static const char *const workflow[] = {
		"workflow:state=draft", "workflow:state=incomplete", "workflow:state=rejected", NULL};
	struct tags *tags = context;
	char plain[MAX_TAG + 1];
	misp_plain_tag(name, plain);
	tags->false_positive |= is_one_of(plain, false_positive);
	tags->workflow |= is_one_of(plain, workflow);
	markings_add_text(&tags->markings, name);
}

/* ---- attributes ---- */

/* Roles in an object that name a victim, a brand, or the infrastructure with which an indicator was seen. */
static const struct {
	const char *object, *relation; /* relation NULL: every one */
} innocent[] = {
	{"victim", "domain"},
	{"ddos", "domain-dst"},
	{"dns-record", "mx-record"},
	{"dns-record", "ns-record"},
	{"dns-record", "soa-record"},
	{"dns-record", "cname-record"},
	{"dns-record", "ptr-record"},
	{"whois", "nameserver"},
	{"email", "from-domain"},
	{"typosquatting-finder", "research-domain"},
	{"typosquatting-finder-result", "research-domain"},
	{"network-profile", "dns-server"},
	{"passive-dns", "bailiwick"},
	{"x509", "dns_names"},
	{"dkim", "d"},
	{"research-scanner", NULL},
	{"crowdsec-ip-context", "reverse-dns"},
	{"crowdsec-ip-context", "rdns"},
	{"crowdsec", "rdns"},
	{"greynoise-ip", "rdns"},
	{"greynoise", "rdns"},
};

/* Whether the role is one of those above. Answers of restSearch do not tell the object's name: then the relation alone
 * decides. But malicious names have the relation "domain" as well. */
static bool names_an_innocent(const char *object, const char *relation)
{
	for (unsigned i = 0; i < sizeof innocent / sizeof *innocent; i++) {
		const char *wanted = innocent[i].relation;
		bool related = wanted && relation && strcasecmp(wanted, relation) == 0;
		if (object ? strcasecmp(innocent[i].object, object) == 0 && (!wanted || related)
			   : related && strcmp(wanted, "domain") != 0)
			return true;
	}
	return false;
}

/* Where every relation is an innocent's, or the one that malicious names have as well, the relation does not tell. */
const char *misp_innocent_object(unsigned index)
{
	for (unsigned i = 0; i < sizeof innocent / sizeof *innocent; i++) {
		const char *relation = innocent[i].relation;
		if ((!relation || strcmp(relation, "domain") == 0) && index-- == 0)
			return innocent[i].object;
	}
	return NULL;
}

/* Types that name a domain. In compound ones it stands before the bar. A URL that is its host as a whole names that. */
static const struct {
	const char *type;
	enum scope scope;
	bool compound, is_url;
} types[] = {
	{"domain", SCOPE_SUBTREE, false, false},
	{"domain|ip", SCOPE_SUBTREE, true, false},
	{"hostname", SCOPE_EXACT, false, false},
	{"hostname|port", SCOPE_EXACT, true, false},
	{"url", SCOPE_EXACT, false, true},
};

struct event {
	const struct node *node;
	const struct parse *parse;
	struct tags tags;
	bool ours;
	uint16_t category; /* the feed's */
};

/* Whether our own organisation made the event: it has come back from who took it from us. If it counted, a name that we
 * withdraw would stay as long as somebody gives it back. */
static bool is_event_ours(const struct node *event, const struct parse_options *options)
{
	enum { VERSION_AT = 14 }; /* in a UUID; Weir makes its events' of version 5, MISP and people others */
	const char *organisation = node_text(node_get(node_get(event, "Orgc"), "uuid"), NULL);
	const char *uuid = node_text(node_get(event, "uuid"), NULL);
	if (!organisation || !options->own_organisation || strcasecmp(organisation, options->own_organisation) != 0)
		return false;
	return !options->own_by_weir || (uuid && uuid_is_valid(uuid) && uuid[VERSION_AT] == '5');
}

/* Whether an attribute's state or tags forbid its use; *reject says why. */
static bool is_attribute_forbidden(
	const struct event *event, const struct node *attribute, const struct node *object, enum reject *reject)
{
	struct tags tags = event->tags;
	misp_each_tag(attribute, read_tag, &tags);
	event->parse->sink->markings = tags.markings;
	const char *object_name = node_text(node_get(object, "name"), NULL);
	if (event->ours)
		*reject = REJECT_OURS;
	else if (node_truth(node_get(attribute, "deleted")) || node_truth(node_get(object, "deleted")))
		*reject = REJECT_DELETED;
	else if (!node_truth(node_get(attribute, "to_ids")))
		*reject = REJECT_NOT_IDS;
	else if (names_an_innocent(object_name, node_text(node_get(attribute, "object_relation"), NULL)))
		*reject = REJECT_RELATION;
	else if (markings_pap_forbids(tags.markings) && !event->parse->options->lenient_pap)
		*reject = REJECT_PAP;
	else if (markings_tlp_forbids(tags.markings) && !event->parse->options->lenient_tlp)
		*reject = REJECT_TLP;
	else if (tags.false_positive)
		*reject = REJECT_FALSE_POSITIVE;
	else if (tags.workflow)
		*reject = REJECT_WORKFLOW;
	else if (parse_expired(event->parse->options, misp_last_seen(attribute)))
		*reject = REJECT_EXPIRED;
	else
		return false;
	return true;
}

static int read_attribute(const struct event *event, const struct node *attribute, const struct node *object)
{
	const struct parse_options *options = event->parse->options;
	struct sink *sink = event->parse->sink;
	const char *uuid = node_text(node_get(attribute, "uuid"), NULL);
	const struct detail detail = {"attribute", uuid ? uuid : "?", 0};
	const struct position position = {event->parse->document, 0, &detail};
	const struct misp_source source = {event->node, attribute};
	sink->misp = &source;
	size_t length;
	const char *value = node_text(node_get(attribute, "value"), &length);
	const char *type = node_text(node_get(attribute, "type"), NULL);
	unsigned t = 0;
	while (t < sizeof types / sizeof *types && type && strcmp(types[t].type, type) != 0)
		t++;
	enum reject reject;
	int status = 0;
	sink->markings = event->tags.markings;
	if (!value || !type) {
		sink_reject(sink, &position, REJECT_SYNTAX, "", 0);
	} else if (t == sizeof types / sizeof *types) {
		sink_reject(sink, &position, REJECT_TYPE, value, length);
	} else if (is_attribute_forbidden(event, attribute, object, &reject)) {
		sink_reject(sink, &position, reject, value, length);
	} else {
		const char *bar = types[t].compound ? memchr(value, '|', length) : NULL;
		sink->category = misp_map_category(options->map, options->map_count, &source, event->category);
		if (types[t].is_url)
			status = value_take_url(sink, &position, (struct span){value, length}, types[t].scope, false);
		else
			status =
				sink_name(sink, &position, value, bar ? (size_t)(bar - value) : length, types[t].scope);
	}
	sink->misp = NULL;
	return status;
}

static int read_attributes(const struct event *event, const struct node *owner, const struct node *object)
{
	const struct node *list = node_get(owner, "Attribute");
	int status = 0;
	for (size_t i = 0; status == 0 && i < node_count(list); i++)
		status = read_attribute(event, node_at(list, i), object);
	return status;
}

int misp_event_rules(const struct node *node, const struct parse *parse)
{
	struct event event = {.node = node,
		.parse = parse,
		.ours = is_event_ours(node, parse->options),
		.category = parse->sink->category};
	misp_each_tag(node, read_tag, &event.tags);
	int status = read_attributes(&event, node, NULL);
	const struct node *objects = node_get(node, "Object");
	for (size_t i = 0; status == 0 && i < node_count(objects); i++)
		status = read_attributes(&event, node_at(objects, i), node_at(objects, i));
	parse->sink->category = event.category;
	return status;
}

/* ---- attributes/restSearch ---- */

const struct node *misp_attributes(const struct node *document)
{
	/* {"response":{"Attribute":[..]}}, {"Attribute":[..]}; {"response":[]} where there are none. */
	const struct node *response = node_get(document, "response");
	const struct node *list = node_get(response ? response : document, "Attribute");
	if (!list && node_is_array(response) && node_count(response) == 0)
		list = response;
	return node_is_array(list) ? list : NULL;
}

int misp_attribute_rules(const struct node *attribute, const struct parse *parse)
{
	const struct node *node = node_get(attribute, "Event"), *published = node_get(node, "published");
	struct event event = {.node = node,
		.parse = parse,
		.ours = is_event_ours(node, parse->options),
		.category = parse->sink->category};
	misp_each_tag(node, read_tag, &event.tags);
	event.tags.workflow |= !node_is_null(published) && !node_truth(published);
	int status = read_attribute(&event, attribute, node_get(attribute, "Object"));
	parse->sink->category = event.category;
	return status;
}

/* ---- manifest ---- */

struct manifest {
	struct manifest_entry *entries;
	size_t count;
	struct why *why;
};

/* Takes over the digest of the event's file. One that is none is not told: who needs it says so. */
static void read_integrity(struct manifest_entry *entry, const struct node *value)
{
	size_t length;
	const char *text = node_text(node_get(value, "integrity:sha256"), &length);
	if (!text || length != SHA256_TEXT - 1 || strspn(text, "0123456789abcdefABCDEF") != length)
		return;
	for (size_t i = 0; i < length; i++)
		entry->sha256[i] = (char)tolower((unsigned char)text[i]);
}

static int read_manifest_entry(void *context, const char *key, const struct node *value)
{
	struct manifest *m = context;
	if (!uuid_is_valid(key))
		return why_set(m->why, -EBADMSG, "manifest: key \"%.40s\" is not an event UUID", key);
	if (m->count == MAX_EVENTS)
		return why_set(m->why, -EBADMSG, "manifest: more than %d events", MAX_EVENTS);
	struct manifest_entry *entry = &m->entries[m->count++];
	memcpy(entry->uuid, key, sizeof entry->uuid);
	if (!node_number(node_get(value, "timestamp"), &entry->timestamp))
		entry->timestamp = 0;
	read_integrity(entry, value);
	return 0;
}

int misp_manifest(const struct node *document, struct manifest_entry **entries, size_t *count, struct why *why)
{
	if (!node_is_object(document))
		return why_set(why, -EBADMSG, "manifest: not an object of events");
	struct manifest m = {.why = why, .entries = calloc(MAX_EVENTS, sizeof *m.entries)};
	if (!m.entries)
		return why_set(why, -ENOMEM, "out of memory");
	int status = node_each(document, read_manifest_entry, &m);
	if (status != 0) {
		free(m.entries);
		return status;
	}
	*entries = m.entries;
	*count = m.count;
	return 0;
}
