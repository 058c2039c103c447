"""The files in the state directory: what is no file, who works there, who may read them."""
import fcntl, stat

from feeds import *


class Pipes(FeedLab):
    """A FIFO in the place of a file: to open it would be to wait for ever."""

    def sync_by(self, code, words):
        result = subprocess.run([FEEDSYNC, "-c", self.config, "sync"], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertRegex(result.stderr, words)

    def test_in_the_place_of_a_file(self):
        suffixes = shutil.copyfile("/usr/share/publicsuffix/public_suffix_list.dat", self.path("suffixes"))
        with FaultServer() as server:
            for e in event(1, ["one.example"]), event(2, ["two.example"]):
                server.responses[f"/{e['Event']['uuid']}.json"] = response(e)
            server.responses["/manifest.json"] = response(manifest_of(event(1, []), event(2, [])))
            server.responses["/list"] = lambda headers: (response("", "304 Not Modified", length=False)
                                                         if "If-None-Match" in headers else response("three.example\n", ETag='"a"'))
            guard = {"names": f"[{self.write('names', 'own.example')}]",
                     "warninglists": f"[{self.write('warning.json', json.dumps({'name': 'w', 'type': 'hostname', 'list': ['w.example']}))}]"}
            self.configure([{"name": "m", "url": server.url + "/", "format": "misp-feed"}, {**DOMAINS, "url": server.url + "/list"}],
                           **{"run": "none", "public-suffix-list": suffixes}, guard="".join(f"\n  {key}: {value}" for key, value in guard.items()),
                           groups="\n  - name: g\n    clients-file: " + self.write("clients", "192.0.2.1\n") + "\n    action: allow")
            self.sync(code=0)
            before = self.dump()
            good = "m/good.misp-feed/"
            for name, code, words in (("l/good.domains", 1, "feed l: its last good version cannot be used, .*: not a regular file"),
                                      (f"{good}{UUID.format(1)}.json", 1, f"m/{UUID.format(1)}.json: not a regular file"),
                                      (good + "manifest.json", 0, "feed m: unchanged")):
                with self.subTest(name):
                    os.remove(self.path("state/feeds", name))
                    os.mkfifo(self.path("state/feeds", name))
                    self.sync_by(code, words)
                    self.sync(code=0)
                    self.assertEqual(self.dump(), before)
            # Those it does not replace.
            for name, code in (("state/feeds/l/feed.json", 0), ("suffixes", 1), ("names", 1), ("warning.json", 1), ("clients", 2),
                               ("state/generation", 0), ("state/key", 2)):
                with self.subTest(name):
                    os.rename(self.path(name), self.path("kept"))
                    os.mkfifo(self.path(name))
                    self.sync_by(code, f"{name}: .*not a regular file")
                    os.rename(self.path("kept"), self.path(name))
                    self.sync(code=0)

    def test_history(self):
        self.publish(self.local_feeds(l="one.example\n"))
        os.remove(self.path("state/history.sqlite"))
        os.mkfifo(self.path("state/history.sqlite"))
        for command, code in ("status", 1), ("history", 2), ("sync", 0):
            result = subprocess.run([FEEDSYNC, "-c", self.config, command], capture_output=True, text=True, timeout=120)
            self.assertEqual(result.returncode, code, result.stderr)
            self.assertIn("history.sqlite: not a regular file", result.stdout + result.stderr)

    def test_a_kept_table(self):
        for name in "one", "two":
            self.publish(self.local_feeds(l=name + ".example\n"))
        os.remove(self.path("state/tables/1.weir"))
        os.mkfifo(self.path("state/tables/1.weir"))
        result = subprocess.run([FEEDSYNC, "-c", self.config, "rollback", "1"], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("1.weir: not a regular file", result.stderr)

    def test_on_a_command_line(self):
        """There a pipe is what was meant."""
        read, write = os.pipe()
        os.write(write, b"one.example\n")
        os.close(write)
        self.feedsync("compile", "-f", "domains", "-o", self.table, f"/dev/fd/{read}", code=0, pass_fds=[read])
        os.close(read)
        self.assertIn("one.example", self.feedsync("dump", self.table, code=0).stdout)


class Lock(FeedLab):
    """One feedsync at a time works in a state directory."""

    def setUp(self):
        super().setUp()
        self.publish(self.local_feeds(l="one.example\n"))
        self.lock = self.enterContext(open(self.path("state/lock")))

    def test_another_at_work(self):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.write("l", "two.example\n")
        self.assertIn("lock: another feedsync is at work here", self.sync(code=2))
        self.assertEqual(self.dump(), {("exact", "one.example")})

    def test_somebody_looks(self):
        """Who only looks whether somebody is at work, as `status` does, holds the lock for a moment: that turns nobody away."""
        fcntl.flock(self.lock, fcntl.LOCK_SH)
        running = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.PIPE, text=True)

        def has_come():
            files = f"/proc/{running.pid}/fd"
            with contextlib.suppress(FileNotFoundError):
                return running.poll() is not None or self.lock.name in [os.readlink(f"{files}/{fd}") for fd in os.listdir(files)]
        wait_for(has_come)
        time.sleep(0.1)
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        _, said = running.communicate(timeout=120)
        self.assertEqual(running.returncode, 0, said)


class Secrets(FeedLab):
    def test_keys_stay_here(self):
        """Keys in URLs reach neither logs nor status, and what is kept is for feedsync alone."""
        with FaultServer() as server:
            url = server.url.replace("//", "//user:hush-password@") + "/list?auth=hush-key"
            self.configure([{**DOMAINS, "url": url}])
            shown = self.sync(code=2)
            server.responses["/list?auth=hush-key"] = response("one.example\n")
            shown += self.sync(code=0)
            for words in (("check",), ("status",), ("status", "--json")):
                result = self.feedsync("-c", self.config, *words)
                shown += result.stdout + result.stderr
            self.assertIn("/list?...", shown)
            self.configure([{**DOMAINS, "url": "gopher" + url[4:]}])
            shown += self.feedsync("-c", self.config, "check", code=1).stderr
            self.assertNotIn("hush", shown)
        for name, mode in (("state", 0o750), ("state/key", 0o600), ("state/feeds/l", 0o750), ("state/feeds/l/feed.json", 0o640),
                           ("current.weir", 0o644)):
            self.assertEqual(oct(stat.S_IMODE(os.stat(self.path(name)).st_mode)), oct(mode), name)

    def test_another_format(self):
        """What was good in one syntax is not taken for another."""
        with FaultServer() as server:
            server.responses["/list"] = response("0.0.0.0 one.example\n", ETag='"a"')
            self.configure([{"name": "l", "format": "hosts", "url": server.url + "/list"}])
            self.sync(code=0)
            server.responses["/list"] = lambda headers: (response("", "304 Not Modified", length=False)
                                                         if "If-None-Match" in headers else response("two.example\n"))
            self.configure([{**DOMAINS, "url": server.url + "/list"}])
            self.sync(code=0)
            self.assertEqual(self.dump(), {("exact", "two.example")})
