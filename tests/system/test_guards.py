"""What no feed may block, what raises an alarm, and what the operator says himself."""
import datetime, lzma

import expected
from feeds import *


def numbered(count, start=0):
    """A list of this many names."""
    return "".join(f"name{i}.example\n" for i in range(start, start + count))


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
        words = self.feedsync("-c", self.config, "status").stdout
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
        self.assertIn("popular/list.json: 2 names, 0 entries that are none", checked)
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
        self.assertIn("microsoft.com (above ", self.feedsync("-c", self.config, "status").stdout)
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

    def test_a_guard_that_cannot_be_read(self):
        """Nothing is published unguarded."""
        self.write("mine.txt", "bank.example\n")
        guard = self.guard_with(names=f"[{self.path('mine.txt')}]")
        self.configure([self.feed("bank.example\nevil.example\n")], guard=guard)
        self.sync()
        before = self.dump()
        self.write("f", "bank.example\nother.example\n")
        for content in (None, "<html>\nbank.example\n"):
            if content is None:
                os.remove(self.path("mine.txt"))
            else:
                self.write("mine.txt", content)
            self.assertRegex(self.sync(code=2), r"nothing published: .*mine\.txt: ")
            self.assertEqual(self.dump(), before)
            self.assertIn("mine.txt", self.feedsync("-c", self.config, "check", code=1).stderr)
        self.write("mine.txt", "bank.example\n")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "other.example")})

    def test_a_list_that_is_not_there_just_now(self):
        """In a directory of them, as where one leads to a disk that is not mounted."""
        for name, guarded in ("far", "bank.example"), ("near", "shop.example"):
            os.makedirs(self.path("lists", name))
            self.write(f"lists/{name}/list.json", json.dumps({"name": name, "type": "hostname", "version": 1, "list": [guarded]}))
        os.rename(self.path("lists/far"), self.path("disk"))
        os.symlink(self.path("disk"), self.path("lists/far"))
        self.configure([self.feed("bank.example\nevil.example\n")], guard=self.guard_with(warninglists=f"[{self.path('lists')}]"))
        self.sync()
        os.rename(self.path("disk"), self.path("away"))
        self.assertRegex(self.sync(code=2), "nothing published: .*lists/far: No such file")
        os.rename(self.path("away"), self.path("disk"))
        os.symlink(self.path("nowhere"), self.path("lists/README.txt"))
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "evil.example")})

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


class Alarms(FeedLab):
    def publish(self, text, more="", **feed):
        self.write("www/list.txt", text)
        self.serve(more=more)
        self.feeds = [{"name": "l", "url": self.url + "/list.txt", "format": "domains", **feed}]
        self.configure(self.feeds)
        self.sync()

    def entries(self):
        return len(self.dump())

    def accept(self, *words, code=0):
        return self.feedsync("-c", self.config, "sync", *words, code=code).stderr

    def assert_alarm(self, kind, words, entries):
        """The next run raises it, says why, and changes nothing."""
        said = self.sync(code=1)
        self.assertRegex(said, rf"feed l: ALARM: {words}.*feedsync sync --accept l; the last good version stays")
        self.assertEqual(self.entries(), entries)
        feed = self.status()["feeds"][0]
        self.assertEqual((feed["alarm"], feed["well"]), (kind, False))
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, rf"feed l: ALARM.*\n  last attempt: ALARM: {words}")

    def test_sizes(self):
        self.publish(numbered(3000))
        self.assertEqual(self.status()["feeds"][0]["alarm"], "")
        self.write("www/list.txt", numbered(1400))
        self.assert_alarm("shrink", r"1400 entries, 53 % fewer than the 3000 before \(max-shrink 50\)", 3000)
        self.assert_alarm("shrink", "1400 entries", 3000)  # and goes on doing so
        # Accepted, once.
        self.assertIn("feed l: accepted: 1400 entries", self.accept("--accept", "l"))
        self.assertEqual(self.entries(), 1400)
        self.assertEqual(self.status()["feeds"][0]["alarm"], "")
        self.write("www/list.txt", numbered(9000))
        self.assert_alarm("growth", r"9000 entries, 542 % more than the 1400 before \(max-growth 200\)", 1400)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 9000)
        # A change within the limits, and one of a few entries only.
        self.write("www/list.txt", numbered(4600))
        self.sync()
        self.configure([{**self.feeds[0], "max-shrink": 1}])
        self.write("www/list.txt", numbered(3700))
        self.sync()
        self.assertEqual(self.entries(), 3700)
        self.configure([{**self.feeds[0], "max-shrink": 1, "max-growth": 0}])
        self.write("www/list.txt", numbered(2600))
        self.assert_alarm("shrink", r"2600 entries, 29 % fewer than the 3700 before \(max-shrink 1\)", 3700)

    def test_an_acceptance_is_for_one_run(self):
        self.publish(numbered(3000))
        os.rename(self.path("www/list.txt"), self.path("kept"))
        self.accept("--accept", "l", code=1)  # a run in which there was nothing to accept
        self.write("www/list.txt", numbered(10))
        self.assert_alarm("shrink", "10 entries", 3000)
        self.assertIn('no feed "other"', self.accept("--accept", "l", "--accept", "other", code=2))
        self.assert_alarm("shrink", "10 entries", 3000)
        self.assertIn("--accept wants a value", self.accept("--accept", code=2))
        self.assertIn("one word too many", self.accept("l", code=2))
        self.assertIn("one word too many", self.accept("--accept-table", "l", code=2))

    def test_minimum(self):
        self.publish(numbered(20), **{"min-entries": 10})
        self.write("www/list.txt", numbered(9))
        self.assert_alarm("minimum", r"9 entries only \(min-entries 10\)", 20)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 9)
        # It holds for the first version, too.
        self.configure([{**self.feeds[0], "name": "n"}])
        self.assertIn("9 entries only", self.sync(code=1))
        self.assertEqual(self.entries(), 9)  # of the feed that it is to take the place of

    def test_another_format(self):
        self.publish(numbered(20))
        self.write("www/list.txt", numbered(20) + "".join(f"0.0.0.0 host{i}.example\n" for i in range(21)))
        self.assert_alarm("rejected", r"21 of 41 entries are unusable, as if it were in another format \(max-rejected 50\)", 20)
        self.accept("--accept", "l")
        self.write("www/list.txt", numbered(21) + "".join(f"http://host{i}.example/\n" for i in range(20)))
        self.sync()

    def test_pages_instead_of_lists(self):
        page = "<!DOCTYPE html>\n<html><body>\nPlease log in: sso.example\n</body></html>\n"
        for form, good, more in (("domains", "one.example\n", {}), ("hosts", "0.0.0.0 one.example\n", {}),
                                 ("adblock", "||one.example^\n", {}), ("dnsmasq", "local=/one.example/\n", {}),
                                 ("unbound", 'local-zone: "one.example" static\n', {}),
                                 ("csv", "url,host\n,one.example\n", {"field": "host"}),
                                 ("json", '[{"host":"one.example"}]\n', {"field": "host"})):
            with self.subTest(form):
                path = self.write("list", good)
                self.configure([{"name": form, "url": "file://" + path, "format": form, **more}])
                self.sync()
                before = self.dump()
                self.write("list", page)
                self.assertIn("an HTML or XML page", self.sync(code=1))
                self.assertEqual(self.dump(), before)
        self.misp([event(1, ["one.example"])])
        self.configure([{"name": "m", "url": "file://" + self.path("www"), "format": "misp-feed"}])
        self.sync()
        self.write("www/manifest.json", page)
        self.assertIn("manifest.json: an HTML or XML page", self.sync(code=1))

    def test_misp(self):
        names = numbered(3000).split()
        self.misp([event(1, names[:2000]), event(2, names[2000:])])
        self.serve()
        self.configure([{"name": "l", "url": self.url, "format": "misp-feed"}])
        self.sync()
        self.misp([event(2, names[2000:])])
        self.assert_alarm("shrink", "1000 entries, 66 % fewer than the 3000 before", 3000)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 1000)

    def test_misp_by_parts(self):
        """What could not be had at first is no growth when it comes."""
        events = [event(1, ["one.example"]), event(2, numbered(3000).split())]
        with FaultServer() as server:
            server.responses["/manifest.json"] = response(manifest_of(*events))
            server.responses[f"/{UUID.format(1)}.json"] = response(events[0])
            server.responses[f"/{UUID.format(2)}.json"] = response("", status="500 Oops")
            self.configure([{"name": "l", "url": server.url, "format": "misp-feed"}])
            self.sync(code=1)
            self.assertEqual(self.entries(), 1)
            server.responses[f"/{UUID.format(2)}.json"] = response(events[1])
            self.configure([{"name": "l", "url": server.url, "format": "misp-feed"}], **{"table-max-growth": 1000000})
            self.sync(code=0)
            self.assertEqual(self.entries(), 3001)
            # Now it is whole.
            server.responses["/manifest.json"] = response(manifest_of(events[0]))
            self.assert_alarm("shrink", "1 entries, 99 % fewer than the 3001 before", 3001)

    def test_files_of_this_machine(self):
        """Their keeper may do to them what he likes, unless he asks to be warned."""
        feed = {"name": "l", "url": "file://" + self.write("list", numbered(3000)), "format": "domains"}
        self.configure([feed])
        self.sync()
        self.write("list", numbered(1))
        self.sync()
        self.write("list", numbered(9000))
        self.sync()
        self.configure([{**feed, "max-shrink": 10}])
        self.write("list", numbered(4000))
        self.assert_alarm("shrink", "4000 entries", 9000)

    def test_a_damaged_version_is_nothing_to_compare_with(self):
        rows = lambda count: json.dumps([{"n": name} for name in numbered(count).split()])
        self.write("www/list.json", rows(3000))
        self.serve()
        self.configure([{"name": "l", "url": self.url + "/list.json", "format": "json", "field": "n"},
                        {"name": "k", "url": "file://" + self.write("k", "kept.example\n"), "format": "domains"}])
        self.sync()
        with open(self.path("state/feeds/l/good.json"), "r+") as f:
            f.truncate(100)
        self.assertIn("feed l: 3000 rules of the published table stay", self.sync(code=1))
        self.assertEqual(self.entries(), 3001)
        self.sync(code=0)
        self.assertEqual(self.status()["feeds"][0]["entries"], 3000)

    def test_accepted_while_held(self):
        """What was accepted of a feed is accepted of the table as well, also where that is made only later."""
        names = lambda count: "".join(f"n{i}.example\n" for i in range(count))
        self.configure([{"name": "d", "format": "domains", "url": "file://" + self.path("list"), "max-shrink": 50}], run="none",
                       **{"table-max-shrink": 50})
        for count in (5000, 5010):
            self.write("list", names(count))
            self.sync(code=0)
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.write("list", names(1000))
        self.assertIn("ALARM", self.sync(code=2))
        self.assertIn("accepted", self.feedsync("-c", self.config, "sync", "--accept", "d", code=2).stderr)
        self.feedsync("-c", self.config, "resume", code=0)
        self.sync(code=0)
        self.assertEqual(len(self.dump()), 1000)
        self.assertFalse(os.path.exists(self.path("state/accept")))

    def test_the_table(self):
        self.write("www/a.txt", numbered(3000))
        self.write("www/b.txt", numbered(3000, 10000))
        self.serve()
        a, b = ({"name": name, "url": f"{self.url}/{name}.txt", "format": "domains"} for name in "ab")
        self.configure([a, b])
        self.sync()
        self.assertEqual(self.entries(), 6000)
        # All that was known is lost, and one feed cannot be had just now: what is published of it stays, but for what has
        # become his own infrastructure.
        shutil.move(self.path("state"), self.path("lost"))
        self.write("www/a.txt", numbered(2800))
        os.rename(self.path("www/b.txt"), self.path("b"))
        self.configure([a, b], guard="\n  own: [name11000.example]")
        self.assertIn("feed b: 2999 rules of the published table stay", self.sync(code=1))
        self.assertEqual((self.entries(), ("exact", "name11000.example") in self.dump()), (2800 + 2999, False))
        # It has come, and holds next to nothing.
        self.write("www/b.txt", numbered(10, 10000))
        said = self.sync(code=1)
        self.assertRegex(said, r"feed b: ALARM: 10 rules, 99 % fewer than the 2999 before \(max-shrink 50\); if that is right: "
                               r"feedsync sync --accept b; what is published of it stays")
        self.assertEqual(self.entries(), 2800 + 2999)
        a_now, b_now = self.status()["feeds"]
        self.assertEqual((a_now["well"], b_now["well"], b_now["withheld_alarm"]), (True, False, "shrink"))
        self.assertIn("ALARM: 10 rules", b_now["withheld"])
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, "feed b: ALARM.*\n  an older version is in force: ALARM")
        self.assertIn("the table: accepted: 2811 rules", self.accept("--accept-table"))
        self.assertEqual(self.entries(), 2810)
        self.assertTrue(self.status()["feeds"][1]["well"])
        # It has nothing in the published table: that this grows by that feed is what was wanted.
        self.configure([a])
        self.sync()
        os.rename(self.path("b"), self.path("www/b.txt"))
        self.configure([a, b], **{"table-max-growth": 20})
        self.assertIn("as feed b was added", self.accept("--accept", "b"))
        self.assertEqual(self.entries(), 5800)
        # The same feeds are judged.
        self.write("www/b.txt", numbered(5000, 10000))
        self.assertIn("feed b: ALARM: the table would hold 7801 rules, 34 % more than the 5801 before (table-max-growth 20)",
                      self.sync(code=1))
        self.assertEqual(self.entries(), 5800)
        self.accept("--accept-table")
        # A feed taken out of the configuration takes its rules with it; if these are many, not without a question.
        self.configure([a])
        said = self.sync(code=1)
        self.assertRegex(said, r"feed b: ALARM: taken out of the configuration: the table would hold 2801 rules, 64 % fewer than the "
                               r"7801 before \(table-max-shrink 50\); if that is right: feedsync sync --accept-table")
        self.assertEqual(self.entries(), 7800)
        self.assertIn("taken out", self.status()["last_run"]["error"])
        self.assertFalse(self.status()["well"])
        self.accept("--accept-table")
        self.assertEqual(self.entries(), 2800)
        self.assertTrue(self.status()["feeds"][0]["well"])
        self.sync(code=0)

    def test_expiry_is_no_alarm(self):
        """What was announced to end ends, however much it is, and comes back, in a feed and in the table."""
        soon = int(time.time()) - 3600

        def numbers(count, seen, start=0):
            return "".join(f"n{i}.example,{seen}\n" for i in range(start, start + count))

        self.write("www/c.csv", "n,seen\n" + numbers(3000, soon))
        self.serve()
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen",
                         "max-age": f"{int(time.time()) - soon + 8}s"}], **{"table-max-growth": 200})
        self.sync()
        self.assertEqual(self.entries(), 3000)
        self.write("www/c.csv", "n,seen\n" + numbers(2900, soon) + numbers(100, "", 2900))
        self.sync()
        # The server is down.
        os.rename(self.path("www/c.csv"), self.path("kept"))
        wait_for(lambda: "as entries expired" in self.sync(code=1), 30)
        self.assertEqual(self.entries(), 100)
        # It comes back, with as many as before.
        self.write("www/c.csv", "n,seen\n" + numbers(2900, int(time.time())) + numbers(100, "", 2900))
        said = self.sync()
        self.assertIn("as entries that had expired were renewed", said)
        self.assertEqual(self.entries(), 3000)
        # With three times as many.
        self.write("www/c.csv", "n,seen\n" + numbers(9100, int(time.time())))
        self.assertIn("ALARM: 9100 entries, 203 % more than the 3000 before", self.sync(code=1))

    def test_what_a_list_says_of_its_own_ends_is_no_excuse(self):
        now = int(time.time())

        def rows(count, seen, start=0):
            return "".join(f"n{i}.example,{seen}\n" for i in range(start, start + count))

        def offer(*parts):
            self.write("www/c.csv", "n,seen\n" + "".join(parts))
        gone, valid = now - 7 * 86400, now
        self.serve()
        c = {"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen", "max-age": "1d"}
        b = {"name": "b", "url": f"{self.url}/b.txt", "format": "domains", "max-shrink": 100, "max-growth": 100000}
        self.write("www/b.txt", numbered(2000))
        self.configure([c, b], **{"table-max-growth": 50})
        offer(rows(3000, valid))
        self.sync()
        # It empties itself.
        offer(rows(2900, gone), rows(100, valid, 2900))
        self.assertIn("feed c: ALARM: 100 entries, 96 % fewer than the 3000 before", self.sync(code=1))
        # It pads itself with what nobody sees, takes that away, or makes it valid.
        offer(rows(3000, valid), rows(9000, gone, 3000))
        self.sync()
        offer(rows(3000, valid), rows(27000, gone, 3000))
        self.sync()
        offer(rows(30000, valid))
        self.assertIn("feed c: ALARM: 30000 entries, 900 % more than the 3000 before", self.sync(code=1))
        offer(rows(3000, valid))
        self.write("www/b.txt", numbered(20000))
        self.assertRegex(self.sync(code=1), "feed b: ALARM: the table would hold 23001 rules, 359 % more")
        self.assertEqual(self.entries(), 5000)

    def test_an_expiry_is_no_excuse_for_others(self):
        """Many entries that are few rules expire; another list has lost nearly all."""
        soon = int(time.time()) - 3600
        self.serve()
        self.write("www/c.csv", "n,seen\n" + "".join(f"n{i % 10}.example,{soon}\n" for i in range(5000)))
        self.write("www/b.txt", numbered(3000))
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen", "max-age": "3603s"},
                        {"name": "b", "url": f"{self.url}/b.txt", "format": "domains", "max-shrink": 100}])
        self.sync()
        self.assertEqual(self.entries(), 3010)
        wait_for(lambda: time.time() > soon + 3604)
        self.write("www/b.txt", numbered(10))
        self.assertRegex(self.sync(code=1), "feed b: ALARM: the table would hold 11 rules, 99 % fewer than the 3011 before")
        self.assertEqual(self.entries(), 3000)

    def test_all_expires(self):
        self.write("www/c.csv", f"n,seen\none.example,{int(time.time()) - 3600}\n")
        self.serve()
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen",
                         "max-age": "3603s"}])
        self.sync()
        os.remove(self.path("www/c.csv"))
        wait_for(lambda: self.sync(code=1) and self.entries() == 0, 30)
        self.assertEqual(self.status()["feeds"][0]["well"], False)

    def test_the_operator_does_not_wait(self):
        """While what the feeds hold is refused their part stays as it is published; `allow` and `block` take effect at once."""
        self.write("www/a.txt", numbered(3000))
        self.write("www/b.txt", numbered(3000, 10000))
        self.serve()
        feeds = [{"name": name, "url": f"{self.url}/{name}.txt", "format": "domains"} for name in "ab"]
        self.configure(feeds, run="none")
        self.sync()
        before, name = self.dump(), "name10001.example"
        lists = {"allow": f"\n  - name: {name}\n    scope: exact", "block": "\n  - name: wrong.example"}
        operators = {("exact", name), ("subtree", "wrong.example")}
        decision = lambda: self.feedsync("lookup", self.table, name).stdout.split("\t")[1]
        history = lambda: json.loads(self.feedsync("-c", self.config, "history", "--json").stdout)
        # All that was known is lost, and none can be had.
        shutil.move(self.path("state"), self.path("lost"))
        os.rename(self.path("www/b.txt"), self.path("b"))
        for feed in "ab":
            self.write(f"www/{feed}.txt", "<html>")
        cause = "no feed has a good version"
        self.configure(feeds, run="none")
        self.assertRegex(self.sync(code=2), f"nothing published: {cause}")
        self.assertEqual((self.dump(), decision()), (before, "block"))
        self.configure(feeds, run="none", **lists)
        self.assertRegex(self.sync(code=1), f"only `allow` and `block` published: {cause}")
        self.assertEqual((self.dump(), decision()), (before | operators, "allow"))
        newest, status = history()[0], self.status()
        self.assertEqual((newest["cause"], newest["added"], newest["removed"]), ("operator", 2, 1))
        self.assertFalse(status["well"])
        self.assertIn(cause, status["last_run"]["error"])
        self.assertIn(f"FEEDS NOT PUBLISHED: {cause}", self.feedsync("-c", self.config, "status", code=1).stdout)
        # Said once, and taken back.
        self.assertRegex(self.sync(code=2), f"nothing published: {cause}")
        self.assertEqual(history()[0], newest)
        self.configure(feeds, run="none")
        self.sync(code=1)
        self.assertEqual((self.dump(), decision()), (before, "block"))
        # A daemon is told by a reload.
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "nothing published" in daemon.log())
        self.configure(feeds, run="none", **lists)
        os.kill(daemon.pid, signal.SIGHUP)
        wait_for(lambda: decision() == "allow")
        daemon.stop()
        # What the feeds hold comes with the rest, once it will do.
        self.write("www/a.txt", numbered(2900))
        os.rename(self.path("b"), self.path("www/b.txt"))
        self.sync()
        self.assertEqual(self.dump(), (before | operators) - {("exact", f"name{i}.example") for i in range(2900, 3000)})
        self.assertEqual((history()[0]["cause"], decision()), ("sync", "allow"))
        # A rollback holds everything.
        self.feedsync("-c", self.config, "rollback", history()[1]["generation"], code=0)
        self.configure(feeds, run="none")
        self.assertIn("HELD", self.sync(code=2))
        self.assertEqual(decision(), "allow")

    def test_a_feed_that_was_renamed(self):
        """What is published of a feed that is none any more is not given up for one that has not come yet; nor does an `allow`
        wait for that one."""
        self.write("list", numbered(3000))
        self.configure([{"name": "a", "url": "file://" + self.path("list"), "format": "domains"}], run="none")
        self.sync()
        before = self.dump()
        self.configure([{"name": "b", "url": "file://" + self.path("none"), "format": "domains"}], run="none",
                       allow="\n  - name: name7.example")
        self.assertRegex(self.sync(code=1), "only `allow` and `block` published: no feed has a good version")
        self.assertEqual(self.dump(), before - {("exact", "name7.example")} | {("subtree", "name7.example")})
        self.assertEqual(self.feedsync("lookup", self.table, "name7.example").stdout.split("\t")[1], "allow")

    def test_a_running_daemon_accepts(self):
        self.publish(numbered(3000))
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "unchanged" in daemon.log())
        self.write("www/list.txt", numbered(10))
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "ALARM: 10 entries" in daemon.log())
        self.assertEqual(self.entries(), 3000)
        self.assertIn("feed l: accepted: 10 entries", self.accept("--accept", "l", code=0))
        self.assertEqual(self.entries(), 10)
        daemon.stop()


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
            self.assertIn(line, checked)
            self.assertIn(line, status)
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
                released.wait(60)

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
                ("allow:\n  - name: one.example\n  - name: com\n", 3, "com: single label"),
                ("allow:\n  - name: one.example\n    scope: wide\n", 3, "neither exact nor subtree"),
                ("block:\n  - name: one.example\n    reason: x\n    expires: tomorrow\n", 4, "neither a day"),
                ("block:\n  - name: one.example\n    expires: 2026-02-30\n", 3, "neither a day"),
                ("block:\n  - name: one.example\n    expires: 2026-02-03T10:00\n", 3, "neither a day"),
                ("block:\n  - {name: one.example, until: 2026-02-03}\n", 2, "until"),
                ("guard:\n  own: [isp.example]\nblock:\n  - name: mail.isp.example\n", 4, "`own`"),
                ("guard:\n  own: [isp.co.example]\nblock:\n  - name: co.example\n", 4, "`own`"),
                ("guard:\n  names: [x]\n  own: [a..b.example]\n", 3, "empty label"),
                ("guard:\n  owns: [x]\n", 2, "owns"),
                ("table-max-shrink: 101\n", 1, "at most 100 per cent"),
                (feeds.replace("feeds:\n", "feeds:\n  - name: operator\n    url: file:///x\n    format: domains\n"), 2, "`allow`"),
                (feeds + "    max-shrink: 101\n", 5, "at most 100 per cent"),
                (feeds + "    max-growth: many\n", 5, "many|max-growth|[Ii]nvalid"),
                (feeds + "    unguarded: [com]\n", 5, "single label"),
                ("allow:\n  - name: one.example\ncategories:\n  - name: allow\n    action: log\n", 3, "must be allow")):
            with self.subTest(text):
                path = self.write("broken.yaml", text if "feeds:" in text else text + feeds)
                self.assertRegex(self.feedsync("-c", path, "check", code=1).stderr, rf"broken\.yaml:{line}: .*({words})")
        for text in ("block:\n  - name: co.example\n    scope: exact\nguard:\n  own: [isp.co.example]\n",
                     "allow:\n  - name: isp.example\nguard:\n  own: [isp.example]\n",
                     "allow:\n  - name: one.example\ncategories:\n  - name: allow\n    action: allow\n",
                     "allow:\n  - name: one.example\ngroups:\n  - name: g\n    clients: [192.0.2.1]\n    action: refused\n"):
            self.feedsync("-c", self.write("fine.yaml", text + feeds), "check", code=0)


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
                self.publish(self.local_feeds(**feeds, good="good.example\n"), code=1, categories=self.CATEGORIES, groups=self.GROUPS)
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
