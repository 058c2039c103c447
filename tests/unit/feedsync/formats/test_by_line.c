/* SPDX-License-Identifier: BSD-3-Clause */
/* Documents of lines: what is no line of any format, and what ends the reading. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/parse.h"

/* A NUL octet, a line of a megabyte: these lines are lost, not their neighbours. */
static void lines_that_are_none(void **state)
{
	(void)state;
	char *text = malloc(1100000);
	size_t length = 0;
	memcpy(text, "one.example\nnu\0l.example\n", 25);
	length = 25;
	memset(text + length, 'x', 1000000);
	length += 1000000;
	length += (size_t)sprintf(text + length, "\r\ntwo.example\rthree.example");
	struct collected collected = {""};
	struct parse_counts counts = {0};
	struct sink sink = {.take = collect, .context = &collected, .counts = &counts};
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct why why;
	FILE *in = fmemopen(text, length, "r");
	assert_int_equal(parse_stream("domains", in, &options, &sink, &why), 0);
	fclose(in);
	assert_string_equal(collected.text, "exact:one.example exact:two.example exact:three.example");
	assert_int_equal(counts.rejected[REJECT_NUL], 1);
	assert_int_equal(counts.rejected[REJECT_LONG_LINE], 1);
	free(text);
}

static int fail_to_take(void *context, const struct rule *rule)
{
	(void)rule;
	return --*(int *)context < 0 ? -ENOMEM : 0;
}

static void sink_errors_end_the_parse(void **state)
{
	(void)state;
	int left = 1;
	struct parse_counts counts = {0};
	struct sink sink = {.take = fail_to_take, .context = &left, .counts = &counts};
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct why why;
	const char *text = "a.example\nb.example\nc.example\n";
	FILE *in = fmemopen((void *)text, strlen(text), "r");
	assert_int_equal(parse_stream("domains", in, &options, &sink, &why), -ENOMEM);
	assert_int_equal(counts.entries, 1);
	fclose(in);
}

/* systemd is told that the program lives, be there nothing in a document but what is refused. */
static void signs_of_life(void **state)
{
	(void)state;
	const struct parse_options options = {.scope = SCOPE_EXACT};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char directory[] = "/tmp/weir-unit-XXXXXX", text[4096] = "", said[64] = "";
	assert_int_equal(directory_make(directory), 0);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", directory);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	setenv("WATCHDOG_USEC", "3000000", 1);
	unsetenv("WATCHDOG_PID");
	for (unsigned i = 0; i < 300; i++)
		strcat(text, "a..b\n");
	struct parsed p = parse_octets("domains", &options, text, strlen(text));
	assert_int_equal(p.counts.rejected[REJECT_EMPTY_LABEL], 300);
	assert_true(recv(fd, said, sizeof said - 1, 0) > 0);
	assert_string_equal(said, "WATCHDOG=1");
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	close(fd);
	directory_remove(directory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(sink_errors_end_the_parse),
		cmocka_unit_test(signs_of_life),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
