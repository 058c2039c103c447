/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures' files: read or refused; what was read stays within its bounds, and can be checked. */
#include <stdlib.h>
#include <string.h>

#include "libweir/errors.h"
#include "fuzz.h"
#include "feedsync/net/minisign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct minisign signature;
	struct minisign_key key;
	struct why why;
	if (minisign_key_read(&key, "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd", &why) != 0)
		abort();
	if (minisign_read(&signature, (const char *)data, size, &why) != 0)
		return 0;
	if (strlen(signature.file) > MINISIGN_MAX_FILE || signature.comment_length > MINISIGN_MAX_COMMENT)
		abort();
	struct minisign_check *check = minisign_begin(&signature, &key, &why);
	if (!check)
		return 0;
	minisign_update(check, "one.example\n", 12);
	if (minisign_end(&check, &why) == 0 && signature.file[0] && strcmp(signature.file, "list.txt") != 0)
		abort(); /* only what is in the corpus was ever signed */
	return 0;
}
