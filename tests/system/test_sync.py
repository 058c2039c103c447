"""feedsync with real servers: what it fetches, keeps, refuses and publishes."""
import expected
from feeds import *


class Sync(FeedLab):
    # ---- MISP ----

    @needs_shared
    def test_real_feed(self):
        source = os.path.join(SHARED, "data", "misp-feed")
        for path in glob.glob(os.path.join(source, "*.json")):
            shutil.copy(path, self.path("www"))
        self.serve(tls=True)
        self.configure([{"name": "community", "url": self.url + "/", "format": "misp-feed", "ca": self.path("ca.pem")}])
        said = self.sync(code=0)
        requests = self.requests()
        self.assertEqual(len([r for r in requests if r[1] == 200]), 42)
        self.assertEqual(len([r for r in requests if r[1] == 404]), 5)
        self.assertEqual(len(re.findall(r"event \S+: the server has no such document", said)), 5)
        self.assertIn("5 of 46 listed events are missing", said)
        self.assertIn(("feed_incomplete", "feed community"), [(c["condition"], c["subject"]) for c in self.status()["conditions"]])
        self.assertEqual(self.dump(), expected.misp_feed(source, expected.Suffixes()))
        self.feedsync("verify", self.table, code=0)
        self.feedsync("lookup", self.table, "hopto.org", code=0)  # a public suffix
        # A second time nothing moves but the questions for what is missing.
        said = self.sync(code=0)
        self.assertEqual([r for r in self.requests() if r[1] == 200], [])
        self.assertIn("unchanged", said)

    def test_tricky_events(self):
        tag = lambda *names: {"Tag": [{"name": name} for name in names]}
        attribute = lambda value, **more: {"type": "domain", "value": value, "to_ids": True, **more}
        attributes = [
            attribute("plain.example"),
            attribute("host.example", type="hostname"),
            attribute("with-ip.example|192.0.2.7", type="domain|ip"),
            attribute("with-port.example|8080", type="hostname|port"),
            attribute("Upper.Example. "),
            attribute("bücher.example"),
            attribute("string-ids.example", to_ids="1", deleted="0"),
            attribute("not-ids.example", to_ids=False),
            attribute("no-ids.example", to_ids=None),
            attribute("deleted.example", deleted=True),
            attribute("deleted-number.example", deleted=1),
            attribute("red.example", **tag("tlp:RED")),
            attribute("strict.example", **tag("TLP:AMBER+STRICT")),
            attribute("amber.example", **tag("tlp:amber")),
            attribute("pap-red.example", **tag("PAP:RED")),
            attribute("pap-amber.example", **tag("pap:amber")),
            attribute("pap-green.example", **tag("PAP:GREEN")),
            attribute("false-positive.example", **tag('false-positive:confirmed="true"')),
            attribute("no-false-positive.example", **tag('false-positive:confirmed="false"')),
            attribute("draft.example", **tag('workflow:state="draft"')),
            attribute("http://url.example/", type="url"),
            attribute("http://page.example/login", type="url"),
            attribute("192.0.2.1", type="ip-dst"),
            attribute("192.0.2.10"),
            attribute("single"),
            attribute("a..b.example"),
            attribute("co.uk"),
            attribute("under.co.uk"),
            {"type": "domain"}, {"value": "typeless.example", "to_ids": True}, "no object", None, 7,
        ]
        objects = [
            {"name": "domain-ip", "Attribute": [attribute("object.example", object_relation="domain")]},
            {"name": "victim", "Attribute": [attribute("victim.example", object_relation="domain")]},
            {"name": "whois", "Attribute": [attribute("ns.example", object_relation="nameserver")]},
            {"name": "domain-ip", "deleted": True, "Attribute": [attribute("gone.example", object_relation="domain")]},
        ]
        self.misp([event(1, [], Attribute=attributes, Object=objects), event(2, ["forbidden.example"], **tag("PAP:RED"))])
        self.serve()
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed"}])
        said = self.sync()
        self.assertEqual(self.dump(), {
            ("subtree", "plain.example"), ("exact", "host.example"), ("subtree", "with-ip.example"),
            ("exact", "with-port.example"), ("exact", "url.example"), ("subtree", "upper.example"), ("subtree", "xn--bcher-kva.example"),
            ("subtree", "string-ids.example"), ("subtree", "amber.example"), ("subtree", "pap-green.example"),
            ("subtree", "no-false-positive.example"), ("subtree", "under.co.uk"), ("subtree", "object.example")})
        self.assertIn("co.uk: public suffix", said)
        rejected = self.status()["feeds"][0]["rejected"]
        self.assertEqual(rejected, {"not_ids": 2, "deleted": 3, "tlp": 2, "pap": 3, "false_positive": 1, "workflow": 1,
                                    "relation": 2, "type": 1, "path": 1, "address": 1, "single_label": 1, "empty_label": 1,
                                    "public_suffix": 1, "syntax": 5})
        # A feed may be told to take what TLP keeps among a few.
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed", "strict-tlp": "no"}])
        self.sync()
        self.assertLessEqual({("subtree", "red.example"), ("subtree", "strict.example")}, self.dump())

    @needs_shared
    def test_sample_event(self):
        for path in glob.glob(os.path.join(SHARED, "data", "misp-sample", "*")):
            shutil.copy(path, self.path("www"))
        self.serve()
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed"}])
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "login-parcel.example"), ("exact", "cdn7.shared-hosting.example"),
                                       ("subtree", "c2-panel.example")})

    def test_events_come_change_and_go(self):
        self.misp([event(1, ["one.example"]), event(2, ["two.example"])])
        self.serve()
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed"}])
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example")})
        self.requests()
        # One changes: only it is fetched, and what it lost is gone.
        self.misp([event(1, ["uno.example"], 1700000001), event(2, ["two.example"])])
        self.sync()
        self.assertEqual(sorted(r for r in self.requests() if r[1] == 200), [(UUID.format(1) + ".json", 200), ("manifest.json", 200)])
        self.assertEqual(self.dump(), {("subtree", "uno.example"), ("subtree", "two.example")})
        # One goes.
        self.misp([event(1, ["uno.example"], 1700000001)])
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "uno.example")})
        # One fails to come: the others do, its old version stays, and the next run gets it.
        self.misp([event(1, ["new.example"], 1700000002), event(3, ["three.example"])])
        os.rename(self.path("www", UUID.format(1) + ".json"), self.path("kept"))
        said = self.sync(code=1)
        self.assertIn("its last good version stays in use", said)
        self.assertEqual(self.dump(), {("subtree", "uno.example"), ("subtree", "three.example")})
        os.rename(self.path("kept"), self.path("www", UUID.format(1) + ".json"))
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "three.example")})

    def test_bad_events_and_manifests(self):
        good = [event(1, ["one.example"]), event(2, ["two.example"])]
        self.misp(good)
        self.serve()
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed"}])
        self.sync()
        for content in ("{", "[]", '{"Event": 7}', "<html>login</html>", json.dumps(event(2, ["x.example"])), '{"a":1,"a":2}'):
            with self.subTest(event=content[:20]):
                self.misp([event(1, ["new.example"], 1700000009), good[1]])
                self.write(f"www/{UUID.format(1)}.json", content)
                said = self.sync(code=1)
                self.assertIn(UUID.format(1), said)
                self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example")})
        for content in ("", "[]", '"x"', '{"../../etc/passwd": {}}', '{"0": {}}', "<html>", "{" * 3000):
            with self.subTest(manifest=content[:20]):
                self.write("www/manifest.json", content)
                self.assertIn("manifest.json", self.sync(code=1))
                self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example")})

    # ---- lists ----

    def test_conditional_requests(self):
        self.write("www/list.txt", "one.example\n")
        self.serve(more="gzip on; gzip_types text/plain; gzip_min_length 1;")
        self.configure([{"name": "l", "url": self.url + "/list.txt", "format": "domains"}])
        self.sync()
        self.sync()
        self.sync()
        self.assertEqual([status for _, status in self.requests()], [200, 304, 304])
        self.write("www/list.txt", "two.example\n")
        self.sync()
        self.assertEqual(self.dump(), {("exact", "two.example")})
        # Another URL: nothing that was known of the old one counts.
        self.write("www/other.txt", "three.example\n")
        self.configure([{"name": "l", "url": self.url + "/other.txt", "format": "domains"}])
        self.sync()
        self.assertEqual(self.dump(), {("exact", "three.example")})

    def test_file_source_without_conditions(self):
        path = self.write("list", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + path, "format": "domains", "scope": "subtree"}])
        self.sync()
        for name in ("two", "six"):  # same length, same second
            self.write("list", f"{name}.example\n")
            self.sync()
            self.assertEqual(self.dump(), {("subtree", name + ".example")})

    def test_last_good_stays(self):
        self.write("www/list.txt", "one.example\n")
        self.write("www/hosts.txt", "127.0.0.1 localhost\n0.0.0.0 two.example\n")
        self.serve(more="location /500 { return 500; } location /loop { return 302 /loop; } "
                        "location /login { default_type text/html; return 200 '<!DOCTYPE html><html>login</html>'; } "
                        "location /away { return 302 file:///etc/passwd; }")
        feeds = lambda url: [{"name": "l", "url": url, "format": "domains"},
                             {"name": "h", "url": self.url + "/hosts.txt", "format": "hosts"}]
        both = {("exact", "one.example"), ("exact", "two.example")}
        self.configure(feeds(self.url + "/list.txt"))
        self.sync()
        self.assertEqual(self.dump(), both)
        self.write("www/empty.txt", "")
        self.write("www/comments.txt", "# nothing\n")
        self.write("www/binary.txt", "\0\1\2" * 100)
        nobody = free_port()
        for url in ("/500", "/nothing", "/loop", "/login", "/away", "/empty.txt", "/comments.txt", "/binary.txt",
                    f"http://localhost:{nobody}/", "http://no-such-host.invalid/", "file:///nonexistent"):
            with self.subTest(url):
                self.configure(feeds(self.url + url if url.startswith("/") else url))
                said = self.sync(code=1)
                self.assertRegex(said, r"feed l: .*the last good version stays")
                self.assertEqual(self.dump(), both)
        status = self.feedsync("-c", self.config, "status", code=1).stdout
        self.assertIn("FAILING", status)
        # And it comes back.
        self.configure(feeds(self.url + "/list.txt"))
        self.assertIn("feed l: ", self.sync(code=0))

    def test_untrusted_server(self):
        self.write("www/list.txt", "one.example\n")
        self.serve(tls=True)
        self.configure([{"name": "l", "url": self.url + "/list.txt", "format": "domains"}])
        self.assertRegex(self.sync(code=2), "certificate")
        self.configure([{"name": "l", "url": self.url.replace("localhost", "127.0.0.1") + "/list.txt", "format": "domains",
                         "ca": self.path("ca.pem")}])
        self.assertRegex(self.sync(code=2), "(?i)certificate|subject")
        self.configure([{"name": "l", "url": self.url + "/list.txt", "format": "domains", "ca": self.path("ca.pem")}])
        self.sync(code=0)

    def test_nothing_to_publish(self):
        self.configure([{"name": "l", "url": "file:///nonexistent", "format": "domains"}])
        self.assertIn("nothing published", self.sync(code=2))
        self.assertFalse(os.path.exists(self.table))

    def test_allow_and_log(self):
        self.write("block", "evil.example\nwww.fine.example\n")
        self.write("allow", "good.evil.example\n")
        self.write("try", "trial.example\n")
        self.configure([{"name": "b", "url": "file://" + self.path("block"), "format": "domains", "scope": "subtree"},
                        {"name": "a", "url": "file://" + self.path("allow"), "format": "domains", "scope": "subtree", "category": "ours"},
                        {"name": "t", "url": "file://" + self.path("try"), "format": "domains", "category": "trial"}],
                       categories="\n  - name: ours\n    action: allow\n  - name: trial\n    action: log")
        self.sync()
        out = self.feedsync("lookup", self.table, "evil.example", "x.good.evil.example", "trial.example", "other.example",
                            code=1).stdout
        self.assertEqual(out, "evil.example\tblock\tevil.example\tsubtree\tnxdomain\tb\tmalicious\n"
                              "x.good.evil.example\tallow\tgood.evil.example\tsubtree\tallow\ta\tours\n"
                              "trial.example\tlog\ttrial.example\texact\tlog\tt\ttrial\n"
                              "other.example\tpass\t-\t-\t-\t-\t-\n")
        self.unbound(self.internet())
        self.assert_blocked("evil.example")
        self.assert_passes("x.good.evil.example")
        self.assert_passes("trial.example")
        counters = self.counters()[0]["counters"]
        self.assertEqual((counters["blocked_name"], counters["allowed"], counters["logged"]), (1, 1, 1))

    # ---- publishing ----

    def test_unchanged_is_not_published(self):
        self.write("list", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}])
        self.sync()
        before = os.stat(self.table)
        self.write("list", "# another comment\none.example\n")
        self.assertIn("unchanged, generation 1", self.sync())
        self.assertEqual(os.stat(self.table).st_ino, before.st_ino)
        # A table that is gone or damaged is made again, with a generation that was never used.
        os.remove(self.table)
        self.sync()
        self.assertIn("generation 2", self.feedsync("verify", self.table, code=0).stdout)
        with open(self.table, "r+b") as f:
            f.write(b"junk")
        self.sync()
        self.assertIn("generation 3", self.feedsync("verify", self.table, code=0).stdout)
        self.assertEqual([name for name in os.listdir(self.directory) if name.startswith(".current")], [])

    def test_one_at_a_time(self):
        self.write("www/list.txt", "one.example\n" * 100000)
        self.serve(more="limit_rate 300k;")
        self.configure([{"name": "l", "url": self.url + "/list.txt", "format": "domains"}])
        first = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)
        wait_for(lambda: os.path.exists(self.path("state", "feeds", "l", "new")))
        self.assertIn("another feedsync", self.sync(code=2))
        self.assertEqual(first.wait(60), 0, first.stderr.read())
        first.stderr.close()

    # ---- daemon ----

    # ---- configuration ----

    def test_configuration_errors_have_lines(self):
        start = "state: x\ntable: y\nfeeds:\n  - name: a\n    url: https://a.example/\n    format: domains\n"
        flow = "feeds: [{name: a, url: 'https://a.example/', format: domains},\n  {name: b, url: 'https:///x', format: hosts}]\n"
        long_name = "a" * 2100
        for text, line, words in (
                (start + "    colour: red\n", 7, "colour"),
                (start + "    scope: wide\n", 7, "expected one of exact, subtree"),
                (start + "    targets: maybe\n", 7, "maybe"),
                (start + "    category: none\n", 7, "no category"),
                (start + "    interval: 5 moments\n", 7, "interval: \"5 moments\": not such a duration"),
                (start + "    interval: 31d\n", 7, "1s to 30d"),
                (start + "  - name: a\n    url: file:///x\n    format: hosts\n", 7, "there already"),
                (start + "  - url: ftp://x\n    name: b\n    format: hosts\n", 7, "feed b: url: .*expected an https://"),
                (start.replace("domains", "tables"), 6, "expected one of domains"),
                (start.replace("https:", "gopher:"), 5, "expected an https://"),
                (start.replace("a.example", ""), 5, "expected an https://"),
                (start.replace("a.example", long_name), 5, "2047 characters"),
                (start.replace("state: x", "state: " + long_name), 1, "1900 characters"),
                (start.replace("name: a", "name: a/../b"), 4, "name"),
                (flow, 2, "feed b: url: .*expected an https://"),
                ("state: x\n", 1, "feeds"),
                ("feeds:\n  - name: a\n   url: b\n", 3, "not YAML: .*line 2"), ("feeds: [\n", 2, "not YAML"),
                ("categories:\n  - name: c\n    action: explode\n" + start, 3, "expected one of .*nxdomain"),
                ("", 1, "empty")):
            with self.subTest(text[-40:]):
                path = self.write("broken.yaml", text)
                result = self.feedsync("-c", path, "check", code=1)
                self.assertRegex(result.stderr, rf"broken\.yaml:{line}: .*({words})")
        self.feedsync("-c", self.path("nowhere"), "check", code=1)
        result = self.feedsync("-c", self.write("no-list.yaml", "feeds:\n  - name: l\n    url: file:///nonexistent/l\n    format: domains\n"),
                               "check", code=0)
        self.assertRegex(result.stderr, r"^warning: \S+/no-list.yaml:3: feed l: url: /nonexistent/l: No such file or directory; the feed fails until .*\n$")
        # Each file that is missing is told once, with the line of the option that names it.
        misp = start.replace("domains", "misp-rest") + "    key-file: {}\n"
        for text, line, option in (
                (start + "    ca: {}\n", 7, "feed a: ca"), (misp, 7, "feed a: key-file"),
                (start + "    client-certificate: /dev/null\n    client-key: {}\n", 8, "feed a: client-key"),
                ("resolver:\n  trust-anchor: {}\n" + start, 2, "resolver: trust-anchor"),
                ("public-suffix-list: {}\n" + start, 1, "public-suffix-list"),
                ("run: none\nguard:\n  names: [{}]\n" + start, 3, "guard: names"),
                ("guard:\n  warninglists:\n    - {}\n" + start, 2, "guard: warninglists")):
            with self.subTest(option):
                path = self.write("missing.yaml", text.format("/nonexistent"))
                result = self.feedsync("-c", path, "check", code=1)
                self.assertEqual(result.stderr, f"error: {path}:{line}: {option}: /nonexistent: No such file or directory\n")
        result = self.feedsync("-c", self.write("lists.yaml", f"state: {self.path('state')}\ntable: {self.table}\nrun: none\n"
                                                f"guard:\n  names: [/nonexistent]\nfeeds:\n  - name: l\n    url: file:///dev/null\n    format: domains\n"), "sync", code=2)
        self.assertIn(": /nonexistent: No such file or directory\n", result.stderr)
        self.assertEqual(result.stderr.count("nonexistent"), 1, result.stderr)
        for text in ("    interval: 172800\n", "    interval: 30d\n", "    targets: No\n", "    strict-tlp: TRUE\n"):
            self.feedsync("-c", self.write("fine.yaml", start + text), "check", code=0)
        result = self.feedsync("-c", os.path.join(os.path.dirname(FEEDSYNC), "../conf/feedsync.yaml"), "check", code=0)
        self.assertIn("  - name: isp-community\n    url: https://misp.example/feed/\n    format: misp-feed\n    category: phishing # nxdomain\n"
                      "    interval: 15m\n", result.stdout)
