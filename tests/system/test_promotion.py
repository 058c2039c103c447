"""Channels with canaries: real resolvers that pull the canary channel, and a stable channel that is promoted from it. Pullers pull
when the test wants it; a table is waited for, never a time."""
from fleet_lab import *
from strace_lab import *
import shutil, test_json

KILLED_AT = ("openat", "write", "fsync", "rename", "link", "linkat", "unlink", "mkdir", "fchmod", "ftruncate", "flock")
POPULAR = ["popular.example", "shop.example", "news.example", "mail.example"]
OLD, BAD = "old.example", "bad.example"


class PromotionLab(SigningLab):
    """A compiler with the channels canary and stable, in which old.example is blocked, promoted."""
    CANARIES = 2
    check_object = test_json.Json.check_object

    def setUp(self):
        super().setUp()
        self.key = self.make_key("ours")
        self.write("popular.txt", "".join(name + "\n" for name in POPULAR))
        self.names, self.feed, self.settings = [OLD], {}, {
            "categories": "\n  - {name: broken, action: redirect, redirect: www.gone, ede: 0}",
            "guard": f"{{names: [{self.write('guarded.txt', 'guarded.example bank.example popular.example'.replace(' ', chr(10)))}]}}"}
        self.ports = [free_port() for _ in range(self.CANARIES)]
        self.canaries, self.said = [], ""

    def apply(self, **stable):
        stable = {"promote-from": "canary", "promote-after": "1s", "probe-interval": "1s", "probe-names": [self.path("popular.txt")], **stable}
        channels = [{"name": name, "to": self.path("srv", name), "sign-key-file": self.path("ours.sec"), **more}
                    for name, more in (("canary", {}), ("stable", stable))]
        resolvers = [{"name": f"canary-{i}", "address": "127.0.0.1", "port": port, "channel": "canary"} for i, port in enumerate(self.ports)]
        os.makedirs(self.path("srv"), exist_ok=True)
        self.configure(self.local_feeds(list={"content": "".join(name + "\n" for name in self.names), **self.feed}), run="none",
                       distribute=json.dumps(channels), fleet=json.dumps({"resolvers": resolvers}), **self.settings)

    def start_canary(self, upstream, i):
        os.makedirs(self.path(f"run-{i}"), exist_ok=True)
        return self.unbound(upstream, table=self.path(f"canary-{i}.weir"), threads=1, port=self.ports[i],
                            env={"WEIR_RUN": self.path(f"run-{i}"), "WEIR_SPARE": self.path(f"spare-{i}")})

    def start(self, **stable):
        """Everything: the first table is promoted when this returns."""
        self.apply(**stable)
        self.write("root.zone", "$ORIGIN .\n$TTL 3600\n@ SOA ns. root. 1 3600 600 86400 60\n@ NS ns.\nns. A 127.0.0.1\n* A 192.0.2.1\n")
        upstream = self.authority({".": "root.zone", "gone": "missing.zone"})  # SERVFAIL for all below gone
        self.sync()
        self.pull_canaries()
        self.canaries = [self.start_canary(upstream, i) for i in range(self.CANARIES)]
        self.upstream = upstream
        self.start_daemon()
        self.wait_promoted(1)

    def start_daemon(self):
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: os.path.exists(self.path("state/control")))

    def puller(self, name, channel):
        return self.write(f"{name}.yaml", f"state: {self.path('pulled-' + name)}\ntable: {self.path(name + '.weir')}\nrun: none\n"
                          f"pull:\n  url: file://{self.path('srv', channel)}/\n  keys: [{self.key}]\n")

    def pull(self, name, channel):
        result = self.feedsync("-c", self.puller(name, channel), "pull", "--once")
        self.said += result.stderr
        return result.returncode == 0

    def pull_canaries(self):
        return all(self.pull(f"canary-{i}", "canary") for i in range(self.CANARIES))

    def publish(self, *more, code=0):
        """Publishes more names of the list, and has the canaries pull them."""
        self.names += more
        self.write("list", "".join(name + "\n" for name in self.names))
        said, before = self.sync(code), self.promotion()["halted_at"]
        if not before:
            wait_for(lambda: self.manifest("canary")["table"]["generation"] == self.status()["table"]["generation"])
        self.pull_canaries()
        return said

    def manifest(self, channel):
        with open(self.path("srv", channel, "latest"), "rb") as f:
            return json.loads(f.read().split(b"\n", 4)[4])

    def sha256(self, channel):
        return self.manifest(channel)["table"]["sha256"]

    def promotion(self):
        return next(c for c in self.status()["channels"] if c["name"] == "stable")["promotion"]

    def conditions(self):
        return {c["condition"] for c in self.status()["conditions"]}

    def wait_promoted(self, generation):
        wait_for(lambda: self.promotion()["promoted"]["generation"] == generation)
        wait_for(lambda: os.path.exists(self.path("srv/stable/latest")) and self.manifest("stable")["table"]["generation"] == generation)

    def wait_state(self, state, reason=""):
        wait_for(lambda: (found := self.promotion())["state"] == state and reason in found["reason"])

    def wait_halted(self):
        """Until it is halted, and the canaries' channel has gone back."""
        wait_for(lambda: self.promotion()["halted_at"])
        wait_for(lambda: self.sha256("canary") == self.sha256("stable"))
        self.pull_canaries()

    def stable_table(self):
        self.assertTrue(self.pull("stable", "stable"))
        return read(self.path("stable.weir"))

    def canary_blocks(self, name):
        return all((answer := ask(port, name)) and answer.blocked() for port in self.ports)

    def wait_canaries(self, name, blocked):
        wait_for(lambda: self.canary_blocks(name) == blocked)

    def command(self, *words, code=0):
        return self.feedsync("-c", self.config, *words, code=code).stderr


class Promotion(PromotionLab):
    def test_good_and_silent(self):
        """A good table comes to the canaries, and then to all: the same octets, once. A manifest that the canaries have proved is
        all that a puller of the stable channel ever sees. One canary alone says nothing of a table: what is allowed by command, or
        promoted by hand, does not wait for it; what is blocked by command does."""
        self.start()
        first = self.manifest("stable")
        self.assertEqual((first["serial"], first["channel"], first["table"]["sha256"]), (1, "stable", self.sha256("canary")))
        self.publish("n1.example", "n2.example")
        self.wait_canaries("n2.example", True)
        self.wait_promoted(2)
        self.assertEqual(self.stable_table(), read(self.table))
        second = self.manifest("stable")
        self.assertEqual((second["serial"], second["table"], [d["from"] for d in second["deltas"]]),
                         (2, self.manifest("canary")["table"], [first["table"]["sha256"]]))
        log = self.daemon.log()
        self.assertRegex(log, r"channel stable: generation 2 is on trial: the canaries are healthy")
        self.assertRegex(log, r"channel stable: generation 2 is promoted: the canaries have been healthy for \d+ s")
        self.wait_state("rests")
        words = self.feedsync("-c", self.config, "status").stdout
        self.assertRegex(words, r"promoted from canary: generation 2, .*\n  canaries: nothing new; 2 of 2 canaries answer, 0 of 28 answers without an address")
        metrics = self.feedsync("-c", self.config, "metrics").stdout
        for line in ('weir_channel_halted{channel="stable"} 0', 'weir_channel_canaries_answering{channel="stable"} 2'):
            self.assertIn(line, metrics)
        self.assertEqual(self.conditions() & {"channel_halted", "channel_not_promoted", "channel_behind"}, set())
        gone = self.canaries.pop()
        gone.expect_end = True
        self.assertEqual(gone.stop(), 0)
        self.publish("n3.example")
        self.wait_state("waits", "1 of 2 canaries answers; at least 2 must")
        self.assertEqual(self.manifest("stable")["table"]["generation"], 2)
        self.assertRegex(self.daemon.log(), "channel stable: nothing is promoted: 1 of 2 canaries answers; at least 2 must")
        self.command("allow", "n1.example", "--reason", "shop")
        third = self.manifest("stable")
        self.assertTrue(third["urgent"])
        self.assertEqual(third["table"]["sha256"], self.promotion()["amended"]["sha256"])
        self.stable_table()
        self.table, published = self.path("stable.weir"), self.table
        self.assertEqual(self.dump(), {("exact", OLD), ("exact", "n2.example"), ("subtree", "n1.example")})
        self.assertIn("\tallow\t", self.feedsync("lookup", self.table, "n1.example").stdout)
        self.table = published
        self.command("block", "n4.example", "--reason", "phishing")
        self.assertEqual(self.manifest("stable"), third)
        self.command("unallow", "n1.example")
        self.assertEqual(self.manifest("stable")["table"]["generation"], 2)
        # By hand.
        self.assertIn("is promoted by hand", self.command("promote", "stable"))
        self.assertEqual(self.stable_table(), read(self.table))
        self.assertIn("is promoted already", self.command("promote"))
        self.assertTrue(self.promotion()["promoted_by"])

    def test_popular_name(self):
        """A table that blocks a popular name, which no list of the guard has, passes every check of a puller. The canaries find
        out; it is taken back from them, and nobody else ever has it."""
        self.start()
        good, serial = self.sha256("stable"), self.manifest("canary")["serial"]
        self.publish(BAD, "shop.example")
        self.wait_canaries("shop.example", True)
        self.wait_halted()
        self.assertEqual((self.sha256("stable"), self.sha256("canary"), self.manifest("stable")["serial"]), (good, good, 1))
        self.assertEqual(self.manifest("canary")["serial"], serial + 2)
        self.assertTrue(self.manifest("canary")["urgent"])
        self.wait_canaries("shop.example", False)
        history = [(p["generation"], p["cause"]) for p in json.loads(self.feedsync("-c", self.puller("canary-0", "canary"), "history", "--json", code=0).stdout)["publishes"]]
        self.assertEqual(history, [(2, "pull"), (1, "pull")])
        self.assertNotIn("not in the history", self.said)
        self.assertTrue(self.canary_blocks(OLD))
        self.check_object(test_json.schemas()["status"], self.status())
        found = self.promotion()
        self.assertRegex(found["halted_reason"], "canary-[01] blocks shop.example, which was not blocked before")
        self.assertEqual((found["halted"]["generation"], found["halted_by"], self.conditions() & {"channel_halted"}), (2, "", {"channel_halted"}))
        self.assertRegex(self.feedsync("-c", self.config, "status", code=1).stdout,
                         r"channel stable: HALTED.*\n  promoted from canary: generation 1, .*\n"
                         r"  HALTED .* at generation 2 of canary: canary-[01] blocks shop.example, which was not blocked before")
        self.assertRegex(self.daemon.log(), r"channel stable: HALTED at generation 2 of channel canary: canary-[01] blocks shop.example, .*; "
                         r"channel canary goes back to generation 1, and channel stable keeps what it has; next: .*`feedsync resume stable`")
        self.assertIn('weir_channel_halted{channel="stable"} 1', self.feedsync("-c", self.config, "metrics").stdout)
        # Nothing new comes to anybody meanwhile, whatever is published; and a restart forgets nothing.
        self.assertEqual(self.daemon.stop(), 0)
        self.start_daemon()
        self.publish("later.example")
        self.command("distribute")
        self.assertEqual({self.sha256("stable"), self.sha256("canary")}, {good})
        # The operator mends it.
        self.command("allow", "shop.example", "--reason", "our customers' shop")
        self.assertIn("resumed: channel canary gets the published table again", self.command("resume", "stable"))
        generation = self.status()["table"]["generation"]
        self.assertEqual(self.manifest("canary")["table"]["generation"], generation)
        self.pull_canaries()
        self.wait_promoted(generation)
        self.assertFalse(self.manifest("stable")["urgent"])  # though the table was published by an allow
        self.assertEqual(self.stable_table(), read(self.table))
        self.wait_canaries(BAD, True)

    def test_servfail(self):
        """Names that lead to where nobody answers."""
        self.start()
        good = self.sha256("stable")
        self.feed = {"category": "broken"}
        self.names += POPULAR[2:]
        self.apply()
        self.daemon.popen.send_signal(signal.SIGHUP)
        self.publish()
        self.wait_halted()
        self.assertRegex(self.promotion()["halted_reason"], r"\d of (14|28) answers have no address \(SERVFAIL, none at all\); before, 0 of 28")
        self.assertEqual({self.sha256("stable"), self.sha256("canary")}, {good})
        wait_for(lambda: all(ask(port, POPULAR[2]).rcode == "NOERROR" for port in self.ports))

    def test_by_hand(self):
        """`halt`, `resume`, `promote`, and a rollback, which comes to all channels at once. Nobody looks at the canaries."""
        self.start()
        self.assertEqual(self.daemon.stop(), 0)
        first = self.sha256("stable")
        self.publish("n1.example")
        self.assertNotEqual(self.sha256("canary"), first)
        said = self.command("halt", "--reason", "the helpdesk calls", "stable")
        self.assertRegex(said, "channel stable: HALTED at generation 2 of channel canary: the helpdesk calls; channel canary goes back to generation 1")
        self.assertEqual({self.sha256("canary"), self.sha256("stable")}, {first})
        self.assertIn("it is halted already: the helpdesk calls", self.command("halt"))
        self.assertTrue(self.promotion()["halted_by"])
        self.command("resume", "stable")
        self.assertNotEqual(self.sha256("canary"), first)
        self.assertEqual(self.sha256("stable"), first)
        self.assertIn("it is not halted", self.command("resume", "stable"))
        self.command("halt")
        self.command("promote", "stable")
        self.assertEqual({self.sha256("canary"), self.sha256("stable")}, {sha256(read(self.table))})
        self.assertEqual(self.promotion()["halted_at"], 0)
        self.command("rollback", "1")
        self.assertEqual({self.sha256("canary"), self.sha256("stable")}, {sha256(read(self.table))})
        self.assertEqual(self.promotion()["promoted"]["generation"], 3)
        self.assertIn("channel canary has no `promote-from`", self.command("promote", "canary", code=2))
        self.assertIn('there is no channel "none"', self.command("halt", "none", code=2))

    def test_taken_over(self):
        """A channel that had tables of its own before goes on with the one that it has."""
        self.apply()
        with open(self.config) as f:
            promoting = f.read()
        plain = json.loads(re.search("distribute: (.*)", promoting)[1])
        for key in ("promote-from", "promote-after", "probe-interval", "probe-names"):
            del plain[1][key]
        self.write("feedsync.yaml", re.sub("distribute: .*", "distribute: " + json.dumps(plain), promoting))
        self.sync()
        first = self.manifest("stable")
        self.write("feedsync.yaml", promoting)
        self.write("list", OLD + "\n" + BAD + "\n")
        self.sync()
        self.assertEqual((self.manifest("stable"), self.manifest("canary")["serial"]), (first, 2))
        self.command("halt")
        self.assertEqual(self.sha256("canary"), first["table"]["sha256"])

    def test_what_does_not_wait(self):
        """What the operator lets pass comes at once, without anything else that is on trial; what he blocks, by whatever way, does not."""
        self.settings["block"] = "[{name: b1.example}, {name: b2.example}]"
        self.settings["allow"] = "[{name: a1.example}]"
        self.names += ["www.a1.example", "n1.example"]
        self.apply()
        self.sync()
        for name in ("c1.example", "c2.example"):
            self.command("block", name, "--reason", "phishing")
        self.command("promote")
        promoted = self.stable_rules()
        self.settings["block"] = "[{name: b1.example}, {name: b3.example}]"
        del self.settings["allow"]
        self.names += ["n2.example"]
        self.apply()
        self.sync()
        self.assertEqual(self.stable_rules(), promoted)
        self.command("unblock", "c1.example")
        expected = promoted - {("subtree", "c1.example"), ("subtree", "b2.example")}
        self.assertEqual(self.stable_rules(), expected)
        self.command("allow", "n1.example", "--reason", "shop")
        self.command("block", "c3.example", "--reason", "phishing")
        self.assertEqual(self.stable_rules(), expected - {("exact", "n1.example")} | {("subtree", "n1.example")})
        self.assertIn(("subtree", "a1.example"), self.stable_rules())
        serial = self.manifest("stable")["serial"]
        self.command("distribute")
        self.command("block", "c4.example", "--reason", "phishing")
        self.assertEqual(self.manifest("stable")["serial"], serial)
        self.command("promote")
        self.assertEqual(self.stable_table(), read(self.table))

    def test_what_ends(self):
        """What was promoted blocked, for a time, passes when that is over; what was allowed since then, for a time, is as it was promoted."""
        self.names += ["n1.example"]
        self.apply()
        self.sync()
        until = int(time.time()) + 4
        given = ["--reason", "for a time", "--until", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(until))]
        self.command("block", "c1.example", *given)
        self.command("promote")
        promoted = self.stable_rules()
        self.command("allow", "n1.example", *given)
        self.assertEqual(self.stable_rules(), promoted - {("exact", "n1.example")} | {("subtree", "n1.example")})
        wait_for(lambda: time.time() > until)
        self.command("distribute")
        self.assertEqual(self.stable_rules(), promoted - {("subtree", "c1.example")})

    def stable_rules(self):
        self.stable_table()
        rules = [tuple(line.split("\t")[:2]) for line in self.feedsync("dump", self.path("stable.weir"), code=0).stdout.splitlines()]
        return set(rules) - {SELF_TEST}

    def test_configured_wrongly(self):
        for more, complaint in (({"promote-from": "none"}, "promote-from: no channel of this name stands above"),
                                ({"promote-from": "stable"}, "promote-from: no channel of this name stands above"),
                                ({"promote-after": "0s"}, "promote-after: .*"), ({"servfail-rise": 101}, "servfail-rise: .*"),
                                ({"probe-names": [self.path("missing")]}, "probe-names: .*missing")):
            self.apply(**more)
            self.assertRegex(self.command("check", code=1), complaint)
        self.apply()
        self.assertRegex(self.feedsync("-c", self.config, "check", code=0).stdout,
                         r"promote-from: canary\n    promote-after: 1s\n    probe-interval: 1s\n    servfail-rise: 5\n    probe-names:\n      - /")


@no_strace
class Killed(StraceLab, PromotionLab):
    PART = 3

    def restore(self):
        for name in ("state", "srv"):
            shutil.rmtree(self.path(name), ignore_errors=True)
            shutil.copytree(self.path("before", name), self.path(name), symlinks=True)

    def traced(self, *words):
        self.restore()
        return subprocess.run([*strace(self.path("strace.log"), *words), FEEDSYNC, "-c", self.config, *self.words], capture_output=True,
                              text=True, timeout=120)

    def check(self, what, result, killed):
        """What was decided is the old or the new; and whatever is in force then, the next one ends it."""
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        with open(self.path("state/fleet/promotion/stable/record.json")) as f:
            record = json.load(f)
        self.assertIn((record["promoted"]["generation"], record["halted_at"] > 0), (self.before, self.after), complaint)
        self.assertIn(self.sha256("stable"), (self.first, self.second), complaint)
        if not killed:
            self.assertIn(result.returncode, (0, 1, 2), complaint)
        self.feedsync("-c", self.config, *self.words, code=0)
        self.assertEqual((self.sha256("canary"), self.sha256("stable")), self.shown, complaint)

    def prepare(self, *words, before, after, shown):
        self.words, self.before, self.after, self.shown = words, before, after, shown
        self.each_step(KILLED_AT, [("rename", "signal=KILL"), ("fsync", "signal=KILL")])

    def setUp(self):
        super().setUp()
        self.apply()
        self.sync()
        self.command("promote")
        self.first = self.sha256("stable")
        self.names += ["new.example"]
        self.write("list", "".join(name + "\n" for name in self.names))
        self.sync()
        self.second = self.sha256("canary")
        self.assertNotEqual(self.first, self.second)
        for name in ("state", "srv"):
            shutil.copytree(self.path(name), self.path("before", name))

    def test_promote(self):
        self.prepare("promote", before=(1, False), after=(2, False), shown=(self.second, self.second))

    def test_halt(self):
        self.prepare("halt", before=(1, False), after=(1, True), shown=(self.first, self.first))
