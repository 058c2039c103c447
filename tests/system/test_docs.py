"""The documents say what is so: tests/docs.py, and every command of the how-tos, run as it stands there.

What kind of commands a block holds stands behind its "```sh":
  lab        run here, line by line, on a machine as install.md leaves it, but for sudo, systemctl and dig: see Machine
  install    run by tests/systemd, under a real systemd
  root       changes a machine's packages, units or accounts: run by tests/systemd, too
  demo       run by tests/run.sh
  elsewhere  takes long, or needs what no test has: not run
A line that ends in "|| true" may fail, and so may `feedsync why`, whose exit code answers. A block of "```yaml" is put into the
configuration, and one of "```yaml whole" is one. One of "```text" is what the commands of the block before it print, sooner or
later: each line of it, where "…" stands for whatever there is."""
import glob, os, re, stat, subprocess, sys, time

from lab import *

TOP = os.path.abspath(os.path.join(HERE, "../.."))
PATIENCE = 20  # seconds, for what a text block shows


def blocks(page):
    with open(page) as f:
        return re.findall(r"^```(.*)\n((?:.*\n)*?)```$", f.read(), re.M)


def put_in(configuration, more):
    """A configuration with more in it: items behind those of a list that is there, and what else there is in its place."""
    sections = {}
    for text in (configuration, more):
        for key, lines in re.findall(r"^([a-z-]+):(.*\n(?:(?:[ #].*)?\n)*)", text + "\n", re.M):
            is_list = lines.lstrip("\n").lstrip(" ").startswith("- ")
            sections[key] = sections.get(key, "\n").rstrip("\n") + "\n" + lines.strip("\n") + "\n" if is_list else lines
    return "".join(f"{key}:{lines}" for key, lines in sections.items())


class Machine(Lab):
    """A machine with Weir installed: its paths are in a directory of this test, sudo does nothing, systemctl speaks to the daemons
    that the test has started, dig asks the resolver here."""
    PATHS = ("/usr/local/etc/weir", "/var/lib/weir-unbound", "/var/lib/weir", "/run/weir", "/srv/weir", "/srv/unbound", "/tmp/")

    def setUp(self):
        super().setUp()
        for path in (*self.PATHS, "/srv/unbound/var/lib/weir", "/srv/unbound/run/weir", "/bin"):
            os.makedirs(self.path("root" + path), exist_ok=True)
        self.write("root/srv/weir/list.txt", "evil.example\nshop.example\n")
        self.write("root/srv/weir/rpz.zone", "$TTL 60\n@ SOA a. b. 1 60 60 60 60\n@ NS a.\nevil.example CNAME .\nok.example CNAME rpz-passthru.\n")
        os.chmod(self.write("root/usr/local/etc/weir/misp.key", "key\n"), 0o600)
        self.run_directory, self.table = self.here("/run/weir"), self.here("/var/lib/weir/current.weir")
        self.file = self.here("/usr/local/etc/weir/feedsync.yaml")
        self.configuration = self.here("state: /var/lib/weir/state\ntable: /var/lib/weir/current.weir\nrun: /run/weir\nfeeds:\n"
                                       "  - name: list\n    url: file:///srv/weir/list.txt\n    format: domains\n    scope: subtree\n")
        self.configure("")
        self.feedsync("-c", self.file, "sync", code=0)
        self.unbound(self.internet())
        self.daemon = Process(self, "feedsync", [FEEDSYNC, "-c", self.file, "run"])
        wait_for(lambda: self.feedsync("-c", self.file, "status").returncode == 0, 30)
        self.tool("sudo", 'exec "$@"')
        self.tool("systemctl", f'case "$*" in "reload feedsync") kill -HUP {self.daemon.pid} ;; *) echo "not here: systemctl $*"; exit 1 ;; esac')
        self.tool("feedsync", f'exec {FEEDSYNC} -c {self.file} "$@"')
        self.tool("dig", f'exec {shutil.which("dig")} -p {self.port} +tries=2 +time=5 "$@"')

    def tool(self, name, line):
        os.chmod(self.write(f"root/bin/{name}", f"#!/bin/sh\n{line}\n"), 0o755)

    def here(self, text):
        """The paths of a text, and the address of a resolver, as they are here."""
        text = re.sub("|".join(self.PATHS), lambda match: self.path("root" + match.group(0)), text)
        return re.sub(r"(probe (?:--json )?)127\.0\.0\.1", lambda match: f"{match.group(1)}127.0.0.1@{self.port}", text)

    def configure(self, more):
        self.configuration = put_in(self.configuration, self.here(more))
        with open(self.file + ".new", "w") as f:
            f.write(self.configuration)
        os.rename(self.file + ".new", self.file)

    def run_line(self, line):
        env = {**os.environ, "PATH": self.path("root/bin") + ":" + os.environ["PATH"]}
        result = subprocess.run(["bash", "-o", "pipefail", "-c", self.here(line)], capture_output=True, text=True, cwd=TOP, env=env, timeout=120)
        answers = (0, 1) if "feedsync why " in line else (0,)
        self.assertIn(result.returncode, answers, f"$ {line}\n{result.stdout}{result.stderr}\n{self.configuration}\n{self.daemon.log()[-3000:]}")
        return result.stdout

    def run_lines(self, lines):
        return "".join(self.run_line(line) for line in lines)

    @staticmethod
    def has(said, text):
        """Whether each line of the text is among the lines that were said."""
        patterns = [".*".join(map(re.escape, wanted.split("…"))) for wanted in text.splitlines()]
        return all(re.search(f"^{pattern}$", said, re.M) for pattern in patterns)

    def follow(self, page):
        """Does what a page says. Returns how many commands that were."""
        count, asked, said = 0, [], ""
        for info, text in blocks(page):
            if info == "yaml":
                self.configure(text)
                self.run_line("feedsync check")
            elif info == "yaml whole":
                self.feedsync("-c", self.write("whole.yaml", self.here(text)), "check", code=0)
            elif info == "sh lab":
                asked = [line for line in text.splitlines() if line and not line.startswith("#")]
                said = self.run_lines(asked)
                count += len(asked)
            elif info == "text" and asked:
                end = time.monotonic() + PATIENCE
                while not self.has(said, text):
                    self.assertLess(time.monotonic(), end, f"{page}: not shown:\n{text}\nbut:\n{said}")
                    time.sleep(0.2)
                    said = self.run_lines(asked)
        return count


class HowTo(Machine):
    def follow_howto(self, name):
        self.assertGreater(self.follow(os.path.join(TOP, "docs/howto", name + ".md")), 0)


def each_howto():
    for page in sorted(glob.glob(os.path.join(TOP, "docs/howto/*.md"))):
        name = os.path.basename(page)[:-3]
        if any(info == "sh lab" for info, _ in blocks(page)):
            setattr(HowTo, "test_" + name.replace("-", "_"), lambda self, name=name: self.follow_howto(name))


each_howto()


class Documents(unittest.TestCase):
    def test_documents(self):
        """Links, paths, commands, options, words, figures and form."""
        result = subprocess.run([sys.executable, os.path.join(TOP, "tests/docs.py"), os.path.dirname(BIN)], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
