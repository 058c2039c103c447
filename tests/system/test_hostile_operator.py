"""Whatever a feed does, what the operator decides is in force after the next sync."""
import pytest

from hostile import *


class HostileOperator(HostileLab):
    def test_the_operator_may_do_as_he_likes(self):
        """Nothing that he says himself is an alarm, nor anybody else's fault: also while others stand."""
        self.begin([lines(names("h", 3000))])
        self.turn(lines(names("other", 3000)))
        blocked = lambda *asked: [line.split("\t")[1] for line in self.feedsync("lookup", self.table, *asked).stdout.splitlines()]
        one = [{**feed, "scope": "subtree"} for feed in self.all_feeds]
        deep = lines([f"a{i}.big.example" for i in range(4000)])
        self.write("www/good", deep)
        self.publish(one, code=1)  # the good feed has other names: an alarm
        self.feedsync("-c", self.config, "sync", "--accept", "good", code=1)
        self.assertEqual(blocked("a7.big.example", "h7.example"), ["block", "block"])
        said = self.publish(one, code=1, allow="\n  - name: big.example", block="\n  - name: wrong.example")
        self.assertNotRegex(said, "feed good: ALARM|ALARM: the table")
        self.assertEqual(blocked("a7.big.example", "h7.example", "wrong.example"), ["allow", "block", "block"])
        self.publish(one, code=1)
        self.assertEqual(blocked("a7.big.example", "h7.example"), ["block", "block"])
        said = self.publish(one, code=1, guard="\n  own: [big.example, h7.example]")
        self.assertNotRegex(said, "feed good: ALARM|ALARM: the table")
        self.assertEqual(blocked("a7.big.example", "h7.example", "h8.example"), ["pass", "pass", "block"])

    def test_a_large_feed_is_taken_out(self):
        """Its rules stay until he says that he means it; what else he changed in the same moment counts."""
        for settings in {}, {"categories": "\n  - name: special"}:
            with self.subTest(settings):
                self.tearDown()
                self.setUp()
                self.begin([lines(names("h", 30000)), lines(names("s", 900))], settings=settings, **({"category": "special"} if settings else {}))
                before = self.dump()
                self.all_feeds, self.settings = self.all_feeds[:1], {}
                said = self.turn()
                self.assertRegex(said, r"feed bad0: ALARM: taken out of the configuration: the table would hold \d+ rules, 9\d % fewer "
                                       r"than the \d+ before .*if that is right: feedsync sync --accept-table")
                self.assertLessEqual({rule for rule in before if rule[1].startswith("h")}, self.dump())
                self.assertFalse({rule for rule in self.dump() if rule[1].startswith("s")})  # a small one goes at once
                self.turn()
                self.assertIn("taken out", self.feedsync("-c", self.config, "status", code=1).stdout)
                self.feedsync("-c", self.config, "sync", "--accept-table", code=0)
                self.assertFalse({rule for rule in self.dump() if rule[1].startswith("h")})
                self.turn(code=0)

    @pytest.mark.alone
    def test_a_reload_after_a_feed_was_taken_out(self):
        self.begin([lines(names("h", 3000))])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "unchanged" in daemon.log())
        decision = lambda name: self.feedsync("lookup", self.table, name).stdout.split("\t")[1]
        os.remove(self.path("www/good"))
        self.configure(self.all_feeds[:1], run="none", allow="\n  - name: good7.example")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: decision("good7.example") == "allow", 5)
        self.assertEqual((decision("h7.example"), decision("good8.example")), ("block", "block"))
        daemon.stop()

    @pytest.mark.alone
    def test_a_reload_takes_a_small_one_out(self):
        """What the new configuration publishes before the feeds are asked is not all there is to it."""
        self.begin([lines(names("h", 30))])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "unchanged, generation" in daemon.log())
        self.configure(self.all_feeds[:1], run="none", allow="\n  - name: good7.example")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.dump().isdisjoint({("exact", name) for name in names("h", 30)}), 10)
        daemon.stop()

    def test_every_failure_lets_the_operator_through(self):
        """Whatever a feed does to the making of a table: his `allow` and `block` are in force after the next sync, and what was
        published of the feeds stays."""
        def damage():
            with open(self.path("state/feeds/bad0/good.json"), "r+") as f:
                f.truncate(50)

        def directory_for_file():
            os.remove(self.path("state/feeds/bad0/good.json"))
            os.mkdir(self.path("state/feeds/bad0/good.json"))

        def other_format():
            self.all_feeds[1].update(format="domains")
            self.all_feeds[1].pop("field")

        def all_gone():
            shutil.move(self.path("state/feeds"), self.path("lost"))
            for name in "good", "bad0":
                os.remove(self.path("www", name))

        def all_taken_out():
            os.remove(self.path("www/good"))
            self.all_feeds[:] = [{**self.all_feeds[0], "name": "renamed"}]

        rows = lambda listed: json.dumps([{"n": name} for name in listed])
        for harm in damage, directory_for_file, other_format, all_gone, all_taken_out:
            with self.subTest(harm.__name__):
                self.tearDown()
                self.setUp()
                self.begin([rows(names("h", 3000))], formats=["json"], field="n")
                before = self.dump()
                harm()
                self.configure(self.all_feeds, run="none", allow="\n  - name: good7.example\n    scope: exact",
                               block="\n  - name: wrong.example")
                said = self.feedsync("-c", self.config, "sync").stderr
                asked = ["good7.example", "wrong.example", "h7.example", "good8.example"]
                out = self.feedsync("lookup", self.table, *asked).stdout.splitlines()
                self.assertEqual([line.split("\t")[1] for line in out], ["allow", "block", "block", "block"], said)
                self.assertEqual(before - self.dump(), set(), said)

    def test_nothing_has_ever_come(self):
        """Then the operator's own lists are published alone; what feeds have comes later, and is no alarm."""
        self.serve()
        feeds = [{"name": "late", "url": self.url + "/late", "format": "domains"}]
        self.publish(feeds, code=2)
        self.assertFalse(os.path.exists(self.table))
        said = self.publish(feeds, code=1, block="\n  - name: wrong.example")
        self.assertIn("only `allow` and `block` published: no feed has a good version", said)
        self.assertEqual(self.dump(), {("subtree", "wrong.example")})
        self.write("www/late", lines(names("late", 3000)))
        self.publish(feeds, code=0, block="\n  - name: wrong.example", **{"table-max-growth": 10})
        self.assertEqual(len(self.dump()), 3001)
