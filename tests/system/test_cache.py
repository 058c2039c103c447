"""The invariant: no message in Unbound's caches is one that the table in force would block, whatever way it came there."""
import os, shutil, signal, subprocess, time, unittest

from feeds import *


class UnaskedNames(Lab):
    """What the resolver finds on its way to another name."""

    ZONE = ("* A 192.0.2.1\n* AAAA 2001:db8::1\n"
            "evil.host. A 192.0.2.66\na.evil.host. A 192.0.2.1\nservice.host. HTTPS 1 evil.host.\n"
            "alias.host. CNAME service.host.\nmiddle.host. CNAME evil.host.\nfront.other. CNAME middle.host.\n")

    def each_resolver(self, zone=ZONE):
        upstream = self.internet(zone)
        for modules in ("dynlib iterator", "dynlib validator iterator"):
            for upstream_zone in (FORWARD, RECURSE):
                with self.subTest(modules=modules, upstream_zone=upstream_zone):
                    unbound = self.unbound(upstream, modules=modules, upstream_zone=upstream_zone)
                    yield unbound
                    self.assertEqual(unbound.stop(), 0, unbound.log())
                    unbound.expect_end = True

    def test_steps_of_minimisation(self):
        """On the way to a.evil.host the resolver asks for evil.host, which is listed, and stores what it learns."""
        self.compile(["evil.host"], scope="exact")
        for _ in self.each_resolver():
            self.assert_passes("a.evil.host")
            for cd in (True, False, True):
                self.assert_blocked("evil.host", cd=cd)

    def test_every_piece_of_a_chain(self):
        self.compile(["evil.host"], scope="exact")
        for _ in self.each_resolver():
            for name, qtype in (("alias.host", "HTTPS"), ("service.host", "HTTPS"), ("front.other", "A"), ("middle.host", "A"),
                                ("evil.host", "A"), ("front.other", "A"), ("alias.host", "HTTPS")):
                self.assert_blocked(name, qtype)

    def test_listed_in_the_middle(self):
        """Both ends of a chain may be in the cache, rightly: an answer made from them is not stored, not even for a moment."""
        for upstream_zone in (FORWARD, RECURSE):
            with self.subTest(upstream_zone=upstream_zone):
                self.compile(["other.host"])
                unbound = self.unbound(self.internet(self.ZONE.replace("evil.host. A", "end.host. A").replace(
                    "CNAME evil.host", "CNAME end.host")), upstream_zone=upstream_zone)
                for name in ("front.other", "middle.host", "end.host"):
                    self.assert_passes(name)
                self.compile(["middle.host"], scope="exact")
                wait_for(lambda: self.ask("middle.host").blocked() and self.counters()[-1]["scrubs"] >= 2)
                for _ in range(3):
                    self.assertEqual(self.assert_blocked("front.other").soa.name, "front.other")
                    self.assert_passes("end.host")
                counters = next(r["counters"] for r in self.counters() if r["pid"] == unbound.pid)
                # What is put in and taken out again may be given out in between.
                self.assertEqual((counters["blocked_target"], counters["evicted"]), (3, 0))
                self.assertEqual(unbound.stop(), 0, unbound.log())
                unbound.expect_end = True

    def test_listed_in_the_middle_from_the_start(self):
        """A chain that goes on behind a listed name, learned piece by piece: nobody may get it from the cache, not even in the
        moment before it is taken out."""
        self.compile(["middle.host"], scope="exact")
        queries = self.write("queries", "front.other A\n")
        with OddServer({"front.other": "middle.host", "middle.host": "end.host"}) as server:
            self.unbound(server.port)
            report = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(self.port), "-d", queries, "-l", "3", "-c", "8",
                                     "-q", "100"], capture_output=True, text=True, check=True).stdout
            self.assertRegex(report, r"Response codes:\s+NXDOMAIN \d+ \(100.00%\)")

    def test_name_of_a_server(self):
        """A name is no worse for having a server whose name is listed; the server's name is blocked all the same."""
        self.compile(["ns.evil.host"], scope="exact")
        upstream = self.internet("*.good. A 192.0.2.1\nprobe.example. A 192.0.2.1\nns.evil.host. A 127.0.0.1\n")
        self.unbound(upstream, upstream_zone=RECURSE + f'\nstub-zone:\n  name: "good"\n  stub-host: ns.evil.host@{upstream}')
        for i in range(3):
            self.assertEqual(self.assert_passes(f"x{i}.good").addresses(), ["192.0.2.1"])
            self.assert_blocked("ns.evil.host")


class Replaced(FeedLab):
    """Unbound keeps a message and its records apart, and puts newer records in the place of older ones: a message that was looked
    at may come to hold others. With serve-expired it is given out again, and nobody is asked."""

    OLD, ASIDE = 1, 86400  # how long it holds what is asked for first, and what comes by another way

    def setUp(self):
        super().setUp()
        self.compile(["evil.host"])

    def aside(self, qtype, target, name="svc.other"):
        return record(name, qtype, target, self.ASIDE)

    def check(self, before, after, asked, modules="dynlib iterator", allowed=()):
        """What is asked must not make what is in the cache for the questions of `before` lead to evil.host. `after`: what the
        server says meanwhile, and no more of those questions; `allowed`: names that may lead anywhere."""
        with ScriptServer(dict(before)) as server:
            self.unbound(server.port, modules=modules, options="  serve-expired: yes\n")
            for question in before:
                self.assert_passes(*question)
            time.sleep(self.OLD + 1.1)
            server.script.update(after)
            server.script.update({question: None for question in before})
            for question in asked:
                self.ask(*question, timeout=1)
            for question in (question for question in before if question[0] not in allowed):
                for _ in range(2):
                    answer = self.ask(*question, timeout=0.3)
                    self.assertNotIn("evil.host", answer.records() if answer else "")

    def test_beside_an_answer(self):
        """In the additional section: as RFC 9460 section 4.1 has it."""
        types = ("HTTPS", "SVCB")
        for modules in ("dynlib iterator", "dynlib validator iterator"):
            with self.subTest(modules=modules):
                self.check({("svc.other", qtype): ([record("svc.other", qtype, "good.host", self.OLD)], []) for qtype in types},
                           {("fine.other", "A"): ([record("fine.other", "A", "192.0.2.1")],
                                                  [self.aside(qtype, "evil.host") for qtype in types])},
                           [("fine.other", "A")], modules)

    def aliases(*pairs, old=OLD):
        """A chain that ends in nothing: Unbound gives no other one out after a change of its pieces."""
        return [record(name, "CNAME", target, old) for name, target in pairs], []

    CHAIN = {("front.other", "TXT"): aliases(("front.other", "svc.other"), ("svc.other", "good.host")),
             ("svc.other", "TXT"): aliases(("svc.other", "good.host"))}

    def test_in_a_chain_of_another_name(self):
        """A piece of a chain that leads there is a piece of others, too."""
        before = {**self.CHAIN, ("svc.other", "MX"): Replaced.aliases(("svc.other", "good.host")),
                  ("svc.other", "CNAME"): Replaced.aliases(("svc.other", "good.host"))}
        self.check(before, {("else.other", "A"): ([self.aside("CNAME", "svc.other", "else.other"),
                                                   self.aside("CNAME", "evil.host")], []),
                            ("svc.other", "A"): ([self.aside("CNAME", "evil.host")], [])},
                   [("else.other", "A"), ("svc.other", "A")])

    def test_by_a_query_of_dns64(self):
        """It asks for A to make AAAA of it, and gets its answer whatever that is."""
        before = {**self.CHAIN, ("svc.other", "CNAME"): Replaced.aliases(("svc.other", "good.host"))}
        self.check(before, {("svc.other", "A"): ([self.aside("CNAME", "evil.host")], [])}, [("svc.other", "AAAA")],
                   modules="dynlib dns64 iterator")

    def test_by_who_is_allowed(self):
        """The operator allows a name, whatever it is an alias of: that holds for this name alone."""
        self.publish(self.local_feeds(f="evil.host\n"), allow="\n  - name: svc.other\n    reason: r")
        self.check(self.CHAIN, {("svc.other", "A"): ([self.aside("CNAME", "evil.host")], [])}, [("svc.other", "A")],
                   allowed=["svc.other"])


class OtherWays(Lab):
    def test_load_cache(self):
        """What `load_cache` brings back is found by the slow walk; a signal makes it quick."""
        self.compile(["other.example"])
        unbound = self.unbound(self.internet(), control=True, modules="dynlib validator iterator")
        self.assert_passes("evil.example")
        dump = self.unbound_control("dump_cache").stdout
        self.compile(["evil.example"])
        wait_for(lambda: self.ask("evil.example").blocked())
        for hurry in (True, False):
            with self.subTest(hurry=hurry):
                self.assertEqual(self.unbound_control("load_cache", stdin=dump).returncode, 0)
                self.assert_passes("evil.example")  # or this test shows nothing
                if hurry:
                    os.kill(unbound.pid, signal.SIGUSR1)
                wait_for(lambda: self.ask("evil.example").blocked(), 1 + SANITIZED if hurry else 60)

    @unittest.skipIf(121 <= RELEASE < 125, "this Unbound ends where a reload changes module-config")
    def test_kept_cache(self):
        """The module comes into an Unbound whose cache was filled without it: not one wrong answer."""
        self.compile(["evil.example"])
        self.unbound(self.internet(), control=True)
        with open(self.conf) as f:
            conf = f.read()
        def reload(conf):
            self.write("unbound.conf", conf)
            self.assertEqual(self.unbound_control("reload_keep_cache").returncode, 0)
            # That is answered before it is done; the next command only afterwards.
            self.assertEqual(self.unbound_control("status").returncode, 0)
        for _ in range(3):
            reload(conf.replace('"dynlib iterator"', '"iterator"'))
            self.assert_passes("evil.example")
            reload(conf)
            self.assert_blocked("evil.example")

    def test_dns64(self):
        """dns64 makes AAAA answers of A answers, and stores them itself."""
        self.compile(["evil.example"])
        upstream = self.internet("*.example. A 192.0.2.1\nalias.good. CNAME evil.example.\nold.good. A 192.0.2.1\n")
        self.unbound(upstream, modules="dynlib dns64 validator iterator")
        self.assertEqual(self.assert_passes("fine.example", "AAAA").answer[0].data.address, "64:ff9b::c000:201")
        for _ in range(2):
            for name in ("evil.example", "www.evil.example", "alias.good"):
                for qtype in ("AAAA", "A"):
                    self.assertEqual(self.assert_blocked(name, qtype).ede, [(15, "")])
        # What was blocked is not stored: unlisted, it resolves.
        self.compile(["other.example"])
        for name in ("evil.example", "www.evil.example", "alias.good"):
            wait_for(lambda: self.ask(name, "AAAA").rcode == "NOERROR")
            self.assertEqual(self.ask(name, "AAAA").answer[-1].data.address, "64:ff9b::c000:201")

    def test_bypassing_the_validator(self):
        """A client that does not want validation is answered from what was stored for it to begin."""
        self.compile(["evil.example"])
        self.unbound(self.internet("* A 192.0.2.1\n* AAAA 2001:db8::1\nalias.good. CNAME evil.example.\n"),
                     modules="dynlib validator iterator")
        for qtype in ("A", "AAAA"):
            for cd in (False, True, False, True):
                self.assert_blocked("alias.good", qtype, cd=cd)
                self.assert_blocked("evil.example", qtype, cd=cd)

    def test_module_loaded_twice(self):
        """Two copies, each with its own table: neither disturbs the other, at a reload and when signalled."""
        copy = shutil.copy(MODULE, self.path("copy.so"))
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), modules="dynlib dynlib iterator", wait=False)
        with open(self.conf, "a") as f:
            f.write(f'dynlib:\n  dynlib-file: "{copy}"\n')
        unbound.stop()
        unbound.expect_end = True
        unbound = Process(self, "unbound", [UNBOUND, "-d", "-c", self.conf],
                          self.environment())
        wait_for(lambda: ask(self.port, "probe.example", timeout=1))
        for _ in range(10):
            self.assert_blocked("evil.example")
            os.kill(unbound.pid, signal.SIGHUP)
            for _ in range(40):
                os.kill(unbound.pid, signal.SIGUSR1)
                time.sleep(0.001)
        self.assert_blocked("evil.example")
        self.compile(["other.example"])
        wait_for(lambda: self.ask("other.example").blocked())
        self.assertIn("not cached, since dynlib in module-config", unbound.log())
