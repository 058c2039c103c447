/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/build/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "libweir/hash.h"
#include "libweir/write_range.h"

struct output {
	int fd;
	int status;
	uint64_t at;     /* where the buffer belongs */
	uint64_t length; /* written so far, the buffer included */
	size_t used;
	XXH3_state_t *sum;
	uint8_t buffer[1 << 16];
};

struct output *output_new(int fd, uint64_t at)
{
	struct output *o = malloc(sizeof *o);
	XXH3_state_t *sum = XXH3_createState();
	if (!o || !sum) {
		free(o);
		XXH3_freeState(sum);
		return NULL;
	}
	XXH3_64bits_reset(sum);
	o->fd = fd;
	o->status = 0;
	o->at = at;
	o->length = 0;
	o->used = 0;
	o->sum = sum;
	return o;
}

static void flush(struct output *o)
{
	if (o->status == 0)
		o->status = write_range(o->fd, o->at, o->buffer, o->used);
	o->at += o->used;
	o->used = 0;
}

void output_write(struct output *output, const void *data, size_t length)
{
	struct output *o = output;
	XXH3_64bits_update(o->sum, data, length);
	o->length += length;
	for (const uint8_t *from = data; length > 0;) {
		size_t step = sizeof o->buffer - o->used;
		if (step > length)
			step = length;
		memcpy(o->buffer + o->used, from, step);
		o->used += step;
		from += step;
		length -= step;
		if (o->used == sizeof o->buffer)
			flush(o);
	}
}

uint64_t output_length(const struct output *output)
{
	return output->length;
}

int output_end(struct output *output, uint64_t *length, uint64_t *sum)
{
	if (!output)
		return -ENOMEM;
	flush(output);
	int status = output->status;
	*length = output->length;
	*sum = XXH3_64bits_digest(output->sum);
	XXH3_freeState(output->sum);
	free(output);
	return status;
}

int output_part(int fd, uint64_t at, const void *data, size_t length, uint64_t *sum)
{
	struct output *o = output_new(fd, at);
	uint64_t written;
	if (o)
		output_write(o, data, length);
	return output_end(o, &written, sum);
}
