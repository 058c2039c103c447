#!/usr/bin/python3
"""From a change to the manifest: how long a compiler takes, and what it costs, with a table of so many names. By hand, on a machine that
does little else:

    WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/fleet/publish.py [--names 1109721] [--times 10]

A name is allowed by command; then 100 names of the list are others, and a sync brings them. Each is timed from the start of the
command until the manifest is there (a sync makes another one, with more deltas, when there is time for it), and until the command's
end. Prints JSON: the best, the median and the worst."""
import argparse, json, os, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "bench"), os.path.join(HERE, "..", "system")]
import names as made
from feeds import FEEDSYNC
from test_distribute import ChannelLab


def spread(values):
    return [round(f(values), 2) for f in (min, statistics.median, max)]


class Bench(ChannelLab):
    def runTest(self):
        pass

    def timed(self, *words):
        """Seconds to the manifest, to the end, and of the processor; octets of what a resolver fetches."""
        serial = self.verified()["serial"] + 1
        begun = time.time()
        process = subprocess.Popen([FEEDSYNC, "-c", self.config, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = time.time()
        if process.returncode != 0:
            sys.exit(f"{words[0]}: exit code {process.returncode}")
        first, manifest = f"manifests/{serial:012}", self.verified()
        sizes = {delta["from"]: delta["size"] for delta in manifest["deltas"]}
        row = {"manifest": os.stat(self.path("srv/stable", first)).st_ctime - begun, "end": ended - begun, "cpu": used.ru_utime + used.ru_stime,
               "delta": sizes.get(self.sha256, 0), "whole": manifest["table"]["zsize"]}
        self.sha256 = manifest["table"]["sha256"]
        return row

    def change_names(self, turn):
        for i in range(100):
            self.names[(turn * 100 + i) * 997 % len(self.names)] = f"changed{turn}-{i}.example"
        self.write("list", "\n".join(self.names) + "\n")

    def measure(self, told):
        self.names = list(dict.fromkeys(made.names("listed", told.names)))
        self.apply()
        self.publish()
        self.sha256 = self.verified()["table"]["sha256"]
        load, allowed, synced = os.getloadavg()[0], [], []
        for i in range(told.times):
            allowed.append(self.timed("allow", self.names[i * 31 + 7], "--reason", "measured"))
        for turn in range(told.times):
            self.change_names(turn)
            synced.append(self.timed("sync"))
        tell = lambda rows: {key: spread([row[key] for row in rows]) for key in rows[0]}
        return {"names": len(self.names), "table_octets": os.path.getsize(self.table), "load": load, "allow": tell(allowed),
                "100 names, by a sync": tell(synced)}


def main():
    parser = argparse.ArgumentParser()
    for name, number in ("names", 1109721), ("times", 10):
        parser.add_argument("--" + name, type=int, default=number)
    bench = Bench()
    bench.setUp()
    try:
        print(json.dumps(bench.measure(parser.parse_args()), indent=2))
    finally:
        bench.tearDown()


if __name__ == "__main__":
    main()
