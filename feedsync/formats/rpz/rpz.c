/* SPDX-License-Identifier: BSD-3-Clause */
/* Response policy zones (draft-vixie-dnsop-dns-rpz), as zone files (zonefile.h).
 *
 * A record's owner relative to the zone is its trigger: a name, or "*." before a name, which means what is below it.
 * Its data is the action. rpz-passthru frees the name from this feed; every other known action blocks it, and the feed's
 * category says what the client gets. Triggers other than the queried name are rejected.
 *
 * Two rules of RPZ do not hold here. In RPZ "*.x" does not cover what is below a listed y.x; here it does. And in RPZ a
 * block below an excepted name counts; here the exception covers everything below.
 *
 * The zone's name is that of its SOA record; of an NS record, if that comes first; else the origin of the first record:
 * lists without an SOA record are made to be included in a zone. Without an origin the name is not known: then only
 * relative names are triggers.
 *
 * An owner that cannot be a name, or that stands alone on its line, is rejected alone. Any other mistake may change what the following records mean: the
 * document is refused.
 */
#include <errno.h>
#include <string.h>

#include "feedsync/formats/registry.h"
#include "feedsync/formats/rpz/zone_words.h"
#include "feedsync/formats/rpz/zonefile.h"
#include "libweir/errors.h"

struct zone {
	struct zonefile file; /* and the record at hand */
	name_storage apex;
	size_t apex_length; /* 0 until the first record has been seen */
	bool guessed;       /* no SOA record has told it yet */
	const struct parse *parse;
};

/* Whether records of this type are no actions: they belong to the zone itself, or to DNSSEC. */
static bool is_ignored(uint16_t type)
{
	static const uint16_t ignored[] = {ZONE_SOA, ZONE_NS, ZONE_DNAME, ZONE_DS, ZONE_DNSKEY, ZONE_RRSIG, ZONE_NSEC,
		ZONE_NSEC3, ZONE_NSEC3PARAM, ZONE_CDS, ZONE_CDNSKEY, ZONE_ZONEMD};
	for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (type == ignored[i])
			return true;
	return false;
}

/* How many octets of a name stand before the zone's name; -1 = the name is outside the zone. */
static int length_before_apex(const struct zone *z, const uint8_t *name, size_t length)
{
	size_t at = 0;
	while (length - at > z->apex_length)
		at += name[at] + 1u;
	bool within = length - at == z->apex_length && memcmp(name + at, z->apex, z->apex_length) == 0;
	return within ? (int)at : -1;
}

static bool label_starts(const uint8_t *label, const char *start)
{
	return label[0] >= strlen(start) && memcmp(label + 1, start, strlen(start)) == 0;
}

/* Whether it is a trigger of another kind: "rpz-ip" and the like stand next to the zone's own name. */
static bool is_other_trigger(const uint8_t *trigger, size_t length)
{
	struct name_labels labels;
	return name_split(trigger, length, &labels) == 0 && labels.count > 0 &&
	       label_starts(trigger + labels.offset[labels.count - 1], "rpz-");
}

/* What the record does to its trigger. Returns false for an action that is not known. */
static bool read_action(const struct zone *z, const uint8_t *trigger, size_t length, enum rule_kind *kind)
{
	const struct zonefile *record = &z->file;
	*kind = RULE_BLOCK;
	if (record->type != ZONE_CNAME)
		return true;
	const uint8_t *target = record->target;
	/* An older way to say "passthru". */
	bool itself = record->target_length == length && memcmp(target, trigger, length) == 0;
	/* A single label. */
	bool action = label_starts(target, "rpz-") && target[0] + 2u == record->target_length;
	bool passthru = target[0] == 12 && label_starts(target, "rpz-passthru");
	/* Its final dot was left out. */
	bool relative = passthru && length_before_apex(z, target + 13, record->target_length - 13) >= 0;
	if (itself || (passthru && action) || relative)
		*kind = RULE_EXCEPT;
	else if (action)
		return (target[0] == 8 && label_starts(target, "rpz-drop")) ||
		       (target[0] == 12 && label_starts(target, "rpz-tcp-only"));
	return true;
}

/* Takes the record at the trigger that the first `length` octets of its owner are. */
static int take_trigger(const struct zone *z, const struct position *position, size_t length)
{
	name_storage trigger; /* a name of its own */
	char text[NAME_MAX_TEXT];
	enum rule_kind kind;
	memcpy(trigger, z->file.owner, length);
	trigger[length++] = 0;
	size_t text_length = name_to_text(trigger, length, text);
	if (is_other_trigger(trigger, length)) {
		sink_reject(z->parse->sink, position, REJECT_TRIGGER, text, text_length);
		return 0;
	}
	if (!read_action(z, trigger, length, &kind)) {
		sink_reject(z->parse->sink, position, REJECT_OPTION, text, text_length);
		return 0;
	}
	if (text_length < 2 || memcmp(text, "*.", 2) != 0)
		return sink_rule(z->parse->sink, position, text, text_length, SCOPE_EXACT, kind);
	return sink_rule(z->parse->sink, position, text + 2, text_length - 2,
		z->parse->options->below ? SCOPE_BELOW : SCOPE_SUBTREE, kind);
}

static int take_zone_record(const struct zone *z, const struct position *position)
{
	const struct zonefile *record = &z->file;
	if (record->owner_length == 0) {
		sink_reject(z->parse->sink, position, REJECT_SYNTAX, "", 0);
		return 0;
	}
	int length = length_before_apex(z, record->owner, record->owner_length);
	if (z->guessed && z->apex_length == 1 && record->absolute)
		length = -1; /* nobody knows where the zone begins */
	if (length == 0 || is_ignored(record->type))
		return 0;
	if (length < 0 || record->class != ZONE_CLASS_IN) {
		char text[NAME_MAX_TEXT];
		sink_reject(z->parse->sink, position, record->class == ZONE_CLASS_IN ? REJECT_OUTSIDE : REJECT_SYNTAX,
			text, name_to_text(record->owner, record->owner_length, text));
		return 0;
	}
	return take_trigger(z, position, (size_t)length);
}

/* Learns the zone's name from the first record, and whether that is right from the SOA record. */
static int find_apex(struct zone *z, struct why *why)
{
	const struct zonefile *record = &z->file;
	bool told = record->type == ZONE_SOA || record->type == ZONE_NS, first = z->apex_length == 0;
	if (!first && !(z->guessed && record->type == ZONE_SOA))
		return 0;
	if (told && record->owner_length == 0)
		return why_set(
			why, -EBADMSG, "line %llu: no zone: its own name is none", (unsigned long long)record->line);
	if (!first && length_before_apex(z, record->owner, record->owner_length) != 0)
		return why_set(why, -EBADMSG, "line %llu: no zone: an SOA record behind records of another zone",
			(unsigned long long)record->line);
	z->guessed = record->type != ZONE_SOA;
	if (first && !told) {
		z->apex_length = zonefile_origin(record, z->apex);
	} else if (first) {
		memcpy(z->apex, record->owner, record->owner_length);
		z->apex_length = record->owner_length;
	}
	return 0;
}

static int parse_zone_file(const struct parse *parse)
{
	struct zone z;
	z.apex_length = 0;
	z.guessed = false;
	z.parse = parse;
	zonefile_begin(&z.file, parse->in);
	int status = zonefile_next(&z.file, parse->why);
	for (; status > 0; status = zonefile_next(&z.file, parse->why)) {
		const struct position position = {parse->document, z.file.line, NULL};
		int taken = find_apex(&z, parse->why);
		if (taken == 0)
			taken = take_zone_record(&z, &position);
		if (taken != 0)
			return taken;
	}
	if (status == 0 && z.apex_length == 0)
		return why_set(parse->why, -EBADMSG, "no zone: there is no SOA record");
	return status;
}

const struct format format_rpz = {
	.name = "rpz",
	.sentence = "a zone file, which a secondary keeps fresh, or one by https",
	.scope_is_told = true,
	.has_wildcards = true,
	.below = true,
	.empty_means_withdrawn = true,
	.parse_document = parse_zone_file,
};
