"""What no feed may block."""
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
