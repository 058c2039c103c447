/* SPDX-License-Identifier: BSD-3-Clause */
/* The secret that several resolvers share to tell clients apart as one set (client_key.h), in a file. */
#pragma once

#include <stdint.h>

#include "libweir/attributes.h"
#include "libweir/live/client_key.h"

struct why;

/* Reads the secret: a file of CLIENT_SECRET octets, at which neither a link's target nor others than its owner and group may
 * be. Returns 0, or a negative code with the reason, which names the file. */
must_check int client_secret_read(uint8_t secret[CLIENT_SECRET], const char *path, struct why *why);
