/* SPDX-License-Identifier: BSD-3-Clause */
/* Documents that come compressed: gzip, xz, zstd, or a zip with one member, whatever their name or type says, told by
 * their first octets. A parser reads them, and those that are not compressed, through a stream of the same kind.
 *
 * What is another archive, or no text at all (content.h), is refused with what it is.
 *
 * What is cut off, damaged, followed by something else, or grows beyond all measure (maxima.h) makes reading fail: a
 * document is whole only if its compression says so.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "libweir/attributes.h"

struct why;

/* Opens a stream of what `in` holds. `in` is borrowed until the stream is closed by fclose; it need not be seekable.
 * Where the compression is at fault, reading fails with EBADMSG and the reason is in `damage`, which is borrowed too
 * and "" until then; an error of `in` itself is passed on. Returns NULL when out of memory. Costs no I/O. */
must_check FILE *unpack_open(FILE *in, struct why *damage);

/* Whether the file at `path` is compressed: then it tells itself where it ends. */
bool unpack_tells_end(const char *path);
