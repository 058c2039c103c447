/* SPDX-License-Identifier: BSD-3-Clause */
/* Files that hold a secret of ours. */
#pragma once

#include "libweir/attributes.h"

struct why;

/* Whether a secret may be in this file: one that belongs to root or to who we are, that only its owner can write, and
 * that nobody but its owner and its group can read. Returns 0, or -errno or -EPERM with the reason. */
must_check int secret_check(const char *path, struct why *why);

/* The same of an open file. */
must_check int secret_check_open(int fd, const char *path, struct why *why);
