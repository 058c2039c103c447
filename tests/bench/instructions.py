#!/usr/bin/python3
"""Instructions by valgrind's callgrind, so that changes can be judged without noise: lookups cost the same at each run, cached
queries within a hundredth. Writes instructions.json.

  tests/bench/instructions.py [--quick]        (environment: common.py; run.sh sets it)

lookup: of a name that passes and of one that is listed, as the difference of two runs that differ only in how many lookups they
make: start and end cancel out. query: a whole one through Unbound with two threads, as one alone is spared the price of locks,
answered from the cache without the module and with it, and blocked. counting: a blocked one with a table that does not count by rule,
with one that does (trends: rules), and with the key of clients in a file (client-key-file). lines: cache lines fetched from memory by a lookup that finds
nothing, by valgrind's cachegrind with a simulated cache in which no table fits; the queries' own octets are taken off."""
import glob, json, os, re, subprocess, sys, tempfile

from common import *

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from lab import UNBOUND, Lab

SMALL_CACHE = ["--I1=32768,8,64", "--D1=4096,1,64", "--LL=65536,16,64"]

WORKER = "worker_handle_request"  # Unbound's function that only workers call


def valgrind(tool, out, *command):
    subprocess.run(["valgrind", "--tool=" + tool, f"--{tool}-out-file={out}", *command], capture_output=True, check=True)


def totals(out):
    """The events of a whole run, by name."""
    with open(out) as f:
        text = f.read()
    names = re.search(r"^events: (.*)$", text, re.M).group(1).split()
    numbers = re.search(r"^(?:summary|totals): (.*)$", text, re.M).group(1).split()
    return dict(zip(names, map(int, numbers)))


def difference(few, many, count):
    return {event: (many[event] - few[event]) / count for event in many}


def per_lookup(tool, table, queries, count, *options):
    """Events per lookup: of the names count to 2 * count of the file."""
    with tempfile.TemporaryDirectory() as directory:
        runs = []
        for times in (1, 2):
            out = os.path.join(directory, str(times))
            valgrind(tool, out, *options, os.path.join(BIN, "lookup-loop"), table, queries, str(times * count))
            runs.append(totals(out))
    return difference(*runs, count)


def missed_lines(table, queries, count):
    """Cache lines of the table per lookup: what was fetched less what the queries take, a length each and the name."""
    events = per_lookup("cachegrind", table, queries, count, "--cache-sim=yes", *SMALL_CACHE)
    own = sum(len(name) + 3 for name in read_names(queries, 2 * count)[count:]) / count / 64
    return dict(fetched=events["DLmr"], of_the_queries=own, of_the_table=events["DLmr"] - own)


class Daemon(Lab):
    """Unbound under callgrind."""

    def counted(self, internet, modules, queries, count, table):
        """The instructions per query of the workers, once they know the answers. The module's own thread works by the clock."""
        out = self.path("callgrind.out")
        wrapper = self.write("unbound-counted", '#!/bin/sh\nexec valgrind --tool=callgrind --separate-threads=yes '
                             f'--callgrind-out-file={out} {UNBOUND} "$@"\n')
        os.chmod(wrapper, 0o755)
        process = self.unbound(internet, modules=modules, table=table, threads=2, binary=wrapper)
        for turn in ("--zero", "--dump"):
            # One at a time, so that each query is a turn of the worker's loop.
            _, lost = dnsperf(self.port, dnsperf_file(queries, count), "-n", 1, clients=1, outstanding=1, timeout=30)
            if lost:
                raise RuntimeError("queries were lost")
            subprocess.run(["callgrind_control", turn, str(process.pid)], capture_output=True, check=True, timeout=60)
        process.stop()
        process.expect_end = True
        workers = [part for part in glob.glob(out + ".1-*") if WORKER in open(part).read()]
        if not workers:
            raise RuntimeError("no worker has answered")
        return sum(totals(part)["Ir"] for part in workers) / count


def per_query(size, allowed, listed, count):
    lab = Daemon("counted")
    lab.setUp()
    try:
        internet, table = lab.internet("* A 192.0.2.1\n"), table_file(size)
        without = lab.counted(internet, "iterator", allowed, count, table)
        passed = lab.counted(internet, "dynlib iterator", allowed, count, table)
        blocked = lab.counted(internet, "dynlib iterator", listed, count, table)
        return dict(names=size, cached_without=without, cached_with=passed, blocked_with=blocked,
                    cached_ratio=passed / without, blocked_ratio=blocked / passed)
    finally:
        lab.tearDown()


def counting_table(lab, size, trends):
    """A table of the same names as `table_file`, whose policy counts as `trends` says."""
    directory = lab.path("counting", str(len(trends)))
    os.makedirs(directory)
    config, table = os.path.join(directory, "feedsync.yaml"), os.path.join(directory, "current.weir")
    with open(config, "w") as f:
        json.dump({"state": os.path.join(directory, "state"), "table": table, "run": lab.run_directory, **({"trends": trends} if trends else {}),
                   "feeds": [{"name": "one", "url": "file://" + names_file(size), "format": "domains"}]}, f)
    subprocess.run([FEEDSYNC, "-c", config, "sync"], check=True, capture_output=True)
    return table


def per_counted_query(size, listed, count):
    lab = Daemon("counted")
    lab.setUp()
    try:
        internet, key = lab.internet("* A 192.0.2.1\n"), lab.write("client.key", "0" * 32)
        os.chmod(key, 0o600)
        plain, rules, keyed = (lab.counted(internet, "dynlib iterator", listed, count, counting_table(lab, size, trends))
                               for trends in ({}, {"rules": "yes"}, {"rules": "yes", "client-key-file": key}))
        return dict(names=size, plain=plain, rules=rules, client_key=keyed, rules_ratio=rules / plain, client_key_ratio=keyed / rules)
    finally:
        lab.tearDown()


def main():
    quick = "--quick" in sys.argv
    size = 100000 if quick else ALL_REAL
    largest = MILLION if quick else 10 * MILLION
    result = Result("instructions")
    result.data["lines"] = []
    missing, listed = allowed_file(100000, largest), listed_queries(size)
    result.add("lookup", dict(names=size, miss=per_lookup("callgrind", table_file(size), missing, 20000)["Ir"],
                              hit=per_lookup("callgrind", table_file(size), listed, 10000)["Ir"]))
    for count in [size] if quick else [size, largest]:
        result.add("lines", dict(names=count, **missed_lines(table_file(count), missing, 40000)))
    queries = 1000 if quick else 4000
    result.add("query", per_query(size, missing, listed, queries))
    result.add("counting", per_counted_query(100000, listed_queries(100000), queries))


main()
