#!/usr/bin/python3
"""Changes the sources of libweir and plugin/core, one small mistake at a time, and looks whether a unit test notices. A mistake
that none notices is a survivor: a test is missing, or the line is not needed. By hand; not part of run.sh.

  tests/mutate.py [--list] [FILE[:LINE]...]

Tries all mistakes, or those of the files and lines named. What came of each is written to build/mutation/results: a run that was
stopped goes on there. A mistake is tried again when its function has changed, a survivor also by the tests that have.

For each mistake the tests that execute its line run until one fails: those of the file first, the cheapest first. What survives
the cheap ones is tried by all, with sanitizers. A mistake that the compiler makes the same code of is none. All that happens on a
copy below build/, with a /tmp and processes that are the run's own, on one core. What a test executes, and how long it takes, is
found out once for each program of tests.

Many mistakes are compiled at once: each as a copy of its function, under another name, to which the beginning of the function is
made to jump before the tests. That is done for x86-64 only.

tests/mutate_explained.tsv lists survivors that are no fault. Prints each other one as FILE:LINE: what stood there -> what stood
there instead, and the score. Exits 1 if there is one, or, once all have been tried, if an explanation explains none."""
import argparse, bisect, collections, filecmp, functools, glob, hashlib, itertools, json, math, os, re, resource, shutil, signal, subprocess, sys, time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
WORK = os.path.join(TOP, "build", "mutation")
COPY = os.path.join(WORK, "source")
ROOMS = ("libweir/*.c", "plugin/core/*.c")
EXPLAINED = os.path.join(TOP, "tests", "mutate_explained.tsv")
PROGRAMS = re.compile(r"^(test_(?:libweir|plugin_core)_\w+): ", re.M)
RUNNER = os.path.join(TOP, "tests", "mutate_runner.c")
# The last: seconds that a case may cost, one of other tests and one of the file's own.
BUILDS = [("plain", "-O0", "", (0.1, 2)), ("sanitized", "-O1", "address,undefined", (math.inf, math.inf))]
MEMORY, DISK = 4 << 30, 1 << 30  # octets that a mistaken test may take
BATCH = 64  # mistakes that are compiled at once

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


@functools.lru_cache
def code_in(file):
    return code_of(source_of(file))


def mistakes_in(file):
    text, code = source_of(file), code_in(file)

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


@functools.lru_cache(None)
def function_of(mistake):
    """Where its function begins and ends, and where the name ends in it; None outside functions, and in one that is always inline:
    there is nothing of it that could jump."""
    code = code_in(mistake.file)
    body, end = code.rfind("\n{\n", 0, mistake.start), code.find("\n}\n", mistake.start)
    if body <= code.rfind("\n}", 0, mistake.start) or end < 0:
        return None
    begin = max(code.rfind(between, 0, body) + len(between) for between in ("\n\n", ";\n", "}\n"))
    begin += len(code[begin:]) - len(code[begin:].lstrip())
    if "always_inline" in code[begin:body]:
        return None
    return begin, end + 3, re.search(r"\w(?=\()", code[begin:body]).end()


def changed_by(mistake):
    """The text of its file with the mistake."""
    text = source_of(mistake.file)
    return text[:mistake.start] + mistake.after + text[mistake.start + len(mistake.before):]


def text_of_variants(file, mistakes):
    """The text of the file with copies of functions, one for each mistake, and a list of them. With the last line of each, from
    that of the file itself. noipa: nobody calls a function inline, since then there is no jump."""
    text, copies, rows = source_of(file), [], []
    for number, m in enumerate(mistakes):
        begin, end, name = function_of(m)
        copy = changed_by(m)[begin:end + len(m.after) - len(m.before)]
        copies.append(f"__attribute__((noipa)) {copy[:name]}__{number}{copy[name:]}")
        function = re.search(r"\w+$", copy[:name]).group()
        rows.append(f"{{(void *){function}, (void *){function}__{number}}},\n")
    for begin in sorted({function_of(m)[0] for m in mistakes}, reverse=True):
        text = f"{text[:begin]}__attribute__((noipa)) {text[begin:]}"
    last = list(itertools.accumulate(part.count("\n") for part in [text, *copies]))
    return "".join([text, *copies, '__attribute__((visibility("default"))) void *const variants[][2] = {\n', *rows, "};\n"]), last


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

    def __init__(self, name, flags, sanitizers, most=(math.inf, math.inf)):
        self.name, self.sanitizers, self.most, self.directory = name, sanitizers, most, os.path.join(WORK, name)
        call("cmake", "-G", "Ninja", "-S", COPY, "-B", self.directory, "-DCMAKE_BUILD_TYPE=Debug", f"-DCMAKE_C_FLAGS_DEBUG={flags}",
             f"-DWEIR_SANITIZE={sanitizers}", "-DWEIR_TESTS=ON")
        self.programs = programs = sorted(set(PROGRAMS.findall(call("ninja", "-C", self.directory, "-t", "targets", "all"))))
        with open(os.path.join(self.directory, "compile_commands.json")) as f:
            self.compiles = {os.path.relpath(entry["file"], COPY): entry["command"] for entry in json.load(f)}
        commands = call("ninja", "-C", self.directory, "-t", "commands", *programs).splitlines()
        self.links = {re.search(r" -o tests/(\S+) ", command).group(1): command for command in commands if " -o tests/test_" in command}
        call("cc", "-D_GNU_SOURCE", "-c", "-o", os.path.join(self.directory, "runner.o"), RUNNER)

    def shell(self, command):
        return subprocess.run(command, shell=True, cwd=self.directory, stderr=subprocess.DEVNULL).returncode == 0

    @functools.lru_cache
    def make(self, program):
        call("ninja", "-C", self.directory, "-j", "1", program)

    def link(self, program, objects, output):
        """Objects stand before the libraries: what is in them is not taken from there."""
        self.make(program)
        return self.shell(self.links[program].replace(f" -o tests/{program} ", f" {objects} -o {output} "))

    def run_compiler(self, file, text, name, more):
        """Makes NAME.o of a text in the place of a file. Returns what the compiler says, "" if it compiles."""
        with open(os.path.join(self.directory, f"{name}.c"), "w") as f:
            f.write(text)
        command = re.sub(r" -o \S+ -c \S+$", f" -w {more} -o {name}.o -c {name}.c", self.compiles[file])
        done = subprocess.run(command, shell=True, cwd=self.directory, stderr=subprocess.PIPE, text=True)
        return done.stderr or "it fails" if done.returncode else ""

    def compile(self, file, text):
        """The code that a text in the place of a file becomes."""
        said = self.run_compiler(file, text, "single", "-O2")
        if said:
            sys.exit(f"{file}: {said}")
        with open(os.path.join(self.directory, "single.o"), "rb") as f:
            return f.read()

    @functools.lru_cache
    def unchanged(self, file):
        return self.compile(file, source_of(file))

    def compile_variants(self, file, mistakes):
        """Makes mutant.o of a file, in which each of these mistakes is in a copy of its function; or of one mistake that is in no
        function. Returns those that compile: the number of each is that of its variant."""
        said = "not tried"
        while mistakes and said:
            text, last = text_of_variants(file, mistakes) if function_of(mistakes[0]) else (changed_by(mistakes[0]), [0, math.inf])
            said = self.run_compiler(file, text, "mutant", "-falign-functions=16")
            wrong = {bisect.bisect_left(last, int(line)) - 1 for line in re.findall(r"^mutant\.c:(\d+):\d+: error", said, re.M)}
            if said and (not wrong or min(wrong) < 0):
                sys.exit(f"{file}: {said}")
            mistakes = [m for number, m in enumerate(mistakes) if number not in wrong]
        return mistakes

    def pass_all(self, output, cases, clock=600, variant=None):
        """Whether all these cases of a program pass, each of which may take so many seconds of the processor."""
        limits = {"CASES": " ".join(f"{case} {int(most * 1e6)}" for case, most in cases.items()), "SECONDS": math.ceil(sum(cases.values())), "DISK": DISK}
        if not self.sanitizers:  # they reserve all there is
            limits["MEMORY"] = MEMORY
        if variant is not None:
            limits["VARIANT"] = variant
        child = subprocess.Popen([os.path.join(self.directory, output)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                                 env=dict(os.environ, ASAN_OPTIONS=f"detect_stack_use_after_return=1:hard_rss_limit_mb={MEMORY >> 20}",
                                          **{name: str(most) for name, most in limits.items()}))
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


class Reach:
    """Which cases of which program execute which line, and how long they take. The tests of libweir know nothing of the plugin, and
    need none."""

    def __init__(self, tests):
        self.build, self.tests, self.seconds = Build("coverage", "-O0 --coverage", ""), tests, {}

    @functools.lru_cache
    def of_file(self, file):
        """Where the functions of a file begin and end, and the cases that execute each of its lines."""
        functions, lines = set(), collections.defaultdict(set)
        for program in self.build.programs:
            if program.startswith(f"test_{file.split('/', 1)[0]}"):
                seconds, counts = self.found_once(program, file)
                self.seconds.update(((program, case), took) for case, took in seconds.items())
                _, begin_end, cases_of = counts.get(file, (None, [], {}))
                functions.update(map(tuple, begin_end))
                for line, cases in cases_of.items():
                    lines[int(line)].update((program, case) for case in cases)
        return functions, lines

    def found_once(self, program, file):
        """What a run of the program has shown, in the words of JSON; a new run if the program's tests have changed, or the file."""
        path = os.path.join(self.build.directory, f"{program}.reach")
        if os.path.exists(path):
            with open(path) as f:
                tests, seconds, counts = json.load(f)
            if tests == self.tests[program] and counts.get(file, [digest(source_of(file))])[0] == digest(source_of(file)):
                return seconds, counts
        seconds, counts = self.run_cases(program, file.split("/", 1)[0])
        with open(path, "w") as f:
            json.dump([self.tests[program], seconds, counts], f)
        return self.found_once(program, file)

    def run_cases(self, program, room):
        """The seconds of the processor, and by the clock, that each case takes. And for each file its digest, where its functions
        begin and end, and the cases that execute each of its lines."""
        self.build.make(program)
        functions, lines, seconds = collections.defaultdict(dict), collections.defaultdict(lambda: collections.defaultdict(list)), {}
        self.build.link(program, "runner.o", f"own_{program}")
        for case in call(os.path.join(self.build.directory, f"own_{program}")).split():
            self.take_counts("*")  # of what ran before
            before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            if not any(self.build.pass_all(f"own_{program}", {case: 100}) for _ in range(3)):  # some have to do with time
                sys.exit(f"{program}: {case} fails as it is")
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            seconds[case] = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - begun)
            for counted in self.take_counts(room):
                file = os.path.relpath(os.path.join(self.build.directory, counted["file"]), COPY)
                functions[file].update(((function["start_line"], function["end_line"]), None) for function in counted["functions"])
                for line in counted["lines"]:
                    cases = lines[file][line["line_number"]]
                    if line["count"] and case not in cases:
                        cases.append(case)
        return seconds, {file: (digest(source_of(file)), list(functions[file]), lines[file]) for file in lines if file.startswith(room)}

    def take_counts(self, room):
        counts = glob.glob(os.path.join(self.build.directory, "**", "*.gcda"), recursive=True)
        wanted = [path for path in counts if path.startswith(os.path.join(self.build.directory, room, ""))]
        told = call("gcov", "--json-format", "--stdout", *wanted).splitlines() if wanted else ()
        for path in counts:
            os.remove(path)
        return [counted for document in map(json.loads, told) for counted in document["files"]]

    def cases(self, mistake):
        """Those that execute its line, or else the nearest line before it in its function that is code; outside functions, those
        that execute any line of its file."""
        functions, lines = self.of_file(mistake.file)
        for start, end in functions:
            if start <= mistake.line <= end:
                return lines[max(line for line in lines if start <= line <= mistake.line)]
        return set().union(*lines.values())


class Results:
    """What came of a mistake in a build: "not compiled", "same code", "noticed" or "survived"."""

    def __init__(self):
        self.path, self.outcomes = os.path.join(WORK, "results"), {}
        files = call("git", "-C", TOP, "ls-files", "tests/unit/libweir", "tests/unit/plugin").splitlines()
        programs = {program_of(file): digest(source_of(file)) for file in files if file.endswith(".c")}
        self.tests = digest(json.dumps(programs, sort_keys=True))
        self.known = self.read_tests()
        if self.tests not in self.known:
            self.known[self.tests] = programs
            with open(os.path.join(WORK, "tests"), "w") as f:
                json.dump(self.known, f)
        if os.path.exists(self.path):
            with open(self.path) as f:
                self.outcomes = dict(line.rstrip("\n").rsplit("\t", 1) for line in f)

    def read_tests(self):
        """The digests of the programs of tests at earlier times."""
        try:
            with open(os.path.join(WORK, "tests")) as f:
                return json.load(f)
        except FileNotFoundError:
            return {}

    def key(self, build, mistake):
        return f"{build}\t{mistake.file}\t{mistake.place}\t{change_of(mistake)}"

    def get(self, build, mistake):
        outcome = self.outcomes.get(self.key(build, mistake))
        return "survived" if outcome == f"survived {self.tests}" else None if outcome and outcome.startswith("survived") else outcome

    def was_tried(self, build, mistake):
        return self.key(build, mistake) in self.outcomes

    def survived_by(self, build, mistake):
        """The programs of tests that have not changed since the mistake survived them."""
        _, _, tests = self.outcomes.get(self.key(build, mistake), "").partition(" ")
        then, now = self.known.get(tests, {}), self.known[self.tests]
        return {program for program in now if then.get(program) == now[program]}

    def put(self, build, mistake, outcome):
        written = f"survived {self.tests}" if outcome == "survived" else outcome
        self.outcomes[self.key(build, mistake)] = written
        with open(self.path, "a") as f:
            f.write(f"{self.key(build, mistake)}\t{written}\n")


def program_of(file):
    """The program of a file of tests, as test_libweir_name of tests/unit/libweir/test_name.c."""
    return "test_" + re.sub("^tests/unit/|/test_|[.]c$|/", lambda match: "_" if match.group() in ("/", "/test_") else "", file)


def own_tests(file, programs):
    """The program of tests of a file; where it has none, those of its folder."""
    own = program_of(f"tests/unit/{file}")
    folder = os.path.join(COPY, "tests", "unit", os.path.dirname(file), "test_*.c")
    return {own} if own in programs else {program_of(os.path.relpath(path, COPY)) for path in glob.glob(folder)}


class Trial:
    def __init__(self, results):
        self.reach, self.results = Reach(results.known[results.tests]), results

    def cases_of(self, build, mistake):
        """The cases that try a mistake, with the seconds that they take, by program; in the order in which they are tried."""
        own, passed, cases = own_tests(mistake.file, build.programs), self.results.survived_by(build.name, mistake), collections.defaultdict(dict)
        for program, case in sorted(self.reach.cases(mistake), key=self.reach.seconds.get):
            seconds = self.reach.seconds[program, case]
            if program not in passed and seconds[0] <= build.most[program in own]:
                cases[program][case] = seconds
        return sorted(cases.items(), key=lambda item: (item[0] not in own, sum(seconds[0] for seconds in item[1].values())))

    def outcome(self, build, mistake, variant, linked):
        """What comes of a mistake whose object is made. `linked`: the programs that have it already."""
        for program, cases in self.cases_of(build, mistake):
            if program not in linked and not build.link(program, "runner.o mutant.o", f"mutant_{program}"):
                sys.exit(f"{program} cannot be linked with the object of {mistake.file}")
            linked.add(program)
            # As long as it takes, and more: sanitizers are slow. The clock is only for one that sleeps for ever.
            most = {case: (1 + 20 * processor if build.sanitizers else 0.2 + 4 * processor) for case, (processor, _) in cases.items()}
            if not build.pass_all(f"mutant_{program}", most, 10 + 20 * sum(clock for _, clock in cases.values()), variant):
                return "noticed"
        if self.results.was_tried(build.name, mistake):
            return "survived"
        return "same code" if build.unchanged(mistake.file) == build.compile(mistake.file, changed_by(mistake)) else "survived"

    def try_batch(self, build, file, mistakes):
        """Tries mistakes in functions of one file, or one that is in no function."""
        results, linked = self.results, set()
        untouched = [m for m in mistakes if results.was_tried(build.name, m) and not self.cases_of(build, m)]
        variants = build.compile_variants(file, [m for m in mistakes if m not in untouched])
        for m in mistakes:
            if m in untouched:
                results.put(build.name, m, "survived")
            elif m not in variants:
                results.put(build.name, m, "not compiled")
            else:
                results.put(build.name, m, self.outcome(build, m, variants.index(m) if function_of(m) else None, linked))

    def try_all(self, build, mistakes):
        """Tries mistakes. What has never been tried comes first."""
        def batch(m):
            return self.results.was_tried(build.name, m), m.file, function_of(m) is None

        for (_, file, alone), group in itertools.groupby(sorted(mistakes, key=batch), batch):
            group, at_once = list(group), 1 if alone else BATCH
            for i in range(0, len(group), at_once):
                self.try_batch(build, file, group[i:i + at_once])


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
            trial, build = trial or Trial(results), Build(name, *how)
            trial.try_all(build, [m for m in left if results.get(name, m) is None])
        left = [m for m in left if results.get(name, m) == "survived"]
        why = explained(left)
        settled += why
        left = [m for m in left if m not in why]
    return report(results, mistakes, settled + left, not arguments.places)


if __name__ == "__main__":
    sys.exit(main())
