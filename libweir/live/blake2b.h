/* SPDX-License-Identifier: BSD-3-Clause */
/* BLAKE2b with a key (RFC 7693): a message authentication code. It is here for the keys of clients alone, so that the module
 * needs no library for it; feedsync's signatures are made and checked by libsodium. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BLAKE2B_BLOCK = 128, BLAKE2B_MOST = 64 };

/* Writes `octets` (1 to BLAKE2B_MOST) of the code of a message of at most BLAKE2B_BLOCK octets under a key of 1 to BLAKE2B_MOST. */
void blake2b_keyed(
	uint8_t *code, size_t octets, const uint8_t *key, size_t key_length, const void *message, size_t length);
