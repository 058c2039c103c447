/* SPDX-License-Identifier: BSD-3-Clause */
#include "plugin/core/watcher.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { LOOK_EVERY_MS = 1000, STACK = 512 * 1024 };

struct watcher {
	pthread_t thread;
	int wake;    /* eventfd: signal or stop */
	int inotify; /* -1 where there is none: a look every second serves */
	int watched; /* number of the directory's watch, -1: it has none */
	char directory[4096];
	bool (*look)(void *context, const struct watcher *watcher, bool signalled);
	void *context;
	atomic_bool stopping;
	bool started;
	struct sigaction before;
};

/* What the signal handler may touch. */
static atomic_int handler_fd = -1;
static atomic_bool signalled;

static void on_usr1(int number)
{
	(void)number;
	int saved = errno;
	atomic_store(&signalled, true);
	const uint64_t one = 1;
	if (write(atomic_load(&handler_fd), &one, sizeof one) < 0) {
		/* A full eventfd means that the thread is about to wake anyway. */
	}
	errno = saved;
}

static void drain(int fd)
{
	char buffer[4096];
	while (fd >= 0 && read(fd, buffer, sizeof buffer) > 0)
		continue;
}

/* The directory may be missing, or be replaced by another one of the same name. So the watch is asked for again at each
 * turn; where it exists that costs nothing. The directory that had the name before is no longer watched. */
static void watch_directory(struct watcher *w)
{
	if (w->inotify < 0)
		return;
	int watched = inotify_add_watch(
		w->inotify, w->directory, IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE | IN_ATTRIB | IN_ONLYDIR);
	if (w->watched >= 0 && w->watched != watched)
		inotify_rm_watch(w->inotify, w->watched);
	w->watched = watched;
}

static void *watch(void *argument)
{
	struct watcher *w = argument;
	bool more = true;
	while (!atomic_load(&w->stopping)) {
		watch_directory(w);
		struct pollfd fds[] = {{.fd = w->wake, .events = POLLIN}, {.fd = w->inotify, .events = POLLIN}};
		poll(fds, 2, more ? 0 : LOOK_EVERY_MS);
		drain(w->wake);
		drain(w->inotify);
		if (!atomic_load(&w->stopping))
			more = w->look(w->context, w, atomic_exchange(&signalled, false));
	}
	return NULL;
}

static int start_thread(struct watcher *w)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_attr_t attributes;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int error = pthread_create(&w->thread, &attributes, watch, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	w->started = error == 0;
	if (w->started)
		pthread_setname_np(w->thread, "weir");
	return -error;
}

static void free_watcher(struct watcher *w)
{
	if (w->wake >= 0)
		close(w->wake);
	if (w->inotify >= 0)
		close(w->inotify);
	free(w);
}

int watcher_new(struct watcher **watcher, const char *path,
	bool (*look)(void *context, const struct watcher *watcher, bool signalled), void *context)
{
	struct watcher *w = calloc(1, sizeof *w);
	if (!w)
		return -ENOMEM;
	const char *slash = strrchr(path, '/');
	snprintf(w->directory, sizeof w->directory, "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	w->look = look;
	w->context = context;
	w->watched = -1;
	w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	w->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int expected = -1;
	if (w->wake < 0) {
		int error = errno;
		free_watcher(w);
		return -error;
	}
	if (!atomic_compare_exchange_strong(&handler_fd, &expected, w->wake)) {
		free_watcher(w);
		return -EBUSY;
	}
	struct sigaction action = {.sa_handler = on_usr1, .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	sigaction(SIGUSR1, &action, &w->before);
	int status = start_thread(w);
	if (status == 0)
		*watcher = w;
	else
		watcher_free(&w);
	return status;
}

bool watcher_is_stopping(const struct watcher *watcher)
{
	return atomic_load_explicit(&watcher->stopping, memory_order_relaxed);
}

/* Whether a function belongs to the program, and not to a library that may be unloaded. */
static bool in_program(void (*function)(int))
{
	Dl_info info;
	struct link_map *object = NULL;
	return dladdr1((void *)function, &info, (void **)&object, RTLD_DL_LINKMAP) != 0 && object && !object->l_name[0];
}

/* Restores what was there before, unless somebody else handles the signal by now. A signal that comes a moment too
 * late, in the middle of a reload, must not end the process. So neither the default disposition comes back, nor the
 * handler of another copy of this library. */
static void restore_disposition(const struct sigaction *before)
{
	struct sigaction now;
	if (sigaction(SIGUSR1, NULL, &now) != 0 || now.sa_handler != on_usr1)
		return;
	if (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN || !in_program(before->sa_handler))
		signal(SIGUSR1, SIG_IGN);
	else
		sigaction(SIGUSR1, before, NULL);
}

void watcher_free(struct watcher **watcher)
{
	struct watcher *w = *watcher;
	*watcher = NULL;
	if (!w)
		return;
	atomic_store(&w->stopping, true);
	const uint64_t one = 1;
	if (write(w->wake, &one, sizeof one) < 0) {
		/* Cannot happen to an eventfd that is drained; the thread would look within a second. */
	}
	if (w->started)
		pthread_join(w->thread, NULL);
	restore_disposition(&w->before);
	atomic_store(&handler_fd, -1);
	free_watcher(w);
}
