#!/usr/bin/python3
"""What feeds cost feedsync, in each format: the processor's time and the most memory, to parse and to compile, by compile-bench.
Writes formats.json.

  tests/bench/formats.py [--quick]        (environment: common.py; run.sh sets it)

formats: the same names in each format that is one document, and the real MISP feed of ../shared/data where it is.
long: documents of some hundred megabytes, only parsed: what is parsed must not need its length in memory.
guards: the same names held against the suffix list and the MISP warninglists of ../shared/data."""
import json, os, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from common import *
from lists import write_list, written_formats

DATA = os.path.join(made.SHARED, "data")
FORMATS = written_formats()


def bench(form, path, *options):
    field = [FORMATS[form]["field"]] if "field" in FORMATS.get(form, {}) else []
    return json.loads(subprocess.run([os.path.join(BIN, "compile-bench"), *options, form, path, *field],
                                     capture_output=True, text=True, check=True).stdout)


def least(form, path, *options):
    """The run of three that took least."""
    return min((bench(form, path, *options) for _ in range(3)), key=lambda run: run["seconds"])


def both(form, path):
    parse, whole = least(form, path, "--parse"), least(form, path)
    return dict(format=form, entries=whole["entries"], document_octets=os.path.getsize(path) if os.path.isfile(path) else None,
                parse_s=parse["seconds"], parse_peak_octets=parse["peak_octets"], compile_s=whole["seconds"],
                compile_peak_octets=whole["peak_octets"], table_octets=whole["table_octets"])


def long(form, path, octets, each):
    """A document of so many octets, of the same record with a number."""
    with open(path, "w") as f:
        length = number = 0
        while length < octets:
            lines = "".join(each % n for n in range(number, number + 10000))
            length, number = length + len(lines), number + 10000
            f.write(lines)
    run = bench(form, path, "--parse")
    os.remove(path)
    return dict(format=form, document_octets=length, entries=run["entries"], parse_s=run["seconds"],
                parse_peak_octets=run["peak_octets"])


def main():
    quick = "--quick" in sys.argv
    size, result = 100000 if quick else ALL_REAL, Result("formats")
    for key in ("formats", "long"):
        result.data[key] = []
    path, names = os.path.join(KEEP, "document"), read_names(names_file(size))
    for form, how in FORMATS.items():
        with open(path, "w") as f:
            write_list(how, names, f)
        result.add("formats", both(form, path))
    os.remove(path)
    if os.path.isdir(os.path.join(DATA, "misp-feed")):
        result.add("formats", both("misp-feed", os.path.join(DATA, "misp-feed")))
    megabyte = 1000000 if not quick else 10000
    result.add("long", long("hosts", path, 300 * megabyte, "0.0.0.0 host-%d.some-zone.example\n"))
    result.add("long", long("json", path, 1000 * megabyte, '{"host": "host-%d.some-zone.example", "seen": "2026-11-24"}\n'))
    guards = ["--guard", os.path.join(DATA, "warninglists")]
    if os.path.isdir(guards[1]):
        for count in (size, ) if quick else (size, 10 * MILLION):
            run = least("domains", names_file(count), *guards) if count < 5 * MILLION else bench("domains", names_file(count), *guards)
            result.data.setdefault("guarded", [])
            result.add("guarded", dict(names=count, refused=run["refused"], seconds=run["seconds"],
                                       names_per_s=count / run["seconds"], peak_octets=run["peak_octets"],
                                       peak_allowed=3 * run["table_octets"] + (64 << 20)))


main()
