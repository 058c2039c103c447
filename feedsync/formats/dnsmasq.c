/* SPDX-License-Identifier: BSD-3-Clause */
/* dnsmasq's configuration: "address=/name/name/where", "server=/name/" and "local=/name/". Each name stands for
 * everything below it too. An option blocks only if it leads nowhere: to no address, to "#", or to an address that means
 * nowhere (span_leads_nowhere). */
#include <string.h>

#include "feedsync/formats/registry.h"

static int parse_option(const struct parse *parse, struct span line, const struct position *position)
{
	static const char *const keys[] = {"address", "server", "local", NULL};
	line = span_trim(line);
	if (line.length == 0 || line.text[0] == '#')
		return 0;
	const char *equals = memchr(line.text, '=', line.length);
	struct span key = span_trim((struct span){line.text, equals ? (size_t)(equals - line.text) : 0});
	struct span rest = {line.text, 0};
	if (equals)
		rest = span_trim((struct span){equals + 1, line.length - (size_t)(equals + 1 - line.text)});
	const char *last = rest.length > 0 ? memrchr(rest.text, '/', rest.length) : NULL;
	if (!span_is_one_of(key, keys) || rest.length < 3 || rest.text[0] != '/' || last == rest.text) {
		sink_reject(parse->sink, position, REJECT_SYNTAX, line.text, line.length);
		return 0;
	}
	struct span where = {last + 1, rest.length - (size_t)(last + 1 - rest.text)};
	bool sinks = where.length == 0 || (key.text[0] == 'a' && (span_leads_nowhere(where) || *where.text == '#'));
	if (!sinks) {
		sink_reject(parse->sink, position, REJECT_REDIRECT, line.text, line.length);
		return 0;
	}
	int status = 0;
	for (const char *name = rest.text + 1; status == 0 && name < last;) {
		const char *slash = memchr(name, '/', (size_t)(last - name) + 1);
		status = sink_name(parse->sink, position, name, (size_t)(slash - name), SCOPE_SUBTREE);
		name = slash + 1;
	}
	return status;
}

const struct format format_dnsmasq = {
	.name = "dnsmasq",
	.sentence = "a configuration of dnsmasq: what blocks names in it",
	.scope = SCOPE_SUBTREE,
	.scope_is_told = true,
	.parse_line = parse_option,
};
