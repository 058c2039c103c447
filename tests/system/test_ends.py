"""What ends: entries that expire, and feeds that withdraw what they said."""
import email.utils

from feeds import *
from peers import *

DAY = 86400


def dated(names, seen):
    """Rows of a CSV feed."""
    return "".join(f"{name},{int(seen)}\n" for name in names)


def numbers(count, start=0):
    return [f"n{i}.example" for i in range(start, start + count)]


class Later(FeedLab):
    """As time goes by."""

    def pass_until(self, moved):
        """Lets the record of the last run tell that it was so many seconds after the beginning: as if that had come by itself."""
        self.moved = moved
        with contextlib.suppress(FileNotFoundError), open(self.path("state/sync.json"), "r+") as f:
            text = re.sub(r'"(clock|believed)": \d+', lambda m: f'"{m[1]}": {int(time.time() + moved)}', f.read())
            f.seek(0)
            f.write(text)
            f.truncate()


class Expiry(Later):
    """Of entries, by a CSV feed."""

    def setUp(self):
        super().setUp()
        self.now, self.moved = time.time(), 0
        self.server = self.enterContext(FaultServer())
        self.feed = {"name": "c", "url": self.server.url + "/c.csv", "format": "csv", "field": "n", "seen": "seen",
                     "max-age": "10d"}

    def offer(self, *rows):
        """None: the server is broken."""
        date = email.utils.formatdate(self.now + self.moved, usegmt=True)
        self.server.responses["/c.csv"] = (response("n,seen\n" + "".join(rows), Date=date) if rows else
                                           response("", status="500 Oops", Date=date))

    def after(self, days, *rows, code=0):
        """A sync by so many days after the beginning, with what the server says then."""
        self.pass_until(int(days * DAY))
        self.offer(*rows)
        return self.sync_at(self.moved, code)

    def entries(self):
        return len(self.dump())

    def test_it_is_no_alarm_whatever_version_the_table_is_of(self):
        old, young, stay = (lambda count, start=0, seen=seen: dated(numbers(count, start), seen)
                            for seen in (self.now - DAY, self.now + 8 * DAY, self.now + 80 * DAY))
        many = old(2900), stay(100, 2900)

        def unchanged():
            """Another version of the same table."""
            self.after(1, *many, "\n", "# other words\n")

        def unchanged_often():
            for day in range(1, 4):
                self.after(day, *many, "# \n" * day)

        def refused():
            """A version that came, whose table was refused for another feed's sake."""
            feed = {**self.feed, "max-shrink": 100}
            other = {"name": "o", "url": "file://" + self.write("o", "".join(n + "\n" for n in numbers(9000, 10000))),
                     "format": "domains", "max-shrink": 100}
            self.configure([feed, other], run="none")
            self.after(1, *many)
            self.write("o", "o.example\n")
            self.after(2, *many, "# \n", code=1)
            self.write("o", "".join(n + "\n" for n in numbers(9000, 10000)))
            self.after(3, *many, "# \n# \n")
            self.configure([feed, {**other, "url": "file:///nowhere/o"}], run="none")

        def dropped():
            """The server takes out what has expired."""
            self.assertIn("as entries expired", self.after(20, stay(100, 2900)))

        def rolled_back():
            self.after(1, old(2900), stay(101, 2900))
            self.at(2 * DAY, "rollback", 1, code=0)
            self.at(2 * DAY, "resume", code=0)
            self.after(3, *many, "# \n")

        def accepted():
            """By hand, at once."""
            self.after(1, old(300), stay(100, 2900), code=1)
            self.offer(old(300), stay(100, 2900))
            self.at(DAY, "sync", "--accept", "c", code=0)
            self.after(2, old(1200), stay(100, 2900), "# \n")

        for case in (lambda: None, unchanged, unchanged_often, refused, dropped, rolled_back, accepted):
            with self.subTest(case.__name__):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.table)
                self.configure([self.feed], run="none", **{"table-max-growth": 1000})
                self.after(0, *many)
                case()
                broken = self.after(20, code=1)
                self.assertNotIn("ALARM", broken)
                if case is not refused:
                    self.assertIn(self.entries(), (100, 101))


GOOD, CUT = "good.example", "cut off"


def csv(*rows):
    return "host,status,seen\n" + "".join(",".join(row) + "\n" for row in rows)


def stix(*objects):
    return json.dumps({"type": "bundle", "id": "bundle--" + UUID.format(1), "objects": list(objects)})


def zone(*records):
    return "$ORIGIN rpz.example.\n@ 60 IN SOA ns. root. 1 1 1 1 1\n@ 60 IN NS ns.\n" + "".join(r + "\n" for r in records)


def gone(**more):
    return stix({**indicator(1, GOOD), **more})


JSON = {"field": "host", "where": "[status=online]", "seen": "seen", "max-age": "1d"}
ITEMS = {**JSON, "items": "data.hosts"}
ONLINE = {"host": GOOD, "status": "online"}
OFFLINE = {"host": GOOD, "status": "offline"}
OLD = {**ONLINE, "seen": "2020-01-01"}
# What a version without an entry comes to: it is taken BY ITSELF, or BY HAND (--accept), or NEVER.
BY_ITSELF, BY_HAND, NEVER = range(3)
PAGE = "<!DOCTYPE html>\n<html>login</html>\n"
ANY_LIST = [("# all clear\n", BY_HAND), ("\n", BY_HAND), ("", NEVER), (PAGE, NEVER)]
LISTS = {
    "domains": ({"scope": "subtree"}, GOOD + "\n", [("192.0.2.1\n", BY_ITSELF), ("co.uk\n", BY_ITSELF), ("ftp://x\ncom\n", NEVER)] + ANY_LIST),
    "hosts": ({}, "0.0.0.0 " + GOOD + "\n", [("0.0.0.0 com\n", NEVER)] + ANY_LIST),
    "adblock": ({}, f"||{GOOD}^\n", [("! none\n", BY_HAND), ("||x.example^$third-party\n", BY_HAND), ("", NEVER), (PAGE, NEVER)]),
    "dnsmasq": ({}, f"local=/{GOOD}/\n", ANY_LIST[::2]),
    "unbound": ({}, f'local-zone: "{GOOD}" always_null\n', ANY_LIST[::3]),
    "rpz": ({}, zone(GOOD + " CNAME ."), [
        (zone(), BY_ITSELF), (zone("32.1.2.0.192.rpz-ip CNAME ."), BY_ITSELF), ("; nothing\n", NEVER), ("", NEVER), (PAGE, NEVER),
        ("$ORIGIN rpz.example.\n@ 60 IN SOA ns. root. 1 1 1\n", NEVER), (zone("good.example CNAME (\n"), NEVER)]),
    "csv": (JSON, csv((GOOD, "online", "2099-01-01")), [
        (csv(), BY_ITSELF), (csv((GOOD, "offline", "")), BY_ITSELF), (csv((GOOD, "online", "2020-01-01")), BY_ITSELF),
        (csv(("192.0.2.1", "online", "")), BY_ITSELF), (csv(("not a name", "online", "")), NEVER),
        (csv((GOOD, "offline", ""), ("not a name", "online", "")), BY_HAND), ("# nothing\n", NEVER), ("", NEVER), (PAGE, NEVER),
        ("# host,status,seen\n", BY_ITSELF)]),
    "json": (JSON, json.dumps([ONLINE]), [
        ("[]", BY_ITSELF), (json.dumps([OFFLINE]), BY_ITSELF), (json.dumps([OLD]), BY_ITSELF), (json.dumps(OFFLINE) + "\n", BY_ITSELF),
        ('{"error": "too many requests"}\n', NEVER), ('{"query_status": "no_results"}\n', NEVER), ("{}\n", NEVER), ("", NEVER),
        (" \n", NEVER), (PAGE, NEVER), ("[", NEVER), (json.dumps([OFFLINE])[:-1], NEVER), ("null\n", NEVER)]),
    "json with items": (ITEMS, json.dumps({"data": {"hosts": [ONLINE]}}), [
        (json.dumps({"data": {"hosts": []}}), BY_ITSELF), (json.dumps({"data": {"hosts": [OFFLINE]}}), BY_ITSELF),
        (json.dumps({"data": {}}), NEVER), (json.dumps({"data": {"hosts": None}}), NEVER), ('{"data": {"hosts": []}', NEVER),
        ("{}", NEVER), ("", NEVER)]),
    "stix": ({}, stix(indicator(1, GOOD)), [
        (stix(), BY_ITSELF), ('{"type": "bundle", "id": "bundle--1"}', BY_ITSELF), (gone(revoked=True), BY_ITSELF),
        (gone(valid_until="2020-01-01T00:00:00Z"), BY_ITSELF), (gone(indicator_types=["benign"]), BY_ITSELF),
        (gone(pattern="[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"), BY_ITSELF),
        (gone(pattern="[domain-name:value LIKE 'x%']"), BY_HAND), (gone(pattern=None), NEVER),
        (stix({"type": "identity", "id": "identity--" + UUID.format(2)}), BY_ITSELF),
        ('{"title": "unavailable"}', NEVER), ('{"type": "bundle", "objects": [', NEVER), ("{}", NEVER), ("", NEVER), (PAGE, NEVER)]),
}


class Withdrawn(FeedLab):
    """A feed that has lost its last name, and one that is only broken."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())

    def use(self, form, more=None, **settings):
        self.feed = {"name": "f", "url": self.server.url + "/", "format": form, **(more or {})}
        self.configure([self.feed], run="none", **settings)

    def fresh(self):
        shutil.rmtree(self.path("state"), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.table)

    def offer(self, body, **more):
        self.server.responses["/"] = response(body, **more)

    def names(self):
        return {name.lstrip("*.") for _, name in self.dump()}

    def check(self, outcome, again):
        """What has been offered comes to this. `again` puts the good version back."""
        said = self.sync(code=0 if outcome == BY_ITSELF else 1)
        if outcome != BY_ITSELF:
            self.assertEqual(self.names(), {GOOD})
            self.assertEqual("if that is right: feedsync sync --accept f" in said, outcome == BY_HAND, said)
            said = self.feedsync("-c", self.config, "sync", "--accept", "f", code=0 if outcome == BY_HAND else 1).stderr
        self.assertEqual(self.names(), {GOOD} if outcome == NEVER else set(), said)
        if outcome != NEVER:
            feed = self.status()["feeds"][0]
            self.assertEqual((feed["well"], feed["alarm"]), (True, ""), said)
        again()
        if outcome != NEVER:
            self.sync(code=0)
            self.assertEqual(self.names(), {GOOD})

    def test_documents(self):
        for name, (more, good, cases) in LISTS.items():
            self.fresh()
            self.use(name.split()[0], more)
            self.offer(good)
            self.sync(code=0)
            for body, outcome in cases:
                with self.subTest(name, body=body):
                    self.offer(body)
                    self.check(outcome, lambda: self.offer(good))

    def test_one_that_is_cut_off(self):
        """Shorter than its server tells, or with an end that nobody tells, in what is whole up to there."""
        for name, (more, good, cases) in LISTS.items():
            empty = next((body for body, outcome in cases if outcome == BY_ITSELF), cases[0][0])
            self.fresh()
            self.use(name.split()[0], more)
            self.offer(good)
            self.sync(code=0)
            for length in (len(empty) + 1, False) if name in ("domains", "csv") else (False,):
                with self.subTest(name, length=length):
                    self.offer(empty.rstrip("\n"), length=length)
                    self.check(NEVER, lambda: self.offer(good))

    def test_a_large_one(self):
        """Of a thousand names or more it is an alarm, in every format; by hand it always goes."""
        many = [f"n{i}.example" for i in range(1000)]
        self.use("json", {"field": "host"})
        self.offer(json.dumps([{"host": name} for name in many]))
        self.sync(code=0)
        self.offer("[]")
        self.assertIn("ALARM: 0 entries, 100 % fewer than the 1000 before", self.sync(code=1))
        self.assertEqual(len(self.dump()), 1000)
        self.feedsync("-c", self.config, "sync", "--accept", "f", code=0)
        self.assertEqual(self.names(), set())
        # Among others that are still there, nothing else goes.
        self.configure([self.feed, *self.local_feeds(o="other.example\n")], run="none")
        self.offer(json.dumps([{"host": name} for name in many]))
        self.sync(code=0)
        self.offer("[]")
        self.feedsync("-c", self.config, "sync", "--accept", "f", code=0)
        self.assertEqual(self.names(), {"other.example"})

    def test_the_operators_lists_take_effect_beside_it(self):
        self.use("json", {"field": "host"})
        self.offer(json.dumps([{"host": GOOD}]))
        self.sync(code=0)
        self.offer("[]")
        self.sync(code=0)
        for lists in {"block": "\n  - name: bad.example"}, {"allow": "\n  - name: bad.example"}, {}:
            self.configure([self.feed], run="none", **lists)
            self.sync(code=0)
            self.assertEqual(self.feedsync("lookup", self.table, "bad.example").stdout.split("\t")[1],
                             {"block": "block", "allow": "allow"}.get("".join(lists), "pass"))

    def test_a_first_version(self):
        """It may have nothing in it; what is in it and of no use is more likely a mistake in the settings, and told."""
        for body, outcome, reason in ((csv(), BY_ITSELF, ""), (csv((GOOD, "offline", "")), BY_HAND, "1 does not fulfil the feed's "
                                      "conditions; for example f:2: good.example"),
                                      (csv(("not a name", "online", "")), NEVER, "1 character that no host name has; for example f:2")):
            with self.subTest(body):
                self.fresh()
                self.use("csv", JSON)
                self.offer(body)
                said = self.sync(code=0 if outcome == BY_ITSELF else 2)
                self.assertIn(reason, said)
                if outcome != BY_ITSELF:
                    feed = self.status()["feeds"][0]
                    self.assertEqual((sum(feed["rejected"].values()), feed["well"], feed["entries"]), (1, False, 0))
                    self.assertIn(reason, feed["error"])
                    self.assertIn(reason, self.feedsync("-c", self.config, "status", code=1).stdout)
                said = self.feedsync("-c", self.config, "sync", "--accept", "f", code=2 if outcome == NEVER else 0).stderr
                self.assertEqual(os.path.exists(self.table), outcome != NEVER, said)

    def test_reasons(self):
        """Why nothing of it is of use, with an example: in the words of sync and of status."""
        self.use("domains")
        self.offer(GOOD + "\n")
        self.sync(code=0)
        self.offer("".join(f"0.0.0.0 h{i}.example\n" for i in range(7)) + "192.0.2.1\n")
        for said in (self.sync(code=1), self.feedsync("-c", self.config, "status", code=1).stdout,
                     self.status()["feeds"][0]["error"]):
            self.assertRegex(said, r"not one usable entry.*8 not used: 7 character that no host name has; 1 IP address, not a name; "
                                   r"for example f:1: 0\.0\.0\.0 h0\.example")

    def test_nothing_is_left_by_a_guard_or_a_setting(self):
        """That is no withdrawal: the table stays."""
        self.use("csv", {"field": "host", "scope": "subtree"})
        self.offer(csv((GOOD, "online", "")))
        self.sync(code=0)
        self.configure([self.feed], run="none", guard=f"\n  names: [{self.write('names', 'www.good.example')}]")
        self.assertIn("the table would hold no rule", self.sync(code=2))
        self.use("csv", {"field": "host", "scope": "subtree", "where": "[status=onlin]"})
        self.assertIn("the table would hold no rule", self.sync(code=2))
        self.assertEqual(self.names(), {GOOD})

    def test_misp(self):
        good = event(1, [GOOD], 1700000001)
        attribute = lambda **more: event(1, {GOOD: more}, 1700000002)
        nothing = event(1, [], 1700000002)
        for what, offered, manifest, outcome in (
                ("no events", [], {}, BY_ITSELF), ("no manifest", [], [], NEVER), ("the attribute is gone", [nothing], None, BY_ITSELF),
                ("not for detection", [attribute(to_ids=False)], None, BY_ITSELF), ("deleted", [attribute(deleted=True)], None, BY_ITSELF),
                ("hashes stay", [attribute(type="md5", value="d41d8cd98f00b204e9800998ecf8427e")], None, BY_ITSELF),
                ("missing", [], manifest_of(event(2, [])), NEVER), ("cut off", [], "{", NEVER), ("a page", [], PAGE, NEVER),
                ("empty", [], "", NEVER), ("not names", [event(1, ["x y"], 1700000002)], None, NEVER)):
            self.fresh()
            self.use("misp-feed")

            def offer(events, manifest=None):
                self.server.responses.clear()
                for e in events:
                    self.server.responses[f"/{e['Event']['uuid']}.json"] = response(e)
                self.server.responses["/manifest.json"] = response(manifest_of(*events) if manifest is None else manifest)
            offer([good])
            self.sync(code=0)
            with self.subTest(what):
                offer(offered, manifest)
                self.check(outcome, lambda: offer([event(1, [GOOD], 1700000003)]))

    def test_misp_rest(self):
        misp = self.enterContext(Misp())
        key = self.write("key", Misp.KEY)
        os.chmod(key, 0o600)
        good = misp.attributes = [misp_attribute(1, GOOD)]
        self.feed = {"name": "f", "url": misp.url, "format": "misp-rest", "key-file": key}
        self.configure([self.feed], run="none")
        self.sync(code=0)

        def again():
            misp.attributes, misp.answer = good, type(misp).answer.__get__(misp)
        for what, attributes, outcome in (("none", [], BY_ITSELF), ("deleted", [misp_attribute(1, GOOD, deleted=True)], BY_ITSELF),
                                          ("forbidden", [misp_attribute(1, GOOD, Tag=[{"name": "tlp:red"}])], BY_ITSELF)):
            with self.subTest(what):
                misp.attributes = attributes
                self.check(outcome, again)
        for body in "{}", '{"message": "try later"}', '{"response": ', "", PAGE:
            with self.subTest(body):
                misp.answer = lambda request: (200, body.encode(), {})
                self.check(NEVER, again)

    def test_taxii(self):
        for what, objects, outcome in (("revoked", [indicator(1, GOOD, 1700000001, revoked=True)], BY_ITSELF),
                                       ("expired", [indicator(1, GOOD, 1700000001, valid_until="2020-01-01T00:00:00Z")], BY_ITSELF),
                                       ("all taken away", None, BY_ITSELF)):
            with self.subTest(what), Taxii() as taxii:
                self.fresh()
                taxii.objects.append((1700000000, indicator(1, GOOD)))
                self.feed = {"name": "f", "url": taxii.objects_url, "format": "taxii"}
                self.configure([self.feed], run="none")
                self.sync(code=0)
                if objects:
                    taxii.objects += [(1700000100, o) for o in objects]
                else:
                    taxii.objects.clear()
                    os.remove(self.path("state/feeds/f/feed.json"))
                self.check(outcome, lambda: taxii.objects.append((1700000200, indicator(2, GOOD))))
        for body in '{"title": "unavailable", "http_status": "503"}', "[]", '{"objects": ', "", PAGE:
            with self.subTest(body), Taxii() as taxii:
                self.fresh()
                taxii.objects.append((1700000000, indicator(1, GOOD)))
                self.feed = {"name": "f", "url": taxii.objects_url, "format": "taxii"}
                self.configure([self.feed], run="none")
                self.sync(code=0)
                answer, taxii.answer = taxii.answer, lambda request: (200, body.encode(), {})
                self.check(NEVER, lambda: setattr(taxii, "answer", answer))


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
            "/c": csv(*((f"{name}.csv.example", "online", str(at)) for name, at in ends.items())),
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


class Hostile(FeedLab):
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


class Validators(Later):
    """What servers say of their versions, and it is not so."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.now, self.conditions = time.time(), []

    def names(self):
        return {name for _, name in self.dump()}

    def answers(self, path, body, condition, not_modified, **validators):
        """The body where the condition does not hold; else that nothing is new, in these words."""
        def answer(headers):
            date = email.utils.formatdate(self.now + self.moved, usegmt=True)
            self.conditions.append((path, "If-None-Match" in headers or "If-Modified-Since" in headers))
            if condition(headers):
                return response("", "304 Not Modified", length=False, Date=date, **not_modified)
            return response(body, Date=date, **validators)
        self.server.responses[path] = answer

    def after(self, days, code=0):
        self.pass_until(int(days * DAY))
        return self.sync_at(self.moved, code)

    FIRST, LAST = "Mon, 02 Nov 2026 10:00:00 GMT", "Tue, 03 Nov 2026 10:00:00 GMT"
    asks = staticmethod(lambda headers: headers.get("If-None-Match") or headers.get("If-Modified-Since"))
    # Of the first version, of the second one, and what is said where that is asked for by the first one's.
    OTHER = {"another tag": ({"ETag": '"v1"'}, {"ETag": '"v2"'}, {"ETag": '"v2"'}),
             "another weak tag": ({"ETag": 'W/"v1"'}, {"ETag": 'W/"v2"'}, {"ETag": 'W/"v2"'}),
             "another tag, the same time": ({"ETag": '"v1"', "Last_Modified": FIRST}, {"ETag": '"v2"'},
                                            {"ETag": '"v2"', "Last_Modified": FIRST}),
             "a later time": ({"Last_Modified": FIRST}, {"Last_Modified": LAST}, {"Last_Modified": LAST}),
             "an earlier time": ({"Last_Modified": LAST}, {"Last_Modified": FIRST}, {"Last_Modified": FIRST}),
             "a time far ahead": ({"Last_Modified": "Fri, 02 Nov 2099 10:00:00 GMT"}, {"Last_Modified": LAST}, {"Last_Modified": LAST})}

    def test_not_modified_of_another_version(self):
        for what, (first, second, told) in self.OTHER.items():
            with self.subTest(what):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.moved = 0
                self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"},
                                {"name": "m", "format": "misp-feed", "url": self.server.url + "/m/"}], run="none")
                e1, e2 = event(1, ["one.m.example"], 1700000000), event(1, ["two.m.example"], 1700000100)
                documents = {"/l": ("one.example\n", "two.example\n"), "/m/manifest.json": (manifest_of(e1), manifest_of(e2)),
                             f"/m/{UUID.format(1)}.json": (e1, e2)}
                for path, (body, _) in documents.items():
                    self.answers(path, body, lambda headers: False, {}, **first)
                self.sync()
                self.assertEqual(self.names(), {"one.example", "one.m.example"})
                for path, (_, body) in documents.items():
                    self.answers(path, body, self.asks, told, **second)
                self.conditions.clear()
                self.sync()
                self.assertEqual(self.names(), {"two.example", "two.m.example"})
                self.assertEqual(sorted(self.conditions), sorted((path, asks) for path in documents for asks in (True, False)))

    def test_not_modified_of_ours(self):
        """It is taken for what it says, by whatever it tells the version."""
        for what, first, told in (("the same tag", {"ETag": '"v1"'}, {"ETag": '"v1"'}), ("weak here", {"ETag": '"v1"'}, {"ETag": 'W/"v1"'}),
                                  ("weak there", {"ETag": 'W/"v1"'}, {"ETag": '"v1"'}), ("nothing", {"ETag": '"v1"'}, {}),
                                  ("a time alone", {"Last_Modified": self.FIRST}, {"ETag": '"v9"'}),
                                  ("the same tag, another time", {"ETag": '"v1"', "Last_Modified": self.FIRST},
                                   {"ETag": '"v1"', "Last_Modified": self.LAST})):
            with self.subTest(what):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.moved = 0
                self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"}], run="none")
                self.answers("/l", "one.example\n", self.asks, told, **first)
                self.sync()
                self.conditions.clear()
                self.assertIn("feed l: unchanged", self.sync())
                self.assertEqual(self.conditions, [("/l", True)])

    def test_not_modified_without_a_condition(self):
        """That is no answer; what is known stays."""
        self.moved = 0
        self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"}], run="none")
        self.answers("/l", "one.example\n", lambda headers: False, {})
        self.sync()
        self.answers("/l", "", lambda headers: True, {"ETag": '"v2"'})
        for _ in range(2):
            self.assertIn("the server answers HTTP 304; the last good version stays", self.sync(code=1))
        self.assertEqual(self.names(), {"one.example"})

    def test_validators_that_never_change(self):
        """For a day they are believed."""
        self.moved = 0
        self.configure([{"name": "l", "format": "domains", "url": self.server.url + "/l"},
                        {"name": "m", "format": "misp-feed", "url": self.server.url + "/m/"}], run="none")
        first, second = event(1, ["one.m.example"]), event(2, ["two.m.example"])
        tag = {"ETag": '"for ever"'}
        for e in first, second:
            self.answers(f"/m/{e['Event']['uuid']}.json", e, self.asks, tag, **tag)
        for day, body, manifest, names in ((0, "one.example\n", manifest_of(first), {"one.example", "one.m.example"}),
                                           (0.9, "two.example\n", manifest_of(second), {"one.example", "one.m.example"}),
                                           (1.1, "two.example\n", manifest_of(second), {"two.example", "two.m.example"}),
                                           (2, "six.example\n", manifest_of(first, second), {"two.example", "two.m.example"}),
                                           (2.2, "six.example\n", manifest_of(first, second),
                                            {"six.example", "one.m.example", "two.m.example"})):
            self.answers("/l", body, self.asks, tag, **tag)
            self.answers("/m/manifest.json", manifest, self.asks, tag, **tag)
            self.after(day)
            self.assertEqual(self.names(), names, day)

    def test_events_whose_time_is_not_raised(self):
        """Each is asked for once a day all the same, under its condition; and without one after a week."""
        self.configure([{"name": "m", "format": "misp-feed", "url": self.server.url + "/"}], run="none")
        paths = [f"/{UUID.format(i)}.json" for i in range(4)]

        def offer(version, believed):
            """A server that tells its versions apart, or one that does not."""
            events = [event(i, [f"{version}{i}.example"]) for i in range(4)]
            self.answers("/manifest.json", manifest_of(*events), lambda headers: False, {})
            for path, e in zip(paths, events):
                tag = '"for ever"' if believed else f'"{version}"'
                self.answers(path, e, lambda headers, tag=tag: headers.get("If-None-Match") == tag, {"ETag": tag}, ETag=tag)

        def asked():
            """The events that were asked for since the last call, and how."""
            taken, self.conditions = [c for c in self.conditions if c[0] in paths], []
            return taken
        offer("one", False)
        self.after(0)
        offer("two", False)
        asked()
        self.after(0.9)
        self.assertEqual(asked(), [])
        # Some in each run, here a quarter of a day apart: in little more than a day all are known.
        seen = []
        for day in 1.01, 1.26, 1.51, 1.76, 2.0:
            self.after(day)
            taken = asked()
            self.assertLessEqual(len(taken), 2)
            self.assertTrue(all(conditional for _, conditional in taken))
            seen += taken
        self.assertEqual(self.names(), {f"two{i}.example" for i in range(4)})
        self.assertEqual(sorted(path for path, _ in seen), paths)
        # The next version has the same tag.
        offer("two", True)
        shutil.rmtree(self.path("state"))
        os.remove(self.table)
        self.after(10)
        offer("six", True)
        for day in range(11, 17):
            self.after(day)
        self.assertEqual(self.names(), {f"two{i}.example" for i in range(4)})
        asked()
        for day in range(17, 20):
            self.after(day)
        self.assertEqual(self.names(), {f"six{i}.example" for i in range(4)})
        self.assertIn((paths[0], False), asked())
