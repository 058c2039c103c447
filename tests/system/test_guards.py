"""What no feed may block, and the name of the self-test."""
import lzma

import expected
from feeds import *


class Guards(FeedLab):
    def guard_with(self, **keys):
        return "".join(f"\n  {key}: {value}" for key, value in keys.items())

    def feed(self, text, name="f", **more):
        return {"name": name, "url": "file://" + self.write(name, text), "format": "domains", "scope": "subtree", **more}

    def rejected(self, number=0):
        return self.status()["feeds"][number]["rejected"]

    def test_each_guard(self):
        self.write("lists/popular/list.json", json.dumps({"type": "string", "list": [".big.example", "cdn.far.example"]}))
        self.write("lists/pattern.json", json.dumps({"type": "regex", "list": ["/pattern.example/"]}))
        self.write("mine.txt", "# ours\nbank.example\n")
        guard = self.guard_with(warninglists=f"[{self.path('lists')}]", names=f"[{self.path('mine.txt')}]", own="[isp.example]")
        text = ("big.example\nevil.big.example\nfar.example\nbank.example\nns1.isp.example\nip6.arpa\n1.0.0.2.ip6.arpa\n"
                "co.uk\nevil.co.uk\namazonaws.com\nevil.example\npattern.example\n")
        passed = {("subtree", name) for name in ("evil.big.example", "1.0.0.2.ip6.arpa", "evil.co.uk", "evil.example",
                                                 "pattern.example")}
        self.configure([self.feed(text)], guard=guard)
        said = self.sync()
        self.assertEqual(self.dump(), passed)
        self.assertEqual(self.rejected(), {"guarded": 3, "own": 1, "special_use": 1, "public_suffix": 2})
        words = self.feedsync("-c", self.config, "status", "-v").stdout
        for line in ("f:1: big.example (in popular/list.json): guarded name",
                     "f:3: far.example (above cdn.far.example, in popular/list.json): guarded name",
                     "f:4: bank.example (in mine.txt): guarded name",
                     "f:5: ns1.isp.example (below isp.example): own infrastructure",
                     "f:6: ip6.arpa: special-use name",
                     "f:8: co.uk: public suffix"):
            self.assertIn(line, said)
            self.assertIn(line, words)
        self.assertRegex(said, r"f:10: amazonaws\.com \(above \S+\.amazonaws\.com\): public suffix")
        # For itself alone an ancestor is nobody else's.
        self.configure([self.feed(text, scope="exact")], guard=guard)
        self.sync()
        self.assertEqual({name for _, name in self.dump()},
                         {name for _, name in passed} | {"far.example", "co.uk", "amazonaws.com"})
        # Single names that this feed is trusted with, but never with the operator's own.
        self.configure([self.feed(text, unguarded="[big.example, co.uk, ns1.isp.example]")], guard=guard)
        self.sync()
        self.assertEqual(self.dump(), expected.fold(passed | {("subtree", "big.example"), ("subtree", "co.uk")}))
        # The operator's allow lists and feeds' own exceptions are not judged.
        self.configure([self.feed("evil.example\n"), self.feed("co.uk\nbig.example\n", "a", category="ours")], guard=guard,
                       categories="\n  - name: ours\n    action: allow")
        self.sync()
        self.assertIn(("subtree", "co.uk"), self.dump())
        checked = self.feedsync("-c", self.config, "check", code=0).stdout
        self.assertIn("popular/list.json: 2 names, 0 entries that are not names", checked)
        self.assertIn("pattern.json: NOT USED", checked)
        self.assertIn("own isp.example", checked)

    def test_names_that_too_much_depends_on(self):
        """No feed may block them, without any list that the operator would have to name; he himself may, and is told."""
        refused = {"subtree": ["root-servers.net", "gtld-servers.net", "a.gtld-servers.net", "nic.de", "a.nic.fr", "de.net", "pool.ntp.org",
                               "ntp.org", "0.debian.pool.ntp.org", "windowsupdate.com", "au.download.windowsupdate.com", "microsoft.com",
                               "apple.com", "google.com", "gstatic.com", "ubuntu.com", "debian.org", "de.archive.ubuntu.com",
                               "letsencrypt.org", "lencr.org", "r3.o.lencr.org", "digicert.com", "msftconnecttest.com", "firefox.com",
                               "gvt1.com", "r4---sn-x.gvt1.com", "amazontrust.com"],
                   "exact": ["a.root-servers.net", "f.nic.de", "time.windows.com", "captive.apple.com", "connectivitycheck.gstatic.com",
                             "ocsp.digicert.com", "crl3.digicert.com", "c.lencr.org", "security.debian.org", "ctldl.windowsupdate.com"]}
        taken = {"subtree": ["evil.microsoft.com", "sites.google.com", "nic-login.example", "panic.example", "evil.nic.login.example", "evil.sci.nic.in",
                             "ntp.example", "people.debian.org", "x.captive.apple.com"],
                 "exact": ["google.com", "apple.com", "de.net", "letsencrypt.org", "x.www.google.com"]}
        feeds = self.local_feeds(**{scope: {"content": "".join(f"{name}\n" for name in refused[scope] + taken[scope]), "scope": scope}
                                    for scope in refused})
        said = self.publish(feeds)
        self.assertEqual(self.dump(), {(scope, name) for scope in taken for name in taken[scope]})
        for i, scope in enumerate(refused):
            self.assertEqual(self.rejected(i), {"essential": len(refused[scope])})
        self.assertIn("microsoft.com (above ", self.feedsync("-c", self.config, "status", "-v").stdout)
        for line in ("subtree:4: nic.de (in the names of registries): name that too much depends on",
                     "subtree:1: root-servers.net, for the DNS itself: name that too much depends on",
                     "subtree:9: 0.debian.pool.ntp.org (below pool.ntp.org), for what time it is: name that too much depends on"):
            self.assertIn(line, said)
        # A feed may be trusted with one.
        feeds[0]["unguarded"] = "[gvt1.com]"
        self.publish(feeds)
        self.assertIn(("subtree", "gvt1.com"), self.dump())
        said = self.publish(feeds, block="\n  - name: windowsupdate.com")
        self.assertIn("`block` has what no feed may block: windowsupdate.com, for updates of systems", said)
        self.assertIn(("subtree", "windowsupdate.com"), self.dump())
        self.assertIn("`block` has what no feed may block", self.feedsync("-c", self.config, "check", code=0).stderr)

    def test_hosts_of_feeds(self):
        """No feed locks out another one, or itself; nor those that their servers redirect to, once that is known."""
        with FaultServer() as server:
            server.responses["/list"] = response("feeds.cert.example\ncert.example\nx.feeds.cert.example\nsigner.example\nevil.example\n")
            feeds = [{"name": "list", "url": server.url + "/list", "format": "domains", "scope": "subtree"},
                     {"name": "cert", "url": "https://feeds.cert.example/list?key=secret", "format": "domains"},
                     {"name": "signed", "url": "https://192.0.2.1/list", "format": "domains", "minisign-key":
                      "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3", "signature": "https://signer.example/list.minisig"}]
            self.configure(feeds[:1], run="none")
            self.sync()
            self.assertEqual(len(self.dump()), 3)
            with open(self.path("state/feeds/list/feed.json")) as f:
                known = json.load(f)
            for feed in feeds[1:]:
                feed["interval"] = "30d"
            self.configure(feeds, run="none")
            said = self.sync(code=1)
            self.assertEqual(self.dump(), {("subtree", "x.feeds.cert.example"), ("subtree", "evil.example")})
            self.assertNotIn("secret", said)
            self.assertEqual(self.rejected(), {"feed_host": 3})
            # Its server has nothing to say this time, so what is known of it stays.
            server.responses["/list"] = response("", status="503 Service Unavailable")
            known["redirected_to"] = "evil.example"
            self.write("state/feeds/list/feed.json", json.dumps(known))
            self.sync(code=1)
            self.assertEqual(self.dump(), {("subtree", "x.feeds.cert.example")})

    @needs_shared
    def test_real_lists(self):
        """A feed that has gone mad in one line."""
        lists = os.path.join(SHARED, "data", "warninglists")
        guarded = set()
        for path in glob.glob(os.path.join(lists, "*.json")):
            with open(path, encoding="utf-8") as f:
                guarded |= {expected.normal(entry.strip(".")) for entry in json.load(f)["list"]}
        guarded |= {parent for name in guarded if name for parent in expected.parents(name)}
        suffixes = expected.Suffixes()
        with lzma.open(os.path.join(SHARED, "data", "names", "malicious-1m.txt.xz"), "rt") as f:
            names = [name for name in f.read().split()[::1000]
                     if expected.normal(name) and name not in guarded and not suffixes.has(name)][:1000]
        self.assertEqual(len(names), 1000)
        self.configure([self.feed("\n".join(names[:500] + ["google.com"] + names[500:]) + "\n")],
                       guard=self.guard_with(warninglists=f"[{lists}]"))
        self.assertIn("f:501: google.com (in cisco_top1000.json): guarded name", self.sync())
        self.assertEqual(self.dump(), expected.fold({("subtree", name) for name in names}))
        self.assertEqual(self.rejected(), {"guarded": 1})
        self.feedsync("lookup", self.table, "google.com", "www.google.com", code=0)

    @needs_shared
    def test_real_feed(self):
        """The innocent providers of the real MISP feed."""
        lists = os.path.join(SHARED, "data", "warninglists")
        for path in glob.glob(os.path.join(SHARED, "data", "misp-feed", "*.json")):
            shutil.copy(path, self.path("www"))
        self.configure([{"name": "m", "url": "file://" + self.path("www") + "/", "format": "misp-feed"}],
                       guard=self.guard_with(warninglists=f"[{lists}]"))
        said = self.sync()
        for name in ("ziggo.nl", "unifiedlayer.com", "lijit.com", "privateinternetaccess.com", "t.ly"):
            self.assertRegex(said, rf": {re.escape(name)} \(.*\): guarded name")
            self.feedsync("lookup", self.table, name, code=0)
        self.assertEqual({key: self.rejected()[key] for key in ("guarded", "public_suffix")},
                         {"guarded": 14, "public_suffix": 15})


class SelfTest(FeedLab):
    """Its name is blocked for everybody, in the same way, whatever lists and the operator say."""

    CATEGORIES = "\n  - name: dropping\n    action: drop\n  - name: ours\n    action: allow\n  - name: logged\n    action: log" \
                 "\n  - name: hole\n    action: sinkhole\n    ipv4: 192.0.2.66"
    GROUPS = "\n  - name: free\n    clients: [127.0.9.0/24]\n    action: allow"
    LISTS = {
        "tree": {"content": "weir.example\n", "scope": "subtree"}, "name": "self-test.weir.example\n",
        "upper": "SELF-TEST.Weir.Example.\n", "below": "x.self-test.weir.example\n",
        "wild": {"content": "*.weir.example\n", "wildcard": "below"},
        "excepted": {"content": "||weir.example^\n@@||self-test.weir.example^\n", "format": "adblock"},
    }

    def check(self):
        for client in ("127.0.0.1", "127.0.9.1"):
            told = self.feedsync("lookup", "--client", client, self.table, "self-test.weir.example", code=1).stdout.strip().split("\t")
            self.assertEqual((told[1], told[4], told[6]), ("block", "nxdomain", "self-test"))

    def test_no_list_reaches_it(self):
        for category in ("malicious", "dropping", "ours", "logged", "hole"):
            feeds = {name: {"category": category, **(value if isinstance(value, dict) else {"content": value})}
                     for name, value in self.LISTS.items()}
            with self.subTest(category):
                # A list that lets names pass and has never been good stops publishing: what it would free is not known.
                self.publish(self.local_feeds(**feeds, good="good.example\n"), code=2 if category == "ours" else 1,
                             categories=self.CATEGORIES, groups=self.GROUPS)
                self.assertEqual(self.dump(), {("exact", "good.example")})
                self.check()
                for feed in self.status()["feeds"]:
                    if feed["name"] in self.LISTS:
                        self.assertEqual(set(feed["rejected"]), {"self_test"}, feed)

    def test_names_beside_it(self):
        rules = "weir.example\nself-test2.weir.example\nxself-test.weir.example\nself-test.weir.example.org\nother.weir.example\n"
        self.publish(self.local_feeds(f={"content": rules, "scope": "exact"}))
        self.assertEqual(self.dump(), {("exact", name) for name in rules.split()})
        self.check()

    def test_the_operator(self):
        for setting in ("allow", "block"):
            for name, scope in (("weir.example", "subtree"), ("self-test.weir.example", "exact"), ("a.self-test.weir.example", "exact")):
                self.configure(self.local_feeds(good="good.example\n"), **{setting: f"\n  - name: {name}\n    scope: {scope}\n    reason: r"})
                self.assertRegex(self.feedsync("-c", self.config, "check", code=1).stderr,
                                 rf"feedsync.yaml:\d+: .*would reach self-test.weir.example")

    def test_asked_for(self):
        self.configure(self.local_feeds(a={"content": "weir.example\ngood.example\n", "scope": "subtree", "category": "dropping"},
                                        b={"content": "weir.example\nfine.example\n", "scope": "subtree", "category": "ours"}),
                       categories=self.CATEGORIES, groups=self.GROUPS)
        self.sync()
        self.unbound(self.internet())
        said = self.feedsync("-c", self.config, "probe", f"127.0.0.1@{self.port}", code=0).stdout
        self.assertIn("well, generation 1", said)
        self.assertTrue(self.ask("self-test.weir.example", source="127.0.9.1").blocked())
