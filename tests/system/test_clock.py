"""Clocks that are wrong, of this machine and of servers, and ends that lie far away."""
import email.utils

from feeds import *
from peers import *


class Clock(FeedLab):
    """A clock that is set wrong ends nothing, and brings nothing back; all else goes on."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.now = int(time.time())
        self.dated(None)

    def dated(self, ahead):
        """What the servers say of the time: nothing, or how many seconds they are ahead."""
        self.date = {} if ahead is None else {"Date": email.utils.formatdate(self.now + ahead, usegmt=True)}

    def serve_feeds(self):
        """A feed of each kind of end: what has ended, what ends in some days, what has none."""
        ends = {"old": self.now - 20 * DAY, "young": self.now - 2 * DAY}
        until = {name: Taxii.time(at + 10 * DAY) for name, at in ends.items()}
        attributes = {f"{name}.misp.example": {"timestamp": str(at)} for name, at in ends.items()}
        bodies = {
            "/c": csv_rows(*((f"{name}.csv.example", "online", str(at)) for name, at in ends.items())),
            "/j": json.dumps([{"host": f"{name}.json.example", "seen": at} for name, at in ends.items()]),
            "/s": stix(*(indicator(i, f"{name}.stix.example", valid_until=at) for i, (name, at) in enumerate(until.items()))),
            "/m/manifest.json": json.dumps(manifest_of(event(1, []))),
            f"/m/{UUID.format(1)}.json": json.dumps(event(1, attributes)),
            "/d": "plain.example\n"}
        for path, body in bodies.items():
            self.server.responses[path] = lambda headers, body=body: response(body, **self.date)
        age = {"max-age": "10d"}
        feeds = [{"name": "c", "format": "csv", "field": "host", "seen": "seen", **age},
                 {"name": "j", "format": "json", "field": "host", "seen": "seen", **age},
                 {"name": "s", "format": "stix"}, {"name": "m", "format": "misp-feed", **age}, {"name": "d", "format": "domains"}]
        self.feeds = [{**feed, "url": f"{self.server.url}/{feed['name']}{'/' * (feed['name'] == 'm')}"} for feed in feeds]
        soon = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(self.now + 5 * DAY))
        self.until = {"allow": f"\n  - name: free.example\n    expires: {soon}",
                      "block": f"\n  - name: bad.example\n    expires: {soon}"}
        self.configure(self.feeds, run="none", **self.until)

    ALL = {"young.csv.example", "young.json.example", "young.stix.example", "young.misp.example", "plain.example"}

    def names(self):
        return {name for _, name in self.dump()}

    def decision(self, name):
        return self.feedsync("lookup", self.table, name).stdout.split("\t")[1]

    def doubt(self, seconds):
        status = self.at(seconds, "status", code=None)
        told = json.loads(self.at(seconds, "status", "--json").stdout)
        self.assertEqual(bool(told["clock_error"]), "clock: NOT BELIEVED: the clock says" in status.stdout)
        self.assertTrue(not told["clock_error"] or not told["well"])
        return told["clock_error"]

    def test_a_clock_that_is_wrong(self):
        self.serve_feeds()
        all_names = self.ALL | {"free.example", "bad.example"}
        for servers, offs in (None, (100 * DAY, 12 * DAY, -3000 * DAY, -12 * DAY)), (0, (100 * DAY, -300 * DAY)):
            for off in offs:
                with self.subTest(servers=servers, off=off):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.server.responses["/d"] = lambda headers: response("plain.example\n", **self.date)
                    self.dated(servers)
                    self.configure(self.feeds, run="none", **self.until)
                    self.sync()
                    self.assertEqual(self.names(), all_names)
                    # News comes, and what the operator says counts; nothing else changes.
                    self.server.responses["/d"] = lambda headers: response("plain.example\nnew.example\n", **self.date)
                    self.configure(self.feeds, run="none", allow=self.until["allow"] + "\n  - name: young.csv.example",
                                   block=self.until["block"])
                    said = self.sync_at(off)
                    self.assertRegex(said, "warning: the clock says .* (minutes|days) (ahead of|behind) what is to be expected")
                    self.assertEqual(self.names(), all_names | {"new.example"})
                    self.assertEqual([self.decision(n) for n in ("free.example", "bad.example", "young.csv.example", "new.example")],
                                     ["allow", "block", "allow", "block"])
                    self.assertRegex(self.doubt(off), "^the clock says ")
                    self.sync_at(off)  # and goes on doing so
                    self.assertEqual(self.names(), all_names | {"new.example"})
                    # It is right again.
                    self.assertNotIn("the clock says", self.sync())
                    self.assertEqual((self.doubt(0), self.names()), ("", all_names | {"new.example"}))
                    self.assertTrue(self.status()["well"])

    def test_time_that_has_passed_ends_what_ends(self):
        """As the servers tell, of which most must; or as the operator says."""
        self.serve_feeds()
        other = self.enterContext(FaultServer())
        third = self.enterContext(FaultServer())
        liars = [{"name": name, "format": "domains", "url": server.url + "/x"} for name, server in (("x", other), ("y", third))]
        later = 30 * DAY
        for servers, lies, believed in (({"d": later}, [], True), ({"d": later}, [0], False), ({"d": later}, [later, 0], True),
                                        ({"d": later}, [0, 0], False), ({"d": 0}, [], False)):
            with self.subTest(servers=servers, lies=lies):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.configure(self.feeds + liars[:len(lies)], run="none")
                self.dated(0)
                for server in other, third:
                    server.responses["/x"] = response("x.example\n", Date=self.date["Date"])
                self.sync()
                self.assertEqual(self.names() - {"x.example"}, self.ALL)
                self.dated(servers["d"])
                for server, lie in zip((other, third), lies):
                    server.responses["/x"] = response("x.example\n", Date=email.utils.formatdate(self.now + lie, usegmt=True))
                self.assertEqual("the clock says" in self.sync_at(later), not believed)
                self.assertEqual(self.names() - {"x.example"}, {"plain.example"} if believed else self.ALL)
                self.assertEqual(self.doubt(later) == "", believed)
                self.at(later, "sync", "--accept-table", code=0)
                self.assertEqual((self.names() - {"x.example"}, self.doubt(later)), ({"plain.example"}, ""))
                # And by a clock that goes on from there.
                self.assertNotIn("the clock says", self.sync_at(later + 1))

    def test_after_a_start_of_the_machine(self):
        """How long it was off nobody counts: up to a day is believed, unless the servers say otherwise; and more where they do."""
        self.serve_feeds()
        soon = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(self.now + 6 * 3600))
        for servers, off, believed in ((None, 12 * 3600, True), (0, 12 * 3600, False), (12 * 3600, 12 * 3600, True),
                                       (None, 2 * DAY, False), (0, 2 * DAY, False), (2 * DAY, 2 * DAY, True), (None, -DAY, False)):
            with self.subTest(servers=servers, off=off):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.configure(self.feeds, run="none", block=f"\n  - name: bad.example\n    expires: {soon}")
                self.dated(0)
                self.sync()
                with open(self.path("state/sync.json"), "r+") as f:
                    text = re.sub(r'"boot": "[^"]*"', '"boot": "another"', f.read())
                    f.seek(0)
                    f.write(text)
                    f.truncate()
                self.dated(servers)
                self.assertEqual("the clock says" in self.sync_at(off), not believed)
                self.assertEqual(self.decision("bad.example"), "pass" if believed else "block")
                self.assertEqual(self.doubt(off) == "", believed)

    def test_a_wait_is_no_longer_than_it_was(self):
        """A server that asks to be left alone for a minute, and a clock that is set back by a year."""
        self.server.responses["/d"] = response("", status="503 Busy", Retry_After="60", **self.date)
        self.configure([{"name": "d", "format": "domains", "url": self.server.url + "/d"}], run="none")
        self.sync(code=2)
        words = self.at(-365 * DAY, "status").stdout
        self.assertRegex(words, r"left alone for another ([1-5]\d|60) s")


class FarEnds(FeedLab):
    """A feed that ends all it said, or says that it has not begun, takes nothing of others with it, and keeps nobody's news
    nor the operator's words back."""

    FAR = {"empty": {}, "past": {"valid_from": "2001-01-01T00:00:00Z", "valid_until": "2001-01-02T00:00:00Z"},
           "future": {"valid_from": "2099-01-01T00:00:00Z", "valid_until": "2099-01-02T00:00:00Z"},
           "past, by other words": {"modified": "2001-01-01T00:00:00Z", "valid_until": "1969-01-01T00:00:00Z"},
           "no time": {"valid_until": "never"}, "revoked": {"revoked": True}}
    DATES = {"empty": "Fri, 01 Jan 1971 00:00:00 GMT", "past": "Mon, 01 Jan 2001 00:00:00 GMT",
             "future": "Thu, 01 Jan 2099 00:00:00 GMT", "no time": "yesterday"}

    def test_ends_of_all_kinds(self):
        bad, good = self.enterContext(FaultServer()), self.enterContext(FaultServer())
        for count in 900, 3000:
            for what, more in self.FAR.items():
                with self.subTest(what, count=count):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    with contextlib.suppress(FileNotFoundError):
                        os.remove(self.table)
                    feeds = [{"name": "bad", "format": "stix", "url": bad.url + "/"},
                             {"name": "good", "format": "domains", "url": good.url + "/"}]
                    indicators = [indicator(i, f"bad{i}.example") for i in range(count)]
                    times = {"Date": self.DATES.get(what, "")} | ({"Last_Modified": self.DATES[what]} if what in self.DATES else {})
                    bad.responses["/"] = response(stix(*indicators), **times)
                    good.responses["/"] = response("".join(f"good{i}.example\n" for i in range(1200)))
                    self.configure(feeds, run="none")
                    self.sync()
                    self.assertEqual(len(self.dump()), count + 1200)
                    bad.responses["/"] = response(stix(*({**i, **more} for i in indicators if more)), **times)
                    for news in 1, 2:
                        good.responses["/"] = response("".join(f"good{i}.example\n" for i in range(1200 + news)))
                        self.configure(feeds, run="none", allow=f"\n  - name: good{news}.example")
                        self.sync(code=None)
                        decisions = [line.split("\t")[1] for line in self.feedsync(
                            "lookup", self.table, f"good{1199 + news}.example", f"good{news}.example", "bad7.example").stdout.splitlines()]
                        # Its own names may go, a few of them by its word alone.
                        self.assertEqual(decisions[:2], ["block", "allow"])
                        if what != "future":
                            self.assertEqual(decisions[2], "block" if count == 3000 else "pass")
                        self.assertEqual(self.status()["clock_error"], "")
