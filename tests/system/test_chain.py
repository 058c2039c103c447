"""Other modules in the chain that keep answers of their own: what they keep is checked like anything else, and they go on to
work as without us."""
from feeds import *

SUBNETS = {"modules": "dynlib subnetcache validator iterator", "options": "  send-client-subnet: 127.0.0.1\n"}
LINKED = subprocess.run([UNBOUND, "-V"], capture_output=True, text=True).stdout


@unittest.skipIf(SANITIZED, "a quick resolver meets more such moments; the race of groups has the same modules under sanitizers")
class NotForAMoment(Lab):
    """An answer that leads through a listed name is never in the cache, not even in the moment before it is taken out: whoever
    asks for one that is being looked up would get it. Each module has its own idea of when an answer may be stored."""

    COUNT = 2000

    def check(self, modules, options="", subnets=False, qtype="A"):
        self.compile(["middle.host"])
        aliases = {f"front{i}.other": f"m{i}.middle.host" for i in range(self.COUNT)}
        aliases.update({f"m{i}.middle.host": f"e{i}.end.host" for i in range(self.COUNT)})
        queries = self.write("queries", "".join(f"front{i}.other {qtype}\n" * 40 for i in range(self.COUNT)))
        with OddServer(aliases, subnets=subnets) as server:
            self.unbound(server.port, modules=modules, options=options)
            report = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d", queries, "-n", "1", "-c", "8",
                                     "-q", "100"], capture_output=True, text=True, check=True).stdout
        self.assertRegex(report, r"Response codes:\s+NXDOMAIN \d+ \(100.00%\)")

    def test_validator(self):
        self.check("dynlib validator iterator")

    def test_subnetcache(self):
        self.check(SUBNETS["modules"])

    def test_subnetcache_that_tells(self):
        self.check(**SUBNETS)

    def test_subnetcache_that_is_told(self):
        self.check(**SUBNETS, subnets=True)

    def test_dns64(self):
        self.check("dynlib dns64 validator iterator")

    def test_dns64_that_makes_addresses(self):
        self.check("dynlib dns64 validator iterator", qtype="AAAA")


class Subnets(Lab):
    """Answers for some clients only (RFC 7871)."""

    def test_answers_stay_in_their_subnet(self):
        """Also where a step on the way to the name is blocked, which must not be stored, but the answer may be."""
        self.compile(["evil.host"], scope="exact")
        with OddServer(subnets=True) as server:
            self.unbound(server.port, **SUBNETS, upstream_zone=FORWARD + '\nstub-zone:\n  name: "host"\n  stub-addr: UPSTREAM')
            for client, asked in (("127.0.0.1", 1), ("127.0.0.2", 1), ("127.0.9.1", 2), ("127.0.9.2", 2), ("127.0.0.1", 2)):
                self.assertEqual(self.ask("www.evil.host", source=client).addresses(), ["192.0.2.1"])
                self.assertEqual(server.asked.count("www.evil.host"), asked, client)
            self.assertIn("evil.host", server.asked)  # or this test shows nothing
            for client in ("127.0.0.1", "127.0.9.1"):
                self.assertTrue(self.ask("evil.host", source=client).blocked())

    def test_listed_later(self):
        """What was kept for a subnet before it was listed."""
        self.compile(["other.host"])
        with OddServer({"front.other": "evil.host"}, subnets=True) as server:
            self.unbound(server.port, **SUBNETS)
            names = ("evil.host", "www.evil.host", "front.other")
            for _ in range(2):
                self.assertEqual([self.ask(name).rcode for name in names], ["NOERROR"] * 3)
            self.compile(["evil.host"])
            wait_for(lambda: self.ask("evil.host").blocked())
            for _ in range(2):
                self.assertEqual([self.ask(name).blocked() for name in names], [True] * 3)
            self.compile(["other.host"])
            wait_for(lambda: not self.ask("evil.host").blocked())
            self.assertEqual([self.ask(name).rcode for name in names], ["NOERROR"] * 3)


class Order(FeedLab):
    """The module must be the first: that it is not is said where it starts, and is not well."""

    def start(self, modules):
        self.publish(self.local_feeds(f="evil.host\n"))
        self.configure(self.local_feeds(f="evil.host\n"))
        unbound = self.unbound(self.internet(), modules=modules)
        words = self.feedsync("-c", self.config, "status")
        resolver = self.status()["resolvers"][0]
        self.assertEqual(unbound.stop(), 0, unbound.log())
        unbound.expect_end = True
        return unbound.log(), words, resolver

    def test_not_the_first(self):
        for modules in ("validator dynlib iterator", "respip dynlib validator iterator",
                        "subnetcache validator dynlib iterator", "dns64 dynlib iterator"):
            with self.subTest(modules):
                log, words, resolver = self.start(modules)
                self.assertIn("error: weir: NOT THE FIRST MODULE in module-config", log)
                self.assertRegex(words.stdout, r"resolver \d+: NOT THE FIRST MODULE, generation(.|\n)*NOT CHECKED")
                self.assertEqual((words.returncode, resolver["misplaced"], resolver["well"]), (1, True, False))

    def test_the_first(self):
        for modules in ("dynlib iterator", "dynlib subnetcache validator iterator"):
            with self.subTest(modules):
                log, words, resolver = self.start(modules)
                self.assertNotIn("NOT THE FIRST", log + words.stdout)
                self.assertEqual((words.returncode, resolver["misplaced"], resolver["well"]), (0, False, True))


@unittest.skipUnless("cachedb" in LINKED, "this Unbound is built without cachedb")
class External(FeedLab):
    """A cache in another process, that survives this one and may be filled by others."""

    def start(self, upstream, modules="dynlib validator cachedb iterator", options=""):
        if not hasattr(self, "redis_port"):
            self.redis_port = free_port()
            Process(self, "redis", ["redis-server", "--bind", "127.0.0.1", "--port", str(self.redis_port), "--save", "",
                                    "--dir", self.directory])
            wait_for(lambda: listening(self.redis_port))
        return self.unbound(upstream, modules, options=options, upstream_zone=FORWARD + (
            f'\ncachedb:\n  backend: "redis"\n  redis-server-host: 127.0.0.1\n  redis-server-port: {self.redis_port}\n'))

    def kept(self):
        with socket.create_connection(("127.0.0.1", self.redis_port), 5) as s:
            s.sendall(b"DBSIZE\r\n")
            return int(s.recv(64)[1:])

    def restart(self, unbound, *arguments, **options):
        self.assertEqual(unbound.stop(), 0, unbound.log())
        unbound.expect_end = True
        return self.start(*arguments, **options)

    def test_kept_from_before(self):
        """What an Unbound without the module has put there."""
        self.compile(["evil.host"])
        upstream = self.internet("*.host A 192.0.2.1\nfront.other CNAME evil.host.\nfront.other2 HTTPS 1 evil.host.\n")
        unbound = self.start(upstream, modules="validator cachedb iterator")
        names = (("evil.host", "A"), ("www.evil.host", "A"), ("front.other", "A"), ("front.other2", "HTTPS"))
        for name, qtype in names:
            self.assert_passes(name, qtype)
        kept = self.kept()
        self.assertGreaterEqual(kept, 4)
        self.restart(unbound, upstream)
        for _ in range(3):
            for name, qtype in names:
                self.assert_blocked(name, qtype)
        self.assert_passes("fine.host")
        self.compile(["other.host"])
        wait_for(lambda: not self.ask("evil.host").blocked())
        for name, qtype in names:
            self.assert_passes(name, qtype)

    def test_expired_there(self):
        """What is found there has expired: with serve-expired it is given out before the query has ended, to each client what is
        decided for it."""
        actions = {"nxdomain": "NXDOMAIN", "nodata": "NOERROR", "refused": "REFUSED", "drop": "REFUSED", "sinkhole": "NOERROR",
                   "redirect": "NOERROR"}
        self.publish(self.local_feeds(**{action: {"content": f"{action}.host\n", "category": action} for action in actions}),
                     categories="".join(f"\n  - name: {action}\n    action: {action}\n    ipv4: 192.0.2.66\n    "
                                        f"redirect: garden.other" for action in actions),
                     groups="\n  - name: free\n    clients: [127.0.9.0/24]\n    action: allow")
        script = {("fine.other", "A"): ([record("fine.other", "A", "192.0.2.1", 1)], [])}
        for action in actions:
            front, service = f"{action}front.other", f"{action}service.other"
            script[(front, "A")] = ([record(front, "CNAME", f"{action}.host", 1)], [])
            script[(service, "HTTPS")] = ([record(service, "HTTPS", f"{action}.host", 1)], [])
            script[(f"{action}.host", "A")] = ([record(f"{action}.host", "A", "192.0.2.1", 1)], [])
        with ScriptServer(script) as server:
            unbound = self.start(server.port, modules="validator cachedb iterator")
            for question in script:
                self.assert_passes(*question)
            time.sleep(2.1)
            for modules in ("dynlib validator cachedb iterator", "dynlib cachedb iterator"):
                unbound = self.restart(unbound, server.port, modules=modules,
                                       options="  serve-expired: yes\n  serve-expired-client-timeout: 0\n")
                for name, qtype in script:
                    action = next((action for action in actions if name.startswith(action)), None)
                    for options in ({"cd": True, "source": "127.0.9.1"}, {"cd": True}, {}, {"cd": True}):
                        with self.subTest(modules=modules, name=name, qtype=qtype, **options):
                            # Who is dropped gets nothing where the query had ended, too.
                            answer = self.ask(name, qtype, timeout=0.3 if action == "drop" else 20, **options)
                            if not action or "source" in options:
                                self.assertEqual(answer.rcode, "NOERROR")
                                self.assertTrue(answer.answer)
                            elif answer or action != "drop":
                                self.assertEqual((answer.rcode, (15, "") in answer.ede), (actions[action], True))
                                if name != f"{action}.host":
                                    self.assertNotIn(f"{action}.host", answer.records())
                                if action != "redirect":
                                    self.assertEqual(answer.addresses(), ["192.0.2.66"] if (action, qtype) == ("sinkhole", "A") else [])

    def test_nothing_blocked_is_put_there(self):
        self.compile(["evil.host", "middle.host"])
        with OddServer({"front.other": "middle.host", "middle.host": "end.host"}) as server:
            unbound = self.start(server.port)
            kept = self.kept()
            for _ in range(3):
                for name in ("evil.host", "www.evil.host", "middle.host", "front.other"):
                    self.assert_blocked(name)
            self.assertEqual(self.kept(), kept)
            self.assert_passes("fine.host")
            self.assertEqual(self.kept(), kept + 1)
            # Neither by the one nor by the other way.
            self.restart(unbound, server.port, modules="validator cachedb iterator")
            asked = len(server.asked)
            self.assert_passes("fine.host")
            self.assertEqual(len(server.asked), asked)
