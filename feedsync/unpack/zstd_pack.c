/* SPDX-License-Identifier: BSD-3-Clause */
/* A delta's settings are for tables (libweir/format.h): a change of one name in a hundred changes some octets in nearly every
 * line. Only matches as short as 16 octets, looked for at every fourth octet, find what stays between. Where a few names have changed,
 * longer ones do as well, and take an eighth of the time. */
#include "feedsync/unpack/zstd_pack.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "feedsync/base/whole_write.h"
#include "libweir/errors.h"

enum { WINDOW_LEAST = 10, WINDOW_MOST = 31 };

/* The window that reaches over so many octets. */
static int window_log(uint64_t octets)
{
	int log = WINDOW_LEAST;
	while (log < WINDOW_MOST && (UINT64_C(1) << log) < octets)
		log++;
	return log;
}

static size_t set_for_delta(ZSTD_CCtx *context, uint64_t octets, enum pack_effort effort)
{
	static const struct {
		int level, hash_most, least_match, hash_rate;
	} efforts[] = {
		[PACK_AT_ONCE] = {1, 20 /* 8 MB */, 64, 5},
		[PACK_SOON] = {3, 24 /* 128 MB */, 16, 2},
		[PACK_SMALL] = {9, 24, 8, 1},
	};
	const int window = window_log(octets), most = efforts[effort].hash_most;
	const struct {
		ZSTD_cParameter parameter;
		int value;
	} settings[] = {
		{ZSTD_c_compressionLevel, efforts[effort].level},
		{ZSTD_c_windowLog, window},
		{ZSTD_c_enableLongDistanceMatching, 1},
		{ZSTD_c_ldmHashLog, window < most ? window : most},
		{ZSTD_c_ldmMinMatch, efforts[effort].least_match},
		{ZSTD_c_ldmHashRateLog, efforts[effort].hash_rate},
	};
	size_t code = 0;
	for (unsigned i = 0; i < sizeof settings / sizeof *settings && !ZSTD_isError(code); i++)
		code = ZSTD_CCtx_setParameter(context, settings[i].parameter, settings[i].value);
	return code;
}

static size_t set_up_packing(
	ZSTD_CCtx *context, size_t length, const void *prefix, size_t prefix_length, enum pack_effort effort)
{
	size_t code = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
	if (!ZSTD_isError(code))
		code = ZSTD_CCtx_setPledgedSrcSize(context, length);
	if (!ZSTD_isError(code) && prefix)
		code = set_for_delta(context, (uint64_t)length + prefix_length, effort);
	if (!ZSTD_isError(code) && prefix)
		code = ZSTD_CCtx_refPrefix(context, prefix, prefix_length);
	return code;
}

static int write_packed(int out, const char *data, size_t length, struct why *why)
{
	int status = whole_write(out, data, length);
	return status == 0 ? 0 : why_set(why, status, "cannot write: %s", error_text(status));
}

static int refuse_to_pack(size_t code, struct why *why)
{
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		return why_set(why, -ENOMEM, "out of memory");
	return why_set(why, -EINVAL, "zstd: %s", ZSTD_getErrorName(code));
}

int zstd_pack(int out, const void *data, size_t length, const void *prefix, size_t prefix_length,
	enum pack_effort effort, struct why *why)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t room = ZSTD_CStreamOutSize(), left = 1;
	char *buffer = malloc(room);
	int status = context && buffer ? 0 : why_set(why, -ENOMEM, "out of memory");
	if (status == 0) {
		left = set_up_packing(context, length, prefix, prefix_length, effort);
		status = ZSTD_isError(left) ? refuse_to_pack(left, why) : 0;
		left = 1;
	}
	ZSTD_inBuffer in = {data, length, 0};
	while (status == 0 && left > 0) {
		ZSTD_outBuffer packed = {buffer, room, 0};
		left = ZSTD_compressStream2(context, &packed, &in, ZSTD_e_end);
		status = ZSTD_isError(left) ? refuse_to_pack(left, why) : write_packed(out, buffer, packed.pos, why);
	}
	free(buffer);
	ZSTD_freeCCtx(context);
	return status;
}
