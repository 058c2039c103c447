"""The run directory, through which resolvers and feedsync know of each other: made late, shared, forged."""
import fcntl, struct

import pytest

from feeds import *

F_OFD_SETLK = 37  # fcntl(2), the kernel's number


class RunDirectory(Lab):
    def shown(self):
        """Whether the counters and the hits have their names."""
        names = os.listdir(self.run_directory)
        return sorted(name.rsplit(".")[-1] for name in names if name[0] != ".") == ["hits", "live"]

    @pytest.mark.alone
    def test_made_later(self):
        """It is made once Unbound runs; removed; made again; moved away: counters and hits are there within a second, and go on."""
        self.compile(["evil.example"])
        os.rmdir(self.run_directory)
        unbound = self.unbound(self.internet())
        self.assertIn("conf/weir.tmpfiles", unbound.log())
        for turn in range(1, 4):
            self.assert_blocked("evil.example")
            os.mkdir(self.run_directory)
            wait_for(self.shown, 5)
            self.assertEqual(self.counters()[0]["counters"]["blocked_name"], turn)
            self.assertEqual([hit["count"] for hit in self.counters()[0]["hits"]], [turn])
            if turn == 2:
                os.rename(self.run_directory, self.path("moved"))
            else:
                shutil.rmtree(self.run_directory)
        os.mkdir(self.run_directory)
        wait_for(self.shown, 5)
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
        if os.geteuid() == 0:
            self.assert_blocked("evil.example")
            os.chmod(self.directory, 0o755)
            os.chmod(self.run_directory, 0o2755)
            conf = self.write("c.yaml", f"state: {self.path('state')}\ntable: {self.table}\nrun: {self.run_directory}\n"
                              "feeds:\n  - name: none\n    url: file:///nowhere\n    format: domains\n")
            feedsync = shutil.copy(FEEDSYNC, self.directory)  # the checkout may be shut to others
            def as_nobody(word):
                return subprocess.run([feedsync, "-c", conf, word], capture_output=True, text=True, user="nobody", group="nogroup",
                                      extra_groups=[])
            status = as_nobody("status").stdout
            self.assertRegex(status, "blocked_name 1")
            self.assertIn("the hits cannot be read: Permission denied", status)
            self.assertIn("only root and the file's group may read it", as_nobody("hits").stderr)
            self.assertIn("`events: yes` under `hits:`", self.feedsync("-c", conf, "hits", code=0).stderr)


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
                    self.assertEqual(self.status()["last_run"]["error_class"], "internal")


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class Containers(FeedLab):
    """Resolvers in pid namespaces of their own that share the run directory; feedsync outside."""

    def setUp(self):
        super().setUp()
        self.write("l", "evil.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("l"), "format": "domains", "scope": "subtree"}])
        self.sync(code=0)

    def container(self, upstream, before=0):
        """An Unbound that is process 1 of its namespace, or one that comes after an init and some others."""
        self.unbound(upstream, wait=False).stop()  # for its configuration
        self.processes.pop()
        run = f"exec {UNBOUND} -d -c {self.conf}" if not before else "/bin/true; " * before + f"{UNBOUND} -d -c {self.conf}; true"
        process = Process(self, "container", ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", run],
                          self.environment())
        self.addCleanup(process.popen.kill)  # unshare does not listen to SIGTERM
        wait_for(lambda: self.ask("probe.example", timeout=1))
        return process

    def tearDown(self):
        for process in self.processes:
            if process.name == "container":
                process.popen.kill()
        super().tearDown()

    def files(self):
        return sorted(name for name in os.listdir(self.run_directory) if name.endswith(".live"))

    def resolvers(self):
        return self.status()["resolvers"]

    def test_seen_from_outside(self):
        """Several with the same pid, and one outside with another: all are shown, well, told or awaited, and none is taken for
        another's."""
        upstream = self.internet()
        first = self.container(upstream)
        self.assertEqual(self.files(), ["1.live"])
        others = [self.container(upstream), self.container(upstream, before=3)]
        outside = self.unbound(upstream)
        self.assertEqual(len(self.files()), 4)
        self.assertIn("1-1.live", self.files())
        status = self.feedsync("-c", self.config, "status", code=0).stdout
        self.assertEqual(status.count("in another pid namespace"), 3)
        self.assertEqual([r["alive"] and r["well"] for r in self.resolvers()], [True] * 4)
        self.write("l", "evil.example\nmore.example\n")
        said = self.sync(code=0)
        self.assertEqual(said.count("generation 2 in force"), 4, said)
        self.assertEqual(said.count("cannot be told to look at its table"), 3, said)
        # One that is killed is provably dead; the next one to start removes its file and no other.
        first.popen.kill()
        first.popen.wait()
        wait_for(lambda: [r["alive"] for r in self.resolvers()].count(False) == 1)
        self.assertIn("DEAD", self.feedsync("-c", self.config, "status", code=1).stdout)
        self.container(upstream)
        self.assertEqual(len(self.files()), 4)
        wait_for(lambda: [r["alive"] for r in self.resolvers()] == [True] * 4)
        self.assertTrue(outside.alive() and all(other.alive() for other in others))

    @pytest.mark.alone
    def test_single_file_mounted(self):
        """A rename outside is never seen inside: that is said once, and status is not well."""
        inside = self.path("inside", "current.weir")
        os.mkdir(os.path.dirname(inside))
        open(inside, "w").close()
        subprocess.run(["mount", "--bind", self.table, inside], check=True)
        try:
            unbound = self.unbound(self.internet(), table=inside)
            self.assert_blocked("evil.example")
            self.write("l", "evil.example\nmore.example\n")
            self.sync(code=0)
            wait_for(lambda: self.resolvers()[0]["trouble"], 6)
            time.sleep(1.5)
            self.assertEqual(unbound.log().count("this path still leads to the old one"), 1)
            self.assertEqual(unbound.log().count("in force: "), 1)
            self.assertFalse(self.resolvers()[0]["well"])
            self.assert_blocked("evil.example")
        finally:
            subprocess.run(["umount", "-l", inside])


class Forged(FeedLab):
    """Unbound's user writes the files of the run directory: whoever has become that may write anything there."""

    def setUp(self):
        super().setUp()
        self.write("l", "evil.example\n")
        self.configure([{"name": "l", "url": "file://" + self.path("l"), "format": "domains"}])
        self.sync(code=0)
        self.resolver = self.unbound(self.internet())
        with open(os.path.join(self.run_directory, f"{self.resolver.pid}.live"), "rb") as f:
            self.content = bytearray(f.read())

    def forge(self, name, content):
        with open(os.path.join(self.run_directory, name), "wb") as f:
            f.write(content[:4096])
            f.truncate(len(content))

    def test_texts(self):
        """No escape of a terminal comes through, from whatever field, in words or JSON."""
        evil = b"\033]0;owned\007\033[2J\r\xc2\x9b1A\0"
        pid = self.resolver.pid
        at = self.content.index(self.table.encode())
        for offset in (at, at - 256, at + 552, at + 552 + 512, at + 552 + 776):
            with self.subTest(offset=offset - at):
                content = bytearray(self.content)
                content[offset:offset + len(evil)] = evil
                content[at + 552 + 512] = content[at + 552 + 512] or 65  # trouble: shown where there is one
                struct.pack_into("<Q", content, at - 256 - 16, 1)  # refused
                self.forge(f"{pid}-9.live", content)
                for words in ((), ("--json",)):
                    shown = subprocess.run([FEEDSYNC, "-c", self.config, "status", *words], capture_output=True)
                    self.assertNotRegex(shown.stdout + shown.stderr, rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
                    shown.stdout.decode()

    @pytest.mark.alone
    def test_many(self):
        """Files that are being written for ever, files with foreign names, ten thousand of them: all take little time."""
        struct.pack_into("<I", self.content, 36, 7)  # being written
        names = [*(f"y{i}.live" for i in range(4000)), *(f"{self.resolver.pid}-{i}.live" for i in range(1, 4000)),
                 *(f"{i}.live" for i in range(100000, 102000)), *(f"{i}-1.hits" for i in range(1000))]
        for name in names:
            self.forge(name, self.content)
        held = []
        for name in names[4000:4200]:  # and these seem alive
            held.append(open(os.path.join(self.run_directory, name), "r+b"))
            fcntl.fcntl(held[-1], F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0))
        for words in (["status"], ["status", "--json"], ["hits"], ["sync"]):
            with self.subTest(words):
                subprocess.run([FEEDSYNC, "-c", self.config, *words], capture_output=True, timeout=20)
        # The module takes away what is provably dead, a part at each start, and goes on.
        os.kill(self.resolver.pid, signal.SIGHUP)
        wait_for(lambda: self.ask("evil.example", timeout=1))
        self.assert_blocked("evil.example")
        for file in held:
            file.close()
