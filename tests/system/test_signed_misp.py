"""Signed MISP feeds: the manifest is signed by minisign, and vouches for the events."""
import hashlib

from feeds import *


class SignedMispFeed(SigningLab):
    def setUp(self):
        super().setUp()
        self.key, self.now = self.make_key("ours"), int(time.time())
        self.serve()
        self.configure([{"name": "m", "url": self.url + "/", "format": "misp-feed", "minisign-key": self.key}])
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), time=self.now - 100)
        self.good = {("subtree", "one.example"), ("subtree", "two.example")}

    def offer(self, *events, time, spoil=lambda manifest: None, **how):
        """Publishes these events, and nothing else, with a manifest signed at that time."""
        for old in glob.glob(self.path("www/*")):
            os.remove(old)
        manifest = manifest_of(*events)
        for e in events:
            uuid, text = e["Event"]["uuid"], json.dumps(e)
            self.write(f"www/{uuid}.json", text)
            manifest[uuid]["integrity:sha256"] = hashlib.sha256(text.encode()).hexdigest()
        spoil(manifest)
        self.write("www/manifest.json", json.dumps(manifest))
        self.sign("manifest.json", time=time, **how)

    def event_path(self, number, directory="www"):
        return self.path(directory, UUID.format(number) + ".json")

    def change_octet(self, path):
        with open(path, "r+") as f:
            text = f.read().replace("one.example", "0ne.example")
            f.seek(0)
            f.write(text)

    def assert_first(self):
        self.assertEqual(self.dump(), self.good)
        self.assertEqual(self.status()["feeds"][0]["signed_at"], self.now - 100)

    def test_a_life(self):
        self.sync()
        self.assert_first()
        self.assertEqual(sorted(self.requests()), sorted([("manifest.json", 200), ("manifest.json.minisig", 200)] +
                                                         [(UUID.format(n) + ".json", 200) for n in (1, 2)]))
        self.sync()
        self.assertEqual(self.requests(), [("manifest.json", 304)])
        # A changed event is asked for by what the manifest says of its octets, though its time is the same.
        self.offer(event(1, ["new.example"]), event(2, ["two.example"]), time=self.now)
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "two.example")})
        self.assertEqual(self.requests()[2:], [(UUID.format(1) + ".json", 200)])
        self.assertEqual(self.status()["feeds"][0]["signed_at"], self.now)
        # One that the manifest does not list is none of the feed.
        self.write("www/" + UUID.format(3) + ".json", json.dumps(event(3, ["extra.example"])))
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "two.example")})
        # An event that is gone from the manifest is gone.
        self.offer(event(2, ["two.example"]), time=self.now + 1)
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "two.example")})

    def test_manifests_that_are_refused(self):
        self.sync()
        self.make_key("theirs")
        unwanted = event(1, ["unwanted.example"], 1700000001), event(2, ["two.example"])
        signature = self.path("www/manifest.json.minisig")

        def forget(manifest):
            del manifest[UUID.format(2)]["integrity:sha256"]
        for what, how, act, words in (
                ("none", {}, lambda: os.remove(signature), "signature: the server has no such document"),
                ("older", {"time": self.now - 200}, None, "signature: it is older than the last one: .*rolled back"),
                ("another key's", {"key": "theirs"}, None, "signature: it was made with key"),
                ("another file's", {"name": "list.txt"}, None, "it is of the file list.txt, not of manifest.json"),
                ("of another manifest", {}, lambda: self.write("www/manifest.json", json.dumps(manifest_of(*unwanted))),
                 "signature: it does not belong to this document"),
                ("without a digest", {"spoil": forget}, None, f'manifest.json: event {UUID.format(2)} has no "integrity:sha256"'),
                ("with half of one", {"spoil": lambda m: m[UUID.format(2)].update({"integrity:sha256": "00"})}, None,
                 f'manifest.json: event {UUID.format(2)} has no "integrity:sha256"')):
            with self.subTest(what):
                self.offer(*unwanted, **{"time": self.now, **how})
                if act:
                    act()
                self.assertRegex(self.sync(code=1), f"feed m: .*{words}.*; the last good version stays")
                self.assert_first()
                self.assertEqual(self.status()["feeds"][0]["error_class"], "signature")

    def test_events_that_are_refused(self):
        self.sync()
        wrong = f"event {UUID.format(1)}: signature: its SHA-256 is not the one in the signed manifest"
        old = open(self.event_path(1)).read()
        for what, act in (("one octet", lambda: self.change_octet(self.event_path(1))),
                          ("of the manifest before", lambda: self.write(f"www/{UUID.format(1)}.json", old)),
                          ("another event of this manifest", lambda: shutil.copy(self.event_path(2), self.event_path(1)))):
            with self.subTest(what):
                self.offer(event(1, ["one.example", "more.example"]), event(2, ["two.example"]), time=self.now - 100)
                act()
                self.assertIn(wrong + " (integrity:sha256); its last good version stays in use", self.sync(code=1))
                self.assert_first()
                self.assertEqual(self.status()["feeds"][0]["error_class"], "signature")
        # The other events are not kept back by it.
        self.offer(event(1, ["one.example", "more.example"]), event(2, ["two.example"]), event(3, ["three.example"]), time=self.now)
        self.change_octet(self.event_path(1))
        self.assertIn(wrong, self.sync(code=1))
        self.assertEqual(self.dump(), self.good | {("subtree", "three.example")})
        self.offer(event(1, ["one.example", "more.example"]), event(2, ["two.example"]), time=self.now)
        self.sync()
        self.assertEqual(self.dump(), self.good | {("subtree", "more.example")})

    def test_what_is_here_already(self):
        """The events of the last good version are compared with the manifest as well: what came before the key counts only if
        the manifest vouches for it, and what was changed on the disk is fetched anew."""
        unsigned = [{"name": "m", "url": self.url + "/", "format": "misp-feed"}]
        signed = [dict(unsigned[0], **{"minisign-key": self.key})]
        self.configure(unsigned)
        self.sync()
        self.configure(signed)
        self.requests()
        self.sync()
        self.assert_first()
        self.assertEqual(self.requests(), [("manifest.json", 200), ("manifest.json.minisig", 200)])
        self.change_octet(self.event_path(1, "state/feeds/m/good.misp-feed"))
        self.sync()
        self.assertEqual(self.requests(), [("manifest.json", 304), (UUID.format(1) + ".json", 200)])
        self.assert_first()
        # No manifest vouches for what is here, and the event cannot be had: then nothing of the new version counts.
        self.configure(unsigned)
        self.write(f"www/{UUID.format(1)}.json", json.dumps(event(1, ["one.example", "false.example"], 1700000002)))
        self.write("www/manifest.json", json.dumps(manifest_of(event(1, [], 1700000002), event(2, []))))
        self.sync()
        self.configure(signed)
        self.offer(event(1, ["one.example"], 1700000003), event(2, ["two.example"]), event(3, ["three.example"]), time=self.now)
        os.remove(self.event_path(1))
        self.assertRegex(self.sync(code=1), f"event {UUID.format(1)}: .*; no signed manifest told the version that is here"
                                            "(.*\n)*.*feed m: .*; the last good version stays")
        self.assertEqual(self.dump(), self.good | {("subtree", "false.example")})
        self.write(f"www/{UUID.format(1)}.json", json.dumps(event(1, ["one.example"], 1700000003)))
        self.sync()
        self.assertEqual(self.dump(), self.good | {("subtree", "three.example")})

    def test_what_is_known_is_lost(self):
        """The good version holds the signature of its manifest: it says itself that a signed manifest told its events."""
        record = self.path("state/feeds/m/feed.json")
        for what, act in (("lost", lambda: os.remove(record)), ("damaged", lambda: self.write(record, "{"))):
            with self.subTest(what):
                self.offer(event(1, ["one.example"]), event(2, ["two.example"]), time=self.now - 100)
                self.sync()
                act()
                # An older manifest is refused as before.
                self.offer(event(3, ["old.example"]), time=self.now - 200)
                self.assertRegex(self.sync(code=1), "signature: it is older than the last one: .*rolled back")
                self.assert_first()
                # An event that changes and cannot be had keeps its version, and the rest goes on.
                act()
                self.offer(event(1, ["new.example"], 1700000003), event(3, ["three.example"]), time=self.now - 100)
                os.remove(self.event_path(1))
                self.assertIn("its last good version stays in use", self.sync(code=1))
                self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "three.example")})
        # What was changed on the disk meanwhile is not what the manifest told. Of two events that cannot be had, that one is
        # named which holds the feed.
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), time=self.now)
        self.sync()
        os.remove(record)
        self.write(self.event_path(2, "state/feeds/m/good.misp-feed"), json.dumps(event(2, ["false.example"])))
        self.offer(event(1, ["new.example"], 1700000003), event(2, ["new.example"], 1700000003), time=self.now)
        os.remove(self.event_path(1))
        os.remove(self.event_path(2))
        holds = f"event {UUID.format(2)}: .*; no signed manifest told the version that is here"
        self.assertRegex(self.sync(code=1), f"feed m: {holds}; the last good version stays")
        self.assertRegex(self.status()["feeds"][0]["error"], holds)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_cut_off_between_the_version_and_what_is_known_of_it(self):
        """A sync that ends when the new version has come to its place, unsigned, and before feed.json says so. The old
        signed manifest comes again then: the server is not asked whether it is still the version here."""
        self.sync()
        unsigned = [{"name": "m", "url": self.url + "/", "format": "misp-feed"}]
        signed = [dict(unsigned[0], **{"minisign-key": self.key})]
        old = {path: (open(path).read(), os.stat(path).st_mtime) for path in glob.glob(self.path("www/*"))}
        self.configure(unsigned)
        self.misp([event(1, ["false.example"], 1700000001), event(2, ["two.example"])])
        # The third removal of `next`: what it was exchanged for.
        died = subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-P", self.path("state/feeds/m/next"), "-e",
                               "trace=unlinkat", "-e", "inject=unlinkat:signal=KILL:when=3", FEEDSYNC, "-c", self.config, "sync"],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(died.returncode, 1, died.stderr)
        with open(self.path("state/feeds/m/good.misp-feed", UUID.format(1) + ".json")) as f:
            self.assertIn("false.example", f.read())
        for path, (text, when) in old.items():
            self.write(path, text)
            os.utime(path, (when, when))
        self.configure(signed)
        self.sync()
        self.assert_first()

    def test_frozen(self):
        """An old manifest for ever: it is used, and told of."""
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]), time=self.now - 91 * DAY)
        for _ in range(2):
            self.assertIn("feed m: signed 91 days ago (max-signature-age)", self.sync())
            self.assertEqual(self.dump(), self.good)
            self.assertEqual(self.status()["feeds"][0]["trouble"], "SIGNED LONG AGO")

    def test_other_formats_of_many_documents(self):
        self.configure([{"name": "m", "url": self.url + "/", "format": "misp-rest", "minisign-key": self.key}])
        self.assertIn("one signature cannot be of all", self.feedsync("-c", self.config, "check", code=1).stderr)
