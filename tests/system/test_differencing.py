"""Whoever has all that Weir tells, day after day, cannot compute what a name was hit that few asked for.

There are two worlds. They differ only in which of the names with fewer than ten clients, or with none, had which hits and clients: the
feeds, categories, actions, groups and all sums are the same, so that an attacker may know them. All that the program tells is the same in
both, to the octet. Four days; a year by hand: WEIR_DAYS=365."""

from feeds import *
from trends_store import *

DAYS = int(os.environ.get("WEIR_DAYS", "4"))
FIRST_DAY = 20454  # 2026-01-01
DAY_S = 86400
ENOUGH = 10
SIZES = {"phishing": 60, "c2": 30, "trial": 18, "rare": 2}


WAYS = ("misp-feed", "stix")


class Name:
    def __init__(self, number, category):
        # Letters that no hexadecimal number has: else an identifier may hold a name.
        self.name = "".join("ghjkmnpqrstvwxz"[number // 15 ** i % 15] for i in range(3)) + ".example"
        self.feeds = (category, "both") if number % 5 == 0 else (category,)
        self.row = {"category": category, "grp": "school" if number % 4 == 0 else "default", "action": "log" if category == "trial" else "nxdomain"}
        self.kind = (self.feeds, *self.row.values())
        self.hits = [(0, 0, 0)] * 2  # in each world today: hits, clients, hour


class Differencing(LaterLab):
    def setUp(self):
        super().setUp()
        self.random = random.Random(20260101)
        categories = [c for c, size in SIZES.items() for _ in range(size)]
        self.names = [Name(i, category) for i, category in enumerate(categories)]
        lists = {c: {"content": "".join(n.name + "\n" for n in self.names if n.row["category"] == c), "category": c, "republish": "yes", "tlp": "green",
                     **({"action": "log"} if c == "trial" else {})} for c in SIZES}
        both = "".join(n.name + "\n" for n in self.names if "both" in n.feeds)
        output = {"name": "circle", "format": "domains", "to": self.path("out"), "recipients": ["isp-b.example"], "tlp": "green", "of": ["phishing"]}
        # The names of c2 come from a MISP, which is told of them.
        e = event(1, [n.name for n in self.names if n.row["category"] == "c2"])
        for i, attribute in enumerate(e["Event"]["Attribute"]):
            attribute["uuid"] = f"5f0e1e6c-0000-4000-8000-000000{i:06}"
        del lists["c2"]
        self.serve()
        self.misp([e])
        key = self.write("key", "x" * 40)
        os.chmod(key, 0o600)
        partners = [{"name": "isp-a", "of": ["c2"], "to": "misp", "url": "http://127.0.0.1:9/", "key-file": key}]
        partners += [{"name": way, "of": ["c2"], "to": way, "directory": self.path("sighted", way), "recipients": ["isp-b.example"]} for way in WAYS]
        c2 = {"name": "c2", "url": self.url, "format": "misp-feed", "category": "c2", "private-addresses": "yes", "tlp": "green"}
        self.configure([c2] + self.local_feeds(**lists, both={"content": both, "category": "phishing"}), run=self.path("run"), share=json.dumps([output]),
                       organisation="{name: ISP-A, uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: abuse@isp.example}", trends="\n  rules: yes", sightings=json.dumps(partners),
                       categories=json.dumps([{"name": c} for c in SIZES]), groups=json.dumps([{"name": "school", "clients": ["192.0.2.0/24"]}]))
        os.makedirs(self.path("run"), exist_ok=True)
        self.clock = (FIRST_DAY * DAY_S) + DAY_S // 2
        self.tell("sync")
        self.tell("share")

    def tell(self, *words):
        """What the program tells. It knows how long the machine has run since it last told the time, which is more than what the clock says."""
        self.pass_until(self.clock - time.time())
        result = subprocess.run([FEEDSYNC, "-c", self.config, *words], capture_output=True, text=True, timeout=120, env=self.still(self.clock))
        self.assertIn(result.returncode, (0, 1), (words, result.stderr))
        return result.stdout + result.stderr

    def draw_day(self):
        """Hits of a day. In the second world what few asked for has changed places. Returns how many names that concerns."""
        for n in self.names:
            clients = self.random.choice((0, 0, 1, 2, 3, 5, 8, 9, 9, 30, 200)) if n.row["category"] != "rare" else self.random.choice((0, 2, 9))
            n.hits = [(clients and clients + self.random.randrange(4 * clients), clients, self.random.randrange(8, 13))] * 2
        few = [n for n in self.names if n.hits[0][1] < ENOUGH]
        for kind in {n.kind for n in few}:
            same = [n for n in few if n.kind == kind]
            for n, hits in zip(same, self.random.sample([n.hits[0] for n in same], len(same))):
                n.hits = [n.hits[0], hits]
        return [n for n in few if n.hits[0] != n.hits[1]]

    def store_day(self, day):
        for world in 0, 1:
            make_store(self.path(f"world-{world}"), {0: [(n.name, n.hits[world][0], n.hits[world][1], {**n.row, "hour": n.hits[world][2], "scope": int(n.row["category"] == "c2")})
                                                         for n in self.names if n.hits[world][0]]}, today=day)
            # What passed in an hour is known of all; here the sums of a day are in one hour.
            with contextlib.closing(sqlite3.connect(self.path(f"world-{world}/trends.sqlite"))) as db, db:
                sums = db.execute("SELECT sum(blocked), sum(logged) FROM traffic WHERE hour / 24 = ?", (day,)).fetchone()
                db.execute("DELETE FROM traffic WHERE hour / 24 = ?", (day,))
                db.execute("INSERT INTO traffic VALUES(?,1000000,?,?,0,0,0)", (day * 24 + 9, *sums))

    def questions(self, day, names):
        """All that may be asked, of everything and of some names."""
        yield from (("trends",), ("trends", "--json"), ("trends", "--csv"), ("trends", "--html"), ("feeds",), ("feeds", "--json"), ("feeds", "--json", "--days", "1"),
                    ("metrics",), ("status", "--json"), ("shared", "--json"), ("history",), ("sightings", "--dry-run"), ("sightings", "--dry-run", "--json"))
        if day % 7 == 3:  # a Sunday
            year, week, _ = time.strftime("%G %V %u", time.gmtime(day * DAY_S)).split()
            yield from (("trends", "--week", f"{year}-W{week}", form) for form in ("--json", "--csv", "--html"))
        for name in names:
            for words in ("why",), ("why", "--json"), ("why", "--record"), ("why", "--record", "--json"), ("shared",), ("shared", "--json"):
                yield *words, name

    def told(self, world, questions):
        shutil.copy(self.path(f"world-{world}/trends.sqlite"), self.path("state/trends.sqlite"))
        return [self.tell(*words) for words in questions]

    def sighted(self, world):
        """What a world's sightings are in the directories that others fetch: each day's files. The store is the world's own."""
        ours, theirs = self.path("state/sightings.sqlite"), self.path(f"world-{world}/sightings.sqlite")
        directory = self.path(f"world-{world}/sighted")
        log = self.path("share.sqlite")
        shutil.copy(self.path("state/share.sqlite"), log)
        shutil.copy(self.path(f"world-{world}/trends.sqlite"), self.path("state/trends.sqlite"))
        for mine, own in (theirs, ours), (directory, self.path("sighted")):
            if os.path.exists(mine):
                os.rename(mine, own)
        self.tell("sightings", *WAYS)
        files = {path.removeprefix(self.path("sighted")): open(path).read() for path in glob.glob(self.path("sighted/*/current/*"))}
        os.rename(ours, theirs)
        os.rename(self.path("sighted"), directory)
        shutil.rmtree(self.path("state/sightings"))
        shutil.move(log, self.path("state/share.sqlite"))
        return files

    def test_worlds(self):
        changed, shown = 0, collections.Counter()
        for day in range(FIRST_DAY, FIRST_DAY + DAYS):
            self.clock = (day + 1) * DAY_S + DAY_S // 2
            few = self.draw_day()
            self.store_day(day)
            some = [n.name for n in self.random.sample(few, 2)]
            questions = list(self.questions(day, some))
            for words, *answers in zip(questions, *(self.told(world, questions) for world in (0, 1))):
                self.assertEqual(*answers, (day, words))
                if words[0] in ("trends", "sightings") and "--week" not in words:
                    hidden = [n.name for n in self.names if n.hits[0][1] < ENOUGH and n.name.removesuffix(".example") in answers[0]]
                    self.assertEqual(hidden, [], (day, words))
                    shown[words[0]] += answers[0].count(".example")
            first, second = self.sighted(0), self.sighted(1)
            self.assertEqual(first, second, day)
            shown["files"] += sum(text.count('"value"') for text in first.values())
            changed += len(few)
        self.assertGreater(changed, 10 * DAYS)
        self.assertGreater(shown["trends"], 10 * DAYS)
        self.assertGreater(shown["sightings"], DAYS)
        self.assertGreater(shown["files"], DAYS)
