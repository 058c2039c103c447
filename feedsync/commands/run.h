/* SPDX-License-Identifier: BSD-3-Clause */
/* `feedsync run`: a sync of each feed whenever its interval has passed. SIGHUP reads the configuration again and syncs
 * at once (a broken one is refused and the old one goes on); SIGTERM and SIGINT end it. Tells systemd READY, RELOADING,
 * STATUS, STOPPING and, for its watchdog, that it is alive. */
#pragma once

/* Of a `run` that has not begun, as its configuration is broken (sysexits.h: EX_CONFIG): nothing is mended by another
 * try. */
enum { EXIT_CONFIGURATION = 78 };

/* Runs until a signal ends it. Returns the exit code. */
int run_command(const char *config_path);

struct acceptance;
/* One sync of all feeds, `feedsync sync`, with what is accepted for once (accept.h). Returns the exit code. */
int daemon_sync_once(const char *config_path, const struct acceptance *acceptance);
