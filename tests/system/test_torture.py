"""Each write, fsync, rename ... of a sync fails once, or is the last thing that it does; each allocation fails once. Always the
old or the new table is there, never a third, the exit code tells the truth, and the next sync repairs all.

System calls are made to fail by strace, allocations by a preloaded library (tests/faults), which neither goes together with
AddressSanitizer. LeakSanitizer goes together with the second one: what a failed allocation makes feedsync lose is an exit code that
is none of its own. So allocations fail in the build that has it (preset leak), and system calls in the release build. TORTURE=all
goes through all of them (some minutes); otherwise a part, another one at each run (its seed is printed)."""
import collections, lzma, random, shutil, subprocess

import pytest

from feeds import *
from misp_peer import *
from peers import *
from strace_lab import *

CALLS = ("openat", "write", "pwrite64", "fsync", "rename", "unlink", "mkdir", "ftruncate", "flock", "read", "pread64", "newfstatat",
         "getdents64", "access", "close", "socket", "connect")
ERRORS = {"openat": ("EACCES", "ENFILE", "EROFS", "EDQUOT"), "write": ("ENOSPC", "EIO", "EDQUOT"),
          "pwrite64": ("ENOSPC", "EIO", "EDQUOT"), "fsync": ("EIO", "ENOSPC", "EDQUOT"),
          "rename": ("EACCES", "ENOSPC", "EROFS", "EDQUOT"), "unlink": ("EACCES", "EROFS"), "read": ("EIO", ),
          "pread64": ("EIO", ), "mkdir": ("EACCES", "ENOSPC", "EROFS", "EDQUOT"), "getdents64": ("EIO", ),
          "newfstatat": ("EIO", ), "access": ("EIO", ), "ftruncate": ("EIO", ), "flock": ("ENOLCK", ), "connect": ("ECONNREFUSED", ),
          "socket": ("EMFILE", )}
KILLED_AT = ("openat", "write", "pwrite64", "fsync", "rename", "unlink", "mkdir", "ftruncate")
SHIM = os.path.join(BIN, "..", "tests", "fail_alloc.so")
LEAK = 23  # LeakSanitizer's exit code
# What is left is looked at and repaired by the release build, where there is one: LeakSanitizer takes its time.
OTHER = os.path.join(os.path.dirname(os.path.dirname(BIN)), "release/bin/feedsync")
REPAIRER = OTHER if BUILD == "leak" and os.path.exists(OTHER) else FEEDSYNC
WHOLE_STACKS = {"LSAN_OPTIONS": f"suppressions={HERE}/lsan-torture.supp:print_suppressions=0:fast_unwind_on_malloc=0"}


@pytest.mark.long
@unittest.skipIf(BUILD in ("asan", "tsan"), "wants to be loaded first, as the preloaded library does")
class Torture(StraceLab, FeedLab):
    PART = 150  # cases of each kind in a part
    DONE = 0  # the exit code of a sync that did all that was to be done ...
    AGAIN = (0, )  # ... and those of the next one

    def setUp(self):
        super().setUp()
        self.configure(self.feeds(), run="none")
        self.offer("old")
        self.sync()
        self.old = self.rules()
        shutil.copytree(self.path("state"), self.path("before"))
        shutil.copyfile(self.table, self.path("before.weir"))
        self.offer("new")
        self.sync(self.DONE)
        self.new = self.rules()
        self.files, self.known = self.state_files(), self.known_of_feeds()
        self.assertNotEqual(self.old, self.new)

    def feeds(self):
        self.serve()
        return [{"name": "own", "format": "domains", "url": "file://" + self.path("own")},
                {"name": "list", "format": "hosts", "url": self.url + "/hosts"},
                {"name": "packed", "format": "domains", "url": "file://" + self.path("packed")},
                {"name": "misp", "format": "misp-feed", "url": self.url + "/"}]

    def offer(self, version):
        self.write("own", f"{version}.own.example\nalways.own.example\n")
        self.write("www/hosts", f"0.0.0.0 {version}.list.example\n" + "".join(f"0.0.0.0 n{i}.list.example\n" for i in range(500)))
        self.write_packed(f"{version}.packed.example\nalways.packed.example\n")
        self.misp([event(1, [version + ".misp.example"], 1700000000 + (version == "new")), event(2, ["stays.misp.example"]),
                   event(3 if version == "old" else 4, [f"comes-and-goes-{version}.misp.example"])])

    def write_packed(self, text):
        with open(self.path("packed"), "wb") as f:
            f.write(lzma.compress(text.encode()))

    def rules(self):
        result = subprocess.run([REPAIRER, "dump", self.table], capture_output=True, text=True, timeout=120)
        return result.stdout if result.returncode == 0 else result.stderr

    def state_files(self):
        """All files but temporary ones, which the next one to replace the same file takes away, and the kept tables, of which
        each publish adds one."""
        return sorted(os.path.relpath(os.path.join(d, f), self.directory) for top in ("state", ) for d, _, files in
                      os.walk(self.path(top)) for f in files if ".weir-" not in f and not d.endswith("/tables")) + \
            sorted(f for f in os.listdir(self.directory) if "current" in f and ".weir-" not in f)

    def known_of_feeds(self):
        """What is known of each feed, without the values: half of it is as bad as half a list."""
        return {path: sorted(json.load(open(path))) for path in glob.glob(self.path("state/feeds/*/feed.json"))}

    def restore(self):
        shutil.rmtree(self.path("state"))
        shutil.copytree(self.path("before"), self.path("state"))
        for name in os.listdir(self.directory):
            if "current.weir" in name:
                os.remove(self.path(name))
        shutil.copyfile(self.path("before.weir"), self.table)

    def run_with(self, prefix=(), program=FEEDSYNC, **env):
        return subprocess.run([*prefix, program, "-c", self.config, "sync"], capture_output=True, text=True, timeout=120,
                              env={**os.environ, **env})

    def check(self, what, result, killed=False):
        rules = self.rules()
        mixed = set(rules.splitlines()) <= set(self.old.splitlines()) | set(self.new.splitlines())
        complaint = f"{what} (TORTURE_SEED={self.seed}): exit {result.returncode}\n{result.stderr}"
        # Of three feeds some may be new and others on their last good version; no line may be of neither.
        self.assertTrue(mixed and "stays.misp.example" in rules and "n499.list.example" in rules and "always.own" in rules, complaint)
        if not killed:
            self.assertIn(result.returncode, (0, 1, 2), complaint)
            if result.returncode == self.DONE:
                self.assertEqual(rules, self.new, complaint)
            if result.returncode != 0:
                self.assertTrue(result.stderr.strip(), complaint)
            if result.returncode == 2 and "durability uncertain" not in result.stderr:
                self.assertEqual(rules, self.old, complaint)
        self.assertEqual(self.known_of_feeds(), self.known, complaint)
        after = self.run_with(program=REPAIRER)
        complaint += f"\nthe next one: {after.returncode}\n{after.stderr}"
        self.assertIn(after.returncode, self.AGAIN, complaint)
        self.assertEqual(self.rules(), self.new, complaint)
        self.assertEqual(self.state_files(), self.files, complaint)

    def count_calls(self):
        self.restore()
        log = self.path("strace.log")
        self.assertEqual(self.run_with(strace(log, "-e", "trace=" + ",".join(CALLS))).returncode, self.DONE)
        return count_calls(log)

    def inject(self, call, number, how):
        self.restore()
        return self.run_with(strace(os.devnull, "-e", "trace=" + call, "-e", f"inject={call}:{how}:when={number}"))

    @no_strace
    def test_errors_of_the_system(self):
        counts = self.count_calls()
        self.assertGreater(counts["fsync"], 5, counts)
        cases = [(call, n, error) for call, errors in ERRORS.items() for n in range(1, counts[call] + 1) for error in errors]
        for call, n, error in self.part(cases):
            result = self.inject(call, n, "error=" + error)
            # Before main it is the loader of programs that fails.
            if result.returncode == 127:
                continue
            self.check(f"{call} {n} fails: {error}", result)

    @no_strace
    def test_killed_at_each_step(self):
        counts = self.count_calls()
        for call, n in self.part([(call, n) for call in KILLED_AT for n in range(1, counts[call] + 1)]):
            result = self.inject(call, n, "signal=KILL")
            self.note_death("signal=KILL", result)
            self.check(f"killed at {call} {n}", result, killed=True)
        self.check_deaths()

    def fail_allocation(self, number, **env):
        self.restore()
        return self.run_with(LD_PRELOAD=SHIM, FAIL_ALLOC=str(number), **env)

    @unittest.skipUnless(BUILD == "leak" or ALL, "the leak build finds all that this one would")
    def test_allocations(self):
        """Of each path to an allocation the first one fails."""
        self.restore()
        count_file = self.path("count")
        self.assertEqual(self.run_with(LD_PRELOAD=SHIM, FAIL_ALLOC="0", COUNT_ALLOC=count_file).returncode, self.DONE)
        with open(count_file) as f:
            numbers = [int(line) for line in f]
        self.assertGreater(len(numbers), 300)
        for n in self.part(numbers):
            result = self.fail_allocation(n)
            # What a library has lost is recognised by stacks that take long to record.
            if result.returncode == LEAK:
                result = self.fail_allocation(n, **WHOLE_STACKS)
            self.check(f"allocation {n} fails", result)


class Pages(Torture):
    """The same with feeds that come page by page, one of them asked only for what is new."""

    PART = 80

    def feeds(self):
        self.rest, self.taxii = Misp(), Taxii(limit=3)
        for peer in (self.rest, self.taxii):
            self.enterContext(peer)
        key = self.write("misp-key", Misp.KEY)
        os.chmod(key, 0o600)
        return [{"name": "rest", "format": "misp-rest", "url": self.rest.url, "key-file": key},
                {"name": "taxii", "format": "taxii", "url": self.taxii.url + "/taxii2/", "collection": "Domains"}]

    def offer(self, version):
        names = [f"{version}.list.example"] + [f"n{i}.list.example" for i in range(500)]
        self.rest.attributes = [misp_attribute(i, name, event=1 + i // 100) for i, name in enumerate(names)]
        self.taxii.objects = [(1700000000 + i, indicator(i, name)) for i, name in enumerate(
            ("stays.misp.example", "always.own.example", "a.example", "b.example", "c.example"))]
        if version == "new":
            self.taxii.objects += [(1700000100 + i, indicator(100 + i, f"new{i}.example")) for i in range(4)]
            self.taxii.objects += [(1700000200, indicator(2, "a.example", modified=1700000001, revoked=True))]

    def state_files(self):
        """It depends on which fetches failed whether all came anew, in how many pages."""
        return [name for name in super().state_files() if not re.search(r"good\.taxii/\d+\.json", name)]

    def check(self, what, result, killed=False):
        super().check(what, result, killed)
        self.assertNotIn("\ta.example\t", self.rules(), what)


class Zones(Torture):
    """The same with a zone."""

    PART = 80

    def feeds(self):
        return [{"name": "zone", "format": "rpz", "url": "file://" + self.path("packed")}]

    def offer(self, version):
        names = [f"{version}.zone.example", "stays.misp.example", "always.own.example"] + [f"n{i}.list.example" for i in range(500)]
        self.write_packed("@ SOA a. b. 1 2 3 4 5\n" + "".join(f"{name} CNAME .\n" for name in names))


class TableAlarm(Torture):
    """The same where an alarm holds back what the feeds have, and only what the operator lists himself is published."""

    PART = 60
    DONE = 1
    AGAIN = (1, 2)

    def feeds(self):
        return [{"name": "own", "format": "domains", "url": "file://" + self.path("own")}]

    def offer(self, version):
        names = ["stays.misp.example", "always.own.example"] + [f"n{i}.list.example" for i in range(2000)]
        self.write("own", "".join(name + "\n" for name in (names if version == "old" else names[:1])))
        self.offer_block(version)

    def offer_block(self, version):
        if version == "new":
            self.configure(self.feeds(), run="none", block="\n  - name: new.example", **{"table-max-shrink": 50})


class FeedAlarm(TableAlarm):
    """The same where an alarm holds back a feed, whose rules are not so many that the table's would hold them too."""

    AGAIN = (1, )

    def feeds(self):
        if not hasattr(self, "url"):
            self.serve()
        return super().feeds() + [{"name": "list", "format": "hosts", "url": self.url + "/hosts"}]

    def offer(self, version):
        names = [f"n{i}.list.example" for i in range(2000 if version == "old" else 1)]
        self.write("www/hosts", "".join(f"0.0.0.0 {name}\n" for name in names))
        self.write("own", "stays.misp.example\nalways.own.example\n" + "".join(f"n{i}.own.example\n" for i in range(3000)))
        self.offer_block(version)

    @no_strace
    def test_nothing_to_judge_by(self):
        """What cannot be read for a moment is not as if it had never been: the alarm stands."""
        for path, code in (("state/feeds/list/feed.json", 1), ("current.weir", 2)):
            with self.subTest(path):
                self.restore()
                result = self.sync_with_fault(path, "openat", "EACCES")
                self.assertEqual(result.returncode, code, result.stderr)
                self.assertIn(f"{path}: ", result.stderr)
                self.check(path, result)
