"""feedsync and STIX: bundles as documents, and collections of a TAXII 2.1 server."""
import base64

from feeds import *
from peers import *


class Bundle(FeedLab):
    def test_bundle(self):
        """The rules themselves are tried by the unit tests; here, that settings reach them, and what `status` says."""
        red = {"object_marking_refs": ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]}
        objects = [indicator(1, "one.example"), indicator(2, "host.example", labels=['misp:type="hostname"']),
                   indicator(3, "red.example", **red), indicator(4, "gone.example", revoked=True),
                   indicator(5, "co.uk"), indicator(6, "x", pattern="[domain-name:value LIKE '%']"),
                   {"type": "domain-name", "id": "domain-name--1", "value": "innocent.example"}]
        bundle = {"type": "bundle", "id": "bundle--1", "objects": objects}
        self.write("www/bundle.json", json.dumps(bundle))
        self.serve()
        feed = {"name": "s", "format": "stix", "url": self.url + "/bundle.json"}
        self.configure([feed])
        said = self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("exact", "host.example")})
        self.assertEqual(self.status()["feeds"][0]["rejected"],
                         {"tlp": 1, "revoked": 1, "public_suffix": 1, "expression": 1})
        self.assertRegex(said, r"for example s indicator--\S*6: .*domain-name:value LIKE '%'.*: pattern that is not a list of names")
        self.configure([{**feed, "scope": "exact", "strict-tlp": "no"}])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "host.example"), ("exact", "red.example"), ("exact", "co.uk")})
        for content in ("{}", "[", "<html>", json.dumps({**bundle, "objects": objects[3:4] + objects[5:]})):
            self.write("www/bundle.json", content)
            self.assertIn("last good version stays", self.sync(code=1))

    def test_its_time_comes(self):
        """What was valid when it was fetched is taken out when that ends, without a new version."""
        soon = time.time() + 3
        self.write("www/bundle.json", json.dumps([indicator(1, "one.example"), indicator(2, "short.example", valid_until=Taxii.time(soon))]))
        self.serve()
        self.configure([{"name": "s", "format": "stix", "url": self.url + "/bundle.json"}])
        self.sync(code=0)
        wait_for(lambda: time.time() > soon + 1)
        self.assertIn("unchanged", self.sync(code=0))
        self.assertEqual(self.dump(), {("subtree", "one.example")})


class Collection(FeedLab):
    def setUp(self):
        super().setUp()
        self.taxii = self.enterContext(Taxii())
        self.use()

    def use(self, url=None, **more):
        self.feed = {"name": "t", "format": "taxii", "url": url or self.taxii.objects_url, **more}
        self.configure([self.feed])

    def offer(self, *names, added=1700000000):
        self.taxii.objects = [(added + i, indicator(i, name)) for i, name in enumerate(names)]

    def names(self):
        return {name for _, name in self.dump()}

    def many(self, count, word="host"):
        return [f"{word}{i}.example" for i in range(count)]

    def asked(self):
        """The queries for objects since the last call, without what is always the same."""
        queries = [request.query for request in self.taxii.take_requests() if request.path.endswith("/objects/")]
        for query in queries:
            self.assertEqual((query.pop("match[type]"), query.pop("limit")), ("indicator", "1000"))
        return queries

    def refused(self, words, names):
        said = self.sync(code=1)
        self.assertRegex(said, f"feed t: .*{words}.*the last good version stays")
        self.assertEqual(self.names(), set(names))
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/t"))), ["feed.json", "good.taxii"])

    def forget_the_day(self):
        """As if the last whole fetch had been a day ago."""
        path = self.path("state/feeds/t/good.taxii/pages.json")
        with open(path) as f:
            known = json.load(f)
        known["whole_at"] -= 86400
        with open(path, "w") as f:
            json.dump(known, f)

    def test_pages(self):
        for paging in ("next", "same next", "date"):
            self.taxii.paging = paging
            for count, pages in ((1, 1), (10, 1), (11, 2), (45, 5)):
                with self.subTest(paging=paging, count=count):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.offer(*self.many(count))
                    self.taxii.objects.insert(0, (1, {"type": "identity", "id": "identity--1", "name": "x"}))
                    self.sync(code=0)
                    self.assertEqual(len(self.asked()), pages)
                    self.assertEqual(self.names(), set(self.many(count)))

    def test_only_what_is_new(self):
        self.offer(*self.many(25))
        self.sync(code=0)
        last = Taxii.time(1700000024)
        self.asked()
        # Nothing new.
        self.assertIn("feed t: unchanged", self.sync(code=0))
        self.assertEqual(self.asked(), [{"added_after": last}])
        # New ones, a newer version, a revoked one, an older version.
        self.taxii.objects += [(1700000100 + i, indicator(100 + i, f"new{i}.example")) for i in range(12)]
        self.taxii.objects += [(1700000120, indicator(0, "renamed.example", modified=1700000001)),
                               (1700000121, indicator(1, "host1.example", modified=1700000001, revoked=True)),
                               (1700000122, indicator(2, "older.example", modified=1600000000))]
        expected = set(self.many(25)) - {"host0.example", "host1.example"} | {"renamed.example"} | {f"new{i}.example" for i in range(12)}
        self.assertIn("feed t: fresh", self.sync(code=0))
        self.assertEqual(self.asked(), [{"added_after": last}, {"added_after": last, "next": "a/b&c=10"}])
        self.assertEqual(self.names(), expected)
        # What the server takes away goes with the next whole fetch, which is due after a day.
        self.taxii.objects = self.taxii.objects[5:]
        self.sync(code=0)
        self.assertEqual(self.names(), expected)
        self.forget_the_day()
        self.asked()
        self.sync(code=0)
        self.assertNotIn("added_after", self.asked()[0])
        expected = expected - {f"host{i}.example" for i in range(2, 5)} | {"older.example"}
        self.assertEqual(self.names(), expected)
        # And from there it goes on.
        self.sync(code=0)
        self.assertEqual(self.asked(), [{"added_after": Taxii.time(1700000122)}])
        # A whole fetch that brings nothing new counts too.
        self.forget_the_day()
        self.assertIn("feed t: unchanged", self.sync(code=0))
        self.asked()
        self.sync(code=0)
        self.assertEqual(self.asked(), [{"added_after": Taxii.time(1700000122)}])

    def test_what_makes_all_be_fetched_anew(self):
        self.offer(*self.many(15))
        self.sync(code=0)
        good = self.path("state/feeds/t/good.taxii/")
        def damage():
            with open(good + "1.json", "w") as f:
                f.write("{")
            self.sync(code=1)  # asks for what is new, and finds out
        def forget():
            os.remove(self.path("state/feeds/t/feed.json"))
        def mangle():
            with open(good + "pages.json", "w") as f:
                f.write("{")
        def elsewhere():
            self.use(self.taxii.objects_url + "?x=y")
        def silent():
            self.taxii.tells_last = False
            self.forget_the_day()
            self.sync(code=0)
        for prepare in (damage, forget, mangle, elsewhere, silent):
            with self.subTest(prepare.__name__):
                prepare()
                self.asked_everything()

    def asked_everything(self):
        self.taxii.take_requests()
        self.sync(code=0)
        first = self.taxii.take_requests()[0].query
        self.assertNotIn("added_after", first)
        self.assertEqual(self.names(), set(self.many(15)))

    def test_times_that_are_none(self):
        """A server's time that is yet to come would hide what is added until then; one that is no time is not sent back."""
        self.offer(*self.many(5))
        for told in ("2999-01-01T00:00:00Z", "yesterday", "2020-01-01T00:00:00Z" + " " * 100 + "x", "\x01"):
            self.taxii.faults = [lambda request: (200, {"objects": [o for _, o in self.taxii.objects]}, {"X-TAXII-Date-Added-Last": told})]
            self.sync(code=0)
            self.asked()
            self.sync(code=0)
            self.assertEqual(self.asked(), [{}])
            self.forget_the_day()
            self.taxii.take_requests()

    def test_the_way_to_a_collection(self):
        self.offer(*self.many(15))
        paths = ["/taxii2/", "/api1/collections/"]
        for url, names, way in (("/taxii2/", ("Domains", "domains", "high-confidence", Taxii.COLLECTION), paths),
                                ("/api1/", ("Domains",), ["/api1/", "/api1/collections/"]), ("/api1", ("Domains",), None)):
            for name in names:
                with self.subTest(url=url, name=name):
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.use(self.taxii.url + url, collection=name)
                    self.taxii.take_requests()
                    if way is None:
                        self.taxii.faults = [lambda request: (301, b"", {"Location": "/api1/"}) if request.path == "/api1" else None] * 2
                    self.sync(code=0)
                    self.assertEqual(self.names(), set(self.many(15)))
                    if way:
                        self.assertEqual([r.path for r in self.taxii.take_requests()][:2], way)
                    # The next time only what is new is asked for at its end.
                    self.taxii.take_requests()
                    self.sync(code=0)
                    self.assertEqual(self.asked(), [{"added_after": Taxii.time(1700000014)}])
        for name, collections, words in (
                ("Nothing", None, r'document 3: there is no collection "Nothing" \(there are: "Other", "Domains"\)'),
                ("Other", None, "may not be read"),
                ("Domains", [{"id": "../../x", "title": "Domains"}], "no UUID"),
                ("Domains", [{"title": "Domains"}], "no UUID"),
                ("Domains", [{"id": Taxii.COLLECTION, "title": "Domains"}] * 2, '2 collections are called "Domains"'),
                ("Domains", [], "there are: none"), ("Domains", {"x": 1}, "there are: none")):
            with self.subTest(words):
                self.use(self.taxii.url + "/taxii2/", collection=name)
                kept, self.taxii.collections = self.taxii.collections, self.taxii.collections if collections is None else collections
                self.refused(words, self.many(15))
                self.taxii.collections = kept
        self.use(self.taxii.url + "/api1/collections/", collection="Domains")
        self.refused("neither TAXII discovery nor an API root", self.many(15))

    def test_an_api_root_elsewhere(self):
        """The secret belongs to the server that the operator names: no other one is asked, whatever that one says."""
        self.offer("one.example")
        with Taxii() as other:
            for prefix, words in ((other.url, "the API root is on another server, http://127"),
                                  ("file:///etc", "on another server"), ("http://user:x@127.0.0.1:" + self.taxii.url.rsplit(":")[-1], "another server"),
                                  ("http://[::", "no URL")):
                self.taxii.prefix = prefix
                self.use(self.taxii.url + "/taxii2/", collection="Domains")
                said = self.sync(code=2)
                self.assertRegex(said, f"feed t: .*{words}")
            self.assertEqual(other.requests, [])

    def test_secrets(self):
        for kind, settings in (("Basic " + base64.b64encode(b"ann:hush").decode(), {"user": "ann", "password-file": self.path("secret")}),
                               ("Bearer hush", {"token-file": self.path("secret")})):
            self.taxii.authorization = kind
            self.offer(*self.many(12))
            self.write("secret", "hush")
            os.chmod(self.path("secret"), 0o600)
            self.use(self.taxii.url + "/taxii2/", collection="Domains", **settings)
            self.sync(code=0)
            self.write("secret", "wrong")
            self.refused("HTTP 401: unauthorized", self.many(12))

    def test_faults_in_the_middle(self):
        names = self.many(25)
        self.offer(*names)
        self.sync(code=0)
        good = {"objects": [indicator(900, "half.example")], "more": True}
        for whole in (False, True):
            start = 200 if whole else 100
            self.taxii.objects += [(1700000000 + start + i, indicator(start + i, f"new{start + i}.example")) for i in range(15)]
            if whole:
                self.forget_the_day()
                self.taxii.objects = self.taxii.objects[3:]
            for answer, words in (
                    ((500, b"", {}), "document 2: the server answers HTTP 500"),
                    ((404, b"", {}), "document 2: the server has no such document"),
                    ((429, b"", {"Retry-After": "120"}), "document 2: .*left alone for 120 s"),
                    ((200, b'{"objects":[', {"Content-Length": "1000"}), "document 2: transfer closed"),
                    ((200, b'{"objects":[', {}), "document 2: line 1"),
                    ((200, b"<html>login</html>", {}), "document 2: an HTML"),
                    ((200, [], {}), "document 2: not a TAXII envelope"),
                    ((200, {"objects": {}}, {}), "document 2: not a TAXII envelope"),
                    ((200, {**good, "next": "x" * 5000}, {}), "document 2: the URL is too long"),
                    ((200, {**good, "next": None}, {}), "tells neither \"next\" nor a later time"),
                    ((200, good, {"X-TAXII-Date-Added-Last": "1999-01-01T00:00:00Z"} if not whole else {}), "nor a later time")):
                with self.subTest(whole=whole, words=words):
                    self.taxii.faults = [lambda request: answer if "next" in request.query else None]
                    self.refused(words, names)
                    self.assertEqual(self.taxii.faults, [])
            self.sync(code=0)
            names = {o["pattern"].split("'")[1] for _, o in self.taxii.objects}
            self.assertEqual(self.names(), names)

    def test_pages_that_never_end(self):
        self.offer("one.example")
        self.sync(code=0)
        page = lambda n, **more: (200, {"objects": [indicator(n, f"host{n}.example")], "more": True, **more}, {})
        # A round is noticed soon, wherever it begins and however long it is.
        for start, length in ((0, 1), (3, 1), (0, 7), (5, 20)):
            with self.subTest(start=start, length=length):
                step = lambda n: n if n < start + length else start + (n - start) % length
                def answer(request):
                    n = int(request.query.get("next", "0"))
                    return page(step(n), next=str(step(n) + 1))
                self.taxii.answer = answer
                self.taxii.take_requests()
                self.refused("the server sends the same page again and again", {"one.example"})
                self.assertLess(len(self.taxii.take_requests()), 4 * (start + length) + 4)
        # Ever new words, and nothing behind them.
        counter = iter(range(100000))
        self.taxii.answer = lambda request: (200, {"more": True, "next": str(next(counter))}, {})
        self.refused("document 5000: more than 5000 pages", {"one.example"})
        self.assertEqual(len(self.taxii.take_requests()), 5000)

    def test_over_tls(self):
        self.serve(tls=True, more=f"location /taxii2/ {{ proxy_pass {self.taxii.url}/taxii2/; }} location /api1/ {{ proxy_pass {self.taxii.url}/api1/; }}")
        self.taxii.authorization = "Bearer hush"
        self.taxii.prefix = self.url
        self.write("secret", "hush")
        os.chmod(self.path("secret"), 0o600)
        self.offer(*self.many(25))
        self.use(self.url + "/taxii2/", collection="Domains", ca=self.path("ca.pem"), **{"token-file": self.path("secret")})
        self.sync(code=0)
        self.assertEqual(self.names(), set(self.many(25)))
        # The way from https to http is to another server.
        self.taxii.prefix = self.url.replace("https", "http")
        self.refused("on another server", self.many(25))

    def test_configuration(self):
        start = "feeds:\n  - name: a\n    format: FORMAT\n    url: https://a.example/\n"
        for text, line, words in ((start.replace("FORMAT", "taxii"), 4, "\"collection\" is needed"),
                                  (start.replace("FORMAT", "taxii").replace("https://a.example/", "file:///objects"), 4, "over https"),
                                  (start.replace("FORMAT", "stix") + "    collection: x\n", 5, "only taxii has collections")):
            result = self.feedsync("-c", self.write("broken.yaml", text), "check", code=1)
            self.assertRegex(result.stderr, rf"broken\.yaml:{line}: feed a: .*{words}")
