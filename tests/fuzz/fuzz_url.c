/* SPDX-License-Identifier: BSD-3-Clause */
/* URLs as people write them: whatever it is, a host that can be handed on, and that is read as itself. Disguises undone never
 * grow. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "feedsync/base/browser_url.h"
#include "feedsync/entries/normalise.h"
#include "feedsync/entries/refang.h"

/* A host that may be a name leads to itself, in any URL of it. */
static void check_name(const char *host)
{
	static const char *const around[][2] = {
		{"", ""}, {"http://", "/"}, {"https:\\\\u@", ":443/#"}, {"//", "/a/.."}};
	name_storage wire;
	enum reject reject;
	char url[BROWSER_HOST_MAX + 64], again[BROWSER_HOST_MAX + 1];
	if (strchr(host, '%') || normalise(host, strlen(host), wire, &reject) < 0)
		return;
	for (unsigned i = 0; i < sizeof around / sizeof *around; i++) {
		int length = snprintf(url, sizeof url, "%s%s%s", around[i][0], host, around[i][1]);
		if (browser_url_host(url, (size_t)length, again) != BROWSER_URL_HOST || strcmp(again, host) != 0)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char host[BROWSER_HOST_MAX + 1];
	enum browser_url kind = browser_url_host((const char *)data, size, host);
	if (kind == BROWSER_URL_HOST || kind == BROWSER_URL_PAGE) {
		for (const char *c = host; *c; c++)
			if ((unsigned char)*c <= ' ' || *c == 0x7f)
				abort();
		if (!*host)
			abort();
		check_name(host);
	}
	char *text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	if (refang(text, size) > size)
		abort();
	free(text);
	return 0;
}
