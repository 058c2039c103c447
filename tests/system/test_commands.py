"""The command line itself: help, version, unknown words, completion, colours, and the verdict of `status`."""
import pty, select, shlex

from feeds import *

TOP = os.path.dirname(os.path.dirname(HERE))


class Commands(FeedLab):
    def said(self, *words, code=0):
        """What a command prints on its right stream; nothing is on the other one."""
        result = subprocess.run([FEEDSYNC, *words], capture_output=True, text=True, timeout=30)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        right, other = (result.stdout, result.stderr) if code == 0 else (result.stderr, result.stdout)
        self.assertEqual(other, "")
        return right

    def words(self):
        found = re.findall(r"(?m)^  ([a-z]+) +\S", self.said("help").split("Commands:\n")[1])
        self.assertIn("sync", found)
        return found

    def options(self, word):
        """The options of a command, as its help lists them."""
        return re.findall(r"(?m)^  (-[-a-z]+)", self.said(word, "--help"))

    def test_help(self):
        self.assertEqual(self.said("--help"), self.said("help"))
        self.assertEqual(self.said("-h"), self.said("help"))
        for word in self.words():
            with self.subTest(word):
                told = self.said(word, "--help")
                self.assertEqual(told, self.said("help", word))
                self.assertEqual(told, self.said(word, "-h"))
                usage = re.search(rf"(?m)^Usage: feedsync (?:\[-c FILE\] )?{word}(?: (.*))?$", told)[1] or ""
                for option in set(self.options(word)) - {"-h"} if "[--OPTION VALUE]..." not in usage else ():
                    self.assertIn(option, usage, "an option that the usage does not name")
                for option in re.findall(r"(?<![\w-])--?[a-z][-a-z]*", usage):
                    self.assertIn(option, self.options(word), "an option of the usage that nothing explains")
                self.assertRegex(told, r"\nExit codes:\n  0  ")

    def test_version(self):
        with open(os.path.join(TOP, "CMakeLists.txt")) as f:
            version = re.search(r"project\(weir VERSION (\S+)", f.read())[1]
        self.assertEqual(self.said("--version"), f"feedsync {version}\n")

    def test_what_nobody_understands(self):
        """One line on standard error, with the next command to try, and exit code 2; before any file is looked at."""
        for words, told in ((), "no command; `feedsync help` lists them"), (["sinc"], "did you mean `feedsync sync`?"), \
                (["xyzzy"], 'unknown command "xyzzy"; `feedsync help`'), (["help", "stauts"], "did you mean `feedsync status`?"), \
                (["--json", "status"], "unknown option --json before the command; see `feedsync --help`"), \
                (["-xh", "status"], "unknown option -x before the command"), (["--version=1"], "unknown option --version=1 before"), \
                (["-c"], "-c wants a file"), (["status", "--jsno"], "unknown option --jsno (did you mean --json?); see `feedsync status --help`"), \
                (["status", "--json=yes"], "--json takes no value"), (["status", "-x"], "unknown option -x;"), \
                (["status", "now"], '"now" is one word too many'), (["why"], "something is missing: feedsync why [--json] [--record] NAME"), \
                (["sync", "--accept"], "--accept wants a value"), (["history", "-n"], "-n wants a value"), \
                (["completion", "fish"], '"fish" is neither'), (["compile", "x"], "-f FORMAT is missing"), \
                (["compile", "-f", "domains", "-o", "x", "--field", "f", "y"], "field: the format domains has no fields; see"), \
                (["compile", "-f", "csv", "-o", "x", "y"], "format: csv needs the field that holds the name (field: NAME); see"), \
                (["compile", "-f", "domains", "-o", "x", "-", "-"], "standard input can be read once only; see"), \
                (["compile", "-f", "domians", "-o", "x", "y"], '(did you mean "domains"?)'), (["verify"], "feedsync verify [--json] TABLE"), \
                (["-c", "/none.yaml", "rollback", "x"], '"x" is not a generation (`feedsync history` lists them); see'), \
                (["-c", "/none.yaml", "rollback", "0"], '"0" is not a generation'), \
                (["-c", "/none.yaml", "history", "-n", "x"], '"x" is not a number of publishes; see'), \
                (["-c", "/none.yaml", "history", "x"], '"x" is not a generation; see'), \
                (["-c", "/none.yaml", "history", "-n", "1", "2"], "-n and GENERATION exclude each other; see"), \
                (["-c", "/none.yaml", "probe", "::1", "foo"], '"foo" is not ADDRESS or ADDRESS@PORT; see'), \
                (["-c", "/none.yaml", "why", "a..b"], "a..b: empty label; see"), \
                (["-c", "/none.yaml", "why", "https://a.example/x"], "a URL, not a name"), \
                (["-c", "/none.yaml", "bypass", "maybe"], '"maybe" is neither on nor off; see'), \
                (["-c", "/none.yaml", "bypass", ""], '"" is neither on nor off; see'), \
                (["-c", "/none.yaml", "bypass", "--table", "t"], "--table wants a path that begins with /; see"), \
                (["lookup", "--client", "192.0.2.0/24", "/none.weir"], '"192.0.2.0/24" is not an address; see'):
            with self.subTest(words):
                said = self.said(*words, code=2)
                self.assertIn(told, said)
                self.assertRegex(said, r"^error: .*\n$")
        broken = self.write("broken.yaml", f"state: {self.path('state')}\nnonsense: 1\n")
        self.assertIn("error: status: no configuration can be used; `feedsync check` says why", self.said("-c", broken, "status", code=2))

    # ---- completion ----

    def completed(self, line):
        """What bash offers behind a line."""
        words = line.split(" ")
        script = (f'{self.said("completion", "bash")}\ncompopt() {{ echo FILES; }}\n'
                  f'COMP_WORDS=({" ".join(map(shlex.quote, words))}) COMP_CWORD={len(words) - 1}\n_feedsync\necho "${{COMPREPLY[*]}}"\n')
        return subprocess.run(["bash", "-uc", script], capture_output=True, text=True, check=True, timeout=30).stdout.split()

    def test_exit_codes(self):
        """Each command tells its codes by its help, and gives no other: 0 done and well, or "no"; 1 needs attention, or "yes";
        2 not done; 78 for `run` alone."""
        told = {word: set(map(int, re.findall(r"(?m)^  ([0-9]+) +", self.said("help", word).split("Exit codes:")[1]))) for word in self.words()}
        for word, codes in told.items():
            with self.subTest(word):
                self.assertLessEqual({0, 2}, codes)
                self.assertLessEqual(codes, {0, 1, 2} | ({78} if word == "run" else set()))
                self.said(word, "--none-has-this", code=2)
        self.publish(self.local_feeds(list="listed.example\n"))
        broken, garbage, listed = self.write("broken.yaml", "feeds: [\n"), self.write("garbage", "garbage"), self.write("l", "listed.example\n")
        good, bad, nowhere = ["-c", self.config], ["-c", broken], ["-c", self.path("nowhere.yaml")]
        for code, words in (
                (0, [*good, "check"]), (1, [*bad, "check"]), (1, [*nowhere, "check"]), (0, [*good, "sync"]), (2, [*bad, "sync"]),
                (0, [*good, "sync", "--dry-run"]), (78, [*bad, "run"]), (0, [*good, "why", "free.example"]), (1, [*good, "why", "listed.example"]),
                (2, [*nowhere, "why", "listed.example"]), (0, ["lookup", self.table, "free.example"]), (1, ["lookup", self.table, "listed.example"]),
                (2, ["lookup", garbage, "free.example"]), (0, ["verify", self.table]), (1, ["verify", garbage]), (1, ["verify", self.path("none")]),
                (0, ["dump", self.table]), (2, ["dump", garbage]), (0, [*good, "history"]), (2, [*good, "history", "999"]),
                (2, [*good, "rollback", "999"]), (0, [*good, "resume"]), (2, [*nowhere, "status"]), (0, [*good, "metrics"]),
                (2, [*good, "metrics", "-o", self.path("no/where")]), (2, [*good, "look"]), (0, [*good, "bypass"]), (1, [*good, "hits"]),
                (0, ["try", listed]), (1, ["try", self.write("prose", "It has moved.\n")]), (2, ["try", self.path("none")]), (2, [*bad, "try", listed]),
                (0, ["compile", "-f", "domains", "-o", self.path("t"), listed]), (2, ["compile", "-f", "domains", "-o", self.path("t"), self.path("none")]),
                (0, [*good, "allow", "listed.example", "--reason", "test"]), (2, [*good, "allow", "not a name", "--reason", "test"]),
                (0, [*good, "unallow", "listed.example"]), (0, ["completion", "bash"]), (0, ["help"]), (2, ["help", "xyzzy"])):
            with self.subTest(" ".join(words)):
                result = subprocess.run([FEEDSYNC, *words], capture_output=True, text=True, timeout=60)
                self.assertEqual(result.returncode, code, result.stdout + result.stderr)
                self.assertIn(code, told[next(word for word in words if word in told)])

    def test_completion(self):
        self.assertEqual(self.completed("feedsync sta"), ["status"])
        self.assertLessEqual(set(self.words()), set(self.completed("feedsync ")))
        self.assertEqual(self.completed("feedsync -c x sta"), ["status"])
        self.assertEqual(self.completed("feedsync -c "), ["FILES"])
        self.assertEqual(self.completed("feedsync compile --scope s"), ["subtree"])
        self.assertEqual(self.completed("feedsync compile -f do"), ["domains"])
        self.assertIn("FILES", self.completed("feedsync verify /etc/x"))
        self.assertEqual(self.completed("feedsync help roll"), ["rollback"])
        zsh = self.said("completion", "zsh")
        for word in self.words():
            with self.subTest(word):
                offered, part = self.completed(f"feedsync {word} -"), re.search(rf"(?ms)^\t\t{word}\) _arguments(.*?);;$", zsh)[1]
                for option in self.options(word):
                    self.assertIn("--help" if option == "-h" else option, offered)
                    self.assertRegex(part, rf"'\*?{'--help' if option == '-h' else option}\[")
                self.assertRegex(zsh, rf"(?m)^\t\t'{word}:")

    def start_zsh(self):
        """An interactive zsh with the completion; returns the terminal's descriptor."""
        self.write("_feedsync", self.said("completion", "zsh"))
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.update({"TERM": "dumb", "COLUMNS": "200", "ZDOTDIR": self.directory})
            os.execvp("zsh", ["zsh", "-fi"])
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.close, fd)
        os.write(fd, f"fpath=({self.directory} $fpath); autoload -U compinit; compinit -u -D; unset zle_bracketed_paste; LISTMAX=9999; COLUMNS=200; PS1='re''ady>'\n".encode())
        self.read_terminal(fd, "ready>")
        return fd

    def read_terminal(self, fd, *parts):
        """What a terminal shows, until it has shown these, one behind the other."""
        said, end = "", time.monotonic() + 30
        while not re.search(".*".join(map(re.escape, parts)), said, re.S):
            self.assertTrue(select.select([fd], [], [], max(0, end - time.monotonic()))[0], said)
            said += os.read(fd, 65536).decode()
        return said

    def zsh_offers(self, fd, line):
        """The words that zsh lists behind a line: Control-D lists them, Control-U takes the line away."""
        os.write(fd, line.encode() + b"\x04")
        said = self.read_terminal(fd, line, "\n", "ready>" + line)
        os.write(fd, b"\x15")
        return re.findall(r"(?m)^(\S+)", said.split("\n", 1)[1].rsplit("ready>", 1)[0].replace("\r", ""))

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh(self):
        fd = self.start_zsh()
        self.assertEqual(sorted(self.zsh_offers(fd, "feedsync ")), sorted(self.words()))
        for line, offered in (("feedsync sta", ["status"]), ("feedsync -c /dev/null sta", ["status"]), ("feedsync compile --scope s", ["subtree"]),
                              ("feedsync compile -f do", ["domains"]), ("feedsync help roll", ["rollback"]), ("feedsync history --js", ["--json"]),
                              (f"feedsync verify {self.directory}/_", ["_feedsync"])):
            with self.subTest(line):
                self.assertEqual(self.zsh_offers(fd, line), offered)
        os.write(fd, b"exit\n")

    # ---- colours ----

    def on_terminal(self, *words, **environment):
        """What a command writes to a terminal."""
        pid, fd = pty.fork()
        if pid == 0:
            os.environ.pop("NO_COLOR", None)
            os.environ.update({"TERM": "xterm"} | environment)
            os.execv(FEEDSYNC, [FEEDSYNC, "-c", self.config, *words])
        said = b""
        with contextlib.suppress(OSError):  # the terminal has gone with the command
            while octets := os.read(fd, 65536):
                said += octets
        os.close(fd)
        os.waitpid(pid, 0)
        return said.decode()

    def test_colours(self):
        self.publish(self.local_feeds(l="one.example\n"))
        self.assertTrue(self.on_terminal("status").startswith("\x1b[32mwell: "), self.on_terminal("status"))
        self.assertEqual(self.on_terminal("status").count("\x1b"), 2)
        self.assertRegex(self.on_terminal("stats"), "^\x1b\\[31merror: .*\x1b\\[0m\r\n$")
        for environment in {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}:
            with self.subTest(environment):
                for words in ["status"], ["stats"]:
                    self.assertNotIn("\x1b", self.on_terminal(*words, **environment))
        self.assertIn("\x1b", self.on_terminal("status", NO_COLOR=""))  # only a value forbids them
        self.assertNotIn("\x1b", self.feedsync("-c", self.config, "status").stdout)

    # ---- the verdict ----

    def verdict(self, condition, subject="", next_command=""):
        """The first line and the JSON say the same, and this is the worst of it."""
        code = 0 if condition == "well" else 1
        line = self.feedsync("-c", self.config, "status", code=code).stdout.split("\n")[0]
        told = json.loads(self.feedsync("-c", self.config, "status", "--json", code=code).stdout)
        ages = lambda text: re.sub(r"\d+ s ago", "", text)
        self.assertEqual(ages(told["verdict"]), ages(line))
        if condition == "well":
            self.assertEqual((told["well"], told["conditions"]), (True, []))
            return line
        worst = told["conditions"][0]
        self.assertEqual((worst["condition"], worst["subject"], worst["next"]), (condition, subject, next_command))
        self.assertTrue(line.startswith(f"NOT WELL: {subject}: {worst['word']}"), line)
        self.assertIn(worst["meaning"], line)
        self.assertIn(f"`{next_command}`", line)
        if len(told["conditions"]) > 1:
            self.assertIn(f"and {len(told['conditions']) - 1} more", line)
        return line

    def test_verdict(self):
        feeds = self.local_feeds(l="one.example\n", other="two.example\n")
        self.configure(feeds, run="none")
        self.verdict("table_none", "table", "feedsync sync")
        self.sync()
        self.assertRegex(self.verdict("well"), r"^well: 2 feeds, 0 resolvers, \d+ rules in generation 1, made \d+ s ago$")
        self.configure(feeds)
        self.verdict("resolver_none", "resolvers", "systemctl status unbound")
        self.configure(feeds, run="none")
        # A feed that fails is named with its reason.
        os.rename(self.path("other"), self.path("kept"))
        self.sync(code=1)
        self.assertIn(f"({self.path('other')}: no such file)", self.verdict("feed_failing", "feed other", "feedsync sync"))
        self.assertIn('there is no feed "othr", did you mean "other"?',
                      self.feedsync("-c", self.config, "sync", "--accept", "othr", code=2).stderr)
        os.rename(self.path("kept"), self.path("other"))
        self.sync()
        # What is worse comes first.
        self.feedsync("-c", self.config, "rollback", "1")
        self.verdict("hold_held", "publishing", "feedsync resume")
        self.feedsync("-c", self.config, "bypass", "on", "--reason", "a test")
        self.assertIn("a test)", self.verdict("bypass_on", "blocking", "feedsync bypass off"))
        self.feedsync("-c", self.config, "bypass", "off")
        self.feedsync("-c", self.config, "resume")
        self.sync()
        self.verdict("well")
        with open(self.config, "a") as f:
            f.write("nonsense: 1\n")
        self.verdict("configuration_broken", "configuration", "feedsync check")

    def test_the_runbook_has_every_word(self):
        told = self.said("status", "--help").split("\nWords in capitals:\n")[1]
        words = re.findall(r"(?m)^  ([A-Z ]+) \(\w+, \w+\)$", told)
        self.assertGreater(len(words), 20)
        with open(os.path.join(TOP, "docs/runbook.md")) as f:
            runbook = f.read()
        for word in set(words):
            self.assertRegex(runbook, rf"(?m)^\|[^|]*`{word}`[^|]*\|")
