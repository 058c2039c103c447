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

static int write_signature(const char *directory, const char *name, const char *signature, uint64_t at, struct why *why)
{
	struct rendered_file file;
	char signature_name[FILE_NAME_ROOM + 8];
	snprintf(signature_name, sizeof signature_name, "%s.minisig", name);
	int status = rendered_file_open(&file, directory, signature_name, why);
	if (status != 0)
		return status;
	fputs(signature, file.out);
	return rendered_file_close(&file, at, why);
}

int sign_release(const struct release *release, const char *directory, struct why *why)
{
	const struct output *output = release->output;
	char name[FILE_NAME_ROOM];
	rendering_find(output->format)->main_file(output, name);
	const struct signing signing = {output->sign_key_file, name, release->at, release->now};
	return sign_file(&signing, directory, why);
}

int sign_file(const struct signing *signing, const char *directory, struct why *why)
{
	char path[4096], comment[FILE_NAME_ROOM + 64], signature[MINISIGN_MAX_SIGNATURE];
	const char *name = signing->name, *slash = strrchr(name, '/');
	struct minisign_secret key = {0};
	if (!signing->key_file)
		return 0;
	snprintf(path, sizeof path, "%s/%s", directory, name);
	/* Nobody takes what is signed more than a day ahead. */
	const uint64_t time = signing->at > signing->now + ONE_DAY_S ? signing->now : signing->at;
	snprintf(comment, sizeof comment, "timestamp:%llu\tfile:%.270s\thashed", (unsigned long long)time,
		slash ? slash + 1 : name);
	/* Read at each release: it may have been replaced, and it need not lie in memory meanwhile. */
	int status = minisign_secret_load(&key, signing->key_file, why);
	if (status == 0)
		status = minisign_sign_file(signature, &key, path, comment, why);
	minisign_secret_forget(&key);
	return status == 0 ? write_signature(directory, name, signature, signing->at, why) : status;
}
