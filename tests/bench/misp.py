#!/usr/bin/python3
"""A MISP instance and feedsync: how long from "published" to blocked in the resolver of this machine, and what that costs the
instance. By hand:

    WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/bench/misp.py ATTRIBUTES EVENTS PUBLICATIONS [--push | --interval 30s]

The instance is a stand-in that answers with the recorded shapes of a real one (tests/system/misp_peer.py) and compresses. Events are
edited and published one after another, at random times; each gets one more name, which is asked for at the resolver, every 20 or 100 ms, until it
is blocked. --push: feedsync is told to look at each publication (feedsync look), and its own interval is a day. Prints JSON.

SQL queries are added up from counts at a real MISP 2.5.1: 10 for an index, 36 (30 and 6) for a question of up to 5000 attributes with their context, 10
for others."""
import argparse, collections, gzip, json, os, random, statistics, subprocess, sys, threading, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from feeds import *
from misp_peer import *

SQL = collections.defaultdict(lambda: 10, {"/attributes/restSearch": 36})


class Instance(Misp):
    """Holds its attributes by event, or a million of them would be searched for each answer; and counts."""

    def __init__(self, attributes, events):
        super().__init__()
        self.count, self.of, self.next, self.lock = collections.Counter(), collections.defaultdict(list), attributes, threading.Lock()
        for i in range(attributes):
            self.of[str(1 + i % events)].append(misp_attribute(i, f"name{i}.{i % 997}.example", event=1 + i % events))
        for number in range(1, events + 1):
            super().publish(number)

    def add(self, number, value):
        """Somebody adds a name to an event and publishes it."""
        self.next += 1
        with self.lock:
            self.of[str(number)].append(misp_attribute(self.next, value, event=number))
            super().publish(number)

    def of_event(self, number):
        return self.of[str(number)]

    def search_attributes(self, asked):
        with self.lock:
            self.held = [a for number in self.wanted(asked) for a in self.of[number]]
            return super().search_attributes(asked)

    def answer(self, request):
        status, body, headers = super().answer(request)
        self.count[request.path] += 1
        self.count["octets"] += len(body)
        self.count["plain octets"] += len(gzip.decompress(body)) if "Content-Encoding" in headers else len(body)
        self.requests.clear()
        return status, body, headers


class Bench(FeedLab):
    def runTest(self):
        pass

    def blocked_at(self, name, until):
        while time.monotonic() < until:
            answer = ask(self.port, name, timeout=1)
            if answer and answer.blocked():
                return time.monotonic()
            time.sleep(0.02 if self.push else 0.1)
        sys.exit(f"{name} is not blocked")

    def look(self):
        subprocess.run([FEEDSYNC, "-c", self.config, "look", "m"], capture_output=True, check=True)

    def measure(self, told):
        self.push = told.push
        instance = self.enterContext(Instance(told.attributes, told.events))
        key = self.write("key", Misp.KEY)
        os.chmod(key, 0o600)
        interval = {"interval": "1d"} if told.push else {"interval": told.interval} if told.interval else {}
        self.configure([{"name": "m", "format": "misp-rest", "url": instance.url, "key-file": key, **interval}])
        daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])
        begun = time.monotonic()
        wait_for(lambda: os.path.exists(self.table), 1200)
        first = time.monotonic() - begun
        whole = dict(instance.count)
        self.unbound(self.internet("probe.example. A 192.0.2.1\n"))
        time.sleep(2)
        instance.count.clear()
        begun, latencies, waiting = time.monotonic(), [], []

        def follow(name, at):
            latencies.append(self.blocked_at(name, at + 600) - at)
        for i in range(told.publications):
            name = f"new{i}.published.example"
            instance.add(random.randint(1, told.events), name)
            at = time.monotonic()
            waiting.append(threading.Thread(target=follow, args=(name, at)))
            waiting[-1].start()
            if told.push:
                self.look()
                waiting[-1].join()
            time.sleep(random.uniform(0, 1 if told.push else 6))
        for thread in waiting:
            thread.join()
        hours = (time.monotonic() - begun) / 3600
        latencies.sort()
        per_hour = {path: round(count / hours) for path, count in instance.count.items()}
        return {"attributes": told.attributes, "events": told.events, "publications": len(latencies), "push": told.push,
                "first_version_s": round(first, 1), "first_version": whole,
                "seconds": {"median": round(statistics.median(latencies), 2), "p99": round(latencies[int(len(latencies) * 0.99)], 2),
                            "most": round(latencies[-1], 2)},
                "per_hour": per_hour,
                "sql_queries_per_hour": round(sum(SQL[path] * count for path, count in instance.count.items() if path[0] == "/") / hours),
                "rss_kb": daemon.rss_kb()}


def main():
    parser = argparse.ArgumentParser()
    for name in ("attributes", "events", "publications"):
        parser.add_argument(name, type=int)
    parser.add_argument("--push", action="store_true")
    parser.add_argument("--interval")
    told = parser.parse_args()
    bench = Bench()
    bench.setUp()
    try:
        print(json.dumps(bench.measure(told), indent=2))
    finally:
        bench.doCleanups()
        bench.tearDown()


if __name__ == "__main__":
    main()
