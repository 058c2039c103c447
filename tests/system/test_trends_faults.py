"""What is kept of what was hit can fail in any way: names are blocked and tables published as before, it is told, and what can still
be counted later is not lost."""
from strace_lab import *
from trends_store import ask_store, is_written


@no_strace
class TrendsFaults(FeedLab):
    def setUp(self):
        super().setUp()
        self.write("list", "evil.example\n")
        self.configure([{"name": "l", "format": "domains", "scope": "subtree", "url": "file://" + self.path("list")}], trends="{rules: no}")  # else what nobody read in time counts some readings later

    def begin(self, *prefix):
        """A `run` that collects. Returns the process, and feedsync's own number."""
        self.daemons = getattr(self, "daemons", 0) + 1
        daemon = Process(self, f"feedsync-{self.daemons}", [*prefix, FEEDSYNC, "-c", self.config, "run"])
        if not prefix:
            return daemon, daemon.pid

        def own():  # strace begins others, too, which end at once
            with open(f"/proc/{daemon.pid}/task/{daemon.pid}/children") as f:
                for pid in f.read().split():
                    with contextlib.suppress(OSError):
                        if os.readlink(f"/proc/{pid}/exe") == os.path.realpath(FEEDSYNC):
                            return int(pid)
            return None
        return daemon, wait_for(own)

    def end(self, daemon, pid):
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not daemon.alive())

    def blocked(self):
        return ask_store(self.path("state"), "SELECT sum(blocked) FROM traffic")[0][0]

    def hit(self, count, name="evil.example"):
        for i in range(count):
            self.assert_blocked(f"h{i}.{name}")

    def publish_more(self, name, pid):
        """Tables are published all the same, and the resolver takes them."""
        with open(self.path("list"), "a") as f:
            f.write(name + "\n")
        os.kill(pid, signal.SIGHUP)
        wait_for(lambda: self.ask(name).blocked())

    def begin_all(self):
        daemon, pid = self.begin()
        wait_for(lambda: is_written(self.path("state")))
        self.unbound(self.internet())
        self.hit(3)
        self.end(daemon, pid)
        self.assertEqual(self.blocked(), 3)

    def fail_and_recover(self, calls, error):
        """These calls on the store fail, in a `run` that begins: what is hit is not written. The next one has it."""
        before = self.blocked()
        paths = [word for name in ("", "-journal") for word in ("-P", self.path("state/trends.sqlite" + name))]
        daemon, pid = self.begin("strace", "-f", "-qq", "-o", os.devnull, *paths, "-e", "trace=" + calls, "-e", f"inject={calls}:error={error}")
        wait_for(lambda: re.search(r"error: trends: .*trends\.sqlite", daemon.log()))
        self.hit(3)
        self.publish_more(f"{error.lower()}.more.example", pid)
        self.end(daemon, pid)
        daemon, pid = self.begin()
        wait_for(lambda: self.blocked() == before + 4)  # with the one of publish_more
        self.hit(1)
        self.end(daemon, pid)
        self.assertEqual(self.blocked(), before + 5)

    def test_disk_full(self):
        self.begin_all()
        self.fail_and_recover("pwrite64,ftruncate", "ENOSPC")
        self.fail_and_recover("fsync,fdatasync", "EIO")

    def test_damaged(self):
        """Damaged while it is at work, or unreadable when it begins: it is told, and where the store was taken away it begins anew."""
        self.begin_all()
        path = self.path("state/trends.sqlite")
        for what, damage in (("overwritten", lambda: self.write("state/trends.sqlite", "this is no database " * 400)),
                             ("cut", lambda: os.truncate(path, 5000)), ("a directory", lambda: (os.remove(path), os.mkdir(path)))):
            with self.subTest(what):
                damage()
                daemon, pid = self.begin()
                wait_for(lambda: re.search(r"error: trends: .*trends\.sqlite", daemon.log()))
                self.hit(2)
                self.publish_more(f"x{len(what)}.more.example", pid)
                told = self.feedsync("-c", self.config, "status", code=1).stdout
                self.assertIn("trends: NOT WRITTEN", told)
                self.end(daemon, pid)
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
                daemon, pid = self.begin()
                wait_for(lambda: is_written(self.path("state")))
                self.hit(3)
                self.end(daemon, pid)
                self.assertEqual(self.blocked(), 3)
