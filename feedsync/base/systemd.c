/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/systemd.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "feedsync/base/clock.h"

void systemd_notify(const char *format, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	if (!path || (path[0] != '/' && path[0] != '@') || strlen(path) >= sizeof address.sun_path)
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract name space */
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
	sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, length);
	close(fd);
}

unsigned systemd_notify_alive(void)
{
	static time_t last;
	enum { SELDOM = 86400 };
	const char *limit = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	unsigned long long every = limit ? strtoull(limit, NULL, 10) / 1000000 / 3 : 0;
	if (!limit || (pid && strtol(pid, NULL, 10) != (long)getpid()))
		return SELDOM;
	if (every < 1)
		every = 1;
	if (every > SELDOM)
		every = SELDOM;
	time_t now = clock_s();
	if (now - last >= (time_t)every || last == 0) {
		systemd_notify("WATCHDOG=1");
		last = now;
	}
	return (unsigned)every;
}
