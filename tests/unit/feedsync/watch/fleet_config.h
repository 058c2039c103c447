/* SPDX-License-Identifier: BSD-3-Clause */
/* A configuration with a fleet, for tests of the room. */
#pragma once

#include "tests/unit/unit.h"

#include "feedsync/config/complaints.h"
#include "feedsync/config/configuration.h"

/* Two channels; four resolvers, of which two have the same address; a Prometheus. The state directory is that of the test. */
static struct config *fleet_configuration(const char *resolvers)
{
	char text[4000];
	struct config *config;
	struct complaints complaints;
	complaints_begin(&complaints);
	int length = snprintf(text, sizeof text,
		"state: %s\n"
		"distribute:\n"
		"  - {name: canary, to: /srv/canary, sign-key-file: /k}\n"
		"  - {name: stable, to: /srv/stable, sign-key-file: /k}\n"
		"fleet:\n"
		"  prometheus: {url: 'http://127.0.0.1:9090'}\n"
		"  resolvers:\n%s"
		"feeds: []\n",
		in_directory("state"), resolvers);
	int status = config_read_text(&config, text, (size_t)length, &complaints);
	complaints_log(&complaints, "");
	assert_int_equal(status, 0);
	complaints_end(&complaints);
	return config;
}

#define FOUR_RESOLVERS                                                                                                 \
	"    - {name: r1, address: 192.0.2.1, channel: canary}\n"                                                      \
	"    - {name: r2, address: '2001:db8::2', channel: stable, site: cologne}\n"                                   \
	"    - {name: r3, address: 192.0.2.3, channel: stable}\n"                                                      \
	"    - {name: r4, address: 192.0.2.3, port: 5353, channel: stable}\n"
