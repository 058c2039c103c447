/* SPDX-License-Identifier: BSD-3-Clause */
/* What a Prometheus server answers, whatever it is. A refusal tells nothing; what is told has its bounds, and is clean. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/base/json.h"
#include "feedsync/config/configuration.h"
#include "feedsync/watch/prometheus.h"
#include "libweir/errors.h"

enum { RESOLVERS = 3 };

static struct fleet_resolver resolvers[RESOLVERS] = {{.name = "r1", .address = "192.0.2.1"},
	{.name = "r2", .address = "192.0.2.1"}, {.name = "r3", .address = "2001:db8::3"}};

static void check_told(const struct watch_told *told, bool refused)
{
	size_t length = strnlen(told->conditions, sizeof told->conditions);
	if (length == sizeof told->conditions || (refused && (told->known || length > 0 || told->generation > 0)))
		abort();
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)told->conditions[i] < ' ' || told->conditions[i] == 0x7f)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config config = {.fleet = {.resolvers = resolvers, .resolver_count = RESOLVERS, .label = "instance"}};
	struct watch_told told[RESOLVERS] = {{0}};
	struct why why;
	struct node *document = json_parse((const char *)data, size, &why);
	if (!document)
		return 0;
	bool refused = prometheus_read(told, &config, document, &why) != 0;
	for (size_t i = 0; i < RESOLVERS; i++)
		check_told(&told[i], refused);
	node_free(document);
	return 0;
}
