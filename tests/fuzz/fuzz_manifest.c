/* SPDX-License-Identifier: BSD-3-Clause */
/* Manifests: the input as a whole object, which nobody can have signed; and as a document that is signed here, as a publisher
 * gone bad would. What is read stays within its bounds, and is written and read again as it is. */
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/fleet/manifest.h"
#include "feedsync/net/minisign.h"
#include "feedsync/net/minisign_sign.h"
#include "tests/unit/feedsync/fleet/fleet_key.h"

static struct manifest manifest;
static struct minisign_secret secret;
static const struct manifest_trust own = {&secret.public, 1, ""};

static char *write_object(size_t *length)
{
	struct why why;
	char *octets;
	if (manifest_write(&octets, length, &manifest, &secret, &why) != 0)
		abort();
	return octets;
}

static void write_again(void)
{
	struct why why;
	size_t first, second;
	char *octets = write_object(&first);
	if (manifest_read(&manifest, octets, first, &own, &why) != 0)
		abort();
	char *again = write_object(&second);
	if (first != second || memcmp(octets, again, first) != 0)
		abort();
	free(octets);
	free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char octets[MANIFEST_MAX + 1], signature[MINISIGN_MAX_SIGNATURE];
	struct why why;
	if (minisign_secret_read(&secret, FLEET_SECRET_KEY, strlen(FLEET_SECRET_KEY), &why) != 0)
		abort();
	if (manifest_read(&manifest, data, size, &own, &why) == 0 && manifest.serial != 12)
		abort(); /* only what is in the corpus was ever signed */
	if (minisign_sign(signature, &secret, data, size, "", &why) != 0)
		abort();
	uint64_t serial;
	char wake[MANIFEST_WAKE_TEXT];
	if (manifest_wake_read(&serial, data, size) && memcmp(manifest_wake_write(serial, wake), data, size) != 0)
		abort();
	size_t first = strlen(signature);
	if (first + size > sizeof octets)
		return 0;
	memcpy(octets, signature, first);
	memcpy(octets + first, data, size);
	if (manifest_read(&manifest, octets, first + size, &own, &why) != 0)
		return 0;
	if (manifest.delta_count > MANIFEST_DELTAS || manifest.must_pass.count > MANIFEST_NAMES ||
		manifest.must_block.count > MANIFEST_NAMES || !manifest_channel_valid(manifest.channel))
		abort();
	write_again();
	return 0;
}
