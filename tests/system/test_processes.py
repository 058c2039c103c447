"""An Unbound that was built without threads: its workers are processes, each with a cache of its own, and no thread of the
module's runs beside them. They look for a new table once a second, with the queries they get."""
import os, signal, time, unittest

from lab import *

NAMES = [f"n{i}.example" for i in range(400)]


@unittest.skipUnless(BUILD == "processes", "needs an unbound built without threads")
class Processes(Lab):
    def everyone(self, name, qtype="A", times=12):
        """Asks until each of the processes must have answered. Returns how many answers were not blocked."""
        return sum(not self.ask(name, qtype).blocked() for _ in range(times))

    def workers(self, count):
        self.compile(["first.example"])
        zone = "* A 192.0.2.1\n* AAAA 2001:db8::1\nalias.good. CNAME n0.example.\nservice.good. HTTPS 1 n0.example.\n"
        return self.unbound(self.internet(zone), threads=count, control=True)

    def test_kept_cache(self):
        """The module comes into a cache that is full of what the table lists: by a reload that keeps it."""
        for threads in 1, 2:
            with self.subTest(threads=threads):
                self.compile([*NAMES, "n0.example"])
                unbound = self.unbound(self.internet("* A 192.0.2.1\nalias.good. CNAME n0.example.\n"), modules="iterator",
                                       threads=threads, control=True)
                for name in [*NAMES[:100], "alias.good"]:
                    for _ in range(threads * 3):
                        self.assert_passes(name)
                with open(self.conf) as f:
                    conf = f.read()
                self.write("unbound.conf", conf.replace('"iterator"', '"dynlib iterator"') + f'dynlib:\n  dynlib-file: "{MODULE}"\n')
                self.unbound_control("reload_keep_cache")
                wait_for(lambda: self.ask("first.other", timeout=1))
                self.assertEqual([name for name in [*NAMES[:100], "alias.good"] if self.everyone(name, times=2)], [])
                unbound.stop()
                unbound.expect_end = True

    def test_asked_for_from_the_cache_only(self):
        """A table is noticed though not one query is left that the cache does not answer: names, an alias, a service."""
        for threads in 1, 2:
            with self.subTest(threads=threads):
                unbound = self.workers(threads)
                hot = [("n0.example", "A"), ("n0.example", "AAAA"), ("alias.good", "A"), ("service.good", "HTTPS")]
                for _ in range(8 * threads):
                    for name, qtype in hot:
                        self.assert_passes(name, qtype)
                self.compile(["n0.example"])
                for name, qtype in hot:
                    wait_for(lambda: self.everyone(name, qtype, 8 * threads) == 0, 6)
                # And the other way round.
                self.compile(["first.example"])
                for name, qtype in hot:
                    wait_for(lambda: self.ask(name, qtype).rcode == "NOERROR", 6)
                unbound.stop()
                unbound.expect_end = True

    def test_bypass(self):
        """Each worker follows with its next query, within a second, and what it let pass is not left in its cache."""
        for threads in 1, 2:
            with self.subTest(threads=threads):
                self.compile([*NAMES, "n0.example"])
                unbound = self.unbound(self.internet(), threads=threads, control=True)
                self.assertEqual(self.everyone("n0.example"), 0)
                for name in "n0.example", "n1.example":
                    self.feedsync("bypass", "on", "--reason", "r", "--table", self.table)
                    wait_for(lambda: self.everyone(name) == 12)
                    self.unbound_control("reload_keep_cache")
                    wait_for(lambda: self.ask(name, timeout=1))
                    self.assertEqual(self.everyone(name), 12)
                    self.feedsync("bypass", "off", "--table", self.table)
                    wait_for(lambda: self.everyone(name) == 0)
                    self.assertEqual(self.everyone("n0.example"), 0)
                unbound.stop()
                unbound.expect_end = True

    def test_one_name_alone(self):
        """The very message that is being answered is the one to go; also where expired ones are served."""
        self.compile(["first.example"])
        for options in "", "  serve-expired: yes\n", "  serve-expired: yes\n  prefetch: yes\n":
            with self.subTest(options):
                unbound = self.unbound(self.internet(), threads=1, options=options)
                for _ in range(5):
                    self.assert_passes("only.example")
                self.compile(["only.example"])
                wait_for(lambda: self.ask("only.example").blocked(), 5)
                self.assertEqual(self.everyone("only.example"), 0)
                self.compile(["first.example"])
                unbound.stop()
                unbound.expect_end = True

    def test_many_cached(self):
        """Once the change is seen the walk is done within some queries, whatever they ask for."""
        self.workers(1)
        for name in NAMES:
            self.assert_passes(name)
        self.compile(NAMES)
        wait_for(lambda: self.ask(NAMES[7]).blocked(), 5)
        for _ in range(100):
            self.ask("any.other")
        self.assertEqual([name for name in NAMES if not self.ask(name).blocked()], [])

    def test_the_last_table_stays(self):
        """Over reloads, stop and start, with the newest that a worker has taken, though the first process never sees it."""
        resolver = self.workers(2)
        self.compile(["second.example"])
        wait_for(lambda: [self.ask(f"m{i}.miss.good") for i in range(4)] and self.everyone("second.example") == 0, 10)
        time.sleep(1.2)
        self.everyone("x.good")  # what they do once a second includes the copy for the next start
        os.remove(self.table)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number):
                children = self.children(resolver.pid)
                os.kill(resolver.pid, number)
                if number != signal.SIGHUP:
                    resolver.expect_end = True
                    resolver.popen.wait(20)
                    for child in children:  # the kill leaves them behind
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(child, signal.SIGKILL)
                    wait_for(lambda: not listening(self.port), 10)
                    resolver = Process(self, "unbound", [UNBOUND, "-d", "-c", self.conf], self.environment())
                time.sleep(0.5)
                wait_for(lambda: self.ask("any.good", timeout=1), 20)
                self.assertEqual(self.everyone("second.example"), 0)
                self.assertIn("the last one, of ", resolver.log())

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children") as f:
            return [int(child) for child in f.read().split()]
