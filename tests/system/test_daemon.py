"""feedsync run: its plan, its signals, its end."""
import pytest

from feeds import *


class Daemon(FeedLab):
    @pytest.mark.alone
    def test_daemon(self):
        self.write("list", "one.example\n")
        feed = {"name": "l", "url": "file://" + self.path("list"), "format": "domains", "interval": "1s"}
        self.configure([feed])
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(self.path("notify"))
            notify.settimeout(60)
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"], {"NOTIFY_SOCKET": self.path("notify")})
            # It is ready once it has its configuration and its lock, however long the first run may take.
            self.assertIn("READY=1", notify.recv(1024).decode())
            self.assertEqual(notify.recv(1024).decode(), "STATUS=all feeds current")
            self.assertEqual(self.dump(), {("exact", "one.example")})
            self.write("list", "two.example\n")
            wait_for(lambda: self.dump() == {("exact", "two.example")})
            # SIGHUP: a new configuration, and a sync at once.
            feed["interval"] = "1d"
            feed["scope"] = "subtree"
            self.configure([feed])
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: self.dump() == {("subtree", "two.example")})
            self.write("list", "three.example\n")
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: self.dump() == {("subtree", "three.example")})
            # A broken one is refused, the old one goes on; so it does for one whose state directory cannot be had.
            self.write("feedsync.yaml", "feeds: nonsense\n")
            for times, name in enumerate(("four.example", "five.example"), 1):
                self.write("list", name + "\n")
                daemon.popen.send_signal(signal.SIGHUP)
                wait_for(lambda: self.dump() == {("subtree", name)})
                self.assertEqual(daemon.log().count("refused, the old configuration stays"), times)
                self.configure([feed], state=self.path("list/state"))
            # Another directory can be, and the first one once more.
            for state, name in ("other", "six.example"), ("state", "seven.example"):
                self.write("list", name + "\n")
                self.configure([feed], state=self.path(state))
                daemon.popen.send_signal(signal.SIGHUP)
                wait_for(lambda: self.dump() == {("subtree", name)})
                self.assertIn("feed l: unchanged", self.sync(code=0))
            messages = []
            notify.settimeout(0.5)
            while True:
                try:
                    messages.append(notify.recv(1024).decode())
                except OSError:
                    break
            self.assertTrue(any("RELOADING=1\nMONOTONIC_USEC=" in m for m in messages), messages)
            self.assertIn("READY=1", messages)
            start = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - start, 2)
            notify.settimeout(2)
            self.assertIn("STOPPING=1", notify.recv(1024).decode())

    @pytest.mark.alone
    def test_daemon_stops_while_fetching(self):
        self.write("www/list.txt", "one.example\n" * 100000)
        self.serve(more="limit_rate 10k;")
        self.configure([{"name": "l", "url": self.url + "/list.txt", "format": "domains"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.path("state", "feeds", "l", "new")))
        start = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - start, 2)
        self.assertTrue(os.path.exists(self.path("state", "feeds", "l", "new")), "it was too quick for this test")

    @pytest.mark.alone
    def test_daemon_stops_while_compiling(self):
        """However long something takes that does not look whether it is to end."""
        self.write("list", "".join(f"n{i}.example\n" for i in range(1500000 if SANITIZED else 6000000)))
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        # It has the feed, and goes on to make the table of it, which takes seconds.
        wait_for(lambda: os.path.exists(self.path("state", "feeds", "l", "good.domains")), 120)
        start = time.monotonic()
        self.assertEqual(daemon.stop(), 0)
        self.assertLess(time.monotonic() - start, 3)
        self.assertFalse(os.path.exists(self.table), "it was too quick for this test")
        self.sync(0)
        self.assertEqual(os.listdir(os.path.dirname(self.table)).count("current.weir"), 1)
        self.assertEqual([f for f in os.listdir(os.path.dirname(self.table)) if f.startswith("current.weir.")], [])

    def test_daemon_plans_and_is_alive(self):
        self.write("list", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("list"), "format": "domains", "interval": "1d"},
                        {"name": "gone", "url": "file://" + self.path("nowhere"), "format": "domains", "interval": "1d"}])
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(self.path("notify"))
            notify.settimeout(60)
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"],
                             {"NOTIFY_SOCKET": self.path("notify"), "WATCHDOG_USEC": "3000000"})
            messages = [notify.recv(1024).decode() for _ in range(5)]
            self.assertGreaterEqual(messages.count("WATCHDOG=1"), 2, messages)
            report = json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)
            waits = {feed["name"]: feed["next_at"] - report["now"] for feed in report["feeds"]}
            self.assertTrue(86400 * 0.9 - 30 < waits["l"] <= 86400, waits)
            self.assertTrue(300 * 0.9 - 30 < waits["gone"] <= 300, waits)
            self.assertRegex(self.feedsync("-c", self.config, "status").stdout, "asked again in 2[1-4] h(?s:.*)asked again in [2-5] min")
            self.assertEqual(daemon.stop(), 0)
        self.assertNotIn("asked again", self.feedsync("-c", self.config, "status").stdout)
