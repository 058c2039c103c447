"""Servers, redirects and names that lead to this machine by an address of its own, or to a network of the operator's. In a
network namespace, whose addresses are the test's."""
import ctypes

from feeds import *

NEW_NET = 0x40000000  # CLONE_NEWNET, of sched.h
LIBC = ctypes.CDLL(None, use_errno=True)


def has_namespaces():
    """Whether this thread may have a network of its own; then it has none for a moment."""
    with open("/proc/thread-self/ns/net") as before:
        return LIBC.unshare(NEW_NET) == 0 and LIBC.setns(before.fileno(), NEW_NET) == 0


@unittest.skipUnless(shutil.which("ip") and has_namespaces(), "only root can make a network namespace; needs iproute2")
class OwnAddresses(FeedLab):
    """The addresses here are of the Internet at large by all registries: only this machine's network says otherwise."""

    def setUp(self):
        super().setUp()
        before = open("/proc/thread-self/ns/net")
        self.addCleanup(before.close)
        self.assertEqual(LIBC.unshare(NEW_NET), 0)
        self.addCleanup(LIBC.setns, before.fileno(), NEW_NET)  # before the directory goes, after the daemons
        self.ip("link set lo up", "addr add 11.22.33.44/32 dev lo", "addr add 11.22.35.1/24 dev lo",
                "addr add 2600:1234::1/128 dev lo",
                "route add local 11.22.34.0/24 dev lo", "link add near type veth peer far", "link set near up", "link set far up",
                "addr add 11.22.36.1/24 broadcast 11.22.36.255 dev near", "addr add 11.22.37.1/24 dev near",
                "addr add 11.22.37.2/24 dev near")
        self.server = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
        self.addCleanup(self.server.close)
        self.inside = self.server.getsockname()[1]
        self.front = self.enterContext(FaultServer())

    def ip(self, *commands):
        for command in commands:
            done = subprocess.run(["ip", *command.split()], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, command + done.stderr)

    def lead(self, target, code=2, words="", **settings):
        """A sync of a feed that redirects there. Returns what is said."""
        self.front.responses["/list"] = response("", "302 Found", Location=target)
        self.configure([{"name": "l", "url": self.front.url + "/list", "format": "domains",
                         **settings.pop("feed", {})}], **settings)
        said = self.sync(code=code)
        if words:
            self.assertRegex(said, words)
        return said

    def assert_untouched(self):
        """Nobody has connected to the services of this machine."""
        self.server.settimeout(0.05)
        self.assertRaises(OSError, self.server.accept)

    def test_redirects(self):
        for what, address in (("of the loopback interface", "11.22.33.44"), ("IPv6", "[2600:1234::1]"),
                              ("mapped", "[::ffff:11.22.33.44]"),
                              ("NAT64", "[64:ff9b::11.22.33.44]"), ("6to4", "[2002:b16:212c::1]"), ("decimal", "185999660"),
                              ("in a network of the loopback interface", "11.22.35.77"), ("in a local route", "11.22.34.7"),
                              ("of an interface", "11.22.36.1"), ("its broadcast address", "11.22.36.255"),
                              ("secondary", "11.22.37.2")):
            with self.subTest(what):
                self.lead(f"http://{address}:{self.inside}/admin", words="feed l: redirected: .*, which is this machine's own: "
                                                                         "refused without \"private-addresses: yes\"")
        self.assert_untouched()
        self.assertRegex(self.status()["feeds"][0]["error"], "this machine's own")
        # A neighbour's is not, though nobody answers there.
        self.assertNotIn("refused without", self.lead("http://11.22.36.2:1/"))

    def test_networks_of_the_operator(self):
        networks = '["11.22.40.0/24", "11.22.41.128/25", "2600:abcd::/32", 11.22.42.9]'
        for address in ("11.22.40.1", "11.22.40.255", "[::ffff:11.22.40.1]", "[64:ff9b::11.22.40.1]", "11.22.41.129",
                        "[2600:abcd:1::7]", "11.22.42.9"):
            with self.subTest(address):
                self.lead(f"http://{address}/", words='which is in a network of "private-networks": refused',
                          **{"private-networks": networks})
        for address in ("11.22.41.127", "11.22.42.8", "[2600:abce::1]"):
            with self.subTest(address):
                self.assertNotIn("refused without", self.lead(f"http://{address}/", **{"private-networks": networks}))
        for text in '["11.22.40.1/24"]', "[example]", '["10.0.0.0/33"]':
            self.configure([{"name": "l", "url": self.front.url, "format": "domains"}], **{"private-networks": text})
            self.assertRegex(self.feedsync("-c", self.config, "check", code=1).stderr, r"feedsync.yaml:\d+: .*not an address")

    def test_what_the_operator_wrote(self):
        """The address in the feed's URL is asked for, with that port alone; and all may be allowed."""
        self.write("www/list", "one.example\n")
        port = free_port()
        self.nginx(f"listen 0.0.0.0:{port}; root {self.path('www')};")
        wait_for(lambda: listening(port))
        url = f"http://11.22.33.44:{port}/list"
        self.configure([{"name": "l", "url": url, "format": "domains"}], **{"private-networks": "[11.22.33.0/24]"})
        self.sync()
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.lead(url, code=1, words="this machine's own")
        self.lead(url, code=0, feed={"private-addresses": "yes"})

    def test_names(self):
        upstream = self.internet("*.ipv4 A 11.22.33.44\n*.ipv6 AAAA 2600:1234::1\n* A 192.0.2.1\n")
        resolver = {"resolver": f'\n  forward: ["127.0.0.1@{upstream}"]\n  validate: no'}
        for name, address in (("inside.ipv4", "11.22.33.44"), ("inside.ipv6", "2600:1234::1")):
            self.lead(f"http://{name}:{self.inside}/", words=f"leads to {address}, which is this machine's own", **resolver)
            self.configure([{"name": "l", "url": f"http://{name}:{self.inside}/", "format": "domains"}], **resolver)
            self.assertRegex(self.sync(code=2), f"feed l: http://{name}.* leads to {address}, which is this machine's own")
        self.assert_untouched()

    def test_added_later(self):
        """Beside a daemon at work."""
        self.front.responses["/list"] = response("", "302 Found", Location=f"http://11.22.50.1:{self.inside}/")
        self.configure([{"name": "l", "url": self.front.url + "/list", "format": "domains", "interval": "1s"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "feed l: " in daemon.log())
        self.assertNotIn("this machine's own", daemon.log())
        self.ip("addr add 11.22.50.1/32 dev lo")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "11.22.50.1, which is this machine's own" in daemon.log())
        self.assert_untouched()
