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
