"""What raises an alarm, and how the operator accepts it."""
from feeds import *


class Alarms(FeedLab):
    def publish(self, text, more="", **feed):
        self.write("www/list.txt", text)
        self.serve(more=more)
        self.feeds = [{"name": "l", "url": self.url + "/list.txt", "format": "domains", **feed}]
        self.configure(self.feeds)
        self.sync()

    def entries(self):
        return len(self.dump())

    def accept(self, *words, code=0):
        return self.feedsync("-c", self.config, "sync", *words, code=code).stderr

    def assert_alarm(self, kind, words, entries):
        """The next run raises it, says why, and changes nothing."""
        said = self.sync(code=1)
        self.assertRegex(said, rf"feed l: ALARM: {words}.*feedsync sync --accept l(; it looks like `format: [^;]*`)?; the last good version stays")
        self.assertEqual(self.entries(), entries)
        feed = self.status()["feeds"][0]
        self.assertEqual((feed["alarm"], feed["well"]), (kind, False))
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, rf"feed l: ALARM.*\n  last attempt: ALARM: {words}")

    def test_sizes(self):
        self.publish(numbered(3000))
        self.assertEqual(self.status()["feeds"][0]["alarm"], "")
        self.write("www/list.txt", numbered(1400))
        self.assert_alarm("shrink", r"1400 entries, 53 % fewer than the 3000 before \(max-shrink 50\)", 3000)
        self.assert_alarm("shrink", "1400 entries", 3000)  # and goes on doing so
        # Accepted, once.
        self.assertIn("feed l: accepted: 1400 entries", self.accept("--accept", "l"))
        self.assertEqual(self.entries(), 1400)
        self.assertEqual(self.status()["feeds"][0]["alarm"], "")
        self.write("www/list.txt", numbered(9000))
        self.assert_alarm("growth", r"9000 entries, 542 % more than the 1400 before \(max-growth 200\)", 1400)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 9000)
        # A change within the limits, and one of a few entries only.
        self.write("www/list.txt", numbered(4600))
        self.sync()
        self.configure([{**self.feeds[0], "max-shrink": 1}])
        self.write("www/list.txt", numbered(3700))
        self.sync()
        self.assertEqual(self.entries(), 3700)
        self.configure([{**self.feeds[0], "max-shrink": 1, "max-growth": 0}])
        self.write("www/list.txt", numbered(2600))
        self.assert_alarm("shrink", r"2600 entries, 29 % fewer than the 3700 before \(max-shrink 1\)", 3700)

    def test_an_acceptance_is_for_one_run(self):
        self.publish(numbered(3000))
        os.rename(self.path("www/list.txt"), self.path("kept"))
        self.accept("--accept", "l", code=1)  # a run in which there was nothing to accept
        self.write("www/list.txt", numbered(10))
        self.assert_alarm("shrink", "10 entries", 3000)
        self.assertIn('no feed "other"', self.accept("--accept", "l", "--accept", "other", code=2))
        self.assert_alarm("shrink", "10 entries", 3000)
        self.assertIn("--accept wants a value", self.accept("--accept", code=2))
        self.assertIn("one word too many", self.accept("l", code=2))
        self.assertIn("one word too many", self.accept("--accept-table", "l", code=2))

    def test_minimum(self):
        self.publish(numbered(20), **{"min-entries": 10})
        self.write("www/list.txt", numbered(9))
        self.assert_alarm("minimum", r"9 entries only \(min-entries 10\)", 20)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 9)
        # It holds for the first version, too.
        self.configure([{**self.feeds[0], "name": "n"}])
        self.assertIn("9 entries only", self.sync(code=1))
        self.assertEqual(self.entries(), 9)  # of the feed that it is to take the place of

    def test_another_format(self):
        self.publish(numbered(20))
        self.write("www/list.txt", numbered(20) + "".join(f"0.0.0.0 host{i}.example\n" for i in range(21)))
        self.assert_alarm("rejected", r"21 of 41 entries are unusable, as if it were in another format \(max-rejected 50\)", 20)
        self.accept("--accept", "l")
        self.write("www/list.txt", numbered(21) + "".join(f"http://host{i}.example/\n" for i in range(20)))
        self.sync()

    def test_pages_instead_of_lists(self):
        page = "<!DOCTYPE html>\n<html><body>\nPlease log in: sso.example\n</body></html>\n"
        for form, good, more in (("domains", "one.example\n", {}), ("hosts", "0.0.0.0 one.example\n", {}),
                                 ("adblock", "||one.example^\n", {}), ("dnsmasq", "local=/one.example/\n", {}),
                                 ("unbound", 'local-zone: "one.example" static\n', {}),
                                 ("csv", "url,host\n,one.example\n", {"field": "host"}),
                                 ("json", '[{"host":"one.example"}]\n', {"field": "host"})):
            with self.subTest(form):
                path = self.write("list", good)
                self.configure([{"name": form, "url": "file://" + path, "format": form, **more}])
                self.sync()
                before = self.dump()
                self.write("list", page)
                self.assertIn("an HTML or XML page", self.sync(code=1))
                self.assertEqual(self.dump(), before)
        self.misp([event(1, ["one.example"])])
        self.configure([{"name": "m", "url": "file://" + self.path("www"), "format": "misp-feed"}])
        self.sync()
        self.write("www/manifest.json", page)
        self.assertIn("manifest.json: an HTML or XML page", self.sync(code=1))

    def test_misp(self):
        names = numbered(3000).split()
        self.misp([event(1, names[:2000]), event(2, names[2000:])])
        self.serve()
        self.configure([{"name": "l", "url": self.url, "format": "misp-feed"}])
        self.sync()
        self.misp([event(2, names[2000:])])
        self.assert_alarm("shrink", "1000 entries, 66 % fewer than the 3000 before", 3000)
        self.accept("--accept", "l")
        self.assertEqual(self.entries(), 1000)

    def test_misp_by_parts(self):
        """What could not be had at first is no growth when it comes."""
        events = [event(1, ["one.example"]), event(2, numbered(3000).split())]
        with FaultServer() as server:
            server.responses["/manifest.json"] = response(manifest_of(*events))
            server.responses[f"/{UUID.format(1)}.json"] = response(events[0])
            server.responses[f"/{UUID.format(2)}.json"] = response("", status="500 Oops")
            self.configure([{"name": "l", "url": server.url, "format": "misp-feed"}])
            self.sync(code=1)
            self.assertEqual(self.entries(), 1)
            server.responses[f"/{UUID.format(2)}.json"] = response(events[1])
            self.configure([{"name": "l", "url": server.url, "format": "misp-feed"}], **{"table-max-growth": 1000000})
            self.sync(code=0)
            self.assertEqual(self.entries(), 3001)
            # Now it is whole.
            server.responses["/manifest.json"] = response(manifest_of(events[0]))
            self.assert_alarm("shrink", "1 entries, 99 % fewer than the 3001 before", 3001)

    def test_files_of_this_machine(self):
        """Their keeper may do to them what he likes, unless he asks to be warned."""
        feed = {"name": "l", "url": "file://" + self.write("list", numbered(3000)), "format": "domains"}
        self.configure([feed])
        self.sync()
        self.write("list", numbered(1))
        self.sync()
        self.write("list", numbered(9000))
        self.sync()
        self.configure([{**feed, "max-shrink": 10}])
        self.write("list", numbered(4000))
        self.assert_alarm("shrink", "4000 entries", 9000)

    def test_a_damaged_version_is_nothing_to_compare_with(self):
        rows = lambda count: json.dumps([{"n": name} for name in numbered(count).split()])
        self.write("www/list.json", rows(3000))
        self.serve()
        self.configure([{"name": "l", "url": self.url + "/list.json", "format": "json", "field": "n"},
                        {"name": "k", "url": "file://" + self.write("k", "kept.example\n"), "format": "domains"}])
        self.sync()
        with open(self.path("state/feeds/l/good.json"), "r+") as f:
            f.truncate(100)
        self.assertIn("feed l: 3000 rules of the published table stay", self.sync(code=1))
        self.assertEqual(self.entries(), 3001)
        self.sync(code=0)
        self.assertEqual(self.status()["feeds"][0]["entries"], 3000)

    def test_accepted_while_held(self):
        """What was accepted of a feed is accepted of the table as well, also where that is made only later."""
        names = lambda count: "".join(f"n{i}.example\n" for i in range(count))
        self.configure([{"name": "d", "format": "domains", "url": "file://" + self.path("list"), "max-shrink": 50}], run="none",
                       **{"table-max-shrink": 50})
        for count in (5000, 5010):
            self.write("list", names(count))
            self.sync(code=0)
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.write("list", names(1000))
        self.assertIn("ALARM", self.sync(code=2))
        self.assertIn("accepted", self.feedsync("-c", self.config, "sync", "--accept", "d", code=2).stderr)
        self.feedsync("-c", self.config, "resume", code=0)
        self.sync(code=0)
        self.assertEqual(len(self.dump()), 1000)
        self.assertFalse(os.path.exists(self.path("state/accept")))

    def test_the_table(self):
        self.write("www/a.txt", numbered(3000))
        self.write("www/b.txt", numbered(3000, 10000))
        self.serve()
        a, b = ({"name": name, "url": f"{self.url}/{name}.txt", "format": "domains"} for name in "ab")
        self.configure([a, b])
        self.sync()
        self.assertEqual(self.entries(), 6000)
        # All that was known is lost, and one feed cannot be had just now: what is published of it stays, but for what has
        # become his own infrastructure.
        shutil.move(self.path("state"), self.path("lost"))
        self.write("www/a.txt", numbered(2800))
        os.rename(self.path("www/b.txt"), self.path("b"))
        self.configure([a, b], guard="\n  own: [name11000.example]")
        self.assertIn("feed b: 2999 rules of the published table stay", self.sync(code=1))
        self.assertEqual((self.entries(), ("exact", "name11000.example") in self.dump()), (2800 + 2999, False))
        # It has come, and holds next to nothing.
        self.write("www/b.txt", numbered(10, 10000))
        said = self.sync(code=1)
        self.assertRegex(said, r"feed b: ALARM: 10 rules, 99 % fewer than the 2999 before \(max-shrink 50\); if that is right: "
                               r"feedsync sync --accept b; what is published of it stays")
        self.assertEqual(self.entries(), 2800 + 2999)
        a_now, b_now = self.status()["feeds"]
        self.assertEqual((a_now["well"], b_now["well"], b_now["withheld_alarm"]), (True, False, "shrink"))
        self.assertIn("ALARM: 10 rules", b_now["withheld"])
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, "feed b: WITHHELD.*\n  an older version is in force: ALARM")
        self.assertIn("the table: accepted: 2811 rules", self.accept("--accept-table"))
        self.assertEqual(self.entries(), 2810)
        self.assertTrue(self.status()["feeds"][1]["well"])
        # It has nothing in the published table: that this grows by that feed is what was wanted.
        self.configure([a])
        self.sync()
        os.rename(self.path("b"), self.path("www/b.txt"))
        self.configure([a, b], **{"table-max-growth": 20})
        self.assertIn("because feed b was added", self.accept("--accept", "b"))
        self.assertEqual(self.entries(), 5800)
        # The same feeds are judged.
        self.write("www/b.txt", numbered(5000, 10000))
        self.assertIn("feed b: ALARM: the table would hold 7801 rules, 34 % more than the 5801 before (table-max-growth 20)",
                      self.sync(code=1))
        self.assertEqual(self.entries(), 5800)
        self.accept("--accept-table")
        # A feed taken out of the configuration takes its rules with it; if these are many, not without a question.
        self.configure([a])
        said = self.sync(code=1)
        self.assertRegex(said, r"feed b: ALARM: taken out of the configuration: the table would hold 2801 rules, 64 % fewer than the "
                               r"7801 before \(table-max-shrink 50\); if that is right: feedsync sync --accept-table")
        self.assertEqual(self.entries(), 7800)
        status = self.status()
        self.assertIn("taken out", status["last_run"]["error"])
        self.assertEqual(status["last_run"]["error_class"], "alarm")
        self.assertFalse(status["well"])
        self.assertIn(("run_alarm", "feedsync sync --accept-table"), [(c["condition"], c["next"]) for c in status["conditions"]])
        self.accept("--accept-table")
        self.assertEqual(self.entries(), 2800)
        self.assertTrue(self.status()["feeds"][0]["well"])
        self.sync(code=0)

    def test_expiry_is_no_alarm(self):
        """What was announced to end ends, however much it is, and comes back, in a feed and in the table."""
        soon = int(time.time()) - 3600

        def numbers(count, seen, start=0):
            return "".join(f"n{i}.example,{seen}\n" for i in range(start, start + count))

        self.write("www/c.csv", "n,seen\n" + numbers(3000, soon))
        self.serve()
        ends = int(time.time()) + 20
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen",
                         "max-age": f"{ends - soon}s"}], **{"table-max-growth": 200})
        self.sync()
        self.assertEqual(self.entries(), 3000)
        self.write("www/c.csv", "n,seen\n" + numbers(2900, soon) + numbers(100, "", 2900))
        self.sync()
        # The server is down.
        os.rename(self.path("www/c.csv"), self.path("kept"))
        time.sleep(max(0, ends + 1 - time.time()))
        self.assertIn("because entries expired", self.sync(code=1))
        self.assertEqual(self.entries(), 100)
        # It comes back, with as many as before.
        self.write("www/c.csv", "n,seen\n" + numbers(2900, int(time.time())) + numbers(100, "", 2900))
        said = self.sync()
        self.assertIn("because expired entries came back", said)
        self.assertEqual(self.entries(), 3000)
        # With three times as many.
        self.write("www/c.csv", "n,seen\n" + numbers(9100, int(time.time())))
        self.assertIn("ALARM: 9100 entries, 203 % more than the 3000 before", self.sync(code=1))

    def test_what_a_list_says_of_its_own_ends_is_no_excuse(self):
        now = int(time.time())

        def rows(count, seen, start=0):
            return "".join(f"n{i}.example,{seen}\n" for i in range(start, start + count))

        def offer(*parts):
            self.write("www/c.csv", "n,seen\n" + "".join(parts))
        gone, valid = now - 7 * 86400, now
        self.serve()
        c = {"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen", "max-age": "1d"}
        b = {"name": "b", "url": f"{self.url}/b.txt", "format": "domains", "max-shrink": 100, "max-growth": 100000}
        self.write("www/b.txt", numbered(2000))
        self.configure([c, b], **{"table-max-growth": 50})
        offer(rows(3000, valid))
        self.sync()
        # It empties itself.
        offer(rows(2900, gone), rows(100, valid, 2900))
        self.assertIn("feed c: ALARM: 100 entries, 96 % fewer than the 3000 before", self.sync(code=1))
        # It pads itself with what nobody sees, takes that away, or makes it valid.
        offer(rows(3000, valid), rows(9000, gone, 3000))
        self.sync()
        offer(rows(3000, valid), rows(27000, gone, 3000))
        self.sync()
        offer(rows(30000, valid))
        self.assertIn("feed c: ALARM: 30000 entries, 900 % more than the 3000 before", self.sync(code=1))
        offer(rows(3000, valid))
        self.write("www/b.txt", numbered(20000))
        self.assertRegex(self.sync(code=1), "feed b: ALARM: the table would hold 23001 rules, 359 % more")
        self.assertEqual(self.entries(), 5000)

    def test_an_expiry_is_no_excuse_for_others(self):
        """Many entries that are few rules expire; another list has lost nearly all."""
        soon = int(time.time()) - 3600
        self.serve()
        self.write("www/c.csv", "n,seen\n" + "".join(f"n{i % 10}.example,{soon}\n" for i in range(5000)))
        self.write("www/b.txt", numbered(3000))
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen", "max-age": "3603s"},
                        {"name": "b", "url": f"{self.url}/b.txt", "format": "domains", "max-shrink": 100}])
        self.sync()
        self.assertEqual(self.entries(), 3010)
        wait_for(lambda: time.time() > soon + 3604)
        self.write("www/b.txt", numbered(10))
        self.assertRegex(self.sync(code=1), "feed b: ALARM: the table would hold 11 rules, 99 % fewer than the 3011 before")
        self.assertEqual(self.entries(), 3000)

    def test_all_expires(self):
        self.write("www/c.csv", f"n,seen\none.example,{int(time.time()) - 3600}\n")
        self.serve()
        self.configure([{"name": "c", "url": f"{self.url}/c.csv", "format": "csv", "field": "n", "seen": "seen",
                         "max-age": "3603s"}])
        self.sync()
        os.remove(self.path("www/c.csv"))
        wait_for(lambda: self.sync(code=1) and self.entries() == 0)
        self.assertEqual(self.status()["feeds"][0]["well"], False)

    def test_the_operator_does_not_wait(self):
        """While what the feeds hold is refused their part stays as it is published; `allow` and `block` take effect at once."""
        self.write("www/a.txt", numbered(3000))
        self.write("www/b.txt", numbered(3000, 10000))
        self.serve()
        feeds = [{"name": name, "url": f"{self.url}/{name}.txt", "format": "domains"} for name in "ab"]
        self.configure(feeds, run="none")
        self.sync()
        before, name = self.dump(), "name10001.example"
        lists = {"allow": f"\n  - name: {name}\n    scope: exact", "block": "\n  - name: wrong.example"}
        operators = {("exact", name), ("subtree", "wrong.example")}
        decision = lambda: self.feedsync("lookup", self.table, name).stdout.split("\t")[1]
        history = lambda: json.loads(self.feedsync("-c", self.config, "history", "--json").stdout)["publishes"]
        # All that was known is lost, and none can be had.
        shutil.move(self.path("state"), self.path("lost"))
        os.rename(self.path("www/b.txt"), self.path("b"))
        for feed in "ab":
            self.write(f"www/{feed}.txt", "<html>")
        cause = "no feed has a good version"
        self.configure(feeds, run="none")
        self.assertRegex(self.sync(code=2), f"nothing published: {cause}")
        self.assertEqual((self.dump(), decision()), (before, "block"))
        self.configure(feeds, run="none", **lists)
        self.assertRegex(self.sync(code=1), f"only `allow` and `block` published: {cause}")
        self.assertEqual((self.dump(), decision()), (before | operators, "allow"))
        newest, status = history()[0], self.status()
        self.assertEqual((newest["cause"], newest["added"], newest["removed"]), ("operator", 2, 1))
        self.assertFalse(status["well"])
        self.assertIn(cause, status["last_run"]["error"])
        self.assertIn(f"FEEDS NOT PUBLISHED: {cause}", self.feedsync("-c", self.config, "status", code=1).stdout)
        # Said once, and taken back.
        self.assertRegex(self.sync(code=2), f"nothing published: {cause}")
        self.assertEqual(history()[0], newest)
        self.configure(feeds, run="none")
        self.sync(code=1)
        self.assertEqual((self.dump(), decision()), (before, "block"))
        # A daemon is told by a reload.
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "nothing published" in daemon.log())
        self.configure(feeds, run="none", **lists)
        os.kill(daemon.pid, signal.SIGHUP)
        wait_for(lambda: decision() == "allow")
        daemon.stop()
        # What the feeds hold comes with the rest, once it will do.
        self.write("www/a.txt", numbered(2900))
        os.rename(self.path("b"), self.path("www/b.txt"))
        self.sync()
        self.assertEqual(self.dump(), (before | operators) - {("exact", f"name{i}.example") for i in range(2900, 3000)})
        self.assertEqual((history()[0]["cause"], decision()), ("sync", "allow"))
        # A rollback holds everything.
        self.feedsync("-c", self.config, "rollback", history()[1]["generation"], code=0)
        self.configure(feeds, run="none")
        self.assertIn("HELD", self.sync(code=2))
        self.assertEqual(decision(), "allow")

    def test_a_feed_that_was_renamed(self):
        """What is published of a feed that is none any more is not given up for one that has not come yet; nor does an `allow`
        wait for that one."""
        self.write("list", numbered(3000))
        self.configure([{"name": "a", "url": "file://" + self.path("list"), "format": "domains"}], run="none")
        self.sync()
        before = self.dump()
        self.configure([{"name": "b", "url": "file://" + self.path("none"), "format": "domains"}], run="none",
                       allow="\n  - name: name7.example")
        self.assertRegex(self.sync(code=1), "only `allow` and `block` published: no feed has a good version")
        self.assertEqual(self.dump(), before - {("exact", "name7.example")} | {("subtree", "name7.example")})
        self.assertEqual(self.feedsync("lookup", self.table, "name7.example").stdout.split("\t")[1], "allow")

    def test_a_running_daemon_accepts(self):
        self.publish(numbered(3000))
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "unchanged" in daemon.log())
        self.write("www/list.txt", numbered(10))
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "ALARM: 10 entries" in daemon.log())
        self.assertEqual(self.entries(), 3000)
        self.assertIn("feed l: accepted: 10 entries", self.accept("--accept", "l", code=0))
        self.assertEqual(self.entries(), 10)
        daemon.stop()
