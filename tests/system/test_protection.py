"""Protection that has begun does not end: whatever becomes of the table's file, and however Unbound ends and begins again."""
import fcntl, os, shutil, signal, struct, subprocess, threading, time, unittest

from feeds import FeedLab
from lab import *

ROUNDS = int(os.environ.get("WEIR_STORM", "1"))  # by hand: many


class Watch:
    """Asks for a listed name as fast as it is answered, from a thread of its own: what passes is an unprotected answer."""

    def __init__(self, port, name):
        self.port, self.name, self.answers, self.passed, self.stopping = port, name, 0, [], False

    def run(self):
        while not self.stopping:
            answer = ask(self.port, self.name, timeout=0.2)
            if answer and answer.rcode != "SERVFAIL":
                self.answers += 1
                if not answer.blocked():
                    self.passed.append((time.time(), answer))
            time.sleep(0.002)

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()


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
        answer = wait_for(lambda: ask(self.port, "evil.example", timeout=1), 30)
        self.assertTrue(answer.blocked(), answer)

    def test_storm(self):
        """Each loss of the file under each end of the module: not one answer is unprotected, and status says what is in force."""
        self.compile(["evil.example"])
        self.resolver = self.unbound(self.internet(), control=True, options="  serve-expired: yes\n")
        with Watch(self.port, "evil.example") as watch:
            for turn in range(ROUNDS):
                for loss in self.LOSSES if not SANITIZED else self.LOSSES[turn % 3::3]:
                    self.publish()
                    # What is kept for the next start is the newest.
                    wait_for(lambda: self.counters()[0]["spare_trouble"] == "" and self.spare_is(self.good))
                    loss(self)
                    # Sanitizers make each of these slow; together the turns cover all of them.
                    for way in self.WAYS if not SANITIZED else self.WAYS[turn % 2::2]:
                        with self.subTest(loss=loss.__name__, way=way.__name__):
                            way(self)
                            self.up()
                            self.assert_blocked(f"n{self.generation - 1}.example")
                            self.assertEqual(watch.passed, [])
                    resolver = wait_for(lambda: [r for r in self.counters() if r["alive"] and r["trouble"]], 5)[0]
                    self.assertTrue(resolver["active"])
                    self.assertFalse(resolver["well"])
                    self.assertNotEqual(resolver["file"], self.table)
        self.assertEqual(watch.passed, [])
        self.assertGreater(watch.answers, 100)
        self.assertIn("the last one, of ", self.resolver.log())

    def spare_is(self, content):
        files = [os.path.join(self.path("spare"), name) for name in os.listdir(self.path("spare"))]
        return len(files) == 1 and open(files[0], "rb").read() == content

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
        self.resolver = self.unbound(self.internet(), control=True, options='  username: "nobody"\n')
        self.publish()
        wait_for(lambda: self.spare_is(self.good))
        os.chmod(self.path("pub"), 0)
        with Watch(self.port, "evil.example") as watch:
            for way in (self.hup, self.kill_and_start, self.stop_and_start):
                way()
                self.up()
        self.assertEqual(watch.passed, [])
        self.assertIn("Permission denied", self.resolver.log())

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


class RunDirectory(Lab):
    def live(self):
        return [name for name in os.listdir(self.run_directory) if name.endswith(".live")] if os.path.isdir(self.run_directory) else []

    def test_made_later(self):
        """It is made once Unbound runs; removed; made again; moved away: counters and hits are there within a second, and go on."""
        self.compile(["evil.example"])
        os.rmdir(self.run_directory)
        unbound = self.unbound(self.internet())
        self.assertIn("conf/weir.tmpfiles", unbound.log())
        for turn in range(1, 4):
            self.assert_blocked("evil.example")
            os.mkdir(self.run_directory)
            wait_for(self.live, 5)
            self.assertEqual(self.counters()[0]["counters"]["blocked_name"], turn)
            self.assertEqual([hit["count"] for hit in self.counters()[0]["hits"]], [turn])
            if turn == 2:
                os.rename(self.run_directory, self.path("moved"))
            else:
                shutil.rmtree(self.run_directory)
        os.mkdir(self.run_directory)
        wait_for(self.live, 5)
        self.assertEqual(len(os.listdir(self.run_directory)), 2)

    def test_modes(self):
        """Hits may tell who asked for what: they are the group's, which a setgid directory gives."""
        self.compile(["evil.example"])
        os.chmod(self.run_directory, 0o2755)
        group = os.stat(self.run_directory).st_gid
        unbound = self.unbound(self.internet())
        for kind, mode in ("live", 0o644), ("hits", 0o640):
            st = os.stat(os.path.join(self.run_directory, f"{unbound.pid}.{kind}"))
            self.assertEqual((st.st_mode & 0o7777, st.st_gid), (mode, group), kind)


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


class Formats(FeedLab):
    """feedsync publishes nothing that a resolver here cannot read."""

    def forge(self, oldest, newest, table, lock=True, version=None):
        """The counters of a living resolver, made of a real one's."""
        with open(os.path.join(self.run_directory, f"{self.resolver.pid}.live"), "rb") as f:
            content = bytearray(f.read())
        content[40:48] = struct.pack("<II", oldest, newest)
        at = content.index(self.table.encode())
        content[at:at + 512] = table.encode().ljust(512, b"\0")
        if version:
            content[8:12] = struct.pack("<I", version)
        path = os.path.join(self.run_directory, f"{self.resolver.pid}-5.live")
        with open(path, "wb") as f:
            f.write(content)
        file = open(path, "r+b")
        if lock:
            F_OFD_SETLK = 37
            fcntl.fcntl(file, F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        return file

    def test_not_read(self):
        self.write("l", "one.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("l"), "format": "domains"}])
        self.sync(code=0)
        self.resolver = self.unbound(self.internet())
        elsewhere = self.path("elsewhere.weir")
        cases = (  # formats, table, locked, version: whether it is published
            (1, 2, self.table, True, None, False),
            (4, 9, self.table, True, None, False),
            (4, 9, self.table, True, 99, False),  # of a newer one it is not known which table it reads
            (1, 2, self.table[len(self.directory):], True, None, False),  # in a chroot
            (1, 9, self.table, True, None, True),
            (3, 9, self.table, True, 99, True),
            (1, 2, elsewhere, True, None, True),
            (1, 2, self.table, False, None, True),  # it is gone
        )
        for turn, (oldest, newest, table, lock, version, published) in enumerate(cases):
            with self.subTest(oldest=oldest, newest=newest, table=table, lock=lock, version=version):
                self.write("l", f"n{turn}.example\n")
                before = os.stat(self.table).st_ino
                with self.forge(oldest, newest, table, lock, version):
                    result = self.feedsync("-c", self.config, "sync")
                self.assertEqual(os.stat(self.table).st_ino != before, published, result.stderr)
                if not published:
                    self.assertEqual(result.returncode, 2)
                    self.assertIn("reads tables of format", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
