/* SPDX-License-Identifier: BSD-3-Clause */
/* What a single value of an option may be. Each `..._fault` returns what is wrong with a text, in words that a message can
 * end with, or NULL; each `..._word` the words that there are, by number, and NULL at their end. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libweir/attributes.h"

const char *url_fault(const char *text);
const char *feed_name_fault(const char *text);
const char *policy_name_fault(const char *text);
const char *host_fault(const char *text);          /* a domain name that a rule may have */
const char *operator_name_fault(const char *text); /* the same, in `allow` and `block` */
const char *prefix_fault(const char *text);        /* "192.0.2.0/24", "2001:db8::1" */
const char *address_fault(const char *text);       /* of either family */
const char *ipv4_fault(const char *text);
const char *ipv6_fault(const char *text);
const char *condition_fault(const char *text); /* FIELD=VALUE and its kin (record.h) */
const char *pin_fault(const char *text);       /* public keys as libcurl wants them */
const char *user_fault(const char *text);
const char *moment_fault(const char *text);
const char *mailbox_fault(const char *text); /* an e-mail address (mailbox.h) */
const char *listen_fault(const char *text);  /* listen_address.h */
const char *line_fault(const char *text);    /* a text that stands in one line, without control characters */
const char *uuid_fault(const char *text);
const char *key_path_fault(const char *text);  /* an absolute path as a table may have it (policy.h) */
const char *directory_fault(const char *text); /* an absolute path without "." and ".." */

const char *channel_fault(const char *text);
const char *location_fault(const char *text);    /* a directory, or an https:// URL without query */
const char *endpoint_fault(const char *text);    /* a server: a URL without path */
const char *web_folder_fault(const char *text);  /* a URL to which a path can be added: without query and user */
const char *label_fault(const char *text);       /* of Prometheus */
const char *object_name_fault(const char *text); /* of a bucket, or a part of an object's name */

const char *scope_word(unsigned index);
const char *action_word(unsigned index);
const char *format_word(unsigned index);
const char *format_meaning(unsigned index); /* what the format of that word is */
const char *values_word(unsigned index);
const char *wildcard_word(unsigned index);
const char *separator_word(unsigned index);
const char *threat_level_word(unsigned index);
const char *tlp_word(unsigned index);
const char *ceiling_word(unsigned index); /* the TLPs that an output may have */
const char *rendering_word(unsigned index);
const char *sighting_way_word(unsigned index);
const char *sighting_way_meaning(unsigned index);
const char *rendering_meaning(unsigned index);

/* The octet that a word of separator_word stands for, and the word of an octet that one stands for. */
char separator_octet(const char *word);
const char *separator_text(char octet);

/* Reads "2026-12-24", the end of that day in UTC, or "2026-12-24T08:00Z", "2026-12-24T09:00:30+01:00", that moment.
 * Returns whether it is one; seconds since 1970. */
must_check bool moment_read(const char *text, uint64_t *at);
