"""Resolvers that feedsync asks: for the addresses of feeds, and whether they have its table (probe)."""
import pytest

from feeds import *


class Resolvers(ListLab):
    def start_signed_internet(self):
        """A signed root zone, in which one record was changed afterwards; NSD serves it, and an unbound that validates nothing
        resolves by it. Sets self.anchor, and self.dot: the unbound's port for TLS."""
        upstream = self.internet("feeds.example. A 127.0.0.1\nother.example. A 127.0.0.1\nforged.example. A 192.0.2.1\n"
                                 "forged.example. AAAA ::1\n"
                                 "mail.example. MX 10 feeds.example.\n")

        def run(*words):
            return subprocess.run(words, check=True, capture_output=True, text=True, cwd=self.directory).stdout
        key = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", ".").strip()
        self.anchor = self.path(key + ".key")
        run("ldns-signzone", "-o", ".", "-f", "root.signed", "root.zone", key)
        with open(self.path("root.signed")) as f:
            self.write("root.zone", re.sub(r"(forged\.example\.\s.*\sA\s+)192.0.2.1", r"\g<1>127.0.0.1", f.read()))
        self.nsd.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: len(ask(upstream, "feeds.example", rd=False, do=True).answer) == 2)
        self.make_certificates()
        self.certificate("dot", subject="dot.example")
        self.dot = free_port()
        self.unbound(upstream, modules="iterator", upstream_zone=RECURSE, options=f"""  interface: 127.0.0.1@{self.dot}
  tls-port: {self.dot}
  tls-service-pem: "{self.path('dot.pem')}"
  tls-service-key: "{self.path('dot.key')}"
  trust-anchor-signaling: no
""")

    def resolve_by(self, url, **settings):
        quoted = "".join(f"\n  {key}: {value}" for key, value in settings.items())
        self.configure([{"name": "l", "url": url, "format": "domains", "private-addresses": "yes"}], resolver=quoted)

    @contextlib.contextmanager
    def with_tls(self, wanted):
        """With the libunbound that was built with our unbound: Debian's has no TLS."""
        if wanted:
            os.environ["LD_LIBRARY_PATH"] = os.path.join(os.path.dirname(UNBOUND), ".libs")
        try:
            yield
        finally:
            os.environ.pop("LD_LIBRARY_PATH", None)

    def test_resolver(self):
        self.start_signed_internet()
        self.serve(more="location /away { return 302 http://other.example:$server_port/list.txt; } "
                        "location /forged { return 302 http://forged.example:$server_port/list.txt; } ")
        plain, over_tls = f'["127.0.0.1@{self.port}"]', f'["127.0.0.1@{self.dot}#dot.example"]'
        ca, url = self.path("ca.pem"), f"http://feeds.example:{self.server_port}"
        validate = {"forward": plain, "trust-anchor": self.anchor}
        tls = {"forward": over_tls, "tls": "yes", "ca": ca, "validate": "no"}
        for settings in validate, tls, {"forward": plain, "validate": "no"}, {**tls, "validate": "yes", "trust-anchor": self.anchor}:
            for path in "/list.txt", "/away":
                with self.subTest(settings, path=path), self.with_tls("tls" in settings):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.resolve_by(url + path, **settings)
                    self.sync()
                    self.assertEqual(self.dump(), self.good)
        forged = url.replace("feeds", "forged") + "/list.txt"
        self.resolve_by(forged, forward=plain, validate="no")
        self.sync()  # such is the world without validation
        for what, address, settings, words in (
                ("bogus", forged, validate, "cannot resolve forged.example: .*(bogus|signature)"),
                ("bogus after a redirect", url + "/forged", validate, "cannot resolve forged.example: "),
                ("no such name", "http://nobody.example/", validate, "cannot resolve nobody.example: there is no such name"),
                ("no address", "http://mail.example/", validate, "cannot resolve mail.example: it has no address"),
                ("another's name", url + "/list.txt", {**tls, "forward": over_tls.replace("dot.", "doh.")}, "cannot resolve"),
                ("unknown authority", url + "/list.txt", {**tls, "ca": self.path("dot.pem")}, "cannot resolve"),
                ("no anchor", url + "/list.txt", {"forward": plain, "trust-anchor": "/nowhere"}, "cannot resolve"),
                ("nobody there", url + "/list.txt", {"forward": f'["127.0.0.1@{free_port()}"]'}, "cannot resolve")):
            with self.subTest(what), self.with_tls("tls" in settings):
                self.resolve_by(address, **settings)
                self.assert_kept(words)
        # What needs no resolver goes on without one.
        self.resolve_by(self.url + "/list.txt", forward=f'["127.0.0.1@{free_port()}"]')
        self.sync()
        self.assertEqual(self.dump(), {("exact", "unwanted.example")})

    def silent_resolver(self):
        """The socket of one that is asked and says nothing."""
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        silent.bind(("127.0.0.1", 0))
        self.resolve_by("http://feeds.example/", forward=f'["127.0.0.1@{silent.getsockname()[1]}"]', validate="no")
        return silent

    @pytest.mark.alone
    def test_resolver_that_says_nothing(self):
        """A run that waits for it ends as quickly as any other."""
        with self.silent_resolver() as silent:
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
            silent.settimeout(60)
            silent.recv(1024)
            start = time.monotonic()
            daemon.stop()
            self.assertLess(time.monotonic() - start, 2)
            self.assertNotIn("cannot resolve", daemon.log())

    def test_resolver_is_given_up(self):
        """A run goes on without it when its time is over."""
        with self.silent_resolver():
            self.assertRegex(self.sync(code=2), "feed l: cannot resolve feeds.example: ")

    def test_resolved_addresses_are_filtered(self):
        self.start_signed_internet()
        self.serve()
        self.configure([{"name": "l", "url": f"http://feeds.example:{self.server_port}/list.txt", "format": "domains"}],
                       resolver=f'\n  forward: ["127.0.0.1@{self.port}"]\n  trust-anchor: {self.anchor}')
        self.assertRegex(self.sync(code=2), "feed l: http://feeds.example.* leads to 127.0.0.1, which is loopback")
        self.assertEqual(self.requests(), [])

    def probe(self, *resolvers, code):
        words = self.feedsync("-c", self.config, "probe", *resolvers, code=code).stdout
        report = json.loads(self.feedsync("-c", self.config, "probe", "--json", *resolvers, code=code).stdout)
        self.assertEqual(report["well"], code == 0)
        return words, report["resolvers"]

    def test_probe(self):
        """The self-test's name is blocked for everybody, and the answer tells by which table."""
        self.feed("file://" + self.path("www/list.txt"), category="trial")
        self.settings = {"categories": "\n  - name: trial\n    action: log",
                         "groups": "\n  - name: opted-out\n    clients: [127.0.0.0/8]\n    action: allow"}
        self.feed("file://" + self.path("www/list.txt"))
        self.sync()
        upstream = self.internet()
        self.unbound(upstream)
        well = f"127.0.0.1@{self.port}"
        self.assert_passes("one.example")  # opted out
        words, report = self.probe(well, code=0)
        self.assertRegex(words, f"^resolver {well}: well, generation 1, made \\d+ s ago\n$")
        self.assertEqual((report[0]["result"], report[0]["blocks"], report[0]["generation"]), ("well", True, 1))
        self.assertLess(report[0]["age_s"], 100)
        with open(self.path("state/generation")) as f:
            self.assertEqual(f.read(), "1\n")
        # One that has no module, one that has yesterday's table, one that is not there.
        self.unbound(upstream, modules="iterator")
        without = f"127.0.0.1@{self.port}"
        shutil.copy(self.table, self.path("old.weir"))
        self.unbound(upstream, table=self.path("old.weir"))
        old = f"127.0.0.1@{self.port}"
        self.write("www/list.txt", "two.example\n")
        self.sync()
        wait_for(lambda: self.ask("two.example") and self.probe_state(well) == "well")
        words, report = self.probe(well, without, old, code=1)
        self.assertEqual([r["result"] for r in report], ["well", "not_blocked", "older"])
        self.assertIn(f"resolver {without}: NOTHING IS BLOCKED", words)
        self.assertIn(f"resolver {old}: AN OLDER TABLE, generation 1", words)
        self.assertIn("published table: generation 2", words)
        nobody = f"127.0.0.1@{free_port()}"
        words, report = self.probe(old, nobody, code=2)
        self.assertEqual([r["result"] for r in report], ["older", "no_answer"])
        self.assertIn(f"resolver {nobody}: NO ANSWER", words)
        os.remove(self.table)
        words, report = self.probe(well, code=2)
        self.assertIn("published table: NONE", words)
        for bad in ("", "resolver.example", "127.0.0.1@", "127.0.0.1@x", "127.0.0.1@853#dot.example"):
            self.feedsync("-c", self.config, "probe", bad, code=2)
        self.feedsync("-c", self.config, "probe", code=2)

    def probe_state(self, resolver):
        result = self.feedsync("-c", self.config, "probe", "--json", resolver)
        return json.loads(result.stdout)["resolvers"][0]["result"]
