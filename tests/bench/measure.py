#!/usr/bin/python3
"""The table and the compiler alone: how their cost grows, the worst cases, how much two tables differ. Writes table.json.

  tests/bench/measure.py [--quick]        (environment: common.py; run.sh sets it)

growth: for each size the compiler (the best of several runs), the opening of the table, lookups by one and two threads of names
that pass (popular: as they are; cold: a million of them, so that they follow each other as in a resolver with many clients) and
of names that are listed, and a plain hash table of the same rules asked the same (plain.h).
worst: names that strangers could choose. deep: up to 127 labels above the deepest listed names, the most that someone can do who
knows the list but not the key. known key and unknown key: names made for the key of one table (adversary.c), asked of that table
and of one with the same rules and a secret key. hostile lists, asked for what they hold: one of names with 127 labels, and one
with a rule for each name above these as well, so that a lookup meets a rule at each label.
edges: tables as full and as empty as one may get whose geometry is kept from a table before it.
delta: zstd --patch-from of two tables, the second made by `feedsync sync` after 1 % of the names was replaced by others."""
import array, json, os, struct, subprocess, sys, tempfile

from common import *


def bench(table, queries, *options):
    return json.loads(subprocess.run([os.path.join(BIN, "table-bench"), *options, table, queries], capture_output=True, text=True,
                                     check=True).stdout)


def lookups(table, queries):
    """Lookups in a second: one thread, two, and the plain table's."""
    one, two = bench(table, queries, "--plain"), bench(table, queries, "--threads", "2")
    return dict(per_s=one["lookups_per_s"], ns=one["ns_per_lookup"], per_s_two_threads=two["lookups_per_s"],
                plain_per_s=one["plain_lookups_per_s"], times_plain=one["times_plain"])


def shape(table):
    """How full a table is, and how far its nodes lie from home (libweir/format.h)."""
    with open(table, "rb") as f:
        header = f.read(256)
        rules, marks, homes, lines, policy, symbols = struct.unpack_from("<QQIIQQ", header, 40)
        f.seek(policy + symbols, os.SEEK_CUR)
        index = array.array("H", f.read(64 * lines))
    reach = index[2::32]
    return dict(rules=rules, marks=marks, homes=homes, full=(rules + marks) / (homes * 29), longest_reach=max(reach),
                mean_lines=1 + sum(reach) / homes)


def growth(count, popular, cold):
    table = table_file(count)
    runs = [compile_table(names_file(count), table) for _ in range(3 if count < 5 * MILLION else 2)]
    opened = [bench(table, popular) for _ in range(3)]
    best = min(runs, key=lambda run: run["cpu_s"])
    octets = os.path.getsize(table)
    return dict(names=count, table_octets=octets, octets_per_rule=octets / opened[0]["names"],
                octets_per_name=octets / count, compile_cpu_s=best["cpu_s"], compile_names_per_s=count / best["cpu_s"],
                compile_peak_octets=best["peak_octets"], compile_peak_allowed=3 * octets + (64 << 20),
                open_ms=min(run["open_ms"] for run in opened), touch_ms=max(run["touch_ms"] for run in opened), popular=lookups(table, popular), cold=lookups(table, cold),
                listed=lookups(table, listed_queries(count, min(count, MILLION))), **shape(table))


class Syncs:
    """Runs of `feedsync sync` with one key and one state. Each list is a feed of its own, so that no run is measured by what the
    one before had."""

    def __init__(self, directory):
        self.directory, self.runs = directory, 0

    def path(self, name):
        return os.path.join(self.directory, name)

    def table(self, some):
        """Syncs a list of these names; returns the table's path, which the next call writes over, and what it took."""
        self.runs += 1
        write_names(self.path("list"), some)
        with open(self.path("conf"), "w") as f:
            f.write(f"state: {self.path('state')}\ntable: {self.path('table')}\nrun: none\nfeeds:\n  - name: list-{self.runs}\n"
                    f"    url: file://{self.path('list')}\n    format: domains\n    scope: subtree\n")
        return self.path("table"), run_measured(FEEDSYNC, "-c", self.path("conf"), "sync")


def deep_names(listed):
    """Names of as many labels as fit, below the parents of the deepest names of a list."""
    for name in sorted(listed, key=lambda name: -name.count("."))[:1000]:
        parent = name.split(".", 1)[1]
        yield "a." * ((253 - len(parent)) // 2) + parent


def long_names(count):
    """Names of 127 labels that share no more than their last few: each brings some 120 marks of its own."""
    draw = random.Random(3)
    for _ in range(count):
        yield ".".join(draw.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=126)) + ".x"


def chains(count):
    """Names of 127 labels, and all those above them."""
    for name in long_names(count):
        while name.count("."):
            yield name
            name = name.split(".", 1)[1]


def worst(result, count, names_made):
    table, listed = table_file(count), read_names(names_file(count))
    with tempfile.TemporaryDirectory() as directory:
        def ask(what, in_table, queries):
            got = bench(in_table, queries)
            result.add("worst", dict(case=what, names=count, ns=got["ns_per_lookup"], per_s=got["lookups_per_s"],
                                     **shape(in_table)))

        def path(name):
            return os.path.join(directory, name)
        write_names(path("deep"), deep_names(listed))
        ask("deep names, key unknown", table, path("deep"))
        with open(path("chosen"), "w") as f:
            subprocess.run([os.path.join(BIN, "adversary"), table, str(names_made)], stdout=f, stderr=subprocess.DEVNULL,
                           check=True)
        ask("names chosen for the key, key known", table, path("chosen"))
        secret, _ = Syncs(directory).table(listed)
        ask("the same names, key unknown", secret, path("chosen"))
        write_names(path("long"), long_names(20000))
        compile_table(path("long"), path("long.weir"))
        ask("hostile list of names with 127 labels, asked for them", path("long.weir"), path("long"))
        write_names(path("long"), long_names(2000))
        write_names(path("chains"), chains(2000))
        used = compile_table(path("chains"), path("chains.weir"), "exact")
        ask("hostile list of 2,000 such names and all above them, asked for the longest", path("chains.weir"), path("long"))
        result.data["worst"][-1].update(compile_cpu_s=used["cpu_s"])
        ask("all queries listed", table, listed_queries(count, min(count, MILLION)))


def edges(result, base):
    """Starts from a table of `base` names and goes to the bounds of place.c within the same geometry."""
    with tempfile.TemporaryDirectory() as directory:
        syncs, queries = Syncs(directory), allowed_file(100000, max(base * 2, MILLION))
        table, _ = syncs.table(made.names("listed", base))
        first = shape(table)
        for what, full in (("fullest", 0.855), ("emptiest", 0.555)):
            table, _ = syncs.table(made.names("listed", int(base * full / first["full"])))
            got, now = bench(table, queries), shape(table)
            result.add("edges", dict(case=what, ns=got["ns_per_lookup"], per_s=got["lookups_per_s"],
                                     octets_per_rule=got["octets_per_name"], geometry_kept=now["homes"] == first["homes"], **now))


def delta(result, count):
    with tempfile.TemporaryDirectory() as directory:
        syncs, some = Syncs(directory), list(made.names("listed", count + count // 100))
        table, _ = syncs.table(some[:count])
        os.rename(table, syncs.path("before"))
        subprocess.run(["cp", syncs.path("before"), table], check=True)
        table, used = syncs.table(some[count // 100:])
        for level in ("-3", "-19"):
            subprocess.run(["zstd", "-q", "-f", level, "--long=31", "--patch-from", syncs.path("before"), table, "-o",
                            syncs.path("delta")], check=True, stderr=subprocess.DEVNULL)
            octets = os.path.getsize(syncs.path("delta"))
            result.add("delta", dict(names=count, zstd_level=level, table_octets=os.path.getsize(table), delta_octets=octets,
                                     of_the_table=octets / os.path.getsize(table), sync_s=used["seconds"],
                                     sync_peak_octets=used["peak_octets"],
                                     geometry_kept=shape(table)["homes"] == shape(syncs.path("before"))["homes"]))


def main():
    quick = "--quick" in sys.argv
    sizes = [10000, 100000, MILLION] if quick else [10000, 100000, MILLION, ALL_REAL, 10 * MILLION]
    result = Result("table")
    for key in ("growth", "worst", "edges", "delta"):
        result.data[key] = []
    popular, cold = allowed_file(100000, sizes[-1]), allowed_file(100000 if quick else MILLION, sizes[-1])
    for count in sizes:
        result.add("growth", growth(count, popular, cold))
    worst(result, sizes[-1] if quick else ALL_REAL, 1 if quick else 8)
    edges(result, 100000 if quick else 700000)
    delta(result, 100000 if quick else ALL_REAL)


main()
