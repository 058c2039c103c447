"""Sightings by other ways than MISP's API: to a TAXII server, and by a directory that others fetch. What is told, and when, is the same
(test_sightings.py); here, how, and that it arrives once, whatever comes between."""
import hashlib, uuid

from sighting_lab import *
from stix_schemas import *
from strace_lab import *

GREEN, AMBER, RED = (f"marking-definition--{i}" for i in ("bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "55d920b0-5e8b-4f79-9ee9-91f868d9b421",
                                                          "e828b379-4e03-4974-9ac4-e53a884c97c1"))
FEW = [(f"few{i}.example", 5, 3) for i in range(12)]  # so many that the numbers of others are shown
IDENTITY = "identity--24b720bc-aa43-5710-8ac3-f8d0db2b9bd0"


def uuid_of(*parts):
    return str(uuid.uuid5(uuid.UUID(ORGANISATION), "\x1f".join(parts)))


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


class TaxiiLab(SightingLab):
    """A feed that is a TAXII collection, whose server is told."""

    def setUp(self):
        super().setUp()
        self.taxii = self.enterContext(SightingTaxii())
        self.write("token", SightingTaxii.KEY)
        os.chmod(self.path("token"), 0o600)
        self.feed = {"name": "m", "url": self.taxii.objects_url, "format": "taxii", "token-file": self.path("token"), "strict-tlp": "no"}
        self.partner = {"name": "community", "of": ["m"], "to": "taxii", "url": self.taxii.objects_url, "token-file": self.path("token"),
                        "delay": "15m"}
        self.names = ["a.example", "b.example", "c.example"]

    def list_names(self, *names, **more):
        self.taxii.objects = [(1700000000, indicator(i, name, **more)) for i, name in enumerate(names)]
        self.indicators = {o["id"]: name for (_, o), name in zip(self.taxii.objects, names)}
        self.setup()
        self.sync()

    def list_and_hit(self, *names):
        self.list_names(*names)
        self.hit(*((name, 100, 50) for name in names))

    def told(self):
        return sorted(self.indicators[o["sighting_of_ref"]] for o in self.taxii.of_type("sighting"))

    def posts(self):
        return [json.loads(r.body)["objects"] for r in self.taxii.take_requests() if r.method == "POST"]

    def assert_all_told(self):
        """Each once, none is missing."""
        self.assertEqual(self.told(), self.names)
        self.assertEqual(self.rows(where="state = 0"), [])
        self.feedsync("-c", self.config, "shared", "--verify", code=0)


class TaxiiWay(TaxiiLab):
    maxDiff = None

    def test_objects(self):
        """Sightings and opinions, as OASIS's schemas want them, with all that they refer to."""
        self.settings["allow"] = json.dumps([{"name": "shop.example", "report": "yes"}])
        amber = {"object_marking_refs": [AMBER]}
        self.list_names("evil.example", "shop.example", "few.example")
        self.taxii.objects += [(1700000001, indicator(7, "amber.example", **amber)), (1700000002, indicator(8, "red.example", object_marking_refs=[RED]))]
        self.sync()
        self.hit(("evil.example", 1234, 300), ("few.example", 50, 12), ("amber.example", 70, 40), ("red.example", 70, 40), *FEW)
        self.tell()
        [objects] = self.posts()
        for o in objects:
            check_schema(o)
        by_type = collections.defaultdict(dict)
        for o in objects:
            by_type[o["type"]][o.get("sighting_of_ref", o["id"])] = o
        ids = {o["id"] for o in objects}
        for o in objects:
            self.assertLessEqual({o.get("created_by_ref", IDENTITY), *o.get("object_marking_refs", []), *o.get("where_sighted_refs", [])}, ids)
        day, entry = time.strftime("%Y-%m-%d", time.gmtime(self.day * DAY)), indicator(0, "")["id"]
        self.assertEqual(by_type["sighting"][entry], {
            "type": "sighting", "spec_version": "2.1", "id": "sighting--" + uuid_of("sighting", "stix", entry, day), "count": 1200,
            "created": moment((self.day + 1) * DAY), "modified": moment((self.day + 1) * DAY), "created_by_ref": IDENTITY,
            "description": "dns resolver", "first_seen": moment(self.day * DAY), "last_seen": moment((self.day + 1) * DAY - 1),
            "object_marking_refs": [AMBER], "sighting_of_ref": entry, "summary": True, "where_sighted_refs": [IDENTITY]})
        self.assertEqual({ref: o["object_marking_refs"] for ref, o in by_type["sighting"].items()}, {entry: [AMBER], indicator(7, "")["id"]: [AMBER]})
        [opinion] = by_type["opinion"].values()
        self.assertEqual((opinion["opinion"], opinion["object_refs"], opinion["id"]),
                         ("strongly-disagree", [indicator(1, "")["id"]], "opinion--" + uuid_of("sighting", "stix", indicator(1, "")["id"], "")))
        self.assertNotIn("few.example", json.dumps(objects))
        self.assertEqual(self.log(), [("sightings pending", 3), ("sightings sent", 3)])
        self.tell()
        self.assertEqual(self.posts(), [])
        why = json.loads(self.feedsync("-c", self.config, "why", "--json", "x.evil.example").stdout)["sightings"]
        self.assertEqual([(w["partner"], w["entry"], w["tlp"], w["state"]) for w in why], [("community", entry, "amber", "sent")])
        status = self.status()["sightings"][0]
        self.assertEqual((status["well"], status["to"], status["url"], status["sent"]), (True, "taxii", self.taxii.objects_url, 3))

    def test_of_misp(self):
        """An attribute of MISP is the indicator of its UUID."""
        e = sighted_event(1, ["evil.example"], Tag=[{"name": "tlp:green"}, {"name": "PAP:AMBER"}])
        self.feed = {"name": "m", "url": self.url, "format": "misp-feed", "private-addresses": "yes", "strict-pap": "no"}
        self.apply(e)
        self.hit(("evil.example", 100, 50))
        self.tell()
        [objects] = self.posts()
        [sighting] = [o for o in objects if o["type"] == "sighting"]
        self.assertEqual(sighting["sighting_of_ref"], "indicator--" + e["Event"]["Attribute"][0]["uuid"])
        for o in objects:
            check_schema(o)
        self.assertEqual({o.get("name") for o in objects}, {None, "ISP-A CERT", "TLP:GREEN", "PAP:AMBER"})

    def test_pending(self):
        """A server that is still at work is asked; who takes too long is sent it again, and takes it once."""
        self.list_and_hit(*self.names)
        self.taxii.waits = 1
        self.tell()
        self.assert_all_told()
        self.assertEqual(len(self.posts()), 1)
        os.remove(self.path("state/sightings.sqlite"))
        self.taxii.waits = 4
        self.assertIn("the server has not yet taken what it got", self.tell(2).stderr)
        self.assertEqual(self.record()["pending"], 3)
        self.taxii.waits = 0
        self.tell()
        self.assert_all_told()
        self.assertEqual(len(self.taxii.of_type("sighting")), 3)

    def test_refused(self):
        """What the server refuses is refused with its words; what it does not name is found by halves."""
        self.list_and_hit("a.example", "b.example")
        day = time.strftime("%Y-%m-%d", time.gmtime(self.day * DAY))
        first, second = ("sighting--" + uuid_of("sighting", "stix", entry, day) for entry in self.indicators)
        self.taxii.refuses, self.taxii.most = {first: "no such indicator", second: ""}, 1700  # two do not fit
        said = self.tell().stderr
        self.assertEqual(self.rows("name, state, words"), [("a.example", 2, "no such indicator"),
                                                           ("b.example", 2, "the server does not take it, and does not say why")])
        self.assertIn("1 refused: no such indicator", said)
        self.assertEqual(self.status()["sightings"][0]["refused"], 2)
        self.assertEqual(len(self.taxii.arrived), len(set(self.taxii.arrived)) + 2)  # the identity and a marking, in each envelope

    def test_another_way(self):
        """What was pending for another way is given up, and goes nowhere."""
        self.feed = {"name": "m", "url": self.url, "format": "misp-feed", "private-addresses": "yes"}
        taxii, self.partner = self.partner, {**self.partner, "to": "misp", "url": "http://127.0.0.1:1/"}
        self.apply(sighted_event(1, self.names))
        self.hit(*((name, 100, 50) for name in self.names))
        self.tell(2)
        self.partner = taxii
        self.setup()
        self.tell()
        self.assertEqual((self.rows("name, state"), self.posts()), ([(name, 3) for name in self.names], []))

    def test_trouble(self):
        """Nothing but a status that says so is success; what the server may have taken is not taken twice."""
        kind = {"Content-Type": "application/taxii+json;version=2.1"}
        post = lambda answer: lambda r: answer(r) if r.method == "POST" else None
        objects = lambda r: json.loads(r.body)["objects"]
        cases = {
            "HTML": (lambda r: (200, b"<html>Welcome</html>", {"Content-Type": "text/html"}), 300),
            "no counts": (lambda r: (202, {"id": "x", "status": "complete"}, kind), 300),
            "rate limit": (lambda r: (429, {"title": "slowly"}, {"Retry-After": "7000"}), 7000),
            "redirect": (lambda r: (307, b"", {"Location": self.taxii.url + "/elsewhere"}), 300),
            "proxy": (lambda r: (403, b"<html>Forbidden</html>", {"Content-Type": "text/html"}), 3600),
            "no collection": (lambda r: (404, {"title": "no such collection"}, kind), 300),
            "cut after it was taken": (lambda r: (202, json.dumps(self.taxii.add(objects(r))).encode()[:20], {"Content-Length": "400", **kind}), 300),
            "may not": (lambda r: (403, {"title": "not to be written to"}, kind), 3600),
        }
        self.list_and_hit(*self.names)
        shutil.copytree(self.path("state"), self.path("before"))
        for what, (answer, wait) in cases.items():
            with self.subTest(what):
                shutil.rmtree(self.path("state"))
                shutil.copytree(self.path("before"), self.path("state"))
                self.taxii.taken, self.taxii.faults = {}, [post(answer)]
                self.tell(2)
                record = self.record()
                self.assertEqual((record["pending"], record["next_at"] - record["tried_at"]), (3, wait))
                self.assertNotIn(SightingTaxii.KEY, json.dumps(record))
                self.taxii.faults.clear()
                self.tell()
                self.assert_all_told()

    def test_bounded(self):
        """200 in an envelope."""
        self.names = sorted(f"n{i}.example" for i in range(201))
        self.taxii.limit = 1000
        self.list_and_hit(*self.names)
        self.tell()
        self.assert_all_told()
        self.assertEqual([len(objects) - 2 for objects in self.posts()], [200, 1])


class DirectoryLab(SightingLab, ShareLab):
    """A directory that the partner fetches."""
    WAY = "misp-feed"

    def setUp(self):
        super().setUp()
        self.sign_key = self.make_key("partner")
        self.shown_at = self.path("srv")
        self.partner = {"name": "community", "of": ["m"], "to": self.WAY, "directory": self.shown_at, "recipients": ["cert.example"],
                        "delay": "15m", "sign-key-file": self.path("partner.sec")}
        self.names = ["a.example", "b.example", "c.example"]

    def list_and_hit(self, **more):
        self.apply(sighted_event(1, self.names, Tag=[{"name": "tlp:green"}], **more))
        self.hit(*((name, 100 * (i + 1), 50) for i, name in enumerate(self.names)))

    def current(self, *path):
        return os.path.join(self.shown_at, "current", *path)

    def load(self, *path):
        with open(self.current(*path)) as f:
            return json.load(f)

    def feed_names(self):
        """The names of all events of the feed, each of which the manifest vouches for."""
        names = []
        for event, told in self.load("manifest.json").items():
            with open(self.current(event + ".json"), "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), told["integrity:sha256"])
            e = self.load(event + ".json")["Event"]
            for key in "timestamp", "info", "date", "analysis", "threat_level_id", "Orgc", "Tag":
                self.assertEqual(e[key], told[key], key)
            names += [a["value"] for a in e["Attribute"]]
        return sorted(names)

    def bundle_names(self):
        return sorted(self.values[o["sighting_of_ref"]] for o in self.load("bundle.json")["objects"] if o["type"] == "sighting")

    def told(self):
        self.values = {"indicator--" + a: name for of in self.events.values() for a, name in of.items()}
        if not os.path.exists(self.current()):
            return []
        self.minisign("-V", "-q", "-P", self.sign_key, "-m", self.current({"misp-feed": "manifest.json", "stix": "bundle.json"}[self.WAY]))
        return {"misp-feed": self.feed_names, "stix": self.bundle_names}[self.WAY]()


class MispFeedWay(DirectoryLab):
    def test_feed(self):
        """An event of each day, whose attributes say that a name was hit, and block nothing for who subscribes to it."""
        self.settings["allow"] = json.dumps([{"name": "shop.example", "report": "yes"}])
        marked = {"amber.example": {"Tag": [{"name": "tlp:amber"}]}, "shop.example": {}, "exact.example": {"type": "hostname"}}
        self.apply(sighted_event(1, {n: {} for n in self.names} | marked, Tag=[{"name": "tlp:green"}]), sighted_event(2, ["unmarked.example"]))
        self.hit(("a.example", 1234, 300), ("b.example", 20, 12), ("amber.example", 70, 40), ("unmarked.example", 70, 40),
                 ("exact.example", 70, 40, {"scope": 0}), *FEW)
        self.hit(("a.example", 100, 50), ago=-1)
        plan = json.loads(self.tell(0, "--dry-run", "--json").stdout)["partners"][0]
        self.assertEqual({w["name"]: w["reason"] for w in plan["withheld"]}, {"amber.example": "tlp", "unmarked.example": "unmarked"})
        self.tell()
        self.assertEqual(self.told(), ["a.example", "exact.example", "shop.example"])
        [event] = self.load("manifest.json")
        e = self.load(event + ".json")["Event"]
        day = time.strftime("%Y-%m-%d", time.gmtime(self.day * DAY))
        self.assertEqual((e["info"], e["date"], e["published"], e["Orgc"]["uuid"]), (f"Sightings of ISP-A CERT, {day}", day, True, ORGANISATION))
        by_name = {a["value"]: a for a in e["Attribute"]}
        self.assertEqual({a["to_ids"] for a in e["Attribute"]}, {False})
        a = by_name["a.example"]
        self.assertEqual((a["comment"], a["type"], a["uuid"]), ("hit on this day; hits 1200; dns resolver", "domain",
                                                                uuid_of("sighting", "misp-feed", "a.example", "subtree", day, "0")))
        self.assertEqual((a["first_seen"][:10], a["last_seen"][:19]), (day, day + "T23:59:59"))
        self.assertEqual((by_name["exact.example"]["type"], by_name["shop.example"]["comment"]),
                         ("hostname", "false positive: it is let pass here; dns resolver"))
        self.assertNotIn("b.example", json.dumps(e))
        before = open(self.current(event + ".json"), "rb").read()
        self.pass_until(DAY)
        self.tell(at=DAY)
        self.assertEqual((len(self.load("manifest.json")), open(self.current(event + ".json"), "rb").read()), (2, before))
        self.assertEqual(self.log(), [("sightings pending", 3), ("sightings sent", 3), ("sightings pending", 1), ("sightings sent", 1)])
        rows = json.loads(self.feedsync("-c", self.config, "shared", "--json", code=0).stdout)["rows"]
        self.assertEqual(rows[0]["to"], ["cert.example"])
        status = self.status()["sightings"][0]
        self.assertEqual((status["well"], status["url"], status["directory"], status["sent"]), (True, None, self.shown_at, 4))
        b = self.subscriber("b", url="file://" + self.current(), format="misp-feed")
        self.assertIn("not one usable entry (4 rejected: 4 not marked for detection (to_ids)", self.at(0, "-c", b, "sync", code=2).stderr)

    def test_kept(self):
        """30 days are told; a release that is lost is made again, and one that would be the same is not."""
        self.list_and_hit()
        self.tell()
        self.tell()
        self.assertEqual(os.readlink(self.current()), "r1")
        shutil.rmtree(self.shown_at)
        self.tell()
        self.assertEqual(self.told(), self.names)
        with contextlib.closing(sqlite3.connect(self.path("state/sightings.sqlite"))) as db:
            db.execute("UPDATE sighting SET state = 0")  # as if it had not been noted that it is shown
            db.commit()
        self.tell()
        self.assertEqual((os.readlink(self.current()), self.rows(where="state = 0")), ("r1", []))
        for later in (20, 40):
            self.hit(("a.example", 100, 50), ago=-later)
            self.pass_until(later * DAY)
            self.tell(at=later * DAY)
        self.assertEqual(sorted(os.listdir(self.shown_at)), ["current", "r1", "r2", "r3"])
        self.assertEqual(self.feed_names(), ["a.example"] * 2)

    def test_faults(self):
        """Nothing is shown where it cannot be signed or written: what was shown stays, and what is pending."""
        self.list_and_hit()
        os.chmod(self.path("partner.sec"), 0o644)
        self.assertIn("partner.sec", self.tell(2).stderr)
        self.assertFalse(os.path.exists(self.current()))
        self.assertEqual((self.record()["pending"], self.status()["sightings"][0]["well"]), (3, False))
        os.chmod(self.path("partner.sec"), 0o600)
        self.write("srv/current", "")
        self.assertIn("not a link", self.tell(2).stderr)
        os.remove(self.current())
        self.tell()
        self.assertEqual((self.told(), self.rows(where="state = 0")), (self.names, []))


class StixWay(DirectoryLab):
    WAY = "stix"

    def test_bundle(self):
        """All days of it, as OASIS's schemas want it; it blocks nothing for who subscribes to it."""
        self.list_and_hit()
        self.hit(("a.example", 100, 50), ago=-1)
        self.tell()
        self.pass_until(DAY)
        self.tell(at=DAY)
        self.assertEqual(self.told(), ["a.example", *self.names])
        bundle = self.load("bundle.json")
        check_schema(bundle)
        for o in bundle["objects"]:
            check_schema(o)
        self.assertEqual(len({o["id"] for o in bundle["objects"]}), len(bundle["objects"]))
        self.assertEqual({ref for o in bundle["objects"] for ref in o.get("object_marking_refs", [])}, {GREEN})
        b = self.subscriber("b", url="file://" + self.current("bundle.json"), format="stix", **{"minisign-key": self.sign_key})
        self.assertEqual(self.take(b), set())


class Configured(DirectoryLab):
    def test_refused(self):
        """What does not fit is refused, with its line and what to write."""
        self.list_and_hit()
        good = dict(self.partner)
        taxii = {"name": "community", "of": ["m"], "to": "taxii", "url": "https://t.example/api/collections/1/objects/"}
        cases = [({**good, "url": "https://x.example/"}, 'misp-feed goes into a directory; write "directory"'),
                 ({**good, "recipients": []}, 'write "recipients"'), ({**good, "strict": "yes"}, 'its ceiling is "tlp"'),
                 ({**good, "directory": self.path("state/x")}, "is the state directory"), ({**good, "key-file": self.key}, "no server is asked"),
                 ({**good, "max": 5001}, "has at most 5000"), ({**taxii, "directory": "/srv/x"}, "taxii tells a server"),
                 ({**taxii, "url": "https://t.example/api/collections/1/"}, ".../collections/ID/objects/")]
        for partner, expected in cases:
            with self.subTest(expected):
                self.partner = partner
                self.setup()
                self.assertIn(expected, self.feedsync("-c", self.config, "check", code=1).stderr)
        for partner in good, taxii:
            self.partner = partner
            self.setup()
            self.assertIn("to: " + partner["to"], self.feedsync("-c", self.config, "check", code=0).stdout)


CALLS = ("openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "symlink", "close")


@no_strace
class KilledTaxii(StraceLab, TaxiiLab):
    """feedsync is killed at each system call, or the call fails: each sighting arrives once, none is missing."""
    LAST = ("sendto", "recvfrom", "fdatasync", "rename")
    PART = 3

    def setUp(self):
        super().setUp()
        self.list_and_hit(*self.names)
        shutil.copytree(self.path("state"), self.path("before"))

    def begin_again(self):
        self.taxii.taken, self.taxii.arrived = {}, []

    def traced(self, *words):
        shutil.rmtree(self.path("state"))
        shutil.copytree(self.path("before"), self.path("state"))
        self.begin_again()
        return subprocess.run([*strace(self.path("strace.log"), *words), FEEDSYNC, "-c", self.config, "sightings"], capture_output=True,
                              text=True, timeout=120)

    def check(self, what, result, killed):
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        if not killed:
            self.assertIn(result.returncode, (0, 1, 2), complaint)
            self.assertTrue(result.returncode == 0 or result.stderr.strip(), complaint)
            if result.returncode == 0:
                self.assertEqual(self.told(), self.names, complaint)
        complaint += f"\nthe next one: {self.tell().stderr}"
        self.assertEqual(self.told(), self.names, complaint)
        self.assertEqual(self.rows(), [(name, 1) for name in self.names], complaint)

    def test_each_step(self):
        counts = self.each_step((*CALLS, "socket", "connect", "sendto", "recvfrom", "poll"), [(call, "signal=KILL") for call in self.LAST])
        self.assertGreater(counts["fdatasync"], 5, counts)


@no_strace
class KilledDirectory(StraceLab, DirectoryLab):
    """Likewise: what is shown is the whole old release or the whole new one."""
    PART = 3

    def setUp(self):
        super().setUp()
        self.list_and_hit()
        shutil.copytree(self.path("state"), self.path("before"))

    begin_again = lambda self: shutil.rmtree(self.shown_at, ignore_errors=True)
    traced, check = KilledTaxii.traced, KilledTaxii.check

    def test_each_step(self):
        self.each_step(CALLS, [(call, "signal=KILL") for call in ("fdatasync", "rename", "symlink")])
