"""Counting by rule: a resolver with two workers, clients of many addresses, and a daemon that collects. What the store has is what
the clients counted."""
import collections, hashlib

from feeds import *
from trends_store import ask_store, is_written

SECONDS = float(os.environ.get("WEIR_COUNTING_SECONDS", "5"))  # 300 by hand
RULES = int(os.environ.get("WEIR_COUNTING_RULES", "20000"))  # 200000 by hand
RATE = float(os.environ.get("WEIR_COUNTING_RATE", "3000"))  # 20000 by hand
CLIENTS = 1000
MARKED = "zqmarkedx"  # stands left of a rule's name
MARKED_CLIENT = "127.83.61.7"


class Counting(FeedLab):
    def collect(self, feeds, **settings):
        self.configure(feeds, trends="{rules: yes}", **settings)
        return Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])

    def ask_store(self, sql, *values):
        return ask_store(self.path("state"), sql, *values)

    def forms_of(self, text, octets):
        """What a name or an address may be written like."""
        number = int.from_bytes(octets, "big")
        forms = {text.encode(), text[::-1].encode(), octets, octets[::-1], octets.hex().encode(), octets[::-1].hex().encode()}
        if len(octets) == 4:
            forms |= {str(number).encode(), str(int.from_bytes(octets, "little")).encode(), ".".join(reversed(text.split("."))).encode()}
        for algorithm in "md5", "sha1", "sha256", "blake2b":
            for data in text.encode(), octets:
                forms |= {hashlib.new(algorithm, data).digest(), hashlib.new(algorithm, data).hexdigest().encode()}
        return forms

    def assert_nowhere(self, *parts):
        """No client and no name that was asked for stands in a file of ours."""
        wanted = self.forms_of(MARKED, MARKED.encode()) | self.forms_of(MARKED_CLIENT, socket.inet_aton(MARKED_CLIENT))
        files = [p for part in parts for p in glob.glob(os.path.join(self.path(part), "**"), recursive=True) + [self.path(part)]
                 if os.path.isfile(p)]
        self.assertTrue(any(f.endswith(".cells") for f in files), files)
        for path in files:
            content = b""
            with contextlib.suppress(FileNotFoundError), open(path, "rb") as f:  # a journal goes with its commit
                content = f.read()
            for form in wanted:
                self.assertNotIn(form, content, f"{path} has {form}")

    def ask_as_many_clients(self, rules):
        """Zipf's law, from many addresses. Returns how often each rule was hit, as the clients counted it."""
        words = self.port, len(rules), CLIENTS, RATE, SECONDS, MARKED, MARKED_CLIENT
        asked = subprocess.run([os.path.join(BIN, "many-clients"), *map(str, words)], capture_output=True, text=True, timeout=SECONDS + 60)
        print(asked.stderr.strip())
        self.assertEqual(asked.returncode, 0, asked.stderr)
        return collections.Counter({rules[int(number)]: int(hits) for number, hits in map(str.split, asked.stdout.splitlines())})

    def test_totals_rules_clients(self):
        rules = [f"r{i}.rule.example" for i in range(RULES)]
        daemon = self.collect(self.local_feeds(l={"content": "".join(rule + "\n" for rule in rules), "scope": "subtree"}))
        wait_for(lambda: os.path.exists(self.table), 120)
        upstream = self.internet()
        unbound = self.unbound(upstream, options="  access-control: 127.0.0.0/8 allow\n  interface-automatic: no\n")
        cells = self.path(f"run/{unbound.pid}.cells")
        wait_for(lambda: os.path.exists(cells))
        self.assertEqual(os.stat(cells).st_mode & 0o777, 0o640)
        hits = self.ask_as_many_clients(rules)
        self.assert_nowhere("state", "run", os.path.basename(daemon.log_path))
        time.sleep(0.1)
        self.assertEqual(daemon.stop(), 0)
        counted = sum(hits.values())
        (blocked, logged, unattributed), = self.ask_store("SELECT sum(blocked), sum(logged), sum(unattributed) FROM traffic")
        self.assertEqual((blocked, logged), (counted, 0))
        (by_rule,), = self.ask_store("SELECT sum(hits) FROM rule_day")
        self.assertEqual(by_rule + unattributed, counted)
        self.assertLess(unattributed, counted / 100)
        self.assertEqual(self.ask_store("SELECT sum(hits) FROM feed_hour"), [(counted,)])
        of_store = collections.Counter()
        for name, count in self.ask_store("SELECT name, hits FROM rule_day"):
            of_store[name] += count
        self.assertEqual(of_store - hits, collections.Counter())
        self.assertEqual(sum((hits - of_store).values()), unattributed)
        (low, high), = self.ask_store("SELECT low, high FROM rule_day WHERE name = ?", rules[0])
        self.assertGreater(low, CLIENTS * 0.5)  # registers of 64 err by 13 %, 30 % now and then
        self.assertLess(high, CLIENTS * 1.7)
        print(f"{counted} hits in {SECONDS} s, {len(of_store)} rules, {unattributed} unattributed, {low:.0f} clients")
        self.assert_nowhere("state", "run", os.path.basename(daemon.log_path))

    def clients_of_two(self, mode):
        """Two resolvers with a secret in a file of that mode, and 60 clients that ask both. Returns the least and the most number of
        clients that the store tells, and what the resolvers said of the table."""
        with open(self.path("client.key"), "wb") as f:
            f.write(bytes(range(32)))
        os.chmod(self.path("client.key"), mode)
        upstream, resolvers, said = self.internet(), [], []
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        wait_for(lambda: is_written(self.path("state")))
        for i in range(2):
            resolvers.append(self.unbound(upstream, options="  access-control: 127.0.0.0/8 allow\n", env={"WEIR_SPARE": self.path(f"spare-{i}")}))
            wait_for(lambda: os.path.exists(self.path(f"run/{resolvers[-1].pid}.cells")))
            words = self.port, 1, 60, 1, 0, MARKED, MARKED_CLIENT
            subprocess.run([os.path.join(BIN, "many-clients"), *map(str, words)], check=True, capture_output=True, timeout=60)
        self.assertEqual(daemon.stop(), 0)
        for resolver in resolvers:
            said.append(next(line for line in resolver.log().splitlines() if "in force" in line))
            resolver.expect_end = True
            self.assertEqual(resolver.stop(), 0)
        (low, high, hits), = self.ask_store("SELECT low, high, hits FROM rule_day WHERE name = 'r0.rule.example'")
        self.assertEqual(hits, 2 * 180)
        shutil.move(self.path("state/trends.sqlite"), self.path(f"trends-{mode:o}.sqlite"))
        return low, high, said

    def test_client_key_file(self):
        """Who asks two resolvers is one client where they have a secret in common; else he is two, and it is told why."""
        self.configure(self.local_feeds(l={"content": "r0.rule.example\n", "scope": "subtree"}),
                       trends=json.dumps({"rules": True, "client-key-file": self.path("client.key")}))
        self.sync()
        low, high, said = self.clients_of_two(0o640)
        self.assertTrue(40 <= low == high <= 85, (low, high))
        self.assertNotIn("client-key-file", "".join(said))
        low, high, said = self.clients_of_two(0o644)
        self.assertTrue(low < 90 < high, (low, high))
        for line in said:
            self.assertRegex(line, r"error: weir: .* in force: .*; `client-key-file`: .*client\.key: its mode 0644 lets others at it "
                                   r"\(chmod 640\); clients are counted for this process alone")

    def test_without_feeds(self):
        """A host whose table comes from elsewhere collects all the same, and publishes nothing."""
        self.compile(["evil.example"])
        before = open(self.table, "rb").read()
        upstream = self.internet()
        self.unbound(upstream)
        daemon = self.collect([])
        wait_for(lambda: is_written(self.path("state")))
        for _ in range(3):
            self.assert_blocked("x.evil.example")
        self.assertTrue(daemon.alive())
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual(self.ask_store("SELECT sum(blocked) FROM traffic"), [(3,)])
        self.assertEqual(open(self.table, "rb").read(), before)

    def test_status_tells(self):
        """A store that cannot be written: blocking goes on, the log and `status` say so, and it is over when it can be."""
        os.mkdir(self.path("state"))
        self.write("state/trends.sqlite", "this is no database " * 20)
        daemon = self.collect(self.local_feeds(l="evil.example\n"))
        wait_for(lambda: "trends" in daemon.log() and os.path.exists(self.table))
        self.assertIn("not a database", daemon.log())
        # Once a run of the daemon is on record.
        wait_for(lambda: re.search(r"trends: NOT WRITTEN: .*not a database", self.feedsync("-c", self.config, "status", code=1).stdout))
        self.assertIn("trends_behind", self.feedsync("-c", self.config, "status", "--json").stdout)
        self.assertEqual(daemon.stop(), 0)
