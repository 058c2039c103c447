#!/usr/bin/python3
"""From "published" on a MISP instance to blocked in the real Unbounds of five hosts that pull: how long that takes with default
settings, and what it costs the instance. By hand, on a machine that does little else:

    WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/fleet/from_misp.py [--attributes 56000] [--events 62] [--publications 120]

The instance is the one of tests/bench/misp.py: a stand-in with the recorded shapes of a real one. A compiler (`feedsync run`) asks
it and publishes to a channel; nginx offers that by https; five `feedsync run` pull it, each with an Unbound of its own. Events are
edited and published one after another, at random times. Each gets one more name, which is asked for at all five every 200 ms. A
publication's time is that of the last of them. Prints JSON."""
import argparse, json, os, random, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "bench"), os.path.join(HERE, "..", "system")]
from feeds import Process, FEEDSYNC, ask, wait_for
from misp import Instance, SQL
from misp_peer import Misp
from pullers import spread
from puller_fleet import PullerFleet


class Bench(PullerFleet):
    def runTest(self):
        pass

    def compiler(self, instance):
        key = self.write("key", Misp.KEY)
        os.chmod(key, 0o600)
        self.configure([{"name": "m", "format": "misp-rest", "url": instance.url, "key-file": key}], run="none",
                       distribute=json.dumps([{"name": "stable", "to": self.path("srv/stable"), "sign-key-file": self.path("ours.sec")}]))
        return Process(self, "feedsync", [FEEDSYNC, "-c", self.config, "run"])

    def start_resolvers(self, count):
        """Pullers, each with an Unbound that has its table in force. Returns the Unbounds' ports."""
        upstream, ports = self.internet(), []
        for number in range(count):
            run = self.path(f"run-{number}")
            os.mkdir(run)
            self.start_pullers(1, run=run)
            puller = self.pullers[-1]
            wait_for(lambda: os.path.exists(puller.table))
            self.unbound(upstream, threads=1, table=puller.table, env={"WEIR_RUN": run, "WEIR_SPARE": self.path(f"spare-{number}")})
            ports.append(self.port)
        return ports

    def ask_for(self, waiting, latencies):
        """Asks for each name that waits, where it is not blocked yet."""
        for name, (at, ports) in list(waiting.items()):
            answers = {port: ask(port, name, timeout=1) for port in ports}
            ports -= {port for port, answer in answers.items() if answer and answer.blocked()}
            if not ports:
                latencies.append(time.monotonic() - at)
                del waiting[name]
            elif time.monotonic() - at > 600:
                sys.exit(f"{name} is not blocked")

    def measure(self, told):
        instance = self.enterContext(Instance(told.attributes, told.events))
        self.compiler(instance)
        wait_for(lambda: os.path.exists(self.path("srv/stable/latest")), 600)
        self.offer_channel()
        ports = self.start_resolvers(5)
        time.sleep(20)
        instance.count.clear()
        load, begun, due, waiting, latencies = os.getloadavg()[0], time.monotonic(), time.monotonic(), {}, []
        for number in range(told.publications):
            while time.monotonic() < due:
                self.ask_for(waiting, latencies)
                time.sleep(0.2)
            name = f"new{number}.published.example"
            instance.add(random.randint(1, told.events), name)
            waiting[name] = time.monotonic(), set(ports)
            due = time.monotonic() + random.uniform(0, told.between)
        while waiting:
            self.ask_for(waiting, latencies)
            time.sleep(0.2)
        hours = (time.monotonic() - begun) / 3600
        return {"attributes": told.attributes, "events": told.events, "publications": len(latencies), "pullers": len(ports), "load": load,
                "seconds": spread(latencies), "per_hour": {path: round(count / hours) for path, count in instance.count.items()},
                "sql_queries_per_hour": round(sum(SQL[path] * count for path, count in instance.count.items() if path[0] == "/") / hours)}


def main():
    parser = argparse.ArgumentParser()
    for name, number in ("attributes", 56000), ("events", 62), ("publications", 120), ("between", 12):
        parser.add_argument("--" + name, type=int, default=number)
    bench = Bench()
    bench.setUp()
    try:
        print(json.dumps(bench.measure(parser.parse_args()), indent=2))
    finally:
        bench.doCleanups()
        bench.tearDown()


if __name__ == "__main__":
    main()
