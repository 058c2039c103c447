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
    "Latin-1": (b"b\xfccher.example\n", ":1: .*internationalised name that does not convert"),
    "a line that is too long": ("bank.example\n" + 5000 * "a" + "\n", ":2: a+.*line too long"),
    "a pattern": ("/bank[0-9]/\n", ":1: /bank"),
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
            yield "No such file"
        os.mkfifo(self.path(name))
        with self.subTest("a pipe"):
            yield "not a regular file"
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
                self.assertRegex(said, f"nothing published: guard: /.*own.*{words}.*; there is no good version of it")
                self.assertFalse(os.path.exists(self.table))
        self.assertRegex(self.publish(feeds, code=1, guard=self.guard(names="own"), block="\n  - name: mine.example"),
                         "only `allow` and `block` published: guard: ")
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
        self.assertRegex(said, "guard: /.*nowhere: No such file or directory; there is no good version of it")

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
