/* SPDX-License-Identifier: BSD-3-Clause */
#include "feedsync/base/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "tests/unit/unit.h"

static void test_addresses(void **state)
{
	static const struct {
		const char *text;
		int family; /* 0: it is none */
	} cases[] = {{"127.0.0.1:9953", AF_INET}, {"127.1.2.3:1", AF_INET}, {"[::1]:65535", AF_INET6},
		{"/run/x", AF_UNIX}, {"", 0}, {":", 0}, {"127.0.0.1", 0}, {"127.0.0.1:", 0}, {"127.0.0.1:0", 0},
		{"127.0.0.1:65536", 0}, {"127.0.0.1:+1", 0}, {"127.0.0.1:1 ", 0}, {"127.0.0.1:000001", 0},
		{"0.0.0.0:1", 0}, {"128.0.0.1:1", 0}, {"localhost:1", 0}, {"[::]:1", 0}, {"[::1]", 0}, {"[::1]1", 0},
		{"[::1:1", 0}, {"[::ffff:127.0.0.1]:1", 0}, {"::1:1", 0}, {"run/x", 0}, {"127.0.0.1.example:1", 0},
		{"[", 0}, {"[]:1", 0},
		{"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaa",
			0}};
	struct listen_address listen;
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int status = listen_address_read(cases[i].text, &listen);
		if ((status == 0) != (cases[i].family != 0) ||
			(status == 0 && listen.address.sa_family != cases[i].family))
			fail_msg("%s: %d", cases[i].text, status);
	}
	assert_int_equal(listen_address_read("127.0.0.1:9953", &listen), 0);
	assert_int_equal(ntohs(((struct sockaddr_in *)&listen.storage)->sin_port), 9953);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_addresses)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
