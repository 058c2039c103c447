/* SPDX-License-Identifier: BSD-3-Clause */
/* What a fleet of resolvers is told: which table a channel has now, and how to get it. A *channel* is a place with these
 * objects:
 *
 *   tables/<SHA-256 of the table>.weir.zst               the whole table; never changes
 *   deltas/<16 digits of old>-<16 digits of new>.zst     from an older table to this one; never changes
 *   manifests/<serial in 12 digits>                      created once, never overwritten
 *   latest                                               a copy of the newest manifest, overwritten last
 *   wake                                                 the serial of the newest urgent manifest, in 12 digits and a newline
 *
 * Objects are zstd frames. That of a delta refers to the older table as its prefix (ZSTD_DCtx_refPrefix). The digits are the
 * first ones of the tables' SHA-256.
 *
 * A manifest is one object: the four lines that `minisign -S` writes, and the JSON document that they sign, octet for octet.
 * So a reader never has the signature of one and the content of another. The signature is verified before anything reads the
 * document. By hand:
 *
 *   head -n 4 latest >body.minisig; tail -n +5 latest >body; minisign -Vm body -P RW...
 *
 * A manifest says nothing of who may use it: whether its serial is too low, or its time is over, is the reader's to judge. Any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/digest.h"
#include "libweir/attributes.h"

struct minisign_key;
struct minisign_secret;
struct why;

enum {
	MANIFEST_FORMAT = 1,
	MANIFEST_MAX = 65536,         /* octets of one */
	MANIFEST_DELTAS = 8,          /* that one names, at most */
	MANIFEST_NAMES = 32,          /* of each list of names */
	MANIFEST_NAME_TEXT = 254,     /* room for one, in plain text (libweir/name.h) */
	MANIFEST_CHANNEL_TEXT = 64,   /* room for a channel's name */
	MANIFEST_PUBLISHER_TEXT = 65, /* room for a publisher's name */
	MANIFEST_OBJECT_TEXT = 96,    /* room for an object's name */
	MANIFEST_WAKE_TEXT = 14       /* room for the object `wake`, and NUL */
};
#define MANIFEST_MAX_SERIAL UINT64_C(999999999999)

struct manifest_delta {
	char from[SHA256_TEXT];   /* of the older table */
	char sha256[SHA256_TEXT]; /* of the delta itself */
	uint64_t size;            /* octets of it */
};

struct manifest_table {
	char sha256[SHA256_TEXT];
	uint64_t size;             /* octets, at most WEIR_MAX_FILE */
	char zsha256[SHA256_TEXT]; /* of the zstd object */
	uint64_t zsize;
	uint64_t generation, rules; /* as its header has them */
};

struct manifest_names {
	char name[MANIFEST_NAMES][MANIFEST_NAME_TEXT];
	size_t count;
};

struct manifest {
	char channel[MANIFEST_CHANNEL_TEXT];
	uint64_t serial;                         /* from 1 on, one more with each manifest of the channel */
	uint64_t created, expires;               /* seconds since 1970 */
	bool urgent;                             /* to be fetched at once, by all */
	char publisher[MANIFEST_PUBLISHER_TEXT]; /* the host that made it, for messages; "" = it does not tell */
	struct manifest_table table;
	struct manifest_delta deltas[MANIFEST_DELTAS];
	size_t delta_count;
	struct manifest_names must_pass, must_block; /* what a reader tries with the table before it is in force */
	size_t key;                                  /* read: the index of the trusted key that it is signed with */
};

/* Whether a text can be a channel's name: up to 63 of the characters a-z A-Z 0-9 . _ -, no dot at its start. */
bool manifest_channel_valid(const char *text);

/* Whether it is SHA-256 as digest.h writes it. */
bool manifest_digest_valid(const char *text);

/* Writes an object's name relative to the channel; "latest" is always that. Return `text`. */
#define MANIFEST_LATEST "latest"
const char *manifest_object(uint64_t serial, char text[MANIFEST_OBJECT_TEXT]);
const char *manifest_table_object(const char *sha256, char text[MANIFEST_OBJECT_TEXT]);
const char *manifest_delta_object(const char *from, const char *to, char text[MANIFEST_OBJECT_TEXT]);

/* Signs a manifest and writes its object. Returns 0 and malloc'ed octets, not ended by NUL, that the caller frees; or, and
 * NULL, -EINVAL for a manifest that manifest_read would refuse, -ENOMEM, -EFBIG, with the reason. */
must_check int manifest_write(char **octets, size_t *length, const struct manifest *manifest,
	const struct minisign_secret *key, struct why *why);

/* Whoever pulls looks at the small object `wake` more often than at `latest`: a serial there that is new to a puller lets it
 * look at `latest` at once. It is a hint and no more, so it is not signed. Serial 0: nothing has been urgent yet. */
#define MANIFEST_WAKE "wake"
const char *manifest_wake_write(uint64_t serial, char text[MANIFEST_WAKE_TEXT]);

/* Reads it. Returns whether it is one. */
must_check bool manifest_wake_read(uint64_t *serial, const void *octets, size_t length);

/* Whose manifests are read, and of which channel. */
struct manifest_trust {
	const struct minisign_key *keys;
	size_t key_count;
	const char *channel; /* "" = of any */
};

/* Verifies an object by the key that it was signed with, then reads it. Returns 0, or a negative code with the reason, and
 * nothing of the manifest is to be used:
 *   -EBADMSG       it is damaged, or no manifest
 *   -EKEYREJECTED  it is signed by a key that is not among the trusted ones
 *   -EXDEV         it is another channel's
 *   WEIR_EVERSION  its format is newer than this program
 *   -ENOMEM */
must_check int manifest_read(struct manifest *manifest, const void *octets, size_t length,
	const struct manifest_trust *trust, struct why *why);

/* Reads one without verifying it: for who keeps what it has written itself. */
must_check int manifest_read_own(struct manifest *manifest, const void *octets, size_t length, struct why *why);
