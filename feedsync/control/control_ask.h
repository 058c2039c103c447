/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands beside a `feedsync run` ask it through its control socket: the client's side of control_server.h. */
#pragma once

#include "libweir/attributes.h"

struct config;

/* Sends a request ("sync\n", "look FEED\n", "publish\n") to the `run` that has the configuration's state directory, logs what it
 * answers, and waits until the request is done. Returns the exit code (0 to 127), or -1 if no `run` answers. */
must_check int control_ask(const struct config *config, const char *request);
