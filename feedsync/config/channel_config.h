/* SPDX-License-Identifier: BSD-3-Clause */
/* Where resolvers elsewhere get their tables: `distribute` of the configuration. Texts are owned by the configuration. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum target_kind { TARGET_DIRECTORY, TARGET_HTTPS, TARGET_S3 };

/* A channel, and the target in which its objects lie. */
struct channel {
	const char *name;
	const char *const *folders; /* of a directory that is for nobody else to read; NULL = those of a channel */
	enum target_kind kind;
	const char *to;            /* the directory; or the URL to which "/" and an object's name are added */
	const char *sign_key_file; /* of the key that signs manifests */
	const char *key_file;      /* S3: the file with access key and secret key */
	const char *region;        /* S3 */
	const char *ca; /* file with the certificates that may have signed the server's; NULL = the system's */
	const char *certificate, *key; /* files that prove who we are to the server; NULL = we do not */
	uint32_t expires_s;            /* a manifest is good for so long */
	uint32_t keep_s;               /* what no manifest names any more stays for so long */
	bool single_writer;            /* the target cannot create exclusively, and nobody else writes there */
	/* where it is promoted from another channel: */
	const struct channel *promote_from; /* NULL = it is not */
	uint32_t promote_after_s;           /* the canaries must be healthy for so long ... */
	uint32_t probe_interval_s;          /* ... at each look, so often */
	uint32_t servfail_rise;             /* percent of the probed names */
	const char *const *probe_names;     /* files */
	size_t probe_names_count;
};
