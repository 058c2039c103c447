/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/rendered_json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int print_object(FILE *out, struct node *object)
{
	char *text = json_print_line(object);
	node_free(object);
	if (!text)
		return -ENOMEM;
	fwrite(text, 1, strlen(text) - 1, out);
	free(text);
	return 0;
}

int print_members(FILE *out, struct node *object)
{
	char *text = json_print_line(object);
	node_free(object);
	if (!text)
		return -ENOMEM;
	fwrite(text + 1, 1, strlen(text) - 3, out); /* "{...}\n" */
	free(text);
	return 0;
}

const char *print_instant(uint64_t time, const char *ending, char text[TIMESTAMP_ROOM + 16])
{
	char whole[TIMESTAMP_ROOM];
	timestamp_text(time, whole);
	snprintf(text, TIMESTAMP_ROOM + 16, "%.*s%s", (int)strcspn(whole, "Z"), whole, ending);
	return text;
}

struct node *node_from_digits(uint64_t number)
{
	char text[24];
	snprintf(text, sizeof text, "%" PRIu64, number);
	return node_from_text(text);
}
