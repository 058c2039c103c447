"""`feedsync bypass`: for a while everything passes, at once, whatever else is broken; then all is blocked again."""
import fcntl, json, os, re, shutil, signal, subprocess, time, unittest

from feeds import *

REASON = "the list of last night blocks our own customers"


def mount_small(path):
    """A file system of its own that is soon full. Returns whether there is one."""
    os.makedirs(path, exist_ok=True)
    return subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k,mode=755", "tmpfs", path], capture_output=True).returncode == 0


class Bypass(FeedLab):
    def setUp(self):
        super().setUp()
        self.file = self.table + ".bypass"
        self.write("l", "evil.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("l"), "format": "domains"}])
        self.sync(code=0)
        self.resolver = self.unbound(self.internet(), control=True)
        self.assert_blocked("evil.example")

    def bypass(self, *words, code=None):
        return self.feedsync("-c", self.config, "bypass", *words, code=code)

    def on(self, *words, code=0):
        return self.bypass("on", "--reason", REASON, *words, code=code).stdout

    def publish_name(self, name):
        self.write("l", f"evil.example\n{name}\n")
        return self.sync(code=0)

    def test_on_and_off(self):
        """Each at once: the first answer after the command is as it says."""
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        self.assertIn("there is no bypass", self.bypass(code=0).stdout)
        for turn in range(3):
            said = self.on("--for", "30m")
            self.assert_passes("evil.example")
            self.assertRegex(said, rf"BYPASS: EVERYTHING PASSES until 20\S+Z, by {user}.*: {REASON}")
            self.assertRegex(said, rf"resolver {self.resolver.pid}: everything passes until 20")
            self.assert_passes("evil.example")  # it is in the cache now
            self.assertEqual(self.bypass("off", code=0).stdout.splitlines()[0], "the bypass has ended")
            self.assert_blocked("evil.example")
            self.assertFalse(os.path.exists(self.file))
        self.assertIn("there is no bypass", self.bypass("off", code=0).stdout)
        told = self.feedsync("-c", self.config, "history", code=0).stdout
        self.assertEqual(len(re.findall(rf"^bypass, 20\S+Z, on until 20\S+Z by {user}.*: {REASON}$", told, re.M)), 3, told)
        self.assertEqual(len(re.findall(rf"^bypass, 20\S+Z, off by {user}", told, re.M)), 3)
        bypasses = json.loads(self.feedsync("-c", self.config, "history", "--json", code=0).stdout)["bypasses"]
        self.assertEqual([(b["on"], b.get("reason"), b.get("until", b["time"]) - b["time"]) for b in bypasses], [(False, None, 0), (True, REASON, 1800)] * 3)
        self.assertTrue(all(b["user"].startswith(user) for b in bypasses), bypasses)
        self.assertEqual(len(json.loads(self.feedsync("-c", self.config, "history", "--json", "-n", "1", code=0).stdout)["bypasses"]), 1)
        generation = self.feedsync("-c", self.config, "history", "--json", "1", code=0).stdout
        self.assertEqual(list(json.loads(generation)), ["schema", "publishes"])
        log = self.resolver.log()
        self.assertEqual(log.count("weir: BYPASS: everything passes until"), 3)
        self.assertEqual(log.count("weir: BYPASS OVER: its file is gone; the table is in force again, generation"), 3)

    def test_shown(self):
        """For as long: who, why, until when; and by each resolver."""
        now = int(time.time())
        self.on("--for", "2h")
        self.assertIn(REASON, self.bypass(code=1).stdout)
        shown = json.loads(self.bypass("--json", code=1).stdout)
        self.assertTrue(now + 7200 <= shown["bypass"]["until"] <= now + 7260, shown)
        self.assertEqual(shown["bypass"]["reason"], REASON)
        self.assertEqual([(r["follows"], r["bypass_until"]) for r in shown["resolvers"]], [(True, shown["bypass"]["until"])])
        status = self.status()
        self.assertEqual(status["bypass"], shown["bypass"])
        self.assertFalse(status["well"])
        self.assertEqual(status["conditions"][0]["condition"], "bypass_on")
        self.assertEqual(status["resolvers"][0]["bypass_until"], shown["bypass"]["until"])
        self.assertRegex(status["resolvers"][0]["release"], r"^[0-9]+\.[0-9]+\.[0-9]+$")
        words = self.feedsync("-c", self.config, "status", code=1).stdout
        self.assertRegex(words, rf"\ANOT WELL: blocking: BYPASS \(until 20\S+Z, by .*: {REASON}\): everything passes .*; next: `feedsync bypass off`")
        self.assertRegex(words, rf"(?m)^BYPASS, EVERYTHING PASSES until 20\S+Z, by .*: {REASON} \(begun .* ago\); `feedsync bypass off` ends it$")
        self.assertRegex(words, rf"resolver {self.resolver.pid}: BYPASSED until 20\S+Z; generation \d+ of \S+ is loaded")
        probe = self.feedsync("-c", self.config, "probe", f"127.0.0.1@{self.port}", code=1).stdout
        self.assertRegex(probe, rf"NOTHING IS BLOCKED[^\n]*\nbypass on this machine until 20\S+Z, by .*: {REASON}\n")
        self.assertEqual(json.loads(self.feedsync("-c", self.config, "probe", "--json", f"127.0.0.1@{self.port}").stdout)["bypass"], shown["bypass"])
        self.assertRegex(self.feedsync("-c", self.config, "why", "evil.example", code=1).stdout,
                         rf"(?m)^BYPASS: EVERYTHING PASSES until 20\S+Z, by .*: {REASON}; `feedsync bypass off` ends it$")
        # It is changed in the same way.
        self.on("--for", "3h")
        self.assertTrue(now + 10800 <= json.loads(self.bypass("--json").stdout)["bypass"]["until"] <= now + 10860)
        self.assertIn("it was changed, and now everything passes", self.resolver.log())

    def test_ends_by_itself(self):
        """With nobody there but the resolver."""
        begun = time.time()
        self.on("--for", "2")
        self.assert_passes("evil.example")
        wait_for(lambda: self.ask("evil.example").blocked())
        self.assertGreater(time.time() - begun, 1.9)
        self.assertIn("BYPASS OVER: its time has come", self.resolver.log())
        self.bypass(code=0)

    def restart(self, number):
        self.resolver.expect_end = True
        while self.resolver.alive():
            self.resolver.popen.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.resolver.popen.wait(2)
        self.resolver = Process(self, "unbound", [UNBOUND, "-d", "-c", self.conf], self.environment())

    def test_nothing_ends_it(self):
        """No publish, no rollback, no reload, no restart; then the newest table is in force, also where its file is gone."""
        first = json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)["table"]["generation"]
        self.on()
        ways = (("sync", lambda: self.publish_name("next.example")),
                ("rollback", lambda: self.feedsync("-c", self.config, "rollback", first, code=0)),
                ("resume", lambda: self.feedsync("-c", self.config, "resume", code=0)),
                ("sync", lambda: self.publish_name("last.example")),
                ("SIGUSR1", lambda: os.kill(self.resolver.pid, signal.SIGUSR1)),
                ("reload", lambda: self.unbound_control("reload")),
                ("reload_keep_cache", lambda: self.unbound_control("reload_keep_cache")),
                ("stop and start", lambda: self.restart(signal.SIGTERM)),
                ("kill and start", lambda: self.restart(signal.SIGKILL)),
                ("the table is gone", lambda: os.remove(self.table)),
                ("reload without it", lambda: self.unbound_control("reload")),
                ("start without it", lambda: self.restart(signal.SIGTERM)))
        for way, do in ways:
            with self.subTest(way=way):
                do()
                wait_for(lambda: ask(self.port, "evil.example", timeout=1))
                for name in "evil.example", "next.example", "last.example":
                    self.assert_passes(name)
        self.bypass("off", code=0)
        for name in "evil.example", "last.example":
            self.assert_blocked(name)

    def without_state(self):
        """A configuration whose state directory is not there."""
        with open(self.config) as f:
            return self.write("stateless.yaml", f.read().replace(self.path("state"), self.path("no-state")).replace("  - {[broken\n", ""))

    def test_whatever_is_broken(self):
        """A configuration that cannot be read, a lock that somebody holds, none at all."""
        with open(self.path("state", "lock"), "r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with open(self.config, "a") as f:
                f.write("  - {[broken\n")
            said = self.on()
            self.assertIn(f"resolver {self.resolver.pid}: everything passes", said)
            self.assert_passes("evil.example")
            self.bypass("off", code=0)
            self.assert_blocked("evil.example")
        # Without any configuration it is not known where resolvers show themselves.
        self.assertIn("the history does not tell of it", self.feedsync("-c", self.without_state(), "bypass", "on", "--reason", "r", code=0).stderr)
        self.bypass("off", code=0)
        self.config = self.path("none.yaml")
        shutil.rmtree(self.path("state"))
        self.assertIn("--table PATH", self.bypass("on", "--reason", "r", code=2).stderr)
        self.assert_blocked("evil.example")
        self.assertIn("NO RESOLVER", self.on("--table", self.table, code=1))
        wait_for(lambda: not self.ask("evil.example").blocked())
        self.bypass("off", "--table", self.table, code=1)
        wait_for(lambda: self.ask("evil.example").blocked())

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_full_disk(self):
        """Who asked and why has no room then; until when has."""
        pub = self.path("pub")
        if not mount_small(pub):
            self.skipTest("needs a file system of its own")
        self.addCleanup(subprocess.run, ["umount", "-l", pub])
        shutil.copy(self.table, pub)
        self.resolver.expect_end = True
        self.resolver.stop()
        self.table = os.path.join(pub, "current.weir")
        self.resolver = self.unbound(self.internet(), control=True)
        self.configure([{"name": "l", "url": "file://" + self.path("l"), "format": "domains"}])
        with contextlib.suppress(OSError), open(os.path.join(pub, "full"), "wb", buffering=0) as f:
            while True:
                f.write(bytes(4096))
        self.assert_blocked("evil.example")
        result = self.bypass("on", "--reason", REASON, code=0)
        self.assertNotIn("the history", result.stderr)  # it lies elsewhere
        self.assertIn("does not tell who asked for it and why: No space left", result.stderr)
        self.assertEqual(os.stat(self.table + ".bypass").st_size, 0)
        self.assert_passes("evil.example")
        self.assertNotIn(REASON, self.bypass(code=1).stdout)
        self.bypass("off", code=0)
        self.assert_blocked("evil.example")

    def test_not_believed(self):
        """A file that asks for too much, or is none, changes nothing and is told of. By hand a bypass is a touch."""
        def far():
            subprocess.run(["touch", "-d", "+3 days", self.file], check=True)

        def link():
            os.symlink(self.path("l"), self.file)

        for make, reason in (far, "it ends more than 24 hours after it began"), (link, "not a regular file"), (lambda: os.mkdir(self.file), "not a regular file"):
            with self.subTest(make=make.__name__):
                make()
                wait_for(lambda: reason in self.resolver.log())
                self.assert_blocked("evil.example")
                self.assertRegex(self.bypass(code=1).stdout, f"NOT BELIEVED: .*{reason}")
                self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, f"bypass: NOT BELIEVED: .*{reason}")
                if make not in (far, link):
                    self.assertRegex(self.bypass("off", code=2).stderr, "error: the file that is not believed stays: .*[Ii]s a directory")
                    os.rmdir(self.file)
                    continue
                self.assertEqual(self.bypass("off", code=0).stdout.splitlines()[0],
                                 "there was no bypass: the file that asked for one was not believed, and is gone")
                self.assertFalse(os.path.lexists(self.file))
        self.assertNotRegex(self.feedsync("-c", self.config, "history", code=0).stdout, "(?m)^bypass")
        subprocess.run(["touch", "-d", "+1 hour", self.file], check=True)
        wait_for(lambda: not self.ask("evil.example").blocked())
        self.bypass(code=1)
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout, r"EVERYTHING PASSES until \S+ \(since when is not known\)")
        os.remove(self.file)
        wait_for(lambda: self.ask("evil.example").blocked())

    def test_made_while_the_clock_was_ahead(self):
        """Nobody believes it once the clock is right, and both commands say what to do."""
        self.on("--for", "2h")
        told = (r"bypass: NOT BELIEVED: \S+: it was made while the clock was ahead; it must be made anew\n"
                r"  nothing passes by it; `feedsync bypass on` makes it anew, `feedsync bypass off` removes the file\n")
        for command in "bypass", "status":
            self.assertRegex(self.at(-3600, command, code=1).stdout, told)

    def stopped(self):
        tasks = f"/proc/{self.resolver.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/stat") as f:
                if f.read().rpartition(")")[2].split()[0] != "T":
                    return False
        return True

    def test_a_resolver_that_does_not_follow(self):
        """A bypass is in force, and one resolver has not seen it or does not believe it: that is told of that resolver."""
        resolver = f"resolver {self.resolver.pid}: STILL BLOCKS, generation 1"
        os.kill(self.resolver.pid, signal.SIGSTOP)
        wait_for(self.stopped)  # a thread may go on for a moment
        self.addCleanup(lambda: self.resolver.popen.poll() is None and os.kill(self.resolver.pid, signal.SIGCONT))
        subprocess.run(["touch", "-d", "+1 hour", self.file], check=True)
        self.assertIn(f"{resolver}: its log says why; a bypass that it ended or did not believe must be made anew\n", self.bypass(code=1).stdout)
        self.assertIn(f"{resolver} of ", self.feedsync("-c", self.config, "status", code=1).stdout)
        told = json.loads(self.feedsync("-c", self.config, "status", "--json", code=1).stdout)["conditions"]
        self.assertIn(("resolver_still_blocks", f"resolver {self.resolver.pid}"), [(c["condition"], c["subject"]) for c in told])
        os.kill(self.resolver.pid, signal.SIGCONT)
        wait_for(lambda: not self.ask("evil.example").blocked())
        self.assertNotIn("STILL BLOCKS", self.feedsync("-c", self.config, "status", code=1).stdout)

    def test_asked_wrongly(self):
        cases = ((["on"], "--reason TEXT is missing"), (["on", "--reason", "  "], "--reason TEXT is missing"),
                 (["on", "--reason", "r" * 256], "more than 255 octets"), (["on", "--reason", "r", "--for", "25h"], "1 s to 24 h"),
                 (["on", "--reason", "r", "--for", "0"], "1 s to 24 h"), (["on", "--reason", "r", "--for", "-1"], "1 s to 24 h"),
                 (["on", "--reason", "r", "--for", "2x"], "1 s to 24 h"), (["on", "--reason", "r", "--for", "99999999999999999999h"], "1 s to 24 h"),
                 (["off", "--for", "1h"], "belong to"), (["--reason", "r"], "belong to"), (["maybe"], "neither on nor off"),
                 (["off", "--json"], "only shows"), (["on", "off"], "one word too many"),
                 (["on", "--reason", "r", "--table", "t"], "begins with /"), (["on", "--reason", "r", "--table", "/nowhere/t"], "No such file"))
        for words, reason in cases:
            with self.subTest(words=words):
                self.assertIn(reason, self.bypass(*words, code=2).stderr)
                self.assertFalse(os.path.exists(self.file))
        self.assert_blocked("evil.example")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_directory_of_another_user(self):
        """Root writes there as that user does, and is led nowhere else."""
        os.chmod(self.directory, 0o755)
        pub, precious = self.path("pub"), self.write("precious", "root's\n")
        os.mkdir(pub)
        shutil.copy(self.table, pub)
        table = os.path.join(pub, "current.weir")
        before = os.stat(precious)
        os.symlink(precious, table + ".bypass")
        for path in pub, table, table + ".bypass":
            os.chown(path, 65534, 65534, follow_symlinks=False)
        self.bypass("on", "--reason", "r", "--table", table, code=1)
        after = os.lstat(precious)
        self.assertEqual((after.st_mtime_ns, after.st_ctime_ns, after.st_size), (before.st_mtime_ns, before.st_ctime_ns, before.st_size))
        made = os.lstat(table + ".bypass")
        self.assertTrue(os.path.isfile(table + ".bypass") and not os.path.islink(table + ".bypass"))
        self.assertEqual(made.st_uid, 65534)
        self.bypass("off", "--table", table)
        # What leads to root's own is that user's to have, not root's to read for him.
        secret = self.write("secret", '{"reason": "root\'s secret"}')
        os.chmod(secret, 0o600)
        os.link(secret, table + ".bypass")
        os.utime(secret, (time.time(), time.time() + 60))
        self.assertNotIn("root's secret", self.bypass("--table", table).stdout)
        self.assertEqual(sorted(os.listdir(pub)), ["current.weir", "current.weir.bypass"])


if __name__ == "__main__":
    unittest.main()
