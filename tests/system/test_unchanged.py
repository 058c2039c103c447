"""Where nothing has changed no table is made; where anything has, one is."""
import shutil

from feeds import *


class Unchanged(FeedLab):
    def setUp(self):
        super().setUp()
        self.write("names", "guarded.example\n")
        self.feed = {"name": "a", "url": "file://" + self.path("a"), "format": "domains", "interval": "1d"}
        self.write("a", "one.example\ntwo.example\n")
        self.settings = {"run": "none", "guard": "\n  names:\n    - " + self.path("names")}
        self.configure([self.feed], **self.settings)
        self.sync()

    def compiles(self):
        """Whether a sync makes a table: then it writes one beside the published one."""
        trace = self.path("trace")
        result = subprocess.run(["strace", "-f", "-qq", "-o", trace, "-e", "trace=openat", FEEDSYNC, "-c", self.config, "sync"],
                                capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.said = result.stderr
        with open(trace) as f:
            return re.search("current.weir[^\"]+\", [^)]*O_CREAT", f.read()) is not None

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_what_makes_one(self):
        self.assertFalse(self.compiles())
        self.assertIn("unchanged, generation 1", self.said)

        def edit(**settings):
            self.configure([self.feed], **{**self.settings, **settings})

        def table(how):
            with open(self.table, "r+b") as f:
                f.truncate(100) if how == "cut" else f.write(b"\0" * 100)

        changes = {
            "a list": lambda: self.write("a", "three.example\n"),
            "an allow": lambda: edit(allow="\n  - name: one.example"),
            "a setting": edit,
            "a guard's list": lambda: self.write("names", "guarded.example\nmore.example\n"),
            "the table is gone": lambda: os.remove(self.table),
            "the table is cut": lambda: table("cut"),
            "the table is damaged": lambda: table("damaged"),
            "another table in its place": lambda: shutil.copy(self.path("other"), self.table),
            "the history is lost": lambda: os.remove(self.path("state/history.sqlite")),
            "what is known is lost": lambda: os.remove(self.path("state/made.json")),
            "what is known is nonsense": lambda: self.write("state/made.json", '{"inputs": "x", "until": -1}'),
            "the good version is damaged": lambda: self.write("state/feeds/a/good.domains", "thr"),
        }
        for what, change in changes.items():
            with self.subTest(what):
                if os.path.exists(self.table):
                    shutil.copy(self.table, self.path("other"))
                change()
                self.assertTrue(self.compiles(), self.said)
                self.assertFalse(self.compiles(), self.said)
                self.feedsync("verify", self.table, code=0)

    def test_an_end(self):
        """What ends in time ends."""
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
        self.configure([self.feed], **self.settings, allow=f"\n  - name: one.example\n    expires: {end}")
        self.sync()
        self.assertEqual(self.feedsync("lookup", self.table, "one.example").stdout.split("\t")[1], "allow")
        wait_for(lambda: self.sync() and self.feedsync("lookup", self.table, "one.example").stdout.split("\t")[1] == "block")

    def test_after_a_rollback(self):
        """Its table is another one, so what the feeds hold is published when the hold ends."""
        self.write("a", "three.example\n")
        self.sync()
        self.feedsync("-c", self.config, "rollback", 1, code=0)
        self.sync(code=2)
        self.feedsync("-c", self.config, "resume", code=0)
        self.sync()
        self.assertEqual(self.dump(), {("exact", "three.example")})

    def test_reloads_of_the_same(self):
        """A reload that changes nothing makes no table either, and cuts none off."""
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        wait_for(lambda: "unchanged, generation 1" in daemon.log())
        before = os.stat(self.path("state/made.json")).st_ino
        for i in range(3):
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: daemon.log().count("feed a: unchanged") == i + 2)
        self.assertEqual(os.stat(self.path("state/made.json")).st_ino, before)
