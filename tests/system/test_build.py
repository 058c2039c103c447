"""What was built, and what may know what."""
import glob, json, os, re, shlex, subprocess, tempfile, unittest

from lab import *

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


class Build(unittest.TestCase):
    def test_module_exports_and_needs(self):
        names = subprocess.run(["nm", "-D", "--defined-only", MODULE], capture_output=True, text=True, check=True).stdout
        self.assertEqual(sorted(line.split()[2] for line in names.splitlines()),
                         ["clear", "deinit", "get_mem", "inform_super", "init", "operate"])
        dynamic = subprocess.run(["readelf", "-d", MODULE], capture_output=True, text=True, check=True).stdout
        self.assertIn("BIND_NOW", dynamic)
        self.assertIn("SYMBOLIC", dynamic)
        needed = re.findall(r"NEEDED.*\[(.*)\]", dynamic)
        self.assertEqual([name for name in needed if not re.match(r"lib(asan|ubsan|tsan)\.", name)], ["libc.so.6"])
        relocations = subprocess.run(["readelf", "-l", MODULE], capture_output=True, text=True, check=True).stdout
        self.assertIn("GNU_RELRO", relocations)

    def test_any_unbound_can_load_it(self):
        """What is missing in an Unbound ends it where the module is loaded: it must be there in all of them."""
        with open(os.path.join(TOP, "tests/system/unbound-symbols")) as f:
            every = {line.strip() for line in f if not line.startswith("#")}
        names = subprocess.run(["nm", "-D", "--undefined-only", MODULE], capture_output=True, text=True, check=True).stdout
        libraries = {name for path in self.libraries() for name in self.exported(path)}
        needed = {line.split()[1].split("@")[0] for line in names.splitlines() if line.split()[0] == "U"}
        self.assertEqual(needed - libraries - every, set())
        self.assertTrue(needed & every)

    def libraries(self):
        """The module's own: libc, and a sanitizer's."""
        said = subprocess.run(["ldd", MODULE], capture_output=True, text=True, check=True).stdout
        return re.findall(r"(/\S+\.so\S*) \(", said)

    def exported(self, path):
        names = subprocess.run(["nm", "-D", "--defined-only", path], capture_output=True, text=True, check=True).stdout
        return [line.split()[-1].split("@")[0] for line in names.splitlines()]

    def test_no_module_for_an_unbound_that_renames_functions(self):
        """Options whose macros rename what the module would call: cmake refuses such an Unbound."""
        built = os.path.dirname(UNBOUND)
        with open(os.path.join(built, "config.h")) as f:
            config = f.read()
        for option in ("UNBOUND_ALLOC_STATS", "UNBOUND_ALLOC_LITE", "ENABLE_LOCK_CHECKS"):
            with tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "config.h"), "w") as f:
                    f.write(config.replace(f"/* #undef {option} */", f"#define {option} 1"))
                done = subprocess.run(["cmake", "-S", TOP, "-B", os.path.join(folder, "build"), "-G", "Ninja", f"-DUNBOUND_BUILD_DIR={folder}",
                                       f"-DUNBOUND_SOURCE_DIR={os.path.join(built, '../src')}"], capture_output=True, text=True)
                self.assertNotEqual(done.returncode, 0, option)
                self.assertIn("a module for it would end every other Unbound", " ".join(done.stderr.split()), option)

    def test_no_header_hides_another(self):
        """No header has the name of one that the compiler finds elsewhere: -I would put ours in its place, also where a
        library's own headers ask for it."""
        with open(os.path.join(BIN, "../compile_commands.json")) as f:
            commands = [shlex.split(entry["command"]) for entry in json.load(f)]
        paths = {word.removeprefix("-I") for words in commands for flag, word in zip(words, words[1:] + [""])
                 for word in ([word] if flag == "-isystem" else [flag] if flag.startswith("-I") else [])}
        for compiler in {"gcc", commands[0][0]}:
            search = subprocess.run([compiler, "-E", "-Wp,-v", "-"], input="", capture_output=True, text=True).stderr
            paths |= set(re.findall(r"^ (/.*)$", search, re.M))
        roots = {os.path.realpath(path) for path in paths if os.path.realpath(path).startswith(os.path.realpath(TOP))}
        own = {os.path.relpath(path, root): os.path.relpath(path, TOP)
               for root in roots for path in glob.glob(os.path.join(root, "**", "*.h"), recursive=True)}
        self.assertGreater(len(own), 50)
        foreign = [path for path in paths if os.path.realpath(path) not in roots]
        self.assertIn("/usr/include", foreign)
        hidden = [f"{own[name]} hides {path}/{name}" for path in foreign for name in sorted(own) if os.path.exists(os.path.join(path, name))]
        self.assertEqual(hidden, [])

    def test_banned_functions(self):
        banned = r"\b(sprintf|strcpy|strcat|strtok|sscanf|atoi|atol|alloca|gets|system|rand|localtime|assert|abort)\s*\("
        for folder in ("libweir", "plugin", "feedsync"):
            for path in glob.glob(os.path.join(TOP, folder, "**", "*.c"), recursive=True):
                with open(path) as f:
                    for number, line in enumerate(f, 1):
                        self.assertNotRegex(line, banned, f"{path}:{number}")


class Stranger(Lab):
    @unittest.skipUnless(os.environ.get("WEIR_STRANGER"), "no module for another Unbound was built")
    def test_another_unbound(self):
        """Loaded into an Unbound it was not built for, the module says so and passes everything on."""
        self.compile(["evil.example"])
        for modules in ("dynlib iterator", "dynlib validator iterator"):
            unbound = self.unbound(self.internet(), modules=modules, module=os.environ["WEIR_STRANGER"], control=True)
            self.assertRegex(unbound.log(), "not built for this unbound, NOTHING IS BLOCKED: it was configured with other options")
            for qtype in ("A", "AAAA", "MX", "ANY"):
                for options in ({}, {"tcp": True}, {"cd": True, "do": True}):
                    self.assert_passes("evil.example", qtype, **options)
                    self.assert_passes("other.example", qtype, **options)
            told, = [(c["active"], c["trouble"]) for c in self.counters() if c["pid"] == unbound.pid]  # so `status` can tell why
            self.assertFalse(told[0])
            self.assertRegex(told[1], "^the module is not built for this unbound: it was configured with other options")
            for words in (("reload",), ("stats",), ("flush_zone", "example")):
                self.assertEqual(self.unbound_control(*words).returncode, 0)
            self.assert_passes("evil.example")

    def test_other_query_states(self):
        """An Unbound that differs where only a query shows it: the module touches nothing of it any more, and `status` tells why."""
        self.compile(["evil.example"])
        unbound = self.unbound(self.internet(), module=os.path.join(os.path.dirname(BIN), "tests/other_states.so"), control=True)
        for _ in range(3):
            for qtype in ("A", "MX"):
                self.assert_passes("evil.example", qtype)
            reason = "not built for this unbound, NOTHING IS BLOCKED: its query states differ"
            self.assertEqual(unbound.log().count(reason), 1)
            wait_for(lambda: [(c["active"], c["trouble"]) for c in self.counters() if c["pid"] == unbound.pid] ==
                     [(False, "the module is not built for this unbound: its query states differ")])
            self.compile(["evil.example", "more.example"]) # nor does another table change that
