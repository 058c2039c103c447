#!/usr/bin/python3
"""Changes the sources of libweir and plugin/core, one small mistake at a time, and looks whether a unit test notices. A mistake
that none notices is a survivor: a test is missing, or the line is not needed. By hand; not part of run.sh.

  tests/mutate.py [--list] [FILE[:LINE]...]

Tries all mistakes, or those of the files and lines named. What came of each is written to build/mutation/results: a run that was
stopped goes on there. A mistake is tried again when its function has changed, a survivor also when a test has.

A mistake that the compiler makes the same code of is none. For any other one the tests that execute its line run until one fails:
those of the file first, the cheapest first. What survives the cheap ones is tried by all, with sanitizers. All that happens on
a copy below build/, with a /tmp and processes that are the run's own, on one core.

tests/mutate_explained.tsv lists survivors that are no fault. Prints each other one as FILE:LINE: what stood there -> what stood
there instead, and the score. Exits 1 if there is one, or, once all have been tried, if an explanation explains none."""
import argparse, collections, filecmp, functools, glob, hashlib, json, math, os, re, resource, shutil, signal, subprocess, sys, time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
WORK = os.path.join(TOP, "build", "mutation")
COPY = os.path.join(WORK, "source")
ROOMS = ("libweir/*.c", "plugin/core/*.c")
EXPLAINED = os.path.join(TOP, "tests", "mutate_explained.tsv")
PROGRAMS = re.compile(r"^(test_(?:libweir|plugin_core)_\w+): ", re.M)
ONLY = """#include <stdlib.h>
void cmocka_set_test_filter(const char *pattern);
static __attribute__((constructor)) void run_only(void) { cmocka_set_test_filter(getenv("ONLY")); }
"""
BUILDS = [("plain", "-O0", "", 0.25), ("sanitized", "-O1", "address,undefined", math.inf)]  # the last: seconds that a case may cost
MEMORY, DISK = 4 << 30, 1 << 30  # octets that a mistaken test may take

Mistake = collections.namedtuple("Mistake", "file line kind start before after text place")

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


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@functools.lru_cache
def source_of(file):
    with open(os.path.join(COPY, file)) as f:
        return f.read()


def mistakes_in(file):
    text = source_of(file)
    code = code_of(text)

    def mistake(kind, start, end, after):
        line = text[text.rfind("\n", 0, start) + 1:text.find("\n", start)].strip()
        begin, stop = code.rfind("\n}", 0, start) + 1, code.find("\n}", start)  # of the function, or what stands there
        place = f"{digest(' '.join(code[begin:stop].split()))} {len(' '.join(code[begin:start].split()))}"
        return Mistake(file, text.count("\n", 0, start) + 1, kind, start, text[start:end], after, line, place)

    for kind, swaps in SWAPS:
        for before, after in swaps.items():
            for match in re.finditer(re.escape(before), code):
                yield mistake(kind, *match.span(), after)
    for match in NUMBER.finditer(code):
        number = int(match.group(), 8 if re.fullmatch("0[0-7]+", match.group()) else 0)
        yield mistake("constant", *match.span(), str(number + 1))
    for match in re.finditer(r"(?<=[ (])!(?=[\w(])", code):
        yield mistake("negation", *match.span(), "")
    for match in re.finditer(r"^(\t+)(.+)$", code, flags=re.M):
        if STATEMENT.match(match.group()) and not DECLARATION.match(match.group()):
            yield mistake("removed", *match.span(2), ";")


def change_of(mistake):
    return "removed" if mistake.kind == "removed" else f"{mistake.before.strip()} -> {mistake.after.strip() or 'nothing'}"


def take_private_place():
    """Starts this script again where a mistaken test harms nobody: with a /tmp and with processes that are its own."""
    if "WEIR_MUTATE" in os.environ:
        return
    os.environ["WEIR_MUTATE"] = os.path.join(WORK, "tmp")
    os.makedirs(os.environ["WEIR_MUTATE"], exist_ok=True)
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *user, "sh", "-c", 'mount --bind "$WEIR_MUTATE" /tmp && "$@"', "sh", sys.executable, *sys.argv])


def empty_private_tmp():
    for path in glob.glob("/tmp/*"):
        shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def make_copy():
    """The sources that are in git, as they are now. What is the same keeps its time: it need not be built again."""
    for file in call("git", "-C", TOP, "ls-files").splitlines():
        source, copy = os.path.join(TOP, file), os.path.join(COPY, file)
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        if os.path.isfile(source) and not (os.path.isfile(copy) and filecmp.cmp(source, copy, shallow=False)):
            shutil.copy(source, copy)


class Build:
    """The tests as they are, and with an object in them that has a mistake. A case is a program of tests and one test in it."""

    def __init__(self, name, flags, sanitizers, most=math.inf):
        self.name, self.sanitizers, self.most, self.directory = name, sanitizers, most, os.path.join(WORK, name)
        call("cmake", "-G", "Ninja", "-S", COPY, "-B", self.directory, "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS_DEBUG={flags}",
             f"-DWEIR_SANITIZE={sanitizers}", "-DWEIR_TESTS=ON")
        programs = sorted(set(PROGRAMS.findall(call("ninja", "-C", self.directory, "-t", "targets", "all"))))
        call("ninja", "-C", self.directory, "-j", "1", *programs)
        with open(os.path.join(self.directory, "compile_commands.json")) as f:
            self.compiles = {os.path.relpath(entry["file"], COPY): entry["command"] for entry in json.load(f)}
        self.links = {program: call("ninja", "-C", self.directory, "-t", "commands", program).splitlines()[-1] for program in programs}
        with open(os.path.join(self.directory, "only.c"), "w") as f:
            f.write(ONLY)
        self.shell("cc -c only.c")
        self.cases = [(program, case) for program in programs for case in self.cases_of(program)]
        self.seconds = {}  # of the processor, and by the clock, that each case takes

    def shell(self, command):
        return subprocess.run(command, shell=True, cwd=self.directory, stderr=subprocess.DEVNULL).returncode == 0

    def cases_of(self, program):
        self.link(program, "only.o", f"only_{program}")
        told = subprocess.run([os.path.join(self.directory, f"only_{program}")], capture_output=True, text=True, env=dict(os.environ, CMOCKA_MESSAGE_OUTPUT="xml"))
        empty_private_tmp()
        return re.findall(r'<testcase name="(\w+)"', told.stdout)

    def link(self, program, objects, output):
        """Objects stand before the libraries: what is in them is not taken from there."""
        return self.shell(self.links[program].replace(f" -o tests/{program} ", f" {objects} -o {output} "))

    def compile(self, file, text, more=""):
        """The object of a text in the place of a file; None if it does not compile."""
        with open(os.path.join(self.directory, "mutant.c"), "w") as f:
            f.write(text)
        if not self.shell(re.sub(r" -o \S+ -c \S+$", f" -w {more} -o mutant.o -c mutant.c", self.compiles[file])):
            return None
        with open(os.path.join(self.directory, "mutant.o"), "rb") as f:
            return f.read()

    @functools.lru_cache
    def unchanged(self, file, more=""):
        return self.compile(file, source_of(file), more)

    def passes(self, output, case, processor=100, clock=600):
        """Whether a case passes that may take so many seconds."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
            resource.setrlimit(resource.RLIMIT_FSIZE, (DISK, DISK))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if not self.sanitizers:  # they reserve all there is
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

        child = subprocess.Popen([os.path.join(self.directory, output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=limit, start_new_session=True,
                                 env=dict(os.environ, ONLY=case, ASAN_OPTIONS=f"detect_stack_use_after_return=1:hard_rss_limit_mb={MEMORY >> 20}"))
        try:
            return child.wait(clock) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
            empty_private_tmp()

    def measure(self):
        for program, case in self.cases:
            before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            if not any(self.passes(f"only_{program}", case) for _ in range(3)):  # some have to do with time
                sys.exit(f"{program} ({self.name}): {case} fails as it is")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            self.seconds[program, case] = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - begun)

    def notices(self, program, case):
        """Whether a case fails with the mistaken object in it. The clock is only for one that sleeps for ever."""
        processor, clock = self.seconds[program, case]
        return not self.passes(f"mutant_{program}", case, math.ceil(1 + 4 * processor), 10 + 10 * clock)


class Reach:
    """Which cases execute which line."""

    def __init__(self):
        build = Build("coverage", "-O0 --coverage", "")
        self.functions, self.lines = collections.defaultdict(set), collections.defaultdict(lambda: collections.defaultdict(set))
        self.take_counts(build, None)  # of what ran before
        for program, case in build.cases:
            build.passes(f"only_{program}", case)
            self.take_counts(build, (program, case))

    def take_counts(self, build, case):
        counts = glob.glob(os.path.join(build.directory, "**", "*.gcda"), recursive=True)
        for document in call("gcov", "--json-format", "--stdout", *counts).splitlines() if case and counts else ():
            for counted in json.loads(document)["files"]:
                file = os.path.relpath(os.path.join(build.directory, counted["file"]), COPY)
                self.functions[file].update((function["start_line"], function["end_line"]) for function in counted["functions"])
                for line in counted["lines"]:
                    self.lines[file][line["line_number"]].update([case] if line["count"] else [])
        for path in counts:
            os.remove(path)

    def cases(self, mistake):
        """Those that execute its line, or else the nearest line before it in its function that is code; outside functions, those
        that execute any line of its file."""
        lines = self.lines[mistake.file]
        for start, end in self.functions[mistake.file]:
            if start <= mistake.line <= end:
                return lines[max(line for line in lines if start <= line <= mistake.line)]
        return set().union(*lines.values())


class Results:
    """What came of a mistake in a build: "not compiled", "same code", "noticed" or "survived"."""

    def __init__(self):
        self.path, self.outcomes = os.path.join(WORK, "results"), {}
        self.tests = digest("".join(source_of(file) for file in call("git", "-C", TOP, "ls-files", "tests/unit/libweir", "tests/unit/plugin").splitlines()))
        if os.path.exists(self.path):
            with open(self.path) as f:
                self.outcomes = dict(line.rstrip("\n").rsplit("\t", 1) for line in f)

    def key(self, build, mistake):
        return f"{build}\t{mistake.file}\t{mistake.place}\t{change_of(mistake)}"

    def get(self, build, mistake):
        outcome = self.outcomes.get(self.key(build, mistake))
        return "survived" if outcome == f"survived {self.tests}" else None if outcome and outcome.startswith("survived") else outcome

    def was_tried(self, build, mistake):
        return self.key(build, mistake) in self.outcomes

    def put(self, build, mistake, outcome):
        written = f"survived {self.tests}" if outcome == "survived" else outcome
        self.outcomes[self.key(build, mistake)] = written
        with open(self.path, "a") as f:
            f.write(f"{self.key(build, mistake)}\t{written}\n")


class Trial:
    def __init__(self):
        self.reach = Reach()

    def outcome(self, build, mistake):
        text = source_of(mistake.file)
        text = text[:mistake.start] + mistake.after + text[mistake.start + len(mistake.before):]
        unchanged, mistaken = build.unchanged(mistake.file), build.compile(mistake.file, text)
        if mistaken is None:
            return "not compiled"
        if mistaken == unchanged:
            return "same code"
        own = "test_" + re.sub(r"[/.]", "_", mistake.file[:-2])
        linked = set()
        for program, case in sorted(self.reach.cases(mistake), key=lambda case: (case[0] != own, build.seconds[case][0])):
            if program.startswith("test_plugin") != mistake.file.startswith("plugin") or build.seconds[program, case][0] > build.most:
                continue  # the tests of libweir know nothing of the plugin, and need none
            if program not in linked and not build.link(program, "only.o mutant.o", f"mutant_{program}") or build.notices(program, case):
                return "noticed"
            linked.add(program)
        return "same code" if build.unchanged(mistake.file, "-O2") == build.compile(mistake.file, text, "-O2") else "survived"


def chosen(words):
    files, lines = [], set()
    for word in words:
        file, _, line = word.partition(":")
        files.append(file)
        if line:
            lines.add((file, int(line)))
    files = files or call("git", "-C", TOP, "ls-files", *ROOMS).splitlines()
    return [m for file in dict.fromkeys(files) for m in mistakes_in(file) if not lines or (m.file, m.line) in lines]


def explanations():
    """Rows of file, line and change, in each of which * stands for anything, with the pattern of what they explain."""
    with open(EXPLAINED) as f:
        rows = [line.split("\t")[:3] for line in f if not line.startswith("#")]
    return {" | ".join(row): re.compile("\t".join(".*".join(map(re.escape, field.split("*"))) for field in row)) for row in rows}


def explained(mistakes):
    """Which row explains which of them."""
    rows = explanations()
    described = {m: "\t".join((m.file, m.text, change_of(m))) for m in mistakes}
    return {m: row for m in mistakes for row, pattern in rows.items() if pattern.fullmatch(described[m])}


def report(results, mistakes, survivors, whole):
    """Prints what is left, and the score. Returns the exit code."""
    why = explained(survivors)
    left = sorted(m for m in survivors if m not in why)
    for m in left:
        print(f"{m.file}:{m.line}: {change_of(m)}: {m.text}")
    idle = explanations().keys() - set(why.values()) if whole else ()
    for row in sorted(idle):
        print(f"{EXPLAINED}: explains no survivor: {row}")
    counts = collections.Counter("left" if m in left else "explained" if m in why else
                                 next(outcome for outcome in (results.get(name, m) for name, *_ in reversed(BUILDS)) if outcome) for m in mistakes)
    print(f"{len(mistakes)} mistakes: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items())))
    return 1 if left or idle else 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--list", action="store_true")
    parser.add_argument("places", nargs="*")
    arguments = parser.parse_args()
    take_private_place()
    make_copy()
    mistakes = chosen(arguments.places)
    if arguments.list:
        for m in mistakes:
            print(f"{m.file}:{m.line}: {change_of(m)}")
        return 0
    results, trial, left, settled = Results(), None, mistakes, []
    for name, *how in BUILDS:
        if any(results.get(name, m) is None for m in left):
            trial, build = trial or Trial(), Build(name, *how)
            build.measure()
        for m in sorted(left, key=lambda m: results.was_tried(name, m)):  # what has never been tried comes first
            if results.get(name, m) is None:
                results.put(name, m, trial.outcome(build, m))
        left = [m for m in left if results.get(name, m) == "survived"]
        why = explained(left)
        settled += why
        left = [m for m in left if m not in why]
    return report(results, mistakes, settled + left, not arguments.places)


if __name__ == "__main__":
    sys.exit(main())
