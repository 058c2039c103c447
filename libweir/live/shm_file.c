/* SPDX-License-Identifier: BSD-3-Clause */
#include "libweir/live/shm_file.h"

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

#include "libweir/errors.h"
#include "libweir/write_range.h"

enum { MAX_NAMESAKES = 256 };

const struct shm_file_kind shared_live = {"live", UINT64_C(0x6576696c72696577) /* "weirlive" */, 0644};
const struct shm_file_kind shared_hits = {"hits", UINT64_C(0x7374696872696577) /* "weirhits" */, 0640};
const struct shm_file_kind shared_cells = {"cells", UINT64_C(0x6c6c656372696577) /* "weircell" */, 0640};

enum { KINDS = 3 };
static const struct shm_file_kind *const kinds[KINDS] = {&shared_live, &shared_hits, &shared_cells};

/* ---- who is alive ---- */

/* When the process started, in clock ticks since boot (proc(5), /proc/pid/stat field 22); 0 if it is not there. */
static uint64_t start_ticks(pid_t pid)
{
	char path[64], line[1024] = "";
	snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t length = read(fd, line, sizeof line - 1);
	close(fd);
	/* The second field is the command in parentheses. It may hold anything, so the fields are counted from its
	 * end. */
	const char *at = length > 0 ? strrchr(line, ')') : NULL;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at + 1, NULL, 10) : 0;
}

static bool is_running(const struct shm_file_header *header)
{
	pid_t pid = (pid_t)header->pid;
	if (pid <= 0 || (kill(pid, 0) != 0 && errno == ESRCH))
		return false;
	uint64_t now = start_ticks(pid);
	return header->start_ticks == 0 || now == 0 || now == header->start_ticks;
}

/* Whether a process holds the lock. This takes no lock itself, so that readers are not in each other's way. */
static bool is_locked(int fd)
{
	struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	return fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

bool shm_file_alive(int fd, const struct shm_file_header *header)
{
	return is_locked(fd) || (header->version < SHARED_LOCKED && is_running(header));
}

uint64_t shm_file_namespace(void)
{
	struct stat st;
	return stat("/proc/self/ns/pid", &st) == 0 ? st.st_ino : 0;
}

/* ---- the owner's side ---- */

/* Gives a part its blocks in a file, and copies it there. Returns 0 or errno. */
static int copy_shm_part(const struct shm_file *s, int fd, const struct shm_part *part)
{
	int error = posix_fallocate(fd, (off_t)part->at, (off_t)part->length);
	return error != 0 ? error : -write_range(fd, part->at, (const char *)s->memory + part->at, part->length);
}

/* Notes a part that is in use, or that one has grown. Returns false without memory. */
static bool add_part(struct shm_file *s, size_t at, size_t length)
{
	for (size_t i = 0; i < s->part_count; i++)
		if (s->part[i].at == at) {
			s->part[i].length = length > s->part[i].length ? length : s->part[i].length;
			return true;
		}
	struct shm_part *more = reallocarray(s->part, s->part_count + 1, sizeof *more);
	if (!more)
		return false;
	s->part = more;
	s->part[s->part_count++] = (struct shm_part){at, length};
	return true;
}

/* Opens, locks, fills and maps a new file under a temporary name. Returns it or -errno. */
static int make_file(const struct shm_file *s, char *temporary)
{
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int error = fcntl(fd, F_OFD_SETLK, &lock) == 0 && fchmod(fd, s->kind->mode) == 0 &&
				    ftruncate(fd, (off_t)s->size) == 0
			    ? 0
			    : errno;
	for (size_t i = 0; error == 0 && i < s->part_count; i++)
		error = copy_shm_part(s, fd, &s->part[i]);
	if (error == 0)
		return fd;
	unlink(temporary);
	close(fd);
	return -error;
}

static bool is_known_magic(uint64_t magic)
{
	bool known = false;
	for (unsigned k = 0; k < KINDS; k++)
		known |= magic == kinds[k]->magic;
	return known;
}

/* Removes a file of ours whose process is gone. Returns whether it removed one. */
static bool remove_if_dead(const char *path)
{
	struct shm_file_header header;
	struct stat open_file, named;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT;
	bool dead = fstat(fd, &open_file) == 0 && S_ISREG(open_file.st_mode) &&
		    shm_file_read(fd, 0, &header, sizeof header) && is_known_magic(header.magic) &&
		    !shm_file_alive(fd, &header) && lstat(path, &named) == 0 && named.st_ino == open_file.st_ino &&
		    unlink(path) == 0;
	close(fd);
	return dead;
}

/* Returns 0, -EEXIST if a living process has that name, or -errno. */
static int link_unless_alive(const char *temporary, const char *path)
{
	for (;;) {
		if (link(temporary, path) == 0)
			return 0;
		int error = errno;
		if (error != EEXIST || !remove_if_dead(path))
			return -error;
	}
}

/* Gives the file the first name that no living process has. Leaves `path` empty if that fails. */
static int name_file(struct shm_file *s, const char *temporary)
{
	int status = -EEXIST;
	for (unsigned n = 0; status == -EEXIST && n < MAX_NAMESAKES; n++) {
		char number[16] = "";
		if (n > 0)
			snprintf(number, sizeof number, "-%u", n);
		snprintf(s->path, sizeof s->path, "%s/%ld%s.%s", s->directory, (long)getpid(), number, s->kind->name);
		status = link_unless_alive(temporary, s->path);
	}
	if (status != 0)
		s->path[0] = '\0';
	return status;
}

/* The file gets its name once it has its content. The memory takes the file's content once the file has its name. */
static int create_file(struct shm_file *s)
{
	char temporary[512];
	snprintf(temporary, sizeof temporary, "%s/.%ld.%s-XXXXXX", s->directory, (long)getpid(), s->kind->name);
	int fd = make_file(s, temporary);
	if (fd < 0)
		return fd;
	int status = name_file(s, temporary);
	unlink(temporary);
	if (status == 0 &&
		mmap(s->memory, s->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		status = -errno;
		unlink(s->path);
		s->path[0] = '\0';
	}
	if (status != 0) {
		close(fd);
		return status;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
	return 1;
}

static bool has_name(const struct shm_file *s)
{
	struct stat named, own;
	return s->fd >= 0 && lstat(s->path, &named) == 0 && fstat(s->fd, &own) == 0 && named.st_ino == own.st_ino &&
	       named.st_dev == own.st_dev;
}

int shm_file_appear(struct shm_file *shared)
{
	const struct shm_file_header *header = shared->memory;
	if (header->pid != getpid() || has_name(shared))
		return 0;
	if (!shared->directory[0])
		return -ENAMETOOLONG;
	pthread_mutex_lock(&shared->lock);
	int status = create_file(shared);
	pthread_mutex_unlock(&shared->lock);
	return status;
}

int shm_file_create(struct shm_file *shared, const char *directory, const struct shm_file_kind *kind, uint32_t version,
	size_t size, size_t used)
{
	struct shm_file *s = shared;
	*s = (struct shm_file){.size = size, .kind = kind, .fd = -1};
	pthread_mutex_init(&s->lock, NULL);
	s->memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->memory == MAP_FAILED || !add_part(s, 0, used)) {
		if (s->memory != MAP_FAILED)
			munmap(s->memory, size);
		s->memory = NULL;
		return -ENOMEM;
	}
	const struct shm_file_header header = {kind->magic, version, (uint32_t)size, getpid(), start_ticks(getpid())};
	memcpy(s->memory, &header, sizeof header);
	if (strlen(directory) < sizeof s->directory)
		snprintf(s->directory, sizeof s->directory, "%s", directory);
	int status = shm_file_appear(s);
	return status < 0 ? status : 0;
}

bool shm_file_reserve(struct shm_file *shared, const void *part, size_t length)
{
	size_t at = (size_t)((const char *)part - (const char *)shared->memory);
	pthread_mutex_lock(&shared->lock);
	bool may = (shared->fd < 0 || posix_fallocate(shared->fd, (off_t)at, (off_t)length) == 0) &&
		   add_part(shared, at, length);
	pthread_mutex_unlock(&shared->lock);
	return may;
}

void shm_file_remove(struct shm_file *shared)
{
	if (has_name(shared))
		unlink(shared->path);
	if (shared->fd >= 0)
		close(shared->fd);
	if (shared->memory)
		munmap(shared->memory, shared->size);
	free(shared->part);
	pthread_mutex_destroy(&shared->lock);
	*shared = (struct shm_file){.fd = -1};
}

/* ---- the directory ---- */

static const char *skip_digits(const char *text)
{
	return text + strspn(text, "0123456789");
}

bool shm_file_name_valid(const char *name, const struct shm_file_kind *kind)
{
	const char *at = skip_digits(name);
	bool named = at > name && strlen(name) < SHARED_NAME;
	if (named && *at == '-') {
		const char *number = at + 1;
		at = skip_digits(number);
		named = at > number;
	}
	return named && *at == '.' && strcmp(at + 1, kind->name) == 0;
}

/* Whether a file's name is one of ours, or a temporary one of a process that was killed over it. */
static bool is_ours(const char *name)
{
	char temporary[32];
	const char *end = name[0] == '.' ? skip_digits(name + 1) : "";
	for (unsigned k = 0; k < KINDS; k++) {
		snprintf(temporary, sizeof temporary, ".%s-", kinds[k]->name);
		if (shm_file_name_valid(name, kinds[k]) || strncmp(end, temporary, strlen(temporary)) == 0)
			return true;
	}
	return false;
}

void shm_file_remove_dead(const char *directory)
{
	unsigned seen = 0;
	DIR *dir = opendir(directory);
	if (!dir)
		return;
	for (struct dirent *entry; seen < SHARED_MAX_FILES && (entry = readdir(dir));) {
		char path[1024];
		if (!is_ours(entry->d_name))
			continue;
		seen++;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		remove_if_dead(path);
	}
	closedir(dir);
}

bool shm_file_read(int fd, size_t at, void *to, size_t length)
{
	return pread(fd, to, length, (off_t)at) == (ssize_t)length;
}

int shm_file_open(const char *path, const struct shm_file_kind *kind, struct shm_file_header *header)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	struct stat st;
	bool fits = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && shm_file_read(fd, 0, header, sizeof *header) &&
		    header->magic == kind->magic && (uint64_t)st.st_size == header->size;
	if (fits)
		return fd;
	close(fd);
	return WEIR_EFORMAT;
}
