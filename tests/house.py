#!/usr/bin/python3
"""Looks at how the sources are put together, by their text alone: who may include whom, and what things are called.

    tests/house.py

Each rule is a function below that yields what breaks it, one message each. Exits 0 only if nothing does.
"""
import collections, glob, os, re, sys

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
MAX_LINES = 400  # of a file

# The rooms by floor: a file includes what is in its own room, or on a lower floor.
FLOORS = [
    ("libweir",),
    ("libweir/build", "libweir/live"),
    ("plugin/core", "feedsync/base"),
    ("plugin", "feedsync/entries", "feedsync/net", "feedsync/unpack"),
    ("feedsync/formats", "feedsync/formats/misp", "feedsync/formats/rpz", "feedsync/formats/stix"),
    ("feedsync/guard",),
    ("feedsync/compile",),
    ("feedsync/config",),
    ("feedsync/feeds",),
    ("feedsync/publish",),
    ("feedsync/trends",),
    ("feedsync/circle", "feedsync/fleet"),
    ("feedsync/sync", "feedsync/control"),
    ("feedsync/status",),
    ("feedsync/watch",),
    ("feedsync/monitor",),
    ("feedsync/commands",),
    ("feedsync",),
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Who alone may include a library's header: a reader of that file need not look for it elsewhere.
LIBRARIES = {
    r"curl/": ("feedsync/net/answer.h", "feedsync/net/request.h", "feedsync/net/transfer.h", "feedsync/base/url.c"),
    r"jansson": ("feedsync/base/json_memory.h",),
    r"sqlite3": ("feedsync/publish/database.h",),
    r"nettle/": ("feedsync/base/digest.c", "feedsync/base/uuid.c"),
    r"sodium": ("feedsync/net/minisign.c", "feedsync/net/minisign_sign.c"),
    r"unbound\.h": ("feedsync/net/dns_lookup.c",),
    r"yaml\.h": ("feedsync/config/yaml.c",),
    r"idn2": ("feedsync/entries/normalise.c",),
    r"uni(str|case|ctype|norm|name|types|width)\.h": ("feedsync/base/clean.c",),
    r"microhttpd": ("feedsync/monitor/server.c",),
    r"zlib": ("feedsync/unpack/deflate.h",),
    r"lzma": ("feedsync/unpack/xz.c",),
    r"zstd(_errors)?\.h": ("feedsync/unpack/zstd.c", "feedsync/unpack/zstd_pack.c", "feedsync/unpack/zstd_whole.c"),
    r"(util|services|sldns|dynlibmod)/|config\.h": ("plugin/compat.h",),
    # Headers of ours that show such a library's.
    r"feedsync/base/json_memory\.h": ("feedsync/base/json.c", "feedsync/base/json_memory.c"),
    r"feedsync/net/(answer|request)\.h": ("feedsync/net/answer.c", "feedsync/net/headers.c", "feedsync/net/object_server.c", "feedsync/net/request.c", "feedsync/net/transfer.h"),
    r"feedsync/unpack/deflate\.h": ("feedsync/unpack/deflate.c", "feedsync/unpack/gzip.c", "feedsync/unpack/zip.c"),
    r"feedsync/net/transfer\.h": ("feedsync/net/fetch_all.c", "feedsync/net/transfer.c"),
}


def sources():
    for top in ("libweir", "plugin", "feedsync"):
        for path in sorted(glob.glob(os.path.join(TOP, top, "**", "*.[ch]"), recursive=True)):
            with open(path) as f:
                yield os.path.relpath(path, TOP), f.read()


SOURCES = dict(sources())


def includes(path, own):
    """The headers that a file names, in quotes (own) or in angle brackets."""
    return re.findall(r'^\s*#\s*include\s+' + (r'"([^"]+)"' if own else r"<([^>]+)>"), SOURCES[path], re.M)


def in_no_room():
    for path in SOURCES:
        if os.path.dirname(path) not in FLOOR:
            yield f"{path}: its room stands on no floor (FLOORS)"


def upwards():
    for path in SOURCES:
        here = os.path.dirname(path)
        for header in includes(path, True):
            there = os.path.dirname(header)
            if path == "plugin/compat.h" and header not in SOURCES:
                continue  # Unbound's own
            if header not in SOURCES:
                yield f"{path} includes {header}: there is no such header below the top folder"
            elif here != there and (FLOOR[there] >= FLOOR[here] and not here.startswith(there + "/") and not there.startswith(here + "/") or
                                    {here.split("/")[0], there.split("/")[0]} == {"plugin", "feedsync"}):
                yield f"{path} includes {header}, of a room that is not below its own"


def foreign():
    for path in SOURCES:
        for header in includes(path, False) + includes(path, True):
            for library, only in LIBRARIES.items():
                if re.match(library, header) and path not in only:
                    yield f"{path} includes {header}: only {', '.join(only)} may"


def circles():
    """A header and its file are one unit; units that include each other cannot be read one after the other."""
    graph = collections.defaultdict(set)
    for path in SOURCES:
        for header in includes(path, True):
            if header[:-2] != path[:-2]:
                graph[path[:-2]].add(header[:-2])
    number, low, stack, rings = {}, {}, [], []

    def visit(unit):  # Tarjan: strongly connected components
        number[unit] = low[unit] = len(number)
        stack.append(unit)
        for other in sorted(graph.get(unit, ())):
            if other not in number:
                visit(other)
            if other in stack:
                low[unit] = min(low[unit], low[other])
        if low[unit] == number[unit]:
            ring = stack[stack.index(unit):]
            del stack[stack.index(unit):]
            if len(ring) > 1:
                rings.append(sorted(ring))

    sys.setrecursionlimit(10000)
    for unit in sorted(graph):
        if unit not in number:
            visit(unit)
    for ring in rings:
        yield f"these include each other: {', '.join(ring)}"


def functions(path):
    """(name, static?) for each function that a .c file defines."""
    for match in re.finditer(r"^(?!typedef|struct \w+ \{|enum|union|#|/| |\t|\}|else)([A-Za-z_][^;={}()\n]*?[\s*])(\w+)\((?:[^;{}]*?)\)\s*\n\{", SOURCES[path], re.M):
        yield match.group(2), bool(re.search(r"\bstatic\b", match.group(1)))


def static_names():
    """A static name stands in one file only: break points, back traces and readers find the one that is meant."""
    where = collections.defaultdict(set)
    for path in SOURCES:
        for name, static in functions(path):
            if static:
                where[name].add(path)
    for name, paths in sorted(where.items()):
        if len(paths) > 1:
            yield f"static {name} stands in {', '.join(sorted(paths))}"


WORDS = re.compile(r"(?:^|_)(hops?|kept|turns?|stages?|totals?|who|places?|marks?)(?:_|$)")


def words():
    """Words that meant several things, or had to be looked up."""
    for path in SOURCES:
        if WORDS.search(os.path.basename(path)[:-2]):
            yield f"{path}: not a word for a file's name"
        for name, _ in functions(path):
            if WORDS.search(name):
                yield f"{path}: {name}: not a word for a function's name"


def octets():
    """Eight bits are an octet, in code, comments and messages. A byte order mark is called so by all,
    the unit of a metric is a word of Prometheus, and a function of SQLite's has its name."""
    for path, text in SOURCES.items():
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"(?<![a-zA-Z])bytes?(?![a-zA-Z])(?! order mark)", re.sub(r"\b(weir_\w*|sqlite3_column)_bytes(_total)?\b", "", line), re.I):
                yield f"{path}:{number}: a byte: the word is octet"


def too_long():
    for path, text in SOURCES.items():
        if text.count("\n") > MAX_LINES:
            yield f"{path} has {text.count(chr(10))} lines: no more than {MAX_LINES}"


def licences():
    for path, text in SOURCES.items():
        if not text.startswith("/* SPDX-License-Identifier: BSD-3-Clause */\n"):
            yield f"{path} does not begin with its licence"


# Unit tests of what no single file does.
OF_NO_FILE = {
    "libweir/test_damage.c": "a table with any octet changed, through all that reads one",
    "libweir/test_out_of_memory.c": "each allocation fails once, in all of the library that allocates",
    "feedsync/formats/test_conformance.c": "other people's suites, for JSON and for IDNA",
    "feedsync/formats/test_vectors.c": "all formats: the vectors in tests/data/formats",
    "feedsync/formats/test_matrix.c": "all formats: the matrix in tests/data/formats",
}


def mirrored():
    """The unit test of a file stands in the room of that file, and is named after it."""
    unit = os.path.join(TOP, "tests/unit")
    tests = sorted(os.path.relpath(path, unit) for path in glob.glob(os.path.join(unit, "**", "test_*.c"), recursive=True))
    for test in tests:
        room, name = os.path.split(test)
        source = os.path.join(room, name.removeprefix("test_"))
        if source not in SOURCES and test not in OF_NO_FILE:
            yield f"tests/unit/{test}: there is no {source} (OF_NO_FILE)"
    for test in sorted(OF_NO_FILE.keys() - set(tests)):
        yield f"tests/unit/{test} is gone (OF_NO_FILE)"


RULES = (in_no_room, upwards, foreign, circles, static_names, words, octets, too_long, licences, mirrored)

if __name__ == "__main__":
    found = [f"{rule.__name__}: {message}" for rule in RULES for message in rule()]
    print(*found, sep="\n")
    print(f"{len(SOURCES)} sources, {len(found)} findings")
    sys.exit(bool(found))
