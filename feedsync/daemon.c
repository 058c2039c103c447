#include "daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "accept.h"
#include "clock.h"
#include "configuration.h"
#include "fetch.h"
#include "maxima.h"
#include "log.h"
#include "heap.h"
#include "notify.h"
#include "owner.h"
#include "state.h"
#include "sync.h"
#include "wall_clock.h"

static volatile sig_atomic_t asked_to_end, asked_to_reload;
static volatile sig_atomic_t exit_code; /* of a run that is cut off */

static void on_signal(int number)
{
	if (number == SIGHUP) {
		asked_to_reload = 1;
		return;
	}
	asked_to_end = 1;
	alarm(1);
}

/* What takes long, and does not look whether it is to end, is cut off: a run may end at any time, nothing is lost. */
static void on_alarm(int number)
{
	(void)number;
	_exit(exit_code);
}

/* Signals are blocked but for the waits in ppoll: none can slip in between looking and waiting. A download looks
 * several times a second by itself, so there they are let through. */
static void catch_signals(sigset_t *blocked, sigset_t *before)
{
	const struct sigaction action = {.sa_handler = on_signal};
	sigemptyset(blocked);
	static const int numbers[] = {SIGHUP, SIGTERM, SIGINT};
	for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		sigaction(numbers[i], &action, NULL);
		sigaddset(blocked, numbers[i]);
	}
	signal(SIGALRM, on_alarm);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, before);
}

static bool interrupted(void)
{
	notify_alive();
	return asked_to_end || asked_to_reload;
}

static bool *all_due(const struct config *config)
{
	bool *due = need_memory(config->feed_count, sizeof *due);
	for (size_t i = 0; i < config->feed_count; i++)
		due[i] = true;
	return due;
}

/* Begins, with the operator's marks left before, so that a `run` that is at work finds them. */
static int begin_once(struct sync *sync, const struct config *config, const struct acceptance *acceptance)
{
	if (accept_leave(config, acceptance) != 0)
		return -1;
	int status = sync_begin(sync, config, NULL);
	if (status != 0 && state_is_locked(config->state) && (acceptance->feed_count > 0 || acceptance->table))
		log_info("accepted for its next run, which a reload (SIGHUP) makes begin at once");
	return status;
}

int daemon_sync_once(const char *config_path, const struct acceptance *acceptance)
{
	struct config *config;
	struct sync sync;
	sigset_t blocked, before;
	exit_code = SYNC_NOTHING;
	catch_signals(&blocked, &before);
	if (config_load(&config, config_path) != 0)
		return SYNC_NOTHING;
	if (owner_become(config->state) != 0 || begin_once(&sync, config, acceptance) != 0) {
		config_free(&config);
		return SYNC_NOTHING;
	}
	sync.cause = "sync";
	fetch_init();
	bool *due = all_due(config);
	enum sync_result result = sync_run(&sync, due, interrupted);
	free(due);
	sync_end(&sync);
	config_free(&config);
	switch (result) {
	case SYNC_STOPPED:
	case SYNC_HELD: return SYNC_NOTHING;
	case SYNC_OWN: return SYNC_LAST_GOOD;
	default: return result;
	}
}

/* ---- the loop ---- */

enum { NEVER = 365 * 24 * 3600 }; /* or in a year, where it does no harm */

struct daemon {
	const char *path;
	struct config *config;
	struct sync sync;
	time_t *next;      /* of each feed, on the monotonic clock */
	time_t compile_at; /* likewise: even if no feed is due then, as a configuration is to take effect, or entries end */
	uint64_t expires_at; /* when the next of the operator's items ends, seconds since 1970; 0 = none does */
};

/* Makes every feed due, but those whose servers ask to be left alone. */
static void all_anew(struct daemon *d)
{
	for (size_t i = 0; i < d->config->feed_count; i++)
		d->next[i] = clock_s() + (time_t)feed_wait(&d->sync.feeds[i]);
	d->compile_at = clock_s();
}

static void end(struct daemon *d)
{
	if (d->config)
		sync_end(&d->sync);
	config_free(&d->config);
	free(d->next);
}

/* Takes a configuration into use, and frees the one before: everything is due. Returns 0; or -1, with nothing changed,
 * when it is broken or its state directory cannot be had. */
static int begin(struct daemon *d)
{
	struct config *config;
	struct sync sync;
	if (config_load(&config, d->path) != 0)
		return -1;
	if (owner_become(config->state) != 0 || sync_begin(&sync, config, d->config ? &d->sync : NULL) != 0) {
		config_free(&config);
		return -1;
	}
	end(d);
	d->sync = sync;
	d->sync.resident = true;
	d->sync.cause = "schedule";
	d->config = config;
	d->next = need_memory(config->feed_count, sizeof *d->next);
	all_anew(d);
	return 0;
}

/* Reads the configuration again. If it cannot be taken into use the old one goes on. Either way all feeds are due. */
static void reload(struct daemon *d)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	log_info("%s: reading the configuration again", d->path);
	d->sync.reloaded = begin(d) == 0;
	if (d->sync.reloaded)
		return;
	log_error("%s: refused, the old configuration stays in use", d->path);
	if (owner_become(d->config->state) != 0)
		log_error("%s: cannot be used as before any more", d->config->state);
	all_anew(d);
}

/* Seconds from now until the first feed is due, one of the operator's items ends, or systemd wants a sign of life. */
static time_t until_due(const struct daemon *d)
{
	time_t now = clock_s(), first = now + notify_alive();
	if (d->compile_at < first)
		first = d->compile_at;
	for (size_t i = 0; i < d->config->feed_count; i++)
		if (d->next[i] < first)
			first = d->next[i];
	uint64_t clock = wall_now();
	if (d->expires_at > 0 && d->expires_at < clock + (uint64_t)(first > now ? first - now : 0))
		first = now + (time_t)(d->expires_at > clock ? d->expires_at - clock : 0);
	return first > now ? first - now : 0;
}

/* Seconds until it is to be looked whether entries have expired, though no feed has news. */
static time_t until_expiry(const struct config *config)
{
	for (size_t i = 0; i < config->feed_count; i++)
		if (format_expires(config->feeds[i].format, &config->feeds[i].options))
			return EXPIRY_S;
	return NEVER;
}

static void sync_due(struct daemon *d)
{
	size_t count = d->config->feed_count;
	bool *due = all_due(d->config);
	time_t now = clock_s();
	for (size_t i = 0; i < count; i++)
		due[i] = d->next[i] <= now;
	d->expires_at = operator_next_expiry(&d->config->operator_lists, wall_now());
	enum sync_result result = sync_run(&d->sync, due, interrupted);
	d->sync.cause = "schedule";
	now = clock_s();
	if (result != SYNC_STOPPED)
		d->compile_at =
			now + (result == SYNC_FRESH || result == SYNC_LAST_GOOD ? until_expiry(d->config) : RETRY_S);
	for (size_t i = 0; i < count && result != SYNC_STOPPED; i++) {
		const struct feed *feed = &d->sync.feeds[i];
		time_t next = now + (time_t)feed->wait_s;
		/* One that was not due may have turned out to be damaged, and does so in each run until it is asked. */
		bool sooner = feed->result != FEED_NOT_DUE && next < d->next[i];
		if (feed->result != FEED_STOPPED && (due[i] || sooner))
			d->next[i] = next;
	}
	free(due);
	static const char *const words[] = {"all feeds current", "some feeds on their last good version",
		"nothing published", "stopped", "held", "only allow and block published"};
	notify("STATUS=%s", words[result]);
}

int daemon_run(const char *config_path)
{
	struct daemon d = {.path = config_path};
	sigset_t blocked, before;
	catch_signals(&blocked, &before);
	if (begin(&d) != 0)
		return SYNC_NOTHING;
	fetch_init();
	notify("READY=1\nSTATUS=first run");
	while (!asked_to_end) {
		if (until_due(&d) == 0)
			sync_due(&d);
		sigprocmask(SIG_BLOCK, &blocked, NULL);
		if (!asked_to_end && !asked_to_reload) {
			const struct timespec wait = {.tv_sec = until_due(&d)};
			ppoll(NULL, 0, &wait, &before);
		}
		sigprocmask(SIG_SETMASK, &before, NULL);
		if (asked_to_reload && !asked_to_end) {
			asked_to_reload = 0;
			reload(&d);
			d.sync.cause = "reload";
			notify("READY=1");
		}
	}
	notify("STOPPING=1");
	end(&d);
	return 0;
}
