/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration files: accepted or refused with a line, never a crash. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feedsync/config/configuration.h"
#include "file.h"
#include "fuzz.h"
#include "feedsync/base/log.h"

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
	struct config *config;
	if (config_load(&config, file_of(data, size)) == 0)
		config_free(&config);
	return 0;
}
