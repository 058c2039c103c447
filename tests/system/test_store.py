"""The module's own store: what is blocked for some clients only is cached for the others."""
import dns.rrset

from feeds import *

# How long Unbound waits before it asks again: a server's questions are counted, however slow the machine; or it says nothing.
PATIENT = "  unknown-server-time-limit: 20000\n  infra-cache-min-rtt: 20000\n"
HASTY = "  outbound-msg-retry: 1\n  unknown-server-time-limit: 50\n  infra-cache-min-rtt: 50\n  infra-cache-max-rtt: 100\n"
EVERYBODY, FREE, FAMILY = "127.0.0.1", "127.0.1.1", "127.0.2.1"
ADDRESS, SINK = "192.0.2.1", "192.0.2.66"


class StoreLab(FeedLab):
    """Everybody is kept from bad.example but those who are free; the family from adult.example as well."""
    allow = ""

    def publish(self, bad="bad.example\n", **groups):
        self.write("bad", bad)
        self.write("adult", "adult.example\n")
        self.configure([{"name": "bad", "url": "file://" + self.path("bad"), "format": "domains", "scope": "subtree"},
                        {"name": "adult", "url": "file://" + self.path("adult"), "format": "domains", "scope": "subtree",
                         "category": "adult"}],
                       categories="\n  - name: adult\n    action: log\n    ipv4: " + SINK + "\n    redirect: garden.safe.example\n    ede: 17",
                       groups=f"\n  - name: free\n    clients: [127.0.1.0/24]\n    action: {groups.get('free', 'allow')}\n"
                              "  - name: family\n    clients: [127.0.2.0/24]\n"
                              f"    categories:\n      - name: adult\n        action: {groups.get('family', 'sinkhole')}",
                       **({"allow": self.allow} if self.allow else {}))
        self.sync()

    def start(self, script={}, delay=0, options="", patience=PATIENT, **more):
        server = self.enterContext(ScriptServer(script, delay))
        self.resolver = self.unbound(server.port, options=options + patience, **more)
        return server

    def from_store(self):
        return self.counters()[0]["counters"]["from_store"]

    def same(self, source, name, qtype="A", **options):
        """What the client is told, but for its times."""
        answer = self.ask(name, qtype, source=source, **options)
        return (answer.rcode, answer.ad, sorted((r.name, r.type, str(r.data)) for r in answer.answer + answer.authority + answer.additional))


class Store(StoreLab):
    def test_asked_once(self):
        """Whatever the answer is like, its servers are asked once for those who may have it; the others are blocked all the time."""
        negative = ([], [])
        script = {("alias.good.example", "A"): ([record("alias.good.example", "CNAME", "x.bad.example")], []),
                  ("svc.good.example", "HTTPS"): ([record("svc.good.example", "HTTPS", "svc.bad.example")], []),
                  ("none.bad.example", "A"): negative, ("none.bad.example", "AAAA"): negative,
                  ("texts.bad.example", "TXT"): ([dns.rrset.from_text("texts.bad.example.", 3600, "IN", "TXT", '"one" "two"')], [])}
        self.allow = "\n  - name: freed.good.example"
        script["freed.good.example", "A"] = ([record("freed.good.example", "CNAME", "y.bad.example")], [])
        self.publish()
        server = self.start(script)
        for name, qtype, blocked in (("x.bad.example", "A", True), ("none.bad.example", "A", True), ("none.bad.example", "AAAA", True),
                                     ("texts.bad.example", "TXT", True), ("alias.good.example", "A", True),
                                     ("svc.good.example", "HTTPS", True), ("freed.good.example", "A", False)):
            with self.subTest(name=name, qtype=qtype):
                first, hits = self.same(FREE, name, qtype), self.from_store()
                asked = len(server.asked)
                for i in range(4):
                    self.assertEqual(self.same(FREE, name, qtype), first)
                    everybody = self.ask(name, qtype, source=EVERYBODY)
                    self.assertEqual(everybody.blocked(), blocked, everybody)
                self.assertEqual(len(server.asked), asked)
                self.assertGreaterEqual(self.from_store() - hits, 4)
        self.assertTrue(self.ask("x.bad.example", source=EVERYBODY).blocked())
        self.assertEqual(self.ask("X.BAD.example", source=FREE).addresses(), [ADDRESS])

    def test_times(self):
        """They run down as in Unbound's cache; then its servers are asked again."""
        self.publish()
        server = self.start({("short.bad.example", "A"): ([record("short.bad.example", "A", ADDRESS, 3)], []),
                             ("long.bad.example", "A"): ([record("long.bad.example", "A", ADDRESS, 1000)], [])})
        began = time.monotonic()
        self.ask("short.bad.example", source=FREE)
        self.ask("long.bad.example", source=FREE)
        while time.monotonic() < began + 2:
            time.sleep(0.1)
        [long] = self.ask("long.bad.example", source=FREE).answer
        self.assertIn(long.ttl, range(1000 - int(time.monotonic() - began) - 1, 999))
        wait_for(lambda: server.asked.count(("short.bad.example", "A")) == 1 and self.ask("short.bad.example", source=FREE) and
                 server.asked.count(("short.bad.example", "A")) == 2, 20, 0.2)
        self.assertEqual(server.asked.count(("long.bad.example", "A")), 1)

    def test_change_of_table(self):
        """Nothing in the store outlives a decision: what becomes blocked is, what is free for all goes into Unbound's cache."""
        self.publish()
        server = self.start()
        for client in (FREE, FAMILY, EVERYBODY):
            self.ask("x.adult.example", source=client)
            self.ask("x.bad.example", source=client)
        self.assertEqual(self.ask("x.adult.example", source=FAMILY).addresses(), [SINK])
        self.publish(free="nxdomain", family="nodata")
        wait_for(lambda: self.ask("x.bad.example", source=FREE).blocked())
        self.assertEqual((self.ask("x.adult.example", source=FAMILY).rcode, self.ask("x.adult.example", source=FAMILY).addresses()), ("NOERROR", []))
        self.assertEqual(self.ask("x.adult.example", source=EVERYBODY).addresses(), [ADDRESS])
        self.publish(bad="other.example\n")
        wait_for(lambda: self.ask("x.bad.example", source=EVERYBODY).addresses() == [ADDRESS])
        hits, asked = self.from_store(), len(server.asked)
        for client in (FREE, FAMILY, EVERYBODY):
            self.assertEqual(self.ask("x.bad.example", source=client).addresses(), [ADDRESS])
        self.assertEqual((self.from_store(), len(server.asked)), (hits, asked))

    def test_failure(self):
        """A failure is held for some seconds, as Unbound holds it."""
        self.publish()
        server = self.start({("dead.bad.example", "A"): None}, patience=HASTY)
        self.assertEqual(self.ask("dead.bad.example", source=FREE).rcode, "SERVFAIL")
        asked = len(server.asked)
        self.assertEqual([self.ask("dead.bad.example", source=FREE).rcode for _ in range(5)], ["SERVFAIL"] * 5)
        self.assertEqual(len(server.asked), asked)
        self.assertTrue(self.ask("dead.bad.example", source=EVERYBODY).blocked())

    def test_expired(self):
        """serve-expired gives what has expired at once, and fetches it anew; with a client timeout, what fails."""
        self.publish()
        for timeout in (0, 1800):
            with self.subTest(timeout=timeout):
                name = f"t{timeout}.bad.example"
                script = {(name, "A"): ([record(name, "A", ADDRESS, 1)], [])}
                server = self.start(script, options=f"  serve-expired: yes\n  serve-expired-client-timeout: {timeout}\n  serve-expired-reply-ttl: 7\n"
                                                     "  ede: yes\n  ede-serve-expired: yes\n",
                                    patience=HASTY if timeout else PATIENT)
                wait_for(lambda: self.ask(name, source=FREE).addresses() == [ADDRESS], 30, 0.2)  # a hasty one may fail first
                time.sleep(2.5)
                script[name, "A"] = None if timeout else ([record(name, "A", "192.0.2.2", 1000)], [])
                answer = self.ask(name, source=FREE)
                [old] = answer.answer
                self.assertEqual([code for code, _ in answer.ede], [3])
                # Since 1.25 it is no more than the record's own.
                self.assertEqual((str(old.data), old.ttl), (ADDRESS, 7 if RELEASE < 125 else 1))
                self.assertTrue(self.ask(name, source=EVERYBODY).blocked())
                if timeout == 0:
                    wait_for(lambda: self.ask(name, source=FREE).addresses() == ["192.0.2.2"], 20)
                    self.assertEqual(server.asked.count((name, "A")), 2)
                self.resolver.stop()
                self.resolver.expect_end = True

    def test_expired_for_longer(self):
        """With serve-expired-ttl-reset what has expired is given for as long as its servers are dead."""
        self.publish()
        for reset in ("yes", "no"):
            with self.subTest(reset=reset):
                script = {("l.bad.example", "A"): ([record("l.bad.example", "A", ADDRESS, 1)], [])}
                self.start(script, patience=HASTY, options=f"  serve-expired: yes\n  serve-expired-ttl: 1\n  serve-expired-ttl-reset: {reset}\n"
                                                           "  serve-expired-client-timeout: 5000\n")
                wait_for(lambda: self.ask("l.bad.example", source=FREE).addresses() == [ADDRESS], 30, 0.2)
                script["l.bad.example", "A"] = None
                for _ in range(2):
                    time.sleep(3.5)
                    self.assertEqual(self.ask("l.bad.example", source=FREE).addresses(), [ADDRESS] if reset == "yes" else [])
                self.resolver.stop()
                self.resolver.expect_end = True

    def test_many_to_fetch_again(self):
        """However many answers have expired while their servers are dead, the queries that fetch them again are bounded."""
        self.publish()
        names = [f"m{i}.bad.example" for i in range(100)]
        script = {(name, "A"): ([record(name, "A", ADDRESS, 1)], []) for name in names}
        self.start(script, control=True, threads=1, options="  serve-expired: yes\n  serve-expired-client-timeout: 0\n  num-queries-per-thread: 16\n")
        for name in names:
            self.assertEqual(self.ask(name, source=FREE).addresses(), [ADDRESS])
        script.update(dict.fromkeys(script))
        time.sleep(2.5)
        for name in names:
            self.assertEqual(self.ask(name, source=FREE).addresses(), [ADDRESS])
        [waiting] = re.findall(r"total\.requestlist\.current\.all=(\d+)", self.unbound_control("stats_noreset").stdout)
        self.assertIn(int(waiting), range(8, 40))

    def test_prefetch(self):
        """In the last tenth of its time an answer is fetched again, and nobody waits for it."""
        self.publish()
        server = self.start({("p.bad.example", "A"): ([record("p.bad.example", "A", ADDRESS, 20)], []), ("n.bad.example", "A"): ([], [])},
                            options="  prefetch: yes\n")
        server.SOA = dns.rrset.from_text(dns.name.root, 20, "IN", "SOA", ". . 1 2 3 4 3600")
        for _ in range(120):
            self.assertEqual(self.ask("p.bad.example", source=FREE).addresses(), [ADDRESS])
            self.assertEqual(self.ask("n.bad.example", source=FREE).addresses(), [])
            if all(server.asked.count((name, "A")) == 2 for name in ("p.bad.example", "n.bad.example")):
                break
            time.sleep(0.2)
        # Nothing tells the times of the old records, which expire when the old answer does.
        wait_for(lambda: self.ask("p.bad.example", source=FREE).answer[0].ttl > 15, 5)
        wait_for(lambda: self.ask("n.bad.example", source=FREE).soa.ttl > 15, 5)
        self.assertEqual([server.asked.count((name, "A")) for name in ("p.bad.example", "n.bad.example")], [2, 2])
        self.assertTrue(self.ask("p.bad.example", source=EVERYBODY).blocked())

    def test_memory(self):
        """It has a limit, which mem.mod shows; 0 is none, and a text that is no size is told."""
        self.publish()
        for limit, names, kept in (("64k", 400, False), ("1m", 400, True), ("0", 5, False), ("much", 5, True)):
            with self.subTest(limit=limit):
                server = self.start(env={"WEIR_STORE": limit}, control=True, options="  extended-statistics: yes\n")
                for _ in range(2):
                    for i in range(names):
                        self.assertEqual(self.ask(f"n{i}.bad.example", source=FREE).addresses(), [ADDRESS])
                self.assertEqual(len({name for name, _ in server.asked if name.startswith("n")}), names)
                self.assertEqual(len(server.asked) < 2 * names, kept)
                self.assertEqual(self.counters()[0]["counters"]["from_store"] > 0, kept)
                if limit == "64k":
                    [memory] = re.findall(r"mem\.mod\.dynlibmod=(\d+)", self.unbound_control("stats_noreset").stdout)
                    self.assertLess(int(memory), 64 * 1024 + 100000)
                self.assertEqual("WEIR_STORE is no size" in self.resolver.log(), limit == "much")
                self.assertEqual(self.resolver.stop(), 0)
                self.resolver.expect_end = True

    def test_not_validated(self):
        """Who wants no validation is not given a validated answer's place, nor the other way round."""
        self.publish()
        server = self.start(modules="dynlib validator iterator", options="  trust-anchor: \"bad.example DS 1 13 2 " + 64 * "0" + "\"\n")
        for cd, rcode in ((True, "NOERROR"), (False, "SERVFAIL"), (True, "NOERROR"), (False, "SERVFAIL")):
            self.assertEqual(self.ask("v.bad.example", source=FREE, cd=cd).rcode, rcode)
        asked = len(server.asked)
        for cd, rcode in ((True, "NOERROR"), (False, "SERVFAIL"), (True, "NOERROR"), (False, "SERVFAIL")):
            self.assertEqual(self.ask("v.bad.example", source=FREE, cd=cd).rcode, rcode)
        self.assertEqual(len(server.asked), asked)

    def test_why_bogus(self):
        """The store says why an answer is bogus. Since 1.18 it does so in words, as Unbound's cache does."""
        self.publish()
        self.start(modules="dynlib validator iterator", options="  trust-anchor: \"bad.example DS 1 13 2 " + 64 * "0" + "\"\n"
                                                                "  ede: yes\n  val-log-level: 2\n")
        first, second = (self.ask("b.bad.example", source=FREE).ede for _ in range(2))
        self.assertEqual(self.from_store(), 1)
        kept = 2 if RELEASE >= 118 else 1  # of the code and the words
        self.assertEqual([ede[:kept] for ede in second], [ede[:kept] for ede in first])
        self.assertTrue(first[0][1])

    def test_emptied(self):
        """A reload empties it."""
        self.publish()
        server = self.start(control=True)
        self.ask("x.bad.example", source=FREE)
        self.assertEqual(self.unbound_control("reload").returncode, 0)
        wait_for(lambda: ask(self.port, "probe.example", timeout=1))
        self.ask("x.bad.example", source=FREE)
        self.assertEqual(server.asked.count(("x.bad.example", "A")), 2)

    def test_subnets(self):
        """An answer that its server made for one subnet is in no store for all."""
        self.publish()
        with OddServer(subnets=True) as server:
            self.resolver = self.unbound(server.port, modules="dynlib subnetcache validator iterator",
                                         options="  send-client-subnet: 127.0.0.1\n  max-client-subnet-ipv4: 32\n" + PATIENT)
            for _ in range(2):
                for client in (FREE, "127.0.1.2", "127.0.1.3"):
                    self.assertEqual(self.ask("s.bad.example", source=client).addresses(), [ADDRESS])
            self.assertGreaterEqual(server.asked.count("s.bad.example"), 3)
            self.assertEqual(self.from_store(), 0)
        with OddServer() as server:
            self.resolver = self.unbound(server.port, modules="dynlib subnetcache validator iterator", options=PATIENT)
            for client in (FREE, "127.0.1.2", FREE):
                self.assertEqual(self.ask("s.bad.example", source=client).addresses(), [ADDRESS])
            self.assertEqual(server.asked.count("s.bad.example"), 1)

    def test_dns64(self):
        self.publish()
        server = self.start({(f"{kind}.bad.example", "AAAA"): ([], []) for kind in ("four", "six")}, modules="dynlib dns64 iterator",
                            options="  dns64-prefix: 64:ff9b::/96\n")
        for _ in range(3):
            self.assertEqual([r.data.address for r in self.ask("four.bad.example", "AAAA", source=FREE).answer],
                             ["64:ff9b::c000:201"])
            self.assertEqual(self.ask("four.bad.example", "A", source=FREE).addresses(), [ADDRESS])
            self.assertTrue(self.ask("four.bad.example", "AAAA", source=EVERYBODY).blocked())
        self.assertEqual(len([1 for name, _ in server.asked if name == "four.bad.example"]), 2)

    def test_modules_that_look_at_clients(self):
        """Where respip may answer each client in another way, nothing is kept."""
        self.publish()
        server = self.start(modules="dynlib respip iterator")
        for _ in range(3):
            self.assertEqual(self.ask("x.bad.example", source=FREE).addresses(), [ADDRESS])
        self.assertEqual(server.asked.count(("x.bad.example", "A")), 3)
        self.assertIn("respip in module-config", self.resolver.log())


class Shared(StoreLab):
    """Clients that have come to share a query, whose answer leads to what is blocked for some of them."""

    def test_each_gets_its_own(self):
        names = [f"shared{i}.good.example" for i in range(6)]
        script = {(name, "A"): ([record(name, "CNAME", "x.adult.example")], []) for name in names}
        clients = [FREE, EVERYBODY, FAMILY, "127.0.2.2", "127.0.1.2", "127.0.0.2"]
        for action, wanted in (("sinkhole", ("NOERROR", [SINK], False)), ("nxdomain", ("NXDOMAIN", [], False)), ("nodata", ("NOERROR", [], False)),
                               ("refused", ("REFUSED", [], False)), ("truncate", ("NOERROR", [], True)), ("redirect", None), ("drop", ("REFUSED", [], False))):
            with self.subTest(action=action):
                self.publish(family=action)
                server = self.start(script, delay=0.2, threads=1)
                for i, name in enumerate(names):
                    order = clients[i:] + clients[:i]
                    answers = all_at_once(lambda client, at: time.sleep(0.01 * at) or self.ask(name, source=client),
                                          [(client, at) for at, client in enumerate(order)])
                    self.assertEqual(server.asked.count((name, "A")), 1)  # or this test shows nothing
                    for client, answer in zip(order, answers):
                        if not client.startswith("127.0.2."):
                            self.assertEqual((answer.rcode, answer.addresses(), answer.ede), ("NOERROR", [ADDRESS], []), (client, order))
                        elif action == "redirect":
                            self.assertEqual(str(answer.answer[0].data), "garden.safe.example.")
                        else:
                            self.assertEqual((answer.rcode, answer.addresses(), answer.tc), wanted, (client, order))
                        if client.startswith("127.0.2."):
                            self.assertEqual([code for code, _ in answer.ede], [17])
                counters = self.counters()[0]["counters"]
                self.assertEqual(counters["blocked_target"], 2 * len(names))
                self.assertEqual(self.counters()[0]["counters"]["failed"], 0)
                self.assertEqual(self.resolver.stop(), 0)
                self.resolver.expect_end = True

    def test_part_of_another_query(self):
        """A client that is not to see an answer has joined a query that another module makes for a client who may see it."""
        names = ("alias.good.example", "x.bad.example")
        script = {(name, "AAAA"): ([], []) for name in names}
        script["alias.good.example", "A"] = ([record("alias.good.example", "CNAME", "y.bad.example")], [])
        self.publish()
        server = self.start(script, delay=0.5, threads=1, modules="dynlib dns64 validator iterator", options="  dns64-prefix: 64:ff9b::/96\n")
        for name in names:
            with self.subTest(name=name), concurrent.futures.ThreadPoolExecutor() as pool:
                free = pool.submit(self.ask, name, "AAAA", source=FREE)
                wait_for(lambda: (name, "A") in server.asked, 20, 0.01)
                self.assertTrue(self.ask(name, source=EVERYBODY).blocked())
                self.assertEqual(server.asked.count((name, "A")), 1)  # or this test shows nothing
                self.assertEqual([r.data.address for r in free.result().answer if r.type == "AAAA"], ["64:ff9b::c000:201"])

    def test_bogus(self):
        """Who is not kept from a bogus answer is told why it is bogus, whoever waits beside him."""
        names = [f"shared{i}.good.example" for i in range(3)]
        script = {(name, "A"): ([record(name, "CNAME", "x.adult.example")], []) for name in names}
        self.publish()
        server = self.start(script, delay=0.2, threads=1, modules="dynlib validator iterator",
                            options="  trust-anchor: \"good.example DS 1 13 2 " + 64 * "0" + "\"\n  ede: yes\n  val-log-level: 2\n")
        alone = self.ask(names[0], source=FREE)
        self.assertEqual(alone.rcode, "SERVFAIL")
        self.assertTrue(alone.ede)
        for name, order in zip(names[1:], ((FREE, FAMILY, EVERYBODY), (FAMILY, FREE, "127.0.2.2"))):
            answers = all_at_once(lambda client, at: time.sleep(0.02 * at) or self.ask(name, source=client),
                                  [(client, at) for at, client in enumerate(order)])
            self.assertEqual(server.asked.count((name, "A")), 1)
            for client, answer in zip(order, answers):
                if client.startswith("127.0.2."):
                    self.assertEqual((answer.addresses(), answer.ad), ([SINK], False))
                else:
                    self.assertEqual((answer.rcode, [code for code, _ in answer.ede]), ("SERVFAIL", [code for code, _ in alone.ede]), (client, order))
                    self.assertEqual([bool(text) for _, text in answer.ede], [True])
