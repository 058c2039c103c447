#!/usr/bin/python3
"""Real pullers behind a real nginx: how long it takes from `latest` written until they have the table in its place, and what that
costs. By hand, on a machine that does little else:

    WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/fleet/pullers.py [--pullers 200] [--names 20000] [--changes 5]

Each puller is a `feedsync run` of its own, by https. First nothing is published for a minute; then some changes as syncs bring
them, with one name more; then some `allow` by command, which are urgent. A puller's time is that of the rename of its table. Prints
JSON."""
import argparse, collections, json, os, statistics, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from puller_fleet import *

TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(pids):
    """What these processes, their children and those that they have waited for have used."""
    used, parents = {}, {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(name)], used[int(name)] = int(fields[1]), sum(map(int, fields[11:15])) / TICKS
    return sum(used.get(pid, 0) for pid in pids) + sum(used[pid] for pid, parent in parents.items() if parent in pids)


def spread(values):
    values = sorted(values)
    return {"median": round(statistics.median(values), 2), "p99": round(values[int(len(values) * 0.99)], 2), "most": round(values[-1], 2)}


class Bench(PullerFleet):
    def runTest(self):
        pass

    def used(self):
        return {"pullers": processor_seconds({p.process.pid for p in self.pullers}), "nginx": processor_seconds({self.server.pid})}

    def used_since(self, before):
        return {who: round(seconds - before[who], 2) for who, seconds in self.used().items()}

    def traffic(self, since):
        kinds = collections.defaultdict(lambda: [0, 0])
        for _, name, _, asked, sent in self.requests_of_log(since):
            kind = kinds[name.partition("/")[0]]
            kind[0] += 1
            kind[1] += asked + sent
        return {name: {"requests": count, "octets": octets} for name, (count, octets) in kinds.items()}

    def rest(self, seconds):
        before, since = self.used(), time.time()
        time.sleep(seconds)
        return {"seconds": seconds, "processor_s": self.used_since(before), "traffic": self.traffic(since)}

    def change(self, act):
        """One change. Returns the seconds of each puller, and what it has cost."""
        time.sleep(8)  # what the change before has left is over
        before, since = self.used(), time.time()
        act()
        done = time.time()
        self.wait_for_pullers(120)
        shown = os.stat(self.path("srv/stable/latest")).st_ctime
        seconds = [os.stat(p.table).st_ctime - shown for p in self.pullers]
        return seconds, {"to_latest_s": round(shown - since, 2), "command_s": round(done - since, 2), **spread(seconds),
                         "processor_s": self.used_since(before), "traffic": self.traffic(since)}

    def changes(self, act, count):
        rows = [self.change(lambda i=i: act(i)) for i in range(count)]
        return {"all": spread([s for seconds, _ in rows for s in seconds]), "each": [told for _, told in rows]}

    def measure(self, told):
        self.names = [f"n{i}.example" for i in range(told.names)]
        self.publish()
        self.server = self.offer_channel(8 * told.pullers + 64)
        for _ in range(told.pullers):
            self.start_pullers(1)
            time.sleep(0.05)
        self.wait_for_pullers(300)
        time.sleep(5)
        result = {"pullers": told.pullers, "names": told.names, "table_octets": len(self.table_octets()), "load": os.getloadavg()[0],
                  "rest": self.rest(60),
                  "default": self.changes(lambda i: self.publish(f"more{i}.example"), told.changes),
                  "urgent": self.changes(lambda i: self.feedsync("-c", self.config, "allow", f"n{i}.example", "--reason", "x", code=0),
                                         told.changes)}
        self.end_pullers()
        return result


def main():
    parser = argparse.ArgumentParser()
    for name, number in ("pullers", 200), ("names", 20000), ("changes", 5):
        parser.add_argument("--" + name, type=int, default=number)
    bench = Bench()
    bench.setUp()
    try:
        print(json.dumps(bench.measure(parser.parse_args()), indent=2))
    finally:
        bench.tearDown()


if __name__ == "__main__":
    main()
