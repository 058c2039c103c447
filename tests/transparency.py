"""Runs Unbound's own scenarios without the module and with it, and compares what passes. Started by transparency.sh, which
builds what this needs.

A scenario is a .rpl (or .crpl) file: a network and a clock made of text, played by the program testbound. A .tdir is a folder
with shell scripts that start real daemons on loopback. With the module, each gets a copy whose module-config has dynlib before
what it had; nothing else differs. What fails without the module (it needs options or programs that are not here) proves
nothing and is only counted. In each that passes with the module the log must show that the table was in force.
"""
import argparse, concurrent.futures, contextlib, ctypes, os, pathlib, random, re, shutil, signal, subprocess, sys
import tempfile, time, traceback, typing

RPL_JOBS, TDIR_JOBS = 2, 4  # the latter mostly sleep
RPL_SECONDS, TDIR_SECONDS = 60, 120
REPEATS = 3
LARGE = 1_000_000
LABEL = "weir-unrelated"  # no scenario may use it
MODULE_CONFIG = re.compile(r'^[^#;\n]*?\bmodule-config:[ \t]*"?([^"\n#]*)', re.M)
IN_FORCE = re.compile(r"weir: table \S+ in force: generation \d+, (\d+) rules")
NOT_ACTIVE = re.compile(r"weir: .*(?:NOTHING IS BLOCKED|NOT CHECKED)")


# ---- processes ----

def adopt():
    """Whatever the children of this process leave behind becomes its child: it can be ended without looking for names."""
    pr_set_child_subreaper = 36
    if ctypes.CDLL(None, use_errno=True).prctl(pr_set_child_subreaper, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_children():
    """Ends all children, and theirs, which become children as their parents end."""
    while True:
        for task in pathlib.Path("/proc/self/task").iterdir():
            for pid in (task / "children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def run(command, cwd, environment, log, seconds):
    """The exit code, or -1 when the time was up. Daemons whose parents have ended are waited for as init would: the tests'
    scripts wait until a process that they ended is gone."""
    end, code = time.monotonic() + seconds, None
    with open(log, "ab") as out:
        child = subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                 start_new_session=True)
    while code is None and time.monotonic() < end:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == child.pid:
            code = os.waitstatus_to_exitcode(status)
        elif pid == 0:
            time.sleep(0.005)
    end_children()
    child.returncode = -1 if code is None else code
    return child.returncode


# ---- one test ----

class Suite(typing.NamedTuple):
    tree: pathlib.Path  # with src/ and build/
    modules: str        # module-config where a configuration has none
    private_net: bool   # whether each .tdir gets a network of its own

    def tests(self, *suffixes):
        return sorted(p for p in (self.tree / "src/testdata").iterdir() if p.suffix in suffixes)


class Way:
    """Without the module (no table), or with it and a table."""

    def __init__(self, name, top, module=None, table=None, rules=0):
        self.name, self.module, self.rules = name, module, rules
        self.folder = top / name
        self.folder.mkdir()
        self.environment = {k: v for k, v in os.environ.items() if k != "NOTIFY_SOCKET"} | {"LC_ALL": "C"}
        if module:
            (self.folder / "run").mkdir()
            self.environment |= {"WEIR_TABLE": str(table), "WEIR_RUN": str(self.folder / "run"), "WEIR_SPARE": str(self.folder / "spare")}

    def with_module(self, config, modules):
        """The configuration with dynlib before what module-config has (the last one counts). Its dynlib-file is the first,
        as its dynlib is."""
        had = MODULE_CONFIG.findall(config)
        modules = had[-1].strip() if had else modules
        return f'dynlib:\n\tdynlib-file: "{self.module}"\n{config}\nserver:\n\tmodule-config: "dynlib {modules}"\n'

    def active(self, log):
        """Whether the log shows the module at work with its table, and never without. True for no module."""
        return not self.module or ({int(n) for n in IN_FORCE.findall(log)} == {self.rules} and not NOT_ACTIVE.search(log))


class Result(typing.NamedTuple):
    passes: bool
    active: bool


def play(suite, way, scenario):
    """A .rpl or .crpl."""
    log = way.folder / (scenario.name + ".log")
    if way.module:
        config, end, story = scenario.read_text(errors="surrogateescape").partition("CONFIG_END")
        scenario = way.folder / scenario.name
        scenario.write_text(way.with_module(config, suite.modules) + end + story, errors="surrogateescape")
    build = suite.tree / "build"
    code = run([build / "testbound", "-p", scenario], build, way.environment, log, RPL_SECONDS)
    return Result(code == 0, way.active(log.read_text(errors="replace")))


def unbound_configs(tdir):
    configs = [p for p in tdir.iterdir() if p.is_file() and ".conf" in p.name]
    return [p for p in configs if re.search(r"^\s*server:", p.read_text(errors="replace"), re.M)]


def runs_unbound(tdir):
    """Whether it starts an unbound with a configuration that can be given the module."""
    scripts = (p for p in tdir.iterdir() if p.suffix in (".pre", ".test", ".scenario"))
    return bool(unbound_configs(tdir)) and any("$PRE/unbound " in p.read_text(errors="replace") for p in scripts)


def lay_out(suite, place, tdir):
    """Its folder, from which ../.. looks like a tree that was built in its source."""
    build = place / "build"
    folder = build / "testdata" / tdir.stem
    shutil.copytree(tdir, folder)
    shutil.copy(tdir.parent / "common.sh", folder.parent)
    (place / "src").symlink_to(suite.tree / "src")
    for path in [*(suite.tree / "build").iterdir(), *(suite.tree / "src").iterdir()]:
        if not (build / path.name).exists():
            (build / path.name).symlink_to(path)
    return folder


def perform(suite, way, tdir):
    """A .tdir. Its exit code 3, "skip me", is no pass."""
    place = pathlib.Path(tempfile.mkdtemp(dir=way.folder, prefix=tdir.stem + "."))
    folder = lay_out(suite, place, tdir)
    for path in unbound_configs(folder) if way.module else []:
        path.write_text(way.with_module(path.read_text(errors="surrogateescape"), suite.modules), errors="surrogateescape")
    script = """
        [ ! -f "$1.pre" ] || bash "$1.pre" ../.. || [ $? -ne 3 ] || exit 3
        bash "$1.test" ../.. && passed=yes
        [ ! -f "$1.post" ] || bash "$1.post" ../..
        [ "$passed" ]"""
    net = ["unshare", "--user", "--map-root-user", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    command = (net if suite.private_net else []) + ["bash", "-c", script, "bash", tdir.stem]
    code = run(command, folder, way.environment, folder / "tdir.log", TDIR_SECONDS)
    said = "\n".join(p.read_text(errors="replace") for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
    if code == 0:
        shutil.rmtree(place)
    return Result(code == 0, way.active(said))


# ---- all tests ----

class Comparison:
    def __init__(self, pool, suite, function, what):
        self.pool, self.suite, self.function, self.what, self.same = pool, suite, function, what, True

    def once(self, way, test):
        return self.pool.submit(self.function, self.suite, way, test).result()

    def each(self, way, tests):
        started = time.monotonic()
        futures = {test: self.pool.submit(self.function, self.suite, way, test) for test in tests}
        results = {test: future.result() for test, future in futures.items()}
        passed = sum(r.passes for r in results.values())
        print(f"{self.what}, {way.name}: {passed} of {len(tests)} pass, {time.monotonic() - started:.0f} s", flush=True)
        return results

    def complain(self, text):
        print(f"DIFFERENCE: {text}", flush=True)
        self.same = False

    def compare(self, way, without, results):
        """That the same tests pass, the module being active in each that does."""
        for test, result in results.items():
            if result.passes != without[test].passes:
                now = "passes" if result.passes else "fails"
                self.complain(f"{test.name} {now} with the module ({way.name}); see {way.folder}")
            elif result.passes and not result.active:
                self.complain(f"{test.name} passes, but the module ({way.name}) was not active in it")

    def must_fail(self, way, test):
        """The comparison is worth nothing where a listed name changes nothing."""
        if self.once(way, test) != Result(passes=False, active=True):
            self.complain(f"{test.name} does not fail with its name listed: nothing was tested")


def scenarios(pool, suite, without, empty, large, listed):
    c = Comparison(pool, suite, play, "scenarios")
    tests = suite.tests(".rpl", ".crpl")
    results = [c.each(way, tests) for way in (without, empty, large)]
    c.compare(empty, results[0], results[1])
    c.compare(large, results[0], results[2])
    c.must_fail(listed, suite.tree / "src/testdata/iter_resolve.rpl")
    for suffix in (".rpl", ".crpl"):
        total = len(suite.tests(suffix))
        passed = [sum(r.passes for test, r in some.items() if test.suffix == suffix) for some in results]
        print(f"{total} scenarios ({suffix}): {passed[0]} pass without, {passed[1]} with an empty table, "
              f"{passed[2]} with a large one")
    return c.same


def tdirs(pool, suite, without, empty, large, listed):
    c = Comparison(pool, suite, perform, "tdir tests")
    if not suite.private_net:
        print("no network of its own for each test: two may come to use one port, and are repeated then")
    tests = [t for t in suite.tests(".tdir") if runs_unbound(t)]
    first = c.each(without, tests)
    usable = [t for t in tests if first[t].passes]
    passed = [len(usable)]
    for way in (empty, large):
        results = c.each(way, usable)
        # Real time and real sockets: some fail now and then, without the module as well.
        for test in [t for t in usable if not results[t].passes] * REPEATS:
            if not results[test].passes:
                results[test] = c.once(way, test)
                print(f"repeated: {test.name}, {way.name}: {'passes' if results[test].passes else 'fails'}", flush=True)
        c.compare(way, first, results)
        passed.append(sum(r.passes for r in results.values()))
    c.must_fail(listed, suite.tree / "src/testdata/stub_udp.tdir")
    failing = [t.stem for t in tests if not first[t].passes]
    print(f"skipped: {len(suite.tests('.tdir')) - len(tests)} tdir tests that start no resolver, {len(failing)} that fail or "
          f"cannot run without the module: {' '.join(failing)}")
    print(f"{len(tests)} tdir tests: {passed[0]} pass without, {passed[1]} with an empty table, {passed[2]} with a large one")
    return c.same


# ---- tables ----

def large_names(testdata):
    """Names that no scenario uses, half of them beside those that they use: a lookup has to go all the way to see that."""
    if any(LABEL in p.read_text(errors="replace").lower() for p in testdata.rglob("*") if p.is_file()):
        sys.exit(f"error: a scenario uses the label {LABEL}")
    numbers = random.Random(1)
    beside = ["com", "net", "org", "nl", "arpa", "example.com", "example.net", "example.org", "www.example.com", "nlnetlabs.nl"]
    for i in range(LARGE):
        label = f"{LABEL}-{numbers.getrandbits(64):016x}"
        yield f"{label}.{beside[i // 2 % len(beside)]}" if i % 2 else f"{label}.{i % 997}.{LABEL}"


def compile_table(feedsync, top, name, names):
    """The table of these names with all below them, and the number of its rules."""
    text, table = top / f"{name}.txt", top / f"{name}.weir"
    text.write_text("".join(n + "\n" for n in names))
    subprocess.run([feedsync, "compile", "-f", "domains", "--scope", "subtree", "-o", table, text], check=True,
                   capture_output=True)
    rules = subprocess.run([feedsync, "dump", table], check=True, capture_output=True).stdout.count(b"\n")
    if rules != len(text.read_text().split()):
        sys.exit(f"error: {table} has {rules} rules")
    return table, rules


def has_private_net():
    command = ["unshare", "--user", "--map-root-user", "--net", "ip", "link", "set", "lo", "up"]
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--tree", type=pathlib.Path, required=True, help="Unbound's, with src/ and build/")
    options.add_argument("--bin", type=pathlib.Path, required=True, help="where weir.so and feedsync are")
    options.add_argument("--part", choices=["rpl", "tdir", "all"], default="all")
    o = options.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    adopt()
    subnet = re.search(r"^#define CLIENT_SUBNET 1", (o.tree / "build/config.h").read_text(), re.M)
    suite = Suite(o.tree, ("subnetcache " if subnet else "") + "validator iterator", has_private_net())
    top = pathlib.Path(tempfile.mkdtemp(prefix="weir-transparency."))
    names = {"empty": [], "large": large_names(o.tree / "src/testdata"), "listed": ["example.com"]}
    tables = {name: compile_table(o.bin / "feedsync", top, name, some) for name, some in names.items()}
    same = True
    for part, function, jobs in (("rpl", scenarios, RPL_JOBS), ("tdir", tdirs, TDIR_JOBS)):
        if o.part not in (part, "all"):
            continue
        folder = top / part
        folder.mkdir()
        ways = [Way("without", folder)] + [Way(name, folder, o.bin / "weir.so", *tables[name]) for name in tables]
        with concurrent.futures.ProcessPoolExecutor(jobs, initializer=adopt) as pool:
            try:
                same = function(pool, suite, *ways) and same
            except BaseException:
                traceback.print_exc()
                end_children()
                os._exit(1)  # the pool would wait for the workers that are no more
    if same:
        shutil.rmtree(top)
    sys.exit(not same)


if __name__ == "__main__":
    main()
