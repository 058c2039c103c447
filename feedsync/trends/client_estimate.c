/* SPDX-License-Identifier: BSD-3-Clause */
/* HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007) with the corrections of its paper. Registers of 4 bits count up to
 * 2^20 in all, where the paper's registers of 5 bits count up to 2^32. */
#include "feedsync/trends/client_estimate.h"

#include <math.h>

double client_estimate(const struct client_set *set)
{
	const double m = CLIENT_SET_REGISTERS, alpha = 0.709;
	const double most = ldexp(1.0, CLIENT_SET_MAX_RANK - 1 + CLIENT_SET_BITS);
	double sum = 0;
	unsigned empty = 0;
	for (unsigned i = 0; i < CLIENT_SET_REGISTERS; i++) {
		unsigned rank = client_set_rank(set, i);
		sum += ldexp(1.0, -(int)rank);
		empty += rank == 0;
	}
	double estimate = alpha * m * m / sum;
	if (estimate <= 2.5 * m && empty > 0) /* few: how many registers are empty tells more */
		return m * log(m / empty);
	if (estimate <= most / 30)
		return estimate;
	return estimate < most ? -most * log(1 - estimate / most) : most; /* many: hashes meet */
}
