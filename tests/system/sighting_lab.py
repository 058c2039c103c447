"""What tests of sightings share: a feed whose source is told, and a day on which names of it were hit."""
import contextlib, shutil, sqlite3

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


class SightingLab(LaterLab):
    """A feed from a MISP, which is told of it, and a day on which names of it were hit."""

    def setUp(self):
        super().setUp()
        self.peer = self.enterContext(SightingMisp())
        self.serve()
        self.key = self.write("key", Misp.KEY)
        os.chmod(self.key, 0o600)
        self.today = today_after(900)
        self.day, self.ago = self.today - 1, 1  # the last one that is due
        self.feed = {"name": "m", "url": self.url, "format": "misp-feed", "private-addresses": "yes", "strict-tlp": "no"}
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
        self.configure([self.feed], organisation=json.dumps({"name": "ISP-A CERT", "uuid": ORGANISATION, "contact": "abuse@isp.example"}),
                       trends=json.dumps({"rules": "yes"}), sightings=json.dumps([self.partner]), **self.settings)

    def hit(self, *rows, ago=0):
        """Each row: a name, its hits, its clients, and more; all are subtrees unless they say otherwise."""
        make_store(self.path("state"), {self.ago + ago: [(name, hits, clients, {**SUBTREE, **(more[0] if more else {})})
                                                         for name, hits, clients, *more in rows]}, self.today)

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
