/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/circle/sign.h"

#include <stdio.h>
#include <string.h>

#include "feedsync/base/maxima.h"
#include "feedsync/circle/rendered_file.h"
#include "feedsync/net/minisign_sign.h"
#include "libweir/errors.h"

const char *sign_key_number(const struct output *output, char number[17])
{
	struct minisign_secret key = {0};
	struct why why;
	number[0] = '\0';
	if (output->sign_key_file && minisign_secret_load(&key, output->sign_key_file, &why) == 0)
		minisign_key_number(&key.public, number);
	minisign_secret_forget(&key);
	return number;
}

static int write_signature(
	const struct release *release, const char *directory, const char *name, const char *signature, struct why *why)
{
	struct rendered_file file;
	char signature_name[FILE_NAME_ROOM + 8];
	snprintf(signature_name, sizeof signature_name, "%s.minisig", name);
	int status = rendered_file_open(&file, directory, signature_name, why);
	if (status != 0)
		return status;
	fputs(signature, file.out);
	return rendered_file_close(&file, release->at, why);
}

int sign_release(const struct release *release, const char *directory, struct why *why)
{
	const struct output *output = release->output;
	char name[FILE_NAME_ROOM], path[4096], comment[FILE_NAME_ROOM + 64], signature[MINISIGN_MAX_SIGNATURE];
	struct minisign_secret key = {0};
	if (!output->sign_key_file)
		return 0;
	rendering_find(output->format)->main_file(output, name);
	snprintf(path, sizeof path, "%s/%s", directory, name);
	const char *slash = strrchr(name, '/');
	/* Nobody takes what is signed more than a day ahead. */
	const uint64_t time = release->at > release->now + ONE_DAY_S ? release->now : release->at;
	snprintf(comment, sizeof comment, "timestamp:%llu\tfile:%s\thashed", (unsigned long long)time,
		slash ? slash + 1 : name);
	/* Read at each release: it may have been replaced, and it need not lie in memory meanwhile. */
	int status = minisign_secret_load(&key, output->sign_key_file, why);
	if (status == 0)
		status = minisign_sign_file(signature, &key, path, comment, why);
	minisign_secret_forget(&key);
	return status == 0 ? write_signature(release, directory, name, signature, why) : status;
}
