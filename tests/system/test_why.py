"""`feedsync why`: who lists a name, since when, and what keeps it from being blocked."""
from feeds import *


class Why(FeedLab):
    def why(self, name, code=0):
        return self.feedsync("-c", self.config, "why", name, code=code).stdout

    def test_listed(self):
        self.publish(self.local_feeds(one="a.example\nx.evil.example\n", two="# names\n*.Evil.example\n"))
        said = self.why("X.evil.example.", code=1)
        self.assertRegex(said, r"^x.evil.example: block \(nxdomain\), by the rule for x.evil.example, generation 1\n")
        self.assertRegex(said, r"feed one lists x.evil.example, category malicious \(nxdomain\)\n  at one:2\n"
                               r"  first seen \S+Z, last seen \S+Z\n")
        self.assertRegex(said, r"feed two lists evil.example and everything below, category malicious \(nxdomain\)\n  at two:2\n")
        self.assertIn("generation 1: added subtree evil.example, feed two", said)
        self.assertRegex(self.why("y.evil.example", code=1),
                         r"by the rule for evil.example and everything below, generation 1\n(?!feed one)")
        self.assertEqual(self.why("good.example"), "good.example: pass, no rule of generation 1 covers it\n")
        self.assertEqual(self.why("b.a.example"), "b.a.example: pass, no rule of generation 1 covers it\n")  # exact

    def test_arguments(self):
        self.publish(self.local_feeds(one="a.example\n"))
        for words in ((), ("a..b",), ("a.example", "b.example")):
            self.feedsync("-c", self.config, "why", *words, code=2)
        self.assertIn("a URL, not a name", self.feedsync("-c", self.config, "why", "https://a.example/x", code=2).stderr)

    def test_since(self):
        self.publish(self.local_feeds(one="old.example\n"))
        self.publish(self.local_feeds(one="old.example\nnew.example\n"))
        times = {p["generation"]: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(p["time"]))
                 for p in json.loads(self.feedsync("-c", self.config, "history", "--json").stdout)["publishes"]}
        self.assertIn(f"first seen {times[1]}, last", self.why("old.example", code=1))
        self.assertIn(f"first seen {times[2]}, last", self.why("new.example", code=1))
        # It goes: the log still knows.
        self.publish(self.local_feeds(one="old.example\n"))
        said = self.why("new.example")
        self.assertNotIn("feed one lists", said)
        self.assertRegex(said, r"generation 3: removed exact new.example, feed one, category malicious\n"
                               r"\S+ generation 2: added exact new.example")
        # The log begins anew: what it has not seen coming was there before.
        os.remove(self.path("state", "history.sqlite"))
        self.sync()
        self.publish(self.local_feeds(one="old.example\nnewer.example\n"))
        self.assertRegex(self.why("old.example", code=1), r"first seen (by|before) \S+Z")
        self.assertRegex(self.why("newer.example", code=1), r"first seen 2\S+Z")
        # One that says no more than another one.
        self.publish(self.local_feeds(one="*.old.example\nwww.old.example\n"))
        self.assertIn("www.old.example, category malicious (nxdomain)\n  at one:2\n  in no table by itself",
                      self.why("www.old.example", code=1))

    def test_not_in_force(self):
        lists = self.local_feeds(bad="evil.example\ngood.example\n", ours={"content": "good.example\n", "category": "ours"},
                           ads={"content": "||ads.example^\n@@||fine.ads.example^\n", "format": "adblock"})
        self.publish(lists, categories="\n  - name: ours\n    action: allow")
        said = self.why("good.example")
        self.assertIn("good.example: allow, by the rule for good.example", said)
        self.assertRegex(said, r"feed bad lists good.example.*\n  at bad:2\n.*\n  not in force: an allow rule")
        self.assertIn("feed ours lets pass good.example, category ours (allow)", said)
        said = self.why("fine.ads.example")
        self.assertIn("feed ads excepts from its own list fine.ads.example and everything below\n  at ads:2", said)
        self.assertRegex(said,
                         r"feed ads lists ads.example and everything below.*\n  at ads:1\n.*\n  not in force: the feed's own exception")

    def test_held(self):
        self.publish(self.local_feeds(one="a.example\n"))
        self.publish(self.local_feeds(one="b.example\n"))
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.assertRegex(self.why("b.example"), r"feed one lists b.example.*\n  at one:1\n  first seen .*, out of force since .*\n"
                                                r"  not in force: the published table is held at generation 3")

    def test_next_command(self):
        """What is still to be done for a blocked name: a command, which works during a hold; a reload, the end of a hold."""
        feeds = self.local_feeds(one="a.example\nwww.b.example\n")
        self.publish(feeds)
        self.assertRegex(self.why("a.example", code=1), r"\nto let it pass: feedsync allow a.example --reason TEXT\n$")
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.assertRegex(self.why("a.example", code=1), r"\nto let it pass: feedsync allow a.example --reason TEXT\n$")
        self.configure(feeds, allow="\n  - {name: a.example}\n  - {name: b.example, scope: exact}\n  - {name: www.b.example, expires: 2020-01-01}")
        self.assertRegex(self.why("a.example", code=1),
                         r"\n`allow:` in \S+ lets it pass, but that is not published yet: .*, and `feedsync resume`, since .* held")
        self.assertIn("\nto let it pass: feedsync allow www.b.example", self.why("www.b.example", code=1))

    def test_rejected(self):
        self.publish(self.local_feeds(
            one={"content": "a.example\nco.uk\n", "scope": "subtree"},
            hosts={"content": "0.0.0.0 b.example\n203.0.113.9 moved.example\n", "format": "hosts"},
            table={"content": "host,state\nc.example,online\noff.example,offline\nhttp://page.example/x,online\n", "format": "csv",
                   "field": "host", "where": '["state=online"]'}))
        self.assertIn('feed one does not use "co.uk": public suffix\n  at one:2\n', self.why("www.shop.co.uk"))
        self.assertIn('feed hosts does not use "203.0.113.9 moved.example": address that does not mean blocking\n  at hosts:2\n',
                      self.why("moved.example"))
        self.assertIn('feed table does not use "off.example": does not fulfil', self.why("off.example"))
        self.assertIn('feed table does not use "http://page.example/x": URL', self.why("page.example"))
        self.assertNotIn("does not use", self.why("x.moved-example.example"))

    def test_misp(self):
        tags = [{"name": "tlp:amber"}, {"name": 'malware:type="c2\x1b"'}]
        told = event(1, {"evil.example": {"last_seen": "2026-03-18T11:00:00.000000+00:00"}, "quiet.example": {"to_ids": False},
                         "red.example": {"Tag": [{"name": "TLP:RED"}]}}, info="kit wave", threat_level_id="2", Tag=tags)
        self.misp([told])
        uuid = told["Event"]["Attribute"][0]["uuid"]
        self.serve()
        self.publish([{"name": "m", "url": self.url, "format": "misp-feed"}])
        said = self.why("www.evil.example", code=1)
        self.assertIn(f'  at m/{UUID.format(1)}.json\n  MISP event {UUID.format(1)}, "kit wave", threat level medium, tlp:amber, '
                      f'malware:type="c2\\x1b"\n  attribute {uuid}, Network activity, last seen 2026-03-18T11:00:00Z\n', said)
        self.assertIn('feed m does not use "quiet.example": not marked for detection', self.why("quiet.example"))
        said = self.why("red.example")
        self.assertIn('feed m does not use "red.example": TLP forbids', said)
        self.assertIn("Network activity, TLP:RED", said)

    def test_feeds_that_cannot_be_read(self):
        feeds = self.local_feeds(one="a.example\n", table={"content": "host\nb.example\n", "format": "csv", "field": "host"})
        self.publish(feeds)
        self.write("state/feeds/table/good.csv", "nothing of the kind\n")
        said = self.why("a.example", code=2)
        self.assertIn("feed one lists a.example", said)
        self.assertIn("feed table: its last good version cannot be read", said)
        self.publish(feeds[:1])
        self.configure(feeds, run="none")
        shutil.rmtree(self.path("state", "feeds", "table"))
        self.assertIn("feed table: no version of it has come yet", self.why("a.example", code=1))
        os.remove(self.table)
        self.assertIn("nothing is published", self.why("a.example", code=2))

    def test_expired(self):
        self.publish(self.local_feeds(items={"content": json.dumps([{"n": "old.example", "t": "2020-01-01"}, {"n": "a.example"}]),
                                             "format": "json", "field": "n", "seen": "t", "max-age": "2d"}))
        self.assertIn('feed items does not use "old.example": no longer valid, or seen last too long ago\n  at items:1, item 1\n', self.why("old.example"))

    def test_on_trial(self):
        self.publish(self.local_feeds(new={"content": "b.example\n", "action": "log"}))
        said = self.why("b.example")
        self.assertIn("b.example: log, by the rule", said)
        self.assertIn("feed new lists b.example, category malicious:log (log)", said)
