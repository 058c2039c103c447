"""What a server does wrong while it sends a list: the last good version stays, whatever comes."""
import pytest

from feeds import *


class Transfers(FeedLab):
    """What the server does wrong while it sends a list."""

    def check_refused(self, answer, words):
        with FaultServer() as server:
            server.responses["/list"] = response("one.example\n")
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync(code=0)
            server.responses["/list"] = answer
            self.assertRegex(self.sync(code=1), f"feed l: .*{words}.*the last good version stays")
            self.assertEqual(self.dump(), {("exact", "one.example")})
            server.responses["/list"] = response("two.example\n")
            self.sync(code=0)
            self.assertEqual(self.dump(), {("exact", "two.example")})

    def test_shorter_than_told(self):
        self.check_refused(response("two.example\n", length=100), "transfer closed")

    def test_chunk_missing(self):
        self.check_refused(response("6\r\ntwo.ex\r\n", length=False, Transfer_Encoding="chunked"), "")

    def test_no_length_and_cut_off(self):
        self.check_refused(response("two.example\nthree.exam", length=False), "cut off")

    def test_no_length_but_whole(self):
        with FaultServer() as server:
            server.responses["/list"] = response("one.example\n", length=False)
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync(code=0)
            self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_partial_content(self):
        self.check_refused(response("two.example\n", status="206 Partial Content"), "HTTP 206")

    def test_no_content(self):
        self.check_refused(response("", status="204 No Content", length=False), "HTTP 204")

    def test_not_modified_without_a_condition(self):
        self.check_refused(response("", status="304 Not Modified", length=False), "HTTP 304")

    def test_compressed_unasked(self):
        self.check_refused(response(b"\x1f\x8b\x08" + bytes(100), Content_Encoding="gzip"), "gzip data")

    def test_hangs_up(self):
        self.check_refused(b"", "Empty reply")

    def test_header_without_end(self):
        self.check_refused(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100000, "")

    def test_larger_than_any_list(self):
        self.check_refused(response("two.example\n", length=3 << 30), "document of more than 2147483648 octets")

    def test_larger_pages(self):
        """A page in the list's place is larger than any list may be, as it tells, or it has no end: the status tells why there is no list."""
        def endless(_):
            yield response("", status="404 Not Found", length=False)
            while True:
                yield bytes(1 << 20)
        for page, words in ((endless, "no such document .HTTP 404."),
                            (response("gone\n", status="410 Gone", length=3 << 30), "no such document .HTTP 410."),
                            (response("closed\n", status="403 Forbidden", length=3 << 30), "HTTP 403: it wants a key, token or password"),
                            (response("busy\n", status="503 Busy", length=3 << 30), "HTTP 503")):
            with self.subTest(words):
                self.check_refused(page, words)

    @pytest.mark.long
    @unittest.skipIf(SANITIZED, "takes a minute")
    def test_patience_ends(self):
        """A server that does not answer the call, one whose answer drips, and one whose answer drips as fast as is enough at
        first."""
        def steady(_):
            yield response("", length=10000000)
            while True:
                time.sleep(1)
                yield b"three.example\n" * 80
        def drip(_):
            yield response("two.example\n", length=1000)
            while True:
                time.sleep(1)
                yield b"\n"
        with FaultServer() as server, socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as queue:
            server.responses["/list"] = response("one.example\n")
            feed = {**DOMAINS, "url": server.url + "/list"}
            self.configure([feed])
            self.sync()
            # Who calls where so many wait already is left waiting.
            for _ in range(3):
                waiting = queue.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(deaf.getsockname())
            server.responses["/list"] = drip
            server.responses["/steady"] = steady
            self.configure([feed, {"name": "d", "format": "domains", "url": f"http://127.0.0.1:{deaf.getsockname()[1]}/"},
                            {"name": "s", "format": "domains", "url": server.url + "/steady"}])
            said = self.sync(code=1)
            self.assertRegex(said, "feed l: Operation too slow.*the last good version stays")
            self.assertRegex(said, "feed s: Operation too slow: [0-9]+ octets in 6[0-9] s")
            self.assertRegex(said, "feed d: .*[Tt]imed? ?out.*there is no good version yet")
            self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_other_validators_for_another_url(self):
        """A server that takes every condition for its own: it must be told none that belongs to another URL."""
        unchanged = lambda headers: (response("", "304 Not Modified", length=False)
                                     if "If-None-Match" in headers else response("three.example\n", ETag='"b"'))
        with FaultServer() as server:
            server.responses.update({"/list": response("one.example\n", ETag='"a"'), "/other": unchanged})
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync()
            self.configure([{**DOMAINS, "url": server.url + "/other"}])
            self.sync()
            self.assertEqual(self.dump(), {("exact", "three.example")})
            self.assertIn("unchanged", self.sync())

    def test_redirect_away_from_https(self):
        self.write("www/list.txt", "one.example\n")
        with FaultServer() as server:
            server.responses["/list.txt"] = response("evil.example\n")
            self.serve(tls=True, more=f"location /away {{ return 302 {server.url}/list.txt; }} location /fine {{ return 302 /list.txt; }}")
            feed = {**DOMAINS, "ca": self.path("ca.pem")}
            self.configure([{**feed, "url": self.url + "/fine"}])
            self.sync(code=0)
            self.configure([{**feed, "url": self.url + "/away"}])
            self.assertRegex(self.sync(code=1), "redirects to http://.*, from https to http")
            self.assertEqual(server.asked, [])
            self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_redirect_to_nowhere(self):
        """What is no URL of the web, or has no host, is told as such: nothing of it is looked at."""
        nowhere = ("foo:///x", "mailto:a@b", "http://", "https://", "http:///x", "https:///evil.example/list", "http://[/", "http://[]/x",
                   "http://:80/", "ftp://evil.example/", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "//", "http://a b/", "http://x:99999/",
                   "foo://" + "x" * 300 + "/")
        with FaultServer() as server:
            server.responses["/list"] = response("one.example\n")
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync()
            for where in nowhere:
                server.responses["/list"] = response("", status="302 Found", Location=where)
                self.assertRegex(self.sync(code=1), "feed l: .*the last good version stays", where)
                self.assertEqual(self.dump(), {("exact", "one.example")}, where)

    def test_files_that_are_none(self):
        good = self.write("list", "one.example\n")
        self.configure([{**DOMAINS, "url": "file://" + good}])
        self.sync()
        os.mkfifo(self.path("fifo"))
        with open(self.path("large"), "wb") as f:
            f.truncate((2 << 30) + 1)
        for name, words in (("fifo", "not a regular file"), ("www", "not a regular file"), ("nothing", "no such file"),
                            ("large", "document of more than")):
            self.configure([{**DOMAINS, "url": "file://" + self.path(name)}])
            self.assertIn(words, self.sync(code=1))
            self.assertEqual(self.dump(), {("exact", "one.example")})
        # Own files may be emptied, and their names may need escapes.
        self.write("a list", "two.example\n")
        own = {"name": "own", "format": "domains", "url": "file://" + self.path("a%20list")}
        self.configure([{**DOMAINS, "url": "file://" + good}, own])
        self.sync()
        self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "two.example")})
        for content in ("", "# two.example\n", "\n"):
            self.write("a list", "two.example\n")
            self.sync()
            self.write("a list", content)
            self.sync()
            self.assertEqual(self.dump(), {("exact", "one.example")})
        # Also where it is all there is; and a list of exceptions may name what no list may block.
        self.write("free", "duckdns.org\n")
        self.configure([own, {"name": "free", "format": "domains", "scope": "subtree", "category": "ours",
                              "url": "file://" + self.path("free")}], categories="\n  - name: ours\n    action: allow")
        self.sync()
        self.assertEqual(self.dump(), {("subtree", "duckdns.org")})
        self.configure([own])
        self.sync()
        self.assertEqual(self.dump(), set())

    def test_many_slow_documents_of_one_host(self):
        """Waiting for one's turn is not being slow."""
        for i in range(12):
            self.write(f"www/{i}.txt", f"host{i}.example\n" * 2000)
        self.serve(more="limit_rate 30k;")
        self.configure([{"name": f"l{i}", "format": "domains", "url": f"{self.url}/{i}.txt"} for i in range(12)])
        self.sync(code=0)
        self.assertEqual(len(self.dump()), 12)

    def test_stopped(self):
        """A run that is cut short leaves no trace in what is known of the feeds."""
        self.write("www/list.txt", "one.example\n")
        self.serve(more="location /slow { limit_rate 1k; alias " + self.path("www/") + "; }")
        self.configure([{**DOMAINS, "url": self.url + "/list.txt"}])
        self.sync()
        with open(self.path("state/feeds/l/feed.json")) as f:
            before = f.read()
        self.write("www/list.txt", "two.example\n" * 10000)
        self.configure([{**DOMAINS, "url": self.url + "/slow/list.txt"}])
        running = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)
        wait_for(lambda: os.path.exists(self.path("state/feeds/l/new")))
        time.sleep(0.3)
        running.terminate()
        _, said = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 2, said)
        self.assertNotIn("feed l", said)
        with open(self.path("state/feeds/l/feed.json")) as f:
            self.assertEqual(f.read(), before)
        self.assertEqual(self.status()["feeds"][0]["failures"], 0)
