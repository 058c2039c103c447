/* SPDX-License-Identifier: BSD-3-Clause */
/* What a feed's server must prove before its document is used, and what it is shown by us. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "feedsync/net/destination.h"
#include "feedsync/net/minisign.h"

struct trust {
	const char *url; /* the feed's, as the operator wrote it */
	const char *ca;  /* file with the certificates that may have signed the server's, NULL = the system's */
	const char *certificate, *key; /* files that prove who we are to the server; NULL = we do not */
	const char *pin;        /* public keys of which the server must have one, as libcurl wants them, or NULL */
	bool private_addresses; /* the server may have an address that is not of the Internet at large, or in: */
	struct networks private_networks;
	bool is_signed; /* the document must have a signature of: */
	struct minisign_key signer;
	uint32_t max_age_s;    /* a signature that was made longer ago is told of as old; 0 = none is */
	const char *signature; /* URL of that signature, NULL = the document's and ".minisig" */
};
