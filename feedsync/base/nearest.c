/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/nearest.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_WORD = 63 };

static unsigned smaller(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The optimal string alignment distance: row i holds the distances of the first i letters of `a` to all prefixes of
 * `b`. Three rows are enough, since a swap looks back by two. */
static unsigned count_mistakes(const char *a, size_t a_length, const char *b, size_t b_length)
{
	unsigned rows[3][MAX_WORD + 1];
	for (unsigned j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = smaller(above[j], row[j - 1]) + 1;
			row[j] = smaller(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], second[j - 2] + 1);
		}
	}
	return rows[a_length % 3][b_length];
}

const char *nearest_word(const char *word, const char *const *known, size_t count)
{
	enum { LETTERS_FOR_A_MISTAKE = 3, LETTERS_OF_A_BEGINNING = 2 };
	size_t length = strlen(word);
	if (length > MAX_WORD)
		return NULL;
	const char *nearest = NULL;
	unsigned allowed = (unsigned)length / LETTERS_FOR_A_MISTAKE;
	unsigned best = (allowed > 0 ? allowed : length > 0) + 1; /* too many */
	for (size_t i = 0; i < count; i++) {
		size_t known_length = strlen(known[i]);
		bool begins = length >= LETTERS_OF_A_BEGINNING && strncmp(known[i], word, length) == 0;
		unsigned d = begins                    ? 1
			     : known_length > MAX_WORD ? best
						       : count_mistakes(word, length, known[i], known_length);
		if (d < best) {
			best = d;
			nearest = known[i];
		}
	}
	return nearest;
}
