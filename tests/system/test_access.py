"""Servers that want a secret, and servers that want to be left alone."""
import base64

from feeds import *

DOMAINS = {"name": "l", "format": "domains"}
SECRET = "hush-0123456789"


class Secrets(FeedLab):
    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.sent = []  # the Authorization of each request

    def secret(self, text=SECRET, mode=0o600):
        path = self.write("secret", text)
        os.chmod(path, mode)
        return path

    def answer(self, body, **more):
        def respond(headers):
            self.sent.append(headers.get("Authorization"))
            return response(body, **more)
        return respond

    def test_each_kind(self):
        basic = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()
        self.server.responses["/list"] = self.answer("one.example\n")
        for settings, sent in (({"key-file": self.secret()}, SECRET), ({"token-file": self.secret()}, "Bearer " + SECRET),
                               ({"user": "ann", "password-file": self.secret(SECRET + "\n")}, basic), ({}, None)):
            self.configure([{**DOMAINS, "url": self.server.url + "/list", **settings}])
            self.sync(code=0)
            self.assertEqual(self.sent.pop(), sent)
        # Each document of a MISP feed is asked for with it.
        e = event(1, ["two.example"])
        self.server.responses["/manifest.json"] = self.answer(manifest_of(e))
        self.server.responses[f"/{UUID.format(1)}.json"] = self.answer(e)
        self.configure([{"name": "m", "format": "misp-feed", "url": self.server.url, "key-file": self.secret()}])
        self.sync(code=0)
        self.assertEqual(self.sent, [SECRET, SECRET])
        # A new secret needs no reload.
        self.secret("another\r\n")
        self.sync(code=0)
        self.assertEqual(self.sent[2], "another")

    def test_not_given_to_another_server(self):
        """A redirect to another port, or to another name of the same server, takes no secret with it."""
        port = self.server.server.server_address[1]
        with FaultServer() as other:
            other.responses["/list"] = self.answer("one.example\n")
            self.server.responses["/list"] = self.answer("one.example\n")
            for target, taken in ((f"http://127.0.0.1:{port}/list", True), (f"http://localhost:{port}/list", False),
                                  (other.url + "/list", False)):
                self.server.responses["/moved"] = self.answer("", status="307 Moved", Location=target)
                for settings in ({"key-file": self.secret()}, {"token-file": self.secret()},
                                 {"user": "ann", "password-file": self.secret()}):
                    with self.subTest(target=target, settings=settings):
                        self.sent.clear()
                        self.configure([{**DOMAINS, "url": self.server.url + "/moved", "private-addresses": "yes",
                                         **settings}])
                        self.sync(code=0)
                        self.assertEqual(self.sent, [self.sent[0], self.sent[0] if taken else None])
                        self.assertIsNotNone(self.sent[0])

    def test_not_given_to_the_signatures_server(self):
        """Which the operator wrote down as well, but for something else."""
        with FaultServer() as other:
            other.responses["/list"] = self.answer("one.example\n")
            self.server.responses["/moved"] = self.answer("", status="307 Moved", Location=other.url + "/list")
            self.configure([{**DOMAINS, "url": self.server.url + "/moved", "key-file": self.secret(), "private-addresses": "yes",
                             "minisign-key": "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",
                             "signature": other.url + "/list.sig"}])
            self.sync(code=2)
            self.assertEqual(self.sent[1:], [None])
            self.assertIsNotNone(self.sent[0])

    def test_over_tls(self):
        """nginx checks the secret, and sends who has it to another server."""
        self.write("www/list", "one.example\n")
        other = free_port()
        self.serve(tls=True, more=f'''location /moved {{ return 302 https://localhost:{other}/list; }}
            location / {{ if ($http_authorization != "{SECRET}") {{ return 403; }} }} }}
            server {{ listen 127.0.0.1:{other} ssl; ssl_certificate {self.path('server.pem')};
                ssl_certificate_key {self.path('server.key')};
                location / {{ if ($http_authorization) {{ return 500; }} root {self.path('www')}; }}''')
        feed = {**DOMAINS, "ca": self.path("ca.pem"), "url": self.url + "/list", "private-addresses": "yes"}
        self.configure([feed])
        self.assertRegex(self.sync(code=2), "HTTP 403: it wants a key, token or password")
        self.configure([{**feed, "key-file": self.secret("wrong")}])
        self.assertRegex(self.sync(code=2), "HTTP 403: it does not accept the feed's secret")
        self.configure([{**feed, "key-file": self.secret()}])
        self.sync(code=0)
        self.configure([{**feed, "url": self.url + "/moved", "key-file": self.secret()}])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_files_that_do_not_keep_it(self):
        self.server.responses["/list"] = response("one.example\n")
        feed = {**DOMAINS, "url": self.server.url + "/list", "key-file": self.path("secret")}
        self.configure([feed])
        self.secret()
        self.sync(code=0)
        self.server.responses["/list"] = response("two.example\n")
        self.server.asked.clear()
        os.mkfifo(self.path("fifo"))
        stranger = os.geteuid() == 0
        shown = ""
        for prepare, words in (
                (lambda: self.secret(mode=0o604), "mode 0604 lets others at it"),
                (lambda: self.secret(mode=0o602), "mode 0602 lets others at it"),
                (lambda: self.secret(""), "not one line"),
                (lambda: self.secret("\n"), "not one line"),
                (lambda: self.secret(SECRET + "\nX-Forged: yes"), "not one line"),
                (lambda: self.secret(SECRET * 100), "not one line"),
                (lambda: os.chown(self.secret(), 12345, -1) if stranger else None, "belongs to user 12345"),
                (lambda: os.remove(self.path("secret")), "No such file"),
                (lambda: os.rename(self.path("fifo"), self.path("secret")), "not a regular file")):
            if prepare() is None and "belongs" in words and not stranger:
                continue
            said = self.sync(code=1)
            self.assertRegex(said, f"feed l: {self.path('secret')}: .*{words}.*; the last good version stays")
            result = self.feedsync("-c", self.config, "check", code=1)
            self.assertRegex(result.stderr, f"feed l: key-file: {self.path('secret')}: .*{words}")
            self.assertEqual(self.dump(), {("exact", "one.example")})
            shown += said + result.stderr + result.stdout
        self.assertEqual(self.server.asked, [])
        # Group and root may read it; a link may lead to it.
        os.remove(self.path("secret"))
        os.symlink(self.path("real"), self.path("secret"))
        self.write("real", SECRET)
        os.chmod(self.path("real"), 0o440)
        shown += self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "two.example")})
        for words in (("check",), ("status",), ("status", "--json")):
            result = self.feedsync("-c", self.config, *words)
            shown += result.stdout + result.stderr
        with open(self.path("state/feeds/l/feed.json")) as f:
            shown += f.read()
        self.assertNotIn("hush", shown)

    def test_configuration(self):
        start = "feeds:\n  - name: a\n    format: domains\n    url: https://a.example/\n"
        for text, line, words in (
                (start + "    key-file: /x\n    token-file: /y\n", 5, "only one of"),
                (start + "    token-file: /x\n    user: a\n    password-file: /y\n", 5, "only one of"),
                (start + "    user: ann\n", 5, "only together"),
                (start + "    password-file: /x\n", 5, "only together"),
                (start + "    password-file: /x\n    user: \"a:b\"\n", 6, "no colon"),
                (start.replace("https://a.example/", "file:///x") + "    key-file: /x\n", 5, "read without a secret")):
            with self.subTest(text):
                result = self.feedsync("-c", self.write("broken.yaml", text), "check", code=1)
                self.assertRegex(result.stderr, rf"broken\.yaml:{line}: feed a: .*{words}")
        self.configure([{**DOMAINS, "url": "http://a.example/", "key-file": self.secret()}])
        self.assertIn("not https", self.feedsync("-c", self.config, "check", code=0).stderr)


class LeftAlone(FeedLab):
    """Retry-After."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.server.responses["/list"] = response("one.example\n")

    def limit(self, status="429 Too Many Requests", **headers):
        self.server.responses["/list"] = response("", status=status, **headers)

    def retry_in(self):
        return self.status()["feeds"][0]["retry_at"] - time.time()

    def test_reported(self):
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}])
        self.sync(code=0)
        a_date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 5000))
        for headers, least, most in (({"Retry_After": "600"}, 500, 600), ({"Retry_After": a_date}, 4900, 5000),
                                     ({"X_Rate_Limit_Reset": "700"}, 600, 700), ({"Retry_After": "999999999999"}, 86300, 86400),
                                     ({"X_Rate_Limit_Reset": "1795000000"}, 86300, 86400)):
            with self.subTest(headers):
                self.limit(**headers)
                said = self.sync(code=1)
                self.assertRegex(said, r"feed l: the server answers HTTP 429 and asks to be left alone for \d+ s; the last good")
                self.assertTrue(least <= self.retry_in() <= most, self.retry_in())
                self.assertRegex(self.feedsync("-c", self.config, "status").stdout, r"left alone for another \d+ (s|min|h)\n")
                self.assertEqual(self.dump(), {("exact", "one.example")})
        for headers in ({}, {"Retry_After": "soon"}, {"Retry_After": "-5"}, {"X_Rate_Limit_Reset": "5x"}):
            with self.subTest(headers):
                self.limit(**headers)
                self.assertNotIn("left alone", self.sync(code=1))
                self.assertLess(self.retry_in(), 0)
        self.limit("503 Service Unavailable", Retry_After="600")
        self.assertIn("HTTP 503 and asks to be left alone for 600 s", self.sync(code=1))
        self.assertEqual(self.status()["feeds"][0]["error_class"], "http")
        # `sync` asks whenever it is told to; a good answer ends the wait.
        self.server.responses["/list"] = response("two.example\n")
        self.assertNotIn("left alone", self.sync(code=0))
        self.assertLess(self.retry_in(), 0)

    def test_obeyed(self):
        """`run` asks the others on and on, but not that one: not in its interval, not on SIGHUP, not when started anew."""
        self.server.responses["/other"] = response("other.example\n")
        self.limit(Retry_After="3600")
        self.configure([{**DOMAINS, "url": self.server.url + "/list", "interval": "1s"},
                        {"name": "other", "format": "domains", "url": self.server.url + "/other", "interval": "1s"}])
        asked = self.server.asked.count
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: asked("/other") >= 3)
        self.assertEqual(asked("/list"), 1)
        os.kill(daemon.pid, signal.SIGHUP)
        wait_for(lambda: "reading the configuration again" in daemon.log())
        before = asked("/other")
        wait_for(lambda: asked("/other") >= before + 2)
        daemon.stop()
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        before = asked("/other")
        wait_for(lambda: asked("/other") >= before + 2)
        self.assertEqual(asked("/list"), 1)
        daemon.stop()
        # What is configured anew takes effect although there is nobody to ask.
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}, {"name": "own", "format": "domains",
                        "url": "file://" + self.write("own", "own.example\n")}])
        os.remove(self.table)
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.table))
        daemon.stop()
        self.assertEqual(asked("/list"), 1)
        # Another URL is another matter, and a wait ends.
        self.server.responses["/new"] = response("", status="429 Too Many Requests", Retry_After="1")
        self.configure([{**DOMAINS, "url": self.server.url + "/new"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: asked("/new") == 1)
        self.assertEqual(asked("/list"), 1)
        daemon.stop()
