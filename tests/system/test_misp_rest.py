"""feedsync and a MISP server's attributes/restSearch."""
from feeds import *
from peers import *


class Rest(FeedLab):
    def setUp(self):
        super().setUp()
        self.misp = self.enterContext(Misp(limit=10))
        self.key = self.write("key", Misp.KEY)
        os.chmod(self.key, 0o600)
        self.use(self.misp.url)

    def use(self, url, **more):
        self.configure([{"name": "m", "format": "misp-rest", "url": url, "key-file": self.key, "max-growth": 1000000,
                         "max-shrink": 100, **more}])

    def offer(self, *names):
        self.misp.attributes = [misp_attribute(i, name) for i, name in enumerate(names, 1)]

    def names(self):
        return {name for _, name in self.dump()}

    def pages(self):
        """The pages that were asked for since the last call."""
        return [json.loads(request.body)["page"] for request in self.misp.take_requests()]

    def refused(self, words, names):
        """What is offered now is refused, and the last good version stays."""
        said = self.sync(code=1)
        self.assertRegex(said, f"feed m: .*{words}.*the last good version stays")
        self.assertEqual(self.names(), set(names))
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-rest"])

    def test_which_attributes(self):
        tag = lambda *names: [{"name": name} for name in names]
        cases = [
            ("plain.example", {}), ("host.example", {"kind": "hostname"}), ("with-ip.example|192.0.2.7", {"kind": "domain|ip"}),
            ("with-port.example|80", {"kind": "hostname|port"}), ("green.example", {"event_tags": tag("tlp:green", "PAP:GREEN")}),
            ("object.example", {"object_relation": "domain", "Object": {"id": "7", "distribution": "5"}}),
            ("not-ids.example", {"to_ids": False}), ("deleted.example", {"deleted": True}), ("draft.example", {"published": False}),
            ("http://url.example/", {"kind": "url"}), ("red.example", {"event_tags": tag("tlp:red")}),
            ("both.example", {"Tag": tag("tlp:green"), "event_tags": tag("TLP:RED")}), ("pap.example", {"event_tags": tag("PAP:AMBER")}),
            ("fp.example", {"Tag": tag('false-positive:confirmed="true"')}),
            ("ns.example", {"object_relation": "nameserver", "Object": {"id": "8"}}), ("co.uk", {}), ("single", {}),
        ]
        self.misp.attributes = [misp_attribute(i, value, **more) for i, (value, more) in enumerate(cases, 1)]
        self.sync(code=0)
        self.assertEqual(self.dump(), {
            ("subtree", "plain.example"), ("exact", "host.example"), ("subtree", "with-ip.example"), ("exact", "with-port.example"),
            ("subtree", "green.example"), ("subtree", "object.example")})
        self.assertEqual(self.status()["feeds"][0]["rejected"],
                         {"tlp": 2, "pap": 1, "false_positive": 1, "relation": 1, "public_suffix": 1, "single_label": 1})
        self.use(self.misp.url, **{"strict-tlp": "no"})
        self.sync(code=0)
        self.assertLessEqual({"red.example", "both.example"}, self.names())
        # The whole question, once.
        asked = json.loads(self.misp.take_requests()[0].body)
        self.assertEqual({key: asked[key] for key in ("returnFormat", "to_ids", "published", "deleted", "includeEventTags",
                                                      "includeAllTags", "enforceWarninglist", "page")},
                         {"returnFormat": "json", "to_ids": 1, "published": 1, "deleted": 0, "includeEventTags": 1,
                          "includeAllTags": 1, "enforceWarninglist": 0, "page": 1})

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
        self.misp.attributes = [misp_attribute(i, name, **more) for i, (name, more) in enumerate(cases.items(), 1)]
        self.sync(code=0)
        self.assertEqual(self.names(), {"good.example"})
        self.assertEqual(self.status()["feeds"][0]["rejected"],
                         {kind: len(places) * list(marks.values()).count(kind) for kind in set(marks.values())})

    @needs_shared
    def test_imitation_shows_tags_as_misp_does(self):
        """The recorded answers of a real MISP, to the same questions."""
        for name in ("restsearch-tag-not-exportable", "restsearch-tag-not-exportable-includeAllTags"):
            with open(f"{SHARED}/data/misp-transcripts/{name}.json") as f:
                recorded = json.load(f)
            [real] = recorded["body"]["response"]["Attribute"]
            imitated = Misp.shown(misp_attribute(33, real["value"], event_tags=[
                {"id": "1", "name": "tlp:red", "colour": "#112233", "numerical_value": None, "exportable": False}]),
                recorded["request"]["body"])
            self.assertEqual(imitated.get("Tag"), real.get("Tag"), name)

    def test_pages(self):
        for count, pages in ((1, [1, 2]), (9, [1, 2]), (10, [1, 2]), (11, [1, 2, 3]), (35, [1, 2, 3, 4, 5])):
            with self.subTest(count):
                self.offer(*(f"host{i}.example" for i in range(count)))
                self.sync(code=0)
                self.assertEqual(self.pages(), pages)
                self.assertEqual(self.names(), {f"host{i}.example" for i in range(count)})
        # The same again is nothing new.
        said = self.sync(code=0)
        self.assertIn("feed m: unchanged", said)
        self.assertEqual(len(os.listdir(self.path("state/feeds/m/good.misp-rest"))), 5)
        # MISP takes values out of a page that it has cut: a page that is not full is not the last, nor is one that is empty.
        for tells in (True, False):
            self.misp.tells_skipped = tells
            self.misp.allowed = {f"host{i}.example" for i in range(11, 20 if tells else 19)}
            if tells:
                self.misp.allowed.add("host10.example")
            self.sync(code=0)
            self.assertEqual(self.names(), {f"host{i}.example" for i in range(35)} - self.misp.allowed)

    def test_withdrawn(self):
        self.offer("one.example", "two.example", "three.example", "four.example", "five.example")
        self.sync(code=0)
        for number, change in ((0, {"deleted": True}), (1, {"to_ids": False}), (2, {"published": False})):
            self.misp.attributes[number].update(change, timestamp="1700000001")
        self.misp.attributes.pop()
        self.sync(code=0)
        self.assertEqual(self.names(), {"four.example"})
        self.misp.attributes[3]["deleted"] = True
        self.sync(code=0)
        self.assertEqual(self.names(), set())

    def test_pages_move_while_they_are_read(self):
        """An attribute that comes twice counts as it was last: also a deleted one."""
        self.offer(*(f"host{i}.example" for i in range(15)))
        self.sync(code=0)
        tombstone = {**Misp.shown(self.misp.attributes[3], {}), "deleted": True, "timestamp": "1700000005"}
        older = {**Misp.shown(self.misp.attributes[4], {}), "deleted": True, "timestamp": "1600000000"}
        self.misp.faults.append(lambda request: (200, {"response": {"Attribute": [tombstone, older]}}, {})
                                if json.loads(request.body)["page"] == 3 else None)
        self.sync(code=0)
        self.assertEqual(self.names(), {f"host{i}.example" for i in range(15)} - {"host3.example"})

    def test_faults_in_the_middle(self):
        names = [f"host{i}.example" for i in range(25)]
        self.offer(*names)
        self.sync(code=0)
        self.offer(*(f"new{i}.example" for i in range(25)))
        for number, answer, words in (
                (1, (403, {"message": "no"}, {}), "HTTP 403: it does not accept the feed's secret"),
                (1, (200, b"<html>login</html>", {}), "an HTML"),
                (1, (200, {"message": "Invalid key"}, {}), "not an answer of attributes/restSearch: Invalid key"),
                (2, (500, b"", {}), "document 2: the server answers HTTP 500"),
                (2, (404, b"", {}), "document 2: the server has no such document"),
                (2, (429, b"", {"X-Rate-Limit-Reset": "850"}), "document 2: .*HTTP 429 and asks to be left alone for 850 s"),
                (2, (200, b'{"response":{"Attribute":[', {"Content-Length": "4000"}), "document 2: transfer closed"),
                (2, (200, b'{"response":{"Attribute":[', {}), "document 2: line 1"),
                (2, (200, {"response": {"Attribute": {"x": 1}}}, {}), "document 2: not an answer"),
                (3, (200, [], {}), "document 3: not an answer"),
                (3, (200, b"", {}), "document 3: ")):
            with self.subTest(number=number, words=words):
                self.misp.faults = [lambda request: answer if json.loads(request.body)["page"] == number else None]
                self.refused(words, names)
                self.assertEqual(self.misp.faults, [])
        self.assertGreater(self.status()["feeds"][0]["failures"], 5)
        self.sync(code=0)
        self.assertEqual(self.names(), {f"new{i}.example" for i in range(25)})
        self.assertEqual(self.status()["feeds"][0]["retry_at"], 0)

    def test_pages_that_never_end(self):
        """One that pays no heed to the page's number: if it sends all there is, that is it; a full page for ever is none."""
        self.offer("one.example")
        self.sync(code=0)
        page = lambda count: [Misp.shown(misp_attribute(i, f"host{i}.example"), {}) for i in range(count)]
        self.misp.answer = lambda request: (200, {"response": {"Attribute": page(5000)}}, {})
        self.refused("document 2: the server sends the same page again and again", {"one.example"})
        self.misp.answer = lambda request: (200, {"response": {"Attribute": page(4999)}}, {})
        self.feedsync("-c", self.config, "sync", "--accept", "m", code=0)  # so much more at once is an alarm otherwise
        self.assertEqual(len(self.names()), 4999)
        self.offer("two.example")
        # Nothing but pages on which everything is left out.
        self.misp.take_requests()
        self.misp.answer = lambda request: (200, {"response": []}, {"X-Skipped-Elements-Count": "10"})
        said = self.sync(code=1)
        self.assertRegex(said, "feed m: document 5000: more than 5000 pages; the last good version stays")
        self.assertEqual(len(self.misp.take_requests()), 5000)
        self.assertEqual(len(self.names()), 4999)

    def test_over_tls_and_redirected(self):
        """nginx before MISP; a redirect keeps the question a POST with its filters."""
        self.serve(tls=True, more=f"location /misp/ {{ proxy_pass {self.misp.url}/; }} "
                                  "location /old/ { return 302 /misp/attributes/restSearch; }")
        self.offer(*(f"host{i}.example" for i in range(12)))
        for path in ("/misp", "/misp/", "/misp/attributes/restSearch", "/old/"):
            self.use(self.url + path, ca=self.path("ca.pem"))
            self.sync(code=0)
            self.assertEqual(self.pages(), [1, 2, 3])
            self.assertEqual(len(self.names()), 12)
        self.use(self.url + "/misp/")
        self.assertRegex(self.sync(code=1), "(?i)certificate")

    def test_other_feeds_go_on(self):
        """While one asks page after page, the others come and are published."""
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.write("www/list", "listed.example\n")
        self.serve()
        with Misp(limit=10) as other:
            other.attributes = [misp_attribute(i, f"other{i}.example") for i in range(25)]
            other.faults = [lambda request: (500, b"", {}) if json.loads(request.body)["page"] == 3 else None]
            self.configure([{"name": name, "format": "misp-rest", "url": url, "key-file": self.key}
                            for name, url in (("m", self.misp.url), ("broken", other.url))] +
                           [{"name": "l", "format": "domains", "url": self.url + "/list"}])
            said = self.sync(code=1)
            self.assertIn("feed broken: document 3: the server answers HTTP 500; there is no good version yet", said)
            self.assertEqual(self.names(), {f"host{i}.example" for i in range(25)} | {"listed.example"})
            self.sync(code=0)
            self.assertEqual(len(self.names()), 51)

    def test_damage_on_disk(self):
        """A page that rots takes nothing with it but itself, and is fetched anew."""
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        for damage in (lambda path: os.remove(path), lambda path: open(path, "w").close()):
            damage(self.path("state/feeds/m/good.misp-rest/2.json"))
            self.misp.faults = [lambda request: (500, b"", {})]
            self.assertIn("1 of its documents cannot be read", self.sync(code=1))
            self.assertEqual(len(self.names()), 15)
            self.sync(code=0)
            self.assertEqual(len(self.names()), 25)

    def test_stopped(self):
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        begun, go = threading.Event(), threading.Event()
        def wait(request):
            if json.loads(request.body)["page"] == 2:
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
        self.assertEqual(self.status()["feeds"][0]["failures"], 0)
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/m/good.misp-rest"))), ["1.json", "2.json", "3.json", "pages.json"])
        self.sync(code=0)
        self.assertEqual(len(self.names()), 25)

    def test_offline(self):
        """The pages that are kept compile by themselves."""
        self.offer(*(f"host{i}.example" for i in range(25)))
        self.sync(code=0)
        self.feedsync("compile", "-f", "misp-rest", "-o", self.path("table"), self.path("state/feeds/m/good.misp-rest"), code=0)
        self.assertEqual(len(self.feedsync("dump", self.path("table"), code=0).stdout.splitlines()), 25)
        result = self.feedsync("-c", self.write("broken.yaml", "feeds:\n  - name: a\n    format: misp-rest\n    url: file:///x\n"),
                               "check", code=1)
        self.assertRegex(result.stderr, "broken.yaml:4: feed a: url: misp-rest is asked for over https:// or http://")
