#!/usr/bin/python3
"""How soon `feedsync allow`, `block`, `unallow` and `unblock` are in force, with a resolver beside them. Writes overrides.json.

  tests/bench/overrides.py [--quick]        (environment: common.py; run.sh sets it)

commands: from the command's start to the first answer of the resolver that obeys it, asked each 5 ms, and to the command's end; what
the command costs of a processor. The best, the mean and the worst of twenty, each of another name."""
import os, statistics, subprocess, sys, time

from common import *

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from feeds import FeedLab

TIMES = 20
LIMIT = 30  # seconds that one may take


class Override(FeedLab):
    def publish(self, size):
        self.configure([{"name": "list", "url": "file://" + names_file(size), "format": "domains", "scope": "subtree"}])
        self.sync()
        self.unbound(self.internet())

    def once(self, command, name, blocked):
        """Seconds to the answer, to the end, and of the processor."""
        more = ["--reason", "measured"] if command in ("allow", "block") else []
        start = time.monotonic()
        process = subprocess.Popen([FEEDSYNC, "-c", self.config, command, name, *more], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while self.ask("x." + name).blocked() != blocked:
            if time.monotonic() - start > LIMIT:
                raise RuntimeError(f"{command} {name} is not in force")
            time.sleep(0.005)
        answered = time.monotonic() - start
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(f"{command} {name}: exit code {process.returncode}")
        return answered, time.monotonic() - start, used.ru_utime + used.ru_stime


def spread(seconds):
    return dict(best_s=min(seconds), mean_s=statistics.mean(seconds), worst_s=max(seconds))


def main():
    size = 100000 if "--quick" in sys.argv else ALL_REAL
    result = Result("overrides")
    result.data["commands"] = []
    listed = read_names(listed_queries(size, 100), TIMES)
    lab = Override("publish")
    lab.setUp()
    try:
        lab.publish(size)
        for command in ("allow", "unallow", "block", "unblock"):
            names = listed if command.endswith("allow") else [f"free{i}.example" for i in range(TIMES)]
            answered, ended, cpu = zip(*(lab.once(command, name, command in ("unallow", "block")) for name in names))
            result.add("commands", dict(command=command, names=size, in_force=spread(answered), ended=spread(ended), cpu=spread(cpu),
                                        within_a_second=sum(seconds < 1 for seconds in answered), times=TIMES))
    finally:
        lab.tearDown()


main()
