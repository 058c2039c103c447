"""`feedsync pull --once`: a resolver's host that gets its finished table from a store."""
from fleet_lab import *


class Pull(PullLab):
    def test_once(self):
        first = self.make_table("one.example")
        said = self.pull(code=2)
        self.assertRegex(said, "latest: .*no such file; there is no table: nothing is blocked")
        self.offer(first)
        self.assertIn("serial 1 is in force", self.pull())
        self.assertEqual(read(self.table), read(first))
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.assertIn("serial 1 is in force already", self.pull())
        self.assertEqual(self.record()["tables"], 1)
        # A delta, since it is smaller.
        second = self.make_table("one.example", "two.example")
        self.offer(second, first)
        self.assertIn("serial 2 is in force", self.pull())
        self.assertEqual(read(self.table), read(second))
        self.assertEqual((self.record()["deltas"], self.record()["tables"]), (1, 1))
        # The same table under a newer manifest costs no download.
        self.offer(second)
        self.assertIn("serial 3 is in force", self.pull())
        self.assertEqual((self.record()["deltas"], self.record()["tables"]), (1, 1))
        # A store that is gone.
        os.rename(self.path("www"), self.path("away"))
        self.assertRegex(self.pull(code=1), "latest: .*no such file; the last good table stays in force")
        self.assertEqual(read(self.table), read(second))
        self.assertEqual(self.record()["failures"], 1)
        os.rename(self.path("away"), self.path("www"))
        # A table that somebody has removed or damaged comes again.
        os.remove(self.table)
        self.pull()
        self.assertEqual(read(self.table), read(second))
        with open(self.table, "ab") as f:
            f.write(b"x")
        self.pull()
        self.assertEqual(read(self.table), read(second))
        self.assertEqual(os.listdir(self.path("state", "pull")), [])

    def test_resolver(self):
        """The resolvers of the host are told, and have the table before the command ends; and so is a roll-back of the compiler."""
        first, second = self.make_table("one.example"), self.make_table("two.example")
        self.pull_from("file://" + self.path("www"), run=self.run_directory)
        self.unbound(self.internet())
        self.assert_passes("one.example")
        self.offer(first)
        self.assertIn("generation 1 in force", self.pull())
        self.assert_blocked("one.example")
        self.assert_passes("two.example")
        self.offer(second, first)
        self.assertIn("generation 2 in force", self.pull())
        self.assert_blocked("two.example")
        self.assert_passes("one.example")
        self.assertTrue(self.feedsync("-c", self.config, "status", code=0).stdout.startswith("well: serial 2 of channel stable, 1 resolver,"))
        self.offer(second, change=lambda body: body["table"].update(sha256="0" * 64))
        self.pull(1)
        self.assert_blocked("two.example")

    def test_run(self):
        """`run` pulls at its start, and after a reload; beside it a pull by hand."""
        tables = [self.make_table(f"name{i}.example") for i in range(3)]
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "no such file; the table that is published stays in force" in daemon.log())
        self.offer(tables[0])
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: os.path.exists(self.table) and read(self.table) == read(tables[0]))
        wait_for(lambda: "pull: well again" in daemon.log())
        self.offer(tables[1], tables[0], urgent=True)
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: read(self.table) == read(tables[1]))
        self.offer(tables[2], tables[1])
        self.pull()
        self.assertEqual(read(self.table), read(tables[2]))
        self.assertNotIn("history_incomplete", self.conditions_of_status())
        os.remove(self.path("state/history.sqlite"))
        self.assertIn("history_incomplete", self.conditions_of_status())
        self.assertEqual(daemon.stop(), 0)

    def conditions_of_status(self):
        return [condition["condition"] for condition in self.status()["conditions"]]

    @unittest.skipIf(SANITIZED, "strace and the sanitizers do not go together")
    def test_can_be_ended(self):
        """Signals that end a pull wait no longer than it publishes, also where that fails and the whole table is fetched."""
        first, second = self.make_table("one.example"), self.make_table("one.example", "two.example")
        for table, olds, faults, code, held in ((first, (), (), 0, 1), (second, (first,), ("-e", "inject=rename:error=ENOSPC"), 1, 2)):
            with self.subTest(code=code):
                self.offer(table, *olds)
                result = subprocess.run(["strace", "-f", "-qq", "-o", self.path("strace.log"), "-e", "trace=rename,rt_sigprocmask", *faults,
                                         FEEDSYNC, "-c", self.config, "pull", "--once"], capture_output=True, text=True, timeout=120)
                self.assertEqual(result.returncode, code, result.stderr)
                with open(self.path("strace.log")) as f:
                    self.assertEqual(re.findall(r"rt_sigprocmask\(SIG_(\w+), \[INT TERM\]", f.read()), ["BLOCK", "UNBLOCK"] * held)

    def test_reason_of_an_offer(self):
        """While a table that failed waits until it is fetched again, the reason is its own, whatever has failed in between."""
        self.offer(self.make_table("one.example"))
        self.pull()
        manifest = self.offer(self.make_table("two.example"), frames=b"no table", urgent=True)
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "table " in self.record()["error"])
        os.remove(self.path("www/latest"))
        daemon.popen.send_signal(signal.SIGHUP)
        wait_for(lambda: "latest: " in self.record()["error"])
        failures = self.record()["failures"]
        self.put("latest", manifest)
        for more in 1, 2:  # the first may have begun before `latest` was there
            daemon.popen.send_signal(signal.SIGHUP)
            wait_for(lambda: self.record()["failures"] >= failures + more)
        record = self.record()
        self.assertRegex(record["error"], "table [0-9a-f]{16}: damaged")
        self.assertEqual((record["error_class"], record["serial"]), ("format", 1))
        self.assertEqual(daemon.stop(), 0)


class Told(PullLab):
    """What `status`, its JSON, `metrics` and `check` tell of a puller."""

    def told(self, word, key, words, code=1):
        """The condition, in words, JSON and metrics."""
        said = self.feedsync("-c", self.config, "status", code=code).stdout
        status = self.status()
        self.assertRegex(said, words)
        self.assertIn(f"pull file://{self.path('www')}: {word}", said)
        self.assertEqual(status["well"], code == 0)
        self.assertEqual(status["pull"]["well"], key is None)
        self.assertEqual([c["condition"] for c in status["conditions"] if c["condition"].startswith("pull")], [key] if key else [])
        if code:
            self.assertTrue(said.startswith("NOT WELL: "), said)
        metrics = self.feedsync("-c", self.config, "metrics", code=0).stdout
        self.assertIn(f"weir_pull_well {int(key is None)}\n", metrics)
        if key:
            self.assertRegex(metrics, rf'weir_condition{{condition="{key}",impact="\w+"}} 1\n')
        return status["pull"], metrics

    def test_each_condition(self):
        tables = [self.make_table(f"name{i}.example") for i in range(3)]
        checked = self.feedsync("-c", self.config, "check", code=0)
        self.assertNotIn("no feeds", checked.stderr)
        self.assertIn("pull:\n  url: file://", checked.stdout)
        status = self.feedsync("-c", self.config, "status", code=1).stdout
        self.assertIn("next: `feedsync pull --once`", status)
        self.told("NOT PULLED YET", "pull_not_tried", "table .*: NONE")
        self.pull(2)
        pull, _ = self.told("NOT FETCHED", "pull_failing", "failing since .*, 1 time in a row: latest: .*no such file")
        self.assertEqual((pull["serial"], pull["error_class"]), (0, "disk"))
        self.offer(tables[0])
        self.pull()
        pull, metrics = self.told("well, channel stable, serial 1 of ", None, "^well: serial 1 of channel stable, 0 resolvers, 2 rules", code=0)
        self.assertEqual((pull["serial"], pull["channel"], pull["failures"], pull["tables"]), (1, "stable", 0, 1))
        self.assertRegex(metrics, r'weir_pull_serial 1\n(.*\n)*weir_pull_fetched_total{kind="table"} 1\n')
        # What was left by runs, when the host made its own table, says nothing of today.
        self.write("state/sync.json", json.dumps({"at": int(time.time()) - DAY, "ended": True, "error": "no feed has a good version", "error_class": "net"}))
        _, metrics = self.told("well, channel stable, serial 1 of ", None, "^well: serial 1", code=0)
        self.assertNotIn("weir_last_run_timestamp_seconds", metrics)
        self.offer(tables[1], change=lambda body: body["table"].update(size=body["table"]["size"] + 1))
        self.pull(1)
        self.pull(1)
        pull, metrics = self.told("REFUSED, channel stable, serial 1 of", "pull_refused", "serial 2 was offered .*\n.*2 times in a row: table")
        self.assertEqual((pull["serial"], pull["offered_serial"], pull["failures"], pull["error_class"]), (1, 2, 2, "format"))
        self.assertIn('weir_pull_error{class="format"} 1\n', metrics)
        self.assertIn("weir_pull_refused_total 2\n", metrics)
        self.offer(tables[1], created=int(time.time()) - 10, expires=int(time.time()) + 10)
        self.pull()
        wait_for(lambda: self.status()["pull"]["expires"] <= time.time())
        self.told("EXPIRED, channel stable, serial 3 of", "pull_expired", "it expired .* ago, signed by key")
        self.assertRegex(self.pull(1), "latest: it expired at")
        self.offer(tables[2])
        self.pull()
        self.told("well", None, "^well: serial 4", code=0)
        with open(os.path.join(self.state, "pull.json")) as f:
            record = json.load(f)
        for what, changes, word, key in (("of long ago", {"tried_at": int(time.time()) - 3 * DAY}, "STALE", "pull_stale"),
                                         ("of `run`", {"tried_at": int(time.time()) - 1000, "resident": True}, "STALE", "pull_stale"),
                                         ("by hand", {"tried_at": int(time.time()) - 1000}, "well", None),
                                         ("to come", {"tried_at": int(time.time()) + DAY}, "AHEAD", "pull_ahead")):
            with self.subTest(what):
                with open(os.path.join(self.state, "pull.json"), "w") as f:
                    json.dump({**record, **changes}, f)
                self.told(word, key, "resolver|table", code=1 if key else 0)
        self.write("state/pull.json", "{")
        self.told("NOT KNOWN", "pull_unknown", "pull.json: ")
        # One that cannot be read just now is not made anew: what it knows must not be lost.
        damaged = subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-P", self.path("state/pull.json"), "-e", "trace=openat", "-e",
                                  "inject=openat:error=EMFILE", FEEDSYNC, "-c", self.config, "pull", "--once"], capture_output=True, text=True) \
            if not SANITIZED else None
        if damaged:
            self.assertRegex(damaged.stderr, "pull.json: .*; the last good table stays in force")
            self.assertEqual((damaged.returncode, read(self.path("state/pull.json"))), (1, b"{"))
        self.assertIn("how high serials have come is not known any more", self.pull())
        self.told("well", None, "^well: serial 4", code=0)

    def test_other_commands(self):
        """What makes or changes a table has no meaning where the table comes from elsewhere."""
        first, second = self.make_table("one.example"), self.make_table("two.example")
        self.offer(first)
        self.pull()
        self.assertIn("the table is pulled, not made here", self.sync(2))
        for words in (("allow", "one.example", "--reason", "x"), ("block", "a.example", "--reason", "x"), ("unallow", "one.example")):
            self.assertIn("is pulled", self.feedsync("-c", self.config, *words, code=2).stderr)
        self.assertEqual(read(self.table), read(first))
        self.offer(second)
        self.pull()
        history = self.feedsync("-c", self.config, "history", code=0).stdout
        self.assertEqual(history.count("pull"), 2, history)
        # A rollback holds, until it is ended.
        self.feedsync("-c", self.config, "rollback", "1", code=0)
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.assertRegex(self.pull(1), "held at generation 3 .*next: feedsync resume")
        self.assertEqual(self.dump(), {("exact", "one.example")})
        self.assertIn("the next pull takes what is offered", self.feedsync("-c", self.config, "resume", code=0).stderr)
        self.pull()
        self.assertEqual(read(self.table), read(second))


class Server(PullLab):
    def test_https(self):
        """A server that proves who it is; what has not changed is not sent again, until it is asked anew after a while."""
        first, second = self.make_table("one.example"), self.make_table("two.example")
        self.serve(tls=True)
        self.pull_from(self.url + "/stable/")
        self.assertRegex(self.pull(2), "latest: the server has no such document .*; there is no table: nothing is blocked")
        os.mkdir(self.path("www/stable"))
        for name in ("latest", "tables", "manifests"):
            os.symlink(self.path("www", name), self.path("www/stable", name))
        self.offer(first)
        self.requests()
        self.pull()
        table = f"stable/tables/{sha256(read(first))}.weir.zst"
        self.assertEqual(self.requests(), [("stable/latest", 200), (table, 200)])
        self.pull()
        self.assertEqual(self.requests(), [("stable/latest", 304)])
        # The same channel at another place, which is asked in its turn whether something is new.
        os.symlink("stable", self.path("www/moved"))
        self.pull_from(self.url + "/moved/")
        self.pull()
        self.pull()
        self.assertEqual(self.requests(), [("moved/latest", 200), ("moved/latest", 304)])
        self.pull_from(self.url + "/stable/")
        record = {**self.record(), "came_at": self.record()["came_at"] - 400}
        with open(self.path("state/pull.json"), "w") as f:
            json.dump(record, f)
        self.pull()
        self.assertEqual(self.requests(), [("stable/latest", 200)])
        self.offer(second)
        self.pull()
        self.assertEqual(read(self.table), read(second))
        # A key that is not trusted any more: what it signed is not "unchanged".
        other = self.make_key("other")
        self.pull_from(self.url + "/stable/", other)
        self.assertRegex(self.pull(1), "latest: it is signed by key [0-9A-F]{16}, which is not trusted here")
        # Hand-over: both are trusted, the new one signs, and what the old one signed does not come back.
        self.pull_from(self.url + "/stable/", self.key, other)
        old = self.offer(first)
        self.pull()
        self.offer(second, sign="other")
        self.pull()
        self.put("latest", old)
        self.assertRegex(self.pull(1), "latest: serial 3 was taken before, and another key has replaced its key")
        self.assertEqual(read(self.table), read(second))
        # Another server, which nobody vouches for.
        self.make_certificates()
        with open(self.config) as f:
            text = f.read()
        self.assertRegex(self.pull(1), "latest: .*certificate")
        self.assertEqual(self.status()["pull"]["error_class"], "tls")
        self.assertIn("ca:", text)
        self.assertEqual(read(self.table), read(second))
