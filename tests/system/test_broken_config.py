"""A configuration that an edit has broken takes no command away, and what is in force is told."""
from feeds import *


class Broken(FeedLab):
    BREAKS = {"an unknown key": "state: {state}\nnonsense: 1\n", "no YAML": "state: {state} # here\nfeeds: [\n", "empty": "",
              "no such format": "state: \"{state}\"\nfeeds:\n  - name: a\n    url: https://a.example/\n    format: none\n"}

    def setUp(self):
        super().setUp()
        self.feeds = self.local_feeds(a={"content": "one.example\n", "interval": "1d"})
        self.configure(self.feeds, run="none")
        self.sync()
        self.write("a", "two.example\n")
        self.sync()

    def break_it(self, text):
        with open(self.config, "w") as f:
            f.write(text.format(state=self.path("state")))

    def test_commands(self):
        for what, text in self.BREAKS.items():
            if not text:
                continue  # it does not tell where the state is
            with self.subTest(what):
                self.break_it(text)
                status = self.feedsync("-c", self.config, "status", code=1)
                self.assertRegex(status.stderr, r"error: .*feedsync.yaml(:\d+)?:(.|\n)*cannot be used: the configuration that was taken into use at")
                self.assertIn("configuration: BROKEN", status.stdout)
                self.assertIn(f"BROKEN ({self.config}): the configuration cannot be used", status.stdout)
                self.assertIn("feed a: well", status.stdout)
                self.assertIn("to let it pass: feedsync allow two.example --reason TEXT", self.feedsync("-c", self.config, "why", "two.example", code=1).stdout)
                self.assertIn("generation", self.feedsync("-c", self.config, "history", code=0).stdout)
                self.feedsync("-c", self.config, "rollback", 1, code=0)
                self.assertEqual(self.dump(), {("exact", "one.example")})
                self.feedsync("-c", self.config, "resume", code=0)
                self.assertNotEqual(self.feedsync("-c", self.config, "check").returncode, 0)
                said = self.sync(code=2)
                self.assertIn("what is published stays in force", said)
                self.configure(self.feeds, run="none")
                self.sync()
                self.assertEqual(self.dump(), {("exact", "two.example")})
        self.assertNotIn("BROKEN", self.feedsync("-c", self.config, "status").stdout)

    def test_an_edit_without_run(self):
        """Nothing is wrong then, but what the file says is not yet what is published: that is told until a sync."""
        words = f"configuration: {self.config} has changed since it was taken into use; the next `feedsync sync` takes it as it is now"
        status = lambda: self.feedsync("-c", self.config, "status", code=0).stdout
        self.assertNotIn("configuration:", status())
        self.configure(self.feeds, run="none", block="\n  - name: more.example")
        self.assertEqual(status().splitlines().count(words), 1)
        self.assertEqual((self.status()["configuration"], self.status()["well"]), ("edited", True))
        self.sync()
        self.assertNotIn("configuration:", status())
        self.assertEqual(self.status()["configuration"], "in use")

    def test_run(self):
        """One that begins with it ends with an exit code of its own; one that is at work goes on, and status tells that it has
        not read the file again, also once that is mended."""
        self.break_it(self.BREAKS["an unknown key"])
        self.assertEqual(subprocess.run([FEEDSYNC, "-c", self.config, "run"], capture_output=True, timeout=120).returncode, 78)
        with open(os.path.join(HERE, "../../conf/feedsync.service")) as f:
            self.assertIn("\nRestartPreventExitStatus=78\n", f.read())
        self.configure(self.feeds, run="none")
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        wait_for(lambda: "unchanged, generation" in daemon.log())
        self.assertEqual(self.status()["configuration"], "in use")
        self.break_it(self.BREAKS["an unknown key"])
        self.assertEqual(self.status()["configuration"], "broken")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "refused, the old configuration stays" in daemon.log())
        self.configure(self.feeds, run="none", block="\n  - name: more.example")
        self.assertEqual(self.status()["configuration"], "outdated")
        self.assertIn("OLDER IN USE", self.feedsync("-c", self.config, "status", code=1).stdout)
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: self.status()["configuration"] == "in use")
        self.assertEqual(os.stat(self.path("state/in-use.yaml")).st_mode & 0o007, 0)

    def test_no_feeds(self):
        """As installed there are none: that is no mistake, and nothing begins. What is published does not go with the last feed."""
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        self.addCleanup(daemon.stop)
        wait_for(lambda: "unchanged, generation" in daemon.log())
        self.configure([], run="none")
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "refused, the old configuration stays" in daemon.log())
        self.assertIn("no feeds are configured", daemon.log())
        daemon.stop()
        self.assertIn("no feeds are configured", self.feedsync("-c", self.config, "check", code=0).stderr)
        self.assertIn("no feeds are configured", self.sync(code=2))
        rested = subprocess.run([FEEDSYNC, "-c", self.config, "run"], capture_output=True, text=True, timeout=120)
        self.assertEqual(rested.returncode, 0, rested)
        self.assertIn("no feeds are configured", rested.stderr)
        self.assertEqual(self.dump(), {("exact", "two.example")})

    def test_no_file(self):
        """What stands in the place of the configuration, or of its copy, and is no file is not waited for."""
        copy = self.path("state/in-use.yaml")
        for path, command, code in ((copy, "status", 2), (self.config, "check", 1)):
            self.break_it(self.BREAKS["an unknown key"])
            os.rename(path, path + ".before")
            for put in (os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)):
                put(path)
                said = subprocess.run([FEEDSYNC, "-c", self.config, command], capture_output=True, text=True, timeout=120)
                self.assertEqual(said.returncode, code, said)
                self.assertIn(f"error: {path}: not a regular file\n", said.stderr)
                os.rename(path, path + ".other")
                shutil.rmtree(path + ".other") if put == os.mkdir else os.remove(path + ".other")
            os.rename(path + ".before", path)

    @unittest.skipIf(os.geteuid() != 0, "needs root")
    def test_a_forged_copy(self):
        """Whoever could write the copy, the daemon's user, can have root do nothing by it that he could not do himself."""
        os.chown(self.path("state"), 65534, 65534)
        os.chmod(self.directory, 0o755)
        os.mkdir(self.path("roots"), 0o755)
        with open(self.path("state/in-use.yaml")) as f:
            copy = f.read()
        with open(self.path("state/in-use.yaml"), "w") as f:
            f.write(copy.replace(self.table, self.path("roots/stolen")))
        self.break_it(self.BREAKS["an unknown key"])
        self.feedsync("-c", self.config, "rollback", 1, code=2)
        self.assertEqual(os.listdir(self.path("roots")), [])
