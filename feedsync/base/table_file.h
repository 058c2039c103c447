/* SPDX-License-Identifier: BSD-3-Clause */
/* A table that is opened for a command or an output: where it cannot be, the reason names the file. */
#pragma once

#include "libweir/attributes.h"

struct table;
struct why;

/* As table_open (libweir/table.h), with its errors; why is "PATH: REASON". The caller closes the table by table_close. Any
 * thread. */
must_check int table_file_open(struct table **table, const char *path, struct why *why);
