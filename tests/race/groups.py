#!/usr/bin/python3
"""The race of groups: clients of several groups ask for the same names at full speed, with a new table every 50 ms that moves
clients between groups and names on and off the lists, and every answer is checked for the group of who asked.

  WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/race/groups.py [--seconds 300] [--modules "..."]...

Exits 1 on an answer that its client's group must not get, a lost one, a crash, or a sanitizer's report. Under
AddressSanitizer and ThreadSanitizer as race.py says. What does not change has one right answer a group; what changes has
two."""
import argparse, json, os, select, sys, unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from feeds import *

NAMES, WINDOW, TIMES = 60, 24, 2  # names of a kind, questions under way of a client, TTL of the records
MODULES = ("dynlib validator iterator", "dynlib dns64 validator iterator", "dynlib subnetcache validator iterator")
OPTIONS = ("  dns64-prefix: 64:ff9b::/96\n  serve-expired: yes\n  prefetch: yes\n  msg-cache-size: 4m\n  rrset-cache-size: 1m\n  send-client-subnet: 127.0.0.1\n"
           "  serve-expired-ttl: 3600\n  rrset-roundrobin: no\n  discard-timeout: 0\n")
SOURCES = {"everybody": "127.0.0.1", "free": "127.0.1.1", "family": "127.0.2.1", "kids": "127.0.3.1", "moving": "127.0.4.1"}
BLOCKED, SINK = "blocked", "192.0.2.66"

# A kind of names: its question, what the world says, and what each group gets instead, where that is something else.
# "either": the table decides, or the group that the client is in just now.
KINDS = {
    "bad": ("n{}.bad.example", "A", "192.0.2.1", {"everybody": BLOCKED, "family": BLOCKED, "kids": BLOCKED, "moving": "either"}),
    "adult": ("n{}.adult.example", "A", "192.0.2.2", {"family": SINK, "moving": "either"}),
    "alias": ("alias{}.good.example", "A", "192.0.2.2", {"family": SINK, "moving": "either"}),
    # No name has such an address: dns64 makes it, by a query of its own for the address of the kind above.
    "synthesised": ("alias{}.good.example", "AAAA", "64:ff9b::c000:202", {"family": "nothing", "moving": "either"}),
    "games": ("n{}.games.example", "A", "192.0.2.3", {"kids": "nothing"}),
    "service": ("svc{}.good.example", "HTTPS", "1 n{}.games.example.", {"kids": "nothing"}),
    "flip": ("n{}.flip.example", "A", "192.0.2.4", {group: "either" for group in SOURCES if group != "free"}),
    "freed": ("freed{}.good.example", "A", "192.0.2.1", {}),
    "plain": ("n{}.good.example", "A", "192.0.2.5", {}),
}


class Asker(Background):
    """One client: keeps so many questions under way, and checks each answer."""

    def __init__(self, port, group, seconds, kinds):
        self.port, self.group, self.seconds, self.kinds = port, group, seconds, kinds
        self.counts, self.wrong, self.lost = collections.Counter(), [], []

    def run(self):
        chooser, waiting, end = random.Random(self.group), {}, time.monotonic() + self.seconds
        patience, qid = 20 if SANITIZED else 5, 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((SOURCES[self.group], 0))
            s.connect(("127.0.0.1", self.port))
            while waiting or time.monotonic() < end:
                while len(waiting) < WINDOW and time.monotonic() < end:
                    kind, i, qid = chooser.choice(self.kinds), chooser.randrange(NAMES), (qid + 1) % 65536
                    s.send(make_query(KINDS[kind][0].format(i), KINDS[kind][1], qid=qid).to_wire())
                    waiting[qid] = (kind, i, time.monotonic())
                if select.select([s], [], [], 0.1)[0]:
                    answer = Answer(dns.message.from_wire(s.recv(4096)))
                    if answer.qid in waiting:
                        kind, i, _ = waiting.pop(answer.qid)
                        self.check(kind, i, answer)
                for late in [number for number, (*_, sent) in waiting.items() if time.monotonic() > sent + patience]:
                    self.lost.append(waiting.pop(late)[:2])

    def check(self, kind, i, answer):
        _, qtype, truth, instead = KINDS[kind]
        data = [str(r.data) for r in answer.answer if r.type == qtype]
        given = BLOCKED if answer.blocked() else ",".join(data) if data else "nothing" if answer.is_modules() else answer.rcode
        right = instead.get(self.group, truth)
        wanted = {right} if right != "either" else {truth, BLOCKED, SINK if qtype == "A" else "nothing"}
        self.counts["passed" if given == truth.format(i) else "blocked"] += 1
        if given not in {w.format(i) for w in wanted}:
            self.wrong.append((self.group, kind, i, given, str(answer)))


class GroupRace(FeedLab):
    seconds, interval, modules = 300, 0.05, MODULES

    def prepare_tables(self):
        """With the names of flip listed or not, and the moving client in one group or the other."""
        os.mkdir(self.path("tables"))
        for feed in ("bad", "adult", "games"):
            self.write(feed, f"{feed}.example\n")
        for number in range(4):
            self.write("flip", "flip.example\n" if number % 2 else "other.example\n")
            moving = ("free", "family")[number // 2]
            groups = "".join(f"\n  - name: {name}\n    clients: [{clients}{', 127.0.4.0/24' if moving == name else ''}]\n{rest}" for name, clients, rest in (
                ("free", "127.0.1.0/24", "    action: allow"),
                ("family", "127.0.2.0/24", "    categories: [{name: adult, action: sinkhole}]"),
                ("kids", "127.0.3.0/24", "    categories: [{name: games, action: nodata}]")))
            self.configure([{"name": name, "url": "file://" + self.path(name), "format": "domains", "scope": "subtree",
                             "category": {"flip": "bad"}.get(name, name)} for name in ("bad", "adult", "games", "flip")],
                           table=self.path("made.weir"), groups=groups, run="none",
                           allow="".join(f"\n  - name: freed{i}.good.example" for i in range(NAMES)),
                           categories=f"\n  - name: bad\n    action: nxdomain\n  - name: adult\n    action: log\n    ipv4: {SINK}\n  - name: games\n    action: log")
            self.sync(code=0)
            shutil.copyfile(self.path("made.weir"), self.path("tables", str(number)))
        shutil.copyfile(self.path("tables/0"), self.table)

    def zone(self):
        lines = [f"$TTL {TIMES}"] + [f"*.{name}.example. A {address}" for name, address in
                                     (("bad", "192.0.2.1"), ("adult", "192.0.2.2"), ("games", "192.0.2.3"), ("flip", "192.0.2.4"), ("good", "192.0.2.5"))]
        for i in range(NAMES):
            lines += [f"alias{i}.good.example. CNAME n{i}.adult.example.", f"freed{i}.good.example. CNAME n{i}.bad.example.",
                      f"svc{i}.good.example. HTTPS 1 n{i}.games.example."]
        return "\n".join(lines) + "\nprobe.example. A 192.0.2.5\n"

    def run_with(self, modules, seconds):
        unbound = self.unbound(self.upstream, modules=modules, threads=4, options=OPTIONS, env={"WEIR_STORE": "256k"})
        kinds = [kind for kind, (_, qtype, *_) in KINDS.items() if qtype != "AAAA" or "dns64" in modules]
        askers = [Asker(self.port, group, seconds, kinds) for group in SOURCES for _ in range(2)]
        for asker in askers:
            self.enterContext(asker)
        end, swaps = time.monotonic() + seconds, 0
        while time.monotonic() < end and unbound.alive():
            shutil.copyfile(self.path("tables", str(random.randrange(4))), self.table + ".new")
            os.rename(self.table + ".new", self.table)
            os.kill(unbound.pid, signal.SIGUSR1)
            swaps += 1
            time.sleep(self.interval)
        for asker in askers:
            asker.thread.join(60)
        self.assertTrue(unbound.alive(), unbound.log()[-4000:])
        counters = self.counters()[0]["counters"]
        seen = {"modules": modules, "swaps": swaps, "answers": sum((a.counts for a in askers), collections.Counter()),
                "lost": sum(len(a.lost) for a in askers), "wrong": sum(len(a.wrong) for a in askers),
                **{key: counters[key] for key in ("from_store", "stored", "failed")}}
        self.report.append(seen)
        unbound.expect_end = True
        self.assertEqual(unbound.stop(), 0)
        for wrong in [w for a in askers for w in a.wrong][:3]:
            print(*wrong)
        self.assertEqual((seen["wrong"], seen["lost"], seen["failed"]), (0, 0, 0), seen)
        # A race in which nothing happened shows nothing.
        for count in (seen["from_store"], *seen["answers"].values()):
            self.assertGreater(count, 100 * seconds / 10)

    def test_race_of_groups(self):
        self.report.clear()
        self.prepare_tables()
        self.upstream = self.internet(self.zone())
        for modules in self.modules:
            self.run_with(modules, self.seconds / len(self.modules))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=GroupRace.seconds)
    parser.add_argument("--interval", type=float, default=GroupRace.interval, help="seconds from table to table")
    parser.add_argument("--modules", action="append", help="each gets its part of the time")
    given = {key: value for key, value in vars(parser.parse_args()).items() if value}
    case = type("GroupRace", (GroupRace,), {**given, "report": []})
    result = unittest.TextTestRunner(stream=sys.stdout).run(case("test_race_of_groups"))
    print(json.dumps(case.report))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
