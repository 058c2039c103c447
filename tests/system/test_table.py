"""Tables at full size, against a model of a few lines; and under the load of dnsperf."""
import lzma, os, random, re, shutil, signal, subprocess, time, unittest

import pytest

import expected
from lab import *


def read_names(name):
    with lzma.open(os.path.join(SHARED, "data", "names", name), "rt") as f:
        return f.read().split()


class Tables(Lab):
    @pytest.mark.long
    @needs_shared
    def test_million_names(self):
        names = read_names("malicious-1m.txt.xz")[::10 if SANITIZED else 1]
        benign = read_names("benign-100k.txt.xz")
        for table in self.table, self.path("again"):
            self.feedsync("compile", "-f", "domains", "--scope", "subtree", "-o", table, "-", stdin="\n".join(names) + "\n", code=0)
        self.feedsync("verify", self.table, code=0)
        # The dump is the canonical set.
        rules = expected.fold({("subtree", expected.normal(name)) for name in names if expected.normal(name)})
        lines = self.feedsync("dump", self.table, code=0).stdout.splitlines()
        self.assertEqual(lines, sorted(lines))
        self.assertEqual([line.split("\t")[:2] for line in lines], sorted(map(list, rules)))
        self.assertEqual({tuple(line.split("\t")[2:]) for line in lines}, {("stdin", "malicious")})
        # Twice the same octets.
        with open(self.table, "rb") as a, open(self.path("again"), "rb") as b:
            self.assertEqual(a.read(), b.read())
        # Every one is blocked, and of the benign those only that are listed or below a listed one.
        listed = {name for _, name in rules}
        result = self.feedsync("lookup", self.table, stdin="\n".join(names) + "\n", code=1).stdout.splitlines()
        self.assertEqual(len(result), len(names))
        self.assertEqual([line for line in result if line.split("\t")[1] != "block"], [])
        result = self.feedsync("lookup", self.table, stdin="\n".join(benign) + "\n", code=1).stdout.splitlines()
        blocked = {line.split("\t")[0]: line.split("\t")[2] for line in result if line.split("\t")[1] == "block"}
        model = {name: rule for name in benign for rule in [name, *expected.parents(name)] if rule in listed}
        self.assertEqual(blocked, model)
        self.assertGreater(len(model), 10)
        # At most 16 octets a name, names included.
        self.assertLess(os.path.getsize(self.table) / len(rules), 16)

    def test_command_line(self):
        self.write("a.txt", "evil.example\nwww.evil.example\n*.wild.example\nbroken..name\n")
        self.write("b.txt", "www.evil.example\nother.example\n")
        a, b = self.path("a.txt"), self.path("b.txt")
        said = self.feedsync("compile", "-f", "domains", "-o", self.table, a, b, code=0).stderr
        self.assertIn("a.txt:4: broken..name: empty label", said)
        self.assertEqual(self.feedsync("dump", self.table, code=0).stdout,
                         "exact\tevil.example\ta.txt\tmalicious\nexact\tother.example\tb.txt\tmalicious\n"
                         "exact\twww.evil.example\ta.txt,b.txt\tmalicious\nsubtree\twild.example\ta.txt\tmalicious\n")
        self.assertEqual(self.feedsync("lookup", self.table, "x.evil.example", "a.wild.example", code=1).stdout,
                         "x.evil.example\tpass\t-\t-\t-\t-\t-\n"
                         "a.wild.example\tblock\twild.example\tsubtree\tnxdomain\ta.txt\tmalicious\n")
        self.assertEqual(self.feedsync("lookup", self.table, stdin="Evil.EXAMPLE.\n\n", code=1).stdout,
                         "Evil.EXAMPLE.\tblock\tevil.example\texact\tnxdomain\ta.txt\tmalicious\n")
        self.feedsync("lookup", self.table, "good.example", code=0)
        # Blanks around a name, letters of another script, control characters that must not reach a terminal.
        self.feedsync("compile", "-f", "domains", "-o", self.path("idn"), "-", stdin="b\u00fccher.example\n", code=0)
        self.assertEqual(self.feedsync("lookup", self.path("idn"), stdin=" B\u00dccher.example \r\nx\x1b[2J.example\n", code=1).stdout,
                         " B\u00dccher.example\tblock\txn--bcher-kva.example\texact\tnxdomain\tstdin\tmalicious\n"
                         "x\\x1b[2J.example\tpass\t-\t-\t-\t-\t-\n")
        self.feedsync("lookup", self.table, "a..b", code=2)
        self.feedsync("lookup", self.path("nothing"), "a.example", code=2)
        self.feedsync("verify", self.path("nothing"), code=1)
        self.feedsync("verify", a, code=1)
        for words in (("compile",), ("compile", "-f", "nothing", "-o", "x", a), ("compile", "-f", "domains", a), ("dump",),
                      ("compile", "-f", "domains", "-o", self.path("x"), "--scope", "wide", a), ("lookup",), ("verify",),
                      ("nonsense",), (), ("-x",), ("sync", "now")):
            self.feedsync(*words, code=2)
        # A failed compile leaves the old table.
        self.write("html", "<html>")
        before = self.feedsync("dump", self.table, code=0).stdout
        self.feedsync("compile", "-f", "domains", "-o", self.table, self.path("html"), code=2)
        self.feedsync("compile", "-f", "domains", "-o", self.table, self.path("nowhere"), code=2)
        self.assertIn("once only", self.feedsync("compile", "-f", "domains", "-o", self.table, "-", "-", stdin="", code=2).stderr)
        self.assertIn("not one usable", self.feedsync("compile", "-f", "domains", "-o", self.table, "-", stdin="x y\n", code=2).stderr)
        self.feedsync("compile", "-f", "misp-feed", "-o", self.table, "-", stdin="", code=2)
        self.assertIn("not a regular file", self.feedsync("compile", "-f", "domains", "-o", "/dev/null", a, code=2).stderr)
        self.assertEqual(self.feedsync("dump", self.table, code=0).stdout, before)
        # What cannot be told is not told to be well.
        with open("/dev/full", "w") as full:
            for words in (("verify", self.table), ("dump", self.table), ("lookup", self.table, "good.example")):
                self.assertEqual(subprocess.run([FEEDSYNC, *words], stdout=full, stderr=subprocess.DEVNULL).returncode, 2)
        self.assertEqual([name for name in os.listdir(self.directory) if name.startswith(".")], [])
        # An empty list is a table too, offline.
        self.feedsync("compile", "-f", "hosts", "-o", self.table, "/dev/null", code=0)
        self.assertEqual(self.feedsync("dump", self.table, code=0).stdout, "")

    def test_bench(self):
        self.compile(["evil.example"])
        queries = self.write("queries", "evil.example A\ngood.example\n\n")
        result = subprocess.run([os.path.join(BIN, "table-bench"), self.table, queries], capture_output=True, text=True, check=True)
        got = json.loads(result.stdout)
        self.assertEqual((got["names"], got["blocked"]), (1, 1))
        self.assertEqual(got["table_octets"], os.path.getsize(self.table))


class Dnsperf(Lab):
    """A swap under load: decisions change within a second, and not one query is lost."""

    def setUp(self):
        super().setUp()
        random.seed(1)
        self.names = [f"host{i}.zone{i % 997}.example" for i in range(30000)]

    def run_under_load(self, change):
        """Calls change(unbound) while the resolver is asked as fast as it answers, and until a second after."""
        queries = self.write("queries", "".join(f"{name} A\n" for name in self.names))
        self.compile(self.names[:10], scope="exact")
        # As a resolver is run: cache hits served stale, refreshed early.
        unbound = self.unbound(self.internet(), options="  serve-expired: yes\n  prefetch: yes\n")
        # Everything once, so that it stands in the cache.
        self.dnsperf(queries, "-n", "1").communicate(timeout=300)
        load = self.dnsperf(queries, "-l", "300")
        time.sleep(1)
        try:
            change(unbound)
            time.sleep(1)
        finally:
            load.send_signal(signal.SIGINT)
            report = load.communicate(timeout=60)[0]
        sent, lost = (int(re.search(word + r":\s+(\d+)", report).group(1)) for word in ("Queries sent", "Queries lost"))
        self.assertGreater(sent, 10000)
        self.assertEqual(lost, 0, report)

    def dnsperf(self, queries, *limit):
        return subprocess.Popen(["dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d", queries, *limit, "-c", "4", "-q", "100", "-t", "5"],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def check_switch(self, signalled):
        listed, unlisted = self.names[1000:3000], self.names[:10]

        def change(unbound):
            for name in listed[::200]:
                self.assert_passes(name)
            for name in unlisted:
                self.assert_blocked(name)
            self.write("list.txt", "".join(name + "\n" for name in listed))
            self.feedsync("compile", "-f", "domains", "-o", self.path("next"), self.path("list.txt"), code=0)
            start = time.monotonic()
            os.rename(self.path("next"), self.table)
            if signalled:
                os.kill(unbound.pid, signal.SIGUSR1)
            wait_for(lambda: all(self.ask(name).blocked() for name in listed[::200]), 3)
            self.assertLess(time.monotonic() - start, 1 + SANITIZED)
            for name in unlisted:
                self.assert_passes(name)
            wait_for(lambda: self.counters()[0]["scrubs"] >= 2, 5)
            for name in listed:
                self.assert_blocked(name)
            state = self.counters()[0]
            self.assertGreaterEqual(state["scrub_evicted"], len(listed))
        self.run_under_load(change)

    @pytest.mark.alone
    def test_rename(self):
        self.check_switch(False)

    @pytest.mark.alone
    def test_signal(self):
        self.check_switch(True)

    def test_hundred_swaps(self):
        def change(unbound):
            for i in range(100):
                name = self.names[100 + i]
                self.compile(self.names[100 + i:100 + i + 50], scope="exact")
                os.kill(unbound.pid, signal.SIGUSR1)
                wait_for(lambda: self.ask(name).blocked())
        self.run_under_load(change)
