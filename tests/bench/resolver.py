#!/usr/bin/python3
"""What the module costs a resolver. Writes resolver.json.

  tests/bench/resolver.py [--quick]        (environment: common.py; run.sh sets it)

Unbound, with two threads as one alone is spared the price of locks, beside an authoritative server of everything.
cost: microseconds of processor time per query, without the module and with it and a table, by turns, so that whatever else the
machine does meets both; the least of several runs. Allowed queries are answered from the cache.
memory: by how much the resident memory grows when a table comes, per octet of that table; and the most while it is replaced.
silence: the longest time between two answers to a client that asks every 10 ms, while the table is replaced again and again, and
for as long while nothing happens.
scrub: with many messages in the cache, from rename() until fifty names that were answered from it are blocked, and what the module
itself says: to read the table, to walk over the cache. enforced_ms is the longer of the two."""
import os, shutil, sys, time

from common import *

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from asker import Asker
from lab import Lab, ask, wait_for

QUERIES = 20000  # different ones in a run of dnsperf


class Bench(Lab):
    """Each measurement has its own laboratory: daemons and directory."""

    def __enter__(self):
        self.setUp()
        return self

    def __exit__(self, *_):
        self.tearDown()

    def counters_of(self, process):
        return next(resolver for resolver in self.counters() if resolver["pid"] == process.pid)

    def put(self, table, process=None):
        """Renames a copy of the table into place; returns when that was. With a process, waits until that one has the table and
        has walked over its cache."""
        shutil.copyfile(table, self.table + ".new")
        scrubs = self.counters_of(process)["scrubs"] if process else 0
        at = time.monotonic()
        os.rename(self.table + ".new", self.table)
        if process:
            wait_for(lambda: self.counters_of(process)["scrubs"] > scrubs, 120, 0.2)
        return at


def bench():
    return Bench("__enter__")


def cost(size, allowed, passes, runs):
    """CPU per query with a table of this size."""
    with bench() as lab:
        internet, resolvers, least = lab.internet("* A 192.0.2.1\n"), {}, {}
        queries = dict(allowed=dnsperf_file(allowed, QUERIES), listed=dnsperf_file(listed_queries(size, QUERIES)))
        for system, modules in (("without", "iterator"), ("with", "dynlib iterator")):
            resolvers[system] = (lab.unbound(internet, modules=modules, table=table_file(size)), lab.port)
            dnsperf(lab.port, queries["allowed"], "-n", 1)
        if not ask(resolvers["with"][1], read_names(listed_queries(size, QUERIES), 1)[0]).blocked():
            sys.exit("the table is not in force")
        for run in range(runs):
            for system, kind in sorted((("without", "allowed"), ("with", "allowed"), ("with", "listed")), reverse=run % 2 == 1):
                process, port = resolvers[system]
                before = cpu_seconds(process.pid)
                done, _ = dnsperf(port, queries[kind], "-n", passes)
                took = (cpu_seconds(process.pid) - before) / done * 1e6
                least[kind, system] = min(least.get((kind, system), took), took)
        with_table, without = least["allowed", "with"], least["allowed", "without"]
        return dict(names=size, allowed_without_us=without, allowed_with_us=with_table, listed_with_us=least["listed", "with"],
                    allowed_ratio=with_table / without, listed_ratio=least["listed", "with"] / with_table)


def growth(size):
    """Resident memory before the first table, with it, at most during the exchange by one as large, and after that."""
    table = table_file(size)
    with bench() as lab:
        process = lab.unbound(lab.internet())
        lab.ask("probe.example")
        before = memory(process.pid)
        lab.put(table, process)
        after, octets = memory(process.pid), os.path.getsize(table)
        forget_peak(process.pid)
        lab.put(table, process)
        peak, end = memory(process.pid, "VmHWM"), memory(process.pid)
        return dict(names=size, table_octets=octets, before_octets=before, with_table_octets=after,
                    growth_per_table_byte=(after - before) / octets, peak_growth_per_table_byte=(peak - before) / octets,
                    growth_after_exchange_per_table_byte=(end - before) / octets)


def silence(size, allowed, exchanges):
    with bench() as lab:
        lab.put(table_file(size))
        process, names = lab.unbound(lab.internet()), read_names(allowed, 1000)
        for name in names:
            lab.ask(name)
        start = time.monotonic()
        with Asker(lab.port, names) as busy:
            for _ in range(exchanges):
                lab.put(table_file(size), process)
                time.sleep(0.2)
        with Asker(lab.port, names) as idle:
            time.sleep(time.monotonic() - start)
        return dict(names=size, exchanges=exchanges, during=busy.result(), without=idle.result())


def with_some(size, some):
    """A table with the list of this size and some names more."""
    listed = os.path.join(KEEP, "listed-and.txt")
    shutil.copyfile(names_file(size), listed)
    with open(listed, "a") as f:
        f.writelines(name + "\n" for name in some)
    compile_table(listed, os.path.join(KEEP, "listed-and.weir"))
    return os.path.join(KEEP, "listed-and.weir")


def scrub(result, sizes, messages, allowed):
    """Fills a cache, then lists some of what is in it, again and again with larger tables."""
    with bench() as lab:
        lab.put(table_file(sizes[0]))
        process = lab.unbound(lab.internet("* A 192.0.2.1\n"), options="  msg-cache-size: 2g\n  rrset-cache-size: 2g\n")
        dnsperf(lab.port, dnsperf_file(allowed, messages), "-n", 1, clients=16)
        names = read_names(allowed, messages)
        for turn, size in enumerate(sizes):
            newly = names[turn * 50:len(names):len(names) // 50]
            for name in newly:
                if lab.ask(name).blocked():
                    sys.exit(f"{name} is blocked too early")
            before = lab.counters_of(process)
            table = with_some(size, newly)
            at = lab.put(table)
            for name in newly:
                while not lab.ask(name).blocked():
                    pass
            all_blocked = time.monotonic() - at
            now = wait_for(lambda: (lambda now: now["scrubs"] > before["scrubs"] and now)(lab.counters_of(process)), 120, 0.2)
            load_and_walk_ms = (now["load_us"] + now["scrub_last_us"]) / 1000
            result.add("scrub", dict(names=size, messages=len(names), walked=now["scrub_walked"] - before["scrub_walked"],
                                     evicted=now["scrub_evicted"] - before["scrub_evicted"], load_ms=now["load_us"] / 1000,
                                     walk_ms=now["scrub_last_us"] / 1000,
                                     load_and_walk_ms=load_and_walk_ms, rename_to_all_asked_blocked_ms=all_blocked * 1000,
                                     enforced_ms=max(load_and_walk_ms, all_blocked * 1000)))


def main():
    quick = "--quick" in sys.argv
    sizes = [10000, 100000, MILLION] if quick else [10000, 100000, MILLION, 10 * MILLION]
    result = Result("resolver")
    for key in ("cost", "memory", "silence", "scrub"):
        result.data[key] = []
    allowed = allowed_file(100000, sizes[-1])
    for size in sizes[-1:] if quick else sizes[-2:]:
        result.add("cost", cost(size, allowed, *((3, 2) if quick else (10, 15))))
        result.add("memory", growth(size))
    result.add("silence", silence(MILLION if quick else ALL_REAL, allowed, 3 if quick else 20))
    messages = 100000 if quick else MILLION
    scrub(result, sizes, messages, allowed_file(messages, sizes[-1]))


main()
