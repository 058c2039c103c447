"""One feed never stops the others, and never the operator: a hostile feed of each kind beside a good one."""
import gzip

import pytest

from feeds import *

CROWD = os.path.join(BIN, "../tests/crowd")


def names(prefix, count, start=0):
    return [f"{prefix}{i}.example" for i in range(start, start + count)]


def lines(*parts):
    return "\n".join(name for part in parts for name in part) + "\n"


class Hostile(FeedLab):
    """After each run the good feed's newest name is in force, and an `allow` takes effect at once."""

    def begin(self, hostile, formats=("domains",), good=None, settings=None, **more):
        """Publishes a good feed, and hostile ones by what they list at first."""
        self.serve()
        self.good, self.round, self.settings = good or names("good", 2000), 0, settings or {}
        self.write("www/good", lines(self.good))
        feeds = [{"name": "good", "url": self.url + "/good", "format": "domains"}]
        for i, text in enumerate(hostile):
            self.write(f"www/bad{i}", text)
            feeds.append({"name": f"bad{i}", "url": f"{self.url}/bad{i}", "format": formats[i % len(formats)], **more})
        self.all_feeds = feeds
        self.publish(feeds, **self.settings)
        return self.dump()

    def turn(self, *hostile, code=1):
        """Each list has a new version; the good feed's newest name and an `allow` are in force after one sync."""
        self.round += 1
        new, freed = f"new{self.round}.good.example", self.good[self.round]
        for i, text in enumerate(hostile):
            if text is not None:
                self.write(f"www/bad{i}", text)
        self.write("www/good", lines(self.good, [new]))
        said = self.publish(self.all_feeds, code=code, allow=f"\n  - name: {freed}", **self.settings)
        decisions = [line.split("\t")[1] for line in self.feedsync("lookup", self.table, new, freed).stdout.splitlines()]
        self.assertEqual(decisions, ["block", "allow"], said)
        return said

    def alarms(self):
        return {feed["name"]: feed["withheld_alarm"] for feed in self.status()["feeds"] if not feed["well"]}

    def test_entries_stay_and_rules_go(self):
        """As many entries as before, of which one takes the place of all others, or which are exceptions, or all the same."""
        old = names("h", 3000)
        block = lambda listed: [f"||{name}^" for name in listed]
        for kind, form, before, after, alarm in (
                ("folded", "domains", lines(old), lines(["one.example"], [f"h{i}.one.example" for i in range(2999)]), "shrink"),
                ("excepted", "adblock", lines(block(old)), lines(["||x.example^"], ["@@" + rule for rule in block(old)]), "shrink"),
                ("doubled", "domains", lines(old), lines(["one.example", "two.example"] * 1500), "shrink"),
                ("passed through", "rpz", self.zone("CNAME .", old), self.zone("CNAME rpz-passthru.", old), "shrink"),
                ("others", "domains", lines(old), lines(names("other", 3000)), "churn")):
            with self.subTest(kind):
                self.tearDown()
                self.setUp()
                first = self.begin([before], [form], scope="subtree") if form == "domains" else self.begin([before], [form])
                published = {rule for rule in first if rule[1].startswith("h")}
                for after_that in (after, None, None):
                    said = self.turn(after_that)
                    self.assertRegex(said, "feed bad0: ALARM: .*if that is right: feedsync sync --accept bad0; "
                                           "what is published of it stays")
                    self.assertLessEqual(published, self.dump())
                    self.assertEqual(self.alarms(), {"bad0": alarm})
                # Who says that it is right is believed, once.
                self.assertIn("feed bad0: accepted", self.feedsync("-c", self.config, "sync", "--accept", "bad0", code=0).stderr)
                self.assertFalse(published & self.dump())
                self.assertEqual(self.alarms(), {})
                self.turn(None, code=0)

    def test_what_is_below_does_not_stand_for_a_name(self):
        """As many rules, for all that is below the names, and not for these."""
        old = names("h", 3000)
        self.begin([self.zone("CNAME .", old)], ["rpz"])
        below = self.zone("CNAME .", [f"*.{name}" for name in old])
        blocked = lambda: [line.split("\t")[1] for line in self.feedsync("lookup", self.table, "h7.example", "x.h7.example").stdout.splitlines()]
        self.turn(below)
        self.assertEqual((self.alarms(), blocked()), ({"bad0": "churn"}, ["block", "pass"]))
        self.feedsync("-c", self.config, "sync", "--accept", "bad0", code=0)
        self.assertEqual(blocked(), ["pass", "block"])
        self.turn(self.zone("CNAME .", [name for one in old for name in (one, f"*.{one}")]), code=0)  # both are more, not other ones
        self.assertEqual(blocked(), ["block", "block"])

    def zone(self, data, listed):
        return "$TTL 60\n@ SOA . . 1 1 1 1 1\n NS .\n" + "".join(f"{name} {data}\n" for name in listed)

    def test_it_heals(self):
        self.begin([lines(names("h", 3000))])
        self.turn(lines(names("other", 3000)))
        self.assertEqual(self.alarms(), {"bad0": "churn"})
        said = self.turn(lines(names("h", 2900)), code=0)
        self.assertNotIn("ALARM", said)
        self.assertEqual(self.alarms(), {})
        self.assertNotIn(("exact", "h2999.example"), self.dump())

    def test_many_at_once(self):
        """Each of them too small, or allowed, to raise an alarm of its own."""
        size = 900
        self.begin([lines(names(f"h{n}x", size)) for n in range(6)], good=names("good", 1000))
        said = self.turn(*[lines(names(f"one{n}", 1)) for n in range(6)])
        blamed = set(re.findall(r"feed (bad\d): ALARM: the table would hold \d+ rules", said))
        self.assertTrue(blamed and blamed == set(self.alarms()), said)
        kept = {name for _, name in self.dump()}
        self.assertGreater(len(kept), 3200)
        for n in range(6):
            self.assertEqual(f"h{n}x7.example" in kept, f"bad{n}" in blamed)

    def test_climbing(self):
        """From a small list to most of the table, and away."""
        count = 900
        self.begin([lines(names("h", count))], good=names("good", 20000))
        while count < 60000:
            count = int(count * 2.99)
            self.turn(lines(names("h", count)), code=0)
        self.turn(lines(names("h", 10), names("y", count - 10)))
        self.assertEqual(self.alarms(), {"bad0": "churn"})
        self.assertIn(("exact", f"h{count - 1}.example"), self.dump())

    def test_a_list_of_exceptions_gone_mad(self):
        """It frees what others list: it is to blame, not they."""
        self.begin([lines(["fine.example"])], category="ours", scope="subtree",
                   settings={"categories": "\n  - name: ours\n    action: allow"}, good=[f"{name}.good.example" for name in "abc"] +
                   [f"g{i}.zone.example" for i in range(2000)])
        said = self.turn(lines(["fine.example", "zone.example"]))
        self.assertRegex(said, r"feed bad0: ALARM: it would allow 2000 of the 200\d names that are blocked \(max-shrink 50\)")
        self.assertEqual(self.alarms(), {"bad0": "shrink"})
        self.assertIn(("subtree", "fine.example"), self.dump())

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

    def test_deep_names(self):
        """The same number of names, each of which takes many times the room."""
        def deep(count, labels, head="d"):
            return [".".join(["a"] * (labels - 2) + [f"{head}{i}.example"]) for i in range(count)]
        old = names("h", 12000)
        size = lambda: os.path.getsize(self.table)
        self.begin([lines(old)])
        first = size()
        for labels, said, alarm in ((100, "more labels than a list's names may have", None), (17, "more labels than a list's", None),
                                    (16, r"12000 names that need 138000 nodes of the table, where as many needed 12000 before", "growth")):
            with self.subTest(labels):
                self.assertRegex(self.turn(lines(deep(9000, labels), names("h", 3000)) if labels == 16 else lines(deep(12000, labels))), said)
                self.assertLess(size(), first * 1.1)
                self.assertEqual(self.status()["feeds"][1]["withheld_alarm"], alarm or "")
                self.assertIn(("exact", "h11999.example"), self.dump())
        # Names as deep as real ones are, and reverse ones.
        reverse = ".".join(["1", "0"] * 16 + ["ip6.arpa"])
        said = self.turn(lines(old, deep(2000, 11), [reverse]), code=0)
        self.assertIn(("exact", reverse), self.dump())
        self.assertIn(("exact", deep(1, 11)[0]), self.dump())

    def small_disk(self, megabytes):
        """The state directory on a file system of its own."""
        os.makedirs(self.path("state"))
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "tmpfs", self.path("state")], capture_output=True).returncode:
            self.skipTest("may not mount a file system")
        self.addCleanup(subprocess.run, ["umount", "-l", self.path("state")])
        return lambda: (lambda fs: fs.f_bavail * fs.f_frsize >> 20)(os.statvfs(self.path("state")))

    def test_padded_documents(self):
        """Two that are nearly nothing but blanks, and each run larger: there is always room for the others."""
        free = self.small_disk(60)
        pad = lambda megabytes: "# " + (" " * 1021 + "\n# ") * (megabytes * 1000) + "\n"
        self.begin([lines(["one.example"]), lines(["two.example"])])
        for megabytes, code in ((3, 0), (10, 0), (29, 1), (59, 1), (3, 0)):
            with self.subTest(megabytes):
                text = lines(["one.example"]) + pad(megabytes)
                said = self.turn(text, text.replace("one", "two"), code=code)
                self.assertEqual("would leave too little of the disk" in said, code == 1, said)
                self.assertGreater(free(), 9)

    def test_padded_events(self):
        """Many small ones, which stay: what fits is taken, and when the server has fewer the feed heals by itself."""
        free = self.small_disk(40)
        self.begin([])
        uuid = lambda i: f"{i:08x}-1111-4111-8111-111111111111"
        os.makedirs(self.path("www/misp"))
        self.all_feeds.append({"name": "misp", "url": self.url + "/misp", "format": "misp-feed"})

        def offer(count, pad):
            for i in range(count):
                one = event(1, [f"e{i}.example"])
                one["Event"]["uuid"] = uuid(i)
                self.write(f"www/misp/{uuid(i)}.json", json.dumps(one) + " " * pad)
            self.write("www/misp/manifest.json", json.dumps({uuid(i): {"info": "x", "timestamp": 1700000000 + pad, "Orgc": {"name": "o"}}
                                                             for i in range(count)}))
        offer(3, 0)
        self.turn(code=0)
        for count in (500, 500, 700):
            offer(count, 100000)
            self.assertIn("would leave too little of the disk", self.turn())
            self.assertGreater(free(), 15)
        self.assertIn(("subtree", "e2.example"), self.dump())
        offer(20, 100)
        self.turn(code=0)
        self.assertGreater(free(), 30)
        # One alone that is too large.
        offer(1, 70000000)
        self.assertIn("document of more than 67108864 octets", self.turn())

    def test_names_that_crowd(self):
        """Whoever reads the table finds names for which no table with its key has a place: they cost a new key, no more, and
        not the next one of a row that he can go on with."""
        size = 20000
        self.begin([lines(names("h", 1500))], good=names("good", size))
        key = lambda: open(self.table, "rb").read()[32:40]
        kept = lambda: int(open(self.path("state/key")).read(), 16).to_bytes(8, "little")
        keys = {key()}
        for _ in range(3):
            found = subprocess.run([CROWD, self.table, "2000"], check=True, capture_output=True, text=True).stdout
            said = self.turn(lines(names("h", 1500)) + found, code=0)
            self.assertNotIn("no place", said)
            self.assertLessEqual({("exact", name) for name in found.split()}, self.dump())
            self.assertEqual(key(), kept())
            keys.add(key())
            before = key()
            self.turn(None, code=0)
            self.assertEqual(key(), before)
        self.assertEqual(len(keys), 4)

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

    def test_more_than_there_is_memory_for(self):
        """The largest is withheld, the others go on."""
        self.begin([lines(["one.example"])])
        self.all_feeds[1]["url"] = "file://" + self.path("www/bad0")
        self.publish(self.all_feeds)
        self.write("www/bad0", lines(names("h", 3000000)))
        self.write("www/good", lines(self.good, ["new.good.example"]))
        self.configure(self.all_feeds, run="none", allow="\n  - name: good7.example\n    scope: exact")
        said = subprocess.run(["prlimit", "--as=150000000", FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True)
        if "AddressSanitizer" in said.stderr:
            self.skipTest("wants more address space than can be limited")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("feed bad0: ALARM: it needs the most room, and no table can be made with it: ", said.stderr)
        self.assertLessEqual({("exact", "one.example"), ("exact", "new.good.example")}, self.dump())
        self.assertEqual(self.status()["feeds"][1]["withheld_alarm"], "room")
        self.sync(code=0)
        self.assertEqual(self.alarms(), {})

    def sync_limited(self, octets, *lists):
        """A sync in which who writes a larger file dies of it: what is made, not what comes, for that is compressed. Each list
        takes the place of one of the feeds. Returns its exit code and what it says, and what is decided of the good feed's
        newest name and of one that is allowed."""
        for name, listed in zip(("good", "bad0", "bad1"), lists):
            with gzip.open(self.path("www", name), "wt") as f:
                f.write(lines(listed))
        self.round += 1
        freed = f"good{self.round}.example"
        self.configure(self.all_feeds, run="none", allow=f"\n  - name: {freed}\n    scope: exact")
        said = subprocess.run(["prlimit", f"--fsize={octets}", FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True)
        out = self.feedsync("lookup", self.table, "new.example", freed).stdout.splitlines()
        return said.returncode, said.stderr, [line.split("\t")[1] for line in out]

    def test_the_making_of_a_table_dies(self):
        """As where the system has no memory for it: who wants so much more than before is withheld; where that is not enough
        `allow` and `block` are published; and it is not tried for ever."""
        deep = lambda head: ["a." * 12 + f"{head}{i}.example" for i in range(40000)]
        good = names("good", 2000)
        self.begin([lines(names("one", 900)), lines(names("two", 900))], good=good, **{"max-growth": 1000000})
        code, said, decided = self.sync_limited(1000000, good + ["new.example"], deep("h"))
        self.assertIn("making the table ended by signal 25 (File size limit exceeded); it is tried again with less", said)
        self.assertEqual((code, decided, self.alarms()), (1, ["block", "allow"], {"bad0": "room"}), said)
        self.assertIn(("exact", "one7.example"), self.dump())
        code, said, decided = self.sync_limited(1000000, good, deep("h"), deep("g"))
        self.assertIn("only `allow` and `block` published: making the table ended by signal 25", said)
        self.assertEqual((code, decided), (1, ["block", "allow"]), said)
        with open(self.path("state/sync.json")) as f:
            self.assertEqual(json.load(f)["error_class"], "internal")
        before = self.dump()
        code, said, decided = self.sync_limited(5000, good, deep("h"), deep("g"))
        self.assertEqual((code, said.count("it is tried again with less"), self.dump()), (2, 2, before), said)
        self.assertIn("nothing published: making the table ended by signal 25", said)
        self.sync(code=0)
        self.assertEqual(self.alarms(), {})
        self.assertIn(("exact", deep("g")[7]), self.dump())

    def test_the_largest_is_not_to_blame(self):
        """But who has grown."""
        good = names("good", 200000)
        self.begin([lines(names("h", 40000))], good=good)
        size = os.path.getsize(self.table)
        code, said, decided = self.sync_limited(size + 100000, good + ["new.example"], names("h", 118000))
        self.assertEqual((code, decided, self.alarms()), (1, ["block", "allow"], {"bad0": "room"}), said)

    def test_the_history_is_for_all(self):
        """A feed that changes thousands of rules each time leaves the details of the others, and of former publishes, there."""
        self.begin([lines(names("h", 20000))], good=names("good", 100))
        changes = lambda: [line.split() for line in self.feedsync("-c", self.config, "history", str(
            json.loads(self.feedsync("-c", self.config, "history", "-n", "1", "--json").stdout)["publishes"][0]["generation"])).stdout.splitlines()]
        self.turn(lines(names("other", 12000), names("h", 8000)), code=0)
        told = [" ".join(line) for line in changes()]
        self.assertEqual(sum("new1.good.example" in line for line in told), 1)
        self.assertLess(len(told), 6100)
        self.assertTrue(any("12000" in line for line in told), told[:20])

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
