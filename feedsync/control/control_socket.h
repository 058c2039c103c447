/* SPDX-License-Identifier: BSD-3-Clause */
/* The socket <state>/control, from both sides, and who may be on the other one. Private to control_server.c and control_ask.c. */
#pragma once

#include <stdbool.h>

#include "libweir/attributes.h"

struct why;

/* Listens, in the place of one that has died. Returns a descriptor, or -errno with the reason. */
must_check int control_listen(const char *state, struct why *why);
void control_unlink(const char *state);

/* Connects. Returns a descriptor, or -errno: nobody listens, or somebody who must not. */
must_check int control_connect(const char *state);

/* Whether the other side is root, or the user as whom this process uses files (act_as_owner.h): the state directory's owner, where
 * this is root. */
bool control_peer_is_ours(int fd);
