/* SPDX-License-Identifier: BSD-3-Clause */
/* The memory of JSON documents. jansson passes over some failures to get memory, hands out texts that lack a
 * character, and ends the program at others: so while it reads a document no failure reaches it. Where there is no
 * more memory, it is left by a jump, and all that it had taken for the document is given back. */
#pragma once

#include <jansson.h>

#include "libweir/attributes.h"

/* As json_loadb. Where it is NULL, `*refused` tells why: -ENOMEM, the system has no more memory; -EBADMSG, no
 * document may take so much (MAX_JSON_MEMORY); 0 = neither: `error` tells. One thread. */
must_check json_t *json_memory_load(const char *text, size_t length, size_t flags, json_error_t *error, int *refused);
