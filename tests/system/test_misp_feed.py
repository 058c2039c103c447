"""Manifests and events of a MISP feed, as odd as they come."""
from feeds import *


class MispFeed(MispFeedLab):
    """A MISP feed's versions replace each other as a whole."""

    def test_manifests_that_would_take_everything(self):
        first = event(1, ["one.example"]), event(2, ["two.example"])
        for what, events, manifest in (
                ("empty", first, "[{}]"),
                ("others, missing", first, manifest_of(event(3, []), event(4, []))),
                ("others, one missing", [event(3, [])], manifest_of(event(3, []), event(4, []))),
                ("the same, one missing", [event(1, [], 1700000001)], manifest_of(event(1, [], 1700000001), event(4, [])))):
            with self.subTest(what):
                self.offer(*events, manifest=manifest)
                said = self.sync(code=1)
                self.assertRegex(said, "feed m: .*(not one usable entry|not an object of events).*last good version stays")
                self.assert_first()
                self.server.asked.clear()
                self.offer(*first)
                self.sync(code=0)
                self.assert_first()
                self.assertEqual(self.server.asked, ["/manifest.json"])
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-feed"])

    def test_other_events(self):
        self.offer(event(3, ["three.example"]))
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "three.example")})

    def test_fetched_by_half(self):
        """What is there of a version whose rest is yet to come is used; the next one is not compared with it."""
        def known(key):
            with open(self.path("state/feeds/m/feed.json")) as f:
                return json.load(f)[key]
        self.assertEqual((known("entries"), known("reference")), (2, 2))
        more = [f"n{i}.example" for i in range(5)]
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), event(3, more), event(4, ["late.example"]))
        late = f"/{UUID.format(4)}.json"
        whole = self.server.responses[late]
        self.server.responses[late] = response("", status="503 Service Unavailable")
        self.assertIn(f"{UUID.format(4)}: the server answers HTTP 503", self.sync(code=1))
        self.assertEqual((known("entries"), known("reference")), (7, 2))
        self.server.responses[late] = whole
        self.sync(code=0)
        self.assertEqual((known("entries"), known("reference")), (8, 8))

    def test_letters_of_the_manifest_change(self):
        events = [event(1, ["one.example"]), event(2, ["two.example"])]
        manifest = {uuid.upper(): entry for uuid, entry in manifest_of(*events).items()}
        self.offer(*events, manifest=manifest)
        self.sync(code=0)
        self.assert_first()
        self.sync(code=0)
        self.assert_first()

    def test_what_is_known_is_lost(self):
        """Another URL, or no feed.json: what the last good version holds still counts."""
        def forget_url():
            self.configure([{"name": "m", "url": self.server.url + "/?key=new", "format": "misp-feed"}])
            for path, answer in list(self.server.responses.items()):
                self.server.responses[path + "?key=new"] = answer

        def forget_all():
            self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"}])
            os.remove(self.path("state/feeds/m/feed.json"))
        for forget in (forget_url, forget_all):
            with self.subTest(forget.__name__):
                self.offer(manifest=manifest_of(event(3, [])))
                forget()
                self.assertIn("not one usable entry", self.sync(code=1))
                self.assert_first()
                # One of the two cannot be had any more.
                self.offer(event(1, ["one.example"]), manifest=manifest_of(event(1, []), event(2, [])))
                forget()
                self.sync(code=1)
                self.assert_first()
                self.offer(event(1, ["one.example"]), event(2, ["two.example"]))
                forget()
                self.sync(code=0)
                self.assert_first()

    def test_the_same_event_again(self):
        """A server that tells neither times nor versions: what has not changed is not news."""
        manifest = {UUID.format(1): {}, UUID.format(2): {}}
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), manifest=manifest)
        self.sync(code=0)
        self.assertIn("feed m: unchanged", self.sync(code=0))

    def test_an_old_copy_of_an_event(self):
        """The manifest is ahead of what the server hands out: it is asked again until they agree."""
        new = manifest_of(event(1, [], 1700000005), event(2, []))
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), manifest=new)
        self.sync(code=0)
        self.assert_first()
        self.offer(event(1, ["new.example"], 1700000005), event(2, ["two.example"]), manifest=new)
        self.server.asked.clear()
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "two.example")})
        self.server.asked.clear()
        self.sync(code=0)
        self.assertEqual(self.server.asked, ["/manifest.json"])

    def test_times_that_tell_nothing(self):
        for timestamp in (None, "soon", int(time.time()) + 864000):
            with self.subTest(timestamp):
                manifest = {UUID.format(1): {} if timestamp is None else {"timestamp": timestamp}}
                for name in ("a.example", "b.example"):
                    self.offer(event(1, [name], timestamp or 0), manifest=manifest)
                    self.sync(code=0)
                    self.assertEqual(self.dump(), {("subtree", name)})

    def test_letters_of_another_case(self):
        upper = event(1, ["upper.example"], 1700000009)
        upper["Event"]["uuid"] = upper["Event"]["uuid"].upper()
        other = event(2, ["two.example"])
        manifest = {**manifest_of(upper), **manifest_of(other), **{other["Event"]["uuid"].upper(): {"timestamp": 1}}}
        self.offer(upper, other, manifest=manifest)
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "upper.example"), ("subtree", "two.example")})
        self.assertIn(f"/{upper['Event']['uuid']}.json", self.server.asked)

    def test_huge_numbers_and_deep_documents(self):
        big = event(1, ["big.example"], 1700000009, attribute_count=10 ** 30)
        self.offer(big, event(2, ["two.example"]))
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "big.example"), ("subtree", "two.example")})
        self.offer(big, event(2, ["two.example"], 1700000009))
        self.server.responses[f"/{UUID.format(2)}.json"] = response("[" * 100000)
        self.sync(code=1)
        self.assertEqual(self.dump(), {("subtree", "big.example"), ("subtree", "two.example")})

    def test_keys_do_not_forge_log_lines(self):
        self.server.responses["/manifest.json"] = response({"x\nerror: forged\x1b[2J": {}})
        said = self.sync(code=1)
        self.assertNotRegex(said, "(?m)^error: forged")
        self.assertNotIn("\x1b", said)
        self.assertNotRegex(self.feedsync("-c", self.config, "status", code=1).stdout, "(?m)^error: forged|\x1b")

    def test_own_events(self):
        """What our own organisation published has come back: it is not taken again, and `status` tells."""
        own = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10"
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"}],
                       organisation="{name: ISP-A CERT, uuid: " + own.upper() + ", contact: abuse@isp.example}")
        self.offer(event(1, ["one.example"], 1700000001, Orgc={"name": "anybody", "uuid": own}), event(2, ["two.example"]))
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "two.example")})
        self.assertEqual(self.status()["feeds"][0]["rejected"]["ours"], 1)
        self.assertIn("rejected: 1, published by your own organisation", self.feedsync("-c", self.config, "status").stdout)
