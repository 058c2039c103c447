/* SPDX-License-Identifier: BSD-3-Clause */
/* Which addresses are of the Internet at large: the edges of every block, and all ways to write an IPv4 one as IPv6. */
#include "tests/unit/unit.h"

#include "feedsync/net/address.h"

static const struct {
	const char *address, *is; /* NULL: it is of the Internet at large */
} addresses[] = {
	{"0.0.0.0", "unspecified"},
	{"0.255.255.255", "unspecified"},
	{"1.0.0.0", NULL},
	{"9.255.255.255", NULL},
	{"10.0.0.0", "private"},
	{"10.255.255.255", "private"},
	{"11.0.0.0", NULL},
	{"100.63.255.255", NULL},
	{"100.64.0.0", "private"},
	{"100.127.255.255", "private"},
	{"100.128.0.0", NULL},
	{"126.255.255.255", NULL},
	{"127.0.0.1", "loopback"},
	{"127.255.255.255", "loopback"},
	{"128.0.0.0", NULL},
	{"169.253.255.255", NULL},
	{"169.254.169.254", "link-local"},
	{"169.255.0.0", NULL},
	{"172.15.255.255", NULL},
	{"172.16.0.0", "private"},
	{"172.31.255.255", "private"},
	{"172.32.0.0", NULL},
	{"192.0.0.8", "reserved"},
	{"192.0.1.0", NULL},
	{"192.0.2.1", "reserved"},
	{"192.88.99.1", "reserved"},
	{"192.167.255.255", NULL},
	{"192.168.0.1", "private"},
	{"192.169.0.0", NULL},
	{"198.17.255.255", NULL},
	{"198.19.255.255", "reserved"},
	{"198.20.0.0", NULL},
	{"198.51.100.1", "reserved"},
	{"203.0.113.1", "reserved"},
	{"223.255.255.255", NULL},
	{"224.0.0.1", "multicast"},
	{"239.255.255.255", "multicast"},
	{"240.0.0.0", "reserved"},
	{"255.255.255.255", "reserved"},
	{"::", "unspecified"},
	{"::1", "loopback"},
	{"::2", "unspecified"},
	{"::127.0.0.1", "loopback"},
	{"::8.8.8.8", "reserved"},
	{"::ffff:127.0.0.1", "loopback"},
	{"::ffff:10.1.2.3", "private"},
	{"::ffff:0.0.0.0", "unspecified"},
	{"::ffff:8.8.8.8", NULL},
	{"::fffe:8.8.8.8", "reserved"},
	{"64:ff9b::192.168.1.1", "private"},
	{"64:ff9b::8.8.8.8", NULL},
	{"64:ff9b:1::10.0.0.1", "private"},
	{"64:ff9b:2::1", "reserved"},
	{"100::1", "reserved"},
	{"1fff:ffff::1", "reserved"},
	{"2001::1", "reserved"},
	{"2001:1ff:ffff::1", "reserved"},
	{"2001:200::1", NULL},
	{"2001:4860:4860::8888", NULL},
	{"2001:db8::1", "reserved"},
	{"2001:db9::1", NULL},
	{"2002:7f00:1::1", "loopback"},
	{"2002:a01:203::1", "private"},
	{"2002:808:808::1", NULL},
	{"2003::1", NULL},
	{"3ffe::1", NULL},
	{"3fff:fff::1", "reserved"},
	{"3fff:1000::1", NULL},
	{"4000::1", "reserved"},
	{"fbff::1", "reserved"},
	{"fc00::1", "private"},
	{"fdff:ffff::1", "private"},
	{"fe7f::1", "reserved"},
	{"fe80::1", "link-local"},
	{"febf::1", "link-local"},
	{"fec0::1", "private"},
	{"ff02::1", "multicast"},
};

static void blocks(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof addresses / sizeof *addresses; i++) {
		struct sockaddr_storage address;
		char text[ADDRESS_TEXT];
		if (!address_read(&address, addresses[i].address, 443))
			fail_msg("%s", addresses[i].address);
		const char *is = address_special((const struct sockaddr *)&address);
		if ((is == NULL) != (addresses[i].is == NULL) || (is && strcmp(is, addresses[i].is) != 0))
			fail_msg("%s: %s", addresses[i].address, is ? is : "of the Internet at large");
		assert_int_equal(address_port((const struct sockaddr *)&address), 443);
		assert_true(address_read(&address, address_text((const struct sockaddr *)&address, text), 0));
	}
}

static void no_addresses(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "localhost", "127.1", "127.0.0.1.", "1.2.3.4.5", "0x7f000001", "[::1]",
		"fe80::1%eth0", "::1 ", "256.1.1.1"};
	struct sockaddr_storage address;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		if (address_read(&address, texts[i], 0))
			fail_msg("%s", texts[i]);
	const struct sockaddr other = {.sa_family = AF_UNIX};
	char text[ADDRESS_TEXT];
	assert_non_null(address_special(&other));
	assert_string_equal(address_text(&other, text), "?");
	assert_int_equal(address_port(&other), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks),
		cmocka_unit_test(no_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
