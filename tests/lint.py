#!/usr/bin/python3
"""Looks at all C sources with clang-format (.clang-format) and clang-tidy (.clang-tidy), warnings as errors.

    tests/lint.py BUILD [FILE...]    BUILD is a build folder with compile_commands.json; only these files if any are given

What was clean is remembered in ${XDG_CACHE_HOME:-~/.cache}/weir/lint under a key of all that it depends on: the tool, the
configuration, the command that compiles it, and the content of the file and of all that it includes. So only what has
changed is looked at again. Prints what is found and a last line of counts; exits 0 only if nothing was.
"""
import concurrent.futures, functools, glob, hashlib, json, os, re, shlex, subprocess, sys, time

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), ".."))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "weir/lint")
KEPT_S = 30 * 86400  # what nobody asked for in so long is forgotten
MAX_NOLINT = 15
FOLDERS = ("libweir", "plugin", "feedsync", "tests")


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, cwd=TOP, **options)


@functools.cache
def content(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def compiled(build):
    """{file: the options that it is compiled with}"""
    with open(os.path.join(build, "compile_commands.json")) as f:
        entries = json.load(f)
    files = {}
    for entry in entries:
        words = shlex.split(entry["command"])
        begin = next(i for i, word in enumerate(words) if word.startswith("-"))
        files.setdefault(os.path.relpath(entry["file"], TOP), words[begin:words.index("-o")])
    return files


def key(path, options, tool):
    """Of all that the result depends on; None if the file cannot be compiled."""
    rule = run("clang", "-w", "-M", *options, path)
    if rule.returncode != 0:
        return None
    read = sorted(set(rule.stdout.replace("\\\n", " ").split()[1:]))
    parts = [tool, " ".join(options).replace(TOP, ".")]
    parts += [f"{os.path.relpath(os.path.join(TOP, name), TOP)} {content(os.path.join(TOP, name))}" for name in read]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tidy(path, options, build, tool):
    """What clang-tidy says of a file: "" if that is nothing."""
    known = key(path, options, tool)
    stamp = known and os.path.join(CACHE, known)
    if stamp and os.path.exists(stamp):
        os.utime(stamp)
        return ""
    result = run("clang-tidy", "-p", build, "--quiet", "--warnings-as-errors=*", path, timeout=900)
    if result.returncode != 0:
        return result.stdout + (result.stderr if not result.stdout else "")
    if stamp:
        open(stamp, "w").close()
    return ""


def exceptions(paths):
    """Each NOLINT names its check and says why."""
    found, wrong = 0, []
    for path in paths:
        with open(os.path.join(TOP, path)) as f:
            for number, line in enumerate(f, 1):
                if "NOLINT" in line and "NOLINTEND" not in line:
                    found += 1
                    if not re.search(r"NOLINT(NEXTLINE|BEGIN)?\([a-z][\w.,-]+\): \w+", line):
                        wrong.append(f"{path}:{number}: a NOLINT names its check and says why: NOLINT(check): reason\n")
    if found > MAX_NOLINT:
        wrong.append(f"{found} times NOLINT: no more than {MAX_NOLINT}\n")
    return wrong


def main():
    build = os.path.abspath(sys.argv[1])
    os.makedirs(CACHE, exist_ok=True)
    for stamp in glob.glob(os.path.join(CACHE, "*")):
        if os.path.getmtime(stamp) < time.time() - KEPT_S:
            os.unlink(stamp)
    with open(os.path.join(TOP, ".clang-tidy")) as f:
        tool = run("clang-tidy", "--version").stdout + f.read()
    files = compiled(build)
    wanted = [os.path.relpath(name, TOP) for name in sys.argv[2:]]
    sources = wanted or sorted(os.path.relpath(path, TOP) for folder in FOLDERS
                               for path in glob.glob(os.path.join(TOP, folder, "**", "*.[ch]"), recursive=True))
    failed = 0

    def tell(words):
        nonlocal failed
        failed += 1
        print(words, end="", flush=True)

    said = run("clang-format", "--dry-run", "--Werror", *sources)
    if said.returncode != 0:
        tell(said.stderr)
    for words in exceptions(sources):
        tell(words)
    looked = [path for path in sources if path in files]
    for path in sources:
        if path.endswith(".c") and path not in files:
            tell(f"{path}: is not compiled in {build}\n")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for words in pool.map(lambda path: tidy(path, files[path], build, tool), looked):
            if words:
                tell(words)
    print(f"{len(sources)} sources, {len(looked)} compiled, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
