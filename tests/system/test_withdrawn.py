"""Feeds that withdraw what they said."""
from feeds import *
from misp_peer import *
from peers import *

GOOD, CUT = "good.example", "cut off"


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
    "csv": (JSON, csv_rows((GOOD, "online", "2099-01-01")), [
        (csv_rows(), BY_ITSELF), (csv_rows((GOOD, "offline", "")), BY_ITSELF), (csv_rows((GOOD, "online", "2020-01-01")), BY_ITSELF),
        (csv_rows(("192.0.2.1", "online", "")), BY_ITSELF), (csv_rows(("not a name", "online", "")), NEVER),
        (csv_rows((GOOD, "offline", ""), ("not a name", "online", "")), BY_HAND), ("# nothing\n", NEVER), ("", NEVER), (PAGE, NEVER),
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
        for body, outcome, reason in ((csv_rows(), BY_ITSELF, ""), (csv_rows((GOOD, "offline", "")), BY_HAND, "1 does not fulfil the feed's "
                                      "conditions; for example f:2: good.example"),
                                      (csv_rows(("not a name", "online", "")), NEVER, "1 character that no host name has; for example f:2")):
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
            self.assertRegex(said, r"not one usable entry.*8 rejected: 7 character that no host name has; 1 IP address, not a name; "
                                   r"for example f:1: 0\.0\.0\.0 h0\.example")

    def test_nothing_is_left_by_a_guard_or_a_setting(self):
        """That is no withdrawal: the table stays."""
        self.use("csv", {"field": "host", "scope": "subtree"})
        self.offer(csv_rows((GOOD, "online", "")))
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
