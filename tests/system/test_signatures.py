"""Signatures of lists (minisign)."""
from feeds import *


class Signatures(SigningLab, ListLab):
    def test_signatures(self):
        key, now = self.make_key("ours"), int(time.time())
        self.make_key("theirs")
        self.sign(time=now - 100)
        self.serve()
        self.feed(self.url + "/list.txt", **{"minisign-key": key})
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 100)
        self.assertEqual([r for r in self.requests() if r[1] == 200], [("list.txt", 200), ("list.txt.minisig", 200)])
        self.sync()
        self.assertEqual(self.requests(), [("list.txt", 304)])  # nothing new, nothing to be signed
        signature = self.path("www/list.txt.minisig")

        def spoil(line, change):
            self.sign(time=now)
            with open(signature) as f:
                lines = f.read().splitlines()
            lines[line] = change(lines[line])
            self.write("www/list.txt.minisig", "\n".join(lines) + "\n")
        turn = lambda text: text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
        for what, act, words in (
                ("none", lambda: os.remove(signature), "signature: the server has no such document"),
                ("of the document before", lambda: None, "signature: it does not belong to this document"),
                ("rolled back", lambda: self.sign(time=now - 200), "signature: it is older than the last one"),
                ("without a time", self.sign, "signature: it is older than the last one"),
                ("of tomorrow", lambda: self.sign(time=now + 200000), "signature: made at .* yet to come"),
                ("another file's", lambda: self.sign(time=now, name="other.txt"), "it is of the file other.txt, not of list.txt"),
                ("another key's", lambda: self.sign(time=now, key="theirs"), "it was made with key [0-9A-F]{16}, not with [0-9A-F]{16}"),
                ("changed", lambda: spoil(1, turn), "it does not belong to this document"),
                ("another time written in", lambda: spoil(2, lambda line: line.replace(str(now), str(now + 1))),
                 "its trusted comment has been changed"),
                ("HTML", lambda: self.write("www/list.txt.minisig", "<html>\n"), "signature: not a signature of minisign"),
                ("endless", lambda: self.write("www/list.txt.minisig", "x" * 100000), "signature: more than 16384 octets")):
            with self.subTest(what):
                self.write("www/list.txt", "one.example\n")
                self.sign(time=now - 100)
                self.write("www/list.txt", f"unwanted.example\n# {what}\n")
                act()
                said = self.sync(code=1)
                self.assertRegex(said, f"feed l: signature: .*{words.removeprefix('signature: ')}.*; the last good version stays")
                self.assertEqual(self.dump(), self.good)
                self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 100)
        self.sign(time=now)
        self.sync()
        self.assertEqual(self.dump(), {("exact", "unwanted.example")})
        # Signed as it is, without a hash, and elsewhere.
        self.write("www/list.txt", "legacy.example\n" + "# more than is read at once\n" * 5000)
        self.sign(time=now, legacy=True, signature="old.sig")
        self.feed(self.url + "/list.txt", **{"minisign-key": key, "signature": self.url + "/old.sig"})
        self.feedsync("-c", self.config, "sync", "--accept", "l", code=0)
        self.assertEqual(self.dump(), {("exact", "legacy.example")})
        # Another key begins anew: what the last one accepted counts only once the new one has, too.
        new = self.make_key("new")
        self.feed(self.url + "/list.txt", **{"minisign-key": new, "signature": self.url + "/old.sig"})
        self.assertIn("it was made with key", self.sync(code=1))
        self.sign(time=now - 1000, key="new", signature="old.sig")
        self.sync()
        self.assertEqual(self.status()["feeds"][0]["signed_at"], now - 1000)

    def test_what_is_held_back(self):
        """An old document with a good signature, or "not modified" for ever: it is used, and told of."""
        self.settings = {"run": "none"}
        key, now = self.make_key("ours"), int(time.time())

        def told():
            feed = self.status()["feeds"][0]
            words = self.feedsync("-c", self.config, "status", code=1 if feed["trouble"] else 0).stdout
            self.assertIn(f"feed l: {feed['trouble'] or 'well'}, current", words)
            self.assertEqual(feed["well"], feed["trouble"] == "")
            return feed["trouble"]
        self.serve()
        for signed, more, trouble in ((now - 89 * 86400, {}, ""), (now - 91 * 86400, {}, "SIGNED LONG AGO"), (None, {}, ""),
                                      (now - 91 * 86400, {"max-signature-age": "92d"}, ""),
                                      (now - 3601, {"max-signature-age": "1h"}, "SIGNED LONG AGO")):
            with self.subTest(signed=signed, more=more):
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.sign(time=signed)
                self.feed(self.url + "/list.txt", **{"minisign-key": key, **more})
                for _ in range(2):
                    self.assertEqual("feed l: signed " in self.sync(), trouble != "")
                    self.assertEqual((self.dump(), told()), (self.good, trouble))
        # Newer than what there was, it is taken; and the trouble ends.
        self.write("www/list.txt", "new.example\n")
        self.sign(time=now - 3600 + 60)
        self.sync()
        self.assertEqual((self.dump(), told()), ({("exact", "new.example")}, ""))
        # One that does not change, signed or not.
        for more in {}, {"minisign-key": key}:
            with self.subTest(more=more):
                self.feed(self.url + "/list.txt", **{"max-unchanged": "1s", **more})
                wait_for(lambda: self.sync() and self.status()["feeds"][0]["trouble"] == "UNCHANGED")
                self.assertEqual(told(), "UNCHANGED")
                self.feed(self.url + "/list.txt", **{"max-unchanged": "1d", **more})
                self.sync()
                self.assertEqual(told(), "")
        for more, words in (({"max-signature-age": "1d"}, "without \"minisign-key\" no signature"),
                            ({"max-unchanged": "soon"}, 'max-unchanged: "soon": not such a duration')):
            self.feed(self.url + "/list.txt", **more)
            self.assertIn(words, self.feedsync("-c", self.config, "check", code=1).stderr)

    def test_signed_file(self):
        key = self.make_key("ours")
        self.sign(time=1700000000)
        self.feed("file://" + self.path("www/list.txt"), **{"minisign-key": key})
        self.sync()
        self.assertEqual(self.dump(), self.good)
        self.assert_kept("it does not belong to this document")

    def test_signatures_secret(self):
        """The signature is asked for with the feed's secret where it is on the feed's own server, and nowhere else."""
        own, other = self.enterContext(FaultServer()), self.enterContext(FaultServer())
        key, sent = self.make_key("ours"), []
        self.sign(time=1700000000)
        os.chmod(self.write("secret", "hush"), 0o600)

        def answer(body, **more):
            def respond(headers):
                sent.append(headers.get("Authorization"))
                return response(body, **more)
            return respond
        with open(self.path("www/list.txt.minisig")) as f:
            signature = f.read()
        for server, target in (own, other), (other, own):
            server.responses.update({"/list.txt": answer("one.example\n"), "/list.txt.minisig": answer(signature), "/away":
                                     answer("", status="302 Found", Location=target.url + "/list.txt.minisig")})
        for where, given in (("", [True, True]),
                             (own.url + "/list.txt.minisig", [True, True]),
                             (own.url + "/away", [True, True, False]),
                             (other.url + "/list.txt.minisig", [True, False]),
                             (other.url + "/away", [True, False, True]),
                             (own.url.replace("127.0.0.1", "localhost") + "/list.txt.minisig", [True, False])):
            for file, more in ("key-file", {}), ("token-file", {}), ("password-file", {"user": "ann"}):
                with self.subTest(where=where, file=file):
                    sent.clear()
                    shutil.rmtree(self.path("state"), ignore_errors=True)
                    self.feed(own.url + "/list.txt", **{"minisign-key": key, "private-addresses": "yes", file: self.path("secret")},
                              **({"signature": where} if where else {}), **more)
                    self.sync()
                    self.assertIsNotNone(sent[0])
                    self.assertEqual(sent, [sent[0] if secret else None for secret in given])
        # A server that refuses is said to have refused the secret only if it was given that.
        for where, words in (own, "it does not accept the feed's secret"), (other, "it wants a key, token or password"):
            where.responses["/refused"] = response("", status="403 Forbidden")
            self.feed(own.url + "/list.txt", **{"minisign-key": key, "signature": where.url + "/refused",
                                                "key-file": self.path("secret")})
            shutil.rmtree(self.path("state"))
            self.assertIn("feed l: signature: the server answers HTTP 403: " + words, self.sync(code=2))

    def test_signature_that_wants_time(self):
        """A server that asks to be left alone when it is asked for the signature is, as if it had been for the feed."""
        server, key = self.enterContext(FaultServer()), self.make_key("ours")
        self.sign(time=1700000000)
        server.responses["/list.txt"] = response("one.example\n")
        server.responses["/list.txt.minisig"] = response("", status="429 Too Many Requests", Retry_After="600")
        feed = {"name": "l", "url": server.url + "/list.txt", "format": "domains", "interval": "1s", "minisign-key": key}
        self.configure([feed])
        self.assertRegex(self.sync(code=2), "feed l: signature: the server answers HTTP 429 and asks to be left alone for 600 s")
        self.assertTrue(500 < self.status()["feeds"][0]["retry_at"] - time.time() <= 600)
        # `run` obeys, and asks for its other feed on and on; `sync` asks whenever it is told to.
        server.asked.clear()
        server.responses["/other"] = response("other.example\n")
        self.configure([feed, {"name": "other", "url": server.url + "/other", "format": "domains", "interval": "1s"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: server.asked.count("/other") >= 3)
        daemon.stop()
        self.assertEqual(set(server.asked), {"/other"})
        with open(self.path("www/list.txt.minisig")) as f:
            server.responses["/list.txt.minisig"] = response(f.read())
        self.sync()
        self.assertEqual(self.dump(), self.good | {("exact", "other.example")})
        self.assertLess(self.status()["feeds"][0]["retry_at"], time.time())
