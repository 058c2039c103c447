/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads a section of the configuration file by its table (options.h): unknown and repeated keys, missing options, values of
 * another type or out of range each are a complaint that says where, what, what is expected, and an example. */
#pragma once

#include <stdbool.h>

#include "feedsync/config/complaints.h"
#include "feedsync/config/options.h"
#include "feedsync/config/yaml.h"
#include "libweir/attributes.h"

/* Writes each option's fallback into a section's structure. */
void section_fill(const struct section *section, void *structure);

/* Reads the file's section, and all below it, into `file` (struct written_file). What it points to lives as long as the
 * document. Returns 0, or -EBADMSG with complaints. */
must_check int options_read(struct yaml_document *document, void *file, struct complaints *complaints);

/* Whether a section has an option of this key written in it. The key must be one of the section's options. */
struct written;
bool was_written(const struct written *at, const char *key);
