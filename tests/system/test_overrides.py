"""`feedsync allow` and `block`, `unallow` and `unblock`: single names, at once."""
import datetime, random, shutil, signal

from feeds import *

LISTED = "evil.example\nshop.example\nwww.shop.example\nmail.shop.example\n"
REASON = "customers cannot pay"


class Overrides(FeedLab):
    def begin(self, text=LISTED, **settings):
        self.write("list", text)
        self.configure([{"name": "f", "url": "file://" + self.path("list"), "format": "domains", "scope": "subtree"}],
                       **{"run": "none", **settings})
        self.sync()

    def command(self, *words, code=0, **options):
        return self.feedsync("-c", self.config, *words, code=code, **options)

    def give(self, word, name, *more, code=0):
        return self.command(word, name, "--reason", REASON, *more, code=code)

    def decisions(self, *names):
        return [line.split("\t")[1] for line in self.feedsync("lookup", self.table, *names).stdout.splitlines()]

    def generation(self):
        return self.status()["table"]["generation"]

    def assert_as_a_sync_makes_it(self):
        """Octet for octet: else the sync would publish a new generation."""
        generation = self.generation()
        self.assertIn(f"unchanged, generation {generation}\n", self.sync(code=None))

    def given(self):
        return {item["name"]: item for item in self.status()["operator"]}

    def test_day(self):
        self.begin()
        said = self.give("allow", "Shop.Example.", "--until", "2099-12-24").stdout
        self.assertRegex(said, rf"^shop.example and everything below: allowed until 2099-12-25T00:00:00Z, by \S.*: {REASON}\n"
                               r"before: shop.example is blocked by f \(malicious\)\ngeneration 2: published")
        self.assertEqual(self.decisions("shop.example", "www.shop.example", "evil.example"), ["allow", "allow", "block"])
        self.assert_as_a_sync_makes_it()
        self.assertIn("an allow rule lets shop.example pass", self.give("allow", "shop.example", "--exact").stdout)
        self.assertEqual(self.decisions("shop.example", "www.shop.example"), ["allow", "block"])
        self.assert_as_a_sync_makes_it()
        self.assertIn("before: nothing blocks bad.example", self.give("block", "bad.example").stdout)
        self.assertIn("before: nothing blocks xn--bcher-kva.example", self.give("allow", "Bücher.example").stdout)
        self.assertEqual(self.decisions("x.bad.example", "xn--bcher-kva.example"), ["block", "allow"])
        self.assert_as_a_sync_makes_it()
        # Who, when, why.
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        checked, why = self.command("check").stdout, self.command("why", "shop.example").stdout
        line = rf"allow shop.example, exact, by {user}.*, by command at 20\S+Z: {REASON}\n"
        self.assertRegex(checked, line)
        self.assertRegex(why, "by command: " + line)
        self.assertRegex(self.command("status", code=None).stdout, line)
        self.assertEqual({n: (i["list"], i["scope"], i["reason"]) for n, i in self.given().items()},
                         {"shop.example": ("allow", "exact", REASON), "bad.example": ("block", "subtree", REASON),
                          "xn--bcher-kva.example": ("allow", "subtree", REASON)})
        # The last word about a name counts.
        self.give("allow", "bad.example")
        self.assertEqual(self.decisions("bad.example"), ["allow"])
        # Back.
        self.assertIn("now: shop.example is blocked by f (malicious)", self.command("unallow", "SHOP.example").stdout)
        self.assertEqual(self.decisions("shop.example", "www.shop.example"), ["block"] * 2)
        for name in ("bad.example", "bücher.example"):
            self.command("unallow", name)
        self.assertEqual(self.given(), {})
        self.assert_as_a_sync_makes_it()
        history = json.loads(self.command("history", "--json").stdout)["publishes"]
        self.assertEqual([p["cause"] for p in history],
                         ["unallow", "unallow", "unallow", "allow", "allow", "block", "allow", "allow", "sync"])
        self.assertTrue(all(p["user"].startswith(user) for p in history))

    def test_told_as_json_and_in_the_history(self):
        self.begin()
        user = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        by_f = {"decision": "block", "sources": [{"feed": "f", "category": "malicious"}]}
        by_hand = {"decision": "block", "sources": [{"feed": "operator", "category": "malicious"}]}
        passes, allowed = {"decision": "pass", "sources": []}, {"decision": "allow", "sources": []}
        for words, generation, published, before, after in (
                (("allow", "Shop.Example", "--exact", "--until", "2099-12-24"), 2, True, by_f, allowed),
                (("allow", "shop.example", "--exact"), 2, False, allowed, allowed),
                (("block", "new.example"), 3, True, passes, by_hand),
                (("unallow", "shop.example"), 4, True, allowed, by_f),
                (("unblock", "new.example"), 5, True, by_hand, passes)):
            gives = words[0][0] != "u"
            answer = json.loads(self.command(*words, "--json", *(("--reason", REASON) if gives else ())).stdout)
            author = answer.pop("author")
            self.assertTrue(author.startswith(user), author)
            self.assertEqual(answer, {
                "schema": 1, "change": words[0], "name": words[1].lower(), "done": True, "error": "", "reason": REASON,
                "scope": "exact" if "shop" in words[1].lower() else "subtree",
                "expires_at": 4101840000 if "--until" in words else 0, "before": before, "after": after,
                "generation": generation, "published": published, "complete": True, "resolvers": 0, "in_force": 0})
        for words, error in ((("unallow", "shop.example"), "no `feedsync allow`"), (("block", "google.com", "--reason", "x"), "too much depends on"),
                             (("allow", "a.example", "--reason", "x", "--until", "2001-01-01"), "over already")):
            answer = json.loads(self.command(*words, "--json", code=2).stdout)
            self.assertIn(error, answer.pop("error"))
            self.assertEqual(answer, {"schema": 1, "change": words[0], "name": words[1], "done": False})
        told = json.loads(self.command("history", "--json").stdout)
        given = [[(o["change"], o["name"], o["scope"], o["reason"], o["author"] == author) for o in p["overrides"]] for p in told["publishes"]]
        self.assertEqual(given, [[("unblock", "new.example", "subtree", REASON, True)], [("unallow", "shop.example", "exact", REASON, True)],
                                 [("block", "new.example", "subtree", REASON, True)], [("allow", "shop.example", "exact", REASON, True)], []])
        self.assertEqual([(o["change"], o["name"], o["expires_at"]) for o in told["overrides"]], [("allow", "shop.example", 0)])
        self.assertEqual(told["publishes"][3]["overrides"][0]["expires_at"], 4101840000)
        words = self.command("history").stdout
        for line in (rf"generation 2, \S+, allow by {user}.*\n.*\n  allow shop.example, until 2099-12-25T00:00:00Z: {REASON}\n",
                     rf"generation 5, \S+, unblock by {user}.*\n.*\n  unblock new.example and everything below, which {user}.* had given: {REASON}\n",
                     rf"\nallow, \S+, by {user}.*, in no generation of its own:\n  allow shop.example: {REASON}\n"):
            self.assertRegex(words, line)
        self.assertIn("  block new.example and everything below: ", self.command("history", "3").stdout)
        # What blocks by command is to be taken back; what a feed blocks as well can only be allowed.
        self.give("block", "new.example")
        self.assertIn("to let it pass: feedsync unblock new.example\n", self.command("why", "www.new.example", code=1).stdout)
        self.give("block", "evil.example")
        self.assertIn("to let it pass: feedsync allow www.evil.example ", self.command("why", "www.evil.example", code=1).stdout)

    def test_refused(self):
        self.begin(guard="\n  own: [isp.example]", allow="\n  - name: let.example", block="\n  - name: wall.example")
        before = self.dump()
        for words, message in (
                (("allow", "http://shop.example/x"), "is a URL, not a name"), (("block", "*.shop.example"), "without `\\*\\.`: all below it"), (("allow", "192.0.2.1"), "IP address, not a name"),
                (("block", "com"), "single label: .*`block:` in the configuration"), (("allow", "com"), "single label; see"), (("allow", "a..example"), "empty label"), (("allow", "a b.example"), "character"),
                (("block", "google.com"), "name that too much depends on.*`block:`"), (("block", "co.uk"), "public suffix.*`block:`"),
                (("block", "mail.isp.example"), "`own`"), (("block", "example"), "single label"),
                (("allow", "self-test.weir.example"), "every table blocks"), (("block", "weir.example"), "every table blocks"),
                (("block", "let.example"), "an allow wins"), (("block", "x.let.example"), "an allow wins"),
                (("allow", "a.example", "--until", "2001-01-01"), "over already"), (("allow", "a.example", "--until", "soon"), "neither a day"),
                (("allow", "a.example", "--reason", "x" * 201), "more than 200"), (("allow", "a.example", "--reason", " \n"), "--reason TEXT is missing"),
                (("allow", ""), "the name is empty")):
            with self.subTest(words):
                options = () if "--reason" in words else ("--reason", REASON)
                self.assertRegex(self.command(*words, *options, code=2).stderr, message)
        for words, message in ((("allow", "a.example"), "--reason TEXT is missing"), (("unallow", "shop.example"), "no `feedsync allow`"),
                               (("unallow", "let.example"), "take it out there"), (("unblock", "wall.example"), "take it out there")):
            self.assertRegex(self.command(*words, code=2).stderr, message)
        self.assertEqual((self.dump(), self.generation()), (before, 1))
        self.assertFalse(os.path.exists(self.path("state", "overrides.json")))
        self.give("block", "duckdns.org", "--exact")  # what is below belongs to others

    def test_as_a_sync_makes_it(self):
        """Whatever is given and taken back: lists with exceptions, of several feeds, names above and below each other."""
        names = [prefix + f"s{i}.example" for i in range(4) for prefix in ("", "a.", "b.a.")]
        chance = random.Random(7)
        rules = lambda count, exceptions: "".join(("@@" if chance.random() < exceptions else "") + f"||{name}^\n" for name in chance.choices(names, k=count))
        self.write("one", rules(9, 0.2))
        self.write("two", rules(9, 0.4))
        self.write("three", "\n".join(chance.choices(names, k=6)) + "\n")
        feed = lambda name, format, scope: {"name": name, "url": "file://" + self.path(name), "format": format, "scope": scope}
        self.configure([{k: v for k, v in feed("one", "adblock", "").items() if v}, {k: v for k, v in feed("two", "adblock", "").items() if v},
                        feed("three", "domains", "exact")], run="none", block=f"\n  - name: {names[1]}\n    scope: exact")
        self.sync(code=None)
        given = {}
        for _ in range(24):
            name = chance.choice(list(given) if given and chance.random() < 0.4 else names)
            if name in given and chance.random() < 0.7:
                self.command("un" + given.pop(name), name)
            else:
                word = chance.choice(["allow", "block"])
                if self.command(word, name, "--reason", "x", *chance.choice([(), ("--exact",)]), code=None).returncode == 0:
                    given[name] = word
            if chance.random() < 0.5:
                self.assert_as_a_sync_makes_it()
        self.assert_as_a_sync_makes_it()
        self.assertEqual({n: i["list"] for n, i in self.given().items() if i["at"]}, given)

    def test_an_end(self):
        """An override ends by itself: in a sync, and in `run`, which is not told of it."""
        self.begin()
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "feed f: " in daemon.log())
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        self.give("allow", "evil.example", "--until", end.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.give("block", "other.example", "--until", "2099-01-01")
        self.assertEqual(self.decisions("evil.example"), ["allow"])
        wait_for(lambda: self.decisions("evil.example") == ["block"])
        self.assertGreaterEqual(datetime.datetime.now(datetime.timezone.utc), end.replace(microsecond=0))
        self.assertTrue(self.given()["evil.example"]["expired"])
        daemon.stop()
        self.give("block", "third.example")
        self.assertEqual(set(self.given()), {"other.example", "third.example"})

    def test_a_resolver_obeys(self):
        """Beside a `run` that waits for a slow feed: the first answer after the command is as it says."""
        with FaultServer() as server:
            released = threading.Event()

            def slow(_):
                yield response("", length=100)
                released.wait(120)

            server.responses["/slow"] = slow
            self.begin(run=self.run_directory)
            self.unbound(self.internet())
            self.assert_blocked("www.shop.example")
            self.configure([{"name": "f", "url": "file://" + self.path("list"), "format": "domains", "scope": "subtree"},
                            {"name": "s", "url": server.url + "/slow", "format": "domains"}])
            daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
            wait_for(lambda: "/slow" in server.asked)
            for _ in range(3):
                self.assertIn("in force in 1 of 1 resolvers", self.give("allow", "shop.example").stdout)
                self.assert_passes("www.shop.example")
                self.command("unallow", "shop.example")
                self.assert_blocked("www.shop.example")
                self.give("block", "new.example")
                self.assert_blocked("www.new.example")
                self.command("unblock", "new.example")
                self.assert_passes("www.new.example")
            self.command("bypass", "on", "--reason", "x")
            self.assertIn("in force in 0 of 1 resolvers", self.give("block", "new.example", code=1).stdout)
            self.command("bypass", "off")
            self.assert_blocked("new.example")
            released.set()
            daemon.stop()

    def compiling(self, daemon):
        """The process that makes a table, stopped while it compiles: it has the new file, and the lock for publishing is free."""
        def find():
            for child in open(f"/proc/{daemon.pid}/task/{daemon.pid}/children").read().split():
                with contextlib.suppress(OSError):
                    files = [os.readlink(f"/proc/{child}/fd/{fd}") for fd in os.listdir(f"/proc/{child}/fd")]
                    if any("/.current.weir.weir-" in path for path in files):
                        os.kill(int(child), signal.SIGSTOP)
                        locked = subprocess.run(["flock", "-n", self.path("state", "publish.lock"), "true"]).returncode
                        if not locked and not any("(deleted)" in path for path in files) and glob.glob(self.path(".current.weir.weir-*")):
                            return int(child)
                        os.kill(int(child), signal.SIGCONT)
        return wait_for(find, step=0.001)

    def test_beside_a_table_that_is_being_made(self):
        """A command does not wait for it, and nothing of the two is lost: the table is made again."""
        self.begin(run=self.run_directory)
        self.unbound(self.internet())
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "unchanged, generation 1" in daemon.log())
        for words, name, check in ((("allow", "shop.example", "--reason", "x"), "www.shop.example", self.assert_passes),
                                   (("unallow", "shop.example"), "www.shop.example", self.assert_blocked),
                                   (("rollback", "1"), "new0.example", self.assert_passes)):
            count = daemon.log().count("generation ")
            self.write("list", LISTED + "".join(f"{chance}.example\n" for chance in range(100000)) + f"new{count}.example\n")
            daemon.popen.send_signal(signal.SIGHUP)
            child = self.compiling(daemon)
            self.command(*words)
            check(name)
            os.kill(child, signal.SIGCONT)
            if words[0] != "rollback":
                wait_for(lambda: "the table that was being made is made again" in daemon.log())
                wait_for(lambda: self.decisions(f"new{count}.example") == ["block"])
                wait_for(lambda: self.ask(f"new{count}.example").blocked())
                check(name)
        wait_for(lambda: "HELD: nothing published" in daemon.log())
        self.assertEqual(self.decisions("shop.example", "99999.example"), ["block", "pass"])
        daemon.stop()
        self.command("resume")
        self.assertEqual(self.status()["hold"], None)

    def test_hold_and_archive(self):
        """A rollback's table can be changed too, and overrides take no earlier table's place in the archive."""
        self.begin()
        self.write("list", LISTED + "wrong.example\n")
        self.sync()
        for i in range(12):
            self.give("block", f"b{i}.example")
        self.assertIn("by command since then is not in that table", self.command("rollback", "1").stderr)
        self.assertEqual(self.decisions("wrong.example", "b1.example"), ["pass", "pass"])
        self.assertEqual(self.command("status", code=1).stdout.count("NOT IN FORCE: "), 12)
        self.give("allow", "shop.example")
        self.assertEqual(self.decisions("wrong.example", "b1.example", "www.shop.example"), ["pass", "block", "allow"])
        self.assertNotIn("NOT IN FORCE", self.command("status", code=1).stdout)
        self.assertEqual(self.command("unallow", "shop.example").stderr, "")  # what it had removed is in the table of then
        self.assertEqual(self.decisions("wrong.example", "shop.example", "www.shop.example"), ["pass", "block", "block"])
        self.assertEqual(self.sync(code=2).count("HELD"), 1)
        self.assertEqual(self.decisions("wrong.example"), ["pass"])
        hold = self.status()["hold"]
        self.assertEqual((hold["generation"], hold["content_of"]), (self.generation(), 1))
        self.command("resume")
        self.sync()
        self.assertEqual(self.decisions("wrong.example", "b1.example", "www.shop.example"), ["block"] * 3)

    def test_an_end_during_a_hold(self):
        """What was given for a time ends; nothing else that was given since then comes into the table by that."""
        self.begin()
        until = lambda seconds: (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.give("allow", "shop.example", "--until", until(60))
        self.sync()
        self.give("block", "since.example")
        self.write("list", LISTED + "wrong.example\n")
        self.sync()
        self.command("rollback", "2")
        names = ("shop.example", "evil.example", "mail.shop.example", "since.example", "wrong.example")
        self.assertEqual(self.decisions(*names), ["allow", "block", "allow", "pass", "pass"])
        self.assertEqual(self.sync(code=2).count("HELD"), 1)
        self.assertEqual(self.decisions(*names), ["allow", "block", "allow", "pass", "pass"])
        whole = json.load(open(self.path("state", "overrides.json")))
        whole["overrides"][0]["expires_at"] = int(time.time())
        self.write("state/overrides.json", json.dumps(whole))
        said = self.sync(code=2)
        self.assertIn("published: what was allowed or blocked by command has ended", said)
        self.assertEqual(self.decisions(*names), ["block", "block", "block", "pass", "pass"])
        self.assertEqual(self.sync(code=2).count("published:"), 0)
        # What is given now ends whole, as that table has all that it removes. The command puts in force all that was given.
        self.give("allow", "evil.example", "--until", until(3))
        self.assertEqual(self.decisions(*names), ["block", "allow", "block", "block", "pass"])
        hold = self.status()["hold"]
        wait_for(lambda: self.given()["evil.example"]["expired"])
        self.sync(code=2)
        self.assertEqual(self.decisions(*names), ["block", "block", "block", "block", "pass"])
        self.assertEqual({**self.status()["hold"], "generation": 0}, {**hold, "generation": 0})
        history = json.loads(self.command("history", "--json").stdout)["publishes"]
        self.assertEqual([p["cause"] for p in history[:4]], ["operator", "allow", "operator", "rollback"])
        self.command("resume")

    def test_what_is_lost_and_damaged(self):
        self.begin()
        self.give("allow", "shop.example")
        # Without the file of rules all but what an allow had removed is there at once; a sync brings the rest.
        for damage in (os.remove, lambda path: open(path, "r+b").write(b"x" * 100), lambda path: os.truncate(path, 90)):
            damage(self.path("state", "rules"))
            self.give("block", "new.example")
            self.assertEqual(self.decisions("new.example", "shop.example", "evil.example"), ["block", "allow", "block"])
            self.assertIn("`feedsync sync` completes it", self.command("unallow", "shop.example", code=1).stderr)
            self.sync()
            self.assertEqual(self.decisions("shop.example", "www.shop.example"), ["block"] * 2)
            self.give("allow", "shop.example")
            self.command("unblock", "new.example")
            self.assert_as_a_sync_makes_it()
        # What nobody could have written is not used, and nothing that it may have allowed is blocked.
        whole = json.load(open(self.path("state", "overrides.json")))
        for text in ("", "[]", "{}", json.dumps({**whole, "version": 2}), json.dumps({**whole, "overrides": whole["overrides"] * 2}),
                     *(json.dumps({**whole, "overrides": [{**whole["overrides"][0], key: value}]})
                       for key, value in (("name", "com"), ("name", 1), ("scope", "wide"), ("list", "deny"), ("name", "weir.example"),
                                           ("expires_at", "2026-12-24"), ("expires_at", -1), ("expires_at", 1.5), ("expires_at", None), ("at", None)))):
            with self.subTest(text):
                self.write("state/overrides.json", text)
                self.assertIn("overrides.json", self.sync(code=2))
                self.assertIn("overrides.json", self.give("block", "x.example", code=2).stderr)
                self.assertIn("overrides.json", self.command("check", code=1).stderr)
                self.assertEqual(self.decisions("shop.example", "x.example"), ["allow", "pass"])
        self.assertEqual([c["condition"] for c in self.status()["conditions"]], ["run_failed", "overrides_broken"])
        os.remove(self.path("state", "overrides.json"))
        self.sync()
        self.assertEqual(self.decisions("shop.example"), ["block"])

    def test_own_comes_later(self):
        """A name that nobody can block is not blocked by a command that is older than that, and the others stay in force."""
        self.begin()
        for name in ("isp.example", "mail.isp.example", "other.example"):
            self.give("block", name)
        self.configure([{"name": "f", "url": "file://" + self.path("list"), "format": "domains", "scope": "subtree"}], run="none", guard="\n  own: [www.isp.example]")
        self.assertIn("next: feedsync unblock isp.example", self.command("check", code=1).stderr)
        self.sync()
        self.assertEqual(self.decisions("isp.example", "www.isp.example", "mail.isp.example", "other.example"), ["pass", "pass", "block", "block"])
        self.give("block", "more.example")
        self.assertEqual(self.decisions("isp.example", "more.example"), ["pass", "block"])
        self.assert_as_a_sync_makes_it()
        self.command("unblock", "isp.example")
        self.command("check")

    def test_last_good_version(self):
        """`run` publishes for a command also where one feed stays on its last good version: no word of a sync that would mend more."""
        self.begin()
        self.give("allow", "shop.example")
        os.remove(self.path("list"))
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: "no such file" in daemon.log().lower())
        os.remove(self.path("state", "rules"))
        said = self.command("unallow", "shop.example")
        self.assertNotIn("completes it", said.stderr)
        self.assertEqual(self.decisions("shop.example"), ["block"])
        daemon.stop()

    def test_faults(self):
        """Done as a whole, or not at all; and said."""
        self.begin()
        if not shutil.which("strace"):
            self.skipTest("strace is not there")
        for number in (1, 3):  # the syncs of the file of overrides, of its directory, of the table
            result = subprocess.run(["strace", "-f", "-qq", "-o", os.devnull, "-e", "trace=fsync", "-e", f"inject=fsync:error=ENOSPC:when={number}",
                                     FEEDSYNC, "-c", self.config, "allow", "shop.example", "--reason", "x"],
                                    capture_output=True, text=True, timeout=120,  # who is traced cannot look for leaks
                                    env={**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"})
            self.assertEqual((result.returncode, self.decisions("shop.example"), self.given()), (2, ["block"], {}), result.stderr)
            self.assertIn("not done, all stays as it was", result.stderr)
        self.assert_as_a_sync_makes_it()

    def test_many_at_once(self):
        self.begin()
        names = [f"n{i}.example" for i in range(6)]
        all_at_once(lambda name: self.give("block", name), [(name,) for name in names])
        self.assertEqual(set(self.given()), set(names))
        self.assertEqual(self.decisions(*names), ["block"] * 6)
        self.assert_as_a_sync_makes_it()

    def test_before_the_first_sync(self):
        self.write("list", LISTED)
        self.configure([{"name": "f", "url": "file://" + self.path("list"), "format": "domains", "scope": "subtree"}], run="none")
        os.mkdir(self.path("state"))
        self.assertIn("nothing is published yet", self.give("allow", "shop.example", code=1).stderr)
        self.sync()
        self.assertEqual(self.decisions("shop.example", "evil.example"), ["allow", "block"])
