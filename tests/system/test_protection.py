"""Protection that has begun does not end: whatever becomes of the table's file, and however Unbound ends and begins again."""
import os, shutil, signal, struct, subprocess, time, unittest

import pytest

from lab import *

ROUNDS = int(os.environ.get("WEIR_STORM", "1"))  # by hand: many


class Watch(Background):
    """Asks for a listed name as fast as it is answered: what passes is an unprotected answer."""

    def __init__(self, port, name):
        self.port, self.name, self.answers, self.passed = port, name, 0, []

    def run(self):
        while not self.stopping:
            answer = ask(self.port, self.name, timeout=0.2)
            if answer and answer.rcode != "SERVFAIL":
                self.answers += 1
                if not answer.blocked():
                    self.passed.append((time.time(), answer))
            time.sleep(0.002)


class Kept(Lab):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("pub"))
        self.table = self.path("pub", "current.weir")
        self.generation = 0

    def publish(self):
        """A good table, as after each loss: the resolver goes on with that."""
        os.makedirs(self.path("pub"), exist_ok=True)
        if os.path.isdir(self.table):
            os.rmdir(self.table)
        self.compile(["evil.example", f"n{self.generation}.example"])
        wait_for(lambda: self.ask(f"n{self.generation}.example", timeout=1) and self.ask(f"n{self.generation}.example").blocked())
        self.generation += 1
        with open(self.table, "rb") as f:
            self.good = f.read()

    def put(self, content, rename):
        path = self.path("pub", "new") if rename else self.table
        with open(path, "wb") as f:
            f.write(content)
        if rename:
            os.rename(path, self.table)

    def remove(self):
        os.remove(self.table)

    def cut(self):
        os.truncate(self.table, len(self.good) - 7)

    def newer(self):
        self.put(self.good[:8] + struct.pack("<I", struct.unpack("<I", self.good[8:12])[0] + 1) + self.good[12:], True)

    def half_copied(self):
        self.put(self.good[:len(self.good) // 2], False)

    def foreign(self):
        self.put(b"<!doctype html><title>login</title>" * 100, True)

    def directory_gone(self):
        shutil.rmtree(self.path("pub"))

    def directory_instead(self):
        os.remove(self.table)
        os.mkdir(self.table)

    LOSSES = (remove, cut, newer, half_copied, foreign, directory_gone, directory_instead)

    def hup(self):
        os.kill(self.resolver.pid, signal.SIGHUP)

    def reload(self):
        self.assertEqual(self.unbound_control("reload").returncode, 0)

    def reload_keep_cache(self):
        self.assertEqual(self.unbound_control("reload_keep_cache").returncode, 0)

    def end(self, number):
        self.resolver.expect_end = True
        while self.resolver.alive():
            self.resolver.popen.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.resolver.popen.wait(2)

    def start(self):
        self.resolver = Process(self, "unbound", [UNBOUND, "-d", "-c", self.conf], self.environment())

    def stop_and_start(self):
        self.end(signal.SIGTERM)
        self.start()

    def kill_and_start(self):
        self.end(signal.SIGKILL)
        self.start()

    def boot(self):
        """The run directory is emptied as well."""
        self.end(signal.SIGTERM)
        shutil.rmtree(self.run_directory)
        os.mkdir(self.run_directory)
        self.start()

    WAYS = (hup, reload, reload_keep_cache, stop_and_start, kill_and_start, boot)

    def up(self):
        """Waits until it answers again. Its first answer is looked at, too."""
        answer = wait_for(lambda: ask(self.port, "evil.example", timeout=1))
        self.assertTrue(answer.blocked(), answer)

    @pytest.mark.alone
    def test_storm(self):
        """Each loss of the file under each end of the module: not one answer is unprotected, and status says what is in force."""
        self.compile(["evil.example"])
        self.resolver = self.unbound(self.internet(), control=True, options="  serve-expired: yes\n")
        with Watch(self.port, "evil.example") as watch:
            for turn in range(ROUNDS):
                for loss in self.LOSSES if not SANITIZED else self.LOSSES[turn % 3::3]:
                    self.publish()
                    # What is kept for the next start is the newest.
                    wait_for(lambda: self.counters()[0]["spare_trouble"] == "" and self.spare_is(self.good), 60)
                    loss(self)
                    # Sanitizers make each of these slow; together the turns cover all of them.
                    for way in self.WAYS if not SANITIZED else self.WAYS[turn % 2::2]:
                        with self.subTest(loss=loss.__name__, way=way.__name__):
                            way(self)
                            self.up()
                            self.assert_blocked(f"n{self.generation - 1}.example")
                            self.assertEqual(watch.passed, [])
                    resolver = wait_for(lambda: [r for r in self.counters() if r["alive"] and r["trouble"]], 60)[0]
                    self.assertTrue(resolver["active"])
                    self.assertFalse(resolver["well"])
                    self.assertNotEqual(resolver["file"], self.table)
        self.assertEqual(watch.passed, [])
        self.assertGreater(watch.answers, 20 if SANITIZED else 50)  # fewer turns, fewer answers
        self.assertIn("the last one, of ", self.resolver.log())

    def spare_is(self, content):
        files = [os.path.join(self.path("spare"), name) for name in os.listdir(self.path("spare"))]
        return len(files) == 1 and open(files[0], "rb").read() == content

    def test_memory_alone(self):
        """There is no copy on the disk: over each kind of reload the last table goes through the process's memory, again and again."""
        self.compile(["evil.example"])
        self.resolver = self.unbound(self.internet(), control=True, env={"WEIR_SPARE": self.write("spare", "a file, and no directory")})
        with Watch(self.port, "evil.example") as watch:
            for loss in self.remove, self.cut:
                self.publish()
                loss()
                for way in (self.hup, self.reload, self.reload_keep_cache) * 2:
                    with self.subTest(loss=loss.__name__, way=way.__name__):
                        begun = self.resolver.log().count(": begins;")
                        way()
                        wait_for(lambda: self.resolver.log().count(": begins;") > begun)
                        self.up()
                        self.assert_blocked(f"n{self.generation - 1}.example")
                        self.assertEqual(watch.passed, [])
        resolver = self.counters()[0]
        self.assertEqual(resolver["file"], "memory, kept over a reload")
        self.assertIn("Not a directory", resolver["spare_trouble"])
        self.assertGreater(watch.answers, 20)

    def test_nothing_was_in_force(self):
        """A bad table at the first start is no table."""
        self.good = b""
        self.foreign()
        self.resolver = self.unbound(self.internet())
        self.assert_passes("evil.example")
        self.assertIn("nothing is blocked", self.resolver.log())
        self.assertFalse(self.counters()[0]["active"])
        self.publish()
        self.assert_blocked("evil.example")

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_other_user(self):
        """As Debian runs it: started by root, then another user, to whom the table's directory is shut later."""
        for path in (self.directory, self.path("pub")):
            os.chmod(path, 0o755)
        for name in ("run", "spare"):
            os.makedirs(self.path(name), exist_ok=True)
            shutil.chown(self.path(name), "nobody")
        self.compile(["evil.example"])
        module = shutil.copy(MODULE, self.directory)  # the checkout may be shut to others
        self.resolver = self.unbound(self.internet(), control=True, options='  username: "nobody"\n', module=module)
        self.publish()
        wait_for(lambda: self.spare_is(self.good))
        os.chmod(self.path("pub"), 0)
        with Watch(self.port, "evil.example") as watch:
            for way in (self.hup, self.kill_and_start, self.stop_and_start):
                way()
                self.up()
        self.assertEqual(watch.passed, [])
        self.assertIn("Permission denied", self.resolver.log())

    @pytest.mark.alone
    def test_gone_is_told(self):
        """While it runs, too: once in the log, and in status for as long."""
        self.compile(["evil.example"])
        self.resolver = self.unbound(self.internet())
        self.assertEqual(self.counters()[0]["trouble"], "")
        os.remove(self.table)
        wait_for(lambda: self.counters()[0]["trouble"], 5)
        time.sleep(1.5)
        self.assertEqual(self.resolver.log().count("is gone"), 1)
        self.assert_blocked("evil.example")
        self.publish()
        wait_for(lambda: not self.counters()[0]["trouble"], 5)


class ManyThreads(Lab):
    @unittest.skipIf(SANITIZED, "300 threads of a sanitizer take a machine of their own")
    def test_300(self):
        """Every one of them is checked, and counted."""
        self.compile(["evil.example"])
        upstream = self.internet("* A 192.0.2.1\nalias.good. CNAME evil.example.\n")
        self.unbound(upstream, threads=300, options="  outgoing-range: 8\n  num-queries-per-thread: 8\n  so-reuseport: yes\n")
        names = ["evil.example", "www.evil.example", "alias.good"]
        answers = all_at_once(lambda part: [self.ask(names[i % 3]) for i in range(part, 1500, 8)], [(p,) for p in range(8)])
        answers = [answer for part in answers for answer in part]
        self.assertEqual([a for a in answers if a is None or not a.blocked()], [])
        # Clients may share a query for an alias, which counts once.
        self.assertEqual(self.counters()[0]["counters"]["blocked_name"], 1000)
