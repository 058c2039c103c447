/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feedsync/base/secret_file.h"
#include "libweir/errors.h"

enum { NOBODY = 65534 };

/* As the sandbox of feedsync.service does it. */
static bool forbid_setfsuid(void)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setfsuid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof steps / sizeof *steps, steps};
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* Checks a secret in another process, as a user, within the sandbox or not. Returns 0 if the secret is fit. */
static int check_as(uid_t user, bool sandbox, const char *path)
{
	struct why why;
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		if ((user != geteuid() && setuid(user) != 0) || (sandbox && !forbid_setfsuid()))
			_exit(100);
		_exit(-secret_check(path, &why));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -1000;
}

/* A secret is fit if it is root's or the user's own, and others cannot get at it; within the sandbox of the unit, too. */
static void a_secret(void **state)
{
	(void)state;
	char path[] = "/tmp/weir-secret-XXXXXX";
	int fd = mkstemp(path);
	uid_t user = geteuid() == 0 ? NOBODY : geteuid();
	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, user, (gid_t)-1), 0);
	for (unsigned sandbox = 0; sandbox < 2; sandbox++) {
		assert_int_equal(fchmod(fd, 0640), 0);
		assert_int_equal(check_as(user, sandbox, path), 0);
		if (geteuid() == 0)
			assert_int_equal(check_as(user - 1, sandbox, path), -EPERM);
		assert_int_equal(fchmod(fd, 0644), 0);
		assert_int_equal(check_as(user, sandbox, path), -EPERM);
	}
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_secret)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
