"""`feedsync sync --dry-run`: what would change. Nothing does."""
import hashlib

from feeds import *


class DryRun(FeedLab):
    def everything(self):
        """All files of the state directory and the table, as they are, but for locks."""
        found = {}
        for directory, _, files in os.walk(self.path("state")):
            for name in files:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not name.endswith("lock"):
                    found[path] = (os.stat(path).st_mtime_ns, hashlib.sha256(open(path, "rb").read()).hexdigest())
        if os.path.exists(self.table):
            found[self.table] = hashlib.sha256(open(self.table, "rb").read()).hexdigest()
        return found

    def dry(self, *words, code=0):
        before = self.everything()
        result = self.feedsync("-c", self.config, "sync", "--dry-run", *words, code=code)
        self.assertEqual(self.everything(), before)
        return result.stdout, result.stderr

    def feeds(self, **lists):
        self.configure(self.local_feeds(**lists), run="none")

    def test_what_would_change(self):
        self.feeds(a="one.example\ntwo.example\n", b="two.example\nthree.example\n")
        self.assertEqual(self.dry(), ("a sync would publish 4 rules, in the place of 0\nfeed a: +2 -0\nfeed b: +2 -0\n", ""))
        self.sync()
        self.assertEqual(self.dry()[0], "a sync would change nothing: 4 rules\n")
        self.feeds(a="one.example\nnew.example\npopular.example\n", c="four.example\n")
        popular = self.write("popular", "first.example\npopular.example\none.example\nfour.example\n")
        said = self.dry("--popular", popular)[0]
        self.assertEqual(said, "a sync would publish 5 rules, in the place of 4; and another policy\nfeed a: +2 -1\nfeed c: +1 -0\nfeed b: +0 -2\n"
                               "popular: popular.example (number 2) would be blocked by a\npopular: four.example (number 4) would be blocked by c\n"
                               "popular: 2 of 4 names would newly be blocked\n")
        self.sync()
        self.assertEqual(self.dry("--popular", popular)[0], "a sync would change nothing: 5 rules\npopular: 0 of 4 names would newly be blocked\n")
        self.assertRegex(self.dry("--popular", self.path("none"), code=2)[1], "none")

    def test_alarms_and_holds(self):
        self.serve()
        self.write("www/a", numbered(3000))
        self.configure([{"name": "a", "url": self.url + "/a", "format": "domains"}, *self.local_feeds(b="two.example\n")], run="none")
        self.sync()
        self.write("www/a", numbered(50))
        self.write("b", "two.example\nthree.example\n")
        said, trouble = self.dry(code=1)
        self.assertIn("ALARM: ", trouble)
        self.assertIn("feedsync sync --accept a", trouble)
        self.assertEqual(said.splitlines()[1:], ["feed b: +1 -0"])
        self.sync(code=1)
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        said, trouble = self.dry(code=2)
        self.assertIn("HELD", trouble)

    def test_check_against_what_is_published(self):
        """What an edit of the configuration changes: no feed is asked."""
        feeds = self.local_feeds(a="one.example\ntwo.example\n", b="three.example\n")
        self.configure(feeds, run="none")
        self.sync()
        self.write("a", "other.example\n")
        self.configure(feeds[:1], run="none", block="\n  - name: four.example")
        before = self.everything()
        said = self.feedsync("-c", self.config, "check", "--against-published", code=0).stdout
        self.assertEqual(said[said.index("a sync"):], "a sync would publish 4 rules, in the place of 4; and another policy\nfeed operator: +1 -0\nfeed b: +0 -1\n")
        self.assertEqual(self.everything(), before)

    def test_what_is_left_of_one_that_died(self):
        self.feeds(a="one.example\n")
        self.sync()
        for name in ("trial-old", "trial-new"):
            os.mkdir(self.path("state", name))
        os.utime(self.path("state", "trial-old"), (0, 0))
        self.dry()
        self.assertEqual([name for name in sorted(os.listdir(self.path("state"))) if name.startswith("trial-")], ["trial-new"])

    def test_beside_a_run(self):
        """It neither waits for a `run` nor disturbs it."""
        self.feeds(a="one.example\n")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.path("state", "made.json")))
        self.write("a", "one.example\ntwo.example\n")
        self.assertIn("feed a: +1 -0\n", self.feedsync("-c", self.config, "sync", "--dry-run", code=0).stdout)
        self.assertEqual(len(self.dump()), 1)
        daemon.stop()
        self.assertEqual([name for name in os.listdir(self.path("state")) if name.startswith("trial-")], [])

    def test_options(self):
        self.feeds(a="one.example\n")
        for words, message in ((("--dry-run", "--accept", "a"), "accepts nothing"), (("--popular", "x"), "belongs to --dry-run")):
            self.assertRegex(self.feedsync("-c", self.config, "sync", *words, code=2).stderr, message)
        for words, message in ((("--json", "--against-published"), "do not go together"), (("--popular", "x"), "belongs to --against-published")):
            self.assertRegex(self.feedsync("-c", self.config, "check", *words, code=2).stderr, message)
        self.sync()
        self.configure([], run="none")
        self.assertNotIn("a sync would", self.feedsync("-c", self.config, "check", "--against-published", code=0).stdout)

    def test_cut_off(self):
        """Where a signal ends it nothing is told of what a sync would do."""
        self.serve()
        self.write("www/a", "one.example\n")
        self.configure([{"name": "a", "url": self.url + "/a", "format": "domains"}], run="none")
        self.sync()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.configure([{"name": "a", "url": f"http://127.0.0.1:{silent.getsockname()[1]}/a", "format": "domains"}], run="none")
            dry = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "sync", "--dry-run"])
            connection, _ = silent.accept()
            dry.popen.send_signal(signal.SIGTERM)
            self.assertEqual(dry.popen.wait(60), 2)
            connection.close()
        self.assertIn("cut off by a signal", dry.log())
        self.assertNotIn("a sync would", dry.log())
