/* SPDX-License-Identifier: BSD-3-Clause */
/* Fetching the objects of a channel. A manifest is read into memory. What never changes (manifest.h) comes into <state>/pull,
 * under its SHA-256: what came before a download broke off stays there, and the next one goes on behind it. Nothing is larger
 * than the manifest says, and nothing is used before its SHA-256 is right. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feedsync/base/error_class.h"
#include "libweir/attributes.h"
#include "libweir/errors.h"

struct config;
struct pull_record;

/* What came of a fetch. */
struct pull_fetched {
	enum error_class class; /* ERROR_NONE: it came */
	struct why why;         /* else the reason */
	uint64_t octets;        /* that were received */
	uint64_t retry_after_s; /* the server asks to be left alone */
	uint64_t server_time;   /* what the server's clock says, seconds since 1970; 0 = nothing */
};

/* A manifest's object. */
struct pull_manifest_file {
	bool unchanged; /* it is the one that the caller has; no octets */
	char *octets;   /* to be freed; NULL = none came */
	size_t length;
	char etag[256], last_modified[64];
};

/* Fetches a manifest by its object's name. `known`, or NULL: the version of it that the caller has. */
void pull_fetch_manifest(const struct config *config, const char *name, const struct pull_record *known,
	struct pull_manifest_file *file, struct pull_fetched *fetched);

/* An object that never changes. */
struct pull_object {
	const char *name;   /* of the channel */
	const char *label;  /* for messages */
	const char *sha256; /* of its octets */
	uint64_t size;
};

/* Fetches it, and writes the path of its file; the caller removes that. */
void pull_fetch_object(
	const struct config *config, const struct pull_object *object, char path[4096], struct pull_fetched *fetched);

/* Removes what earlier pulls have left in <state>/pull, but for the object of this SHA-256; NULL: all. */
void pull_fetch_clean(const struct config *config, const char *sha256);
