"""Telling a MISP what was hit: what is told and what is not, once each, whatever comes between."""
import sqlite3, uuid

from sighting_peer import *
from share_lab import *
from trends_store import *

SUBTREE = {"scope": 1}


def sighted_event(number, names, **more):
    """An event whose attributes have UUIDs of their own."""
    e = event(number, names, **more)
    for i, attribute in enumerate(e["Event"]["Attribute"]):
        attribute["uuid"] = f"5f0e1e6c-0000-4000-8000-{number:06}{i:06}"
    return e


class SightingLab(FeedLab):
    """A feed from a MISP, which is told of it, and a day on which names of it were hit."""

    def setUp(self):
        super().setUp()
        self.peer = self.enterContext(SightingMisp())
        self.serve()
        self.key = self.write("key", Misp.KEY)
        os.chmod(self.key, 0o600)
        self.day = int((time.time() - DAY - 900) // DAY)  # the last one that is due
        self.ago = int(time.time()) // DAY - self.day
        self.partner = {"name": "community", "of": ["m"], "to": "misp", "url": self.peer.url, "key-file": self.key, "delay": "15m"}
        self.settings = {"guard": json.dumps({"own": ["own.example"]})}

    def apply(self, *events, code=0, **settings):
        """The feed has these events, and the peer knows them."""
        self.events = {e["Event"]["uuid"]: {a["uuid"]: a["value"] for a in e["Event"]["Attribute"]} for e in events}
        self.peer.known = {event: set(attributes) for event, attributes in self.events.items()}
        self.misp(list(events))
        self.setup(**settings)
        self.sync(code)

    def setup(self, **settings):
        self.settings.update(settings)
        self.configure([{"name": "m", "url": self.url, "format": "misp-feed", "private-addresses": "yes", "strict-tlp": "no"}],
                       organisation=json.dumps({"name": "ISP-A CERT", "uuid": ORGANISATION, "contact": "abuse@isp.example"}),
                       trends=json.dumps({"rules": "yes"}), sightings=json.dumps([self.partner]), **self.settings)

    def hit(self, *rows, ago=0):
        """Each row: a name, its hits, its clients, and more; all are subtrees unless they say otherwise."""
        make_store(self.path("state"), {self.ago + ago: [(name, hits, clients, {**SUBTREE, **(more[0] if more else {})})
                                                         for name, hits, clients, *more in rows]})

    def tell(self, code=0, *words, at=0):
        return self.at(at, "sightings", *words, code=code)

    def told(self):
        """The names that the peer was told of."""
        names = {a: name for of in self.events.values() for a, name in of.items()}
        return sorted(names[s["attribute_uuid"]] for s in self.peer.sightings.values())

    def rows(self, columns="name, state", where="1"):
        with contextlib.closing(sqlite3.connect(self.path("state/sightings.sqlite"))) as db:
            return db.execute(f"SELECT {columns} FROM sighting WHERE {where} ORDER BY name").fetchall()

    def record(self):
        return json.load(open(self.path("state/sightings/community.json")))

    def log(self):
        return [(r["what"], r.get("sightings")) for r in json.loads(self.feedsync("-c", self.config, "shared", "--json", code=0).stdout)["rows"]]


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
