/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/commands/run_without_feeds.h"

#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/log.h"
#include "feedsync/base/systemd.h"
#include "feedsync/commands/run_workers.h"
#include "feedsync/commands/signals.h"
#include "feedsync/config/configuration.h"
#include "feedsync/config/in_use.h"
#include "feedsync/net/fetch_all.h"
#include "feedsync/publish/state_dir.h"
#include "libweir/errors.h"

/* Takes the lock of a state directory, which is made where it is missing; of the same directory a lock that is held is
 * shared. */
static int lock_state(const char *state, int *lock, struct why *why)
{
	int status = owner_become(state, why), held = *lock;
	if (status == 0 && (status = directory_create(state)) != 0)
		return why_set(why, status, "cannot create %.150s: %s", state, error_text(status));
	int taken = status == 0 ? state_dir_lock(state, held, why) : status;
	if (taken < 0)
		return taken;
	if (held >= 0)
		close(held);
	*lock = taken;
	return 0;
}

/* Whether the configuration is one. Its complaints are logged. */
static bool is_configuration(const char *path)
{
	struct config *config;
	bool is = config_load(&config, path) == 0;
	if (is)
		config_free(&config);
	else
		log_error("%s: refused, the old configuration stays in use", path);
	return is;
}

/* Loads a configuration that asks for this, and takes the lock. Returns how it would end if it began: WITHOUT_FEEDS_ENDED, and
 * a configuration; or, and NULL, why it does not begin. */
static enum without_feeds load_without_feeds(const char *path, struct config **config, int *lock)
{
	struct why why;
	enum without_feeds came = WITHOUT_FEEDS_NOTHING;
	if (config_load(config, path) != 0)
		return WITHOUT_FEEDS_TROUBLE;
	bool wanted = (*config)->feed_count == 0 && ((*config)->trends.wanted || (*config)->pull.url);
	if (wanted && lock_state((*config)->state, lock, &why) == 0) {
		config_keep(*config);
		return WITHOUT_FEEDS_ENDED;
	}
	if (wanted) {
		log_error("%s", why.text);
		came = WITHOUT_FEEDS_TROUBLE;
	}
	config_free(config);
	return came;
}

static void say_without_feeds(const struct config *config, const char *path)
{
	char url[URL_MAX + 1];
	if (config->pull.url)
		log_info("%s: the table is pulled from %s", path, url_public(config->pull.url, url));
	else
		log_info("%s: no feeds are configured: nothing is fetched or published; what the resolvers count is "
			 "collected",
			path);
	systemd_notify(
		"READY=1\nSTATUS=%s", config->pull.url ? "pulling the table" : "no feeds are configured; collecting");
}

enum without_feeds run_without_feeds(const char *path)
{
	struct config *config;
	struct run_workers workers = {0};
	int lock = -1;
	enum without_feeds came = load_without_feeds(path, &config, &lock);
	if (came != WITHOUT_FEEDS_ENDED)
		return came;
	fetch_init();
	say_without_feeds(config, path);
	while (!signal_end) {
		struct config *next;
		signal_child = 0;
		bool reload = signal_reload;
		signal_reload = 0;
		if (reload && is_configuration(path)) {
			run_workers_end(&workers);
			came = load_without_feeds(path, &next, &lock);
			if (came != WITHOUT_FEEDS_ENDED)
				break;
			config_free(&config);
			config = next;
			say_without_feeds(config, path);
		}
		if (reload)
			pull_worker_want(&workers.pulls);
		run_workers_step(&workers, config);
		signals_wait(run_workers_wait_ms(&workers, config, systemd_notify_alive() * INT64_C(1000)), NULL, 0);
	}
	run_workers_end(&workers);
	config_free(&config);
	close(lock);
	return came == WITHOUT_FEEDS_NOTHING ? WITHOUT_FEEDS_ENDED : came;
}
