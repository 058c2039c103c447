"""Feeds whose servers are slow, beside others: nobody waits for them."""
import threading

import pytest

from feeds import *

DOMAINS = {"format": "domains", "interval": "2s"}


class Slow(FeedLab):
    def drip(self, _):
        """A list that does not end, at a little more than the octets a second that are wanted at first."""
        yield response("", length=10000000)
        while not self.released.is_set():
            yield b"x.example.test\n" * 100
            self.released.wait(1)

    def drip_manifest(self, _):
        yield response("", length=10000000)
        while not self.released.is_set():
            yield b" " * 1500
            self.released.wait(1)

    def setUp(self):
        super().setUp()
        self.released = threading.Event()
        self.server = self.enterContext(FaultServer())
        self.addCleanup(self.released.set)
        self.server.responses["/good"] = response("old.example\n")

    def feed(self, name, path=None, **more):
        return {"name": name, "url": f"{self.server.url}/{path or name}", **DOMAINS, **more}

    def known_to_fail(self, *feeds):
        """What failed the last time is waited for less."""
        self.configure(feeds, run="none")
        self.sync(code=2)

    def run_daemon(self):
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        return daemon

    def published(self, *names):
        return os.path.exists(self.table) and {("exact", name) for name in names} <= self.dump()

    @pytest.mark.long
    def test_beside_the_daemon(self):
        """A list, a MISP feed and a page of a collection that drip, and one server that says nothing: what another feed has
        to say is published, as often as it has news, as long as they drip."""
        bad = [self.feed("list"), self.feed("misp", format="misp-feed"), self.feed("taxii", "taxii/", format="taxii", collection="c"),
               self.feed("mute")]
        self.known_to_fail(*bad)
        self.server.asked.clear()
        self.server.responses["/list"] = self.drip
        self.server.responses["/misp/manifest.json"] = self.drip_manifest
        self.server.responses["/taxii/"] = self.drip_manifest
        self.server.responses["/mute"] = lambda _: (self.released.wait(120) and b"" for _ in range(1))
        self.configure([bad[0], self.feed("good"), *bad[1:]], run="none")
        self.run_daemon()
        wait_for(lambda: self.published("old.example"), 45)
        self.assertEqual([self.server.asked.count(path) for path in ("/list", "/mute")], [1, 1])
        for i in range(3):
            self.server.responses["/good"] = response(f"new{i}.example\n")
            wait_for(lambda: self.published(f"new{i}.example"))

    def test_in_a_single_run(self):
        """What has come is published before the run ends, and once more at its end."""
        late = threading.Event()

        def halting(_):
            yield response("", length=len("late.example\n"))
            late.wait(120)
            yield b"late.example\n"

        self.known_to_fail(self.feed("list"))
        self.configure([self.feed("list"), self.feed("good")], run="none")
        self.server.responses["/list"] = halting
        running = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)
        wait_for(lambda: self.published("old.example"))
        self.assertIsNone(running.poll())
        late.set()
        _, said = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 0, said)
        self.assertTrue(self.published("old.example", "late.example"))

    def test_a_reload_does_not_begin_anew(self):
        """What is under way goes on over reloads, also of another configuration, as long as that says the same of the feed."""
        step = threading.Event()

        def halting(_):
            body = "slow.example\n"
            yield response("", length=len(body))
            step.wait(120)
            yield body.encode()

        self.server.responses["/slow"] = halting
        feeds = [self.feed("slow", interval="1d"), self.feed("good", interval="1d")]
        self.configure(feeds, run="none")
        daemon = self.run_daemon()
        wait_for(lambda: "/slow" in self.server.asked)
        for i in range(4):
            self.configure(feeds, run="none", block=f"\n  - name: block{i}.example\n    scope: exact")
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: daemon.log().count("reading the configuration again") == i + 1)
        self.assertEqual(self.server.asked.count("/slow"), 1)
        step.set()
        wait_for(lambda: self.published("slow.example", "block3.example", "old.example"))
        # With other settings it is another question.
        step.clear()
        asked = self.server.asked.count("/slow")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.server.asked.count("/slow") > asked)
        feeds[0]["scope"] = "subtree"
        self.configure(feeds, run="none")
        asked = self.server.asked.count("/slow")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.server.asked.count("/slow") > asked)
        step.set()

    def test_an_allow_does_not_wait_for_a_table(self):
        """A table that takes long to be made is cut off for a new configuration, once in a row."""
        self.write("list", "".join(f"n{i}.example\n" for i in range(100000 if SANITIZED else 1500000)))
        feeds = self.local_feeds(small="evil.example\n") + [{"name": "l", "url": "file://" + self.path("list"), **DOMAINS, "interval": "1d"}]
        self.configure(feeds, run="none")
        daemon = self.run_daemon()
        wait_for(lambda: os.path.exists(self.path("state", "feeds", "l", "good.domains")), 60)
        self.configure(feeds, run="none", block="\n  - name: added.example\n    scope: exact")
        daemon.popen.send_signal(signal.SIGHUP)
        listed = lambda: [line.split("\t")[1] for line in
                          self.feedsync("lookup", self.table, "added.example", "evil.example").stdout.splitlines()]
        wait_for(lambda: os.path.exists(self.table) and listed() == ["block", "block"], 60)

    def test_each_has_its_turn(self):
        """There are more feeds than are asked at once, each takes its time, and is due again when it has come: who stands behind
        them in the configuration is asked as well."""
        released = threading.Event()
        self.addCleanup(released.set)

        def waiting(_):
            yield response("", length=12)
            released.wait(1)
            yield b"evil.example"

        feeds = []
        for i in range(40):
            server = self.enterContext(FaultServer())
            server.responses["/slow"] = waiting
            feeds.append({"name": f"slow{i}", "url": server.url + "/slow", **DOMAINS, "interval": "1s"})
        self.configure([*feeds, {**self.feed("good"), "interval": "1s"}], run="none")
        self.run_daemon()
        for turn in range(1, 4):
            wait_for(lambda turn=turn: self.server.asked.count("/good") >= turn)

    def test_a_fetch_dies(self):
        """It is that feed's fault alone, and what it was about to do is done the next time."""
        released = threading.Event()
        self.addCleanup(released.set)

        def waiting(_):
            yield response("", length=6)
            released.wait(120)

        self.server.responses["/bad"] = waiting
        self.configure([self.feed("bad"), self.feed("good")], run="none")
        daemon = self.run_daemon()
        wait_for(lambda: "/bad" in self.server.asked)
        wait_for(lambda: "feed good: " in daemon.log())  # then the one child is that of the other

        def read(path):
            with open(path) as f:
                return f.read()
        children = lambda: read(f"/proc/{daemon.pid}/task/{daemon.pid}/children").split()
        wait_for(lambda: len(children()) == 1)
        [child] = children()
        # For want of memory it is ended first, before the daemon and any resolver.
        wait_for(lambda: read(f"/proc/{child}/oom_score_adj") == "1000\n")
        # Nor does it work without end.
        wait_for(lambda: re.search("Max cpu time +1800 ", read(f"/proc/{child}/limits")))
        os.kill(int(child), signal.SIGKILL)
        wait_for(lambda: "feed bad: its fetching ended by signal 9" in daemon.log())
        released.set()
        self.server.responses["/bad"] = response("bad.example\n")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.published("old.example", "bad.example"))
