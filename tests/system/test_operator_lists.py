"""What the operator says himself: allow and block."""
import datetime

from feeds import *


class Operator(FeedLab):
    def items(self, **lists):
        """The lists `allow` and `block` as settings."""
        return {key: "".join("\n  - " + "\n    ".join(f"{k}: {v}" for k, v in item.items()) for item in items)
                for key, items in lists.items()}

    def configure_with(self, settings=None, **lists):
        self.write("list", "evil.example\nshop.example\n")
        self.configure([{"name": "f", "url": "file://" + self.path("list"), "format": "domains", "scope": "subtree"}],
                       run="none", **self.items(**lists), **(settings or {}))

    def lookup(self, *names):
        out = self.feedsync("lookup", self.table, *names).stdout
        return [tuple(line.split("\t")[i] for i in (1, 5, 6)) for line in out.splitlines()]

    def test_allow_and_block(self):
        self.configure_with()
        self.sync()
        plain = self.dump()
        self.configure_with(
            allow=[{"name": "shop.example", "reason": "customers cannot pay", "author": "ann", "expires": "2099-12-31"},
                   {"name": "Exact.Evil.Example.", "scope": "exact"}, {"name": "old.evil.example", "expires": "2001-01-01"}],
            block=[{"name": "new.example", "reason": "phishing, not yet listed", "expires": "2099-01-01T00:00+02:00"},
                   {"name": "shop.example"}, {"name": "google.com"}])
        self.sync()
        self.assertEqual(self.lookup("www.shop.example", "exact.evil.example", "x.exact.evil.example", "old.evil.example",
                                     "www.new.example", "google.com"),
                         [("allow", "operator", "allow")] * 2 + [("block", "f", "malicious")] * 2 +
                         [("block", "operator", "malicious")] * 2)
        checked = self.feedsync("-c", self.config, "check", code=0).stdout
        status = self.feedsync("-c", self.config, "status", code=0).stdout
        for line in ("allow shop.example, subtree, until 2099-12-31, by ann: customers cannot pay\n",
                     "allow exact.evil.example, exact\n", "allow old.evil.example, subtree, EXPIRED 2001-01-01\n",
                     "block new.example, subtree, until 2099-01-01T00:00+02:00: phishing, not yet listed\n"):
            self.assertIn(line, status)
        for block in ("allow:\n  - name: shop.example\n    scope: subtree\n    expires: 2099-12-31\n    author: ann\n    reason: customers cannot pay\n"
                      "  - name: exact.evil.example\n    scope: exact\n", "    expires: 2001-01-01 # EXPIRED: it is not in force\n",
                      "block:\n  - name: new.example\n    scope: subtree\n    category: malicious\n    expires: 2099-01-01T00:00+02:00\n    reason: phishing, not yet listed\n"):
            self.assertIn(block, checked)
        items = self.status()["operator"]
        self.assertEqual([(i["list"], i["name"], i["expired"]) for i in items],
                         [("allow", "shop.example", False), ("allow", "exact.evil.example", False),
                          ("allow", "old.evil.example", True), ("block", "new.example", False),
                          ("block", "shop.example", False), ("block", "google.com", False)])
        self.assertEqual(items[3]["expires_at"], int(datetime.datetime(2098, 12, 31, 22, tzinfo=datetime.timezone.utc).timestamp()))
        self.assertEqual(items[0]["expires_at"], int(datetime.datetime(2100, 1, 1, tzinfo=datetime.timezone.utc).timestamp()))
        # Without them all is as it was.
        self.configure_with()
        self.sync()
        self.assertEqual(self.dump(), plain)

    def test_a_slow_server_does_not_hold_up_a_reload(self):
        """What the configuration says takes effect before the feeds are asked, one of which may take long."""
        with FaultServer() as server:
            server.responses["/list"] = response("evil.example\n")
            feeds = [{"name": name, "url": server.url + "/" + name, "format": "domains", "scope": "subtree", "interval": "1d"}
                     for name in ("list", "slow")]
            self.configure(feeds[:1])
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
            wait_for(lambda: os.path.exists(self.table) and self.lookup("evil.example")[0][0] == "block")
            released = threading.Event()

            def slow(_):
                yield response("", length=100)
                released.wait(120)

            server.responses["/slow"] = slow
            self.configure(feeds, **self.items(allow=[{"name": "evil.example"}], block=[{"name": "new.example"}]))
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: self.lookup("evil.example", "new.example") ==
                     [("allow", "operator", "allow"), ("block", "operator", "malicious")])
            wait_for(lambda: "/slow" in server.asked)
            # Reloads that come faster than a feed hold up nothing that others have to say.
            server.responses["/list"] = response("evil.example\nmore.example\n")
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: server.asked.count("/list") == 3)
            time.sleep(0.3)
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: self.lookup("more.example")[0][0] == "block")
            self.assertEqual(daemon.log().count("feed slow: "), 0)
            released.set()
            daemon.stop()

    def test_a_resolver_obeys(self):
        self.configure_with()
        self.sync()
        self.unbound(self.internet())
        self.assert_blocked("www.shop.example")
        self.configure_with(allow=[{"name": "shop.example"}])
        self.sync()
        wait_for(lambda: not self.ask("www.shop.example").blocked())
        self.assert_blocked("www.evil.example")

    def test_top_level_domain(self):
        """The operator may block one, loudly; nobody else's names are touched, and without it the table is as before."""
        self.configure_with(block=[{"name": "zip"}], allow=[{"name": "good.zip"}])
        words = "`block` has a top-level domain: zip: every name below it is blocked"
        self.assertIn(words, self.feedsync("-c", self.config, "check", code=0).stderr)
        self.assertIn(words, self.sync())
        self.feedsync("verify", self.table, code=0)
        self.unbound(self.internet("* A 192.0.2.1\n"))
        for name in ("zip", "report.zip", "a.b.zip", "www.evil.example"):
            self.assert_blocked(name)
        for name in ("good.zip", "www.good.zip", "zip.example", "www.fine.example"):
            self.assertFalse(self.ask(name).blocked(), name)
        self.configure_with()
        self.sync()
        wait_for(lambda: not self.ask("report.zip").blocked())
        self.assert_blocked("www.evil.example")

    def test_expiry_in_the_daemon(self):
        """An item ends when it ends, not when the next feed is due."""
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
        self.configure_with({"interval": "1d"}, block=[{"name": "soon.example", "expires": at.strftime("%Y-%m-%dT%H:%M:%SZ")}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.table))
        self.assertIn(("subtree", "soon.example"), self.dump())
        wait_for(lambda: ("subtree", "soon.example") not in self.dump())
        self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc), at.replace(microsecond=0))
        self.assertIn(("subtree", "evil.example"), self.dump())
        daemon.stop()

    def test_errors_have_lines(self):
        feeds = "feeds:\n  - name: a\n    url: file:///x\n    format: domains\n"
        for text, line, words in (
                ("allow:\n  - name: one.example\n  - name: .\n", 3, "single label"),
                ("allow:\n  - name: one.example\n    scope: wide\n", 3, "expected one of exact, subtree"),
                ("block:\n  - name: one.example\n    reason: x\n    expires: tomorrow\n", 4, "neither a day"),
                ("block:\n  - name: one.example\n    expires: 2026-02-30\n", 3, "neither a day"),
                ("block:\n  - name: one.example\n    expires: 2026-02-03T10:00\n", 3, "neither a day"),
                ("block:\n  - {name: one.example, until: 2026-02-03}\n", 2, "until"),
                ("guard:\n  own: [isp.example]\nblock:\n  - name: mail.isp.example\n", 4, "`own`"),
                ("guard:\n  own: [isp.co.example]\nblock:\n  - name: co.example\n", 4, "`own`"),
                ("guard:\n  names: [x]\n  own: [a..b.example]\n", 3, "empty label"),
                ("guard:\n  owns: [x]\n", 2, "owns"),
                ("table-max-shrink: 101\n", 1, "a number of per cent, 0 to 100"),
                (feeds.replace("feeds:\n", "feeds:\n  - name: operator\n    url: file:///x\n    format: domains\n"), 2, "`allow`"),
                (feeds + "    max-shrink: 101\n", 5, "a number of per cent, 0 to 100"),
                (feeds + "    max-growth: many\n", 5, "many|max-growth|[Ii]nvalid"),
                (feeds + "    unguarded: [com]\n", 5, "single label"),
                ("allow:\n  - name: com\n", 2, "in `block` only"),
                ("allow:\n  - name: one.example\ncategories:\n  - name: allow\n    action: log\n", 3, "must be allow")):
            with self.subTest(text):
                path = self.write("broken.yaml", text if "feeds:" in text else text + feeds)
                self.assertRegex(self.feedsync("-c", path, "check", code=1).stderr, rf"broken\.yaml:{line}: .*({words})")
        for text in ("block:\n  - name: co.example\n    scope: exact\nguard:\n  own: [isp.co.example]\n",
                     "allow:\n  - name: isp.example\nguard:\n  own: [isp.example]\n",
                     "allow:\n  - name: one.example\ncategories:\n  - name: allow\n    action: allow\n",
                     "allow:\n  - name: one.example\ngroups:\n  - name: g\n    clients: [192.0.2.1]\n    action: refused\n"):
            self.feedsync("-c", self.write("fine.yaml", text + feeds), "check", code=0)
