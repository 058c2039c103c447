/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/control/control_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "feedsync/base/act_as_owner.h"
#include "feedsync/base/atomic_file.h"
#include "feedsync/base/maxima.h"
#include "libweir/errors.h"

/* Makes an address for the socket. An address has room for 107 characters, so it goes by a descriptor of the directory,
 * which the caller closes. Then any path fits. */
static int address_of(const char *state, struct sockaddr_un *address, int *directory)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*directory = -1;
	if (snprintf(address->sun_path, sizeof address->sun_path, "%s/control", state) < (int)sizeof address->sun_path)
		return 0;
	*directory = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*directory < 0)
		return -errno;
	snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/control", *directory);
	return 0;
}

bool control_peer_is_ours(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid() || peer.uid == owner_acting());
}

void control_unlink(const char *state)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/control", state);
	unlink(path);
}

/* Removes an old socket. Anything else that stands there belongs to somebody. */
static int remove_old_socket(const char *state)
{
	char path[4096];
	struct stat st;
	snprintf(path, sizeof path, "%s/control", state);
	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	return unlink(path) == 0 ? 0 : -errno;
}

static int listen_at(int fd, const struct sockaddr_un *address)
{
	enum { BACKLOG = 64 };
	/* The umask gives the socket's file its mode. No other file is made meanwhile. */
	mode_t before = umask(0777 & ~MODE_SECRET);
	int status = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : -errno;
	umask(before);
	return status == 0 && listen(fd, BACKLOG) != 0 ? -errno : status;
}

/* Returns the socket, or closes everything and returns the error. */
static int settle_socket(int fd, int directory, int status)
{
	if (directory >= 0)
		close(directory);
	if (status == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return status;
}

int control_listen(const char *state, struct why *why)
{
	struct sockaddr_un address;
	int directory, fd = -1, status = address_of(state, &address, &directory);
	if (status == 0)
		status = remove_old_socket(state);
	if (status == 0 && (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
		status = -errno;
	if (status == 0)
		status = listen_at(fd, &address);
	status = settle_socket(fd, directory, status);
	return status >= 0 ? status
			   : why_set(why, status, "cannot listen at %.200s/control: %s", state, error_text(status));
}

int control_connect(const char *state)
{
	struct sockaddr_un address;
	int directory, status = address_of(state, &address, &directory);
	int fd = status == 0 ? socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : -1;
	if (status == 0 && fd < 0)
		status = -errno;
	/* connect waits for so long where nobody accepts the callers before. */
	const struct timeval patience = {.tv_sec = CONTROL_REQUEST_S};
	if (status == 0 && setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0)
		status = -errno;
	if (status == 0 && connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
		status = -errno;
	if (status == 0 && !control_peer_is_ours(fd))
		status = -EPERM;
	return settle_socket(fd, directory, status);
}
