/* SPDX-License-Identifier: BSD-3-Clause */
/* Which processes are resolvers that do not show themselves, and what is said of them. */
#include "tests/unit/unit.h"

#include <sys/stat.h>

#include "feedsync/status/unprotected.h"

enum { PID = 40, PARENT = 39 };

/* Writes what /proc holds of a process: its own pid, and the parts that are not NULL. */
struct faked {
	const char *name, *ns_pid, *cgroup, *maps;
};

static void write_process(int pid, const struct faked *process)
{
	char name[64], text[512];
	snprintf(name, sizeof name, "proc/%d", pid);
	mkdir(in_directory(name), 0755);
	snprintf(name, sizeof name, "proc/%d/status", pid);
	snprintf(text, sizeof text, "Name:\t%s\nUmask:\t0022\nPPid:\t%d\nNSpid:\t%s\n", process->name, pid - 1,
		process->ns_pid);
	write_text(in_directory(name), text);
	snprintf(name, sizeof name, "proc/%d/cgroup", pid);
	write_text(in_directory(name), process->cgroup);
	snprintf(name, sizeof name, "proc/%d/maps", pid);
	if (process->maps)
		write_text(in_directory(name), process->maps);
	else
		remove(in_directory(name));
}

static const struct faked unbound = {
	"unbound", "40", "0::/system.slice/unbound.service\n", "1-2 r 0 0 0 /lib/libc.so.6\n"};
static const char mapped[] = "1-2 r 0 0 0 /lib/libc.so.6\n1-2 r 0 0 0 /usr/lib/weir/weir.so\n";
static const char replaced[] = "1-2 r 0 0 0 /usr/lib/weir/weir.so (deleted)\n";

static size_t find(struct unprotected list[UNPROTECTED_MAX], const struct counters_snapshot *shown, size_t count)
{
	char proc[512];
	snprintf(proc, sizeof proc, "%s", in_directory("proc"));
	return unprotected_find(list, proc, in_directory("note"), shown, count);
}

static void processes(void **state)
{
	(void)state;
	static const struct {
		struct faked process, parent;
		struct counters_snapshot shown;
		bool found;
	} cases[] = {
		{{"unbound", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "0::/init.scope\n", ""},
			{0}, true},
		{{"unbound", "40", "1:name=systemd:/a/unbound.service\n0::/\n", ""}, {"systemd", "39", "", ""}, {0},
			true},
		{{"unbound", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""},
			{.pid = PID, .alive = true}, false},
		{{"unbound", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""}, {.pid = PID},
			true},
		{{"unbound", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""},
			{.pid = PID, .alive = true, .elsewhere = true}, true},
		{{"unbound", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""},
			{.pid = PARENT, .alive = true}, false},
		{{"unbound", "40", "0::/user.slice/unbound.service\n", ""}, {"unbound", "39", "", ""}, {0}, false},
		{{"unbound", "40\t7", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""}, {0}, false},
		{{"unbound-guard", "40", "0::/system.slice/unbound.service\n", ""}, {"systemd", "39", "", ""}, {0},
			false},
		{{"unbound", "40", "0::/system.slice/my-unbound.service\n", ""}, {"systemd", "39", "", ""}, {0}, false},
		{{"unbound", "40", "0::/system.slice/unbound.service.d\n", ""}, {"systemd", "39", "", ""}, {0}, false},
		{{"unbound", "40", "", ""}, {"systemd", "39", "", ""}, {0}, false},
	};
	mkdir(in_directory("proc"), 0755);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct unprotected list[UNPROTECTED_MAX];
		write_process(PID, &cases[i].process);
		write_process(PARENT, &cases[i].parent);
		size_t count = find(list, &cases[i].shown, 1);
		if (count != cases[i].found || (count == 1 && list[0].pid != PID))
			fail_msg("case %u: %zu found", i, count);
	}
}

static void reasons(void **state)
{
	(void)state;
	static const struct {
		const char *maps, *note; /* NULL: cannot be read, is not there */
		bool certain;
		const char *reason, *next;
	} cases[] = {
		{"", NULL, true, "it has not loaded the module, and unbound-guard has not said why", ""},
		{"", "no dynlib\napt-get x\n", true, "no dynlib", "apt-get x"},
		{"", "no dynlib", true, "no dynlib", ""},
		{"", "a\x1b[31mb\n\x07\n", true, "a\\x1b[31mb", "\\x07"},
		{NULL, "no dynlib\napt-get x\n", true, "no dynlib", "apt-get x"},
		{NULL, NULL, false, "only root can see whether it has loaded the module", ""},
		{mapped, NULL, false, "it has loaded the module, which cannot show its live counters", ""},
		{mapped, "no dynlib\napt-get x\n", false,
			"it has loaded the module, which cannot show its live counters", ""},
		{replaced, NULL, false, "it has loaded the module, which cannot show its live counters", ""},
	};
	mkdir(in_directory("proc"), 0755);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct unprotected list[UNPROTECTED_MAX];
		struct faked process = unbound;
		process.maps = cases[i].maps;
		write_process(PID, &process);
		remove(in_directory("note"));
		if (cases[i].note)
			write_text(in_directory("note"), cases[i].note);
		assert_int_equal(find(list, NULL, 0), 1);
		if (list[0].certain != cases[i].certain || strcmp(list[0].reason, cases[i].reason) != 0 ||
			strcmp(list[0].next, cases[i].next) != 0)
			fail_msg("case %u: %d, \"%s\", \"%s\"", i, list[0].certain, list[0].reason, list[0].next);
	}
	struct unprotected list[UNPROTECTED_MAX];
	struct faked process = unbound;
	process.maps = "";
	write_process(PID, &process);
	write_text(in_directory("note"), "");
	assert_int_equal(find(list, NULL, 0), 1);
	assert_true(list[0].certain && strstr(list[0].reason, "is its file system full?"));
}

/* More than there is room for. */
static void many(void **state)
{
	(void)state;
	struct unprotected list[UNPROTECTED_MAX];
	mkdir(in_directory("proc"), 0755);
	for (int n = 0; n < UNPROTECTED_MAX + 2; n++)
		write_process(100 + 2 * n, &unbound);
	assert_int_equal(find(list, NULL, 0), UNPROTECTED_MAX);
	assert_int_equal(unprotected_find(list, in_directory("nowhere"), in_directory("note"), NULL, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(processes, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(reasons, with_directory, without_directory),
		cmocka_unit_test_setup_teardown(many, with_directory, without_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
