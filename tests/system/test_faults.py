"""feedsync against servers, files and clocks that misbehave: the last good version stays, whatever comes."""
import fcntl, shutil, stat

from feeds import *

DOMAINS = {"name": "l", "format": "domains"}


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

    def test_no_end(self):
        """Neither of a list nor of the page that comes in its place, which is not written anywhere."""
        def page(_):
            yield response("", status="404 Not Found", length=False)
            while True:
                yield bytes(1 << 20)
        self.check_refused(page, "document of more than 2147483648 octets")

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
        _, said = running.communicate(timeout=10)
        self.assertEqual(running.returncode, 2, said)
        self.assertNotIn("feed l", said)
        with open(self.path("state/feeds/l/feed.json")) as f:
            self.assertEqual(f.read(), before)
        self.assertEqual(self.status()["feeds"][0]["failures"], 0)


class Events(FeedLab):
    """A MISP feed's versions replace each other as a whole."""

    def setUp(self):
        super().setUp()
        self.server = self.enterContext(FaultServer())
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"}])
        self.offer(event(1, ["one.example"]), event(2, ["two.example"]))
        self.sync(code=0)
        self.assert_first()
        self.server.asked.clear()

    def offer(self, *events, manifest=None):
        self.server.responses.clear()
        for e in events:
            self.server.responses[f"/{e['Event']['uuid']}.json"] = response(e)
        self.server.responses["/manifest.json"] = response(manifest_of(*events) if manifest is None else manifest)

    def assert_first(self):
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example")})

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

    def test_damage_on_disk(self):
        """A last good version that rots holds up neither the rest of its feed nor other feeds, and is fetched anew; of one that
        rots as a whole stays what is published until that has come."""
        path = self.path("state/feeds/m/good.misp-feed", UUID.format(1) + ".json")
        with open(path, "w") as f:
            f.write("{")
        self.write("list", "three.example\n")
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": "file://" + self.path("list")}])
        said = self.sync(code=1)
        self.assertIn("feed m: its last good version cannot be used: feeds/m/good.misp-feed: 1 of its documents", said)
        self.assertIn(UUID.format(1) + ".json: line 1", said)
        self.assertEqual(self.dump(), {("subtree", "two.example"), ("exact", "three.example")})
        self.assertFalse(self.status()["feeds"][0]["well"])
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "three.example")})
        # The same for a list.
        with open(self.path("state/feeds/l/good.domains"), "w") as f:
            f.write("<html>")
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": self.server.url + "/none"}])
        said = self.sync(code=1)
        self.assertRegex(said, "feed l: its last good version cannot be used")
        self.assertIn("feed l: 1 rules of the published table stay", said)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "three.example")})
        # Gone with all else that is known of it, and still not to be had; then it has come.
        shutil.rmtree(self.path("state/feeds/l"))
        self.sync(code=1)
        self.assertIn(("exact", "three.example"), self.dump())
        self.server.responses["/none"] = response("four.example\n")
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "one.example"), ("subtree", "two.example"), ("exact", "four.example")})

    def test_a_list_is_cut_on_disk(self):
        """Most syntaxes show nothing of it."""
        unchanged = lambda headers: response("", "304 Not Modified", length=False) if "If-None-Match" in headers else \
            response("one.example\ntwo.example\n", ETag='"a"')
        self.server.responses["/list"] = unchanged
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}])
        self.sync(code=0)
        before = self.dump()
        for content in ("", "one.example\n", "one.example\ntwo.exampl\n"):
            for answer in (unchanged, response("", status="503 Service Unavailable")):
                with self.subTest(content):
                    with open(self.path("state/feeds/l/good.domains"), "w") as f:
                        f.write(content)
                    self.server.responses["/list"] = answer
                    said = self.sync(code=1)
                    self.assertIn("feeds/l/good.domains: cut or changed since it came", said)
                    self.assertIn("2 rules of the published table stay", said)
                    self.assertEqual(self.dump(), before)
                    self.server.responses["/list"] = unchanged
                    self.sync(code=0)
                    self.assertEqual(self.dump(), before)

    def test_what_stands_in_the_way(self):
        """Whatever stands where feedsync puts its own files and directories goes, and nothing of what a link leads to."""
        def tree(path):
            os.makedirs(os.path.join(path, "a", "b"))
            os.symlink(self.path("kept"), os.path.join(path, "a", "link"))

        def shut(path):
            tree(path)
            os.chmod(path, 0)
        self.write("kept/file", "")
        obstacles = [lambda path: open(path, "w").close(), lambda path: os.symlink(self.path("kept"), path),
                     lambda path: os.symlink("nowhere", path), os.mkfifo, tree, shut]
        number = 0
        for name in ("next", "new", "new-0", "good.misp-feed.old"):
            for put in obstacles:
                with self.subTest(name, put=put):
                    number += 1
                    put(self.path("state/feeds/m", name))
                    self.offer(event(1, [f"n{number}.example"], 1700000000 + number))
                    self.sync_bound()
                    self.assertEqual(self.dump(), {("subtree", f"n{number}.example")})
                    self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-feed"])
                    self.assertEqual(os.listdir(self.path("kept")), ["file"])

    def test_no_directory_in_its_place(self):
        """What is no directory is no good version: it is fetched anew and replaced, though the server knows of nothing new."""
        self.write("kept", "")
        good = self.path("state/feeds/m/good.misp-feed")
        for put, code in ((lambda: os.symlink("nowhere", good), 0), (lambda: os.symlink(good, good), 1),
                          (lambda: os.symlink(self.path("kept"), good), 1), (lambda: open(good, "w").close(), 1)):
            with self.subTest(put=put):
                first = event(1, ["one.example"]), event(2, ["two.example"])
                self.offer(*first)
                self.server.responses["/manifest.json"] = lambda headers: (
                    response("", "304 Not Modified", length=False) if "If-None-Match" in headers
                    else response(manifest_of(*first), ETag='"a"'))
                self.sync(code=0)
                shutil.rmtree(good)
                put()
                said = self.sync(code=code)
                if code != 0:
                    self.assertIn(f"cannot use {good}/manifest.json: ", said)
                self.assert_first()
                self.offer(event(1, ["new.example"], 1700000001), event(2, ["two.example"]))
                self.sync(code=0)
                self.assertEqual(self.dump(), {("subtree", "new.example"), ("subtree", "two.example")})
                self.assertEqual(sorted(os.listdir(self.path("state/feeds/m"))), ["feed.json", "good.misp-feed"])
        self.assertTrue(os.path.exists(self.path("kept")))

    def test_an_event_is_lost(self):
        """Neither to be read here nor to be had again: the other events go on without it, until the server has it."""
        file = self.path("state/feeds/m/good.misp-feed", UUID.format(1) + ".json")

        def replace(put):
            os.remove(file)
            put(file)
        changed = event(2, ["new.example"], 1700000001)
        manifest = manifest_of(event(1, []), changed)
        one, two, new = ("subtree", "one.example"), ("subtree", "two.example"), ("subtree", "new.example")
        for what, spoil, left in (("mode", lambda: os.chmod(file, 0), {one, two}),
                                  ("link", lambda: replace(lambda path: os.symlink(path, path)), {one, two}),
                                  ("directory", lambda: replace(os.mkdir), {two}), ("FIFO", lambda: replace(os.mkfifo), {new})):
            with self.subTest(what):
                self.offer(event(1, ["one.example"]), event(2, ["two.example"]))
                self.sync(code=0)
                self.assert_first()
                spoil()
                self.offer(changed, manifest=manifest)
                # That it cannot be read may be for a moment only.
                self.assertIn("feed m: its last good version cannot be used", self.sync_bound(code=1))
                self.assertEqual(self.dump(), left)
                self.assertRegex(self.sync_bound(code=1),
                                 f"feed m: event {UUID.format(1)}: .*404.*; its last good version cannot be used: ")
                self.assertEqual(self.dump(), {new})
                self.assertIn("1 of 2 listed events are missing on the server", self.sync_bound(code=0))
                self.offer(event(1, ["one.example"]), changed)
                self.sync_bound(code=0)
                self.assertEqual(self.dump(), {one, new})

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_cut_off_behind_a_new_list(self):
        """A run that ends before all is known of a list that has come: the list is known, whole, and asked for anew."""
        answer = lambda text, tag: lambda headers: response("", "304 Not Modified", length=False) \
            if headers.get("If-None-Match") == tag else response(text, ETag=tag)
        self.configure([{**DOMAINS, "url": self.server.url + "/list"}])
        self.server.responses["/list"] = answer("one.example\n", '"a"')
        self.sync(code=0)
        self.server.responses["/list"] = answer("two.example\n", '"b"')
        good = self.path("state/feeds/l/good.domains")
        subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-P", self.table, "-e", "trace=openat", "-e", "inject=openat:signal=KILL",
                        FEEDSYNC, "-c", self.config, "sync"], capture_output=True, timeout=120)
        with open(good) as f:
            self.assertEqual(f.read(), "two.example\n")
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.server.responses["/list"] = response("", status="503 Service Unavailable")
        self.assertNotIn("cannot be used", self.sync(code=1))
        self.assertEqual(self.dump(), {("exact", "two.example")})
        self.server.responses["/list"] = answer("one.example\n", '"a"')
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_the_format_it_had_before(self):
        """Back in a format that it had, it is not what it was then."""
        old = {**DOMAINS, "url": self.server.url + "/list"}
        new = {**old, "format": "hosts"}
        self.server.responses["/list"] = response("old.example\n")
        self.configure([old])
        self.sync(code=0)
        self.server.responses["/list"] = response("0.0.0.0 new.example\n")
        self.configure([new])
        self.sync(code=0)
        self.assertEqual(sorted(os.listdir(self.path("state/feeds/l"))), ["feed.json", "good.hosts"])
        self.server.responses["/list"] = response("", status="503 Service Unavailable")
        self.configure([old])
        self.sync(code=2)
        self.assertEqual(self.dump(), {("exact", "new.example")})
        self.configure([new])
        self.sync(code=1)
        self.assertEqual(self.dump(), {("exact", "new.example")})

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

    def test_unreadable_is_not_damaged(self):
        """What cannot be read just now is kept as it is published, holds up nobody else, and is fetched anew."""
        unchanged = lambda headers: (response("", "304 Not Modified", length=False)
                                     if "If-None-Match" in headers else response("three.example\n", ETag='"b"'))
        self.server.responses["/list"] = unchanged
        self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                        {**DOMAINS, "url": self.server.url + "/list"}])
        self.sync(code=0)
        before = self.dump()
        good = self.path("state/feeds/l/good.domains")
        os.rename(good, self.path("kept"))
        os.mkdir(good)
        for name in ("four", "five"):
            self.configure([{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                            {**DOMAINS, "url": self.server.url + "/list"}], block=f"\n  - name: {name}.example")
            self.assertIn("feed l: its last good version cannot be used", self.sync(code=1))
            self.assertEqual(self.dump(), before | {("subtree", f"{name}.example")})
            self.assertIn("in force: what is published of it stays",
                          self.feedsync("-c", self.config, "why", "three.example").stdout)
        self.assertFalse(self.status()["feeds"][1]["well"])
        os.rmdir(good)
        os.rename(self.path("kept"), good)
        self.sync(code=0)
        self.assertEqual(self.dump(), before | {("subtree", "five.example")})

    def test_why_it_is_not_repaired(self):
        """Of a last good version that cannot be read `status` tells first what keeps the next one away, then what is the matter;
        as often as it is found out."""
        spoilt = "; its last good version cannot be used, what is published of it stays: feeds/l/good.domains: not a regular file"
        many = [f"n{i}.example\n" for i in range(2000)]
        self.server.responses["/list"] = response("".join(many))
        feed = {**DOMAINS, "url": self.server.url + "/list"}
        self.publish([feed])
        before, good = self.dump(), self.path("state/feeds/l/good.domains")
        os.rename(good, self.path("kept"))
        os.mkdir(good)
        for answer, words in ((response("".join(many[:9])), "ALARM: 9 entries, .*: feedsync sync --accept l"),
                              (response("", status="503 Service Unavailable"), "the server answers HTTP 503"),
                              (response("", status="404 Not Found"), "the server has no such document .HTTP 404.")):
            self.server.responses["/list"] = answer
            for _ in range(2):
                said = self.sync(code=1)
                self.assertRegex(said, f"feed l: {words}; the last good version stays\n")
                self.assertIn(f"feed l{spoilt.replace(';', ':', 1)}; it will be fetched anew", said)
                self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, f"last attempt: {words}{spoilt}\n")
                self.assertEqual(self.dump(), before)
        # The same attempt, found out again: by a run for another feed.
        self.write("list", "0.example\n")
        own = {"name": "o", "url": "file://" + self.path("list"), "format": "domains"}
        self.configure([{**feed, "interval": "1d"}, {**own, "interval": "1s"}], run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: daemon.log().count(spoilt[2:]) >= 3)
        self.assertRegex(self.status()["feeds"][0]["error"], f"^{words}{spoilt}$")
        self.assertEqual(daemon.stop(), 0)
        os.rmdir(good)
        os.rename(self.path("kept"), good)
        self.server.responses["/list"] = response("".join(many))
        self.sync(code=0)
        self.assertEqual(self.status()["feeds"][0]["error"], "")

    def test_other_feeds_do_not_put_it_off(self):
        """What has turned out to be damaged is fetched in its time, however often other feeds' runs find it out again."""
        lists = self.local_feeds(l={"content": "one.example\n", "interval": "4s"}, o={"content": "two.example\n", "interval": "1s"})
        self.configure(lists, run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: ("exact", "one.example") in self.dump())
        self.write("state/feeds/l/good.domains", "<html>")
        wait_for(lambda: "feed l: its last good version cannot be used" in daemon.log())
        wait_for(lambda: "feed l: fresh" in daemon.log().split("cannot be used", 1)[1])
        self.assertEqual(daemon.stop(), 0)

    def test_a_category_goes_while_a_list_is_damaged(self):
        """What stays of it has the category that the list has now, but none comes to block since it was to let pass."""
        unchanged = lambda headers: response("", "304 Not Modified", length=False) if "If-None-Match" in headers else \
            response("||three.example^\n@@||ok.three.example^\n", ETag='"b"')
        self.server.responses["/list"] = unchanged
        for action, later in ("nxdomain", "refused"), ("allow", "allow"), ("allow", "nxdomain"), ("nxdomain", "allow"):
            with self.subTest(action, later=later):
                shutil.rmtree(self.path("state"))
                feed = lambda category: [{"name": "m", "url": self.server.url + "/", "format": "misp-feed"},
                                         {"name": "l", "format": "adblock", "url": self.server.url + "/list", "category": category}]
                category = lambda name, action: f"\n  - name: {name}\n    action: {action}"
                self.configure(feed("old"), categories=category("old", action))
                self.sync(code=0)
                before = self.dump()
                self.write("state/feeds/l/good.adblock", "<html>")
                self.configure(feed("new"), categories=category("new", later))
                said = self.sync(code=1)
                self.assertIn("feed l: its last good version cannot be used", said)
                [answer] = self.feedsync("lookup", self.table, "three.example").stdout.splitlines()
                if "allow" in (action, later) and action != later:
                    self.assertRegex(said, "feed l: [12] rules of the published table go with their category")
                    self.assertIn("\tpass", answer)
                else:
                    self.assertRegex(said, "feed l: [12] rules of the published table stay")
                    self.assertIn("\tnew", answer)
                    self.assertEqual(self.dump(), before)
                self.assertFalse(self.status()["feeds"][1]["well"])
                self.sync(code=0)
                self.assertIn("\tnew", self.feedsync("lookup", self.table, "three.example").stdout)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_nothing_to_stand_in(self):
        """Where the table is gone or damaged as well, none is made without a list that cannot be read just now."""
        lists = self.local_feeds(l="three.example\n", w={"content": "one.example\n", "category": "ours"})
        self.configure(lists, run="none", categories="\n  - name: ours\n    action: allow")
        self.sync(code=0)
        before = self.dump()
        for damage in (lambda: os.remove(self.table), lambda: self.write("current.weir", "no table")):
            for name in "lw":
                damage()
                said = self.sync_with_fault(f"state/feeds/{name}/good.domains", "read", "EIO")
                self.assertEqual(said.returncode, 2, said.stderr)
                self.assertRegex(said.stderr, f"nothing published: {name}.*Input/output error")
                self.assertIn(f"feed {name}: its last good version cannot be used", said.stderr)
                self.sync(code=0)
                self.assertEqual(self.dump(), before)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_a_new_list_that_cannot_be_read(self):
        """It is none that was added: the table's growth by others is judged."""
        many = lambda count: "".join(f"n{i}.example\n" for i in range(count))
        limits = {"run": "none", "table-max-growth": 50}
        self.configure(self.local_feeds(a=many(2000)), **limits)
        self.sync(code=0)
        self.configure(self.local_feeds(a=many(40000), b=many(30000)), **limits)
        said = self.sync_with_fault("state/feeds/b/good.domains", "read", "EIO:when=4+")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn("feed a: ALARM: the table would hold 40001 rules", said.stderr)
        self.assertEqual(len(self.dump()), 2000)

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_old_events_that_cannot_be_listed(self):
        """They are not taken for gone: one of them cannot be had again."""
        self.offer(event(1, ["one.example"]), manifest=manifest_of(event(1, []), event(2, [])))
        said = self.sync_with_fault("state/feeds/m/good.misp-feed", "getdents64", "EIO")
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertIn(f"feed m: cannot use {self.path('state/feeds/m/good.misp-feed')}: Input/output error", said.stderr)
        self.assert_first()
        self.sync(code=0)
        self.assert_first()

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


class Pipes(FeedLab):
    """A FIFO in the place of a file: to open it would be to wait for ever."""

    def sync_by(self, code, words):
        result = subprocess.run([FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True, timeout=20)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertRegex(result.stderr, words)

    def test_in_the_place_of_a_file(self):
        suffixes = shutil.copyfile("/usr/share/publicsuffix/public_suffix_list.dat", self.path("suffixes"))
        with FaultServer() as server:
            for e in event(1, ["one.example"]), event(2, ["two.example"]):
                server.responses[f"/{e['Event']['uuid']}.json"] = response(e)
            server.responses["/manifest.json"] = response(manifest_of(event(1, []), event(2, [])))
            server.responses["/list"] = lambda headers: (response("", "304 Not Modified", length=False)
                                                         if "If-None-Match" in headers else response("three.example\n", ETag='"a"'))
            guard = {"names": f"[{self.write('names', 'own.example')}]",
                     "warninglists": f"[{self.write('warning.json', json.dumps({'name': 'w', 'type': 'hostname', 'list': ['w.example']}))}]"}
            self.configure([{"name": "m", "url": server.url + "/", "format": "misp-feed"}, {**DOMAINS, "url": server.url + "/list"}],
                           **{"run": "none", "public-suffix-list": suffixes}, guard="".join(f"\n  {key}: {value}" for key, value in guard.items()),
                           groups="\n  - name: g\n    clients-file: " + self.write("clients", "192.0.2.1\n") + "\n    action: allow")
            self.sync(code=0)
            before = self.dump()
            good = "m/good.misp-feed/"
            for name, code, words in (("l/good.domains", 1, "feed l: its last good version cannot be used, .*: not a regular file"),
                                      (f"{good}{UUID.format(1)}.json", 1, f"m/{UUID.format(1)}.json: not a regular file"),
                                      (good + "manifest.json", 0, "feed m: unchanged")):
                with self.subTest(name):
                    os.remove(self.path("state/feeds", name))
                    os.mkfifo(self.path("state/feeds", name))
                    self.sync_by(code, words)
                    self.sync(code=0)
                    self.assertEqual(self.dump(), before)
            # Those it does not replace.
            for name, code in (("state/feeds/l/feed.json", 0), ("suffixes", 2), ("names", 2), ("warning.json", 2), ("clients", 2),
                               ("state/generation", 0), ("state/key", 2)):
                with self.subTest(name):
                    os.rename(self.path(name), self.path("kept"))
                    os.mkfifo(self.path(name))
                    self.sync_by(code, f"{name}: .*not a regular file")
                    os.rename(self.path("kept"), self.path(name))
                    self.sync(code=0)

    def test_history(self):
        self.publish(self.local_feeds(l="one.example\n"))
        os.remove(self.path("state/history.sqlite"))
        os.mkfifo(self.path("state/history.sqlite"))
        for command, code in ("status", 1), ("history", 2), ("sync", 0):
            result = subprocess.run([FEEDSYNC, "-c", self.config, command], capture_output=True, text=True, timeout=20)
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertIn("history.sqlite: not a regular file", result.stdout + result.stderr)

    def test_a_kept_table(self):
        for name in "one", "two":
            self.publish(self.local_feeds(l=name + ".example\n"))
        os.remove(self.path("state/tables/1.weir"))
        os.mkfifo(self.path("state/tables/1.weir"))
        result = subprocess.run([FEEDSYNC, "-c", self.config, "rollback", "1"], capture_output=True, text=True, timeout=20)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("1.weir: not a regular file", result.stderr)

    def test_on_a_command_line(self):
        """There a pipe is what was meant."""
        read, write = os.pipe()
        os.write(write, b"one.example\n")
        os.close(write)
        self.feedsync("compile", "-f", "domains", "-o", self.table, f"/dev/fd/{read}", code=0, pass_fds=[read])
        os.close(read)
        self.assertIn("one.example", self.feedsync("dump", self.table, code=0).stdout)


class Lock(FeedLab):
    """One feedsync at a time works in a state directory."""

    def setUp(self):
        super().setUp()
        self.publish(self.local_feeds(l="one.example\n"))
        self.lock = self.enterContext(open(self.path("state/lock")))

    def test_another_at_work(self):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.write("l", "two.example\n")
        self.assertIn("lock: another feedsync is at work here", self.sync(code=2))
        self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_somebody_looks(self):
        """Who only looks whether somebody is at work, as `status` does, holds the lock for a moment: that turns nobody away."""
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        running = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)

        def has_come():
            files = f"/proc/{running.pid}/fd"
            with contextlib.suppress(FileNotFoundError):
                return running.poll() is not None or self.lock.name in [os.readlink(f"{files}/{fd}") for fd in os.listdir(files)]
        wait_for(has_come)
        time.sleep(0.1)
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        _, said = running.communicate(timeout=60)
        self.assertEqual(running.returncode, 0, said)


class Secrets(FeedLab):
    def test_keys_stay_here(self):
        """Keys in URLs reach neither logs nor status, and what is kept is for feedsync alone."""
        with FaultServer() as server:
            url = server.url.replace("//", "//user:hush-password@") + "/list?auth=hush-key"
            self.configure([{**DOMAINS, "url": url}])
            shown = self.sync(code=2)
            server.responses["/list?auth=hush-key"] = response("one.example\n")
            shown += self.sync(code=0)
            for words in (("check",), ("status",), ("status", "--json")):
                result = self.feedsync("-c", self.config, *words)
                shown += result.stdout + result.stderr
            self.assertIn("/list?...", shown)
            self.configure([{**DOMAINS, "url": "gopher" + url[4:]}])
            shown += self.feedsync("-c", self.config, "check", code=1).stderr
            self.assertNotIn("hush", shown)
        for name, mode in (("state", 0o750), ("state/key", 0o600), ("state/feeds/l", 0o750), ("state/feeds/l/feed.json", 0o640),
                           ("current.weir", 0o644)):
            self.assertEqual(oct(stat.S_IMODE(os.stat(self.path(name)).st_mode)), oct(mode), name)

    def test_another_format(self):
        """What was good in one syntax is not taken for another."""
        with FaultServer() as server:
            server.responses["/list"] = response("0.0.0.0 one.example\n", ETag='"a"')
            self.configure([{"name": "l", "format": "hosts", "url": server.url + "/list"}])
            self.sync(code=0)
            server.responses["/list"] = lambda headers: (response("", "304 Not Modified", length=False)
                                                         if "If-None-Match" in headers else response("two.example\n"))
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync(code=0)
            self.assertEqual(self.dump(), {("exact", "two.example")})
