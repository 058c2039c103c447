#!/usr/bin/python3
"""Changes the sources of libweir and plugin/core, one small mistake at a time, and looks whether a unit test notices. A mistake
that none notices is a survivor: a test is missing, or the line is not needed. By hand; not part of run.sh.

  tests/mutate.py [--minutes N] [--seed N] [--list] [FILE[:LINE]...]

Works on a copy below build/, for N minutes (30), on mistakes drawn at random from the files (all of both rooms): the same seed
draws the same ones. With a line, only on those of that line. Prints each survivor as FILE:LINE, what stood there and what stood
there instead, and exits 1 if there is any."""
import argparse, collections, glob, os, random, re, shutil, subprocess, sys, time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
COPY = os.path.join(TOP, "build", "mutation-source")
BUILD = os.path.join(TOP, "build", "mutation")
ROOMS = ("libweir/*.c", "libweir/build/*.c", "libweir/live/*.c", "plugin/core/*.c")
SECONDS = 60  # of a test, at most: a mistake may make it endless

Mistake = collections.namedtuple("Mistake", "file line kind start end instead")

# Operators stand between blanks: the formatter sees to that, and so unary ones are none of these.
SWAPS = [("comparison", {" < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > ", " == ": " != ", " != ": " == "}),
         ("arithmetic", {" + ": " - ", " - ": " + ", " * ": " / ", " / ": " * ", " % ": " / ", " << ": " >> ", " >> ": " << ",
                         " & ": " | ", " | ": " & ", " += ": " -= ", " -= ": " += ", " |= ": " &= ", " &= ": " |= "}),
         ("logic", {" && ": " || ", " || ": " && "})]
NUMBER = re.compile(r"(?<![\w.\"'])(0x[0-9a-fA-F]+|\d+)(?=[uU]?[lL]{0,2}\b)(?!\.)")
STATEMENT = re.compile(r"^\t+(?!return\b|goto\b|case\b|else\b)(?:[\w>.*()\[\]-]+ [-+|&^*/]?= .*|[\w>.\[\]-]+(?:\+\+|--)|\w+\(.*\)|break|continue);$")
DECLARATION = re.compile(r"^\t+(?:const |static |struct |enum |unsigned |u?int\d*|size_t|bool |char |FILE |ssize_t|double )")


def blank(match):
    """Blanks of the same shape, so that every place stays where it is."""
    return re.sub(r"[^\n]", " ", match.group())


def code_of(text):
    """The text without comments, strings and what is for the preprocessor."""
    text = re.sub(r"/\*.*?\*/", blank, text, flags=re.S)
    text = re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text)
    return re.sub(r"^[ \t]*#.*(?:\\\n.*)*$", blank, text, flags=re.M)


def number_of(text):
    return int(text, 8 if re.fullmatch("0[0-7]+", text) else 0)


def mistakes_in(file):
    with open(os.path.join(TOP, file)) as f:
        text = f.read()
    code = code_of(text)
    for kind, swaps in SWAPS:
        for before, after in swaps.items():
            for at in (m.start() for m in re.finditer(re.escape(before), code)):
                yield Mistake(file, code.count("\n", 0, at) + 1, kind, at, at + len(before), after)
    for match in NUMBER.finditer(code):
        yield Mistake(file, code.count("\n", 0, match.start()) + 1, "constant", *match.span(), str(number_of(match.group()) + 1))
    for match in re.finditer(r"(?<=[ (])!(?=[\w(])", code):
        yield Mistake(file, code.count("\n", 0, match.start()) + 1, "negation", *match.span(), "")
    at = 0
    for number, line in enumerate(code.split("\n"), 1):
        if STATEMENT.match(line) and not DECLARATION.match(line):
            indent = len(line) - len(line.lstrip("\t"))
            yield Mistake(file, number, "removed", at + indent, at + len(line), ";")
        at += len(line) + 1


def run(*command, seconds=None):
    """Returns whether it went well; None if it took too long."""
    try:
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds).returncode == 0
    except subprocess.TimeoutExpired:
        return None


def build(*targets):
    return run("cmake", "--build", BUILD, "--target", *targets)


class Tests:
    def __init__(self):
        listed = subprocess.run(["cmake", "--build", BUILD, "--target", "help"], capture_output=True, text=True).stdout
        self.all = sorted(set(re.findall(r"\b(test_(?:libweir|plugin_core)\w+)(?=:| )", listed)))

    def notice(self, file):
        """Which test notices; None if none does. That of the file itself comes first: it mostly does, and then the others need
        not even be linked. The tests of libweir know nothing of the plugin."""
        own = "test_" + re.sub(r"[/.]", "_", file[:-2])
        own = [name for name in self.all if name == own]
        others = [name for name in self.all if name not in own and name.startswith("test_plugin" if file.startswith("plugin") else "test_")]
        for names in own, others:
            if names and not build(*names):
                sys.exit(f"{names} cannot be linked")
            for name in names:
                if not run("timeout", "-k", "1", str(SECONDS), os.path.join(BUILD, "tests", name)):
                    return name
        return None


def prepare():
    """The sources that are in git, in a place of their own, so that nobody's work is touched."""
    shutil.rmtree(COPY, ignore_errors=True)
    for file in subprocess.run(["git", "ls-files"], cwd=TOP, capture_output=True, text=True, check=True).stdout.splitlines():
        if os.path.isfile(os.path.join(TOP, file)):
            os.makedirs(os.path.dirname(os.path.join(COPY, file)), exist_ok=True)
            shutil.copy(os.path.join(TOP, file), os.path.join(COPY, file))  # new, so that nothing mistaken stays built
    done = subprocess.run(["cmake", "-G", "Ninja", "-S", COPY, "-B", BUILD, "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_C_FLAGS_DEBUG=-O1", "-DWEIR_TESTS=ON"],
                          capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def object_of(file):
    """What the compiler makes of it: a mistake that changes nothing there is none. Line numbers stay as they are."""
    found = glob.glob(os.path.join(BUILD, "*", "CMakeFiles", "*", file.split("/", 1)[1] + ".o"))
    with open(found[0], "rb") as f:
        return f.read()


def drawn(arguments):
    files, lines = [], set()
    for word in arguments.files:
        file, _, line = word.partition(":")
        files.append(file)
        if line:
            lines.add((file, int(line)))
    files = files or [os.path.relpath(path, TOP) for room in ROOMS for path in sorted(glob.glob(os.path.join(TOP, room)))]
    mistakes = [m for file in dict.fromkeys(files) for m in mistakes_in(file) if not lines or (m.file, m.line) in lines]
    random.Random(arguments.seed).shuffle(mistakes)
    return mistakes


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    mistakes = drawn(arguments)
    if arguments.list:
        for m in mistakes:
            print(f"{m.file}:{m.line}: {m.kind}")
        return 0
    prepare()
    tests, counts, survivors = Tests(), collections.Counter(), []
    if not build(*tests.all) or not all(run(os.path.join(BUILD, "tests", name), seconds=SECONDS) for name in tests.all):
        sys.exit("the tests do not pass as it is")
    objects = {file: object_of(file) for file in {m.file for m in mistakes}}
    end = time.monotonic() + 60 * arguments.minutes
    for m in mistakes:
        if time.monotonic() > end:
            break
        path = os.path.join(COPY, m.file)
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text[:m.start] + m.instead + text[m.end:])
        if not build("weir", "plugin_parts"):
            counts["not compiled"] += 1
        elif object_of(m.file) == objects[m.file]:
            counts["same code"] += 1
        else:
            noticed = tests.notice(m.file)
            counts["noticed" if noticed else "survived"] += 1
            if not noticed:
                line = text[text.rfind("\n", 0, m.start) + 1:text.find("\n", m.end)].strip()
                survivors.append(m)
                print(f"{m.file}:{m.line}: {m.kind}: {text[m.start:m.end].strip()} -> {m.instead.strip() or 'nothing'}: {line}", flush=True)
        with open(path, "w") as f:
            f.write(text)
    print(f"{sum(counts.values())} of {len(mistakes)} mistakes: " + ", ".join(f"{n} {what}" for what, n in sorted(counts.items())))
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
