"""What was published, and the way back: history, rollback, hold."""
import resource, sqlite3

from feeds import *


class History(FeedLab):
    def setUp(self):
        super().setUp()
        self.local = [{"name": "l", "url": "file://" + self.path("list"), "format": "domains"}]
        self.configure(self.local, run="none")

    def publish(self, *names, code=0):
        self.write("list", "".join(name + ".example\n" for name in names))
        return self.sync(code=code)

    def history(self, *words, code=0):
        return json.loads(self.feedsync("-c", self.config, "history", "--json", *words, code=code).stdout)["publishes"]

    def rollback(self, generation, code=0):
        return self.feedsync("-c", self.config, "rollback", generation, code=code).stderr

    def command(self, *words, code=0):
        return self.feedsync("-c", self.config, *words, code=code)

    def generation(self):
        return self.status()["table"]["generation"]

    def held(self):
        return self.status()["hold"] is not None

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_leaves_all_to_the_owner(self):
        """What root does by hand, beside a daemon of another user, takes nothing away from that one."""
        owner = 12345
        self.configure(self.local, run="none", state=self.path("not/yet/state/"))
        for top, _, names in os.walk(self.directory):
            for path in (top, *(os.path.join(top, name) for name in names)):
                os.lchown(path, owner, owner)
        self.publish("one")
        self.publish("one", "two")
        self.rollback(1)
        self.command("resume")
        self.command("sync", "--accept", "l", "--accept-table")
        self.assertEqual(self.dump(), {("exact", "one.example"), ("exact", "two.example")})
        self.assertTrue(all(p["user"].startswith("root") for p in self.history()))
        found = [os.path.join(top, name) for top, _, names in os.walk(self.path("not")) for name in ("", *names)]
        self.assertGreater(len(found), 10)
        for path in (*found, self.table):
            st = os.stat(path)
            self.assertEqual((st.st_uid, st.st_gid), (owner, owner), path)
        # It sees what the owner sees.
        self.write("ca.pem", "")
        os.chmod(self.path("ca.pem"), 0o600)
        self.configure([{**self.local[0], "url": "https://localhost/list", "ca": self.path("ca.pem")}], run="none",
                       state=self.path("not/yet/state/"))
        self.assertIn("Permission denied", self.command("check", code=1).stderr)
        self.configure(self.local, run="none", state=self.path("not/yet/state/"))
        self.write("list", "three.example\n")
        os.chmod(self.path("list"), 0)
        os.chown(self.path("list"), 0, 0)
        self.assertIn("Permission denied", self.sync(code=1))

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_the_number_of_the_last_generation_cannot_be_read(self):
        """With the table it is not needed."""
        self.publish("one")
        self.write("list", "two.example\n")
        result = self.sync_with_fault("state/generation", "openat", "EACCES")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("generation: Permission denied", result.stderr)
        self.assertEqual((self.generation(), self.dump()), (2, {("exact", "two.example")}))

    # ---- the log ----

    def test_publishes_are_logged(self):
        self.publish("one", "two")
        self.publish("two", "three", "four")
        self.publish("two", "three", "four")  # publishes nothing
        last, first = self.history()
        self.assertEqual([p["generation"] for p in (last, first)], [2, 1])
        self.assertEqual((first["added"], first["removed"], first["policy_changed"]), (2, 0, True))
        self.assertEqual((last["added"], last["removed"], last["policy_changed"]), (2, 1, False))
        self.assertEqual((last["cause"], last["rules"], last["entries"]), ("sync", 4, 4))  # with the self-test
        self.assertTrue(last["user"])
        self.assertEqual(last["octets"], os.path.getsize(self.table))
        self.assertAlmostEqual(last["time"], time.time(), delta=120)
        self.assertEqual(last["feeds"], [{"name": "l", "result": "fresh", "entries": 3, "rejected": 0, "added": 2, "removed": 1,
                                          "error_class": ""}])
        [shown] = self.history("2")
        self.assertEqual([(c["change"], c["kind"], c["scope"], c["name"], c["feed"], c["category"]) for c in shown["changes"]],
                         [("removed", "block", "exact", "one.example", "l", "malicious"),
                          ("added", "block", "exact", "four.example", "l", "malicious"),
                          ("added", "block", "exact", "three.example", "l", "malicious")])
        words = self.command("history").stdout
        self.assertRegex(words, r"(?m)^generation 2, \S+Z, sync by \S.*: \+2 -1$")
        self.assertRegex(words, r"(?m)^  feed l: fresh, 3 entries, 0 rejected, \+2 -1$")
        self.assertIn("+\tblock\texact\tfour.example\tl\tmalicious\n", self.command("history", "2").stdout)
        self.assertEqual(len(self.history("-n", "1")), 1)
        self.command("history", "9", code=2)
        self.command("history", "x", code=2)
        self.command("history", "1", "2", code=2)
        self.command("history", "-n", "0", code=2)
        self.command("status", code=0)

    def test_nothing_yet(self):
        self.assertIn("history.sqlite", self.command("history", code=2).stderr)

    def test_settings_and_feeds_that_go(self):
        other = {"name": "other", "url": "file://" + self.path("more"), "format": "domains"}
        self.write("more", "more.example\n")
        self.configure(self.local + [other], run="none")
        self.publish("one")
        self.configure([{**self.local[0], "action": "log"}], run="none")
        self.publish("one")
        [last] = self.history("2")
        self.assertTrue(last["policy_changed"])
        self.assertEqual({c["change"] + " " + c["name"] + " " + c["category"] for c in last["changes"]},
                         {"removed one.example malicious", "added one.example malicious:log", "removed more.example malicious"})
        self.assertEqual({f["name"]: (f["result"], f["added"], f["removed"]) for f in last["feeds"]},
                         {"l": ("unchanged", 1, 1), "other": ("gone", 0, 1)})

    def test_who_asks_the_daemon(self):
        self.configure([{**self.local[0], "interval": "1s"}], run="none")
        self.write("list", "one.example\n")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.table))
        self.write("list", "two.example\n")
        wait_for(lambda: ("exact", "two.example") in self.dump())
        self.configure([{**self.local[0], "interval": "1d"}], run="none")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "reading the configuration again" in daemon.log())
        self.write("list", "three.example\n")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: ("exact", "three.example") in self.dump())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual([p["cause"] for p in self.history()], ["reload", "schedule", "schedule"])

    def test_readable_without_writing(self):
        """Those who may only read the state directory see the log."""
        if os.getuid() != 0:
            self.skipTest("needs another user")
        self.publish("one")
        for path, mode in ((self.directory, 0o755), (self.path("state"), 0o755), (self.path("state", "history.sqlite"), 0o644)):
            os.chmod(path, mode)
        self.assertIn("generation 1,", self.as_nobody("history"))

    def as_nobody(self, *words, code=0, stream="stdout"):
        """What another user is told, by a copy of the program: its own directory may be closed to him."""
        program = self.path("feedsync")
        if not os.path.exists(program):
            shutil.copy(FEEDSYNC, program)
        got = subprocess.run([program, "-c", self.config, *words], user=65534, group=65534, extra_groups=[],
                             capture_output=True, text=True)
        self.assertEqual(got.returncode, code, got.stdout + got.stderr)
        return getattr(got, stream)

    def test_status_of_what_may_not_be_seen(self):
        if os.getuid() != 0:
            self.skipTest("needs another user")
        self.publish("one")
        os.chmod(self.directory, 0o755)
        os.chmod(self.path("state"), 0o700)
        words, denied = self.as_nobody("status", code=1), self.path("state") + "/{}: Permission denied\n"
        for line in ("hold: NOT KNOWN: " + denied.format("hold"), "last run: NOT KNOWN: " + denied.format("sync.json"),
                     "feed l: NOT KNOWN: " + denied.format("feeds/l/feed.json")):
            self.assertIn("\n" + line, words)
        self.assertNotRegex(words, "HELD|resume|never|FEEDS NOT PUBLISHED|entries")
        status = json.loads(self.as_nobody("status", "--json", code=1))
        self.assertEqual(status["hold"], {"error": denied.format("hold").strip()})
        self.assertEqual(status["last_run"], {"at": None, "error": denied.format("sync.json").strip(), "error_class": "disk"})
        self.assertEqual(status["feeds"], [{"error": denied.format("feeds/l/feed.json").strip(), "error_class": "disk", "name": "l",
                                            "trouble": "NOT KNOWN", "well": False}])
        self.assertFalse(status["well"])
        # Nor is said what nobody can know.
        self.assertEqual(self.as_nobody("sync", "--accept", "l", code=2, stream="stderr"), "error: " + denied.format("feeds/l"))
        with open(self.config, "a") as f:
            f.write("nonsense: 1\n")
        self.assertRegex(self.as_nobody("status", code=2, stream="stderr"), "in-use.yaml, the copy of .*: Permission denied\n"
                         "error: status: no configuration can be used; [^\n]*\n$")
        os.truncate(self.config, os.path.getsize(self.config) - len("nonsense: 1\n"))
        # Who may not read the configuration is told who can, once, and may look at a list all the same.
        os.chmod(self.config, 0o600)
        self.assertEqual(self.as_nobody("status", code=2, stream="stderr"), f"error: {self.config}: Permission denied: this user "
                         "may not read it; next: the same as root (`sudo`), or as a member of its group\n")
        said = self.as_nobody("try", self.write("tried.txt", "evil.example\n"), stream="stderr")
        self.assertIn(f"{self.config}: this user may not read it: nothing but what is built in is guarded; next: `sudo ", said)
        os.chmod(self.config, 0o644)
        # A hold that others have set is one, whoever may read it.
        os.chmod(self.path("state"), 0o755)
        os.chmod(self.write("state/hold", "{}"), 0o600)
        self.assertIn("\nHELD, not known since when: nothing new is published until `feedsync resume`\n"
                      "  who holds it, and since when, cannot be read: " + denied.format("hold"), self.as_nobody("status", code=1))
        self.command("resume")
        self.command("status", code=0)

    # ---- what may happen to the log ----

    def check_unlogged(self, said, reason):
        """A publish went through though the log could not be written, and everybody is told."""
        self.assertRegex(said, f"generation 2 is not in the history: .*{reason}")
        self.assertEqual(self.dump(), {("exact", "two.example")})
        words = self.command("status", code=1).stdout
        self.assertIn("history: NOT COMPLETE", words)
        self.assertFalse(self.status()["well"])

    def check_mended(self):
        """The next run notes what is missing."""
        self.sync()
        missing = self.history()[0]
        self.assertEqual((missing["generation"], missing["cause"]), (2, "unknown"))
        self.assertNotIn("added", missing)
        self.command("status", code=0)
        self.publish("three")
        self.assertEqual([(p["generation"], p["cause"]) for p in self.history("-n", "2")], [(3, "sync"), (2, "unknown")])

    def test_damaged_log(self):
        self.publish("one")
        self.write("state/history.sqlite", "no database, but as long as the header of one would have to be: 100 octets.........\n" * 2)
        self.check_unlogged(self.publish("two"), "not a database")
        self.command("history", code=2)
        os.remove(self.path("state", "history.sqlite"))
        self.check_mended()

    def test_locked_log(self):
        self.publish("one")
        other = sqlite3.connect(self.path("state", "history.sqlite"), isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        said = self.publish("two")
        self.assertRegex(said, "generation 2 is not in the history: .*locked")
        other.close()
        self.check_unlogged(said, "locked")
        self.check_mended()

    def test_disk_full_for_the_log(self):
        self.publish("one")

        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))
        self.write("list", "two.example\n")
        said = self.feedsync("-c", self.config, "sync", code=0, preexec_fn=no_room).stderr
        self.check_unlogged(said, "disk I/O error|full")
        self.assertEqual([p["generation"] for p in self.history()], [1])
        self.check_mended()

    def test_log_that_cannot_be_created(self):
        self.publish("one")
        os.remove(self.path("state", "history.sqlite"))
        os.mkdir(self.path("state", "history.sqlite"))
        self.check_unlogged(self.publish("two"), "history.sqlite")
        os.rmdir(self.path("state", "history.sqlite"))
        self.check_mended()

    # ---- rollback ----

    def test_rollback_holds(self):
        self.publish("good")
        self.publish("bad")
        said = self.rollback(1)
        self.assertIn("generation 3 published, with the content of 1", said)
        self.assertIn("HELD", said)
        self.assertEqual((self.dump(), self.generation()), ({("exact", "good.example")}, 3))
        self.command("verify", self.table)
        self.assertEqual(self.history()[0]["content_of"], 1)
        self.assertEqual((self.history()[0]["added"], self.history()[0]["removed"]), (1, 1))
        # What is fetched now is kept, and not published.
        said = self.publish("worse", code=2)
        self.assertIn("feed l: fresh", said)
        self.assertIn("HELD", said)
        self.assertEqual((self.dump(), self.generation()), ({("exact", "good.example")}, 3))
        words = self.command("status", code=1).stdout
        self.assertRegex(words, r"(?m)^HELD at generation 3 \(the content of 1\) by \S.*: nothing new is published until")
        self.assertEqual(self.status()["hold"]["generation"], 3)
        # Until somebody says so.
        self.command("resume")
        self.assertFalse(self.held())
        self.sync()
        self.assertEqual((self.dump(), self.generation()), ({("exact", "worse.example")}, 4))
        self.command("status", code=0)
        self.assertIn("nothing is held", self.command("resume").stderr)

    def test_a_damaged_hold_holds(self):
        self.publish("one")
        for text, reason in ("", ".+"), ("nonsense", "line 1"), ("x" * 5000, "more than 4096 octets"):
            self.write("state/hold", text)
            self.assertRegex(self.publish("two", code=2), f"{self.path('state/hold')}: {reason}")
            self.assertEqual(self.dump(), {("exact", "one.example")})
            self.assertRegex(self.command("status", code=1).stdout, "\nHELD, not known since when: nothing new is published until "
                             rf"`feedsync resume`\n  who holds it, and since when, cannot be read: {self.path('state/hold')}: {reason}")
            self.assertRegex(self.status()["hold"]["error"], f"{self.path('state/hold')}: {reason}")
        self.command("resume")
        self.sync()
        self.assertEqual((self.dump(), self.held()), ({("exact", "two.example")}, False))

    def test_rollback_again(self):
        self.publish("one")
        self.publish("two")
        self.rollback(1)
        self.assertIn("generation 3 is published, with the content of 1", self.rollback(1))
        self.assertEqual(self.generation(), 3)
        self.rollback(2)
        self.assertEqual((self.dump(), self.generation()), ({("exact", "two.example")}, 4))
        self.assertTrue(self.held())
        self.command("resume")
        self.rollback(4)  # what is published: a hold alone
        self.assertEqual((self.held(), self.generation()), (True, 4))

    def test_rollback_that_fails_holds_nothing(self):
        self.publish("one")
        self.publish("two")
        self.assertRegex(self.rollback(7, code=2), "there is no table of generation 7: .*; the archive has the generations 2 1")
        for words in ((), ("x",), ("0",), ("1", "2"), ("-1",)):
            self.command("rollback", *words, code=2)
        with open(self.path("state", "tables", "1.weir"), "r+b") as f:
            f.seek(-1, 2)
            f.write(b"\xff")
        self.assertRegex(self.rollback(1, code=2), "nothing rolled back, what is published stays in force: .*1.weir: names: checksum")
        self.assertEqual((self.dump(), self.held()), ({("exact", "two.example")}, False))
        self.command("status", code=0)

    def test_rollback_that_cannot_write(self):
        self.publish("one")
        self.publish("two")

        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
        said = self.feedsync("-c", self.config, "rollback", "1", code=2, preexec_fn=no_room).stderr
        self.assertIn("nothing rolled back", said)
        self.assertEqual((self.dump(), self.held()), ({("exact", "two.example")}, False))

    def test_rollback_beside_the_daemon(self):
        self.configure([{**self.local[0], "interval": "1s"}], run="none")
        self.write("list", "good.example\n")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.table))
        self.write("list", "bad.example\n")
        wait_for(lambda: ("exact", "bad.example") in self.dump())
        wait_for(lambda: len(self.history()) == 2)
        self.rollback(1)
        wait_for(lambda: "HELD" in daemon.log())
        self.write("list", "worse.example\n")
        fetched = daemon.log().count("feed l: fresh")
        wait_for(lambda: daemon.log().count("feed l: fresh") > fetched)
        self.assertEqual(self.dump(), {("exact", "good.example")})
        self.command("resume")
        wait_for(lambda: self.dump() == {("exact", "worse.example")})
        self.assertEqual(daemon.stop(), 0)
        causes = [p["cause"] for p in self.history()]
        self.assertIn(causes.pop(0), ("sync", "schedule"))  # `resume` asks the daemon, which may be about to do it by itself
        self.assertEqual(causes, ["rollback", "schedule", "schedule"])

    def test_tables_are_kept(self):
        for i in range(13):
            self.publish(f"n{i}")
        kept = sorted(int(name[:-5]) for name in os.listdir(self.path("state", "tables")))
        self.assertEqual(kept, list(range(4, 14)))
        self.rollback(4)
        self.assertEqual(self.dump(), {("exact", "n3.example")})

    def test_tables_that_cannot_be_kept(self):
        self.write("state/tables", "no directory")
        said = self.publish("one")
        self.assertIn("there will be no rollback to generation 1", said)
        os.remove(self.path("state", "tables"))
        self.publish("two")
        self.assertEqual(sorted(os.listdir(self.path("state", "tables"))), ["1.weir", "2.weir"])  # what is replaced, too

    def test_killed_between_publish_and_log(self):
        """The table is new, and neither the number nor the log knows: the next run does."""
        self.publish("one")
        for name in ("generation", "history.sqlite"):
            shutil.copy(self.path("state", name), self.path(name))
        self.publish("two")
        for name in ("generation", "history.sqlite"):
            shutil.copy(self.path(name), self.path("state", name))
        self.check_mended()
