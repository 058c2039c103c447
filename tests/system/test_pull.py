"""`feedsync pull --once`: a resolver's host that gets its finished table from a store."""
from fleet_lab import *


class Pull(PullLab):
    def test_once(self):
        first = self.make_table("one.example")
        said = self.pull(code=2)
        self.assertRegex(said, "latest: .*no such file; there is no table: nothing is blocked")
        self.offer(first)
        self.assertIn("serial 1 is in force", self.pull())
        self.assertEqual(read(self.table), read(first))
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.assertIn("serial 1 is in force already", self.pull())
        self.assertEqual(self.record()["tables"], 1)
        # A delta, since it is smaller.
        second = self.make_table("one.example", "two.example")
        self.offer(second, first)
        self.assertIn("serial 2 is in force", self.pull())
        self.assertEqual(read(self.table), read(second))
        self.assertEqual((self.record()["deltas"], self.record()["tables"]), (1, 1))
        # The same table under a newer manifest costs no download.
        self.offer(second)
        self.assertIn("serial 3 is in force", self.pull())
        self.assertEqual((self.record()["deltas"], self.record()["tables"]), (1, 1))
        # A store that is gone.
        os.rename(self.path("www"), self.path("away"))
        self.assertRegex(self.pull(code=1), "latest: .*no such file; the last good table stays in force")
        self.assertEqual(read(self.table), read(second))
        self.assertEqual(self.record()["failures"], 1)
        os.rename(self.path("away"), self.path("www"))
        # A table that somebody has removed or damaged comes again.
        os.remove(self.table)
        self.pull()
        self.assertEqual(read(self.table), read(second))
        with open(self.table, "ab") as f:
            f.write(b"x")
        self.pull()
        self.assertEqual(read(self.table), read(second))
        self.assertEqual(os.listdir(self.path("state", "pull")), [])

    def test_run(self):
        """`run` pulls at its start, and after a reload; beside it a pull by hand."""
        tables = [self.make_table(f"name{i}.example") for i in range(3)]
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "no such file; the table that is published stays in force" in daemon.log())
        self.offer(tables[0])
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(self.table) and read(self.table) == read(tables[0]))
        wait_for(lambda: "pull: well again" in daemon.log())
        self.offer(tables[1], tables[0], urgent=True)
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: read(self.table) == read(tables[1]))
        self.offer(tables[2], tables[1])
        self.pull()
        self.assertEqual(read(self.table), read(tables[2]))
        self.assertEqual(daemon.stop(), 0)
