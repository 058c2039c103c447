/* Configuration files: accepted or refused with a line, never a crash. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "config.h"
#include "fuzz.h"
#include "log.h"

/* Errors are logged: thousands of lines that say nothing to anyone. These stand in for log.c. */
void log_line(enum severity severity, const char *format, ...)
{
	(void)severity;
	(void)format;
}

void progress_begin(void)
{
}

void progress(const char *format, ...)
{
	(void)format;
}

void progress_end(void)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[] = "/tmp/weir-fuzz-XXXXXX";
	static int fd = -1;
	if (fd < 0) {
		fd = mkstemp(path);
		if (fd < 0)
			abort();
		unlink(path);
		snprintf(path, sizeof path, "/dev/fd/%d", fd);
	}
	if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	struct config *config;
	if (config_load(&config, path) == 0)
		config_free(&config);
	return 0;
}
