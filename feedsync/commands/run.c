/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync run`: syncs each feed whenever its interval has passed. SIGHUP reads the configuration again and syncs at
 * once; a broken configuration is refused, and the old one goes on. SIGTERM and SIGINT end it. Other commands ask it
 * through the control socket. It tells systemd READY, RELOADING, STATUS and STOPPING, and tells the watchdog that it is
 * alive. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/clock.h"
#include "feedsync/base/log.h"
#include "feedsync/base/maxima.h"
#include "feedsync/base/path_sum.h"
#include "feedsync/base/systemd.h"
#include "feedsync/base/wall_clock.h"
#include "feedsync/commands/commands.h"
#include "feedsync/commands/run_without_feeds.h"
#include "feedsync/commands/run_workers.h"
#include "feedsync/commands/signals.h"
#include "feedsync/commands/sync.h"
#include "feedsync/config/in_use.h"
#include "feedsync/control/control_server.h"
#include "feedsync/feeds/accept.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/publish/overrides.h"
#include "libweir/errors.h"

enum { NEVER = 365 * 24 * 3600 }; /* never; in a year it does no harm */
enum { NO_FEEDS = -1 };

struct daemon {
	const char *path;
	struct config *config;
	struct sync sync;
	uint64_t tables;       /* tables of the sync that have been looked at */
	time_t compile_at;     /* monotonic: a table is due then even without news, as entries end, or to try again */
	uint64_t expires_at;   /* when the next of the operator's items ends, seconds since 1970; 0 = none does */
	uint64_t looked_until; /* what ends later is yet to be looked for; seconds since 1970 */
	time_t look_at;        /* monotonic: when to look for overrides that end */
	uint64_t overrides;    /* the sum of their file, as it was looked at last (path_sum.h) */
	bool reloading;        /* a reload waits for the end of a table that is being made */
	struct control_server control;
	struct run_workers workers;
	bool hurry;  /* the last step did not know of something that is wanted */
	bool spared; /* that table, or the next, replaces one that was cut off: it is not cut off itself */
};

/* Asks for every feed, except those whose servers ask to be left alone. */
static void ask_all(struct daemon *d)
{
	for (size_t i = 0; i < d->config->feed_count; i++) {
		uint64_t wait = feed_wait(&d->sync.feeds[i]);
		d->sync.workers[i].next = clock_s() + (time_t)wait;
		if (wait == 0)
			sync_ask(&d->sync, i);
	}
}

/* A socket that stays in its directory goes on: somebody may be waiting. */
static void listen_in(struct daemon *d, const char *before)
{
	if (!before || strcmp(before, d->config->state) != 0)
		control_server_listen(&d->control, d->config->state);
	else
		d->control.state = d->config->state;
}

/* Takes a configuration into use and frees the one before. Then everything is due. Returns 0. Else nothing has changed
 * and the reason is logged: EXIT_CONFIGURATION if the configuration is broken, EXIT_TROUBLE if its state directory
 * cannot be had, NO_FEEDS if it has none. A table without feeds would take the protection away. */
static int take_configuration(struct daemon *d)
{
	struct config *config;
	struct sync sync;
	if (config_load(&config, d->path) != 0)
		return EXIT_CONFIGURATION;
	if (config->feed_count == 0) {
		if (!config->pull.url)
			log_warning("%s: no feeds are configured", d->path);
		config_free(&config);
		return NO_FEEDS;
	}
	struct why why;
	if (owner_become(config->state, &why) != 0 ||
		sync_begin(&sync, config, d->config ? &d->sync : NULL, &why) != 0) {
		log_error("%s", why.text);
		config_free(&config);
		return EXIT_TROUBLE;
	}
	struct config *old = d->config;
	if (old) {
		sync_take_over(&sync, &d->sync);
		sync_end(&d->sync);
	}
	d->sync = sync;
	d->sync.resident = true;
	d->sync.cause = "schedule";
	d->config = config;
	listen_in(d, old ? old->state : NULL);
	config_keep(config);
	run_workers_renew(&d->workers);
	config_free(&old);
	d->compile_at = clock_s() + NEVER;
	d->looked_until = wall_now();
	d->expires_at = operator_end(config, d->looked_until);
	ask_all(d);
	return 0;
}

/* Reads the configuration again. If it cannot be taken into use the old one goes on. Either way all feeds are due. */
static void reload(struct daemon *d)
{
	struct why why;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	systemd_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	log_info("%s: reading the configuration again", d->path);
	if (take_configuration(d) == 0) {
		d->sync.reloaded = true;
	} else {
		log_error("%s: refused, the old configuration stays in use, with its feeds", d->path);
		if (owner_become(d->config->state, &why) != 0)
			log_error("%s: can no longer be used: %s", d->config->state, why.text);
		ask_all(d);
		sync_make(&d->sync);
	}
	d->sync.cause = "reload";
	d->hurry = true;
	systemd_notify("READY=1");
}

/* A table that is being made belongs to the old configuration. It is cut off, so that an `allow` need not wait for it.
 * It is not cut off twice in a row, or fast reloads would let no table be made. */
static void reload_when_possible(struct daemon *d)
{
	if (signal_reload) {
		signal_reload = 0;
		d->reloading = true;
		if (sync_makes_table(&d->sync) && !d->spared && !config_is_unchanged(d->config)) {
			sync_cut_off(&d->sync);
			d->spared = true;
		}
	}
	if (d->reloading && !sync_makes_table(&d->sync)) {
		d->reloading = false;
		reload(d);
	}
}

/* Seconds until the next look whether entries have expired, without news of a feed. */
static time_t seconds_to_expiry(const struct config *config)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (format_expires(config->feeds[i].format, &config->feeds[i].options))
			return EXPIRY_S;
	return NEVER;
}

/* After a table was made: sets when the next one is due, if no feed has news before. */
static void look_at_table(struct daemon *d)
{
	enum sync_result result = d->sync.result;
	if (d->sync.tables == d->tables)
		return;
	d->tables = d->sync.tables;
	d->spared = false;
	d->expires_at = operator_end(d->config, wall_now());
	d->compile_at =
		clock_s() + (result == SYNC_FRESH || result == SYNC_LAST_GOOD ? seconds_to_expiry(d->config) : RETRY_S);
	systemd_notify("STATUS=%s", sync_result_text(result));
}

static void ask_due(struct daemon *d)
{
	time_t now = clock_s();
	for (size_t i = 0; i < d->config->feed_count; i++)
		if (d->sync.workers[i].next <= now && !feed_worker_is_under_way(&d->sync.workers[i]))
			sync_ask(&d->sync, i);
	if (d->compile_at <= now || (d->expires_at > 0 && d->expires_at <= wall_now())) {
		d->compile_at = now + NEVER;
		d->expires_at = 0;
		sync_make(&d->sync);
	}
}

/* Who gives an override that ends does not tell this process: it looks by itself, often enough. */
static void look_at_overrides(struct daemon *d)
{
	if (d->look_at > clock_s())
		return;
	uint64_t sum = path_sum_in(d->config->state, OVERRIDES_FILE);
	uint64_t end = sum == d->overrides ? 0 : operator_end(d->config, d->looked_until);
	if (end > 0 && (d->expires_at == 0 || end < d->expires_at))
		d->expires_at = end;
	d->overrides = sum;
	d->looked_until = wall_now();
	d->look_at = clock_s() + OVERRIDES_LOOK_S;
}

/* Milliseconds until a feed is due, one of the operator's items ends, systemd wants a sign of life, or the sync wants to
 * be called. */
static int64_t until_due(const struct daemon *d)
{
	time_t now = clock_s(), first = now + systemd_notify_alive();
	uint64_t clock = wall_now();
	int step = sync_wait_ms(&d->sync);
	if (d->compile_at < first)
		first = d->compile_at;
	if (d->look_at < first)
		first = d->look_at;
	for (size_t i = 0; i < d->config->feed_count; i++) {
		const struct feed_worker *worker = &d->sync.workers[i];
		if (!feed_worker_is_under_way(worker) && worker->wanted_ms == 0 && worker->next < first)
			first = worker->next;
	}
	if (d->expires_at > 0 && d->expires_at < clock + (uint64_t)(first > now ? first - now : 0))
		first = now + (time_t)(d->expires_at > clock ? d->expires_at - clock : 0);
	int64_t wait = run_workers_wait_ms(&d->workers, d->config, first > now ? (int64_t)(first - now) * 1000 : 0);
	return step >= 0 && step < wait ? step : wait;
}

/* ---- who asks ---- */

/* Whether a client wants a feed to be asked. */
static bool is_wanted_by(const struct daemon *d, const struct control_client *client, size_t feed)
{
	bool named = client->feed[0] == '\0' || strcmp(d->config->feeds[feed].name, client->feed) == 0;
	return client->request == CONTROL_SYNC || (client->request == CONTROL_LOOK && named);
}

/* Asks for what a hint says has changed. A hint may come from anywhere, so a server that asks to be left alone is. Returns
 * whether any feed is asked. */
static bool look_for(struct daemon *d, const struct control_client *client)
{
	bool any = false, named = false;
	for (size_t i = 0; i < d->config->feed_count; i++) {
		uint64_t wait = feed_wait(&d->sync.feeds[i]);
		if (!is_wanted_by(d, client, i))
			continue;
		named = true;
		if (wait == 0)
			sync_ask(&d->sync, i);
		else
			log_warning("feed %s: not asked: its server asks to be left alone for another %llu s",
				d->config->feeds[i].name, (unsigned long long)wait);
		any |= wait == 0;
	}
	if (!named)
		log_error("there is no feed \"%s\" in the configuration that is in use", client->feed);
	return any;
}

/* Asks for all feeds. A feed that was just being asked is asked once more. A feed that takes long is not, unless
 * something is to be accepted for once: its asking may have begun before that. */
static void ask_for(struct daemon *d)
{
	for (size_t i = 0; i < d->config->feed_count; i++) {
		const struct feed_worker *worker = &d->sync.workers[i];
		bool slow = feed_worker_is_under_way(worker) &&
			    clock_ms() > worker->worker.begun_ms + GATHER_S * UINT64_C(1000);
		if (!slow || accept_found(d->sync.feeds[i].directory))
			sync_ask(&d->sync, i);
	}
}

/* Whether a feed that was asked for a client has not answered yet. */
static bool is_awaited(const struct daemon *d, const struct control_client *client)
{
	for (size_t i = 0; i < d->config->feed_count; i++) {
		const struct feed_worker *worker = &d->sync.workers[i];
		if (!is_wanted_by(d, client, i))
			continue;
		if ((worker->wanted_ms > 0 && worker->wanted_ms <= client->asked_ms) ||
			(feed_worker_is_under_way(worker) && worker->asked_ms <= client->asked_ms))
			return true;
	}
	return false;
}

/* How many tables will have been made once one holds all that has come by now. */
static uint64_t tables_until_now(const struct sync *sync)
{
	return sync->tables + sync_makes_table(sync) + (sync->due_ms > 0 || sync->reloaded);
}

static void serve_client(struct daemon *d, struct control_client *client)
{
	if (!client->taken) {
		client->taken = d->hurry = true;
		client->tables = UINT64_MAX;
		if (client->request == CONTROL_LOOK && !look_for(d, client)) {
			control_server_answer(&d->control, client, EXIT_TROUBLE);
			return;
		}
		if (client->request == CONTROL_SYNC)
			ask_for(d);
		else if (client->request == CONTROL_PUBLISH)
			sync_make(&d->sync);
		client->asked_ms = clock_ms();
	}
	if (!is_awaited(d, client) && client->tables == UINT64_MAX)
		client->tables = tables_until_now(&d->sync);
	if (d->sync.tables >= client->tables)
		control_server_answer(&d->control, client, sync_exit_code(&d->sync));
	else /* each time: a table that was being made when the client came has forgotten it */
		d->sync.cause = client->request == CONTROL_LOOK ? "look" : "sync";
}

static bool serve_all(struct daemon *d)
{
	bool any = false;
	control_server_step(&d->control, d->config->sum);
	for (unsigned i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &d->control.clients[i];
		if (client->fd >= 0 && client->request != CONTROL_NONE && !client->ended)
			serve_client(d, client);
		any |= client->fd >= 0;
	}
	return any;
}

static int cmd_run(struct invocation *invocation)
{
	enum { SERVED_MS = 1000 };
	struct daemon d = {.path = invocation->config_path};
	signals_catch();
	control_server_begin(&d.control);
	int status = take_configuration(&d);
	enum without_feeds came = status == NO_FEEDS ? run_without_feeds(d.path) : WITHOUT_FEEDS_NOTHING;
	if (came == WITHOUT_FEEDS_TROUBLE || (came == WITHOUT_FEEDS_ENDED && signal_end))
		return came == WITHOUT_FEEDS_TROUBLE ? EXIT_TROUBLE : EXIT_WELL;
	if (came == WITHOUT_FEEDS_ENDED)
		status = take_configuration(&d);
	if (status == NO_FEEDS) {
		systemd_notify("READY=1\nSTATUS=no feeds are configured");
		log_info("nothing is fetched, and what is published stays in force; next: write feeds, `feedsync "
			 "check`, `systemctl restart feedsync`");
		return EXIT_WELL;
	}
	if (status != 0)
		return status;
	fetch_init();
	systemd_notify("READY=1\nSTATUS=first run");
	while (!signal_end) {
		signal_child = 0;
		d.hurry = false;
		look_at_overrides(&d);
		ask_due(&d);
		sync_step(&d.sync);
		look_at_table(&d);
		reload_when_possible(&d);
		run_workers_step(&d.workers, d.config);
		bool served = serve_all(&d);
		struct pollfd fds[CONTROL_FDS];
		nfds_t count = control_server_fds(&d.control, fds);
		int64_t wait = d.hurry ? 0 : until_due(&d);
		signals_wait(served && wait > SERVED_MS ? SERVED_MS : wait, fds, count);
	}
	systemd_notify("STOPPING=1");
	run_workers_end(&d.workers);
	control_server_end(&d.control);
	sync_end(&d.sync);
	config_free(&d.config);
	return EXIT_WELL;
}

const struct command command_run = {
	.word = "run",
	.usage = "",
	.summary = "stay, and sync each feed whenever its interval has passed",
	.text = "This is the daemon: feedsync.service starts it. SIGHUP (`systemctl reload feedsync`) makes it read "
		"the\n"
		"configuration again and sync at once; a broken one is refused, and the old one stays in use. SIGTERM "
		"ends it;\n"
		"what is published stays in force.\n",
	.configuration = CONFIGURATION_PATH,
	.exits = {{EXIT_WELL, "a signal ended it, or no feeds are configured"},
		{EXIT_TROUBLE, "it could not begin: another feedsync runs, or the state directory cannot be used"},
		{EXIT_CONFIGURATION, "it did not begin: the configuration is broken; `feedsync check` says where"}},
	.run = cmd_run,
};
