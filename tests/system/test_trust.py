"""Whom feedsync trusts: servers, addresses, signatures, resolvers; and the probe. Each fault leaves last good and is named."""
import base64, hashlib

from feeds import *

OTHER = "127.0.0.77"  # of this machine as well, but nobody wrote it into a feed's URL


class Trust(FeedLab):
    def setUp(self):
        super().setUp()
        self.write("www/list.txt", "one.example\n")
        self.good = {("exact", "one.example")}

    def feed(self, url, **settings):
        self.configure([{"name": "l", "url": url, "format": "domains", **settings}], **getattr(self, "settings", {}))

    def assert_kept(self, words):
        """The sync fails for this cause, names the feed, and changes nothing."""
        self.write("www/list.txt", "unwanted.example\n")
        said = self.sync(code=1)
        self.assertRegex(said, rf"feed l: .*{words}.*; the last good version stays")
        self.assertEqual(self.dump(), self.good)
        self.assertRegex(self.status()["feeds"][0]["error"], words)
        return said

    # ---- servers ----

    def server_block(self, name, port, more=""):
        return (f"}} server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {self.path(name + '.pem')}; "
                f"ssl_certificate_key {self.path(name + '.key')}; root {self.path('www')}; {more}")

    def pin_of(self, certificate):
        key = self.openssl("x509", "-in", certificate, "-noout", "-pubkey")
        der = self.openssl("pkey", "-pubin", "-outform", "der", stdin=key)
        return "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()

    def test_servers(self):
        self.make_certificates()
        expired, stranger, client = free_port(), free_port(), free_port()
        self.certificate("expired", days="-1")
        self.certificate("stranger", subject="another.example")
        self.certificate("me", subject="isp")
        self.serve(tls=True, more=f"location /http {{ return 302 http://localhost:{expired}/; }} "
                                  f"location /mtls {{ return 302 https://localhost:{client}/list.txt; }}"
                   + self.server_block("expired", expired) + self.server_block("stranger", stranger)
                   + self.server_block("server", client, f"ssl_client_certificate {self.path('ca.pem')}; ssl_verify_client on;"))
        ca = {"ca": self.path("ca.pem")}
        good, wrong = self.pin_of("server.pem"), self.pin_of("stranger.pem")
        url = self.url + "/list.txt"
        self.feed(url, **ca, pin=f'"{wrong};{good}"')
        self.sync()
        self.assertEqual(self.dump(), self.good)
        at = lambda port: f"https://localhost:{port}/list.txt"
        os.chmod(self.path("me.key"), 0o600)
        me = {"client-certificate": self.path("me.pem"), "client-key": self.path("me.key")}
        for what, address, settings, words in (
                ("wrong CA", url, {}, "certificate"),
                ("expired", at(expired), ca, "expired"),
                ("another's name", at(stranger), ca, "does not match|subject name"),
                ("wrong pin", url, {**ca, "pin": wrong}, "public key"),
                ("no client certificate", at(client), ca, "HTTP 400|certificate required"),
                ("our certificate is for the feed's own server", self.url + "/mtls", {**ca, **me, "private-addresses": "yes"},
                 "HTTP 400|certificate required"),
                ("redirect to http", self.url + "/http", ca, r"redirects to http://localhost:\d+/, from https to http")):
            with self.subTest(what):
                self.feed(address, **settings)
                self.assert_kept(words)
        self.feed(at(client), **ca, **me)
        self.sync()
        self.good = {("exact", "unwanted.example")}
        self.assertEqual(self.dump(), self.good)
        # A key that others can read is not used.
        os.chmod(self.path("me.key"), 0o644)
        self.assertIn("mode 0644", self.feedsync("-c", self.config, "check", code=1).stderr)
        self.write("www/list.txt", "never.example\n")
        self.assertRegex(self.sync(code=1), "feed l: .*me.key: holds a secret, and its mode 0644 .*last good")
        self.assertEqual(self.dump(), self.good)

    def test_settings(self):
        key = "RWT4spzabP98m2h5PyOw6+5gTYowfNhf2oLsU5xU8WO0feOaPprxm4bd"
        start = "feeds:\n  - name: a\n    url: https://a.example/x\n    format: domains\n"
        resolver = "resolver:\n  {}\n" + start
        pin = "sha256//" + "A" * 43 + "="
        for text, line, words in (
                (start.replace("name: a", "name: self-test"), 2, "name already"),
                ("categories:\n  - name: self-test\n" + start, 2, "there already"),
                (start + "    client-key: /k\n", 5, "only together"),
                (start + "    client-certificate: /k\n", 5, "only together"),
                (start + "    pin: sha256//AAAA=\n", 5, "base64"),
                (start + f"    pin: {pin};\n", 5, "base64"),
                (start.replace("https", "http") + f"    pin: {pin}\n", 5, "without https"),
                (start.replace("https", "http") + "    client-key: /k\n    client-certificate: /c\n", 5, "without https"),
                (start + "    minisign-key: RWT\n", 5, "no public key"),
                (start + "    signature: https://a.example/s\n", 5, "without \"minisign-key\""),
                (start + f"    minisign-key: {key}\n    signature: ftp://a.example/s\n", 6, "no https://"),
                (start.replace("domains", "misp-feed") + f"    minisign-key: {key}\n", 5, "many documents"),
                (start + "    private-addresses: some\n", 5, "some"),
                (resolver.format("forward: [dns.example]"), 1, "no ADDRESS"),
                (resolver.format('forward: ["192.0.2.1@0"]'), 1, "no ADDRESS"),
                (resolver.format('forward: ["192.0.2.1@53x"]'), 1, "no ADDRESS"),
                (resolver.format('forward: ["192.0.2.1#"]'), 1, "no ADDRESS"),
                (resolver.format('forward: ["192.0.2.1#dns.example"]'), 1, "tls: yes"),
                (resolver.format('forward: ["192.0.2.1"]\n  tls: yes'), 1, "by which name"),
                (resolver.format("tls: yes"), 1, "only forwarders"),
                (resolver.format("ca: /x"), 1, "nothing for a ca"),
                (resolver.format("colour: red"), 2, "colour")):
            with self.subTest(text):
                result = self.feedsync("-c", self.write("broken.yaml", text), "check", code=1)
                self.assertRegex(result.stderr, rf"broken\.yaml:{line}: .*({words})")
        fine = (start + f"    pin: {pin};{pin}\n    minisign-key: {key}\n    private-addresses: yes\n"
                + 'resolver:\n  forward: ["192.0.2.1@853#dns.example", "2001:db8::1#dns.example"]\n  tls: yes\n')
        result = self.feedsync("-c", self.write("fine.yaml", fine), "check", code=0)
        self.assertIn("key pinned, signed by 9B7CFF6CDA9CB2F8, private addresses allowed", result.stdout)
        self.assertIn("hosts  resolved here, validated, by TLS to 192.0.2.1@853#dns.example, 2001:db8::1#dns.example\n", result.stdout)
        for text in (start + "    client-key: /nowhere\n    client-certificate: /nowhere\n", resolver.format("trust-anchor: /nowhere")):
            result = self.feedsync("-c", self.write("files.yaml", text), "check", code=1)
            self.assertIn("/nowhere: No such file", result.stderr)

    # ---- addresses ----

    def test_addresses(self):
        """What the operator wrote is asked for; where others lead must be on the Internet at large."""
        other, silent = free_port(), socket.create_server((OTHER, 0))
        self.addCleanup(silent.close)
        self.serve(more=f"location /silent {{ return 302 http://{OTHER}:{silent.getsockname()[1]}/; }} "
                        f"location /other {{ return 302 http://{OTHER}:{other}/list.txt; }} "
                        f"location /mapped {{ return 302 'http://[::ffff:{OTHER}]:{other}/list.txt'; }} "
                        f"location /decimal {{ return 302 http://2130706509:{other}/list.txt; }} "
                        f"location /name {{ return 302 http://localhost:{other}/list.txt; }} "
                        f"location /metadata {{ return 302 http://169.254.169.254/; }} "
                        f"location /here {{ return 302 /list.txt; }} "
                        f"}} server {{ listen {OTHER}:{other}; listen 127.0.0.1:{other}; root {self.path('www')}; ")
        self.feed(self.url + "/here")
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.feed(self.url + "/silent")
        self.assert_kept("loopback")
        silent.settimeout(0.1)
        self.assertRaises(OSError, silent.accept)  # not even a connection
        for path, words in (("/other", "redirected: .* leads to 127.0.0.77, which is loopback"), ("/decimal", "loopback"),
                            ("/mapped", "leads to ::ffff:127.0.0.77, which is loopback"), ("/name", "loopback"),
                            ("/metadata", "169.254.169.254, which is link-local")):
            with self.subTest(path):
                self.feed(self.url + path)
                self.assert_kept(words)
                self.assertIn("private-addresses: yes", self.status()["feeds"][0]["error"])
        self.good = {("exact", "unwanted.example")}
        self.feed(self.url + "/other", **{"private-addresses": "yes"})
        self.sync()
        self.assertEqual(self.dump(), self.good)

    def test_connections_are_not_shared(self):
        """One feed may connect to where another may not: a connection that is kept open is looked at like a new one."""
        other = free_port()
        self.serve(more=f"}} server {{ listen {OTHER}:{other}; root {self.path('www')}; ")
        with FaultServer() as slow:
            target = f"http://{OTHER}:{other}/list.txt"

            def once_the_other_is_done(_):
                wait_for(lambda: os.path.getsize(self.path("access.log")) > 0)
                time.sleep(0.3)
                return response("", "302 Found", Location=target)
            slow.responses["/"] = once_the_other_is_done
            self.configure([{"name": "a", "url": target, "format": "domains"},
                            {"name": "b", "url": slow.url + "/", "format": "domains"}])
            said = self.sync(code=1)
            self.assertRegex(said, "feed b: redirected: .* leads to 127.0.0.77, which is loopback")
            self.assertEqual(self.dump(), self.good)
            self.assertEqual(len(self.requests()), 1)

    def test_proxy(self):
        """Through a proxy its address says nothing of the server's."""
        with FaultServer() as proxy:
            proxy.responses["http://feeds.example/list.txt"] = response("one.example\n")
            proxy.responses["http://feeds.example/away"] = response("", "302 Found", Location=f"http://{OTHER}/list.txt")
            proxy.responses[f"http://{OTHER}/list.txt"] = response("other.example\n")
            environment = {**os.environ, "http_proxy": proxy.url, "no_proxy": OTHER}
            for path, rule in (("list.txt", "one.example"), ("away", "other.example")):
                self.feed("http://feeds.example/" + path)
                self.feedsync("-c", self.config, "sync", code=0, env=environment)
                self.assertEqual(self.dump(), {("exact", rule)})

    # ---- resolving ----

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

    def test_resolver_that_says_nothing(self):
        """A run that waits for it ends as quickly as any other, and without it when its time is over."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            self.resolve_by("http://feeds.example/", forward=f'["127.0.0.1@{silent.getsockname()[1]}"]', validate="no")
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
            silent.settimeout(10)
            silent.recv(1024)
            start = time.monotonic()
            daemon.stop()
            self.assertLess(time.monotonic() - start, 2)
            self.assertRegex(self.sync(code=2), "feed l: cannot resolve feeds.example: ")

    def test_resolved_addresses_are_filtered(self):
        self.start_signed_internet()
        self.serve()
        self.configure([{"name": "l", "url": f"http://feeds.example:{self.server_port}/list.txt", "format": "domains"}],
                       resolver=f'\n  forward: ["127.0.0.1@{self.port}"]\n  trust-anchor: {self.anchor}')
        self.assertRegex(self.sync(code=2), "feed l: http://feeds.example.* leads to 127.0.0.1, which is loopback")
        self.assertEqual(self.requests(), [])

    # ---- probe ----

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

    # ---- signatures ----

    def minisign(self, *words):
        subprocess.run(["minisign", *words], check=True, capture_output=True, cwd=self.directory, stdin=subprocess.DEVNULL)

    def make_key(self, name):
        self.minisign("-G", "-W", "-f", "-p", name + ".pub", "-s", name + ".sec")
        with open(self.path(name + ".pub")) as f:
            return f.read().splitlines()[1]

    def sign(self, document="list.txt", signature=None, key="ours", time=None, name=None, legacy=False, more=()):
        comment = "\t".join([f"timestamp:{time}"] * (time is not None) + [f"file:{name or document}"])
        self.minisign("-S", *["-l"] * legacy, "-s", key + ".sec", "-m", self.path("www", document), "-t", comment, "-x",
                      self.path("www", signature or document + ".minisig"), *more)

    def test_signatures(self):
        key, now = self.make_key("ours"), int(time.time())
        self.make_key("theirs")
        self.sign(time=now - 100)
        self.serve()
        self.feed(self.url + "/list.txt", **{"minisign-key": key})
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 100)
        self.assertEqual([r for r in self.requests() if r[1] == 200], [("list.txt", 200), ("list.txt.minisig", 200)])
        self.sync()
        self.assertEqual(self.requests(), [("list.txt", 304)])  # nothing new, nothing to be signed
        signature = self.path("www/list.txt.minisig")

        def spoil(line, change):
            self.sign(time=now)
            with open(signature) as f:
                lines = f.read().splitlines()
            lines[line] = change(lines[line])
            self.write("www/list.txt.minisig", "\n".join(lines) + "\n")
        turn = lambda text: text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
        for what, act, words in (
                ("none", lambda: os.remove(signature), "signature: the server has no such document"),
                ("of the document before", lambda: None, "signature: it is not of this document"),
                ("rolled back", lambda: self.sign(time=now - 200), "signature: it is older than the last one"),
                ("without a time", self.sign, "signature: it is older than the last one"),
                ("of tomorrow", lambda: self.sign(time=now + 200000), "signature: made at .* yet to come"),
                ("another file's", lambda: self.sign(time=now, name="other.txt"), "it is of the file other.txt, not of list.txt"),
                ("another key's", lambda: self.sign(time=now, key="theirs"), "it is of key [0-9A-F]{16}, not of [0-9A-F]{16}"),
                ("changed", lambda: spoil(1, turn), "it is not of this document"),
                ("another time written in", lambda: spoil(2, lambda line: line.replace(str(now), str(now + 1))),
                 "its trusted comment has been changed"),
                ("HTML", lambda: self.write("www/list.txt.minisig", "<html>\n"), "signature: no signature of minisign"),
                ("endless", lambda: self.write("www/list.txt.minisig", "x" * 100000), "signature: more than 16384 octets")):
            with self.subTest(what):
                self.write("www/list.txt", "one.example\n")
                self.sign(time=now - 100)
                self.write("www/list.txt", f"unwanted.example\n# {what}\n")
                act()
                said = self.sync(code=1)
                self.assertRegex(said, f"feed l: signature: .*{words.removeprefix('signature: ')}.*; the last good version stays")
                self.assertEqual(self.dump(), self.good)
                self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 100)
        self.sign(time=now)
        self.sync()
        self.assertEqual(self.dump(), {("exact", "unwanted.example")})
        # Signed as it is, without a hash, and elsewhere.
        self.write("www/list.txt", "legacy.example\n" + "# more than is read at once\n" * 5000)
        self.sign(time=now, legacy=True, signature="old.sig")
        self.feed(self.url + "/list.txt", **{"minisign-key": key, "signature": self.url + "/old.sig"})
        self.feedsync("-c", self.config, "sync", "--accept", "l", code=0)
        self.assertEqual(self.dump(), {("exact", "legacy.example")})
        # Another key begins anew: what the last one accepted counts only once the new one has, too.
        new = self.make_key("new")
        self.feed(self.url + "/list.txt", **{"minisign-key": new, "signature": self.url + "/old.sig"})
        self.assertIn("it is of key", self.sync(code=1))
        self.sign(time=now - 1000, key="new", signature="old.sig")
        self.sync()
        self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 1000)

    def test_what_is_held_back(self):
        """An old document with a good signature, or "not modified" for ever: it is used, and told of."""
        self.settings = {"run": "none"}
        key, now = self.make_key("ours"), int(time.time())

        def told():
            feed = self.status()["feeds"][0]
            words = self.feedsync("-c", self.config, "status", code=1 if feed["trouble"] else 0).stdout
            self.assertIn(f"feed l: {feed['trouble'] or 'well'}, current", words)
            self.assertEqual(feed["well"], feed["trouble"] == "")
            return feed["trouble"]
        self.serve()
        for signed, more, trouble in ((now - 89 * 86400, {}, ""), (now - 91 * 86400, {}, "SIGNED LONG AGO"), (None, {}, ""),
                                      (now - 91 * 86400, {"max-signature-age": "92d"}, ""),
                                      (now - 3601, {"max-signature-age": "1h"}, "SIGNED LONG AGO")):
            with self.subTest(signed=signed, more=more):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.sign(time=signed)
                self.feed(self.url + "/list.txt", **{"minisign-key": key, **more})
                for _ in range(2):
                    self.assertEqual("feed l: signed " in self.sync(), trouble != "")
                    self.assertEqual((self.dump(), told()), (self.good, trouble))
        # Newer than what there was, it is taken; and the trouble ends.
        self.write("www/list.txt", "new.example\n")
        self.sign(time=now - 3600 + 60)
        self.sync()
        self.assertEqual((self.dump(), told()), ({("exact", "new.example")}, ""))
        # One that does not change, signed or not.
        for more in {}, {"minisign-key": key}:
            with self.subTest(more=more):
                self.feed(self.url + "/list.txt", **{"max-unchanged": "1s", **more})
                wait_for(lambda: self.sync() and self.status()["feeds"][0]["trouble"] == "UNCHANGED")
                self.assertEqual(told(), "UNCHANGED")
                self.feed(self.url + "/list.txt", **{"max-unchanged": "1d", **more})
                self.sync()
                self.assertEqual(told(), "")
        for more, words in (({"max-signature-age": "1d"}, "without \"minisign-key\" there is no signature"),
                            ({"max-unchanged": "soon"}, '"soon" is no max-unchanged')):
            self.feed(self.url + "/list.txt", **more)
            self.assertIn(words, self.feedsync("-c", self.config, "check", code=1).stderr)

    def test_signed_file(self):
        key = self.make_key("ours")
        self.sign(time=1700000000)
        self.feed("file://" + self.path("www/list.txt"), **{"minisign-key": key})
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.assert_kept("it is not of this document")

    def test_signatures_secret(self):
        """The signature is asked for with the feed's secret where it is on the feed's own server, and nowhere else."""
        own, other = self.enterContext(FaultServer()), self.enterContext(FaultServer())
        key, sent = self.make_key("ours"), []
        self.sign(time=1700000000)
        os.chmod(self.write("secret", "hush"), 0o600)

        def answer(body, **more):
            def respond(headers):
                sent.append(headers.get("Authorization"))
                return response(body, **more)
            return respond
        with open(self.path("www/list.txt.minisig")) as f:
            signature = f.read()
        for server, target in (own, other), (other, own):
            server.responses.update({"/list.txt": answer("one.example\n"), "/list.txt.minisig": answer(signature), "/away":
                                     answer("", status="302 Found", Location=target.url + "/list.txt.minisig")})
        for where, given in (("", [True, True]),
                             (own.url + "/list.txt.minisig", [True, True]),
                             (own.url + "/away", [True, True, False]),
                             (other.url + "/list.txt.minisig", [True, False]),
                             (other.url + "/away", [True, False, True]),
                             (own.url.replace("127.0.0.1", "localhost") + "/list.txt.minisig", [True, False])):
            for file, more in ("key-file", {}), ("token-file", {}), ("password-file", {"user": "ann"}):
                with self.subTest(where=where, file=file):
                    sent.clear()
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.feed(own.url + "/list.txt", **{"minisign-key": key, "private-addresses": "yes", file: self.path("secret")},
                              **({"signature": where} if where else {}), **more)
                    self.sync()
                    self.assertIsNotNone(sent[0])
                    self.assertEqual(sent, [sent[0] if secret else None for secret in given])
        # A server that refuses is said to have refused the secret only if it was given that.
        for where, words in (own, "it does not accept the feed's secret"), (other, "it wants a key, token or password"):
            where.responses["/refused"] = response("", status="403 Forbidden")
            self.feed(own.url + "/list.txt", **{"minisign-key": key, "signature": where.url + "/refused",
                                                "key-file": self.path("secret")})
            shutil.rmtree(self.path("state"))
            self.assertIn("feed l: signature: the server answers HTTP 403: " + words, self.sync(code=2))

    def test_signature_that_wants_time(self):
        """A server that asks to be left alone when it is asked for the signature is, as if it had been for the feed."""
        server, key = self.enterContext(FaultServer()), self.make_key("ours")
        self.sign(time=1700000000)
        server.responses["/list.txt"] = response("one.example\n")
        server.responses["/list.txt.minisig"] = response("", status="429 Too Many Requests", Retry_After="600")
        feed = {"name": "l", "url": server.url + "/list.txt", "format": "domains", "interval": "1s", "minisign-key": key}
        self.configure([feed])
        self.assertRegex(self.sync(code=2), "feed l: signature: the server answers HTTP 429 and asks to be left alone for 600 s")
        self.assertTrue(500 < self.status()["feeds"][0]["retry_at"] - time.time() <= 600)
        # `run` obeys, and asks for its other feed on and on; `sync` asks whenever it is told to.
        server.asked.clear()
        server.responses["/other"] = response("other.example\n")
        self.configure([feed, {"name": "other", "url": server.url + "/other", "format": "domains", "interval": "1s"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: server.asked.count("/other") >= 3)
        daemon.stop()
        self.assertEqual(set(server.asked), {"/other"})
        with open(self.path("www/list.txt.minisig")) as f:
            server.responses["/list.txt.minisig"] = response(f.read())
        self.sync()
        self.assertEqual(self.dump(), self.good | {("exact", "other.example")})
        self.assertLess(self.status()["feeds"][0]["retry_at"], time.time())
