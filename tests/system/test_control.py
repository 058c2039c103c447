"""Commands beside a `run` that is at work: it is asked, and does at once what they want."""
import contextlib, sys, threading

from feeds import *


class Control(FeedLab):
    def begin(self, feeds, **settings):
        self.configure(feeds, run="none", **settings)
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        wait_for(lambda: "published" in daemon.log() or "unchanged, generation" in daemon.log())
        return daemon

    def socket(self, path="state/control"):
        connection = self.enterContext(socket.socket(socket.AF_UNIX))
        connection.settimeout(120)
        connection.connect(self.path(path))
        return connection

    def test_sync(self):
        """It fetches, publishes and tells what is logged; its exit code is that of the sync."""
        feeds = self.local_feeds(a={"content": "one.example\n", "interval": "1d"}, b={"content": "b.example\n", "interval": "1d"})
        self.begin(feeds)
        self.write("a", "two.example\n")
        said = self.sync(code=0)
        self.assertRegex(said, "feed a: fresh(.|\n)*generation 2 published")
        self.assertIn("feed b: unchanged", said)
        self.assertEqual(self.dump(), {("exact", "two.example"), ("exact", "b.example")})
        os.remove(self.path("a"))
        self.assertIn(f"warning: feed a: {self.path('a')}: no such file", self.sync(code=1))
        self.assertIn("an older one; a reload", self.after_edit(feeds))

    def after_edit(self, feeds):
        self.configure(feeds, run="none", block="\n  - name: more.example")
        return self.sync(code=1)

    def test_a_feed_is_taken_out(self):
        """A reload does what a sync would: its rules go with it, and of a large one it is asked, until that is answered."""
        a, small, large = self.local_feeds(a="one.example\n", small="small.example\n",
                                           large="".join(f"name{i}.example\n" for i in range(2000)))
        daemon = self.begin([a, small, large], **{"table-max-shrink": 50})
        self.configure([a, large], run="none", **{"table-max-shrink": 50})
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: ("exact", "small.example") not in self.dump())
        self.configure([a], run="none", allow="\n  - name: name1.example", **{"table-max-shrink": 50})
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: ("subtree", "name1.example") in self.dump())
        words = "feed large: ALARM: taken out of the configuration: .*feedsync sync --accept-table"
        wait_for(lambda: re.search(words, daemon.log()))
        self.assertRegex(self.sync(code=1), words)
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, words)
        self.assertIn(("exact", "name2.example"), self.dump())
        self.feedsync("-c", self.config, "sync", "--accept-table", code=0)
        self.assertEqual({name for _, name in self.dump()}, {"one.example", "name1.example"})
        self.feedsync("-c", self.config, "status", code=0)

    def look(self, *words, code=0):
        return self.feedsync("-c", self.config, "look", *words, code=code).stderr

    def test_look(self):
        """One feed, or all, are asked now, but for a server that asks to be left alone."""
        feeds = self.local_feeds(a={"content": "one.example\n", "interval": "1d"}, b={"content": "b.example\n", "interval": "1d"})
        self.configure(feeds, run="none")
        self.assertIn("no `feedsync run` is at work", self.look("a", code=2))
        with FaultServer() as server:
            busy = {"name": "busy", "url": server.url + "/list", "format": "domains", "interval": "1d"}
            server.responses["/list"] = response("busy.example\n")
            daemon = self.begin([*feeds, busy])
            self.write("a", "two.example\n")
            self.write("b", "b2.example\n")
            said = self.look("a")
            self.assertRegex(said, "feed a: fresh(.|\n)*generation 2 published")
            self.assertNotIn("feed b", said)
            self.assertEqual(self.dump(), {("exact", name) for name in ("two.example", "b.example", "busy.example")})
            self.assertEqual(json.loads(self.feedsync("-c", self.config, "history", "--json", code=0).stdout)["publishes"][0]["cause"],
                             "look")
            self.assertRegex(self.look(), "feed b: fresh")
            self.assertIn('there is no feed "aa", did you mean "a"?', self.look("aa", code=2))
            server.responses["/list"] = response("", "503 Busy", Retry_After="3000")
            self.look("busy", code=1)
            asked = len(server.asked)
            self.assertRegex(self.look("busy", code=2), "feed busy: not asked: its server asks to be left alone for another [0-9]+ s")
            self.assertEqual(len(server.asked), asked)
            # A feed that only the file has by now.
            self.configure([*feeds, busy, *self.local_feeds(new="new.example\n")], run="none")
            self.assertIn('there is no feed "new" in the configuration that is in use', self.look("new", code=2))
            connection = self.socket()
            connection.sendall(b"look " + b"x" * 80 + b"\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(connection.recv(100), b"")
            self.assertIsNone(daemon.popen.poll())

    def test_resume(self):
        self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}))
        self.write("a", "two.example\n")
        self.sync(code=0)
        self.feedsync("-c", self.config, "rollback", 1, code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.assertIn("HELD", self.sync(code=2))
        said = self.feedsync("-c", self.config, "resume", code=0).stderr
        self.assertIn("published", said)
        self.assertEqual(self.dump(), {("exact", "two.example")})

    def test_waits_for_slow_feeds(self):
        """Two who ask at the same time, while a feed is slow: both are told, and the slow one is in the table."""
        released = threading.Event()
        with FaultServer() as server:
            def slow(_):
                yield response("", length=len("slow.example\n"))
                released.wait(120)
                yield b"slow.example\n"

            server.responses["/slow"] = response("old.example\n")
            self.begin([{"name": "slow", "url": server.url + "/slow", "format": "domains", "interval": "1d"}])
            server.responses["/slow"] = slow
            both = [subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True) for _ in range(2)]
            wait_for(lambda: server.asked.count("/slow") == 2)
            time.sleep(0.5)
            self.assertEqual([p.poll() for p in both], [None, None])
            released.set()
            for process in both:
                _, said = process.communicate(timeout=120)
                self.assertEqual(process.returncode, 0, said)
            self.assertEqual(self.dump(), {("exact", "slow.example")})

    def test_strange_clients(self):
        """They hang, talk nonsense, go away in the middle: the others are served."""
        daemon = self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}))
        silent = [self.socket() for _ in range(3)]
        for words in (b"sync", b"nonsense\n", b"x" * 5000, b"\n", b"\0\0\n"):
            with contextlib.suppress(ConnectionError):
                self.socket().sendall(words)
        gone = self.socket()
        gone.sendall(b"sync\n")
        gone.close()
        deaf = self.socket()
        deaf.sendall(b"sync\n")
        wait_for(lambda: "feed a: unchanged" in daemon.log())
        self.write("a", "two.example\n")
        wait_for(lambda: subprocess.run([FEEDSYNC, "-c", self.config, "sync"], capture_output=True).returncode == 0)
        wait_for(lambda: self.dump() == {("exact", "two.example")})
        # Who has not said in time what he wants is sent away.
        for connection in silent:
            self.assertEqual(connection.recv(100), b"")

    def test_nobody_answers(self):
        """A socket that is left of a daemon that was killed, something else in its place, and an older daemon that has none."""
        daemon = self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}))
        self.assertEqual(os.stat(self.path("state/control")).st_mode & 0o777, 0o600)
        os.remove(self.path("state/control"))
        said = self.sync(code=2)
        self.assertIn("another feedsync is at work here", said)
        self.assertIn("a reload (SIGHUP) makes it ask", said)
        daemon.popen.kill()
        daemon.popen.wait()
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(self.path("state/control"))
        self.sync(code=0)
        self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}))
        self.sync(code=0)

    def test_daemon_dies(self):
        """In the middle of it: that is told."""
        released = threading.Event()
        self.addCleanup(released.set)
        with FaultServer() as server:
            server.responses["/a"] = response("one.example\n")
            daemon = self.begin([{"name": "a", "url": server.url + "/a", "format": "domains", "interval": "1d"}])
            server.responses["/a"] = lambda _: (released.wait(120) and b"" for _ in range(1))
            asking = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)
            wait_for(lambda: server.asked.count("/a") == 2)
            daemon.popen.kill()
            _, said = asking.communicate(timeout=120)
            self.assertEqual(asking.returncode, 2)
            self.assertIn("has ended, or said no more", said)
            released.set()

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_strangers(self):
        """One who is neither root nor the daemon's user is not served, whatever the modes say, and not obeyed where he listens in
        the daemon's place."""
        self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}))
        for path in ("", "state"):
            os.chmod(self.path(path), 0o755)
        os.chmod(self.path("state/control"), 0o777)
        ask = "import socket,sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b'sync\\n'); print(s.recv(100))"
        stranger = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c"]
        result = subprocess.run([*stranger, ask, self.path("state/control")], capture_output=True, text=True, timeout=120)
        self.assertTrue("b''" in result.stdout or "Error" in result.stderr, result)
        os.remove(self.path("state/control"))
        os.chmod(self.path("state"), 0o777)
        listen = ("import socket,sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); print('up', flush=True); "
                  "c = s.accept()[0]; c.sendall(b'6 obey me\\nend 0\\n'); c.recv(100)")
        with subprocess.Popen([*stranger, listen, self.path("state/control")], stdout=subprocess.PIPE, text=True) as false:
            self.assertEqual(false.stdout.readline(), "up\n")
            self.assertNotIn("obey me", self.sync(code=2))
            false.kill()

    def test_a_long_path(self):
        """Longer than a socket's address may be."""
        state = self.path("d" * 100, "e" * 60)
        self.begin(self.local_feeds(a={"content": "one.example\n", "interval": "1d"}), state=state)
        self.write("a", "two.example\n")
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "two.example")})
