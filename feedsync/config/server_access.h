/* SPDX-License-Identifier: BSD-3-Clause */
/* The secret that a server wants, as the configuration names it (credentials.h). Texts are owned by the configuration. */
#pragma once

#include "feedsync/net/credentials.h"

struct server_access {
	enum credentials_kind kind;
	const char *secret_file, *user; /* NULL = none */
};
