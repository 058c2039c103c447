/* Response policy zones (draft-vixie-dnsop-dns-rpz), as zone files; ldns, known to this file alone, parses them record
 * by record.
 *
 * A record's owner relative to the zone is its trigger: a name, or "*." before one, which is what is below it. Its data
 * is the action: rpz-passthru frees the name from this feed, everything else blocks it, and what that means to a client
 * is a matter of the feed's category. Triggers other than the queried name are not ours. Neither are two rules of DNS:
 * in RPZ "*.x" does not cover what is below a listed y.x, here it does; and there a block below a name that is let
 * through counts, here the exception covers all that is below.
 *
 * Where there is no memory for it, ldns ends the program (by an assertion, at best): nothing is published then, and
 * what is kept stays as it was.
 *
 * Names that cannot be names are lost alone. Anything else that ldns does not understand may make what follows mean
 * something else: the document is refused.
 */
#include <errno.h>
#include <ldns/dname.h>
#include <ldns/rr.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "formats.h"

/* ---- text ---- */

/* Given to ldns line by line. It passes over NUL octets, so that two names would become one: they are not let through.
 * Behind a record it reads on over empty lines, and counts them: which lines were not empty is kept here. */
struct text {
	FILE *in;
	bool nul;
	char last;           /* octet */
	bool empty;          /* the line under way, so far */
	uint64_t lines;      /* begun */
	uint64_t written[2]; /* the last two that are not empty, the newest first */
};

static ssize_t read_text(void *cookie, char *buffer, size_t size)
{
	struct text *t = cookie;
	size_t length = 0;
	if (t->lines == 0 || t->last == '\n') {
		t->lines++;
		t->empty = true;
	}
	for (int c = 0; length < size && c != '\n' && (c = getc_unlocked(t->in)) != EOF;) {
		buffer[length++] = (char)c;
		t->nul |= c == '\0';
		if (t->empty && c != '\n' && c != '\r' && c != ' ' && c != '\t') {
			t->empty = false;
			t->written[1] = t->written[0];
			t->written[0] = t->lines;
		}
	}
	if (length > 0)
		t->last = buffer[length - 1];
	return t->nul || ferror(t->in) ? -1 : (ssize_t)length;
}

/* The line of what ldns has just read: the last that is not empty of the `read` ones; it may have looked into one more. */
static uint64_t line_of(const struct text *t, int read, bool at_end)
{
	uint64_t most = (uint64_t)read + (at_end && t->last != '\n');
	return t->written[0] <= most ? t->written[0] : t->written[1];
}

/* ---- records ---- */

struct zone {
	FILE *text;
	ldns_rdf *origin, *previous; /* as the file has them at the moment */
	uint32_t ttl;
	int line;       /* lines read */
	ldns_rdf *apex; /* NULL until the SOA record has been seen */
	const struct parse_options *options;
	struct sink *sink;
};

/* What stands at a trigger and is no action: the zone's own, and DNSSEC's. */
static bool is_ignored(ldns_rr_type type)
{
	static const ldns_rr_type ignored[] = {LDNS_RR_TYPE_SOA, LDNS_RR_TYPE_NS, LDNS_RR_TYPE_DNAME, LDNS_RR_TYPE_DS,
		LDNS_RR_TYPE_DNSKEY, LDNS_RR_TYPE_RRSIG, LDNS_RR_TYPE_NSEC, LDNS_RR_TYPE_NSEC3, LDNS_RR_TYPE_NSEC3PARAM,
		LDNS_RR_TYPE_CDS, LDNS_RR_TYPE_CDNSKEY, LDNS_RR_TYPE_ZONEMD};
	for (unsigned i = 0; i < sizeof ignored / sizeof *ignored; i++)
		if (type == ignored[i])
			return true;
	return false;
}

/* The owner relative to the zone, as a name of its own. Returns its length. */
static size_t trigger_of(const struct zone *z, const ldns_rr *rr, name_storage wire)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	size_t length = ldns_rdf_size(owner) - ldns_rdf_size(z->apex);
	memcpy(wire, ldns_rdf_data(owner), length);
	wire[length] = 0;
	name_lower(wire, wire, length + 1);
	return length + 1;
}

static bool label_starts(const uint8_t *label, const char *start)
{
	return label[0] >= strlen(start) && memcmp(label + 1, start, strlen(start)) == 0;
}

/* "rpz-ip" and its kin stand next to the zone's own name. */
static bool is_other_trigger(const uint8_t *wire, size_t length)
{
	struct name_labels labels;
	return name_split(wire, length, &labels) == 0 && labels.count > 0 &&
	       label_starts(wire + labels.offset[labels.count - 1], "rpz-");
}

/* What the record does to its trigger. Returns false for an action that is not known. */
static bool action_of(const ldns_rr *rr, const uint8_t *trigger, size_t trigger_length, enum rule_kind *kind)
{
	*kind = RULE_BLOCK;
	if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_CNAME)
		return true;
	name_storage target;
	struct name_labels labels;
	const ldns_rdf *data = ldns_rr_rdf(rr, 0);
	size_t length = data ? ldns_rdf_size(data) : 0;
	if (!data || name_split(ldns_rdf_data(data), length, &labels) != 0)
		return false;
	name_lower(target, ldns_rdf_data(data), length);
	/* The way to say "passthru" before there was a word for it. */
	bool itself = length == trigger_length && memcmp(target, trigger, length) == 0;
	bool action = labels.count == 1 && label_starts(target, "rpz-");
	if (itself || (action && target[0] == 12 && label_starts(target, "rpz-passthru")))
		*kind = RULE_EXCEPT;
	else if (action)
		return (target[0] == 8 && label_starts(target, "rpz-drop")) ||
		       (target[0] == 12 && label_starts(target, "rpz-tcp-only"));
	return true;
}

static int take_trigger(const struct zone *z, const struct place *place, const ldns_rr *rr)
{
	name_storage wire;
	char text[NAME_MAX_TEXT];
	enum rule_kind kind;
	size_t length = trigger_of(z, rr, wire), text_length = name_to_text(wire, length, text);
	if (is_other_trigger(wire, length)) {
		sink_reject(z->sink, place, REJECT_TRIGGER, text, text_length);
		return 0;
	}
	if (!action_of(rr, wire, length, &kind)) {
		sink_reject(z->sink, place, REJECT_OPTION, text, text_length);
		return 0;
	}
	if (text_length < 2 || memcmp(text, "*.", 2) != 0)
		return sink_rule(z->sink, place, text, text_length, SCOPE_EXACT, kind);
	return sink_rule(
		z->sink, place, text + 2, text_length - 2, z->options->below ? SCOPE_BELOW : SCOPE_SUBTREE, kind);
}

static int take_record(struct zone *z, const struct place *place, const ldns_rr *rr, struct why *why)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	if (!z->apex && ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA)
		return why_set(why, -EBADMSG, "line %llu: no zone: the first record is not an SOA record",
			(unsigned long long)place->line);
	if (!z->apex) {
		z->apex = ldns_rdf_clone(owner);
		return z->apex ? 0 : -ENOMEM;
	}
	if (ldns_dname_compare(owner, z->apex) == 0 || is_ignored(ldns_rr_get_type(rr)))
		return 0;
	if (!ldns_dname_is_subdomain(owner, z->apex) || ldns_rr_get_class(rr) != LDNS_RR_CLASS_IN) {
		char text[NAME_MAX_TEXT];
		size_t length = name_to_text(ldns_rdf_data(owner), ldns_rdf_size(owner), text);
		sink_reject(z->sink, place, ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN ? REJECT_OUTSIDE : REJECT_SYNTAX,
			text, length);
		return 0;
	}
	return take_trigger(z, place, rr);
}

/* ---- the zone ---- */

/* What ldns says of a line that is no record. */
static int judge_status(struct zone *z, const struct place *place, ldns_status status, struct why *why)
{
	switch (status) {
	case LDNS_STATUS_SYNTAX_TTL: /* "$TTL", "$ORIGIN" and an empty line */
	case LDNS_STATUS_SYNTAX_ORIGIN:
	case LDNS_STATUS_SYNTAX_EMPTY: return 0;
	case LDNS_STATUS_SYNTAX_ERR: /* the owner is no name */
		if (!z->apex)
			break;
		sink_reject(z->sink, place, REJECT_SYNTAX, "", 0);
		/* A record without an owner would take the one before. */
		ldns_rdf_deep_free(z->previous);
		z->previous = NULL;
		return 0;
	case LDNS_STATUS_SYNTAX_INCLUDE:
		return why_set(why, -EBADMSG, "line %llu: $INCLUDE is not followed", (unsigned long long)place->line);
	default: break;
	}
	return why_set(why, -EBADMSG, "line %llu: no zone: %s", (unsigned long long)place->line,
		ldns_get_errorstr_by_id(status));
}

static int take_records(struct zone *z, const struct text *text, const char *document, struct why *why)
{
	int status = 0;
	while (status == 0 && !feof(z->text) && !ferror(z->text)) {
		ldns_rr *rr = NULL;
		errno = 0;
		ldns_status got = ldns_rr_new_frm_fp_l(&rr, z->text, &z->ttl, &z->origin, &z->previous, &z->line);
		const struct place place = {document, line_of(text, z->line, feof(z->text) != 0), NULL};
		if (ferror(z->text))
			status = -EIO;
		else if (errno == ENOMEM) /* of which ldns does not always tell */
			status = -ENOMEM;
		else if (got == LDNS_STATUS_OK)
			status = take_record(z, &place, rr, why);
		else
			status = judge_status(z, &place, got, why);
		if (got == LDNS_STATUS_OK)
			ldns_rr_free(rr);
	}
	if (text->nul)
		return why_set(why, -EBADMSG,
			"line %llu: a NUL octet: no zone file in text (BIND writes those of secondaries in a form of "
			"its "
			"own, unless it is told \"masterfile-format text\")",
			(unsigned long long)text->lines);
	if (status == -EIO)
		return why_set(why, -EIO, "%s:%llu: %s", document, (unsigned long long)text->lines, error_text(-EIO));
	if (status == 0 && !z->apex)
		return why_set(why, -EBADMSG, "no zone: there is no SOA record");
	return status;
}

int rpz_parse(FILE *in, const char *document, const struct parse_options *options, struct sink *sink, struct why *why)
{
	struct text text = {.in = in};
	struct zone z = {.ttl = 3600, .options = options, .sink = sink};
	z.origin = ldns_dname_new_frm_str("."); /* of a file that tells none: its names are relative to the zone */
	z.text = fopencookie(&text, "r", (cookie_io_functions_t){.read = read_text});
	int status = z.origin && z.text ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (status == 0) {
		__fsetlocking(z.text, FSETLOCKING_BYCALLER);
		status = take_records(&z, &text, document, why);
	}
	if (z.text)
		fclose(z.text);
	ldns_rdf_deep_free(z.origin);
	ldns_rdf_deep_free(z.previous);
	ldns_rdf_deep_free(z.apex);
	return status;
}
