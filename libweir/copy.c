#include "copy.h"

#include <errno.h>
#include <unistd.h>

#include "error.h"
#include "table.h"

static int write_range(int fd, const uint8_t *data, size_t length, off_t at)
{
	while (length > 0) {
		ssize_t n = pwrite(fd, data, length, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

static int copy_body(int from, int to, struct why *why)
{
	uint8_t part[65536];
	for (off_t at = WEIR_HEADER;;) {
		ssize_t n = pread(from, part, sizeof part, at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return why_set(why, -errno, "cannot read: %s", error_text(-errno));
		if (n == 0)
			return 0;
		int status = write_range(to, part, (size_t)n, at);
		if (status != 0)
			return why_set(why, status, "cannot write: %s", error_text(status));
		at += n;
	}
}

int table_copy(int from, int to, uint64_t generation, uint64_t created, struct why *why)
{
	struct table *table;
	int status = table_open_fd(&table, from, why);
	if (status != 0)
		return status;
	struct weir_header header = *table_header(table);
	table_close(&table);
	header.generation = generation ? generation : header.generation;
	header.created = created ? created : header.created;
	uint8_t raw[WEIR_HEADER];
	header_encode(raw, &header);
	status = copy_body(from, to, why);
	if (status == 0 && (status = write_range(to, raw, sizeof raw, 0)) != 0)
		why_set(why, status, "cannot write: %s", error_text(status));
	return status;
}
