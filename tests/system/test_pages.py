"""The status page and its server: what it shows, to whom, and what hostile clients get."""
import http.client, socket, urllib.parse

from pages import *


class Pages(PagesLab):
    def test_what_is_shown(self):
        self.start([{"name": "list", "url": "file://" + self.write("l", "one.example\n"), "format": "domains", "category": "phishing", "scope": "subtree"},
                    {"name": "secret-club", "url": "file://" + self.write("s.json", json.dumps({"type": "bundle", "id": "bundle--0", "objects": [
                        {"type": "indicator", "id": f"indicator--{UUID.format(1)}", "pattern_type": "stix", "pattern": "[domain-name:value = 'two.example']",
                         "created": "2026-01-01T00:00:00Z", "modified": "2026-01-01T00:00:00Z", "valid_from": "2026-01-01T00:00:00Z"}]})),
                     "format": "stix", "strict-tlp": False}],
                   categories=[{"name": "phishing"}, {"name": "malicious"}], run="none")
        wait_for(lambda: '"well": true' in self.get("/status.json").text)
        page = self.get("/")
        self.assertEqual(page.status, 200)
        self.assertIn("<h1 class=\"good\">well: 2 feeds", page.text)
        self.assertIn("restricted 1", page.text)
        metrics = self.get("/metrics")
        said = subprocess.run(["promtool", "check", "metrics"], input=metrics.text, capture_output=True, text=True)
        self.assertEqual((said.returncode, said.stdout, said.stderr), (0, "", ""))
        self.assertIn("\nweir_well 1\n", metrics.text)
        status = json.loads(self.get("/status.json").text)
        self.assertEqual([f["name"] for f in status["feeds"]], ["list", "restricted 1"])
        why = self.get("/why?name=ONE.example").text
        for words in ("one.example: block (nxdomain)", "feed list, category phishing", "feedsync why one.example"):
            self.assertIn(words, why)
        self.assertIn("not named here", self.get("/why?name=two.example").text)
        self.assertIn("three.example: pass", self.get("/why?name=three.example").text)
        for asked in ("http://one.example/x", "one.example:443", "one.example/x", "somebody@three.example"):
            answer = self.get("/why?name=" + urllib.parse.quote(asked, safe="")).text
            self.assertIn("No host has such a name", answer)
            self.assertNotIn("pass", answer)
        self.assertIn("x:y.one.example: block", self.get("/why?name=x:y.one.example").text)
        self.assertIn('id="feed_alarm"', self.get("/runbook").text)
        everything = "".join(self.get(path).text for path in ("/", "/metrics", "/status.json", "/why?name=two.example"))
        self.assertNotIn("secret", everything)
        for header, words in (("Content-Security-Policy", "default-src 'none'"), ("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"),
                              ("Referrer-Policy", "no-referrer")):
            self.assertIn(words, page.headers[header])
        self.assertIsNone(page.headers["Access-Control-Allow-Origin"])
        # The server needs neither configuration nor state, and has no more open than it serves.
        opened = {os.readlink(fd) for fd in glob.glob(f"/proc/{self.server.pid}/fd/*")}
        self.assertFalse([path for path in opened if "state" in path or path.endswith(".yaml")])
        self.assertEqual(os.stat(self.path("pages/snapshot.json")).st_mode & 0o777, 0o640)

    def test_requests(self):
        self.start(self.local_feeds(l="one.example\n"), run="none")
        cases = [
            ("GET", "/", None, 200), ("HEAD", "/", None, 200), ("POST", "/", None, 405), ("OPTIONS", "/metrics", None, 405),
            ("DELETE", "/why?name=x", None, 405), ("GET", "/etc/passwd", None, 404), ("GET", "/../snapshot.json", None, 404),
            ("GET", "/%2e%2e/x", None, 404), ("GET", "//", None, 404), ("GET", "/metrics/", None, 404), ("GET", "/?x=1&y", None, 200),
            ("GET", "/", "localhost", 200), ("GET", "/", "LOCALHOST:9953", 200), ("GET", "/", "[::1]:80", 200), ("GET", "/", "127.9.9.9", 200),
            ("GET", "/", "evil.example", 421), ("GET", "/metrics", f"evil.example:{self.pages_port}", 421), ("GET", "/", "localhost.evil.example", 421),
            ("GET", "/", "127.0.0.1.evil.example", 421), ("GET", "/", "127.0.0.1:x", 421), ("GET", "/", "", 421), ("GET", "/", "192.0.2.1", 421),
            ("GET", "/fleet", None, 200), ("GET", "/fleet/", None, 404), ("GET", "/why", None, 200), ("GET", "/why?name=", None, 200), ("GET", "/why?name=" + "a" * 3000, None, 200),
            ("GET", "/" + "a" * 30000, None, None),
        ]
        for method, path, host, status in cases:
            with self.subTest(method=method, path=path[:40], host=host):
                try:
                    answer = self.get(path, method, host)
                    self.assertEqual(answer.status if status else answer.status // 100, status or 4)
                    self.assertEqual(answer.text == "", method == "HEAD")
                except (http.client.HTTPException, ConnectionError):
                    self.assertIsNone(status)
        for hosts in (["localhost", "evil.example"], ["evil.example", "localhost"], ["localhost", "localhost"], []):
            lines = "".join(f"Host: {host}\r\n" for host in hosts)
            with socket.create_connection(("127.0.0.1", self.pages_port), timeout=20) as client:
                client.sendall(f"GET /metrics HTTP/1.1\r\n{lines}\r\n".encode())
                self.assertEqual(client.makefile("rb").read().split()[1], b"421", hosts)
        hostile = self.get("/why?name=%3Cscript%3Ealert(1)%3C/script%3E%22%27%00%0a").text
        self.assertNotIn("<script", hostile)
        self.assertIn("&lt;script&gt;", hostile)
        self.assertTrue(self.server.alive())

    def test_hostile_clients(self):
        """Whoever holds connections open, or sends without end, keeps nobody else out, and takes no memory."""
        self.start(self.local_feeds(l="one.example\n"), run="none")
        before, held = self.server.rss_kb(), []
        for i in range(300):
            client = socket.create_connection(("127.0.0.1", self.pages_port))
            client.settimeout(20)
            held.append(client)
            with contextlib.suppress(OSError):
                client.sendall([b"", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ", b"\x16\x03\x01\x02\x00" * 50, b"GET /why?name=" + b"a" * 15000,
                                b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n" + b"x" * 60000][i % 5])
            if i % 50 == 0:
                self.assertEqual(self.get("/metrics").status, 200)
        self.assertEqual(self.get("/").status, 200)
        self.assertLess(self.server.rss_kb() - before, 8000)
        # One that trickles is ended too, within some seconds.
        slow = socket.create_connection(("127.0.0.1", self.pages_port))
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            while time.monotonic() - begun < 30:
                slow.sendall(b"X: y\r\n")
                time.sleep(0.3)
        self.assertLess(time.monotonic() - begun, 20)
        for client in held + [slow]:
            client.close()
        self.assertEqual(self.get("/").status, 200)

    def test_what_is_old_is_not_shown(self):
        self.start(self.local_feeds(l="one.example\n"), run="none")
        self.assertEqual(self.get("/metrics").status, 200)
        self.assertEqual(self.daemon.stop(), 0)
        path = self.path("pages/snapshot.json")
        with open(path) as f:
            snapshot = json.load(f)
        snapshot["at"] -= 61
        self.write("pages/new", json.dumps(snapshot))
        os.rename(self.path("pages/new"), path)
        wait_for(lambda: self.get("/metrics").status == 503)
        self.assertIn("systemctl status feedsync", self.get("/").text)
        # The clock was set back, and the last snapshot is of a time to come.
        snapshot["at"] += 86400
        self.write("pages/new", json.dumps(snapshot))
        os.rename(self.path("pages/new"), path)
        wait_for(lambda: "the clock was set back" in self.get("/").text)
        self.assertEqual(self.get("/metrics").status, 503)
        # Damage, and a server that begins without anything.
        for text in ("", "{", "[]", '{"at": 1}', "null"):
            self.write("pages/snapshot.json", text)
        self.assertEqual(self.server.stop(), 0)
        os.unlink(path)
        self.server = Process(self, "serve", [FEEDSYNC, "serve", "-d", self.path("pages")])
        wait_for(lambda: "nothing is handed over yet" in self.server.log())
        self.assertEqual(self.server.stop(), 0)

    def test_a_socket_in_the_file_system(self):
        where = self.path("http")
        self.start(self.local_feeds(l="one.example\n"), listen=where, run="none")
        self.assertEqual(os.stat(where).st_mode & 0o777, 0o660)

        def ask(host):
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(where)
                client.sendall(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                return client.makefile("rb").read()
        self.assertIn(b"weir_well", ask("pages.isp.example"))  # who may come is decided by the socket, and by the server in front
        self.server.popen.kill()
        self.server.popen.wait()
        self.serve_pages()  # what it left behind is replaced
        self.assertIn(b"weir_well", ask("x"))
        self.assertEqual(self.server.stop(), 0)
        self.assertFalse(os.path.exists(where))

    def test_a_taken_port_is_tried_again(self):
        self.pages_port = free_port()
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", self.pages_port))
        taken.listen()
        self.write("pages/snapshot.json", json.dumps(self.snapshot(self.pages_port)))
        self.server = Process(self, "serve", [FEEDSYNC, "serve", "-d", self.path("pages")])
        wait_for(lambda: "it is tried again" in self.server.log())
        taken.close()
        self.write("pages/new", json.dumps(self.snapshot(self.pages_port)))
        os.rename(self.path("pages/new"), self.path("pages/snapshot.json"))
        wait_for(lambda: "serving at" in self.server.log())
        self.assertEqual(self.get("/metrics").text, "weir_well 1\n")

    def test_only_this_machine(self):
        for listen in ("0.0.0.0:80", "[::]:80", "192.0.2.1:80", "localhost:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", ":80", "/" + "x" * 200):
            with self.subTest(listen=listen):
                self.configure(self.local_feeds(l="one.example\n"), metrics={"listen": listen})
                self.assertIn("other machines must not reach it", self.feedsync("-c", self.config, "check", code=1).stderr)
