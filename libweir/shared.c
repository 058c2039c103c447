#include "shared.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "errors.h"

/* When the process started, in clock ticks since boot (proc(5), /proc/pid/stat field 22); 0 if it is not there. */
static uint64_t start_ticks(pid_t pid)
{
	char path[64], line[1024];
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, line, sizeof line - 1);
	close(fd);
	if (length <= 0)
		return 0;
	line[length] = '\0';
	/* The second field is the command in parentheses and may hold anything: count behind its end. */
	char *at = strrchr(line, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

bool shared_alive(const struct shared_header *header)
{
	pid_t pid = (pid_t)header->pid;
	if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
		return false;
	uint64_t now = start_ticks(pid);
	return header->start_ticks == 0 || now == 0 || now == header->start_ticks;
}

/* Opens, sizes and maps a new file. Returns 0 or -errno; the file is the caller's to name or remove. */
static int make_file(struct shared *s, const char *path, size_t reserved)
{
	unlink(path);
	s->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (s->fd < 0)
		return -errno;
	int error = ftruncate(s->fd, (off_t)s->size) == 0 ? posix_fallocate(s->fd, 0, (off_t)reserved) : errno;
	if (error != 0)
		return -error;
	s->memory = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);
	return s->memory == MAP_FAILED ? -errno : 0;
}

/* The file takes its place once it has its header. */
static int create_file(
	struct shared *s, const char *directory, const char *kind, const struct shared_header *header, size_t reserved)
{
	char temporary[512];
	int length = snprintf(s->path, sizeof s->path, "%s/%ld.%s", directory, (long)getpid(), kind);
	int other = snprintf(temporary, sizeof temporary, "%s/.%ld.%s", directory, (long)getpid(), kind);
	if ((size_t)length >= sizeof s->path || (size_t)other >= sizeof temporary)
		return -ENAMETOOLONG;
	int status = make_file(s, temporary, reserved);
	if (status == 0) {
		memcpy(s->memory, header, sizeof *header);
		if (rename(temporary, s->path) == 0)
			return 0;
		status = -errno;
		munmap(s->memory, s->size);
	}
	if (s->fd >= 0) {
		close(s->fd);
		unlink(temporary);
	}
	return status;
}

int shared_create(struct shared *shared, const char *directory, const char *kind, uint64_t magic, uint32_t version,
	size_t size, size_t reserved)
{
	struct shared *s = shared;
	const struct shared_header header = {magic, version, (uint32_t)size, getpid(), start_ticks(getpid())};
	*s = (struct shared){.size = size, .fd = -1};
	int status = create_file(s, directory, kind, &header, reserved);
	if (status == 0)
		return 0;
	*s = (struct shared){.size = size, .fd = -1};
	s->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->memory == MAP_FAILED) {
		s->memory = NULL;
		return -ENOMEM;
	}
	memcpy(s->memory, &header, sizeof header);
	return status;
}

bool shared_reserve(const struct shared *shared, const void *part, size_t length)
{
	off_t at = (const char *)part - (const char *)shared->memory;
	return shared->fd < 0 || posix_fallocate(shared->fd, at, (off_t)length) == 0;
}

void shared_remove(struct shared *shared)
{
	if (shared->path[0])
		unlink(shared->path);
	if (shared->fd >= 0)
		close(shared->fd);
	if (shared->memory)
		munmap(shared->memory, shared->size);
	*shared = (struct shared){.fd = -1};
}

static bool owner_is_gone(const char *path, pid_t pid)
{
	struct shared_header header = {.pid = pid};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && pread(fd, &header, sizeof header, 0) != sizeof header)
		header = (struct shared_header){.pid = pid};
	if (fd >= 0)
		close(fd);
	return !shared_alive(&header);
}

void shared_remove_dead(const char *directory)
{
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (struct dirent *entry; (entry = readdir(dir));) {
		char path[1024], *end;
		long pid = strtol(entry->d_name, &end, 10);
		if (pid <= 0 || (strcmp(end, ".live") != 0 && strcmp(end, ".hits") != 0))
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (owner_is_gone(path, (pid_t)pid))
			unlink(path);
	}
	closedir(dir);
}

int shared_open(const char *path, uint64_t magic, uint32_t version, size_t size, struct shared_header *header)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct stat st;
	bool fits = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size &&
		    pread(fd, header, sizeof *header, 0) == sizeof *header && header->magic == magic &&
		    header->version == version && header->size == size;
	if (fits)
		return fd;
	close(fd);
	return WEIR_EFORMAT;
}
