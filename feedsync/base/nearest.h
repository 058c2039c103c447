/* SPDX-License-Identifier: BSD-3-Clause */
/* The known word that somebody who mistyped may have meant. */
#pragma once

#include <stddef.h>

/* Returns the word of `known` (`count` of them) that is nearest to `word`: by the fewest letters put in, left out,
 * changed or swapped with their neighbour, at most one for each three letters of `word`, and one in a shorter
 * word; or one that begins with `word`, of two letters and more. NULL = none is near. Words of more than 63 octets
 * are near to nothing. Any thread. */
const char *nearest_word(const char *word, const char *const *known, size_t count);
