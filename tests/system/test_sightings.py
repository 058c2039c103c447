"""Telling a MISP what was hit: what is told and what is not, once each, whatever comes between."""
import threading, uuid

from sighting_lab import *
from strace_lab import *

class Selection(SightingLab):
    def test_told(self):
        """Each entry that enough clients hit, under an identifier and a time that follow from the day alone."""
        first = sighted_event(1, ["evil.example", "few.example", "unhit.example"])
        second = sighted_event(2, {"host.example": {"type": "hostname"}})
        self.apply(first, second)
        self.hit(("evil.example", 1200, 300), ("few.example", 50, 12), ("host.example", 70, 40, {"scope": 0}), ("other.example", 500, 90))
        self.tell()
        expected = {}
        for e in (first, second):
            a = e["Event"]["Attribute"][0]
            name = "\x1f".join(["sighting", "misp", a["uuid"], time.strftime("%Y-%m-%d", time.gmtime(self.day * DAY)), "0"])
            key = str(uuid.uuid5(uuid.UUID(ORGANISATION), name))
            expected[key] = {"uuid": key, "attribute_uuid": a["uuid"], "date_sighting": str(self.day * DAY + DAY - 1), "type": "0",
                             "source": "dns resolver"}
        self.assertEqual(self.peer.sightings, expected)
        self.assertEqual(self.peer.calls(), [first["Event"]["uuid"], second["Event"]["uuid"]])
        self.assertEqual(self.rows(), [("evil.example", 1), ("host.example", 1)])
        record = self.record()
        self.assertEqual((record["pending"], record["sent"], record["withheld"], record["failed_at"]), (0, 2, {"few": 1, "gone": 1}, 0))
        self.assertEqual(self.log(), [("sightings pending", 2), ("sightings sent", 2)])
        self.tell()
        self.assertEqual(self.peer.calls(), [])

    def test_withheld(self):
        """What is ours, let pass, guarded, excepted or marked is not told; the reasons are."""
        marked = lambda tag: {"Tag": [{"name": tag}]}
        names = {"evil.example": {}, "red.example": marked("tlp:red"), "strict.example": marked("tlp:amber+strict"),
                 "amber.example": marked("tlp:amber"), "chr.example": marked("tlp:ex:chr"), "pap.example": marked("PAP:RED"),
                 "allowed.example": {}, "above.example": {}}
        self.settings["allow"] = json.dumps([{"name": "ok.above.example"}])
        self.apply(sighted_event(1, {n: more for n, more in names.items() if n != "pap.example"}))
        self.feedsync("-c", self.config, "allow", "--reason", "test", "allowed.example")
        self.hit(*((name, 100, 50) for name in names), ("trial.example", 100, 50, {"action": "log"}))
        plan = json.loads(self.tell(0, "--dry-run", "--json").stdout)["partners"][0]
        self.assertEqual({w["name"]: w["reason"] for w in plan["withheld"]},
                         {"red.example": "tlp", "strict.example": "tlp", "chr.example": "unknown-marking", "allowed.example": "allowed",
                          "above.example": "allowed", "pap.example": "gone"})
        self.assertEqual(self.peer.calls(), [])
        self.tell()
        self.assertEqual(self.told(), ["amber.example", "evil.example"])
        self.partner["strict"] = "yes"
        self.setup()
        self.tell()
        self.assertEqual(self.told(), ["amber.example", "evil.example"])  # the day is closed

    def test_false_positive(self):
        """Only the operator's word, and of each entry once: also where what was told is lost."""
        self.apply(sighted_event(1, ["shop.example", "below.shop.example", "evil.example"]),
                   allow=json.dumps([{"name": "shop.example", "report": "yes"}, {"name": "evil.example"}]))
        self.hit(("shop.example", 100, 50))
        self.tell()
        (sighting, ) = self.peer.sightings.values()
        self.assertEqual((sighting["type"], self.told()), ("1", ["shop.example"]))
        self.assertAlmostEqual(int(sighting["date_sighting"]), time.time(), delta=600)
        self.pass_until(DAY)
        self.tell(at=DAY)
        self.assertEqual((len(self.peer.sightings), len(self.peer.arrived)), (1, 1))
        self.assertEqual(self.rows("name, type, state"), [("shop.example", 1, 1)])
        self.assertEqual(self.log(), [("sightings pending", 1), ("sightings sent", 1)])
        [plan] = json.loads(self.tell(0, "--dry-run", "--json", at=DAY).stdout)["partners"]
        self.assertEqual(plan["sightings"], [])  # nor is it shown as what would be told
        os.remove(self.path("state/sightings.sqlite"))
        self.tell(at=DAY)
        self.assertEqual((len(self.peer.sightings), len(self.peer.arrived)), (1, 2))

    def test_once(self):
        """A day is closed once, whatever the clock does; days that were missed are closed together; what is too much waits for
        nothing and is told as withheld."""
        names = [f"n{i}.example" for i in range(8)]
        self.partner["max"] = 5
        self.apply(sighted_event(1, names))
        self.hit(*((n, 100 + i, 50) for i, n in enumerate(names)))
        self.hit(*((n, 100, 50) for n in names[:2]), ago=-2)
        self.tell()
        self.assertEqual(self.told(), names[3:])
        self.assertEqual(self.record()["withheld"], {"max": 3})
        for moved, days in ((-5 * DAY, 1), (2 * DAY, 3), (DAY, 3), (2 * DAY, 3)):
            self.pass_until(moved)
            self.tell(at=moved)
            with contextlib.closing(sqlite3.connect(self.path("state/sightings.sqlite"))) as db:
                self.assertEqual(db.execute("SELECT count(*) FROM closed_day").fetchone(), (days, ))
        self.assertEqual((len(self.peer.sightings), len(self.peer.arrived)), (7, 7))


class Sending(SightingLab):
    """One event, whose three entries are all to be told."""

    def setUp(self):
        super().setUp()
        self.names = ["a.example", "b.example", "c.example"]
        self.apply(sighted_event(1, self.names))
        self.hit(*((name, 100, 50) for name in self.names))

    def add_events(self, *names):
        """Each of these names is in an event of its own."""
        self.apply(sighted_event(1, self.names), *(sighted_event(2 + i, [name]) for i, name in enumerate(names)))
        self.hit(*((name, 100, 50) for name in names), ago=0)
        self.names = [*self.names, *names]

    def uuid_of(self, number):
        return list(self.events)[number - 1]

    def sightings_status(self):
        return json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)["sightings"][0]

    def assert_all_told(self):
        """Each once, none is missing."""
        self.assertEqual(self.told(), self.names)
        self.assertEqual(self.rows(where="state = 0"), [])
        self.feedsync("-c", self.config, "shared", "--verify", code=0)

    def test_refused(self):
        """An event that is hidden, or forbidden to us, keeps nothing else from being told."""
        self.add_events("d.example", "e.example")
        self.peer.hidden, self.peer.forbidden = {self.uuid_of(1)}, {self.uuid_of(3)}
        said = self.tell().stderr
        self.assertEqual(self.told(), ["d.example"])
        self.assertEqual(self.rows("name, state, words"), [
            *((name, 2, "Event not found or not accessible by this user.") for name in self.names[:3]), ("d.example", 1, ""),
            ("e.example", 2, "You do not have permission to use this functionality.")])
        self.assertIn("sightings community: 3 refused: Event not found or not accessible by this user.", said)
        status = self.sightings_status()
        self.assertEqual((status["well"], status["sent"], status["refused"], status["pending"]), (True, 1, 4, 0))
        self.peer.hidden, self.peer.forbidden = set(), set()
        self.tell()
        self.assertEqual(self.told(), ["d.example"])  # that was the last word
        why = json.loads(self.feedsync("-c", self.config, "why", "--json", "x.d.example").stdout)["sightings"]
        self.assertEqual([(w["partner"], w["name"], w["state"]) for w in why], [("community", "d.example", "sent")])
        shared = json.loads(self.feedsync("-c", self.config, "shared", "--json", "x.d.example", code=0).stdout)["sightings"]
        self.assertEqual(shared, why)
        self.assertRegex(self.feedsync("-c", self.config, "shared", "d.example", code=0).stdout,
                         r"^sighted to community of \d{4}-\d\d-\d\d: d\.example, entry 5f0e1e6c-[0-9a-f-]+, sent\n$")

    def test_key(self):
        """A key that is missing, wrong or without the right stops it, and nothing is lost."""
        self.peer.may = False
        self.assertIn("You do not have permission to use this functionality", self.tell(2).stderr)
        self.assertEqual(len(self.peer.calls()), 1)
        record = self.record()
        self.assertEqual((record["pending"], record["error_class"], record["next_at"] - record["tried_at"]), (3, "auth", 3600))
        status = self.feedsync("-c", self.config, "status").stdout
        self.assertRegex(status, r"sightings community: NOT TOLD, last day \d{4}-\d\d-\d\d: 3 found; pending 3, sent 0, refused 0")
        self.peer.may = True
        os.rename(self.key, self.key + "-away")
        self.assertIn(f"{self.key}: ", self.tell(2).stderr)
        self.write("key", "another key")
        os.chmod(self.key, 0o600)
        self.assertIn("Authentication failed", self.tell(2).stderr)
        os.rename(self.key + "-away", self.key)
        self.tell()
        self.assert_all_told()
        self.assertEqual(self.sightings_status()["failed_at"], 0)

    def test_not_of_misp(self):
        """Without MISP's own words nothing is refused for good; words that hold our key are kept nowhere."""
        cases = {"proxy": lambda r: (403, b"<html>Forbidden</html>", {"Content-Type": "text/html"}) if r.path.startswith(BULK) else None,
                 "gateway": lambda r: (403, {"message": "Forbidden"}, {}) if r.path.startswith(BULK) else None,
                 "key": lambda r: (405, {"message": f"no event for {Misp.KEY}"}, {})}
        for what, fault in cases.items():
            with self.subTest(what):
                self.peer.faults = [fault]
                said = self.tell(2).stderr
                self.assertEqual(self.rows(), [(name, 0) for name in self.names])
                self.assertNotIn(Misp.KEY, said + json.dumps([self.record(), self.rows("name, words")]))
        self.peer.faults.clear()
        self.tell()
        self.assert_all_told()

    def test_trouble(self):
        """What a server in trouble says is not taken for success, and what it may have taken is not taken twice."""
        commit = lambda request: self.peer.save(request)[:0] if request.path.startswith(BULK) else None
        cases = {
            "rate limit": (lambda r: answer_of("rate-limit-4"), 899),
            "Retry-After": (lambda r: (429, b"", {"Retry-After": "7000"}), 7000),  # Addition
            "no database": (lambda r: answer_of("err-database-gone"), 300),
            "no PHP": (lambda r: answer_of("err-502-php-gone"), 300),
            "maintenance": (lambda r: answer_of("err-maintenance"), 300),
            "HTML": (lambda r: (200, b"<html>Welcome</html>", {"Content-Type": "text/html"}), 300),  # Addition
            "no saved": (lambda r: (200, {"success": "3 sightings added."}, {}), 300),  # Addition
            "nothing": (lambda r: (200, b"", {}), 300),  # Addition
            "cut": (lambda r: commit(r) or (200, b'{"saved":tr', {"Content-Length": "100"}), 300),  # Addition: after the commit
        }
        shutil.copytree(self.path("state"), self.path("before"))
        for what, (fault, wait) in cases.items():
            with self.subTest(what):
                shutil.rmtree(self.path("state"))
                shutil.copytree(self.path("before"), self.path("state"))
                self.peer.sightings, self.peer.arrived, self.peer.faults = {}, [], [fault]
                self.tell(2)
                record = self.record()
                self.assertGreater(record["pending"], 0)
                self.assertEqual(record["next_at"] - record["tried_at"], wait)
                self.peer.faults.clear()
                self.tell()
                self.assert_all_told()

    def test_one_event(self):
        """An event with which the server fails keeps no other from being told, and comes last next time."""
        self.add_events("d.example")
        first = self.uuid_of(1)
        fault = lambda r: answer_of("err-database-gone") if r.path == BULK + first else None
        self.peer.faults = [fault]
        self.tell(2)
        self.assertEqual(self.told(), ["d.example"])
        self.peer.faults = [fault]
        self.tell(2)
        self.assertEqual(self.peer.calls()[-1:], [first])
        self.tell()
        self.assert_all_told()

    def test_unknown_there(self):
        """What the server leaves out without a word is not sent again."""
        self.peer.known[self.uuid_of(1)].pop()
        self.assertIn("3 sent, of which 1 were known already or are unknown there; 0 refused; 0 pending", self.tell().stderr)
        self.peer.calls()
        self.tell()
        self.assertEqual(self.peer.calls(), [])

    def test_too_large(self):
        """Halves; what is too large by itself is refused."""
        self.peer.most = 420
        self.tell()
        self.assert_all_told()
        self.assertEqual(self.peer.calls(), [self.uuid_of(1)] * 4)

    def test_down_for_two_weeks(self):
        """Days go on being closed, and all of them are told in the end, as of their day."""
        self.hit(("a.example", 100, 50), ago=-13)
        self.partner["url"] = "http://127.0.0.1:1/"
        self.setup()
        for moved in (0, 14 * DAY):
            self.pass_until(moved)
            self.tell(2, at=moved)
        self.assertEqual(self.record()["pending"], 4)
        self.partner["url"] = self.peer.url
        self.setup()
        self.tell(at=14 * DAY)
        self.assertEqual(self.told(), ["a.example", *self.names])
        self.assertEqual({int(s["date_sighting"]) for s in self.peer.sightings.values()},
                         {(self.day + 1) * DAY - 1, (self.day + 14) * DAY - 1})
        self.pass_until(60 * DAY)
        self.tell(at=60 * DAY)
        self.assertEqual(len(self.peer.arrived), 4)

    def test_many(self):
        """200 in a call, a call a second."""
        names = [f"n{i}.example" for i in range(401)]
        self.apply(sighted_event(4, names))
        self.hit(*((name, 100, 50) for name in names), ago=-1)
        self.pass_until(DAY)
        self.tell(at=DAY)
        self.assertEqual([len(json.loads(r.body)) for r in self.peer.requests if r.path == BULK + self.uuid_of(1)], [200, 200, 1])


class Faults(SightingLab):
    """What sightings need can be broken: it is told, the table and the sync know nothing of it, and nothing is lost."""

    def setUp(self):
        super().setUp()
        self.names = ["a.example", "b.example", "c.example"]
        self.apply(sighted_event(1, self.names))
        self.hit(*((name, 100, 50) for name in self.names))
        self.rules = self.dump()

    def damage(self, name):
        """A file that is no database, in the place of what is there. Returns what brings that back."""
        path = self.path("state", name)
        there = os.path.exists(path)
        if there:
            os.rename(path, path + ".away")
        self.write("state/" + name, "this is no database " * 20)
        return lambda: os.replace(path + ".away", path) if there else os.remove(path)

    def block(self, name):
        """A directory in the place of a file."""
        os.makedirs(self.path("state", name))
        return lambda: os.rmdir(self.path("state", name))

    def test_broken(self):
        cases = {"sightings.sqlite": lambda: self.damage("sightings.sqlite"), "share.sqlite": lambda: self.damage("share.sqlite"),
                 "trends.sqlite": lambda: self.damage("trends.sqlite"), "sightings/answer": lambda: self.block("sightings/answer")}
        for what, break_it in cases.items():
            mend = break_it()
            with self.subTest(what):
                said = self.tell(2).stderr
                self.assertIn(what, said)
                self.assertEqual((self.told(), self.dump()), ([], self.rules))
                status = self.status()["sightings"][0]
                self.assertEqual((status["well"], status["failed_at"] > 0), (False, True))
                self.assertIn(what, status["error"])
                self.sync()
            mend()
        self.tell()
        self.assertEqual(self.told(), self.names)
        self.assertEqual(len(self.peer.arrived), 3)

    def test_damaged_later(self):
        """Where what was told is lost the last day is told once more, under the same identifiers: the server knows them."""
        self.tell()
        os.remove(self.path("state/sightings.sqlite"))
        self.assertIn("3 sent, of which 3 were known already or are unknown there", self.tell().stderr)
        self.assertEqual((self.told(), len(self.peer.sightings)), (self.names, 3))

    def test_newcomer(self):
        """Without configuration it is said what to write. A partner who was just configured is not late, and before the first table there
        is nothing to tell, and no error."""
        shutil.rmtree(self.path("state"))
        os.remove(self.table)
        self.configure([{"name": "m", "url": self.url + "/gone", "format": "misp-feed"}])
        for word, expected in ("sightings", "nobody is told what was hit; write"), ("share", "nothing is shared: there is no output; write"):
            self.assertIn(expected, self.feedsync("-c", self.config, word, code=0).stderr)
        self.feed["url"] = self.url + "/gone"
        self.setup()
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "no feed has a good version" in daemon.log())
        self.assertTrue(self.status()["sightings"][0]["well"])
        daemon.stop()
        self.assertNotIn("sightings community", daemon.log())

    def test_run(self):
        """`run` tells by itself; a server that hangs keeps it from nothing."""
        gate, asked = threading.Event(), threading.Event()

        def hang(request):
            if request.path.startswith(BULK):
                asked.set()
                gate.wait(60)

        self.peer.faults = [hang]
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.assertTrue(asked.wait(30))
        self.apply(sighted_event(1, [*self.names, "new.example"], timestamp=1700000001))  # while it hangs
        self.assertIn(("subtree", "new.example"), self.dump())
        gate.set()
        wait_for(lambda: len(self.peer.sightings) == 3)
        wait_for(lambda: self.status()["sightings"][0]["sent"] == 3)
        daemon.stop()
        self.assertEqual(self.told(), self.names)


CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "ftruncate", "flock", "socket", "connect", "sendto", "recvfrom",
         "poll", "fchmod", "close")


@no_strace
class Killed(StraceLab, SightingLab):
    """feedsync is killed at each system call of a day's closing and sending, or the call fails: each sighting arrives once, none is
    missing."""

    def setUp(self):
        super().setUp()
        self.names = ["a.example", "b.example", "c.example"]
        self.apply(sighted_event(1, self.names))
        self.hit(*((name, 100, 50) for name in self.names))
        shutil.copytree(self.path("state"), self.path("before"))

    def traced(self, *words):
        shutil.rmtree(self.path("state"))
        shutil.copytree(self.path("before"), self.path("state"))
        self.peer.sightings, self.peer.arrived = {}, []
        return subprocess.run([*strace(self.path("strace.log"), *words), FEEDSYNC, "-c", self.config, "sightings"], capture_output=True,
                              text=True, timeout=120)

    def check(self, what, result, killed):
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        if not killed:
            self.assertIn(result.returncode, (0, 1, 2), complaint)
            self.assertTrue(result.returncode == 0 or result.stderr.strip(), complaint)
            if result.returncode == 0:
                self.assertEqual(self.told(), self.names, complaint)
        after = self.tell()
        complaint += f"\nthe next one: {after.stderr}"
        self.assertEqual(self.told(), self.names, complaint)
        self.assertEqual(self.rows(), [(name, 1) for name in self.names], complaint)
        self.assertEqual(self.log()[0][0], "sightings pending", complaint)
        self.assertEqual(self.dump(), {("subtree", name) for name in self.names}, complaint)
        arrived = len(self.peer.arrived)
        self.tell()
        self.assertEqual(len(self.peer.arrived), arrived, complaint)

    def test_each_step(self):
        counts = self.each_step(CALLS, [(call, "signal=KILL") for call in ("sendto", "recvfrom", "fdatasync", "rename", "unlink")])
        self.assertGreater(counts["fdatasync"], 5, counts)
