"""feedsync status, and the resolvers that it tells of and that a sync tells of its table."""
import struct

from feeds import *


class Status(FeedLab):
    def test_resolvers_are_told(self):
        self.write("list", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}])
        self.sync()
        unbound = self.unbound(self.internet())
        self.assert_blocked("one.example")
        self.assert_passes("two.example")
        self.write("list", "two.example\n")
        said = self.sync()
        self.assertIn(f"resolver {unbound.pid}: generation 2 in force", said)
        self.assert_blocked("two.example")
        self.assert_passes("one.example")
        status = json.loads(self.feedsync("-c", self.config, "status", "--json", code=0).stdout)
        self.assertEqual([r["pid"] for r in status["resolvers"]], [unbound.pid])
        self.assertEqual(status["resolvers"][0]["generation"], status["table"]["generation"])
        self.assertIn(f"resolver {unbound.pid}: well", self.feedsync("-c", self.config, "status", code=0).stdout)

    def test_examples(self):
        """Of what was rejected: when a version comes, and in `status -v`; none in `status`."""
        self.write("list", "one.example\nb..ad.example\nwor..se.example\n192.0.2.1\n")
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}], run="none")
        said = self.sync()
        self.assertIn("l: for example l:2: b..ad.example: empty label", said)
        status = self.feedsync("-c", self.config, "status", code=0).stdout
        self.assertIn("  rejected: 2, empty label\n", status)
        self.assertIn("examples of what was rejected: `feedsync status -v`\n", status)
        self.assertNotIn("b..ad.example", status)
        status = self.feedsync("-c", self.config, "status", "-v", code=0).stdout
        self.assertRegex(status, r"^well: ")
        for words in "l:2: b..ad.example: empty label", "l:3: wor..se.example: empty label", "l:4: 192.0.2.1: IP address, not a name":
            self.assertIn(f"  for example {words}\n", status)
        self.assertNotIn("status -v", status)
        self.write("list", "one.example\n")
        self.sync()
        self.assertNotIn("examples", self.feedsync("-c", self.config, "status", code=0).stdout)

    def test_status_alarms(self):
        """Whatever an operator must know makes `status` exit 1."""
        def status(code, words):
            self.assertIn(words, self.feedsync("-c", self.config, "status", code=code).stdout)
        feed = {"name": "l", "url": "file://" + self.write("list", "one.example\n"), "format": "domains"}
        self.configure([feed])
        status(1, "feed l: NOT ASKED YET, current never, changed never")
        self.assertNotIn("FAILING", self.feedsync("-c", self.config, "status", code=1).stdout)
        self.sync()
        status(1, "NO RESOLVER")
        self.configure([feed], run="none")
        status(0, "well")
        self.configure([feed])
        unbound = self.unbound(self.internet())
        status(0, "well")
        unbound.expect_end = True
        unbound.popen.kill()
        unbound.popen.wait()
        status(1, "DEAD")
        self.unbound(self.internet())
        status(0, "well")
        # Nothing could be published, though all feeds are well.
        os.rename(self.path("state/key"), self.path("kept"))
        os.mkdir(self.path("state/key"))
        self.sync(code=2)
        status(1, "state/key: not a regular file")
        os.rmdir(self.path("state/key"))
        # A damaged key is replaced: another one makes the same rules of another table.
        self.write("state/key", "nonsense")
        rules = self.dump()
        self.assertRegex(self.sync(), "state/key: not 16 hexadecimal digits; a new one is made(.|\n)*published")
        self.assertEqual(self.dump(), rules)
        self.assertIn("unchanged", self.sync())
        os.rename(self.path("kept"), self.path("state/key"))
        self.sync()
        status(0, "well")
        # A feed that nobody has asked for long.
        path = self.path("state/feeds/l/feed.json")
        with open(path) as f:
            known = json.load(f)
        known["current_at"] -= 12 * 3600
        with open(path, "w") as f:
            json.dump(known, f)
        status(0, "well")  # a timer may ask once a day ...
        run = self.path("state/sync.json")
        with open(run) as f:
            record = json.load(f)
        record["resident"] = True
        with open(run, "w") as f:
            json.dump(record, f)
        status(1, "STALE")  # ... but `run` keeps to the interval
        known["current_at"] -= 3 * 86400
        record["resident"] = False
        with open(run, "w") as f:
            json.dump(record, f)
        with open(path, "w") as f:
            json.dump(known, f)
        status(1, "STALE")

    def test_status_of_times_ahead(self):
        """Where the clock was ahead, nobody would see for as long that nothing runs any more. A small step is none."""
        def change(path, key, seconds):
            with open(self.path(path)) as f:
                known = json.load(f)
            known[key] += seconds
            self.write(path, json.dumps(known))
        lists = self.local_feeds(l="one.example\n")
        for path, key, words in (("state/feeds/l/feed.json", "current_at", "feed l: AHEAD, current 10 days in the future"),
                                 ("state/sync.json", "at", "last run AHEAD, 10 days in the future")):
            with self.subTest(path):
                self.publish(lists)
                change(path, key, 120)
                self.assertNotIn("future", self.feedsync("-c", self.config, "status", code=0).stdout)
                change(path, key, 10 * 86400)
                self.assertIn(words, self.feedsync("-c", self.config, "status", code=1).stdout)
                self.assertFalse(self.status()["well"])
        # The next run puts it right. When a list changed is not what it is judged by.
        self.publish(lists)
        change("state/feeds/l/feed.json", "changed_at", 11 * 86400)
        self.assertRegex(self.feedsync("-c", self.config, "status", code=0).stdout, "feed l: well.*changed 1[01] days in the future")

    def test_a_stranger_is_never_signalled(self):
        """A live file whose process has no handler, or is another one now, gets no signal: its default would kill."""
        self.write("list", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}])
        self.sync()
        unbound = self.unbound(self.internet())
        sleeper = subprocess.Popen(["sleep", "60"])
        try:
            with open(self.path("run", f"{unbound.pid}.live"), "rb") as f:
                content = bytearray(f.read())
            content[16:24] = struct.pack("<q", sleeper.pid)
            with open(f"/proc/{sleeper.pid}/stat") as f:
                content[24:32] = struct.pack("<Q", int(f.read().rsplit(")", 1)[1].split()[19]))
            with open(self.path("run", f"{sleeper.pid}.live"), "wb") as f:
                f.write(content)
            self.write("list", "two.example\n")
            self.sync()
            self.assertIsNone(sleeper.poll())
        finally:
            sleeper.kill()
            sleeper.wait()
