"""`feedsync trends`: what was hit, and that what few asked for is not told."""
import csv, io, pty

from feeds import *
from trends_store import *


class Trends(FeedLab):
    def setUp(self):
        super().setUp()
        self.publish(self.local_feeds(one="login.example\nshop.example\nrare.example\n", two="login.example\n"))

    def ask(self, *words, code=0):
        return self.feedsync("-c", self.config, "trends", *words, code=code)

    def test_day(self):
        many = [(f"m{i}.example", 60 + i, 40) for i in range(15)]
        few = [(f"f{i}.example", 5, 3) for i in range(12)]
        make_store(self.path("state"), {
            1: [("login.example", 1657, 612), ("shop.example", 120, 30), ("rare.example", 40, 4), *many, *few,
                ("trial.example", 300, 50, {"action": "log", "category": "trial"})],
            2: [("login.example", 800, 300), ("shop.example", 120, 30), *many, *few],
            3: [("shop.example", 130, 30)]})
        told = json.loads(self.ask("--json").stdout)
        self.assertEqual((told["now"]["period"], told["before"]["period"], told["min_clients"]), (day_text(1), day_text(2), 10))
        rules = {r["name"]: r for r in told["rules"]}
        self.assertEqual(set(rules), {"login.example", "shop.example", "trial.example", *(m[0] for m in many)})
        login = rules["login.example"]
        self.assertEqual((login["hits"], login["before"], login["clients"], login["feeds"], login["new"], login["rising"]),
                         (1700, 800, 610, ["one", "two"], False, True))
        self.assertEqual((rules["shop.example"]["rising"], rules["trial.example"]["new"], rules["trial.example"]["logged"]), (False, True, True))
        self.assertEqual((told["now"]["blocked"], told["now"]["logged"], told["now"]["further"], told["now"]["further_hits"]), (2900, 300, 13, 100))
        self.assertEqual(told["now"]["blocked_percent"], 0.29)
        sums = {(c["name"], c["logged"]): (c["hits"], c["names"], c["further"]) for c in told["categories"]}
        self.assertEqual(sums, {("malicious", False): (2900, 17, 13), ("trial", True): (300, 1, 0)})
        feeds = {f["name"]: f["hits"] for f in told["feeds"]}
        self.assertEqual((feeds["two"], feeds["one"], set(feeds)), (1700, 1800, {"one", "two", None}))
        self.assertEqual(told["hours"][9], 3100)
        said = self.ask().stdout
        self.assertIn(f"Trends of {day_text(1)}, against {day_text(2)}. A rule that fewer than 10 clients hit is not named", said)
        self.assertRegex(said, r"Rising\n(  .*\n)?  login.example +1700 hits +\+110 %  610 clients, malicious, exact; feeds one, two\n")
        self.assertNotIn("rare", said)
        self.assertNotIn("f1.example", said)

    def read_terminal(self, master):
        try:
            return os.read(master, 100000).decode()
        except OSError:  # the other side is closed
            return ""

    def test_all_on_a_terminal(self):
        make_store(self.path("state"), {0: [("login.example", 7, 2)], 1: [("rare.example", 3, 1)]})
        self.assertIn("--all shows what few clients asked for", self.ask("--all", code=2).stderr)
        self.assertIn(f"{day_text(0)} is not over", self.ask("--day", day_text(0), code=2).stderr)
        self.assertNotIn("rare", self.ask().stdout)
        master, slave = pty.openpty()
        subprocess.run([os.path.join(BIN, "feedsync"), "-c", self.config, "trends", "--all", "--day", day_text(0)], stdout=slave, check=True)
        os.close(slave)
        said = ""
        while chunk := self.read_terminal(master):
            said += chunk
        self.assertIn("login.example", said)
        self.assertIn("not for others", said)

    def test_csv(self):
        make_store(self.path("state"), {1: [("login.example", 700, 200, {"category": "=cmd|x", "grp": "a \"b\", c"}), ("shop.example", 60, 30, {"grp": "-x"})]})
        text = subprocess.run([os.path.join(BIN, "feedsync"), "-c", self.config, "trends", "--csv"], capture_output=True, check=True).stdout.decode()
        self.assertEqual(set(line[-1:] for line in text.split("\n")[:-1]), {"\r"})
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        self.assertEqual({len(row) for row in rows}, {15})
        told = {(r["what"], r["name"]): r for r in rows}
        self.assertEqual((told["rule", "login.example"]["hits"], told["rule", "login.example"]["category"], told["rule", "login.example"]["feeds"]), ("700", "'=cmd|x", "one two"))
        self.assertEqual((told["group", 'a "b", c']["hits"], told["group", "'-x"]["hits"], told["period", "blocked"]["hits"], told["hour", "09"]["hits"]), ("700", "60", "760", "760"))
        for row in rows:
            self.assertFalse(any(value.startswith(("=", "+", "@", "-")) for value in row.values()), row)

    def test_report(self):
        many = [(f"m{i}.example", 60 + i, 40) for i in range(15)]
        make_store(self.path("state"), {1: [("login.example", 1657, 612), ("rare.example", 40, 4), ("secret.example", 900, 300), *many], 8: many})
        os.makedirs(self.path("report/index.html"), 0o750)
        secret = {"content": "login.example\nsecret.example\n", "strict-tlp": "no"}
        self.configure(self.local_feeds(one="login.example\nrare.example\n", club=secret), trends=f"\n  report: {self.path('report')}")
        self.sync(code=None)
        # As long as the overview cannot be written each report is tried again.
        for _ in range(2):
            run = Process(self, "feedsync", [os.path.join(BIN, "feedsync"), "-c", self.config, "run"])
            wait_for(lambda: "the report of trends cannot be written: " in run.log())
            run.stop()
        os.rmdir(self.path("report/index.html"))
        run = Process(self, "feedsync", [os.path.join(BIN, "feedsync"), "-c", self.config, "run"])
        wait_for(lambda: glob.glob(self.path("report/*-W*/index.html")))  # the last file
        run.stop()
        overview = open(self.path("report/index.html")).read()
        self.assertRegex(overview, f'<li><a href="{day_text(1)}/index.html">{day_text(1)}</a></li>\n')
        day = self.path("report", day_text(1))
        self.assertEqual(sorted(os.listdir(day)), ["index.html", "trends.csv", "trends.json"])
        page, told, table = (open(os.path.join(day, name)).read() for name in ("index.html", "trends.json", "trends.csv"))
        self.assertEqual(json.loads(told)["rules"][0]["name"], "login.example")
        for text in (page, told, table):
            self.assertNotIn("rare", text)
            self.assertNotIn("club", text)
            self.assertNotIn("secret", text)
        self.assertIn("login[.]example", page)
        self.assertNotIn("login.example", page)
        self.assertNotRegex(page, "<script|<a |https?:|src=")
        self.assertIn("restricted 1", told)
        self.assertEqual(os.stat(os.path.join(day, "index.html")).st_mode & 0o777, 0o640)

    def test_nothing(self):
        self.assertIn('has no `trends`; write "trends: {rules: yes}"', self.ask(code=2).stderr)
        self.configure(self.local_feeds(one="login.example\n"), trends="\n  rules: yes")
        self.assertRegex(self.ask(code=2).stderr, "nothing was counted yet: .*trends.sqlite: .*; `feedsync run` counts")
        make_store(self.path("state"), {3: [("login.example", 700, 200)]})
        self.assertIn("Nothing is known of it", self.ask(code=1).stdout)
        for words in (("--day", "2026-W48"), ("--week", "2026-11-28"), ("--day", "today"), ("--day", "2026-11-28", "--week", "2026-W48"), ("x",)):
            self.ask(*words, code=2)
        with open(self.path("state/trends.sqlite"), "r+b") as f:
            f.seek(4096)
            f.write(b"x" * os.path.getsize(f.name))
        self.ask("--day", day_text(3), code=2)


class FeedsWorth(FeedLab):
    def worth(self, *words):
        return self.feedsync("-c", self.config, "feeds", *words, code=0).stdout

    def test_feeds(self):
        big = "".join(f"b{i}.example\n" for i in range(100))
        first = self.local_feeds(big=big, small="b0.example\nb1.example\nown.example\nx.b99.example\n")
        self.publish(first)
        self.assertRegex(self.worth(), r"big: 100 names, 98 % unique; shared: 2 % with small\nsmall: 4 names, 50 % unique; shared: 50 % with big\nWhat was hit is not known")
        # One name comes and goes; another one is later than in the other feed.
        self.publish(self.local_feeds(big=big + "gone.example\nlate.example\n", small="b0.example\nb1.example\nown.example\nx.b99.example\n"))
        with sqlite3.connect(self.path("state/history.sqlite")) as db:
            db.execute("UPDATE publish SET time = time - 2 * 86400 WHERE generation = 2")
        self.publish(self.local_feeds(big=big + "late.example\n", small="b0.example\nb1.example\nown.example\nx.b99.example\nlate.example\n"))
        make_store(self.path("state"), {1: [("b0.example", 300, 40), *((f"b{i}.example", 100, 30) for i in range(2, 20)), ("own.example", 800, 50), ("x.b99.example", 2, 1)],
                                        40: [(f"b{i}.example", 9, 1) for i in range(20, 30)]})
        told = json.loads(self.worth("--json"))
        feeds = {f["name"]: f for f in told["feeds"]}
        self.assertEqual(set(feeds), {"big", "small"})
        self.assertEqual((feeds["big"]["hit_30"], feeds["big"]["hit_90"], feeds["small"]["hit_30"]), (19, 19, 2))
        self.assertEqual((feeds["small"]["unique_hits"], feeds["small"]["hits"], told["hits"]), (800, 1100, 2000))
        self.assertEqual((feeds["big"]["added"], feeds["big"]["withdrawn"], feeds["small"]["late"], round(feeds["small"]["days_late"], 1)), (102, 1, 1, 2.0))
        self.assertEqual(feeds["small"]["shared"], [{"feed": "big", "names": 3}])
        self.assertRegex(self.worth(), r"small: 5 names, 40 % unique, 40 % hit in 30 days, 3 not in 90 days, 40 % of all hits only by it, 2 days later than others \(1 names\); shared: 60 % with big")
        self.feedsync("-c", self.config, "feeds", "--days", "91", code=2)


class WhyHits(FeedLab):
    def test_hits(self):
        self.publish(self.local_feeds(one="*.evil.example\n"), block='\n  - {name: shop.example, reason: parcel phishing, author: alice, expires: 2099-01-01}')
        why = lambda *words, code=1: self.feedsync("-c", self.config, "why", *words, code=code).stdout
        self.assertNotIn("hits", why("evil.example"))
        self.assertIsNone(json.loads(why("--json", "evil.example"))["hits"])
        subtree = {"scope": 1}
        make_store(self.path("state"), {
            1: [("evil.example", 1657, 612, subtree), ("x.evil.example", 900, 3)],
            2: [("evil.example", 70, 4, subtree)], 3: [("evil.example", 70, 40)], 6: [("evil.example", 51, 20, subtree), ("shop.example", 50, 20)]})
        # Where one is a further name the others of that day are, too, until they are ten.
        make_store(self.path("state"), {4: [("evil.example", 5000, 612, subtree), *((f"f{i}.example", 5, 3) for i in range(12))]})
        said = why("www.evil.example")
        self.assertIn(f"hits of the last 7 days, of days on which enough clients asked for it:\n  {day_text(4)}  5000 hits, 610 clients, nxdomain, rule evil.example\n"
                      f"  {day_text(6)}  51 hits, 20 clients, nxdomain, rule evil.example\n", said)
        self.assertNotIn(day_text(2), said)
        self.assertNotIn(day_text(3), said)  # an exact rule above the name
        self.assertIn(day_text(3), why("evil.example"))
        self.assertIn("on no day of the last 7", why("good.example", code=0))
        self.assertEqual([h["day"] for h in json.loads(why("--json", "www.evil.example"))["hits"]], [day_text(4), day_text(6)])

    def test_record(self):
        self.publish(self.local_feeds(one="*.evil.example\n"), block='\n  - {name: shop.example, reason: parcel phishing, author: alice, expires: 2099-01-01}')
        make_store(self.path("state"), {20: [("shop.example", 50, 20)]})
        told = json.loads(self.feedsync("-c", self.config, "why", "--record", "--json", "shop.example", code=1).stdout)
        self.assertEqual((told["record"]["review_at"], told["record"]["days"], [h["hits"] for h in told["hits"]]), (4070995200, 30, [50]))
        said = self.feedsync("-c", self.config, "why", "--record", "shop.example", code=1).stdout
        self.assertRegex(said, r"review by     2099-01-02T00:00:00Z\nwritten       \S+Z\nby            \S.*\n\noperator      block\n  name        shop.example\n")
        self.assertRegex(said, r"  author      alice\n  reason      parcel phishing\n  since       it stands in the configuration\n  until       2099-01-02T00:00:00Z\n")
        said = self.feedsync("-c", self.config, "why", "--record", "evil.example", code=1).stdout
        self.assertRegex(said, r"source        one\n  lists       evil.example\n  scope       subtree\n  category    malicious\n  as          block\n  document    .*\n"
                               r"  since       2\S+Z\n  confirmed   2\S+Z\n  in force    yes\n")
