/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/unpack/zstd_whole.h"

#include <errno.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "libweir/errors.h"

int zstd_read_whole(void *to, size_t size, const void *frames, size_t length, const void *prefix, size_t prefix_length,
	struct why *why)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	if (!context)
		return why_set(why, -ENOMEM, "out of memory");
	size_t code = prefix_length > 0 ? ZSTD_DCtx_refPrefix(context, prefix, prefix_length) : 0;
	if (!ZSTD_isError(code))
		code = ZSTD_decompressDCtx(context, to, size, frames, length);
	ZSTD_freeDCtx(context);
	if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation)
		return why_set(why, -ENOMEM, "out of memory");
	if (ZSTD_getErrorCode(code) == ZSTD_error_dstSize_tooSmall)
		return why_set(why, -EBADMSG, "zstd data of more than %zu octets", size);
	if (ZSTD_isError(code))
		return why_set(why, -EBADMSG, "damaged zstd data: %s", ZSTD_getErrorName(code));
	return code == size ? 0 : why_set(why, -EBADMSG, "zstd data of %zu octets, not %zu", code, size);
}
