/* SPDX-License-Identifier: BSD-3-Clause */
/* Digests by which others recognise what we publish, and we what they do, in lower-case hexadecimal digits. (By file_sum.h
 * feedsync recognises its own files, of which nobody makes a false one.) */
#pragma once

#include <stddef.h>

#include "libweir/attributes.h"

enum { MD5_TEXT = 33, SHA256_TEXT = 65 };

struct why;

/* MD5 is what MISP's hashes.csv is made of. It protects nothing. */
void digest_md5(char text[MD5_TEXT], const void *data, size_t length);

void digest_sha256(char text[SHA256_TEXT], const void *data, size_t length);

/* Writes the SHA-256 of the file's octets. Returns 0; or -errno, -EBADMSG where it is not a regular file, with the reason
 * and "" as text. */
must_check int digest_sha256_file(char text[SHA256_TEXT], const char *path, struct why *why);
