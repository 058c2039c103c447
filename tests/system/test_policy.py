"""What a feed's entries do, and for how long: actions, maps, marks and ages."""
from feeds import *


class Policy(FeedLab):
    # ---- actions of feeds ----

    def lookup(self, *names, code=None):
        lines = self.feedsync("lookup", self.table, *names, code=code).stdout.splitlines()
        return [(f[1], f[4], f[6]) for f in (line.split("\t") for line in lines)]

    def test_a_feed_on_trial(self):
        self.publish(self.local_feeds(old="a.example\nboth.example\n", new={"content": "b.example\nboth.example\n", "action": "log"}))
        self.assertEqual(self.lookup("a.example", "b.example", "both.example"), [
            ("block", "nxdomain", "malicious"), ("log", "log", "malicious:log"), ("block", "nxdomain", "malicious,malicious:log")])
        said = self.feedsync("-c", self.config, "check", code=0).stdout
        self.assertIn("category: malicious:log # log", said)

    def test_groups_and_a_feed_on_trial(self):
        """Its action holds for every group, but where its category is none of the group's concern."""
        self.publish(self.local_feeds(new={"content": "b.example\n", "action": "refused"}), groups="""
  - name: strict
    clients: [192.0.2.1]
    action: drop
  - name: free
    clients: [192.0.2.2]
    action: allow""")
        for client, decision in (("192.0.2.1", "block"), ("192.0.2.2", "pass"), ("192.0.2.3", "block")):
            got = self.feedsync("lookup", "--client", client, self.table, "b.example").stdout.split("\t")
            self.assertEqual((got[1], got[4]), (decision, "refused" if decision == "block" else "allow"), client)

    def refused(self, feed, words, **settings):
        self.configure([{"name": "m", "url": "file:///x", "format": "misp-feed", **feed}], run="none", **settings)
        self.assertRegex(self.feedsync("-c", self.config, "check", code=1).stderr, words)

    def test_settings_that_make_no_sense(self):
        self.refused({"action": "explode"}, r"feedsync.yaml:\d+: feed m: action: \"explode\": not known; expected one of")
        self.refused({"action": "sinkhole"}, "no address for a sinkhole")
        self.refused({"map": "[{category: malicious}]"}, "a line of it has a tag")
        self.refused({"map": "[{tag: x, category: nowhere}]"}, 'no category "nowhere"')
        self.refused({"map": "[{threat-level: huge, category: malicious}]"}, '"huge": not known; expected one of high, medium, low, undefined')
        self.refused({"map": "[{tag: x, category: malicious}]", "action": "allow", "format": "domains"}, "only entries of MISP can be mapped")
        self.refused({"max-age": "0d"}, 'max-age: "0d": not such a duration')
        self.refused({"max-age": "9999d"}, "1s to 3650d")
        self.refused({"max-age": "1d", "format": "domains"}, "does not tell when")
        self.refused({"max-age": "1d", "format": "csv", "field": "x"}, "seen: NAME")
        self.refused({"seen": "x", "format": "csv", "field": "x"}, "no effect without max-age")
        self.refused({"strict-pap": "no", "format": "domains"}, "only entries of MISP and STIX")
        self.refused({"category": "malicious:log"}, "there is no category")

    # ---- maps ----

    def test_maps(self):
        payload = {"category": "Payload delivery"}
        self.misp([event(1, {"plain.example": {}, "tagged.example": {"Tag": [{"name": 'malware:family="Emo"'}]},
                             "payload.example": payload}, threat_level_id="4", Tag=[{"name": 'Kind:Is = "spam"'}]),
                   event(2, {"c2.example": {"Tag": [{"name": "C2"}]}, "both.example": {"Tag": [{"name": "c2"}], **payload},
                             "low.example": {}}, threat_level_id=3),
                   event(3, ["partner.example"], Orgc={"name": "CERT-B.example", "uuid": "b9858b87-f19c-4951-9a02-a7a2816144ef"}),
                   event(4, ["other.example"], Orgc={"name": "CERT-C", "uuid": "c9858b87-f19c-4951-9a02-a7a2816144ef"})])
        self.serve()
        categories = "".join(f"\n  - name: {name}" for name in ("c2", "malware", "drop", "low", "spam", "partner", "other"))
        feed = {"name": "m", "url": self.url, "format": "misp-feed", "map": """
      - {tag: c2, misp-category: payload delivery, category: drop}
      - {tag: c2, category: c2}
      - {tag: "malware:*", category: malware}
      - {tag: "kind:is=spam", misp-category: Payload delivery, category: spam}
      - {threat-level: low, category: low}
      - {organisation: cert-b.EXAMPLE, category: partner}
      - {organisation: C9858B87-f19c-4951-9a02-a7a2816144ef, category: other}"""}
        self.publish([feed], categories=categories)
        names = ["plain", "tagged", "payload", "c2", "both", "low", "partner", "other"]
        self.assertEqual([category for _, _, category in self.lookup(*(n + ".example" for n in names))],
                         ["malicious", "malware", "spam", "c2", "drop", "low", "partner", "other"])
        self.publish([{**feed, "action": "log"}], categories=categories)
        self.assertEqual([(action, category) for _, action, category in self.lookup("c2.example", "plain.example")],
                         [("log", "c2:log"), ("log", "malicious:log")])

    # ---- marks and ages ----

    def test_pap(self):
        self.misp([event(1, ["a.example"], Tag=[{"name": "PAP:AMBER"}]), event(2, ["b.example"])])
        self.serve()
        feed = {"name": "m", "url": self.url, "format": "misp-feed"}
        self.publish([feed])
        self.assertEqual(self.dump(), {("subtree", "b.example")})
        self.publish([{**feed, "strict-pap": "no", "map": '[{tag: "pap:amber", category: malicious}]'}])
        self.assertEqual(self.dump(), {("subtree", "a.example"), ("subtree", "b.example")})

    def test_ages_in_misp(self):
        now = int(time.time())
        iso = lambda t: time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime(t))
        self.misp([event(1, {"fresh.example": {"timestamp": str(now - 86400)}, "old.example": {"timestamp": now - 86400 * 40},
                             "seen.example": {"timestamp": str(now - 86400 * 40), "last_seen": iso(now - 86400)},
                             "edited.example": {"timestamp": str(now), "last_seen": iso(now - 86400 * 40)},
                             "unknown.example": {}, "null.example": {"timestamp": None, "last_seen": None}})])
        self.serve()
        self.publish([{"name": "m", "url": self.url, "format": "misp-feed", "max-age": "30d"}])
        self.assertEqual(self.dump(), {("subtree", n + ".example") for n in ("fresh", "seen", "unknown", "null")})
        self.assertEqual(self.status()["feeds"][0]["rejected"], {"expired": 2})

    def test_ages_in_lists(self):
        now = int(time.time())
        day = lambda t: time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(t))
        rows = {"new.example": day(now - 3600), "old.example": day(now - 86400 * 3), "none.example": "None"}
        self.publish(self.local_feeds(
            table={"content": "name,last\n" + "".join(f'{n},"{t}"\n' for n, t in rows.items()), "format": "csv", "field": "name",
                   "seen": "last", "max-age": "2d"},
            items={"content": json.dumps([{"n": "j" + n, "t": {"last": t}} for n, t in rows.items()]), "format": "json", "field": "n",
                   "seen": "t.last", "max-age": "48h"}))
        self.assertEqual(self.dump(), {("exact", n) for n in ("new.example", "none.example", "jnew.example", "jnone.example")})
        self.assertEqual([f["rejected"] for f in self.status()["feeds"]], [{"expired": 1}, {"expired": 1}])

    def test_time_passes(self):
        """An entry goes when its time has come, though its feed says nothing new."""
        self.publish(self.local_feeds(
            stays="stays.example\n",
            goes={"content": json.dumps([{"n": "goes.example", "t": int(time.time()) - 3600}]), "format": "json", "field": "n",
                  "seen": "t", "max-age": "3604s"}))
        self.assertEqual(self.dump(), {("exact", "stays.example"), ("exact", "goes.example")})
        wait_for(lambda: (self.sync(), self.dump())[1] == {("exact", "stays.example")}, step=0.5)
