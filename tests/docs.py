#!/usr/bin/python3
"""Looks at the documents: whether what they show is there, in the program that was built and in the tree.

    tests/docs.py [BUILD]        BUILD is build/release if none is given

Each rule is a function below that yields what breaks it, one message each. Exits 0 only if nothing does. The blocks of the
how-tos are run by tests/system/test_docs.py; what kinds of blocks there are is told there.
"""
import glob, importlib.util, os, re, subprocess, sys, tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(TOP, "build/release")
FEEDSYNC = os.path.join(BUILD, "bin/feedsync")
OURS = ("libweir", "plugin", "feedsync", "conf", "docs", "tests")
KINDS = ("lab", "install", "root", "demo", "elsewhere")  # of blocks of commands
MAX_README = 90         # lines
MAX_SENTENCE = 17       # words, in the mean of a page
MAX_BEFORE_COMMAND = 20  # lines
# What is on a machine though we do not install it: of the system, of Unbound's package, or what the page tells to make.
FOREIGN = ("/etc/unbound/", "/etc/default/unbound", "/etc/apparmor.d/", "/etc/passwd", "/etc/ld.so.preload", "/etc/nginx/", "/etc/systemd/system", "/var/log/nginx/", "/proc", "/usr/sbin", "/usr/bin/", "/tmp/", "/srv/", "/var/lib/prometheus/", "/run/weir-pages-http/")


def read(path):
    with open(os.path.join(TOP, path)) as f:
        return f.read()


def load(path):
    """A script of the tests as a module."""
    spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], os.path.join(TOP, path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask(*words):
    return subprocess.run([FEEDSYNC, *words], capture_output=True, text=True).stdout


PAGES = {os.path.relpath(path, TOP): open(path).read()
         for path in [*glob.glob(TOP + "/*.md"), *glob.glob(TOP + "/docs/**/*.md", recursive=True)]}
MANUALS = {os.path.relpath(path, TOP): open(path).read() for path in glob.glob(TOP + "/docs/man/*.scd*")}
SOURCES = {path: read(path) for top in ("libweir", "plugin", "feedsync", "conf")
           for path in (os.path.relpath(p, TOP) for p in glob.glob(os.path.join(TOP, top, "**", "*"), recursive=True))
           if re.search(r"\.[ch]$|unbound-guard$|service\.conf$|\.sh$", path)}
HOUSE = load("tests/house.py")


def blocks(text):
    """(info, lines) of each fenced block."""
    for match in re.finditer(r"^```(.*)\n((?:.*\n)*?)```$", text, re.M):
        yield match.group(1), match.group(2)


def prose(text):
    """A page without its blocks."""
    return re.sub(r"^(?:```.*\n(?:.*\n)*?```$|    .*$)", "", text, flags=re.M)


def spans(text):
    return re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(text))


def commands(text):
    """Lines of commands that a page shows: in blocks, indented, and in its text."""
    for info, lines in blocks(text):
        if info.startswith("sh"):
            yield from lines.splitlines()
    yield from re.findall(r"^    (.*)$", text, re.M)
    yield from spans(text)


# ---- links ----

def anchors(text):
    """As GitHub makes them."""
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower()).replace(" ", "-")
            for title in re.findall(r"^#+ (.*)$", prose(text), re.M)}


def links():
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(text)):
            if re.match(r"https?:", target):
                continue
            path, _, anchor = target.partition("#")
            there = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
            if not os.path.exists(os.path.join(TOP, there)):
                yield f"{page}: {target} leads nowhere"
            elif anchor and anchor not in anchors(read(there)):
                yield f"{page}: {target}: there is no such heading"


def reachable():
    """Each page is found from README."""
    seen, todo = set(), ["README.md"]
    while todo:
        page = todo.pop()
        if page in seen or page not in PAGES:
            continue
        seen.add(page)
        todo += [os.path.normpath(os.path.join(os.path.dirname(page), target.partition("#")[0]))
                 for target in re.findall(r"\]\(([^)\s]+)\)", PAGES[page])]
    for page in sorted(set(PAGES) - seen):
        yield f"{page}: no page leads to it from README.md"


# ---- paths ----

def installed():
    """What an installation makes, and what the module and feedsync make in it."""
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["cmake", "--install", BUILD], env={**os.environ, "DESTDIR": root}, check=True, stdout=subprocess.DEVNULL)
        paths = {"/" + os.path.relpath(os.path.join(where, name), root)
                 for where, directories, files in os.walk(root) for name in directories + files}
    paths |= set(re.findall(r"^d (\S+)", read("conf/weir.tmpfiles") + read("conf/feedsync.tmpfiles"), re.M))
    paths |= set(re.findall(r"/run/weir-unbound\S*conf", read("conf/unbound-guard") + read("conf/unbound-weir.conf")))
    # Of the packages, and what the pages have an operator make for them.
    paths |= {"/etc/weir/feedsync.yaml", "/etc/apt/sources.list.d/weir.list", "/usr/share/keyrings/weir-archive-keyring.gpg", "/usr/share/doc/weir/examples"}
    return paths | {"/var/lib/weir/current.weir", "/var/lib/weir/current.weir.bypass", "/var/lib/weir/state"}


def paths():
    there = installed()
    for page, text in {**PAGES, **MANUALS}.items():
        shown = [word for line in commands(text) for word in re.findall(r"[^\s\"'`<>|;()=:,]+", line)]
        shown += re.findall(r"_(/[^_\s]+)_", text) if page in MANUALS else []
        for word in shown:
            word = word.rstrip("/.*")
            if word.split("/")[0] in OURS and "/" in word and not re.search(r"[A-Z]{3,}(?!\.md)", word):
                if not glob.glob(os.path.join(TOP, word)) and page != "CHANGELOG.md":
                    yield f"{page}: {word} is not in the tree"
            elif re.match(r"/(usr|etc|var|run|srv|proc|tmp)/", word) and not word.startswith(FOREIGN):
                if not any(path == word or path.startswith(word + "/") for path in there) and \
                        word not in re.findall(r"/\S+", " ".join(lines for info, lines in blocks(text) if info.startswith("yaml"))) and \
                        not re.match(r"/usr/local/etc/weir/(feedsync\.yaml|misp\S*)$", word) and word != "/etc/weir":
                    yield f"{page}: no installation makes {word}"


# ---- the command line ----

HELP = {word: ask("help", word) for word in re.findall(r"^  ([a-z]+)  ", ask("help"), re.M)}
OVERVIEW = ask("--help")


def command_line():
    if not HELP:
        yield f"{FEEDSYNC} lists no commands"
    for page, text in {**PAGES, **MANUALS}.items():
        shown = list(commands(text)) + re.findall(r"\*(feedsync[^*]*)\*", text if page in MANUALS else "")
        for line in shown:
            for call in re.findall(r"(?:^|[\s\"(/])feedsync((?: -c \S+)?(?: [^|;&#>\")]+)?)", line):
                words = call.split()
                words = words[2:] if words[:1] == ["-c"] else words
                if not words or words[0].startswith(("[", "COMMAND", "-", "||", "...")):
                    for option in [word for word in words if re.match(r"--?[a-z]", word)]:
                        if option not in OVERVIEW:
                            yield f"{page}: `{line.strip()}`: feedsync has no option {option}"
                    continue
                if words[0] not in HELP:
                    if line.strip().startswith("feedsync") or "sudo feedsync" in line:
                        yield f"{page}: `{line.strip()}`: feedsync has no command {words[0]}"
                    continue
                for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", " ".join(words[1:])):
                    if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", HELP[words[0]]):
                        yield f"{page}: `{line.strip()}`: {words[0]} has no option {option}"


def formats():
    known = re.search(r"-f FORMAT.*?one of: ([a-z, -]+)", HELP.get("compile", ""), re.S)
    known = set(re.findall(r"[a-z-]+", known.group(1))) if known else set()
    table = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"^\| `.*?\|", PAGES["docs/howto/add-a-feed.md"], re.M)))) - {"format"}
    if known != table:
        yield f"docs/howto/add-a-feed.md: formats there or in the program only: {', '.join(sorted(known ^ table))}"


def configuration():
    """What looks like an option of feedsync.yaml is one: in yaml, and in the text before a colon."""
    known = {key for path, text in SOURCES.items() if re.search(r"feedsync/config/options_\w+\.c$", path) for key in re.findall(r'\.key = "([^"]+)"', text)}
    others = {"module-config", "verbosity", "for-downstream", "for-upstream", "zonefile", "rpz", "chroot", "weir"}  # unbound.conf's; lines of the log
    if len(known) < 50:
        yield f"feedsync/config: only {len(known)} options are found there"
    for page, text in PAGES.items():
        shown = [option for span in spans(text) for option in re.findall(r"(?:^|\s)([a-z][a-z0-9-]+):(?=\s|$)", span)]
        shown += [option for info, lines in blocks(text) if info.startswith("yaml") for option in re.findall(r"(?:^[ -]*|[{,] ?)([a-z][a-z0-9-]+):(?=\s)", lines, re.M)]
        for option in shown:
            if option not in known | others:
                yield f"{page}: feedsync.yaml has no option {option}"


# ---- words and messages ----

def texts():
    """The string literals of the sources, those behind each other joined."""
    joined = " ".join(re.sub(r'"\s*\n?\s*"', "", text) for text in SOURCES.values())
    return joined


def messages():
    """Each word and message that the runbook explains stands in the program, and each of status and probe in the runbook."""
    page, program = "docs/runbook.md", texts() + read("conf/monitoring/weir.rules.yml")
    explained = re.findall(r"^\| `([^`]+)`", PAGES[page], re.M)
    for text in explained:
        if text not in program:
            yield f"{page}: `{text}` is said by no part of the program"
    for where, text in PAGES.items():
        for said in re.findall(r"`((?:[A-Z]{2,} )+[A-Z]{2,})`", prose(text)):
            if said not in program:
                yield f"{where}: `{said}` is said by no part of the program"
    for path in (*glob.glob(os.path.join(TOP, "feedsync/status/*.c")), os.path.join(TOP, "feedsync/commands/probe.c")):
        for literal in re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*\n\s*"', "", open(path).read())):
            for word in re.findall(r"(?<![\w%])[A-Z]{2,}(?: [A-Z]{2,}|(?: A)? [A-Z]{2,})*(?!\w)", re.sub(r"\\[a-z]", " ", literal)):
                if word not in ("JSON", "SIGHUP", "MISP", "YAML", "ADDRESS", "PORT", "RESOLVER", "UTC", "FEED", "OUTPUT", "CHANNEL", "NAME") and \
                        not any(word in text for text in explained):
                    yield f"{page}: `{word}` of {os.path.relpath(path, TOP)} is not explained"


def conditions():
    """What status judges by: the runbook has each word."""
    page, table = "docs/runbook.md", "feedsync/status/conditions.h"
    words = re.findall(r'^\tX\([A-Z_]+, "[a-z_]+", "([A-Z ]+)"', SOURCES.get(table, ""), re.M)
    if not words:
        yield f"{table}: no row is found there"
    for word in words:
        if f"| `{word}` " not in PAGES[page]:
            yield f"{page}: {word} of {table} has no row"


def metrics():
    """The page of metrics is what the program says of them."""
    page = "docs/metrics.md"
    told = {f"| `{name}` | {kind} | {', '.join(f'`{label}`' for label in labels.split(',') if label)} | {text} |"
            for name, labels, kind, text in re.findall(r"^  (weir_\w+)(?:\{([\w,]+)\})? \((\w+)\)\n      (.*)$", HELP.get("metrics", ""), re.M)}
    shown = set(re.findall(r"^\| `weir_.*$", PAGES[page], re.M))
    if len(told) < 40:
        yield f"feedsync help metrics tells of {len(told)} metrics only"
    for row in sorted(told ^ shown):
        yield f"{page}: there or in the program only: {row}"


def glossary():
    page, program = "docs/glossary.md", texts()
    for row in re.findall(r"^\|[^|]*\|[^|]*\|([^|]*)\|$", PAGES[page], re.M):
        for word in re.findall(r"`([^`]+)`", row):
            if not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", program):
                yield f"{page}: {word} is not in the sources"


def libraries():
    page = "docs/dependencies.md"
    rows = {frozenset(re.findall(r"`([^`]+\.[ch])`", row)) for row in re.findall(r"^\|.*\|$", PAGES[page], re.M)}
    for library, only in HOUSE.LIBRARIES.items():
        if not library.startswith("feedsync/") and frozenset(only) not in rows:
            yield f"{page}: no row names {', '.join(only)} for {library}"
    for package in re.findall(r"[\w.+-]*lib[\w.+-]+-dev", PAGES[page]):
        if package not in read("conf/packages.sh"):
            yield f"{page}: {package} is not among the packages that are installed"
    linked = re.findall(r"pkg_check_modules\(\w+ REQUIRED IMPORTED_TARGET ([\w.-]+)", read("feedsync/CMakeLists.txt"))
    for library in linked:
        if library.split("-")[0].removeprefix("lib").lower() not in PAGES[page].lower():
            yield f"{page}: {library} is linked, and not named"


def rooms():
    page = "docs/architecture.md"
    shown = re.findall(r"`([^`]+)`", PAGES[page].split("<!-- rooms -->")[1])
    for floor in HOUSE.FLOORS:
        for room in floor:
            if room not in shown and room != "feedsync" and os.path.basename(room) not in shown:
                yield f"{page}: the room {room} is not in the table"
    floors = [HOUSE.FLOOR[room] for room in shown if room in HOUSE.FLOOR and room.startswith("feedsync/")]
    if floors != sorted(floors, reverse=True):
        yield f"{page}: the rooms are not in the order of the floors"


# ---- figures ----

def measured():
    """The tables of measured.md are those of the results, and README's figures are among them."""
    page = "docs/measured.md"
    with tempfile.TemporaryDirectory(dir=os.path.join(TOP, "docs")) as directory:
        copy = os.path.join(directory, "measured.md")
        with open(copy, "w") as f:
            f.write(PAGES[page])
        subprocess.run([sys.executable, os.path.join(TOP, "tests/bench/report.py"), os.path.join(TOP, "tests/bench/results"), copy], check=True)
        if open(copy).read().replace("(../../", "(../") != PAGES[page]:
            yield f"{page}: tests/bench/report.py says something else"
    section = PAGES["README.md"].split("## Numbers")[1].split("\n## ")[0]
    for what, figure in re.findall(r"^\| (.*?) \| ([\d.,]+ ?\S*) \|$", section, re.M):
        if figure not in PAGES[page]:
            yield f"README.md: {what}: {figure} is not in {page}"


def short_readme():
    lines = PAGES["README.md"].count("\n")
    if lines > MAX_README:
        yield f"README.md has {lines} lines: no more than {MAX_README}"
    told = PAGES["docs/howto/install.md"]
    for line in re.findall(r"^    (.*)$", PAGES["README.md"].split("## Install")[1].split("\n## ")[0], re.M):
        for step in line.split(" && "):
            step = re.sub(r"\s+#.*", "", step)
            if step not in told:
                yield f"README.md: `{step}` is not in docs/howto/install.md"


def changes():
    version = re.search(r"project\(weir VERSION ([\d.]+)", read("CMakeLists.txt")).group(1)
    for heading in ("## [Unreleased]", f"## [{version}]"):
        if heading not in PAGES["CHANGELOG.md"]:
            yield f"CHANGELOG.md has no section {heading}"


# ---- form ----

def kinds():
    for page, text in PAGES.items():
        for info, _ in blocks(text):
            if info.split(" ")[0] == "sh" and (len(info.split(" ")) != 2 or info.split(" ")[1] not in KINDS):
                yield f"{page}: a block is ```{info}: which of {', '.join(KINDS)}?"
            elif info.split(" ")[0] not in ("sh", "yaml", "text", "conf"):
                yield f"{page}: a block is ```{info}"


def followed():
    """Each block that is marked so is run by tests/systemd."""
    there = {(page, int(number)) for page, number in re.findall(r"follow ([a-z-]+) (\d)", read("tests/systemd/checks.sh"))}
    marked = {(os.path.basename(page)[:-3], number) for page, text in PAGES.items()
              for number in range(1, 1 + [info for info, _ in blocks(text)].count("sh root"))}
    for page, number in sorted(there ^ marked):
        yield f"docs/howto/{page}.md: block {number} of those for root is there, or in tests/systemd/checks.sh, only"


def first_screen():
    """Who reads at 3 a.m. finds the first command, or what to write, without turning a page."""
    for page, text in PAGES.items():
        first = re.search(r"^```|^\|.*`feedsync ", text, re.M)
        if re.match(r"docs/(howto/|runbook)", page) and (not first or text.count("\n", 0, first.start()) > MAX_BEFORE_COMMAND):
            yield f"{page}: no command in the first {MAX_BEFORE_COMMAND} lines"


def sentences():
    """Pages are short of breath: one idea a sentence."""
    for page, text in PAGES.items():
        words = []
        text = re.sub(r"^\|.*$|^<!--.*$|^#.*$", "\n", prose(text), flags=re.M)
        text = re.sub(r"`[^`]*`", "x", re.sub(r"\]\([^)]*\)", "]", text))
        for paragraph in re.split(r"\n\s*\n|\n\s*[-\d]+\.? ", text):
            for sentence in re.split(r"(?<=[.:;?!])\s+", paragraph.strip()):
                if len(sentence.split()) > 2:
                    words.append(len(sentence.split()))
        if words and sum(words) / len(words) > MAX_SENTENCE:
            yield f"{page}: {sum(words) / len(words):.1f} words a sentence in the mean: no more than {MAX_SENTENCE}"


def manuals():
    made = sorted(glob.glob(os.path.join(BUILD, "man/*.[1-9]")))
    if not made:
        yield f"no manual pages in {BUILD}/man"
    names = {re.sub(r"\.(\d)$", r"(\1)", os.path.basename(path)) for path in made}
    for path in made:
        name = os.path.basename(path)
        warnings = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", path], capture_output=True, text=True,
                                  env={**os.environ, "MANROFFSEQ": "", "MANPAGER": "cat"}).stderr
        warnings += subprocess.run(["mandoc", "-T", "lint", "-W", "error", path], capture_output=True, text=True).stdout
        for line in warnings.splitlines():
            yield f"{name}: {line}"
        rendered = subprocess.run(["mandoc", "-T", "ascii", path], capture_output=True, text=True).stdout
        rendered = re.sub(r".\x08", "", rendered)
        for other in re.findall(r"\b((?:weir|feedsync)[\w.-]*\(\d\))", rendered):
            if other not in names:
                yield f"{name}: {other} is not among the pages"


RULES = (links, reachable, paths, command_line, formats, configuration, messages, conditions, metrics, glossary, libraries, rooms, measured, short_readme, changes, kinds, followed,
         first_screen, sentences, manuals)

if __name__ == "__main__":
    found = [f"{rule.__name__}: {message}" for rule in RULES for message in rule()]
    print(*sorted(set(found)), sep="\n")
    print(f"{len(PAGES)} pages, {len(MANUALS)} manual pages, {len(set(found))} findings")
    sys.exit(bool(found))
