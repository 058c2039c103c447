#!/usr/bin/python3
"""Makes the tables of docs/measured.md: targets, what was measured, and the best other resolver on the same work; how cost grows;
the worst cases; what the formats cost.

  tests/bench/report.py DIRECTORY [PAGE]

DIRECTORY is where the results are. What is missing there is left open. Prints the tables, or puts them and the pictures into PAGE
between two lines that say "<!-- measured -->"."""
import json, os, sys

MARK = "<!-- measured -->\n"
PICTURES = ("memory", "load", "silence", "cpu")


class Results:
    def __init__(self, directory):
        self.files = {}
        for name in ("table", "formats", "resolver", "peers", "family", "instructions", "overrides"):
            path = os.path.join(directory, name + ".json")
            self.files[name] = json.load(open(path)) if os.path.exists(path) else {}

    def row(self, name, part, **like):
        """The last row of a part that has these values; without a size, that of the largest list."""
        found = [row for row in self.files[name].get(part, []) if all(row.get(key) == value for key, value in like.items())]
        return found[-1] if found else {}

    def near(self, name, part, size):
        """The row whose list is nearest to a size."""
        rows = self.files[name].get(part, [])
        return min(rows, key=lambda row: abs(row["names"] - size)) if rows else {}

    def best_peer(self, key, size=1000000, least=min):
        rows = [row for row in self.files["peers"].get("systems", [])
                if row["names"] == size and row["system"] != "weir" and row.get(key) is not None]
        row = least(rows, key=lambda row: row[key]) if rows else None
        return (row[key], row["system"].replace("_", " ")) if row else None


def number(value, scale=1.0, digits=3):
    if value is None:
        return "?"
    value *= scale
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.{digits}g}"


def millions(value):
    return "?" if value is None else f"{value / 1e6:.1f} M"


def peer(found, unit, scale=1.0):
    return f"{number(found[0], scale)}{unit} ({found[1]})" if found else ""


def cpu_ratio(results, size):
    """What a list costs the best peer per allowed query, against the same system with a list of one name."""
    rows = results.files["peers"].get("systems", [])
    alone = {row["system"]: row.get("allowed_us") for row in rows if row["names"] == 1}
    ratios = [(row["allowed_us"] / alone[row["system"]], row["system"].replace("_", " ")) for row in rows
              if row["names"] == size and row["system"] != "weir" and row.get("allowed_us") and alone.get(row["system"])]
    return min(ratios) if ratios else None


def lines(results):
    million, real, ten = 1000000, 1109721, 10000000
    table, largest = results.near("table", "growth", real), results.near("table", "growth", ten)
    silence, scrub = results.row("resolver", "silence"), results.row("resolver", "scrub", names=million)
    missed, delta = results.row("instructions", "lines"), results.row("table", "delta", zstd_level="-19")
    yield (f"table, octets per rule, {table.get('names', 0) / 1e6:.1f} M names", "≤ 16", number(table.get("octets_per_rule")),
           peer(results.best_peer("memory_per_name"), " resident"))
    yield ("cache lines of the table fetched by a miss", "≤ 2 in the mean", number(missed.get("of_the_table")), "")
    for row, target in ((table, "15 M"), (largest, "10 M")):
        cold = row.get("cold", {})
        yield (f"lookups per second, one core, {row.get('names', 0) / 1e6:.1f} M names", "≥ " + target, millions(cold.get("per_s")),
               f"{millions(cold.get('plain_per_s'))} (plain hash table)")
        yield ("the same against the plain hash table", "≥ 2 times", number(cold.get("times_plain")), "")
    yield "the same with two threads on one table", "", millions(largest.get("cold", {}).get("per_s_two_threads")), ""
    best_start = peer(results.best_peer("start_s"), " s, start to first block, 1 M names")
    for row, target in ((table, 20), (largest, 150)):
        yield (f"open and verify, {row.get('names', 0) / 1e6:.1f} M names, memory at hand (1)", f"≤ {target} ms",
               number(row.get("open_ms")) + " ms", best_start)
        best_start = ""
    for row in results.files["formats"].get("guarded", []):
        yield (f"compile, text to table, one core, with guards, {row['names'] / 1e6:.1f} M names", "≥ 1.5 M names/s",
               millions(row["names_per_s"]), "")
    yield (f"memory to compile {largest.get('names', 0) / 1e6:.1f} M names", f"≤ {number(largest.get('compile_peak_allowed'), 1e-6)} MB",
           number(largest.get("compile_peak_octets"), 1e-6) + " MB", "")
    for size in (million, ten):
        memory = results.row("resolver", "memory", names=size)
        what = f"growth of unbound's memory, per octet of the table, {size // million} M names"
        yield what, "≤ 1.05", number(memory.get("growth_per_table_byte")), ""
        yield "the same while it is replaced", "≤ 2", number(memory.get("peak_growth_per_table_byte")), ""
    for size in (million, ten):
        cost = results.row("resolver", "cost", names=size)
        yield (f"CPU of an allowed, cached query, {size // million} M names, against none", "≤ 1.02",
               number(cost.get("allowed_ratio")), peer(cpu_ratio(results, size), ""))
    query = results.files["instructions"].get("query", {})
    yield "the same in instructions (2)", "", number(query.get("cached_ratio"), digits=4), ""
    for size in (million, ten):
        yield (f"CPU of a listed query against an allowed, cached one, {size // million} M names", "≤ 1.15",
               number(results.row("resolver", "cost", names=size).get("listed_ratio")), "")
    yield "the same in instructions of Unbound's workers, without the kernel's", "", number(query.get("blocked_ratio"), digits=4), ""
    yield ("longest silence during an exchange, asked every 10 ms", "≤ 20 ms, none lost",
           f"{number(silence.get('during', {}).get('longest_silence_ms'))} ms, {silence.get('during', {}).get('lost', '?')} lost "
           f"({number(silence.get('without', {}).get('longest_silence_ms'))} ms without one)",
           peer(results.best_peer("longest_silence_ms"), " ms"))
    yield (f"from rename() to all enforced, {scrub.get('messages', 0):,} messages cached", "≤ 1 s",
           f"{number(scrub.get('enforced_ms'))} ms", peer(results.best_peer("reload_s"), " s to reload"))
    commands = results.files["overrides"].get("commands", [])
    if commands:
        yield (f"`allow`, `block`, `unallow`, `unblock`: from the command's start to the resolver's answer, {commands[0]['names'] / 1e6:.1f} M names (3)",
               "≤ 1 s", f"{number(max(row['in_force']['worst_s'] for row in commands))} s", "")
    yield ("delta of two tables, 1 % of the names replaced, zstd -19 --patch-from", "≤ 4 %",
           number(delta.get("of_the_table"), 100) + " %", "")


def table(results):
    return "| what | target | measured | best other |\n|---|---|---|---|\n" + "".join(
        "| " + " | ".join(line) + " |\n" for line in lines(results))


def note_of_overrides(results):
    of = results.files["overrides"]
    return (f" (3) The longest of {of['commands'][0]['times']} each, measured {of['date']}, load before it {of['load_before']:.1f}." if of else "")


def notes(results):
    """What the figures with a number want said."""
    largest, resolver = results.near("table", "growth", 10000000), results.row("resolver", "scrub", names=10000000)
    return (f"\n(1) This machine's host takes memory back that lies idle. To have as much as the largest table takes again, without any "
            f"table, took up to {number(largest.get('touch_ms'))} ms. The resolver needed {number(resolver.get('load_ms'))} ms for it: "
            "more than ten times what a table a tenth as large needs. (2) What the cache answers never reaches the module: the cache "
            "holds only what is blocked for nobody. Ratios by time therefore show the noise, some 3 %, and the room that the table "
            "takes in the processor's cache." + note_of_overrides(results) + "\n")


def grown(results):
    """How cost grows with the list."""
    found = ["", "| names | octets a rule | open | compile | popular, cold: lookups/s, 1 thread | 2 threads | rename() to enforced |",
             "|---|---|---|---|---|---|---|"]
    for row in results.files["table"].get("growth", []):
        scrub = results.row("resolver", "scrub", names=row["names"])
        found.append(f"| {row['names']:,} | {number(row['octets_per_rule'])} | {number(row['open_ms'])} ms | "
                     f"{millions(row['compile_names_per_s'])}/s | {millions(row['popular']['per_s'])}, {millions(row['cold']['per_s'])} | "
                     f"{millions(row['popular']['per_s_two_threads'])}, {millions(row['cold']['per_s_two_threads'])} | "
                     f"{number(scrub['enforced_ms']) + ' ms' if scrub else ''} |")
    return "\n".join(found) + ("\n\nNothing grows faster than the list. Lookups slow down where the filter, an octet a rule, outgrows the "
                               "second-level cache of a core (1 MB).\nWith ten million rules it fills most of the third level, which the "
                               "two threads then share. A few names pay for the policy and for a whole line.\n")


def worst(results):
    """What strangers can make a lookup cost."""
    found = ["", "| worst cases | a lookup |", "|---|---|"]
    found += [f"| {row['case']} | {number(row['ns'])} ns |" for row in results.files["table"].get("worst", [])]
    return "\n".join(found) + "\n"


def formats(results):
    """What the same names cost in each format, and what long documents do."""
    if not results.files["formats"]:
        return ""
    found = ["", "| feed | document | entries | parse | memory | compile | memory |", "|---|---|---|---|---|---|---|"]
    for row in results.files["formats"]["formats"] + results.files["formats"]["long"]:
        octets = row["document_octets"]
        found.append(f"| `{row['format']}` | {number(octets, 1e-6) + ' MB' if octets else 'a real one'} | {row['entries']:,} | "
                     f"{number(row['parse_s'], digits=2)} s | {number(row['parse_peak_octets'], 1e-6)} MB | "
                     + (f"{number(row['compile_s'], digits=2)} s | {number(row['compile_peak_octets'], 1e-6)} MB |"
                        if "compile_s" in row else "| |"))
    return "\n".join(found) + "\n"


def family(results):
    """What a family filter costs, here and elsewhere."""
    of = results.files["family"]
    if not of:
        return ""
    found = ["", "| a family filter | answers/s | CPU an answer | others only, against no group's: answers/s | CPU | blocked: answers/s | CPU | "
             "asked of servers | memory |", "|---|---|---|---|---|---|---|---|---|"]
    for row in of["systems"]:
        name = row["system"].replace("_", " ")
        if "error" in row:
            found.append(f"| {name} | failed | | | | | | | |")
            continue
        ratios = [number(row.get(kind, {}).get(what)) if kind in row else "" for kind in ("others_only", "blocked")
                  for what in ("answers", "cpu")]
        found.append(f"| {name} | {number(row['answers_per_s'])} | {number(row['cpu_us'])} us | {' | '.join(ratios)} | "
                     f"{number(row.get('upstream_ratio'))} | {number(row['memory_octets'], 1e-6)} MB |")
    weir, exact = results.row("family", "systems", system="weir"), of.get("exact", {})

    def percent(what):
        return number(weir.get("store_hits", {}).get(what), 100)
    return "\n".join(found) + (
        f"\n\nBy `tests/bench/family_mix.py`, whose head says what that is; load before it {of['load_before']:.1f}. Ratios are of questions "
        "by turns. Rows do not\ncompare where the load is above the number of cores. Of the questions for what only others are kept from, "
        f"the module's store, {number(weir.get('store_octets'), 1e-6)} MB, answers "
        f"{percent('empty')} %, from an empty one\non, where {percent('empty_best')} % had been asked before; {percent('again')} % of the same again "
        f"({weir.get('upstream_again', '?')} of these went to servers); and {percent('others')} % of as many others of the mix, where {percent('others_best')} % "
        f"had been asked before.\n{exact.get('differing', '?')} of {exact.get('questions', 0):,} answers to those who opted "
        "out differ from those of an Unbound without Weir.\n")


def tables(results):
    return table(results) + notes(results) + grown(results) + worst(results) + formats(results) + family(results)


def head(results):
    """When and where that was."""
    of = results.files["table"] or results.files["peers"]
    machine, loads = of["machine"], [found["load_before"] for name, found in results.files.items() if found and name not in ("family", "overrides")]
    return (f"Measured {of['date']} on {machine['cores']} cores of an {machine['processor']}, {machine['memory_gb']} GB, Linux "
            f"{machine['kernel']}, by `tests/bench/run.sh`\n(load before its parts {min(loads):.1f} to {max(loads):.1f}); "
            f"{'real malicious names' if of['real_names'] else 'made names'}, each with all below it.\n\n")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    results = Results(sys.argv[1])
    if len(sys.argv) == 2:
        print(tables(results), end="")
        return
    page = sys.argv[2]
    with open(page) as f:
        before, _, after = f.read().split(MARK)
    directory = os.path.relpath(sys.argv[1], os.path.dirname(os.path.abspath(page)))
    pictures = "".join(f"![{name}]({directory}/{name}.svg)\n" for name in PICTURES)
    with open(page, "w") as f:
        f.write(before + MARK + head(results) + tables(results) + "\n" + pictures + MARK + after)


main()
