"""What protects names goes on protecting them when its list is broken: the guard's lists, allow lists, exceptions."""
from feeds import *

# What can become of a list of names, and what is told of it. The list had bank.example and shop.example.
BROKEN = {
    "a line that is not understood": ("bank.example\nsh..op.example\n", r":2: sh\.\.op\.example: empty label"),
    "NUL": ("bank.example\nsh\0op.example\n", r":2: .*NUL octet"),
    "cut off": ("bank.example\nshop.ex", "cut off: its last line has no end"),
    "empty": ("", "empty"),
    "a page": ("<!DOCTYPE html>\n<p>log in at bank.example\n", "an HTML or XML page"),
    "a page in the middle": ("bank.example\n<html>\n", ":2: <html>: "),
    "UTF-16": ("bank.example\n".encode("utf-16"), "UTF-16"),
    "Latin-1": (b"bank.example\nb\xfccher.example\n", ":2: .*internationalised name that does not convert"),
    "a line that is too long": ("bank.example\n" + 5000 * "a" + "\n", ":2: a+.*line too long"),
    "a pattern": ("bank.example\n/bank[0-9]/\n", ":2: /bank"),
    "half of an archive": (b"\x1f\x8b\x08\0", "cut off"),
}


class ProtectiveLists(FeedLab):
    def put(self, name, content):
        with open(self.path(name), "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)

    def guard(self, **lists):
        return "".join(f"\n  {option}: [{', '.join(map(self.path, names.split()))}]" for option, names in lists.items())

    def each_failure(self, name):
        """Breaks the list in each way; then it is well again."""
        good = open(self.path(name), "rb").read()
        for what, (content, words) in BROKEN.items():
            with self.subTest(what):
                self.put(name, content)
                yield words
        os.remove(self.path(name))
        with self.subTest("missing"):
            yield "[Nn]o such file"
        os.mkfifo(self.path(name))
        with self.subTest("a pipe"):
            yield "not a (regular )?file"
        os.remove(self.path(name))
        self.put(name, good)

    def test_names_of_the_guard(self):
        self.put("own", "\ufeff# ours\n.bank.example\n0.0.0.0 shop.example, @@||x.example^\n")
        feeds = self.local_feeds(l={"content": "bank.example\nshop.example\nx.example\nevil.example\n", "scope": "subtree"})
        self.publish(feeds, guard=self.guard(names="own"))
        self.assertEqual(self.dump(), {("subtree", "evil.example")})
        self.put("own", "bank.example\nshop.example\n")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "evil.example"), ("subtree", "x.example")})
        for number, words in enumerate(self.each_failure("own")):
            self.write("l", f"bank.example\nshop.example\nevil{number}.example\n")
            self.assertRegex(self.sync(code=1), f"error: guard: /.*own.*{words}.*; its last good version goes on protecting")
            self.assertEqual(self.dump(), {("subtree", f"evil{number}.example")})
            self.assertRegex(self.sync(code=1), words)  # each run says so
            status = self.feedsync("-c", self.config, "status", code=1).stdout
            self.assertRegex(status, f"guard: LIST BROKEN: /.*own.*{words}.*; its last good version, taken .* ago, goes on protecting")
            known = self.status()
            self.assertEqual([(c["condition"], c["impact"]) for c in known["conditions"] if c["subject"] == "guard"],
                             [("guard_list", "degraded")])
            self.assertTrue(known["guard"][0]["stands_in"])
            self.assertRegex(self.feedsync("-c", self.config, "check", code=1).stderr, words)
        self.sync(code=0)
        self.feedsync("-c", self.config, "status", code=0)
        self.feedsync("-c", self.config, "check", code=0)
        self.assertEqual(self.status()["guard"], [])
        # A name that was added beside a mistake is guarded at once.
        self.put("own", "bank.example\nshop.example\n?\nevil.example\n")
        self.write("l", "evil.example\nother.example\n")
        self.sync(code=1)
        self.assertEqual(self.dump(), {("subtree", "other.example")})

    def test_a_list_that_never_was_good(self):
        """Nothing is published unguarded, but what the operator says of single names is."""
        feeds = self.local_feeds(l="evil.example\n")
        for what, (content, words) in BROKEN.items():
            if what == "cut off":
                continue  # nothing tells: there was no version before
            with self.subTest(what):
                self.put("own", content)
                said = self.publish(feeds, code=2, guard=self.guard(names="own"))
                self.assertRegex(said, f"nothing published: there is no good version of a list of the guard: /.*own.*{words}")
                self.assertFalse(os.path.exists(self.table))
        self.assertRegex(self.publish(feeds, code=1, guard=self.guard(names="own"), block="\n  - name: mine.example"),
                         "only `allow` and `block` published: there is no good version of a list of the guard: /")
        self.assertEqual(self.dump(), {("subtree", "mine.example")})
        self.assertIn("nothing of the feeds is published", self.feedsync("-c", self.config, "status", code=1).stdout)
        self.put("own", "bank.example\n")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "mine.example"), ("exact", "evil.example")})
        # A list that is new in the configuration, and broken: what was published stays, and `allow` takes effect.
        self.write("l", "evil.example\nnew.example\n")
        self.publish(feeds, code=1, guard=self.guard(names="own nowhere"), block="\n  - name: mine.example",
                     allow="\n  - name: evil.example")
        self.assertEqual(self.dump(), {("subtree", "mine.example"), ("subtree", "evil.example")})
        said = self.publish(feeds, code=1, guard=self.guard(names="own"), **{"public-suffix-list": self.path("nowhere")})
        self.assertRegex(said, "there is no good version of a list of the guard: /.*nowhere: No such file or directory")

    def test_warninglists(self):
        """One of a directory is broken; then the directory is not there, as where a disk is not mounted."""
        for name, guarded in ("far", "bank.example"), ("near", "shop.example"):
            self.put_list(f"lists/{name}/list.json", guarded)
        self.put_list("lists/x.json", "x.example")
        shutil.copyfile("/usr/share/publicsuffix/public_suffix_list.dat", self.path("suffixes"))
        self.publish(self.local_feeds(l="bank.example\nshop.example\nx.example\nco.uk\nevil.example\n"),
                     guard=self.guard(warninglists="lists"), **{"public-suffix-list": self.path("suffixes")})
        self.write("l", "*.bank.example\nbank.example\nshop.example\nx.example\n*.co.uk\nevil.example\nmore.example\n")
        whole = {("exact", "evil.example"), ("exact", "more.example")}
        for content, words in (('{"type": "hostname", "list": ["bank.exa', "line 1"), ('{"type": "hostname", "list": []}', "without an entry"),
                               ('{"type": "hostname", "list": [7, "shop.example"]}', "entry 1: "), ("no\n", ":1: no: single label"),
                               ("", "an empty file")):
            with self.subTest(content):
                self.write("lists/far/list.json", content)
                self.assertRegex(self.sync(code=1), f"guard: /.*lists/far/list.json.*{words}")
                self.assertEqual(self.dump(), whole)
        os.rename(self.path("lists/far"), self.path("disk"))
        os.symlink(self.path("away"), self.path("lists/far"))
        self.assertRegex(self.sync(code=1), "guard: /.*lists/far/list.json: No such file")
        self.assertEqual(self.dump(), whole)
        os.rename(self.path("lists"), self.path("away"))
        self.write("suffixes", "not one\n")
        said = self.sync(code=1)
        self.assertRegex(said, "guard: /.*lists: No such file")
        self.assertRegex(said, "guard: /.*suffixes: not a public suffix list")
        self.assertEqual(self.dump(), whole)
        self.assertEqual(len(self.status()["guard"]), 5)
        # One that was taken away from the others guards no more.
        os.rename(self.path("away"), self.path("lists"))
        os.remove(self.path("lists/far"))
        shutil.copyfile("/usr/share/publicsuffix/public_suffix_list.dat", self.path("suffixes"))
        self.sync()
        self.assertEqual(self.dump(), whole | {("subtree", "bank.example")})

    def put_list(self, name, *guarded):
        self.write(name, json.dumps({"name": "w", "type": "hostname", "version": 1, "list": guarded}))

    def test_a_daemon(self):
        """It reads a list that was broken again at the next look, and asks no feed without one."""
        self.put("own", "bank.example\n")
        feeds = self.local_feeds(l={"content": "bank.example\none.example\n", "interval": "1s"})
        self.configure(feeds, run="none", guard=self.guard(names="own"))
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.table) and self.dump() == {("exact", "one.example")})
        self.put("own", "a..b\n")
        self.write("l", "bank.example\ntwo.example\n")
        wait_for(lambda: self.dump() == {("exact", "two.example")})
        wait_for(lambda: self.feedsync("-c", self.config, "status").returncode == 1)
        self.assertIn("own:1: a..b: empty label", daemon.log())
        self.put("own", "shop.example\n")
        wait_for(lambda: self.dump() == {("exact", "bank.example"), ("exact", "two.example")})
        wait_for(lambda: self.feedsync("-c", self.config, "status").returncode == 0)
        self.assertEqual(daemon.stop(), 0)

    ALLOWS = "\n  - name: ours\n    action: allow"

    def allowed(self):
        return {line.split("\t")[1] for line in self.feedsync("dump", self.table, code=0).stdout.splitlines() if "\tours" in line}

    def test_allow_lists(self):
        """Read generously; a version with a line that is not understood is refused, and the one before goes on."""
        feeds = self.local_feeds(l="bank.example\nshop.example\nx.example\ny.example\nevil.example\n",
                                 w={"content": "0.0.0.0 bank.example, .shop.example\n@@||x.example^\nhttps://y.example/login\nlocalhost\n",
                                    "category": "ours"})
        self.publish(feeds, categories=self.ALLOWS)
        self.assertEqual(self.allowed(), {"bank.example", "shop.example", "x.example", "y.example"})
        self.write("w", "bank.example\nshop.example\n")
        self.sync()
        self.assertEqual(self.allowed(), {"bank.example", "shop.example"})
        for number, words in enumerate(self.each_failure("w")):
            self.write("l", f"bank.example\nevil{number}.example\n")
            self.assertRegex(self.sync(code=1), f"feed w: .*{words}.*; the last good version stays")
            self.assertEqual(self.allowed(), {"bank.example", "shop.example"})
            self.assertIn(f"evil{number}.example", {name for _, name in self.dump()})
            self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, f"feed w: (ALARM|FAILING).*\n.*{words}")
        self.sync()
        # The operator has looked, and takes it as it is.
        self.write("w", "bank.example\nsh..op.example\n")
        said = self.sync(code=1)
        self.assertIn("ALARM: 1 entry is to free names and is not understood, for example w:2: sh..op.example: empty label; "
                      "if that is right: feedsync sync --accept w", said)
        self.feedsync("-c", self.config, "sync", "--accept", "w", code=0)
        self.assertEqual(self.allowed(), {"bank.example"})

    def test_an_allow_list_that_never_was_good(self):
        """What it lets pass would be blocked: so nothing of the feeds is published, but the operator's own lists are."""
        feeds = self.local_feeds(l="bank.example\nevil.example\n", w={"content": "", "category": "ours"})
        for content in ("b..ank.example\n", "<html>\n", ""):
            self.write("w", content)
            self.assertIn("nothing published: feed w lets names pass, and has no good version: ",
                          self.publish(feeds, code=2, categories=self.ALLOWS))
        self.publish(feeds, code=1, categories=self.ALLOWS, block="\n  - name: mine.example")
        self.assertEqual(self.dump(), {("subtree", "mine.example")})
        self.write("w", "bank.example\n")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "mine.example"), ("exact", "bank.example"), ("exact", "evil.example")})
        # Its good version is damaged and it cannot be fetched: what is published of it stays.
        self.write("state/feeds/w/good.domains", "bank.ex")
        self.write("w", "b..ank.example\n")
        self.write("l", "bank.example\nother.example\n")
        self.sync(code=1)
        self.assertEqual(self.allowed(), {"bank.example"})
        self.assertIn(("exact", "other.example"), self.dump())
        # Where nothing is published of it, nothing is published without it.
        os.remove(self.table)
        self.assertRegex(self.sync(code=1), "only `allow` and `block` published: w: cut or changed since it came")
        self.assertEqual(self.dump(), {("subtree", "mine.example")})

    def test_lists_of_exceptions_that_allow(self):
        """In a category that allows an exception is what is to pass, in each syntax whose exceptions stand for themselves. (In
        Unbound's a zone that passes is one only below a zone that the list blocks.)"""
        for syntax, content in {"adblock": "! ours\n@@||bank.example^\n@@||shop.example^|\n||x.example^\n",
                                "dnsmasq": "server=/bank.example/#\nserver=/shop.example/#\naddress=/x.example/\n",
                                "rpz": "@ SOA a. b. 1 2 3 4 5\nbank.example CNAME rpz-passthru.\nshop.example CNAME rpz-passthru.\n"
                                       "x.example CNAME rpz-passthru.\n"}.items():
            with self.subTest(syntax):
                feeds = self.local_feeds(l="bank.example\nshop.example\nx.example\nevil.example\n")
                feeds += self.local_feeds(w={"content": content, "format": syntax, "category": "ours"})
                self.publish(feeds, categories=self.ALLOWS)
                self.assertEqual(self.allowed(), {"bank.example", "shop.example", "x.example"})
                self.assertIn("lets pass bank.example", self.feedsync("-c", self.config, "why", "bank.example").stdout)

    def test_exceptions_in_block_lists(self):
        """Read generously; a version with one that is not understood is refused."""
        feeds = self.local_feeds(l={"content": "||example^\n||evil.example^\n||ads.example^\n@@||good.ads.example^\n", "format": "adblock"})
        self.publish(feeds)
        before = self.dump()
        for number, (line, words) in enumerate((("@@||go..od.ads.example^", ":4: .*empty label"), ("@@||go\0od.ads.example^", ":4: .*NUL octet"),
                                                ("@@||" + 5000 * "a" + "^", ":4: .*line too long"), ("@@||g\udcffod.ads.example^", ":4: "))):
            with self.subTest(line[:30]):
                text = f"||new{number}.example^\n||evil.example^\n||ads.example^\n{line}\n"
                with open(self.path("l"), "wb") as f:
                    f.write(text.encode("utf-8", "surrogateescape"))
                self.assertRegex(self.sync(code=1), f"feed l: ALARM: 1 entry is to free names and is not understood, for example l{words}")
                self.assertEqual(self.dump(), before)
                self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, f"feed l: ALARM.*\n.*l{words}")
        # What a DNS server cannot do is understood, and no alarm.
        self.write("l", "||evil.example^\n||ads.example^\n@@||good.ads.example^$domain=x.example\n@@/ads/\n@@||ads.*^\n@@||192.0.2.1^\n")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "evil.example"), ("subtree", "ads.example")})
