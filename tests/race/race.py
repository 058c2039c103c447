#!/usr/bin/python3
"""The race: questions at full speed, a new table every 50 ms, reloads in between, and every answer checked.

  WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/race/race.py [--seconds 300] [--rate 25000] ...

Exits 1 on a wrong or a lost answer, a crash, or a sanitizer's report. What is right and how it is known: load.c and
timeline.h. Under ThreadSanitizer, with some thousands of questions a second:

  conf/build-unbound.sh --thread-sanitizer                      # prints .../build/unbound
  cmake --preset tsan -DUNBOUND_BUILD_DIR=.../build && cmake --build build/tsan
  WEIR_BIN=$PWD/build/tsan/bin WEIR_UNBOUND=.../build/unbound tests/race/race.py"""
import argparse, itertools, json, os, subprocess, sys, time, unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
from feeds import *

TABLES = 64
CACHE = "  msg-cache-size: {}m\n"
# Records are thrown out of their small cache while messages still refer to them; the identity is freed at a reload, and
# whoever logs in that moment shows it.
OPTIONS = "  serve-expired: yes\n  prefetch: yes\n  rrset-cache-size: 4m\n  log-identity: race\n"
# What comes between the tables. A reload with a cache of another size frees the old one.
# "c" is calm, "r" rough (load.c).
RELOADS = [("c", "reload_keep_cache", 4), ("r", "reload", 4), ("r", "reload_keep_cache", 4), ("c", "reload", 5),
           ("r", "reload_keep_cache", 4), ("c", "reload_keep_cache", 5)]

# Losses of a run are judged beside one without the module: so many times as many are one of chance, so often is it tried.
MANY_TIMES, TRIES = 4, 3


class Race(FeedLab):
    """Is told what to do by its attributes, and leaves what it found in `report`."""
    seconds, rate, window, interval, reload_every, modules = 300, 25000, 16, 50, 2, "dynlib validator iterator"

    def load(self, *words):
        command = [os.path.join(BIN, "race-load"), *map(str, words)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def prepare_tables(self):
        """Tables of the generations 1, 2, ..., made by as many syncs."""
        os.mkdir(self.path("tables"))
        self.configure([{"name": "race", "format": "domains", "url": "file://" + self.path("list")}], run="none",
                       table=self.path("made.weir"))
        for generation in range(1, TABLES + 1):
            self.write("list", self.load("list", generation))
            self.sync()
            shutil.copyfile(self.path("made.weir"), self.path("tables", str(generation)))
        shutil.copyfile(self.path("tables/1"), self.table)

    def order(self, letter):
        self.asker.stdin.write(letter + "\n")
        self.asker.stdin.flush()
        self.assertEqual(self.asker.stdout.readline(), "done\n", "race-load has ended")

    def reload(self, mood, words, cache):
        with open(self.conf) as f:
            conf = f.read()
        self.write("unbound.conf", re.sub(CACHE.format(r"\d"), CACHE.format(cache), conf))
        # Each instance of the module has live counters of its own: the old ones lose their name.
        with open(self.live or os.devnull, "rb") as old:
            self.order(mood)
            result = self.unbound_control(words)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            if self.live:
                wait_for(lambda: os.fstat(old.fileno()).st_nlink == 0 and os.path.exists(self.live), 60)
            else:
                time.sleep(1)
        self.order("g")

    def run_once(self, modules):
        """Unbound with these modules for that long. Returns what was seen, and race-load's exit code."""
        unbound = self.unbound(self.upstream, modules=modules, threads=4, control=True, options=OPTIONS + CACHE.format(4),
                               upstream_zone=RECURSE)
        self.live = os.path.join(self.run_directory, f"{unbound.pid}.live") if "dynlib" in modules else None
        asker = [os.path.join(BIN, "race-load"), "run", "-p", self.port, "-l", self.live or "none", "-t", self.table,
                 "-d", self.path("tables"), "-n", TABLES, "-P", unbound.pid if self.live else 0, "-r", self.rate,
                 "-w", self.window, "-i", self.interval, "-T", 20 if SANITIZED else 5]
        self.asker = subprocess.Popen([*map(str, asker)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.asker.stdout.close)
        self.addCleanup(self.asker.wait)
        self.addCleanup(self.asker.kill)
        end, reloads = time.monotonic() + self.seconds, 0
        for reload in itertools.cycle(RELOADS):
            time.sleep(max(0, min(self.reload_every, end - time.monotonic())))
            if time.monotonic() >= end or not unbound.alive():
                break
            self.reload(*reload)
            reloads += 1
        self.asker.stdin.write("q\n")
        self.asker.stdin.close()
        seen = {**json.loads(self.asker.stdout.readline() or "{}"), "reloads": reloads, "alive": unbound.alive()}
        self.asker.wait()
        if self.live:
            self.assertTrue(unbound.alive(), unbound.log()[-4000:])
            seen["failed"] = self.counters()[0]["counters"]["failed"]
        unbound.expect_end = True
        self.assertEqual(unbound.stop(), 0)
        return seen

    def test_race(self):
        self.prepare_tables()
        self.upstream = self.internet(self.load("zone"))
        self.report.update(self.run_once(self.modules))
        if "dynlib" not in self.modules:
            return
        self.judge(self.report)
        # A machine that is loaded loses answers without the module, too. What the module loses it loses each time.
        alone = " ".join(word for word in self.modules.split() if word != "dynlib")
        for _ in range(TRIES):
            if self.report["lost"] == 0:
                return
            self.report["lost_without"] = self.run_once(alone)["lost"]
            if self.report["lost"] <= MANY_TIMES * self.report["lost_without"]:
                return
            self.report.update(self.run_once(self.modules))
            self.judge(self.report)
        self.assertEqual(self.report["lost"], 0, self.report)

    def judge(self, seen):
        self.assertEqual([seen["wrong"], seen["failed"]], [0, 0], seen)
        # A race in which nothing happened shows nothing.
        self.assertGreater(seen["blocked"], 1000)
        self.assertGreater(seen["passed"], 1000)
        self.assertGreater(seen["walked"], self.seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=Race.seconds)
    parser.add_argument("--rate", type=int, default=Race.rate, help="queries a second over UDP, 0: as many as go")
    parser.add_argument("--window", type=int, default=Race.window, help="queries under way on each of 16 sockets")
    parser.add_argument("--interval", type=int, default=Race.interval, help="milliseconds from table to table")
    parser.add_argument("--reload-every", type=float, default=Race.reload_every, help="seconds")
    parser.add_argument("--modules", default=Race.modules, 
                        help="without dynlib no answer is judged: what Unbound alone does")
    given = parser.parse_args()
    case = type("Race", (Race,), {**vars(given), "report": {}})
    result = unittest.TextTestRunner(stream=sys.stdout).run(case("test_race"))
    print(json.dumps(case.report))
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
