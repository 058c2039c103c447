/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/config/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "feedsync/base/log.h"
#include "feedsync/config/yaml.h"
#include "feedsync/entries/nameset.h"
#include "feedsync/entries/normalise.h"

void complain(struct check *check, const struct written *at, const char *key, const char *format, ...)
{
	char text[COMPLAINT_ROOM];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const struct yaml_entry *entry = yaml_find(at->map, key);
	unsigned line = entry ? entry->key->line : at->map ? at->map->line : 1;
	complaints_add(check->complaints, line, "%s%s: %s", at->label ? at->label : "", key, text);
}

void take_names(struct nameset *set, const struct texts *names)
{
	for (unsigned i = 0; i < names->count; i++) {
		name_storage wire;
		enum reject reject;
		struct namekey key;
		int length = normalise(names->text[i], strlen(names->text[i]), wire, &reject);
		if (length < 0)
			continue;
		namekey_of(&key, wire, (size_t)length);
		if (nameset_add(set, &key, 0) != 0) {
			log_error("out of memory");
			exit(2);
		}
	}
	nameset_sort(set);
}
