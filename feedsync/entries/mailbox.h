/* SPDX-License-Identifier: BSD-3-Clause */
/* Mailboxes as domain names (RFC 1035 section 8): the part before the "@" is the first label, dots and all. So
 * "dns.admin@isp.example" is "dns\.admin.isp.example". */
#pragma once

#include "libweir/attributes.h"
#include "libweir/name.h"

#define MAILBOX_MAX_TEXT (NAME_MAX_TEXT + 1) /* characters of the longest, with its NUL */

/* Reads an e-mail address: at most 63 characters that need no quotes (RFC 5322 section 3.2.3), "@", and a name that a rule may
 * have. Returns the name's length in octets, or -1 if it is none. Any thread. */
must_check int mailbox_read(const char *text, name_storage wire);

/* Writes a valid name of `length` octets, with one label at least, as an e-mail address. Returns the text. */
const char *mailbox_text(const uint8_t *wire, size_t length, char text[MAILBOX_MAX_TEXT]);
