"""The module in a real Unbound: what it answers, and how a table changes."""
import os, shutil, signal, time, unittest

import pytest

from lab import *


class Answers(Lab):
    def setUp(self):
        super().setUp()
        self.compile(["evil.example", "*.below.test2", "exact.test3"], scope="exact")

    def test_blocked_name(self):
        self.unbound(self.internet())
        answer = self.assert_blocked("evil.example")
        self.assertEqual(answer.ede, [(15, "")])
        self.assertEqual(answer.soa.name, "evil.example")
        self.assertEqual(answer.soa.ttl, 30)
        self.assertEqual(answer.soa.data.minimum, 30)
        self.assertFalse(answer.ad or answer.aa)
        self.assertTrue(answer.ra)
        # Exact: what is below resolves.
        self.assertEqual(self.assert_passes("www.evil.example").addresses(), ["192.0.2.1"])
        # Subtree: the owner of the SOA is the rule's name.
        self.assertEqual(self.assert_blocked("a.b.below.test2").soa.name, "below.test2")

    def test_every_type_transport_and_flag(self):
        self.unbound(self.internet())
        for qtype in ("A", "AAAA", "HTTPS", "MX", "TXT", "ANY", "NS", "SOA", 65280):
            for options in ({}, {"tcp": True}, {"do": True}, {"cd": True}, {"edns": False}):
                with self.subTest(qtype=qtype, **options):
                    answer = self.assert_blocked("eViL.ExAmPlE", qtype, **options)
                    self.assertEqual(answer.qname, "eViL.ExAmPlE")
                    self.assertEqual(answer.ede, [(15, "")] if options.get("edns", True) else [])
                    self.assertEqual(answer.edns, options.get("edns", True))

    def test_target_of_an_alias(self):
        self.unbound(self.internet("* A 192.0.2.1\nalias.good. CNAME evil.example.\nother.good. CNAME fine.example.\n"
                                   "service.good. HTTPS 1 evil.example.\n"))
        for _ in range(3):  # the second and third must not come from the cache
            answer = self.assert_blocked("alias.good")
            self.assertEqual(answer.ede, [(15, "")])
            self.assertEqual(answer.soa.name, "alias.good")
            self.assert_blocked("service.good", "HTTPS")
            # The iterator stores the end of the chain under its own name.
            self.assert_blocked("evil.example")
        self.assert_passes("other.good")
        self.assertGreaterEqual(self.counters()[0]["counters"]["blocked_target"], 6)

    def test_without_a_table(self):
        os.remove(self.table)
        unbound = self.unbound(self.internet())
        self.assert_passes("evil.example")
        self.assertIn("nothing is blocked", unbound.log())
        self.assertEqual(self.counters()[0]["active"], False)
        # And takes one as soon as it is there.
        self.compile(["evil.example"])
        wait_for(lambda: self.ask("evil.example").blocked())

    def test_counters(self):
        self.unbound(self.internet())
        for _ in range(5):
            self.assert_blocked("evil.example")
        self.assert_passes("good.example")
        counters = self.counters()[0]["counters"]
        self.assertEqual(counters["blocked_name"], 5)
        self.assertGreaterEqual(counters["queries"], 6)

    def test_validator_behind(self):
        self.unbound(self.internet(), modules="dynlib validator iterator")
        self.assert_blocked("evil.example", do=True)
        self.assert_passes("good.example", do=True)


class Changes(Lab):
    """The ways a table changes, and what stood in the cache before."""

    def warm(self, names):
        for name in names:
            self.assertEqual(self.assert_passes(name).addresses(), ["192.0.2.1"])
            self.assert_passes(name, "AAAA")
            self.assert_passes(name, "AAAA", cd=True)

    def check_switch(self, switch, options="  serve-expired: yes\n  prefetch: yes\n"):
        self.compile(["first.example"])
        unbound = self.unbound(self.internet("* A 192.0.2.1\n* AAAA 2001:db8::1\nalias.good. CNAME second.example.\n"),
                               options=options)
        self.assert_blocked("first.example")
        self.warm(["second.example", "www.second.example", "third.example"])
        self.assertEqual(self.assert_passes("alias.good").answer[0].type, "CNAME")
        start = time.monotonic()
        switch(unbound, ["second.example"])
        wait_for(lambda: self.ask("second.example").blocked(), 2)
        self.assertLess(time.monotonic() - start, 1.0 + 1.0 * SANITIZED)
        wait_for(lambda: self.counters()[0]["scrubs"] >= 2, 3)
        for qtype in ("A", "AAAA"):
            for cd in (False, True):
                self.assert_blocked("second.example", qtype, cd=cd)
                self.assert_blocked("www.second.example", qtype, cd=cd)
        self.assert_blocked("alias.good")
        self.assert_blocked("second.example")
        self.assertEqual(self.assert_passes("first.example").addresses(), ["192.0.2.1"])
        self.assert_passes("third.example")
        return unbound

    @pytest.mark.alone
    def test_rename_alone(self):
        self.check_switch(lambda unbound, names: self.compile(names))

    @pytest.mark.alone
    def test_signal(self):
        def switch(unbound, names):
            self.compile(names)
            os.kill(unbound.pid, signal.SIGUSR1)
        unbound = self.check_switch(switch)
        # Signals without a change are harmless.
        for _ in range(50):
            os.kill(unbound.pid, signal.SIGUSR1)
        self.assert_blocked("second.example")

    @pytest.mark.alone
    def test_file_written_in_place(self):
        """Not how it should be done, but cp is what people do."""
        def switch(unbound, names):
            self.compile(names, output=self.path("other.weir"))
            shutil.copyfile(self.path("other.weir"), self.table)
        self.check_switch(switch)

    def test_directory_that_comes_later(self):
        self.table = self.path("later", "current.weir")
        self.unbound(self.internet())
        os.mkdir(self.path("later"))
        self.compile(["evil.example"])
        wait_for(lambda: self.ask("evil.example").blocked())

    def test_bad_tables_are_refused(self):
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet())
        with open(self.table, "rb") as f:
            good = f.read()
        newer = bytearray(good)
        newer[8] = 255
        bad = {
            "empty": b"",
            "truncated header": good[:100],
            "truncated": good[:-1],
            "longer": good + b"x",
            "foreign": b"#!/bin/sh\n" + bytes(600),
            "newer version": bytes(newer),
            "zeros": bytes(len(good)),
        }
        for at in range(0, len(good), 37):
            flipped = bytearray(good)
            flipped[at] ^= 1 << at % 8
            bad[f"bit flipped in octet {at}"] = bytes(flipped)
        for refused, (what, content) in enumerate(bad.items(), 1):
            with self.subTest(what):
                with open(self.path("bad"), "wb") as f:
                    f.write(content)
                os.rename(self.path("bad"), self.table)
                os.kill(unbound.pid, signal.SIGUSR1)
                wait_for(lambda: self.counters()[0]["refused"] == refused)
                self.assertTrue(self.counters()[0]["refused_reason"])
                self.assert_blocked("evil.example")
        self.assertIn(f"format version {newer[8]}", unbound.log())
        # A directory and a FIFO in its place.
        os.remove(self.table)
        os.mkdir(self.table)
        wait_for(lambda: self.counters()[0]["refused"] == len(bad) + 1)
        os.rmdir(self.table)
        os.mkfifo(self.table)
        wait_for(lambda: self.counters()[0]["refused"] == len(bad) + 2)
        os.remove(self.table)
        self.assert_blocked("evil.example")
        self.compile(["other.example"])
        wait_for(lambda: self.ask("other.example").blocked())

    def test_hundred_swaps_under_load(self):
        names = [f"n{i}.example" for i in range(200)]
        self.compile(["n0.example"])
        unbound = self.unbound(self.internet())
        for name in names:
            self.ask(name)
        with Load(self.port, names[1:]) as load:
            for i in range(20):
                self.compile([f"n{i}.example"])
                wait_for(lambda: self.ask(f"n{i}.example").blocked())
            before = unbound.rss_kb()
            for i in range(100):
                self.compile([f"n{i}.example", f"n{i + 1}.example"])
                os.kill(unbound.pid, signal.SIGUSR1)
                wait_for(lambda: self.ask(f"n{i + 1}.example").blocked())
                if i > 1:
                    self.assertEqual(self.ask(f"n{i - 1}.example").addresses(), ["192.0.2.1"])
            after = unbound.rss_kb()
        self.assertEqual(load.lost, 0)
        self.assertGreater(load.sent, 300)
        if not SANITIZED:  # ASan keeps freed memory in quarantine
            self.assertLess(after - before, 2048)


class Life(Lab):
    def test_reloads_under_load(self):
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), control=True)
        start_rss = None
        with Load(self.port, [f"n{i}.example" for i in range(100)]) as load:
            for i in range(100):
                result = self.unbound_control("reload")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assert_blocked("evil.example")
                if i == 20:
                    start_rss = unbound.rss_kb()
            end_rss = unbound.rss_kb()
        # Unbound drops what is under way when it reloads: a few may be lost, but only in that moment.
        self.assertLess(load.lost, 10)
        self.assertEqual(sorted(os.listdir(self.run_directory)), [f"{unbound.pid}.hits", f"{unbound.pid}.live"])
        if not SANITIZED:
            self.assertLess(end_rss - start_rss, 4096)
        self.assertEqual(unbound.stop(), 0)
        self.assertEqual(os.listdir(self.run_directory), [])
        unbound.expect_end = True

    def test_reload_takes_a_changed_table(self):
        self.compile(["evil.example"])
        self.unbound(self.internet(), control=True)
        self.assert_passes("other.example")
        for words in (("reload",), ("reload_keep_cache",)):
            for name, other in (("other.example", "evil.example"), ("evil.example", "other.example")):
                self.assert_passes(name)
                self.compile([name])
                self.assertEqual(self.unbound_control(*words).returncode, 0)
                wait_for(lambda: self.ask(name).blocked())
                self.assert_passes(other)

    def test_cache_of_another_size(self):
        """A reload with another cache size frees the cache under a walk."""
        names = [f"n{i}.example" for i in range(300)]
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), control=True)
        with open(self.conf) as f:
            conf = f.read()
        for i in range(20):
            for name in names[:100]:
                self.ask(name)
            self.compile([f"n{i}.example"])
            with open(self.conf, "w") as f:
                f.write(conf.replace("msg-cache-size: 64m", f"msg-cache-size: {32 + i}m"))
            self.assertEqual(self.unbound_control("reload_keep_cache").returncode, 0)
            wait_for(lambda: self.ask(f"n{i}.example").blocked())
        self.assertTrue(unbound.alive())

    @pytest.mark.alone
    @unittest.skipIf(SANITIZED, "the sanitizers want to be loaded first")
    def test_disk_that_hangs(self):
        """While a new table is read, however long that takes, everybody is answered: from the cache, by the module, and by an
        authority zone, whose workers want a lock that the module takes as well."""
        self.compile(["evil.example"])
        self.write("auth.zone", "@ 3600 IN SOA ns. root. 1 3600 600 86400 60\n@ 3600 IN NS ns.\n* 3600 IN A 192.0.2.7\n")
        slow = self.path("slow")
        unbound = self.unbound(self.internet(), upstream_zone=FORWARD + '\nauth-zone:\n  name: "auth.good"\n  zonefile: "auth.zone"\n',
                               env={"LD_PRELOAD": os.path.join(BIN, "../tests/slow_read.so"), "SLOW_READ": slow})
        names = ["cached.good", "evil.example", *(f"n{i}.auth.good" for i in range(100))]
        self.assertEqual(self.ask("x.auth.good").addresses(), ["192.0.2.7"])
        with Load(self.port, names) as load:
            time.sleep(0.3)
            self.write("slow", "")
            self.compile(["other.example"])
            asked = load.sent
            wait_for(lambda: load.sent > asked + 1000)
            self.assertTrue(self.ask("evil.example").blocked(), "the new table was there already: this test shows nothing")
            os.remove(slow)
            wait_for(lambda: self.ask("other.example").blocked(), 10)
        self.assertEqual(load.lost, 0)
        self.assertLess(load.longest, 1)
        self.assertTrue(unbound.alive())

    def test_signal_while_reloading(self):
        """SIGUSR1 at any time of a reload must not end the process."""
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), control=True)
        for _ in range(20):
            os.kill(unbound.pid, signal.SIGHUP)
            for _ in range(40):
                os.kill(unbound.pid, signal.SIGUSR1)
                time.sleep(0.001)
        self.assertTrue(unbound.alive())
        wait_for(lambda: (self.ask("evil.example", timeout=1) or self).blocked())

    def blocked(self):
        return False

    def test_run_directory_missing(self):
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), env={"WEIR_RUN": "/nonexistent"})
        self.assert_blocked("evil.example")
        self.assertIn("no live counters", unbound.log())
        self.compile(["other.example"])
        wait_for(lambda: self.ask("other.example").blocked())

    @unittest.skipUnless(os.geteuid() == 0 and not SANITIZED, "needs root, and a module that needs nothing but libc")
    def test_chroot_and_other_user(self):
        """All paths are the chroot's, there is no /proc, and the process is nobody's: tables are noticed all the same."""
        root = self.path("root")
        os.makedirs(os.path.join(root, "run"))
        os.chmod(root, 0o755)
        shutil.chown(os.path.join(root, "run"), "nobody")
        os.chmod(self.directory, 0o755)
        shutil.copy(MODULE, os.path.join(root, "weir.so"))
        self.table = os.path.join(root, "current.weir")
        self.compile(["evil.example"])
        self.unbound(self.internet(), options=f'  chroot: "{root}"\n  username: "nobody"\n  directory: "{root}"\n',
                     module="/weir.so", table="/current.weir", env={"WEIR_RUN": "/run"})
        self.assert_blocked("evil.example")
        self.compile(["other.example"])
        wait_for(lambda: self.ask("other.example").blocked())
        self.assert_passes("evil.example")
        self.assertEqual(sorted(name.split(".")[1] for name in os.listdir(os.path.join(root, "run"))), ["hits", "live"])

    def test_sixteen_threads(self):
        self.compile(["evil.example"])
        self.unbound(self.internet(), threads=16)
        for i in range(200):
            self.assert_blocked(f"x{i}.evil.example")
        self.assertEqual(self.counters()[0]["counters"]["blocked_name"], 200)
