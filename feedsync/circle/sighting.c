/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sighting.h"

#include <string.h>

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

void sighting_identify(struct sighting *sighting, const struct organisation *organisation, const char *made)
{
	const char *parts[8] = {"sighting", made};
	char day[PERIOD_TEXT];
	unsigned count = 2;
	bool hit = sighting->type == SIGHTING_HIT, known_by_name = !sighting->entry[0];
	parts[count++] = known_by_name ? sighting->name : sighting->entry;
	if (known_by_name)
		parts[count++] = scope_text(sighting->scope);
	parts[count++] = hit ? period_text((struct period){sighting->day, sighting->day}, day) : "";
	if (strcmp(made, "stix") != 0) /* an object of STIX tells its type before its UUID */
		parts[count++] = hit ? "0" : "1";
	uuid5_join(sighting->uuid, organisation->uuid, parts);
}
