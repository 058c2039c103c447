#!/usr/bin/python3
"""Draws what peers.json tells, with gnuplot: an SVG each for memory per name, load time, silence while the list is replaced, and
processor time per query, against the size of the list.

  tests/bench/plot.py DIRECTORY        (where peers.json is and the pictures go)"""
import json, os, subprocess, sys

TITLES = dict(weir="Weir", unbound_rpz="Unbound RPZ", unbound_local_zone="Unbound local-zone", bind_rpz="BIND RPZ",
              powerdns_rpz="PowerDNS Recursor RPZ", knot_resolver_rpz="Knot Resolver RPZ", dnsdist="dnsdist SuffixMatchNode")
COLOURS = dict(weir="#c00000", unbound_rpz="#1f77b4", unbound_local_zone="#17becf", bind_rpz="#2ca02c", powerdns_rpz="#9467bd",
               knot_resolver_rpz="#ff7f0e", dnsdist="#7f7f7f")
# file, what, its title and unit, whether its axis is logarithmic
PICTURES = [("memory", "memory_per_name", "Resident memory per name (octets)", True),
            ("load", "start_s", "From start to the first blocked answer (s)", True),
            ("silence", "longest_silence_ms", "Longest silence while the list is replaced (ms);\\n the client asks every 10 ms", True),
            ("cpu", "allowed_us", "Processor time per allowed query from the cache (us)", False)]


def picture(rows, directory, name, key, title, logarithmic):
    lines, plots = [], []
    for system in TITLES:
        points = [(row["names"], row[key]) for row in rows if row["system"] == system and row["names"] > 1 and row.get(key)]
        if not points:
            continue
        lines += [f"${system} << EOD", *(f"{x} {y}" for x, y in points), "EOD"]
        plots.append(f'${system} with linespoints lw {3 if system == "weir" else 1.5} pt 7 ps 0.5 lc rgb "{COLOURS[system]}" '
                     f'title "{TITLES[system]}"')
    if not plots:
        return
    script = "\n".join([
        f'set terminal svg size 820,420 font "sans,12" background "white"', f'set output "{os.path.join(directory, name)}.svg"',
        f'set title "{title}"', 'set xlabel "names in the list"', "set logscale x", 'set format x "10^{%L}"', "set xrange [8000:*]",
        "set key outside right", "set grid", "set logscale y" if logarithmic else "set yrange [0:*]", *lines,
        "plot " + ", \\\n     ".join(plots)])
    subprocess.run(["gnuplot"], input=script + "\n", text=True, check=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(os.path.join(sys.argv[1], "peers.json")) as f:
        rows = json.load(f)["systems"]
    for name, *rest in PICTURES:
        picture(rows, sys.argv[1], name, *rest)


main()
