/* SPDX-License-Identifier: BSD-3-Clause */
/* hosts files: an address, then one or more names. "#" begins a comment. Only an address that leads nowhere blocks
 * (span_leads_nowhere). The lines that every hosts file begins with (localhost and the like) are passed over in silence.
 */
#include <string.h>

#include "feedsync/formats/hosts.h"
#include "feedsync/formats/registry.h"

static const char *const preamble[] = {"localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost",
	"ip6-loopback", "ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0",
	NULL};

static bool is_address(struct span word)
{
	bool digits = true;
	for (size_t i = 0; i < word.length; i++) {
		if (word.text[i] == ':')
			return true;
		digits &= (word.text[i] >= '0' && word.text[i] <= '9') || word.text[i] == '.';
	}
	return digits;
}

static bool all_preamble(struct span names)
{
	for (struct span name; (name = span_word(&names)).length > 0;)
		if (!span_is_one_of(name, preamble))
			return false;
	return true;
}

bool hosts_is_entry(struct span line)
{
	if (line.length == 0 || !strchr("0123456789:abcdefABCDEF", line.text[0]))
		return false;
	struct span address = span_word(&line);
	return is_address(address) && span_trim(line).length > 0;
}

int hosts_take_entry(const struct parse *parse, struct span line, const struct position *position, enum scope scope)
{
	const char *comment = memchr(line.text, '#', line.length);
	struct span rest = span_trim((struct span){line.text, comment ? (size_t)(comment - line.text) : line.length});
	struct span whole = rest, address = span_word(&rest), name;
	if (address.length == 0)
		return 0;
	rest = span_trim(rest);
	if (rest.length == 0 || !is_address(address)) {
		sink_reject(parse->sink, position, REJECT_SYNTAX, whole.text, whole.length);
		return 0;
	}
	if (all_preamble(rest))
		return 0;
	if (!span_leads_nowhere(address)) {
		sink_reject(parse->sink, position, REJECT_REDIRECT, whole.text, whole.length);
		return 0;
	}
	int status = 0;
	while (status == 0 && (name = span_word(&rest)).length > 0) {
		if (span_is_one_of(name, preamble))
			continue;
		name = span_without_dot(name);
		status = sink_name(parse->sink, position, name.text, name.length, scope);
	}
	return status;
}

static int parse_host_entry(const struct parse *parse, struct span line, const struct position *position)
{
	return hosts_take_entry(parse, line, position, parse->options->scope);
}

const struct format format_hosts = {
	.name = "hosts",
	.sentence = "a hosts file",
	.parse_line = parse_host_entry,
};
