"""Commands that root runs where another user has his hands: whatever that one puts in place of a file or directory, nothing
of root's is touched or seen, nothing hangs, and what was set up in good faith goes on working."""
from feeds import *

NOBODY, THIRD = 65534, 12345
COMMANDS = (("sync",), ("status",), ("history",), ("why", "one.example"), ("check",), ("rollback", "1"), ("resume",),
            ("sync", "--accept", "l", "--accept-table"))


@unittest.skipUnless(os.geteuid() == 0, "only root uses files as another user")
class Owner(FeedLab):
    def setUp(self):
        super().setUp()
        os.chmod(self.directory, 0o755)
        self.write("list", "one.example\n")
        self.precious = self.path("precious")
        os.makedirs(self.path("precious/feeds/l"))
        for name in ("victim", "lock", "key", "sync.json", "feeds/l/good.domains", "history.sqlite"):
            self.write("precious/" + name, "root:x:0:0 precious\n")
            os.chmod(self.path("precious", name), 0o600)
        os.chmod(self.precious, 0o700)
        self.untouched = self.snapshot()

    def snapshot(self):
        """All that is root's alone, with its times."""
        found = {}
        for top, _, files in os.walk(self.precious):
            for path in (top, *(os.path.join(top, name) for name in files)):
                st = os.lstat(path)
                content = open(path).read() if path != top else sorted(os.listdir(path))
                found[path] = (st.st_mode, st.st_uid, st.st_gid, st.st_mtime_ns, st.st_size, content)
        return found

    def place(self, state="own/state", table="own/current.weir", owner=NOBODY, owned=("own",)):
        """A feedsync that has published, with these directories and all in them the owner's."""
        self.table = self.path(table)
        for directory in {os.path.dirname(self.path(path)) for path in (state, table)}:
            os.makedirs(directory, exist_ok=True)
        self.configure([{"name": "l", "format": "domains", "url": "file://" + self.path("list")}], run="none", state=self.path(state))
        self.give(owner, *owned)
        self.sync(code=0)
        self.give(owner, *owned)

    def give(self, owner, *paths):
        for given in paths:
            for top, _, files in os.walk(self.path(given)):
                for path in (top, *(os.path.join(top, name) for name in files)):
                    os.lchown(path, owner, owner)

    def put(self, path, what, owner=NOBODY):
        """In the place of what stands at a path."""
        path = self.path(path)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        elif os.path.lexists(path):
            os.remove(path)
        if what == "link to a directory of root's":
            os.symlink(self.precious, path)
        elif what == "link to a file of root's":
            os.symlink(self.path("precious/victim"), path)
        elif what == "link to nothing of root's":
            os.symlink(self.path("precious/new"), path)
        elif what == "hard link":
            os.link(self.path("precious/victim"), path)
            return  # whose it is, is root's
        elif what == "FIFO":
            os.mkfifo(path)
        elif what == "directory":
            os.mkdir(path)
        elif what == "file":
            self.write(path, "x\n")
        os.lchown(path, owner, owner)

    KINDS = ("link to a directory of root's", "link to a file of root's", "link to nothing of root's", "hard link", "FIFO", "directory",
             "file")

    def run_all(self, commands=COMMANDS):
        """Each ends, in whatever way, and leaves alone what is root's. Returns what they said."""
        said = ""
        self.write("list", f"one.example\nnew{len(os.listdir(self.directory))}.example\n")
        for command in commands:
            result = subprocess.run([FEEDSYNC, "-c", self.config, *command], capture_output=True, text=True, timeout=120)
            said += result.stdout + result.stderr
            self.assertIn(result.returncode, (0, 1, 2), f"{command}: {result.stderr}")
            self.assertNotIn("precious\n", said)
            now = self.snapshot()
            for path in now.keys() | self.untouched.keys():
                if path != self.path("precious/victim") or os.stat(path).st_nlink == 1:
                    self.assertEqual(now.get(path), self.untouched.get(path), f"{command}: {path}\n{said}")
            self.assertEqual(now[self.path("precious/victim")][-1], "root:x:0:0 precious\n", said)
        return said

    def test_what_the_owner_puts_there(self):
        """Each file and directory of his, and those above, in each way."""
        self.place()
        shutil.copytree(self.path("own"), self.path("copy"))
        paths = [os.path.relpath(os.path.join(top, name), self.directory) for top, directories, files in os.walk(self.path("own"))
                 for name in directories + files]
        paths += ["own/state/feeds/l/new", "own/state/feeds/l/next", "own/state/feeds/l/accept", "own/state/hold",
                  "own/state/accept", "own/state/history.sqlite-journal", "own/state/history.sqlite-wal"]
        self.assertGreater(len(paths), 15)
        for path in paths[:2] if SANITIZED else paths:
            # Links to directories and files differ where directories are; the others all, in what is opened.
            for kind in self.KINDS if os.path.dirname(path) == "own" else self.KINDS[1::3] + self.KINDS[4:5]:
                with self.subTest(path=path, kind=kind):
                    shutil.rmtree(self.path("own"))
                    shutil.copytree(self.path("copy"), self.path("own"))
                    self.give(NOBODY, "own")
                    self.put(path, kind)
                    # Those that write, and those that read, most; all of them where it is about directories.
                    self.run_all(COMMANDS if os.path.dirname(path) == "own" else COMMANDS[:3])

    def test_a_history_that_never_ends(self):
        """A table of it that is a view of ever more."""
        self.place()
        sqlite = __import__("sqlite3").connect(self.path("own/state/history.sqlite"))
        [[schema]] = sqlite.execute("SELECT sql FROM sqlite_master WHERE name = 'publish'").fetchall()
        columns = [row[1] for row in sqlite.execute("PRAGMA table_info(publish)")]
        sqlite.execute("ALTER TABLE publish RENAME TO other")
        sqlite.execute("CREATE VIEW publish AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "
                       + ", ".join(f"i AS {name}" for name in columns) + " FROM n WHERE i < 0")
        sqlite.commit()
        self.assertIn("interrupted", self.run_all((("history",), ("status",))))

    def test_what_is_said(self):
        self.place()
        os.rename(self.path("own/state"), self.path("own/old"))
        self.put("own/state", "link to a directory of root's")
        self.assertIn(f"error: state: {self.path('own/state')} belongs to user 0, but the directory that leads there belongs to user {NOBODY}: give both to "
                      "one of them", self.run_all())
        shutil.rmtree(self.path("own"))
        self.place()
        self.put("own/current.weir", "link to a file of root's")
        self.assertRegex(self.run_all(), "Permission denied")

    def test_a_table_in_anothers_directory(self):
        """All is root's but where the table goes, as into the chroot of a resolver."""
        for kind in (None, *self.KINDS):
            with self.subTest(kind):
                shutil.rmtree(self.path("own"), ignore_errors=True)
                shutil.rmtree(self.path("state"), ignore_errors=True)
                self.place(state="state")
                self.assertEqual(os.stat(self.path("state/lock")).st_uid, 0)
                if kind:
                    self.put("own/current.weir", kind)
                self.run_all()
                if not kind or kind == "file":
                    self.sync(code=0)
                    self.assertEqual(os.stat(self.table).st_uid, NOBODY)
                    self.assertIn(("exact", "one.example"), self.dump())
        # His directory is a link now, or holds one that leads out of it.
        for kind in ("link to a directory of root's", "link to a file of root's"):
            self.place(state="state")
            os.rename(self.path("own"), self.path("gone"))
            self.put("own", kind)
            self.run_all()
            os.remove(self.path("own"))
            os.rename(self.path("gone"), self.path("own"))

    def test_directories_that_others_can_write_to(self):
        """What is root's there, others could replace: it is refused; a sticky directory protects it."""
        self.place(state="shared/state", table="shared/current.weir", owner=0, owned=())
        for mode, group, refused in ((0o777, 0, True), (0o775, NOBODY, True), (0o775, 0, False), (0o1777, 0, False), (0o755, NOBODY, False)):
            with self.subTest(mode=oct(mode), group=group):
                os.chown(self.path("shared"), 0, group)
                os.chmod(self.path("shared"), mode)
                said = self.run_all((("sync",), ("status",)))
                self.assertEqual(f"{self.path('shared')} belongs to root, but others can write to it" in said, refused, said)
        os.chmod(self.path("shared/state"), 0o777)
        self.assertIn("shared/state belongs to root, but others can write to it", self.run_all((("sync",),)))
        os.chmod(self.path("shared/state"), 0o750)
        # A third user's: what lies there is in his hands.
        os.chmod(self.path("shared"), 0o777)
        os.rename(self.path("shared/state"), self.path("shared/state.old"))
        for kind in self.KINDS:
            self.put("shared/state", kind, owner=THIRD)
            self.run_all((("sync",), ("status",)))

    def test_the_states_owner_is_not_the_directorys(self):
        self.place()
        os.chown(self.path("own/state"), THIRD, THIRD)
        self.assertRegex(self.run_all((("sync",), ("check",))), "own/state belongs to user 12345, but the directory that leads there belongs to user 65534")

    def test_links_of_the_operators(self):
        """Root's own links lead where they lead, as those of the owner do among what is his."""
        self.place(state="data/weir/state", table="data/weir/current.weir", owned=("data/weir",))
        os.symlink(self.path("data"), self.path("link"))
        os.symlink("link/../data/weir", self.path("relative"))
        for way in ("link/weir", "relative"):
            self.table = self.path(way, "current.weir")
            self.configure([{"name": "l", "format": "domains", "url": "file://" + self.path("list")}], run="none",
                           state=self.path(way, "state"))
            self.write("list", f"one.example\n{way.replace('/', '-')}.example\n")
            self.sync(code=0)
            self.assertIn(("exact", f"{way.replace('/', '-')}.example"), self.dump())
        os.rename(self.path("data/weir/current.weir"), self.path("data/weir/real.weir"))
        os.symlink("real.weir", self.path("data/weir/current.weir"))
        os.lchown(self.path("data/weir/current.weir"), NOBODY, NOBODY)
        self.write("list", "two.example\n")
        self.sync(code=0)
        self.assertTrue(os.path.islink(self.path("data/weir/current.weir")))
        for top, _, files in os.walk(self.path("data/weir")):
            for name in files:
                self.assertEqual(os.lstat(os.path.join(top, name)).st_uid, NOBODY, name)
        # A table that a link of root's places elsewhere.
        os.mkdir(self.path("elsewhere"))
        self.table = self.path("table.link")
        os.symlink(self.path("elsewhere/t.weir"), self.table)
        self.write("elsewhere/t.weir", "")
        self.configure([{"name": "l", "format": "domains", "url": "file://" + self.path("list")}], run="none", state=self.path("state"))
        self.sync(code=0)
        self.assertEqual(self.dump(), {("exact", "two.example")})
