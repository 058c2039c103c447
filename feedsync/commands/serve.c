/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync serve`: the pages and the metrics, by HTTP. It runs as a user of its own, reads the snapshot that `run` hands
 * over and the published table, and nothing else: no configuration, no state directory, no key. */
#include "feedsync/monitor/server.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/base/systemd.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/signals.h"
#include "libweir/errors.h"

/* Where it listens; `server` is NULL where it does not. */
struct listener {
	struct server *server;
	char where[256];
};

/* Listens where a new snapshot says, if that is another place than before. Where that failed it is tried again. */
static void follow_snapshot(struct listener *listener, struct site *site)
{
	struct why why;
	const char *where = site->snapshot.listen;
	if (listener->server && strcmp(listener->where, where) == 0)
		return;
	server_close(&listener->server);
	snprintf(listener->where, sizeof listener->where, "%s", where);
	if (server_open(&listener->server, where, site, &why) == 0)
		log_info("serving at %s", where);
	else
		log_error("%s; it is tried again in some seconds", why.text);
}

static int cmd_serve(struct invocation *invocation)
{
	enum { LOOK_MS = 1000 };
	const char *directory = option_value(invocation, "-d");
	struct site site = {.directory = directory ? directory : PAGES_DIRECTORY};
	struct listener listener = {0};
	signals_catch();
	systemd_notify("READY=1");
	if (!site_refresh(&site))
		log_info("%s: nothing is handed over yet; `feedsync run` does that where `metrics: listen:` is set",
			site.directory);
	else
		follow_snapshot(&listener, &site);
	while (!signal_end) {
		struct pollfd fd = {.events = POLLIN};
		signal_reload = signal_child = 0;
		if (listener.server)
			fd.fd = server_fd(listener.server);
		signals_wait(LOOK_MS, &fd, listener.server ? 1 : 0);
		if (site_refresh(&site))
			follow_snapshot(&listener, &site);
		if (listener.server)
			server_step(listener.server);
	}
	server_close(&listener.server);
	site_end(&site);
	return EXIT_WELL;
}

const struct command command_serve = {
	.word = "serve",
	.usage = "[-d DIRECTORY]",
	.summary = "serve a status page and metrics by HTTP, on this machine",
	.text = "This is a second daemon: weir-pages.service starts it, as a user of its own. It serves what `feedsync "
		"run` hands\n"
		"over each 10 seconds where `metrics: listen:` is set, at that address:\n"
		"  /             the status page, with a search: why is this name blocked?\n"
		"  /why?name=    the answer, from the published table\n"
		"  /runbook      what each word in capitals means\n"
		"  /fleet        resolvers elsewhere, where they are watched\n"
		"  /metrics      for Prometheus\n"
		"  /status.json  what the page shows, as JSON\n"
		"It changes nothing, and reads no key, no configuration, and nothing of the state directory. Where "
		"`run` "
		"is not at\n"
		"work it says so (503) instead of what is no longer true.\n",
	.configuration = CONFIGURATION_NONE,
	.options = {{"-d", "DIRECTORY", NULL, "where `run` hands over (default " PAGES_DIRECTORY ")"}},
	.exits = {{EXIT_WELL, "a signal ended it"}, {EXIT_TROUBLE, "the command line cannot be understood"}},
	.run = cmd_serve,
};
