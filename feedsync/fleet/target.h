/* SPDX-License-Identifier: BSD-3-Clause */
/* Where a channel's objects lie: a directory, or a server. Each kind is a set of functions; what publishes knows no more of
 * them than stands here. An object's name is relative to the channel (manifest.h). One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "feedsync/config/channel_config.h"
#include "libweir/attributes.h"

struct target;
struct why;

/* A file of this machine that becomes an object. */
struct packed_object {
	const char *path, *sha256;
	uint64_t size;
};

/* Each returns 0 or a negative code with the reason. */
struct target_kind_row {
	/* Reads an object of at most `most` octets; -ENOENT where there is none. The caller frees the octets. */
	int (*get)(struct target *target, const char *name, char **octets, size_t *length, struct why *why);
	/* Whether the object is there as the file has it: 1 or 0. */
	int (*has)(struct target *target, const char *name, const struct packed_object *object, struct why *why);
	/* Puts a file there. It is durable when this returns. */
	int (*put)(struct target *target, const char *name, const struct packed_object *object, struct why *why);
	/* Puts octets in the place of what is there, in one step. */
	int (*replace)(struct target *target, const char *name, const char *octets, size_t length, struct why *why);
	/* Puts octets there unless something is: -EEXIST. Of two that do so at the same time one succeeds. -ENOTSUP where the
	 * server or the file system cannot do that. */
	int (*create)(struct target *target, const char *name, const char *octets, size_t length, struct why *why);
	/* Removes it; what is not there is removed. */
	int (*remove)(struct target *target, const char *name, struct why *why);
	void (*close)(struct target *target);
};

/* What every kind begins with. */
struct target {
	const struct target_kind_row *row;
	const struct channel *channel;
	size_t most; /* octets of an object that is read; MANIFEST_MAX unless who opened it says otherwise */
	enum error_class
		error_class; /* of the last failure, where its code does not tell: of a server; ERROR_NONE = it does */
};

/* Opens the target of a channel, which is borrowed. Returns 0 and a target to be closed; or a negative code with the reason. */
must_check int target_open(struct target **target, const struct channel *channel, struct why *why);
void target_close(struct target **target);

/* Private to target.c and the kinds. */
must_check int target_directory_open(struct target **target, const struct channel *channel, struct why *why);
must_check int target_http_open(struct target **target, const struct channel *channel, struct why *why);
