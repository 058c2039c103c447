#!/usr/bin/env python3
"""What the module costs a resolver: CPU per query, with and without it, in one run.

  tests/bench/resolver.py TABLE ALLOWED LISTED [--queries 200000] [--runs 5]

TABLE is a compiled table, ALLOWED and LISTED are files of names, one a line, that it lets pass and blocks. The variables of
tests/system/lab.py say what to run. Unbound runs beside an authoritative server of everything: once without the module, once
with it and the table, by turns, so that whatever else the machine does meets both. Prints one JSON object: microseconds of
user and system time per query, the least of the runs, and the ratios that matter. Never part of the tests: the figures are
for people."""
import argparse, json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from lab import *


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bench(Lab):
    def failed(self):
        return False

    def measure(self):
        arguments = self.arguments
        def names(path, count):
            with open(path) as f:
                return [line.split()[0] for line in f if line.strip()][:count]
        queries = {}
        for kind, path in (("allowed", arguments.allowed), ("listed", arguments.listed)):
            queries[kind] = self.write(kind, "".join(f"{name} A\n" for name in names(path, 20000)))
        internet = self.internet("* A 192.0.2.1\n")
        resolvers = {}
        for system, modules in (("without", "iterator"), ("with", "dynlib iterator")):
            process = self.unbound(internet, modules=modules, table=arguments.table, threads=2)
            resolvers[system] = (process, self.port)
            self.perf(self.port, queries["allowed"], "-n", "1")
        if not ask(resolvers["with"][1], names(arguments.listed, 1)[0]).blocked():
            sys.exit("the table is not in force")
        cost = {}
        for run in range(arguments.runs):
            for system, (process, port) in sorted(resolvers.items(), reverse=run % 2 == 1):
                for kind in queries:
                    if (system, kind) == ("without", "listed"):
                        continue
                    before = cpu_seconds(process.pid)
                    self.perf(port, queries[kind], "-n", str(max(1, arguments.queries // 20000)))
                    took = (cpu_seconds(process.pid) - before) / (max(1, arguments.queries // 20000) * 20000) * 1e6
                    key = f"{kind}_{system}_us"
                    cost[key] = min(cost.get(key, took), took)
        cost = {key: round(value, 2) for key, value in cost.items()}
        cost["allowed_ratio"] = round(cost["allowed_with_us"] / cost["allowed_without_us"], 3)
        cost["listed_ratio"] = round(cost["listed_with_us"] / cost["allowed_with_us"], 3)
        print(json.dumps(cost))

    def perf(self, port, queries, *limit):
        subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", queries, *limit, "-c", "8", "-q", "100"],
                       capture_output=True, check=True)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("table")
parser.add_argument("allowed")
parser.add_argument("listed")
parser.add_argument("--queries", type=int, default=200000)
parser.add_argument("--runs", type=int, default=5)
bench = Bench("measure")
bench.arguments = parser.parse_args()
bench.setUp()
try:
    bench.measure()
finally:
    bench.tearDown()
