"""feedsync and a MISP instance: what it publishes, asked for event by event."""
import threading

from feeds import *
from misp_peer import *

INDEX, ATTRIBUTES, STATES, OBJECTS, KEY = ("/events/index", "/attributes/restSearch", "/events/restSearch", "/objects/restSearch",
                                           "/users/view/me")


class Rest(FeedLab):
    def setUp(self):
        super().setUp()
        self.misp = self.enterContext(Misp())
        self.key = self.write("key", Misp.KEY)
        os.chmod(self.key, 0o600)
        self.use(self.misp.url)

    def use(self, url, **more):
        self.configure([{"name": "m", "format": "misp-rest", "url": url, "key-file": self.key, "max-growth": 1000000,
                         "max-shrink": 100, **more}])

    def offer(self, *names):
        self.misp.attributes = [misp_attribute(i, name) for i, name in enumerate(names, 1)]

    def offer_events(self, **events):
        """Each event has these names: e1=["a.example"]."""
        self.misp.attributes = [misp_attribute(100 * int(event[1:]) + i, name, event=int(event[1:]))
                                for event, names in events.items() for i, name in enumerate(names)]

    def names(self):
        return {name for _, name in self.dump()}

    def asked(self):
        """What was asked for since the last call: actions, or for attributes the events."""
        return [sorted(json.loads(r.body)["eventid"]) if r.path == ATTRIBUTES else r.path for r in self.misp.take_requests()
                if r.path != KEY]

    def fault(self, action, answer, number=1):
        """The so-manieth request of the action is answered so, once."""
        left = [number]
        def fault(request):
            if request.path == action:
                left[0] -= 1
                return answer if left[0] == 0 else None
        self.misp.faults.append(fault)

    def refused(self, words, names):
        """What is offered now is refused, and the last good version stays."""
        said = self.sync(code=1)
        self.assertRegex(said, f"feed m: .*{words}.*the last good version stays")
        self.assertEqual(self.names(), set(names))
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-rest"])

    def listing(self, change=None):
        """The events that the last good version lists; `change` is made to each."""
        path = self.path("state/feeds/m/good.misp-rest/events.json")
        with open(path) as f:
            events = json.load(f)
        if change:
            for event in events:
                change(event)
            with open(path, "w") as f:
                json.dump(events, f)
        return events

    def feed(self):
        return self.status()["feeds"][0]


class Attributes(Rest):
    def test_which_attributes(self):
        tag = lambda *names: [{"name": name} for name in names]
        cases = [
            ("plain.example", {}), ("host.example", {"kind": "hostname"}), ("with-ip.example|192.0.2.7", {"kind": "domain|ip"}),
            ("with-port.example|80", {"kind": "hostname|port"}), ("green.example", {"event_tags": tag("tlp:green", "PAP:GREEN")}),
            ("object.example", {"object_relation": "domain", "object_id": "7"}),
            ("not-ids.example", {"to_ids": False}), ("deleted.example", {"deleted": True}), ("draft.example", {}),
            ("red.example", {"event_tags": tag("tlp:red")}),
            ("both.example", {"Tag": tag("tlp:green"), "event_tags": tag("TLP:RED")}), ("pap.example", {"event_tags": tag("PAP:AMBER")}),
            ("fp.example", {"Tag": tag('false-positive:confirmed="true"')}),
            ("http://url.example/", {"kind": "url"}), ("https://page.example/a", {"kind": "url"}),
            ("ns.example", {"object_relation": "nameserver", "object_id": "8"}), ("co.uk", {}), ("single", {}),
            ("proposed.example", {}), ("victim.example", {"object_relation": "domain", "object_id": "9"}),
            ("scanner.example", {"object_relation": "hostname", "object_id": "10"}),
        ]
        self.misp.attributes = [misp_attribute(i, value, event=i, **more) for i, (value, more) in enumerate(cases, 1)]
        self.misp.unpublish(9)  # draft.example
        self.misp.proposed = {"proposed.example"}
        self.misp.objects = {"7": "domain-ip", "8": "whois", "9": "victim", "10": "research-scanner"}
        self.sync(code=0)
        self.assertEqual(self.dump(), {
            ("subtree", "plain.example"), ("exact", "host.example"), ("subtree", "with-ip.example"), ("exact", "with-port.example"),
            ("subtree", "green.example"), ("subtree", "object.example"), ("exact", "url.example")})
        self.assertEqual(self.feed()["rejected"], {"tlp": 2, "pap": 1, "false_positive": 1, "relation": 3, "public_suffix": 1,
                                                   "single_label": 1})
        questions = {r.path: json.loads(r.body) for r in self.misp.take_requests() if r.path != KEY}
        self.assertEqual(questions[INDEX], {"minimal": 1})
        asked = questions[ATTRIBUTES]
        self.assertEqual({key: asked[key] for key in ("returnFormat", "to_ids", "published", "deleted", "includeEventTags",
                                                      "includeAllTags", "includeContext", "allow_proposal_blocking",
                                                      "enforceWarninglist", "page", "limit")},
                         {"returnFormat": "json", "to_ids": 1, "published": 1, "deleted": 0, "includeEventTags": 1,
                          "includeAllTags": 1, "includeContext": 1, "allow_proposal_blocking": 1, "enforceWarninglist": 0, "page": 1,
                          "limit": 5000})
        self.assertEqual(questions[OBJECTS]["object_name"], ["victim", "research-scanner"])
        self.use(self.misp.url, **{"strict-tlp": "no"})
        self.sync(code=0)
        self.assertLessEqual({"red.example", "both.example"}, self.names())

    def test_what_is_said_of_its_event(self):
        """The organisation, the threat level and the publication: for `why`, and for a policy by organisation."""
        self.misp.attributes = [misp_attribute(1, "a.example"), misp_attribute(2, "b.example", event=2)]
        self.misp.event(2)["Orgc"] = {"id": "4", "name": "CERT-C.example", "uuid": "c9858b87-f19c-4951-9a02-a7a2816144ef"}
        self.configure([{"name": "m", "format": "misp-rest", "url": self.misp.url, "key-file": self.key,
                         "map": "[{organisation: cert-c.example, category: trial}]"}],
                       categories="[{name: malicious}, {name: trial, action: log}]")
        self.sync(code=0)
        told = self.feedsync("lookup", self.table, "a.example", "b.example").stdout.splitlines()
        self.assertEqual([line.split("\t")[6] for line in told], ["malicious", "trial"])
        said = self.feedsync("-c", self.config, "why", "b.example").stdout
        self.assertRegex(said, 'MISP event 0+-0000-4000-9000-0+2, "transcript event", by CERT-C.example, threat level medium, '
                               "published 2023-11-14T22:13:31Z")

    def test_marks_that_are_not_exported(self):
        """Each mark that forbids the use of a name does so though its tag is not to be exported, wherever it stands."""
        hidden = lambda *names: [{"name": name, "exportable": False} for name in names]
        marks = {"tlp:red": "tlp", "TLP:AMBER+STRICT": "tlp", "PAP:RED": "pap", "PAP:AMBER": "pap",
                 'false-positive:confirmed="true"': "false_positive", 'workflow:state="draft"': "workflow",
                 'workflow:state="incomplete"': "workflow", 'workflow:state="rejected"': "workflow"}
        places = {"attribute": lambda tags: {"Tag": tags}, "event": lambda tags: {"event_tags": tags},
                  "object": lambda tags: {"Tag": tags, "object_relation": "domain", "object_id": "7"},
                  "among": lambda tags: {"Tag": [{"name": "tlp:green"}], "event_tags": [{"name": "PAP:CLEAR"}, *tags]}}
        cases = {f"{place}{i}.example": tell(hidden(mark)) for place, tell in places.items() for i, mark in enumerate(marks)}
        cases["good.example"] = {"Tag": hidden("tlp:green"), "event_tags": hidden("PAP:GREEN")}
        for one_event in (False, True):
            with self.subTest(one_event=one_event):
                self.misp.attributes = [misp_attribute(i, name, event=1 if one_event else i, **more)
                                        for i, (name, more) in enumerate(cases.items(), 1)]
                self.sync(code=0)
                self.assertEqual(self.names(), {"good.example"})
                self.assertEqual(self.feed()["rejected"],
                                 {kind: len(places) * list(marks.values()).count(kind) for kind in set(marks.values())})

    def test_objects_that_cannot_be_asked_for(self):
        """An older instance does not know the question: then relations alone tell innocents, as in a feed of attributes."""
        self.misp.attributes = [misp_attribute(1, "a.example", object_id="7", object_relation="domain"),
                                misp_attribute(2, "ns.example", object_id="8", object_relation="nameserver")]
        self.fault(OBJECTS, answer_of("err-no-such-controller"))
        self.sync(code=0)
        self.assertEqual(self.names(), {"a.example"})


class Changes(Rest):
    def test_only_what_has_changed_is_asked_for(self):
        self.offer_events(e1=["a.example", "b.example"], e2=["c.example"], e3=["d.example"])
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, [1, 2, 3]])
        self.assertIn("feed m: unchanged", self.sync(code=0))
        self.assertEqual(self.asked(), [INDEX])
        self.misp.edit(2, misp_attribute(250, "new.example", event=2))
        self.misp.publish(2)
        self.assertIn("feed m: fresh", self.sync(code=0))
        self.assertEqual(self.asked(), [INDEX, [2]])
        self.assertEqual(self.names(), {"a.example", "b.example", "c.example", "d.example", "new.example"})
        self.assertEqual(len(os.listdir(self.path("state/feeds/m/good.misp-rest"))), 4)
        # Withdrawn in each way that there is.
        self.misp.held[0].update(deleted=True)
        self.misp.publish(1)
        self.misp.held[2].update(to_ids=False)
        self.misp.publish(2)
        self.misp.unpublish(3)
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, STATES, [1, 2]])
        self.assertEqual(self.names(), {"b.example", "new.example"})
        self.misp.delete(2)
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, STATES])
        self.assertEqual(self.names(), {"b.example"})
        self.offer()
        self.sync(code=0)
        self.assertEqual(self.names(), set())

    def test_all_of_it_once_a_day(self):
        """What the index does not show: a proposal, a tag of the host organisation."""
        self.offer_events(e1=["a.example"], e2=["b.example"])
        self.sync(code=0)
        self.misp.proposed = {"b.example"}
        self.sync(code=0)
        self.assertEqual(self.names(), {"a.example", "b.example"})
        def a_day_ago(event):
            event["fetched_at"] -= DAY
        self.listing(a_day_ago)
        self.asked()
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, [1, 2], INDEX])  # the last of them since event 2 came without an attribute
        self.assertEqual(self.names(), {"a.example"})
        self.listing(a_day_ago)
        self.assertIn("feed m: unchanged", self.sync(code=0))
        self.assertLess(time.time() - min(event["fetched_at"] for event in self.listing()), 1000)

    def test_an_allowed_list_empties_answers(self):
        """What the instance allows is taken out after it has counted: an answer without an attribute is no end."""
        self.offer_events(e1=["a.example"], e2=["b.example"], e3=["c.example"])
        self.misp.allowed = {"a.example", "b.example"}
        self.sync(code=0)
        self.assertEqual(self.names(), {"c.example"})
        self.misp.allowed = {"a.example", "b.example", "c.example"}
        self.misp.publish(3)
        self.sync(code=0)
        self.assertEqual(self.names(), set())

    def test_changed_in_the_same_second(self):
        """An event that was changed a moment ago may change once more in the same second: it is asked for again."""
        self.offer("a.example")
        now = str(int(time.time()))
        self.misp.event(1).update(timestamp=now, publish_timestamp=now)
        self.sync(code=0)
        self.misp.held.append(misp_attribute(2, "b.example"))
        self.sync(code=0)
        self.assertEqual(self.names(), {"a.example", "b.example"})

    def test_other_url(self):
        """Another instance may give its events the same numbers and times."""
        self.offer_events(e1=["a.example"], e2=["b.example"])
        self.sync(code=0)
        with Misp() as other:
            other.attributes = [misp_attribute(7, "other.example")]
            self.use(other.url)
            self.sync(code=0)
            self.assertEqual(self.names(), {"other.example"})


class Edits(Rest):
    def setUp(self):
        super().setUp()
        self.offer_events(e1=["a.example", "b.example"], e2=["c.example"])
        self.sync(code=0)
        self.asked()

    def test_an_event_under_edit_stays_as_it_was_published(self):
        self.misp.edit(1, misp_attribute(150, "new.example"))
        said = self.sync(code=0)
        self.assertRegex(said, "event 0+-0000-4000-9000-0+1 is being edited; its last published version stays in force")
        self.assertEqual(self.asked(), [INDEX, STATES])
        self.assertEqual(self.names(), {"a.example", "b.example", "c.example"})
        self.assertEqual(self.feed()["edited"], 1)
        self.assertRegex(self.feedsync("-c", self.config, "status").stdout,
                         "1 event is being edited, .*its last published version stays in force")
        # It is not asked for again, until something is new.
        self.assertNotIn("edited", self.sync(code=0))
        self.assertEqual(self.asked(), [INDEX])
        self.misp.edit(1)
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, STATES])
        self.misp.publish(1)
        self.sync(code=0)
        self.assertEqual(self.asked(), [INDEX, [1]])
        self.assertEqual(self.names(), {"a.example", "b.example", "c.example", "new.example"})
        self.assertEqual(self.feed()["edited"], 0)

    def test_a_withdrawal_counts_at_once(self):
        self.misp.unpublish(1)
        self.assertRegex(self.sync(code=0), "event 0+-0000-4000-9000-0+1 has been unpublished; its names go")
        self.assertEqual(self.names(), {"c.example"})
        self.misp.edit(2)
        self.sync(code=0)
        self.assertEqual(self.names(), {"c.example"})
        self.misp.delete(2)
        self.assertRegex(self.sync(code=0), "event 0+-0000-4000-9000-0+2 is no longer on the instance")
        self.assertEqual(self.names(), set())

    def test_an_event_without_an_attribute_left(self):
        """The index passes over it."""
        self.misp.held[0]["deleted"] = self.misp.held[1]["deleted"] = True
        self.misp.edit(1)
        self.sync(code=0)
        self.assertEqual(self.names(), {"c.example"})

    def test_not_for_ever(self):
        self.use(self.misp.url, **{"max-edit": "1h"})
        self.misp.edit(1)
        self.sync(code=0)
        def an_hour_ago(event):
            event["unpublished_at"] -= 3600 if event["unpublished_at"] else 0
        self.listing(an_hour_ago)
        self.assertRegex(self.sync(code=0), "has been edited for 60 min and is not published again")
        self.assertEqual(self.names(), {"c.example"})
        self.sync(code=0)
        self.misp.publish(1)
        self.sync(code=0)
        self.assertEqual(self.names(), {"a.example", "b.example", "c.example"})

    def test_edited_while_it_is_fetched(self):
        """The index told of a version that is there no more when its attributes are asked for."""
        for name in ("x.example", "y.example"):
            self.misp.edit(1, misp_attribute(160, name))
            self.misp.publish(1)
            before = self.names()
            def edit_now(request):
                if request.path == ATTRIBUTES:
                    self.misp.edit(1)
                    if name == "y.example":  # and published again, with other attributes
                        self.misp.edit(1, misp_attribute(170, "z.example"))
                        self.misp.publish(1)
                    return self.misp.answer(request)
            self.misp.faults.append(edit_now)
            self.sync(code=0)
            self.assertEqual(self.misp.faults, [])
            self.assertEqual(self.names(), before)
            self.misp.publish(1)
            self.sync(code=0)
            self.assertEqual(self.names() - before, {"x.example"} if name == "x.example" else {"y.example", "z.example"})

    def test_the_state_is_not_told(self):
        """Then the last published version stays, and it is asked again."""
        self.misp.edit(1)
        self.fault(STATES, (500, b"", {}))
        self.refused("events/restSearch: the server answers HTTP 500", {"a.example", "b.example", "c.example"})
        self.misp.unpublish(2)
        self.sync(code=0)
        self.assertEqual(self.names(), {"a.example", "b.example"})


class Keys(Rest):
    ADMIN = "it is a site administrator's: events that other organisations keep for themselves are blocked, too"
    SETTING = "its user has the setting default_restsearch_parameters in MISP, which may hide names from it"

    def a_day_ago(self):
        if os.path.exists(path := self.path("state/feeds/m/feed.json")):
            with open(path) as f:
                known = json.load(f)
            self.write("state/feeds/m/feed.json", json.dumps({**known, "key_asked_at": int(time.time()) - DAY}))

    def test_what_is_told_of_a_key(self):
        """Once a day."""
        self.offer("a.example")
        for user, told in (({"Role": {"perm_site_admin": True}, "UserSetting": []}, [self.ADMIN]),
                           ({"Role": {"perm_site_admin": False}, "UserSetting": {"homepage": {"path": "/"}}}, []),
                           ({"Role": {}, "UserSetting": {"default_restsearch_parameters": {"tags": ["tlp:green"]}}}, [self.SETTING]),
                           ({"Role": {"perm_site_admin": "1"},
                             "UserSetting": [{"setting": "default_restsearch_parameters", "value": {"tags": []}}]},
                            [self.ADMIN, self.SETTING]),
                           ({}, []), ([], [])):
            with self.subTest(user):
                self.misp.user = user
                self.a_day_ago()
                said = self.sync(code=0)
                self.assertEqual([w for w in (self.ADMIN, self.SETTING) if w in said], told)
                status = self.feedsync("-c", self.config, "status").stdout
                self.assertEqual([w for w in (self.ADMIN, self.SETTING) if w in status], told)
                self.misp.take_requests()
                self.assertNotIn("its key", self.sync(code=0))
                self.assertEqual(self.misp.take_requests()[-1].path, INDEX)
        self.misp.faults = [lambda request: (403, {"message": "no"}, {}) if request.path == KEY else None]
        self.a_day_ago()
        self.sync(code=0)
        self.assertEqual(self.misp.faults, [])


class Large(Rest):
    def test_answers_that_do_not_fit(self):
        """No answer is asked for by pages: where all attributes do not fit in one, fewer events are asked for."""
        self.misp.attributes = [misp_attribute(i, f"host{i}.example", event=1 + i % 4) for i in range(8000)] + [
            misp_attribute(10000 + i, f"big{i}.example", event=9) for i in range(6000)]
        self.sync(code=0)
        self.assertEqual(len(self.names()), 14000)
        questions = [json.loads(r.body) for r in self.misp.take_requests() if r.path == ATTRIBUTES]
        self.assertEqual({q["page"] for q in questions}, {1})
        self.assertEqual([q["limit"] for q in questions if q["eventid"] == [9]][-1], 20000)
        self.assertLess(len(questions), 10)
        # It is known now how many there are.
        for event in (1, 2, 3, 4, 9):
            self.misp.publish(event)
        self.sync(code=0)
        questions = [json.loads(r.body) for r in self.misp.take_requests() if r.path == ATTRIBUTES]
        self.assertEqual(sorted(len(q["eventid"]) for q in questions if q["eventid"] != [9]), [1, 1, 1, 1])
        self.assertEqual(len(self.names()), 14000)

    def test_a_limit_of_requests(self):
        """What has come counts, though the instance allows no more requests for a while."""
        self.misp.attributes = [misp_attribute(i, f"host{i}.example", event=1 + i // 3000) for i in range(12000)]
        self.misp.requests_left = 3
        self.assertRegex(self.sync(code=1), "feed m: .*HTTP 429.*asks to be left alone for 899 s")
        before = len(self.names())
        self.assertIn(before, (3000, 6000))
        self.misp.requests_left = 3
        self.sync(code=1)
        self.misp.requests_left = None
        self.sync(code=0)
        self.assertEqual(len(self.names()), 12000)

    def test_compressed(self):
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        self.assertEqual(len(self.names()), 25)
        for damage, words in ((lambda body: body[:-6], "cut off|damaged|end"), (lambda body: body[:-8] + b"12345678", "damaged|sum|check"),
                              (lambda body: gzip.compress(b"[" + b" " * (64 << 20) + b"]"), "times|grows|large")):
            body = gzip.compress(json.dumps(self.misp.index({})[1]).encode())
            self.fault(INDEX, (200, damage(body), {"Content-Encoding": "gzip"}))
            self.refused(f"({words})", {f"host{i}.example" for i in range(25)})


class Faults(Rest):
    def test_faults(self):
        names = [f"host{i}.example" for i in range(25)]
        self.offer(*names)
        self.sync(code=0)
        self.offer(*(f"new{i}.example" for i in range(25)))
        html = (200, b"<html>login</html>", {})
        for action, answer, words in (
                (INDEX, (403, {"message": "no"}, {}), "HTTP 403"),
                (INDEX, html, "an HTML|a value expected|near '<'|cut off"),
                (INDEX, (200, {"message": "Invalid key"}, {}), "not an answer of events/index: Invalid key"),
                (INDEX, (200, [{"id": "1"}], {}), "an event without id, UUID or timestamp"),
                (INDEX, (200, b"", {}), "cut off"),
                (ATTRIBUTES, (500, b"", {}), "event 0+-0000-4000-9000-0+1: the server answers HTTP 500"),
                (ATTRIBUTES, (404, b"", {}), "the server has no such document"),
                (ATTRIBUTES, (429, b"", {"X-Rate-Limit-Reset": "850"}), "HTTP 429 and asks to be left alone for 850 s"),
                (ATTRIBUTES, (200, b'{"response":{"Attribute":[', {"Content-Length": "4000"}), "transfer closed"),
                (ATTRIBUTES, (200, b'{"response":{"Attribute":[', {}), "cut off"),
                (ATTRIBUTES, (200, {"response": {"Attribute": {"x": 1}}}, {}), "not an answer of attributes/restSearch"),
                (ATTRIBUTES, (200, {"response": {"Attribute": [{"Event": {"uuid": "x"}}]}}, {}), "an event that was not asked for")):
            with self.subTest(action=action, words=words):
                self.fault(action, answer)
                self.refused(words, names)
                self.assertEqual(self.misp.faults, [])
        self.assertGreater(self.feed()["failures"], 5)
        self.sync(code=0)
        self.assertEqual(self.names(), {f"new{i}.example" for i in range(25)})
        self.assertEqual(self.feed()["retry_at"], 0)

    def test_one_event_that_cannot_be_had(self):
        """It keeps the others back no more than itself."""
        self.offer_events(e1=["a.example"], e2=["b.example"], e3=["c.example"])
        self.sync(code=0)
        self.offer_events(e1=["a.example", "a2.example"], e2=["b.example", "b2.example"], e3=["c.example", "c2.example"])
        answer = self.misp.answer
        self.misp.answer = lambda request: (500, b"", {}) if request.path == ATTRIBUTES and 2 in json.loads(request.body)["eventid"] \
            else answer(request)
        self.assertRegex(self.sync(code=1), "event 0+-0000-4000-9000-0+2: the server answers HTTP 500; its last good version stays")
        self.assertEqual(self.names(), {"a.example", "a2.example", "b.example", "c.example", "c2.example"})
        self.misp.answer = answer
        self.sync(code=0)
        self.assertEqual(len(self.names()), 6)

    def test_a_server_that_fails_always(self):
        """It is not asked for ever."""
        self.offer_events(**{f"e{i}": [f"host{i}.example"] for i in range(1, 200)})
        answer = self.misp.answer
        self.misp.answer = lambda request: answer(request) if request.path == INDEX else (500, b"", {})
        said = self.sync(code=2)
        self.assertRegex(said, "the server answers HTTP 500; there is no good version yet")
        self.assertLessEqual(len(self.misp.take_requests()), 9)

    def test_a_server_that_pays_no_heed(self):
        """One that sends all there is, whatever it is asked for."""
        self.offer_events(e1=["a.example"], e2=["b.example"])
        self.sync(code=0)
        self.misp.publish(1)
        self.misp.wanted = lambda asked: set(self.misp.events)
        self.refused("an attribute of an event that was not asked for", {"a.example", "b.example"})

    def test_over_tls_and_redirected(self):
        """nginx before MISP; a redirect keeps the question a POST with its filters."""
        self.serve(tls=True, more=f"location /misp/ {{ proxy_pass {self.misp.url}/; }} "
                                  "location /old/ { rewrite ^/old/(.*)$ /misp/$1 redirect; }")
        self.offer(*(f"host{i}.example" for i in range(12)))
        for path in ("/misp", "/misp/", "/misp/attributes/restSearch", "/old/"):
            self.use(self.url + path, ca=self.path("ca.pem"))
            self.asked()
            self.sync(code=0)
            self.assertEqual(self.asked(), [INDEX, [1]])
            self.assertEqual(len(self.names()), 12)
        self.use(self.url + "/misp/")
        self.assertRegex(self.sync(code=1), "(?i)certificate")

    def test_other_feeds_go_on(self):
        """While one cannot be had, the others come and are published."""
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.write("www/list", "listed.example\n")
        self.serve()
        with Misp() as other:
            other.attributes = [misp_attribute(i, f"other{i}.example") for i in range(25)]
            other.faults = [lambda request: (500, b"", {}) if request.path == ATTRIBUTES else None]
            self.configure([{"name": name, "format": "misp-rest", "url": url, "key-file": self.key}
                            for name, url in (("m", self.misp.url), ("broken", other.url))] +
                           [{"name": "l", "format": "domains", "url": self.url + "/list"}])
            said = self.sync(code=1)
            self.assertRegex(said, "feed broken: event .*: the server answers HTTP 500; there is no good version yet")
            self.assertEqual(self.names(), {f"host{i}.example" for i in range(25)} | {"listed.example"})
            self.sync(code=0)
            self.assertEqual(len(self.names()), 51)


class OnDisk(Rest):
    def test_damage(self):
        """An event that rots takes nothing with it but itself, and is fetched anew."""
        self.offer_events(e1=["a.example"], e2=["b.example"])
        self.sync(code=0)
        for damage in (lambda path: os.remove(path), lambda path: open(path, "w").close()):
            damage(self.path("state/feeds/m/good.misp-rest/" + self.misp.event(2)["uuid"] + ".json"))
            self.fault(INDEX, (500, b"", {}))
            self.assertIn("1 of its documents cannot be read", self.sync(code=1))
            self.assertEqual(self.names(), {"a.example"})
            self.sync(code=0)
            self.assertEqual(self.names(), {"a.example", "b.example"})
        # The listing itself.
        for damage in (lambda path: os.remove(path), lambda path: open(path, "w").write("{")):
            damage(self.path("state/feeds/m/good.misp-rest/events.json"))
            self.sync(code=0)
            self.assertEqual(self.names(), {"a.example", "b.example"})

    def test_pages_of_version_0_1_0(self):
        """What it kept is used until all has come in the new way; that raises no alarm."""
        names = [f"host{i}.example" for i in range(3000)]
        old = [Misp.shown(misp_attribute(i, name), {}) for i, name in enumerate(names)]
        good = self.path("state/feeds/m/good.misp-rest")
        os.makedirs(good)
        for number in (1, 2):
            self.write(f"state/feeds/m/good.misp-rest/{number}.json",
                       json.dumps({"response": {"Attribute": old[1500 * (number - 1):1500 * number]}}))
        self.write("state/feeds/m/good.misp-rest/pages.json", json.dumps({"pages": 2, "url": "", "added_after": "", "whole_at": 0}))
        self.write("state/feeds/m/feed.json", json.dumps({"url": self.misp.url, "format": "misp-rest", "reference": 3000,
                                                          "entries": 3000, "current_at": int(time.time()) - 100}))
        self.use(self.misp.url, **{"max-growth": 200, "max-shrink": 50})
        self.fault(INDEX, (500, b"", {}))
        self.sync(code=1)
        self.assertEqual(self.names(), set(names))
        self.feedsync("compile", "-f", "misp-rest", "-o", self.path("table"), good, code=0)
        # Some of the events come, not all: then it stays as a whole.
        self.misp.attributes = [misp_attribute(i, name, event=1 + i // 1000) for i, name in enumerate(names)]
        answer = self.misp.answer
        self.misp.answer = lambda request: (500, b"", {}) if request.path == ATTRIBUTES and 2 in json.loads(request.body)["eventid"] \
            else answer(request)
        self.sync(code=1)
        self.assertEqual(self.names(), set(names))
        self.assertIn("pages.json", os.listdir(good))
        self.misp.answer = answer
        self.sync(code=0)
        self.assertEqual(self.names(), set(names))
        self.assertEqual(len(os.listdir(good)), 4)

    def test_stopped(self):
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        self.misp.publish(1)
        begun, go = threading.Event(), threading.Event()
        def wait(request):
            if request.path == ATTRIBUTES:
                begun.set()
                go.wait(120)
                return 200, {"response": []}, {}
        self.misp.faults = [wait]
        running = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)
        begun.wait(60)
        running.terminate()
        _, said = running.communicate(timeout=120)
        go.set()
        self.assertEqual(running.returncode, 2, said)
        self.assertEqual(self.feed()["failures"], 0)
        self.assertEqual(len(os.listdir(self.path("state/feeds/m/good.misp-rest"))), 2)
        self.sync(code=0)
        self.assertEqual(len(self.names()), 25)

    def test_offline(self):
        """The events that are kept compile by themselves."""
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        self.feedsync("compile", "-f", "misp-rest", "-o", self.path("table"), self.path("state/feeds/m/good.misp-rest"), code=0)
        self.assertEqual(len(self.feedsync("dump", self.path("table"), code=0).stdout.splitlines()), 25)
        result = self.feedsync("-c", self.write("broken.yaml", "feeds:\n  - name: a\n    format: misp-rest\n    url: file:///x\n"),
                               "check", code=1)
        self.assertRegex(result.stderr, "broken.yaml:4: feed a: url: misp-rest is asked for over https:// or http://")
