#!/usr/bin/python3
"""The kill matrix: unbound and feedsync are killed (-9) at random moments of many publishes; all recovers by itself.

  WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/race/kill.py [--publishes 1000] [--seed N]

Each publish brings a list and a MISP feed of new content. `feedsync sync`, `feedsync compile` or unbound is killed in
its course, perhaps several times, and then:
  - the table file is whole, and is the old or the new one exactly;
  - the next sync exits 0 and publishes the new one; no generation ever stands for two contents;
  - what killed runs leave behind does not pile up;
  - a killed unbound protects with its first answer when it is started again, and its live counters are gone;
  - status tells."""
import argparse, json, os, random, struct, subprocess, sys, time, unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from feeds import *

BASE = 4000      # names in every list: a compile takes long enough to be hit
LEFTOVERS = 12   # files that may lie about: as many as there are places where a run can be killed, not as many as kills


class Kills(FeedLab):
    """Is told what to do by its attributes, and leaves what it found in `report`."""
    publishes, seed = 1000, 1

    # ---- what is published ----

    def offer(self, number):
        """Content of its own for each number. Returns the rules that it must become."""
        self.write("list", "".join(f"b{i}.base.example\n" for i in range(BASE)) + f"l{number}.list.example\n")
        self.misp([event(1, ["always.misp.example"]), event(2, [f"m{number}.misp.example"], 1700000000 + number),
                   event(3 + number % 2, [f"other{number}.misp.example"], 1700000000 + number)])
        return frozenset({("exact", f"b{i}.base.example") for i in range(BASE)} |
                         {("exact", f"l{number}.list.example")} |
                         {("subtree", name + ".misp.example") for name in ("always", f"m{number}", f"other{number}")})

    def generation(self):
        self.status_now = json.loads(self.feedsync("-c", self.config, "status", "--json").stdout)
        return self.status_now["table"]["generation"]

    def look(self, *right):
        """The published table: whole, one of those, and under a generation of its own. Returns which."""
        self.feedsync("verify", self.table, code=0)
        found = frozenset(self.dump())
        self.assertIn(found, right, "neither the old nor the new one")
        known = self.known.setdefault(self.generation(), found)
        self.assertEqual(known, found, f"generation {self.generation()} stands for two contents")
        return right.index(found)

    # ---- killing ----

    def after(self, command, longest):
        """Starts it and kills it at a random moment. Returns its exit code, None when it was killed."""
        process = subprocess.Popen([FEEDSYNC, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(self.random.uniform(0, longest * 1.1))
        process.kill()
        said = process.communicate()[1].decode(errors="replace")
        self.assertNotRegex(said, r"Sanitizer|runtime error:")
        return process.returncode if process.returncode >= 0 else None

    def count_leftovers(self):
        """Files that nothing refers to, in the table's directory and in the state."""
        count = 0
        for top in (self.directory, self.path("state")):
            for folder, folders, files in os.walk(top):
                if top == self.directory:
                    folders.clear()
                count += sum(1 for name in files if ".weir-" in name or name.startswith("new"))
                count += sum(1 for name in folders if name.endswith((".old", "next")))
        self.report["most_leftovers"] = max(self.report["most_leftovers"], count)
        self.assertLessEqual(count, LEFTOVERS, "what killed runs leave behind piles up")

    def kill_sync(self, old, new):
        for _ in range(self.random.choice((1, 1, 2, 3))):
            code = self.after(["-c", self.config, "sync"], self.longest_sync)
            self.assertIn(code, (None, 0))
            state = self.look(old, new)
            self.report["sync_done" if code == 0 else "sync_killed_old" if state == 0 else "sync_killed_new"] += 1
            self.count_leftovers()

    def kill_compile(self, number):
        table, source = self.path("offline.weir"), self.path("list")
        dump = lambda: self.feedsync("dump", table, code=0).stdout.count(f"\tl{number}.list.example\t")
        command = ["compile", "-f", "domains", "-o", table, source]
        code = self.after(command, self.longest_compile)
        if os.path.exists(table):
            self.feedsync("verify", table, code=0)
            self.report["compile_done" if code == 0 else "compile_killed_new" if dump() else "compile_killed_old"] += 1
        self.count_leftovers()
        start = time.monotonic()
        self.feedsync(*command, code=0)
        self.longest_compile = time.monotonic() - start
        self.assertEqual(dump(), 1)

    def start_unbound(self):
        """On the same port as before, so that everything is as it was."""
        self.resolver = Process(self, "unbound", [UNBOUND, "-d", "-c", self.conf],
                                self.environment())
        # The first answer that it gives is looked at.
        first = wait_for(lambda: ask(self.port, "b0.base.example", timeout=1) or not self.resolver.alive(), 30)
        self.assertTrue(self.resolver.alive(), self.resolver.log())
        self.assertTrue(first.blocked(), first)
        self.assertEqual(sorted(os.listdir(self.run_directory)), [f"{self.resolver.pid}.hits", f"{self.resolver.pid}.live"])

    def kill_unbound(self, old, new, sync_too):
        sync = subprocess.Popen([FEEDSYNC, "-c", self.config, "sync"], stderr=subprocess.DEVNULL)
        time.sleep(self.random.uniform(0, self.longest_sync))
        self.resolver.expect_end = True
        self.resolver.popen.kill()
        if sync_too:
            time.sleep(self.random.uniform(0, 0.005))
            sync.kill()
        self.resolver.popen.wait()
        self.resolver.output.close()
        self.processes.remove(self.resolver)
        code = sync.wait()
        self.assertIn(code, (0, -9) if sync_too else (0,))
        self.look(old, new)
        gone = self.status_now["resolvers"]
        self.assertEqual([(r["pid"], r["alive"], r["well"]) for r in gone], [(self.resolver.pid, False, False)])
        self.assertFalse(self.status_now["well"])
        self.start_unbound()
        self.look(old, new)
        self.assertEqual([(r["pid"], r["well"], r["generation"]) for r in self.status_now["resolvers"]],
                         [(self.resolver.pid, True, self.status_now["table"]["generation"])])
        self.report["unbound_killed"] += 1

    # ---- the matrix ----

    def recover(self, old, new, number):
        """What a later run makes of it, without anybody's help."""
        start = time.monotonic()
        said = self.sync(code=0)
        self.longest_sync = max(time.monotonic() - start, 0.01)
        self.assertEqual(self.look(new, old), 0, said)
        self.assertTrue(self.status_now["well"], self.status_now)
        self.assertTrue(wait_for(lambda: self.ask(f"m{number}.misp.example"), 5).blocked())
        self.assertTrue(self.ask(f"l{number}.list.example").blocked())
        self.assertEqual(self.ask(f"l{number - 1}.list.example").rcode, "NOERROR")
        self.count_leftovers()

    def test_kills(self):
        self.random, self.known = random.Random(self.seed), {}
        counts = ("sync_done", "sync_killed_old", "sync_killed_new", "compile_done", "compile_killed_old",
                  "compile_killed_new", "unbound_killed", "most_leftovers")
        self.report.update(dict.fromkeys(counts, 0), seed=self.seed)
        self.longest_sync = self.longest_compile = 0.1
        self.serve()
        self.configure([{"name": "list", "format": "domains", "url": "file://" + self.path("list")},
                        {"name": "misp", "format": "misp-feed", "url": self.url + "/"}])
        old = self.offer(0)
        self.sync(code=0)
        self.resolver = self.unbound(self.internet())
        for number in range(1, self.publishes + 1):
            new = self.offer(number)
            dice = self.random.random()
            if dice < 0.6:
                self.kill_sync(old, new)
            elif dice < 0.75:
                self.kill_compile(number)
            else:
                self.kill_unbound(old, new, dice > 0.87)
            self.recover(old, new, number)
            old = new
            self.report["publishes"] = number
        self.report["generations"] = len(self.known)
        self.report["leftovers_at_end"] = sorted(name for name in os.listdir(self.directory) if ".weir-" in name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--publishes", type=int, default=Kills.publishes)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    case = type("Kills", (Kills,), {**vars(parser.parse_args()), "report": {}})
    result = unittest.TextTestRunner(stream=sys.stdout).run(case("test_kills"))
    print(json.dumps(case.report))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
