"""Groups of clients: each gets its own answers."""
from feeds import *


class Groups(FeedLab):
    """Clients of different prefixes, on loopback."""

    def start(self, zone="*.example A 192.0.2.1\n*.adult.example A 192.0.2.1\nalias.example CNAME x.bad.example.\n",
              upstream=None, more="", **options):
        self.write("bad", "bad.example\n")
        self.write("adult", "adult.example\n")
        self.configure([{"name": "bad", "url": "file://" + self.path("bad"), "format": "domains", "scope": "subtree"},
                        {"name": "adult", "url": "file://" + self.path("adult"), "format": "domains", "scope": "subtree",
                         "category": "adult"}],
                       categories="\n  - name: adult\n    action: allow-nobody\n".replace("allow-nobody", "log") +
                                  "    ipv4: 192.0.2.66",
                       groups="\n  - name: free\n    clients: [127.0.1.0/24]\n    action: allow\n"
                              "  - name: family\n    clients-file: " + self.write("families", "# homes\n127.0.2.0/24 # one\n\n127.0.1.7\n") +
                              "\n    categories:\n      - name: adult\n        action: sinkhole" + more)
        self.sync()
        return self.unbound(upstream or self.internet(zone), **options)

    def ask_from(self, address, name):
        return self.ask(name, source=address)

    def test_each_gets_its_own(self):
        self.start()
        everybody, free, family, inside = "127.0.0.1", "127.0.1.1", "127.0.2.9", "127.0.1.7"
        for _ in range(3):
            for client, bad, adult in ((free, "192.0.2.1", "192.0.2.1"), (everybody, None, "192.0.2.1"),
                                       (family, None, "192.0.2.66"), (inside, None, "192.0.2.66"), (free, "192.0.2.1", "192.0.2.1")):
                for name, wanted in (("x.bad.example", bad), ("x.adult.example", adult)):
                    answer = self.ask_from(client, name)
                    self.assertEqual(answer.addresses(), [wanted] if wanted else [], (client, name))
                    self.assertEqual(answer.blocked(), wanted is None)
        counters = self.counters()[0]["counters"]
        self.assertGreater(counters["opted_out"], 0)
        # The same is told offline.
        for client, decision, code in ((everybody, "block", 1), (free, "pass", 0), (family, "block", 1), (inside, "block", 1)):
            result = self.feedsync("lookup", "--client", client, self.table, "x.bad.example", code=code)
            self.assertEqual(result.stdout.split("\t")[1], decision)
        self.assertIn("sinkhole", self.feedsync("lookup", "--client", family, self.table, "adult.example", code=1).stdout)
        self.feedsync("lookup", "--client", "10.0.0.0/8", self.table, "adult.example", code=2)

    def test_aliases(self):
        self.start("*.example A 192.0.2.1\n*.bad.example A 192.0.2.1\nalias.example CNAME x.bad.example.\nsecond.example CNAME alias.example.\n")
        for _ in range(2):
            answer = self.ask_from("127.0.1.1", "second.example")
            self.assertEqual((answer.addresses(), [3540 <= r.ttl <= 3600 for r in answer.answer]), (["192.0.2.1"], [True] * 3))
            self.assertTrue(self.ask_from("127.0.0.1", "second.example").blocked())
            self.assertTrue(self.ask_from("127.0.0.1", "alias.example").blocked())
            self.assertTrue(self.ask_from("127.0.0.1", "x.bad.example").blocked())

    def test_race_of_two_clients(self):
        """One is free and one is not, and both ask for the same at the same time."""
        wrong = []

        def ask_often(client, blocked):
            for i in range(60):
                answer = self.ask_from(client, f"n{i}.bad.example")
                if answer.blocked() != blocked:
                    wrong.append((client, i, answer))
                start.wait()
        for modules, subnets in (("dynlib iterator", False), ("dynlib subnetcache validator iterator", False),
                                 ("dynlib subnetcache validator iterator", True)):
            with self.subTest(modules=modules, subnets=subnets), OddServer(delay=0.03, subnets=subnets) as server:
                unbound = self.start(upstream=server.port, modules=modules,
                                     options="  send-client-subnet: 127.0.0.1\n" if "subnetcache" in modules else "")
                clients = [("127.0.1.1", False), ("127.0.0.1", True), ("127.0.1.2", False), ("127.0.2.1", True)]
                start = threading.Barrier(len(clients), timeout=60)
                all_at_once(ask_often, clients)
                self.assertEqual(unbound.stop(), 0, unbound.log())
                unbound.expect_end = True
        self.assertEqual(wrong, [])

    def test_shared_alias(self):
        """Clients that have come to share a query whose answer leads to what is blocked for one of them."""
        self.start("*.example A 192.0.2.1\n*.bad.example A 192.0.2.1\n" +
                   "".join(f"alias{i}.example CNAME x{i}.bad.example.\n" for i in range(200)))
        wrong = []

        def ask_often(client, blocked):
            for i in range(200):
                answer = self.ask_from(client, f"alias{i}.example")
                # Whoever is free may get the blocked answer of a shared query, but never the other way round.
                if blocked and not answer.blocked():
                    wrong.append((client, i, answer))
        all_at_once(ask_often, (("127.0.1.1", False), ("127.0.0.1", True)))
        self.assertEqual(wrong, [])

    def test_hits(self):
        """Counts by feed, category and action, and events, as `status` and `hits` show them."""
        self.start(more="\nhits:\n  events: yes\n  ipv4-prefix: 24", control=True)
        for client, name in (("127.0.0.1", "x.bad.example"), ("127.0.2.9", "y.adult.example"), ("127.0.1.1", "x.bad.example"),
                             ("127.0.0.1", "z.adult.example"), ("127.0.0.1", "alias.example")):
            self.ask_from(client, name)
        # What is only counted is counted also where the cache answers.
        for _ in range(3):
            self.assertEqual(self.ask_from("127.0.0.1", "z.adult.example").addresses(), ["192.0.2.1"])
        resolver = self.counters()[0]
        self.assertEqual({(hit["feed"], hit["category"], hit["action"]): hit["count"] for hit in resolver["hits"]},
                         {("bad", "malicious", "nxdomain"): 2, ("adult", "adult", "sinkhole"): 1, ("adult", "adult", "log"): 4})
        self.assertEqual(resolver["passed"], {"free": 1})
        events = [line.split("\t") for line in self.feedsync("-c", self.config, "hits", code=0).stdout.splitlines()]
        self.assertEqual(sorted(tuple(event[2:]) for event in events), sorted([
            ("bad.example", "A", "nxdomain", "default", "bad", "malicious", "127.0.0.0/24"),
            ("adult.example", "A", "sinkhole", "family", "adult", "adult", "127.0.2.0/24"),
            ("bad.example (target)", "A", "nxdomain", "default", "bad", "malicious", "127.0.0.0/24"),
            *[("adult.example", "A", "log", "default", "adult", "adult", "127.0.0.0/24")] * 4]))
        self.assertIn("nxdomain 2: feed bad, category malicious", self.feedsync("-c", self.config, "status").stdout)
        # Followed, from now on and without end.
        follower = subprocess.Popen([FEEDSYNC, "-c", self.config, "hits", "--follow"], stdout=subprocess.PIPE, text=True)
        for _ in events:
            follower.stdout.readline()
        self.ask_from("127.0.0.1", "new.bad.example")
        self.assertIn("bad.example\tA\tnxdomain", follower.stdout.readline())
        # A reload makes new files; whoever follows goes on.
        self.assertEqual(self.unbound_control("reload").returncode, 0)
        self.ask_from("127.0.0.1", "after.bad.example")
        self.assertIn("bad.example\tA\tnxdomain", follower.stdout.readline())
        follower.terminate()
        self.assertEqual(follower.wait(120), 0)
        follower.stdout.close()

    def test_hits_of_who_was_killed(self):
        """They are told once, however long somebody follows, until a resolver that starts takes the file away."""
        self.start(more="\nhits:\n  events: yes")
        self.ask_from("127.0.0.1", "x.bad.example")
        resolver = self.processes[-1]
        resolver.expect_end = True
        resolver.popen.kill()
        resolver.popen.wait()
        self.assertEqual(len(self.feedsync("-c", self.config, "hits", code=0).stdout.splitlines()), 1)
        follower = subprocess.Popen([FEEDSYNC, "-c", self.config, "hits", "--follow"], stdout=subprocess.PIPE, text=True)
        time.sleep(1.5)
        follower.terminate()
        self.assertEqual(len(follower.communicate(timeout=120)[0].splitlines()), 1)

    def test_configuration_errors(self):
        base = "state: x\ntable: y\nfeeds:\n  - {name: a, url: file:///x, format: domains}\ngroups:\n  - name: g\n"
        for text, line, words in (
                (base + "    clients: [192.0.2.1/24]\n", 7, "not an address"),
                (base + "    clients: [10.0.0.0/8, 10.0.0.0/8]\n", 5, "named twice"),
                ("categories:\n  - name: c\n" + base + "    action: sinkhole\n", 9, "no address for a sinkhole"),
                (base + "    categories: [{name: none, action: log}]\n", 7, "no category"),
                (base + "    clients-file: /nonexistent\n", 7, "No such file"),
                (base + "  - name: g\n", 7, "there already"),
                ("categories:\n  - name: c\n    redirect: x y\n" + base, 3, "expected the name of a host"),
                ("categories:\n  - name: c\n    ipv4: 1.2.3\n" + base, 3, "not an IPv4"),
                ("categories:\n  - name: c\n    action: redirect\n" + base, 3, "no name to redirect")):
            with self.subTest(words):
                result = self.feedsync("-c", self.write("broken.yaml", text), "check", code=1)
                self.assertRegex(result.stderr, rf"broken\.yaml:{line}: .*{words}")
