/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting.h"

#include "feedsync/trends/period.h"

const char *sighting_state_text(enum sighting_state state)
{
	static const char *const words[] = {[SIGHTING_PENDING] = "pending",
		[SIGHTING_SENT] = "sent",
		[SIGHTING_REFUSED] = "refused",
		[SIGHTING_EXPIRED] = "expired"};
	return words[state];
}

const char *sighting_type_text(enum sighting_type type)
{
	return type == SIGHTING_HIT ? "hit" : "false positive";
}

void sighting_identify(struct sighting *sighting, const struct organisation *organisation, const char *way)
{
	char day[PERIOD_TEXT];
	bool hit = sighting->type == SIGHTING_HIT;
	const char *const parts[] = {"sighting", way, sighting->entry,
		hit ? period_text((struct period){sighting->day, sighting->day}, day) : "", hit ? "0" : "1", NULL};
	uuid5_join(sighting->uuid, organisation->uuid, parts);
}
